import type { Page } from 'playwright-core';
import { axeFindings, describeInBrowser, expect, test } from '../testing/browser.ts';
import { closedId, drillId, openId } from '../testing/fake-room-data.ts';

const isInSight = (page: Page, name: RegExp): Promise<boolean> =>
  page
    .getByRole('main')
    .getByRole('button', { name })
    .evaluate((button) => {
      const { top, bottom } = button.getBoundingClientRect();
      // Between the bar above and the one below.
      return top >= 48 && bottom <= innerHeight - 52;
    });

describeInBrowser('a responder at three in the morning, on a phone', (open) => {
  test('comes from the vendor’s page to the whole answer and a cut link within a minute', async () => {
    const { page, api, complaints } = await open({
      width: 390,
      height: 844,
      theme: 'dark',
      path: '/vendors/mixpanel',
    });
    await page.getByRole('heading', { level: 1, name: /Mixpanel holds/ }).waitFor();
    const main = page.getByRole('main');
    const began = performance.now();
    await main.getByRole('link', { name: 'Open an incident' }).click();
    const sheet = page.getByRole('dialog', { name: 'Open an incident' });
    expect(await sheet.getByLabel('What happened, in a line').inputValue()).toBe('Mixpanel was breached');
    await sheet.getByLabel('Why').fill('They wrote to us');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: /Incident \d+: Mixpanel was breached/ }).waitFor();

    // Without a touch more: what is due, and the way to cut.
    const due = page.getByRole('region', { name: 'Due next' });
    await due.getByText('Early warning').waitFor();
    expect(await isInSight(page, /^Sever Mixpanel$/)).toBe(true);
    await page.evaluate(() => window.scrollTo(0, 0));
    expect(await due.boundingBox().then((box) => (box?.y ?? 9999) + 100 < 844 - 52)).toBe(true);

    const held = page.getByRole('region', { name: /What they hold of ours/ });
    await held.getByRole('link', { name: '1,204 people in data that we sent' }).waitFor();
    await held.getByText(/E-mail address/).waitFor();

    await main.getByRole('button', { name: 'Sever Mixpanel' }).click();
    const dialog = page.getByRole('dialog', { name: 'Cut off Mixpanel' });
    await dialog.getByText(/would stop/).waitFor();
    await dialog.getByLabel('Why').fill('It leaks');
    await dialog.getByRole('button', { name: 'Cut off Mixpanel now' }).click();
    await page
      .getByRole('heading', { level: 1, name: /Mixpanel is cut off, in force at every gateway/ })
      .waitFor();
    await main.getByRole('link', { name: /Mixpanel was breached/ }).click();
    await page.getByRole('heading', { level: 1, name: /Incident \d+: Mixpanel was breached/ }).waitFor();
    await main.getByRole('link', { name: 'Clocks', exact: true }).click();
    const early = page.getByRole('article', { name: 'Early warning' });
    await early.getByText('a submission to the CSIRT').waitFor();
    await page
      .getByRole('article', { name: 'Notification of the breach' })
      .getByText('Unreviewed, confirm with counsel')
      .waitFor();
    expect(performance.now() - began).toBeLessThan(60_000);

    const sent = api.writes.find(({ path }) => path === '/severances');
    expect(sent?.body).toMatchObject({ target: { kind: 'vendor', id: 'mixpanel' }, reason: 'It leaks' });
    expect(sent?.headers['idempotency-key']).toBeDefined();
    expect(complaints).toEqual([]);
  });

  test('no part of the room is wider than the phone, and axe finds nothing', async () => {
    const { page, api } = await open({ width: 390, height: 844, path: `/incidents/${openId}` });
    for (const tab of ['', '?tab=clocks', '?tab=cut', '?tab=tasks']) {
      await page.goto(`${api.origin}/incidents/${openId}${tab}`);
      await page.getByRole('heading', { level: 1, name: /Incident 1/ }).waitFor();
      await page.getByRole('status', { name: 'Loading' }).first().waitFor({ state: 'detached' });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(wide).toBeLessThanOrEqual(0);
      expect(await axeFindings(page)).toEqual([]);
    }
  });
});

