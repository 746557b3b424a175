import { axeFindings, describeInBrowser, expect, test } from '../testing/browser.ts';

const incident = '/incidents/0199c0de-0000-7000-8000-0000000000a3';
const notice = (number: number): string => `${incident}/notices/0199c0de-0000-7000-8000-0000000000b${number}`;

describeInBrowser('notices', (open) => {
  test('a notice is begun, shown as its reader gets it, and handed on; nothing in it is more than text', async () => {
    const { page, api, complaints } = await open({ path: `${incident}/notices` });
    await page.getByRole('button', { name: 'Write a notice' }).click();
    await page.getByLabel('For whom').selectOption('customers');
    await page.getByLabel('Which customer').fill('Customer Ltd');
    await page.getByLabel('What of theirs it is about').fill('Three names');
    await page.getByRole('button', { name: 'Make the draft' }).click();
    await page.getByRole('heading', { level: 1, name: /Notice 5/ }).waitFor();
    expect(api.writes.at(-1)?.body).toMatchObject({
      template: 'customers',
      reader: { name: 'Customer Ltd', scope: 'Three names' },
    });
    const reader = page.getByRole('article', { name: 'Data about you at Mixpanel' });
    await reader.getByRole('heading', { name: 'What was not affected' }).waitFor();
    await reader.getByText('<script>alert(1)</script>').waitFor();
    await page.getByRole('radio', { name: 'As a mail without formatting' }).check();
    await reader.getByText('---------------------').waitFor();
    await page.getByRole('button', { name: 'Hand on for review' }).click();
    await page.getByLabel('Why').fill('It is complete');
    await page.getByRole('dialog').getByRole('button', { name: 'Hand on for review' }).click();
    await page.getByRole('heading', { level: 1, name: /waits for a second person/ }).waitFor();
    await page.getByText('somebody else has to approve it').waitFor();
    expect(await page.getByRole('button', { name: 'Approve', exact: true }).isDisabled()).toBe(true);
    expect(complaints).toEqual([]);
  });

  test('a notice to persons is for those who read it; who is left for another one is said', async () => {
    const { page, api } = await open({ path: notice(1) });
    await page.getByLabel('Whom it is for').selectOption('All but those who read German');
    await page.getByRole('button', { name: 'Collect from the people directory' }).click();
    await page
      .getByText('640 people are left to another notice: begin one in their language, too.')
      .waitFor();
    expect(api.writes.at(-1)?.body).toEqual({ otherThan: ['de'] });
    const table = page.getByRole('table', { name: 'Recipients by country and language' });
    await table.getByRole('row', { name: 'United States English 420' }).waitFor();
    await table.getByRole('row', { name: 'unknown unknown 120' }).waitFor();
    await page.getByLabel('Whom it is for').selectOption('Those who read English');
    await page.getByRole('button', { name: 'Collect from the people directory' }).click();
    await expect.poll(() => api.writes.at(-1)?.body).toEqual({ languages: ['en'] });
    await page.getByLabel('Whom it is for').selectOption('Everybody');
    await page.getByRole('button', { name: 'Collect from the people directory' }).click();
    await expect.poll(() => api.writes.at(-1)?.body).toEqual({});
    expect(await axeFindings(page)).toEqual([]);
  });

  test('what keeps a draft from review is said first, and the act is not offered', async () => {
    const { page, api } = await open({ path: notice(1) });
    const [draft] = api.notices.notices.slice(-1);
    if (draft === undefined) throw new Error('there is no draft');
    draft.problems = [{ code: 'link', text: '“example.net” is a link, or becomes one.', blocking: true }];
    api.tell('incidents');
    await page.getByText('“example.net” is a link').waitFor();
    expect(await page.getByRole('button', { name: 'Hand on for review' }).isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'Collect from the people directory' }).click();
    await page.getByText('Of 24 people no address is known').waitFor();
  });

  test('a second person approves the version that they read', async () => {
    const { page, api } = await open({ path: notice(3) });
    await page.getByRole('article', { name: 'Verletzung des Schutzes personenbezogener Daten' }).waitFor();
    await page.getByRole('button', { name: 'Approve', exact: true }).click();
    await page.getByText('You approve version 2').waitFor();
    await page.getByLabel('Why').fill('I read it');
    await page.getByRole('dialog').getByRole('button', { name: 'Approve' }).click();
    await page.getByText('Approved by Ada Example').waitFor();
    expect(api.writes.at(-1)?.body).toMatchObject({ version: 2, decision: 'approve', reason: 'I read it' });
  });

  test('an approved one is sent after saying to how many, and can be had as a file', async () => {
    const { page, api } = await open({ path: notice(2) });
    await page.getByRole('button', { name: 'Fields by number (JSON)' }).click();
    await expect.poll(() => api.writes.at(-1)?.path).toContain('/export');
    await page.getByRole('button', { name: 'Send to 1 recipient' }).click();
    await page.getByText('It can’t be called back.').waitFor();
    await page.getByLabel('Why').fill('It is approved');
    await page.getByRole('dialog').getByRole('button', { name: 'Send to 1 recipient' }).click();
    await page.getByRole('heading', { level: 1, name: /being sent/ }).waitFor();
  });

  test('sending shows how far it is, and asks about what is in doubt', async () => {
    const { page, api } = await open({ path: notice(4) });
    await page.getByText('1,181 of 1,204 done').waitFor();
    await page.getByText('1 mail waits for you').waitFor();
    await page.getByRole('button', { name: 'Show those to decide about' }).click();
    await page.getByRole('row', { name: /gone@example.com.*550 no such user/ }).waitFor();
    expect(await page.getByRole('button', { name: 'It arrived: gone@example.com' }).count()).toBe(0);
    await page.getByRole('button', { name: 'It arrived: doubt@example.com' }).click();
    await expect
      .poll(() => api.writes.find(({ path }) => path.endsWith('/settled'))?.body)
      .toMatchObject({ n: 9, decision: 'sent' });
  });

  test('a mail that came back is entered as it came, and is no longer counted as sent', async () => {
    const { page, api } = await open({ path: notice(4) });
    await page.getByRole('button', { name: 'Enter a bounce' }).click();
    const sheet = page.getByRole('dialog', { name: 'Enter a bounce' });
    await sheet.getByLabel('The mail that came back').fill('Undelivered');
    await sheet.getByRole('button', { name: 'Enter a bounce' }).click();
    await sheet.getByText(/quotes no Message-ID of a notice/).waitFor();
    const text = 'Action: failed\nMessage-ID: <notice.x.1.1@example.org>';
    await sheet.getByLabel('The mail that came back').fill(text);
    await sheet.getByRole('button', { name: 'Enter a bounce' }).click();
    await sheet.waitFor({ state: 'detached' });
    const sent = api.writes.filter(({ path }) => path.endsWith('/bounces'));
    expect(sent.at(-1)?.body).toEqual({ text });
    expect(sent.at(-1)?.headers['idempotency-key']).toBeDefined();
  });

  test('a fact is written in both languages with its grade; that something is proven can’t be chosen', async () => {
    const { page, api } = await open({ path: `${incident}/facts` });
    const cause = page.getByRole('region', { name: 'Cause' });
    await cause.getByLabel('Cause, In English').fill('A stolen session');
    await cause.getByLabel('Cause, In German').fill('Eine gestohlene Sitzung');
    await cause.getByLabel('How sure').selectOption('declared');
    await cause.getByLabel('Where it comes from').fill('notice of the vendor');
    expect(await page.getByRole('option', { name: 'Proven by the coverage' }).first().isDisabled()).toBe(
      true,
    );
    await page.reload();
    expect(await cause.getByLabel('Cause, In German').inputValue()).toBe('Eine gestohlene Sitzung');
    await page.getByRole('button', { name: 'Keep this version' }).click();
    await page.getByRole('heading', { level: 1, name: /version 2/ }).waitFor();
    expect(api.writes.at(-1)?.body).toMatchObject({
      basedOn: 1,
      sheet: {
        facts: {
          cause: { grade: 'declared', text: { en: 'A stolen session', de: 'Eine gestohlene Sitzung' } },
        },
      },
    });
  });

  test('in an exercise its own recipients are entered beside the notices', async () => {
    const { page, api } = await open({ path: `${incident}/notices` });
    await page.getByRole('heading', { level: 1, name: /Notices of incident 3/ }).waitFor();
    expect(await page.getByText('Recipients of the exercise').count()).toBe(0);
    api.notices.incident.drill = true;
    api.tell('incidents');
    await page.getByText('None yet: nothing can be sent.').waitFor();
    await page.getByRole('button', { name: 'Enter addresses' }).click();
    await page.getByLabel('Addresses, one per line').fill('trainee@example.com\n\n other@example.com ');
    await page.getByRole('dialog').getByRole('button', { name: 'Enter addresses' }).click();
    await page.getByText('2 addresses').waitFor();
    expect(api.notices.drill).toEqual([{ address: 'trainee@example.com' }, { address: 'other@example.com' }]);
  });

  test('a breach that nobody decided about says so, and the decision is kept with its reason', async () => {
    const { page, api } = await open({ path: '/breach-register' });
    await page.getByRole('row', { name: /Mixpanel was smished.*\? Not decided.*\? Not decided/ }).waitFor();
    await page.getByRole('button', { name: 'Enter: incident 3' }).click();
    await page.getByLabel('Is the authority notified?').selectOption('not_notified');
    await page.getByLabel('Why: authority').fill('All of it was pseudonyms');
    await page.getByLabel('Why', { exact: true }).fill('Decided in the room');
    await page.getByRole('button', { name: 'Keep this entry' }).click();
    await page.getByRole('row', { name: /Not notified.*All of it was pseudonyms/ }).waitFor();
    expect(api.writes.at(-1)?.body).toMatchObject({ authority: 'not_notified', basedOn: 0 });
  });

  test('the mail server is kept without its password anywhere, and a test says what came of it', async () => {
    const { page, api } = await open({ path: '/settings' });
    await page.getByRole('link', { name: 'Mail server' }).click();
    await page.getByRole('heading', { level: 1, name: /go out by mail.example.org/ }).waitFor();
    await page.getByLabel('Password').fill('made-up-secret');
    const server = page.getByRole('form', { name: 'The server' });
    await server.getByLabel('Why').fill('A new password');
    expect(
      await page.evaluate(() => JSON.stringify(sessionStorage) + JSON.stringify(localStorage)),
    ).not.toContain('made-up-secret');
    await server.getByRole('button', { name: 'Keep the server' }).click();
    await expect
      .poll(() => api.writes.at(-1)?.body)
      .toMatchObject({ password: 'made-up-secret', username: 'drawbridge' });
    await expect.poll(() => page.getByLabel('Password').inputValue()).toBe('');
    await page.getByLabel('To which address').fill('ada@example.org');
    await page.getByRole('button', { name: 'Send a test' }).click();
    await page.getByText('did not take user name and password').waitFor();
  });

  test('nothing is there yet: the page says what comes first', async () => {
    const { page } = await open({ path: `${incident}/notices`, empty: true });
    await page.getByText('No notice was written yet').waitFor();
    expect(await page.getByRole('button', { name: 'Write a notice' }).isDisabled()).toBe(true);
  });

  test('on a phone and in the dark nothing is wider than the page, and axe finds nothing', async () => {
    for (const [width, theme] of [
      [1440, 'light'],
      [390, 'dark'],
    ] as const) {
      for (const path of [
        `${incident}/notices`,
        notice(1),
        notice(4),
        `${incident}/facts`,
        '/breach-register',
        '/settings/mail',
      ]) {
        const { page } = await open({ width, theme, path });
        await page
          .getByRole('main')
          .getByRole('heading', { level: 2 })
          .first()
          .or(page.getByRole('table'))
          .first()
          .waitFor();
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        expect([path, width, wide]).toEqual([path, width, Math.min(wide, 0)]);
        expect([path, await axeFindings(page)]).toEqual([path, []]);
      }
    }
  });
});