describeInBrowser('incidents', (open) => {
  test('all of them stand in the list under one wall of clocks; drills are marked, and actions of closed ones stay', async () => {
    const { page } = await open({ path: '/incidents' });
    const wall = page.getByRole('list', { name: 'The wall of clocks' });
    await wall.getByRole('listitem').first().waitFor();
    // Soonest first, over all incidents.
    const clocks = await wall.getByRole('listitem').allInnerTexts();
    expect(clocks[0]).toContain('Early warning');
    expect(clocks[0]).toContain('1: Mixpanel was breached');
    expect(clocks[1]).toMatch(/drill/i);
    const table = page.getByRole('table', { name: 'Incidents' });
    await table.getByRole('row', { name: /Drill 2: Loss of a mail vendor/i }).waitFor();
    const actions = page.getByRole('table', { name: 'Open actions of reviews' });
    await actions
      .getByRole('row', { name: /Scan repositories each night.*3:.*closed.*Ada Example/ })
      .waitFor();
    await actions.getByRole('link').click();
    await page.waitForURL(new RegExp(`${closedId}.*tab=review`));
  });

  test('is opened from What if with the party and the window, and half of how we learned of it is not sent', async () => {
    const { page, api } = await open({ path: '/what-if/mixpanel?from=2025-11-08&to=2025-11-25' });
    await page.getByRole('main').getByRole('link', { name: 'Open an incident' }).click();
    const sheet = page.getByRole('dialog', { name: 'Open an incident' });
    expect(await sheet.getByLabel('It happened from').inputValue()).toBe('2025-11-08T00:00');
    await sheet.getByLabel('From whom').fill('Their notice');
    await sheet.getByLabel('Why').fill('A test');
    await sheet.getByRole('button', { name: 'Open the incident' }).click();
    await sheet.getByText(/Enter all three, or none of them/).waitFor();
    expect(api.writes.filter(({ path }) => path === '/incidents')).toEqual([]);
    await sheet.getByLabel('We learned of it at').fill('2025-11-26T03:00');
    await sheet.getByLabel('What they said').fill('They were breached');
    await sheet.getByLabel('It is a drill').check();
    await sheet.getByRole('button', { name: 'Open the incident' }).click();
    await page.getByRole('heading', { level: 1, name: /Drill.*Mixpanel was breached/i }).waitFor();
    const [sent] = api.writes.filter(({ path }) => path === '/incidents');
    expect(sent?.body).toMatchObject({
      party: 'mixpanel',
      drill: true,
      // The device is in Amsterdam.
      occurredFrom: '2025-11-07T23:00:00.000Z',
      learned: { at: '2025-11-26T02:00:00.000Z', source: 'Their notice', text: 'They were breached' },
    });
  });
});

describeInBrowser('the room', (open) => {
  test('first says what is due, contradicted, held, cut and to decide', async () => {
    const { page, api } = await open({ path: `/incidents/${openId}` });
    const due = page.getByRole('region', { name: 'Due next' }).getByRole('listitem');
    await due.nth(3).waitFor();
    // Tasks and clocks in one order; what nobody's counsel read says so.
    expect((await due.allInnerTexts()).map((text) => text.split('\n').at(-1))).toHaveLength(4);
    await due
      .filter({ hasText: 'Notification of the breach' })
      .getByText('Unreviewed, confirm with counsel')
      .waitFor();
    await due
      .filter({ hasText: 'Early warning' })
      .getByText('Reviewed by B. Counsel on 2026-10-01')
      .waitFor();
    const happened = page.getByRole('region', { name: 'What happened' });
    // Both stand beside each other, under the words that they differ, and not among what nobody contradicts.
    const differs = happened.getByRole('region', { name: /Said in two ways: Vendor noticed/ });
    await differs.getByText('8 November 2025').waitFor();
    await differs.getByText('9 November 2025').waitFor();
    expect(await happened.getByText(/^[89] November 2025$/).count()).toBe(2);
    const people = page.getByRole('link', { name: '1,204 people in data that we sent' });
    expect(await people.getAttribute('href')).toBe('/what-if/mixpanel?from=2025-11-08&to=2025-11-25');
    const decide = page.getByRole('region', { name: 'To decide now' });
    expect(await decide.getByRole('listitem').allInnerTexts()).toEqual([
      'Cut the link, or write down why not',
      'Settle what is said in two ways',
      'Press the vendor: it did not answer in time',
      'Say whether duties apply to us: questions are open',
    ]);
    // A drill says so, and so does what is not known.
    await page.goto(`${api.origin}/incidents/${drillId}`);
    await page.getByText(/This is a drill\. Nothing of it is real/).waitFor();
    await page
      .getByText('No record in the traffic that we saw. That is no proof that it holds nothing.')
      .waitFor();
    await page.goto(`${api.origin}/incidents/0199c0de-0000-7000-8000-00000000dead`);
    await page.getByRole('heading', { name: /There is no such incident/ }).waitFor();
  });

  test('facts are corrected beside what they correct, by the keyboard alone; what is typed survives a reload', async () => {
    const { page } = await open({ path: `/incidents/${openId}?tab=facts` });
    const noticed = page.getByRole('region', { name: 'Vendor noticed' });
    await noticed.getByRole('button', { name: 'Correct' }).first().focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').getByLabel('What is said').fill('9 November 2025, in their own words');
    await page.reload();
    await noticed.getByRole('button', { name: 'Correct' }).first().press('Enter');
    expect(await page.getByRole('dialog').getByLabel('What is said').inputValue()).toBe(
      '9 November 2025, in their own words',
    );
    await page.getByRole('dialog').getByLabel('Who says so').press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await noticed.getByText(/corrected in line/).waitFor();
    await noticed.getByText('9 November 2025, in their own words').waitFor();
    expect(await noticed.getByText('contradicted').count()).toBe(0);
  });

  test('tasks are done and dropped with a word, questions show silence until they are answered', async () => {
    const { page, api } = await open({ path: `/incidents/${openId}?tab=tasks` });
    await page.getByRole('button', { name: /^Done: Rotate the credentials/ }).click();
    await page.getByRole('button', { name: /^Open again: Rotate the credentials/ }).waitFor();
    await page.getByRole('button', { name: /^Drop: Decide whether to cut/ }).click();
    await page.getByRole('dialog').getByLabel('Why it is dropped').fill('It was cut already');
    await page.getByRole('dialog').getByRole('button', { name: 'Drop' }).click();
    await page.getByText('It was cut already').waitFor();
    await page.goto(`${api.origin}/incidents/${openId}?tab=questions`);
    await page.getByText(/Silent since/).waitFor();
    await page.getByRole('button', { name: 'Enter an answer' }).click();
    await page.getByRole('dialog').getByLabel('What they answered').fill('The export of May');
    await page.getByRole('dialog').getByLabel('Who answered').fill('Their security team');
    await page.getByRole('dialog').getByRole('button', { name: 'Enter an answer' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByText('The export of May').waitFor();
    await expect.poll(() => page.getByText(/Silent since/).count()).toBe(0);
  });

  test('the timeline says where each line is from and opens it, page by page', async () => {
    const { page } = await open({ path: `/incidents/${openId}?tab=timeline` });
    const lines = page.getByRole('list', { name: 'Timeline' });
    const crossing = lines
      .getByRole('listitem')
      .filter({ hasText: 'First crossing of web-shop over Mixpanel EU' });
    expect(await crossing.getByRole('link', { name: 'Open the crossing' }).getAttribute('href')).toBe(
      '/crossings/0199c0de-0000-7000-8000-000000000001',
    );
    const change = lines.getByRole('listitem').filter({ hasText: 'connection mixpanel_eu' });
    expect(await change.getByRole('link', { name: 'Open the change' }).getAttribute('href')).toBe(
      '/audit/changes/0199c0de-0000-7000-8000-000000000041',
    );
    while (await page.getByRole('button', { name: 'Show more' }).isVisible()) {
      await page.getByRole('button', { name: 'Show more' }).click();
      await page.waitForLoadState('networkidle');
    }
    await lines.getByText('Opened').waitFor();
    expect(await lines.getByRole('listitem').count()).toBe(64);
    const message = lines.getByRole('listitem').filter({ hasText: '12 messages that are like each other' });
    expect(await message.getByRole('link', { name: 'Open the message' }).getAttribute('href')).toBe(
      '/messages/0199c0de-0000-7000-8000-0000000000f1',
    );
  });

  test('two that belong together are linked, two that are one are merged; a drill is never offered beside what is real', async () => {
    const { page, api } = await open({ path: `/incidents/${openId}` });
    const main = page.getByRole('main');
    await main.getByRole('button', { name: 'Relate or merge' }).click();
    const sheet = page.getByRole('dialog', { name: 'Relate or merge' });
    const other = sheet.getByLabel('Which other incident');
    // What is not among the newest is found by its number or title; what was chosen stays to be seen.
    const find = sheet.getByLabel('Find it by its number or words of its title');
    await other.selectOption(closedId);
    await find.fill('nothing is called so');
    await sheet.getByText('0 are offered.').waitFor();
    expect(await other.inputValue()).toBe(closedId);
    expect(await other.getByRole('option').count()).toBe(2);
    await other.selectOption('');
    expect(await other.getByRole('option').count()).toBe(1);
    await find.fill('3');
    await sheet.getByText('1 is offered.').waitFor();
    expect(await other.getByRole('option').allInnerTexts()).toEqual([
      'Choose one',
      expect.stringMatching(/^3: /),
    ]);
    await find.fill('');
    const offered = await other.getByRole('option').allInnerTexts();
    expect(offered.filter((text) => /^3: /.test(text))).toHaveLength(1);
    expect(offered.filter((text) => /^(1|2): /.test(text))).toEqual([]);
    await sheet.getByLabel('Why').fill('The same thief');
    await sheet.getByRole('button', { name: 'Relate or merge' }).click();
    // Nothing is sent as long as none is chosen.
    expect(await other.evaluate((field) => field.matches(':invalid'))).toBe(true);
    await other.selectOption(closedId);
    await sheet.getByRole('button', { name: 'Relate or merge' }).click();
    await sheet.waitFor({ state: 'detached' });
    await main.getByRole('link', { name: 'incident 3' }).waitFor();
    await main.getByRole('button', { name: 'Relate or merge' }).click();
    await other.selectOption(closedId);
    await sheet.getByLabel('What becomes of them').selectOption('merge');
    await sheet.getByLabel('Why').fill('It is one');
    await sheet.getByRole('button', { name: 'Relate or merge' }).click();
    await main.getByText('It was merged into another incident.').waitFor();
    expect(await main.getByRole('button', { name: 'Relate or merge' }).count()).toBe(0);
    const sent = api.writes.filter(({ path }) => /\/(related|merge)$/.test(path));
    expect(sent.map(({ path, body }) => [path, body])).toEqual([
      [`/incidents/${openId}/related`, { other: closedId, reason: 'The same thief' }],
      [`/incidents/${openId}/merge`, { other: closedId, reason: 'It is one' }],
    ]);
    expect(sent.every(({ headers }) => headers['idempotency-key'] !== undefined)).toBe(true);
  });

  test('a file is kept with its name and given back; actions of the review need an owner and a time', async () => {
    const { page, api } = await open({ path: `/incidents/${openId}?tab=files` });
    await page.getByRole('button', { name: 'Keep a file' }).click();
    const sheet = page.getByRole('dialog');
    await sheet
      .getByLabel('File')
      .setInputFiles({ name: 'their notice.txt', mimeType: 'text/plain', buffer: Buffer.from('made up') });
    await sheet.getByLabel('Why').fill('Evidence');
    await sheet.getByRole('button', { name: 'Keep a file' }).click();
    const kept = page.getByRole('button', { name: 'their notice.txt' });
    const downloading = page.waitForEvent('download');
    await kept.click();
    expect((await downloading).suggestedFilename()).toBe('their notice.txt');
    const [sent] = api.writes.filter(({ path }) => path.endsWith('/attachments'));
    expect([sent?.body, sent?.headers['x-drawbridge-reason']]).toEqual(['made up', 'Evidence']);

    await page.goto(`${api.origin}/incidents/${openId}?tab=review`);
    await page.getByRole('button', { name: 'Add an action' }).click();
    await sheet.getByLabel('What', { exact: true }).fill('Send fewer fields');
    await sheet.getByRole('button', { name: 'Add an action' }).click();
    expect(await sheet.getByLabel('Due').evaluate((field) => field.matches(':invalid'))).toBe(true);
    await sheet.getByLabel('Due').fill('2027-01-15T12:00');
    await sheet.getByRole('button', { name: 'Add an action' }).click();
    await page.getByRole('region', { name: 'Review' }).getByText('Send fewer fields').waitFor();
  });
});
