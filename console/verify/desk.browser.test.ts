import { axeFindings, describeInBrowser, expect, test } from '../testing/browser.ts';
import { messageId } from '../testing/fake-verify-data.ts';

const one = `/messages/${messageId(2)}`;

describeInBrowser('the queue of messages', (open) => {
  test('a hundred reports are closed by the keyboard alone, and taken back', async () => {
    const { page, api, complaints } = await open({ path: '/messages/queue' });
    const table = page.getByRole('table', { name: 'Messages' });
    await table.getByText('Your API key was disabled (2)').waitFor();
    await page.getByRole('heading', { level: 1, name: '131 messages wait, worst first' }).waitFor();
    const ids = api.verify.messages
      .filter(({ state }) => state === 'open')
      .toSorted((a, b) => b.harm - a.harm)
      .map(({ id }) => id);
    // The worst stays: it is looked at by itself.
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('x');
    await page.getByText('1 message chosen').waitFor();
    for (let row = 1; row < 100; row += 1) {
      await page.keyboard.press('j');
      // A row that was not drawn yet has the focus a moment later.
      await expect
        .poll(() => page.evaluate(() => document.activeElement?.getAttribute('data-message')))
        .toBe(ids[row + 1]);
    }
    await page.keyboard.press('X');
    await page.getByText('100 messages chosen').waitFor();
    await page.keyboard.press('c');
    const sheet = page.getByRole('dialog', { name: 'Close 100 messages' });
    await sheet.getByRole('radio', { name: /Impersonation/ }).focus();
    await page.keyboard.press('ArrowDown');
    expect(await sheet.getByRole('radio', { name: /Spam/ }).isChecked()).toBe(true);
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Tab');
    // The select of replies: a letter chooses.
    await page.keyboard.type('Thank you, it was');
    await sheet.getByText('They read:').waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.type('One campaign');
    expect(await axeFindings(page)).toEqual([]);
    await page.keyboard.press('Enter');
    await page.getByText('100 messages were closed: Impersonation.').waitFor();
    expect(api.writes).toHaveLength(1);
    expect(api.writes[0]).toMatchObject({
      path: '/messages/closing',
      body: {
        messages: ids.slice(1, 101),
        as: 'impersonation',
        reply: 'thanks-impersonation',
        reason: 'One campaign',
      },
    });
    await page.getByRole('heading', { level: 1, name: '31 messages wait' }).waitFor();
    await page.getByText('100 replies were sent by mail, and stay sent.').waitFor();
    await page.keyboard.press('z');
    await page.getByText('100 messages are open again.').waitFor();
    await page.getByRole('heading', { level: 1, name: '131 messages wait' }).waitFor();
    expect(complaints).toEqual([]);
  });

  test('filters stand in the address, counts are live, and what was closed meanwhile is said', async () => {
    const { page, api } = await open({ path: '/messages/queue?q=img' });
    const table = page.getByRole('table', { name: 'Messages' });
    await table.getByText('<img src=x onerror=alert(1)>').waitFor();
    await expect.poll(() => table.getByRole('row').count()).toBe(2);
    await page.getByLabel('State').selectOption('closed');
    await expect.poll(() => page.url()).toContain('state=closed');
    await page.getByText('No message is like that').waitFor();
    await page.getByLabel('Sender or subject').fill('');
    await table.getByText('Your invoice of October').waitFor();
    await page.getByLabel('State').selectOption('open');
    await table.getByText('Your API key was disabled (2)').waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('c');
    const [worst] = api.verify.messages;
    if (worst === undefined) throw new Error('there is no message');
    Object.assign(worst, { state: 'closed' });
    const sheet = page.getByRole('dialog', { name: 'Close 1 message' });
    await sheet.getByLabel('Why').fill('As always');
    await sheet.getByRole('button', { name: 'Close 1 message' }).click();
    await page.getByText('It was closed already.').waitFor();
    Object.assign(worst, { state: 'open' });
    api.tell('messages');
    await page.getByRole('heading', { level: 1, name: '131 messages wait' }).waitFor();
  });

  test('who may only read chooses and closes nothing; what failed is said and asked again', async () => {
    const { page, api } = await open({ path: '/settings' });
    api.people.roles = ['auditor'];
    api.trouble.set('/message-counts', {
      status: 500,
      body: { title: 'It failed', status: 500, code: 'internal', detail: 'Ask for the log.' },
    });
    await page.goto(`${api.origin}/messages/queue`);
    await page.getByText('Ask for the log.').waitFor();
    await page.getByRole('table', { name: 'Messages' }).getByText('Your API key was disabled (2)').waitFor();
    expect(await page.getByRole('checkbox').count()).toBe(0);
    await page.keyboard.press('j');
    await page.keyboard.press('c');
    expect(await page.getByRole('dialog').count()).toBe(0);
    api.trouble.clear();
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('heading', { level: 1, name: '131 messages wait' }).waitFor();
  });
});

describeInBrowser('one message, for an analyst', (open) => {
  test('all that the answer rests on is there, with whose word it is', async () => {
    const { page, complaints } = await open({ path: one });
    const evidence = page.getByRole('table', { name: 'Evidence of this message' });
    await evidence.getByRole('row', { name: /Against strongly.*It says OpenAI.*claimed/ }).waitFor();
    await evidence.getByRole('row', { name: /really from there.*verified/ }).waitFor();
    await evidence.getByText('hxxps://openai-keys[.]example/<script>').waitFor();
    const claims = page.getByRole('region', { name: 'What it says, against our own records' });
    await claims.getByText('Contradicted').waitFor();
    expect(await claims.getByRole('link', { name: 'See the record' }).getAttribute('href')).toBe(
      '/keys?source=openai',
    );
    const quoted = page.getByRole('region', { name: 'What it quotes, and since when' });
    await quoted.getByRole('link', { name: '3: Mixpanel was smished' }).waitFor();
    await page.getByText('It went to another address than the one we are registered with.').waitFor();
    await page.getByRole('table', { name: 'Messages like this one' }).getByRole('link').first().waitFor();
    await page.getByRole('table', { name: 'DNS records kept' }).getByText('s1._domainkey').waitFor();
    await page.getByText('invoice.html').waitFor();
    expect(
      await page.getByRole('link', { name: 'The original (.eml), goes on record' }).getAttribute('href'),
    ).toBe(`/api/v1${one}/raw`);
    // Nothing of it was asked for by itself: reading another's message goes on record.
    await page.getByRole('button', { name: 'Show the message as text (goes on record)' }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test('an incident is opened, and the register is corrected: the past is judged again, with progress', async () => {
    const { page, api } = await open({ path: one });
    await page.getByRole('button', { name: 'Correct the register' }).click();
    const sheet = page.getByRole('dialog', { name: 'What does this sender send?' });
    expect(await sheet.getByLabel('Domain or address').inputValue()).toBe('openai-keys.example');
    await sheet.getByRole('radio', { name: 'The vendor hands on what its users write' }).check();
    await sheet.getByLabel('Why').fill('It is their help desk');
    await sheet.getByRole('button', { name: 'Correct the register' }).click();
    await page.getByText('Messages of the past are judged again: 66 of 132.').waitFor();
    expect(api.writes.at(-1)).toMatchObject({
      path: '/senders',
      body: {
        vendor: 'openai',
        is: 'openai-keys.example',
        class: 'relayed',
        reason: 'It is their help desk',
      },
    });
    api.verify.rejudging = {
      because: 'A sender was changed',
      begunAt: new Date().toISOString(),
      total: 132,
      done: 132,
      changed: 3,
      endedAt: new Date().toISOString(),
    };
    await page.getByText('judged 132 messages again: 3 verdicts are another').waitFor();
    await page.getByRole('button', { name: 'Open an incident' }).click();
    const incident = page.getByRole('dialog', { name: 'Open an incident of this message' });
    expect(await incident.getByLabel('Title').inputValue()).toBe('Message in the name of OpenAI');
    await incident.getByLabel('Why').fill('Three people got it');
    await incident.getByRole('button', { name: 'Open an incident' }).click();
    await expect.poll(() => page.url()).toContain('/incidents/');
  });
});

describeInBrowser('senders and campaigns', (open) => {
  test('reviews are decided by single keys, with one reason', async () => {
    const { page, api } = await open({ path: '/messages/senders' });
    const table = page.getByRole('table', { name: 'Senders to review' });
    await table.getByText('githubsupport.example').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await table.getByText('githubsupport.example').focus();
    await page.keyboard.press('v');
    await page.getByText('Say why first.').waitFor();
    expect(api.writes).toEqual([]);
    await page.keyboard.type('Looked at their signatures');
    await table.getByText('githubsupport.example').focus();
    await page.keyboard.press('v');
    await table.getByText('githubsupport.example').waitFor({ state: 'detached' });
    // The next has the focus.
    await page.keyboard.press('n');
    await page.getByText('2 senders decided in this sitting').waitFor();
    await expect
      .poll(() => api.writes.map(({ path, body }) => [path, (body as { as: string }).as]))
      .toEqual([
        ['/sender-reviews/review_1/decision', 'vendor'],
        ['/sender-reviews/review_2/decision', 'not_theirs'],
      ]);
    await page.getByText('Messages of the past are judged again: 66 of 132.').waitFor();
  });

  test('what was refused comes back into the list; an own sender is removed; an address is entered', async () => {
    const { page, api } = await open({ path: '/messages/senders' });
    const table = page.getByRole('table', { name: 'Senders to review' });
    api.trouble.set('/sender-reviews/review_1/decision', {
      status: 409,
      body: { title: 'Somebody was faster', status: 409, code: 'conflict', detail: 'Look at it again.' },
    });
    await page.getByLabel('Why, for what you decide now').fill('Looked');
    await table.getByRole('button', { name: 'githubsupport.example: Theirs' }).click();
    await page.getByText('Look at it again.').waitFor();
    await table.getByText('githubsupport.example').waitFor();
    await page.getByRole('button', { name: 'Remove support@openai.zendesk.example' }).click();
    const removal = page.getByRole('dialog', { name: 'Remove support@openai.zendesk.example' });
    await removal.getByLabel('Why').fill('They moved');
    await removal.getByRole('button', { name: 'Remove' }).click();
    await expect.poll(() => api.writes.at(-1)?.path).toBe('/senders/sender_2');
    await page.getByRole('button', { name: 'Enter an address' }).click();
    const sheet = page.getByRole('dialog', { name: 'Enter an address' });
    await sheet.getByLabel('Vendor').fill('Mixpanel');
    await sheet.getByLabel('Address', { exact: true }).fill('mixpanel.x1@example.org');
    await sheet.getByLabel('Why').fill('From the account page');
    await sheet.getByRole('button', { name: 'Enter an address' }).click();
    await page.getByRole('table', { name: 'Addresses at vendors' }).getByText('mixpanel.x1@').waitFor();
    expect(api.verify.addresses.at(-1)).toMatchObject({ vendor: { id: 'mixpanel' } });
  });

  test('a campaign shows what it has in common, and its open messages are closed at once', async () => {
    const { page, api } = await open({ path: '/messages/campaigns' });
    await page.getByRole('link', { name: 'Key disabled, openai-keys.example' }).click();
    await page.getByText('192.0.2.17').waitFor();
    await page.getByRole('button', { name: 'Close its open messages' }).click();
    const sheet = page.getByRole('dialog', { name: 'Close 130 messages' });
    await sheet.getByLabel('Why').fill('One campaign');
    await sheet.getByRole('button', { name: 'Close 130 messages' }).click();
    await page.getByText('130 messages were closed: Impersonation.').waitFor();
    expect(api.verify.messages.filter(({ state }) => state === 'open')).toHaveLength(1);
  });

  test('where people look for themselves stands on the vendor’s page, and is an https address', async () => {
    const { page, api } = await open({ path: '/vendors/mixpanel' });
    const part = page.getByRole('region', { name: 'Where people look for themselves' });
    await part.getByText('https://eu.mixpanel.example/project/17').waitFor();
    await part.getByRole('button', { name: 'Change the address' }).click();
    const sheet = page.getByRole('dialog', { name: 'Where people look for themselves' });
    await sheet.getByLabel('Address of your own dashboard there').fill('javascript:alert(1)');
    await sheet.getByLabel('Why').fill('They moved it');
    await sheet.getByRole('button', { name: 'Change the address' }).click();
    await sheet.getByText('It must be an address that begins with https://.').waitFor();
    expect(api.writes).toEqual([]);
    await sheet.getByLabel('Address of your own dashboard there').fill('https://mixpanel.example/alerts');
    await sheet.getByRole('button', { name: 'Change the address' }).click();
    await part.getByText('https://mixpanel.example/alerts').waitFor();
    // Taken back: the pack's own again.
    await part.getByRole('button', { name: 'Change the address' }).click();
    await sheet.getByLabel('Address of your own dashboard there').fill('');
    await sheet.getByLabel('Why').fill('The pack knows it');
    await sheet.getByRole('button', { name: 'Change the address' }).click();
    await part.getByText('None is known.').waitFor();
  });
});

describeInBrowser('how messages come in', (open) => {
  test('a mailbox is tested, and one is added without its password staying anywhere', async () => {
    const { page, api } = await open({ path: '/settings/messages' });
    await page.getByRole('button', { name: 'Test old@example.net' }).click();
    await page.getByText('User name and password were not taken.').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.getByRole('button', { name: 'Stop: suspicious@example.org' }).click();
    const stop = page.getByRole('dialog', { name: 'Stop: suspicious@example.org' });
    await stop.getByLabel('Why').fill('It moves');
    await stop.getByRole('button', { name: 'Stop' }).click();
    await page.getByRole('button', { name: 'Read it: suspicious@example.org' }).waitFor();
    expect(api.writes.at(-1)).toMatchObject({ method: 'PATCH', body: { isOn: false, reason: 'It moves' } });
    await page.getByRole('button', { name: 'Add a mailbox' }).click();
    const sheet = page.getByRole('dialog', { name: 'Add a mailbox' });
    await sheet.getByLabel('IMAP server').fill('imap.example.com');
    await sheet.getByLabel('User name').fill('desk@example.com');
    await sheet.getByLabel('Password').fill('made-up password');
    await sheet.getByLabel('Why').fill('The desk has one of its own');
    expect(await axeFindings(page)).toEqual([]);
    await sheet.getByRole('button', { name: 'Add a mailbox' }).click();
    await page.getByRole('table', { name: 'Mailboxes' }).getByText('desk@example.com').waitFor();
    expect(api.writes.at(-1)?.body).toMatchObject({ password: 'made-up password', port: 993, after: 'keep' });
    expect(await page.evaluate(() => JSON.stringify({ ...sessionStorage }))).not.toContain(
      'made-up password',
    );
  });

  test('a mailbox is edited: an empty password stays, another server asks for it again', async () => {
    const { page, api, complaints } = await open({ path: '/settings/messages' });
    await page.getByRole('button', { name: 'Edit suspicious@example.org' }).click();
    const sheet = page.getByRole('dialog', { name: 'Edit suspicious@example.org' });
    const password = sheet.getByLabel('Password');
    expect(await password.inputValue()).toBe('');
    await sheet.getByText('Empty: it stays as it was.').waitFor();
    expect(await sheet.getByText('It is read from its beginning.').count()).toBe(0);
    await sheet.getByLabel('Folder', { exact: true }).fill('Reported');
    await sheet.getByText('It is read from its beginning.').waitFor();
    await sheet.getByLabel('Why').fill('A folder of its own');
    expect(await axeFindings(page)).toEqual([]);
    await sheet.getByRole('button', { name: 'Keep this' }).click();
    await page.getByRole('table', { name: 'Mailboxes' }).getByText('Reported').waitFor();
    const kept = api.writes.at(-1);
    expect(kept).toMatchObject({
      method: 'PATCH',
      body: { folder: 'Reported', reason: 'A folder of its own' },
    });
    expect(kept?.body).not.toHaveProperty('password');
    expect(kept?.body).not.toHaveProperty('isOn');

    const writes = api.writes.length;
    await page.getByRole('button', { name: 'Edit suspicious@example.org' }).click();
    await sheet.getByLabel('IMAP server').fill('imap.elsewhere.example');
    await sheet.getByText('it has to be entered again').waitFor();
    await sheet.getByLabel('Why').fill('It moves');
    await sheet.getByRole('button', { name: 'Keep this' }).click();
    // The browser says that it is missing: nothing goes out without it.
    expect(api.writes).toHaveLength(writes);
    await password.fill('made-up password');
    await sheet.getByRole('button', { name: 'Keep this' }).click();
    await page.getByRole('table', { name: 'Mailboxes' }).getByText('imap.elsewhere.example').waitFor();
    expect(api.writes.at(-1)?.body).toMatchObject({ password: 'made-up password' });
    expect(await page.evaluate(() => JSON.stringify({ ...sessionStorage }))).not.toContain(
      'made-up password',
    );
    expect(complaints).toEqual([]);
  });

  test('the secret of an address for another system is shown once', async () => {
    const { page } = await open({ path: '/settings/messages' });
    await page.getByRole('button', { name: 'Make an address' }).click();
    const sheet = page.getByRole('dialog');
    await sheet.getByLabel('Name').fill('Telephone system');
    await sheet.getByLabel('Why').fill('Reports of text messages');
    await sheet.getByRole('button', { name: 'Make an address' }).click();
    await sheet.getByText('made-up-secret').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await sheet.getByRole('button', { name: 'I have both' }).click();
    await page.getByRole('table', { name: 'Addresses in use' }).getByText('Telephone').waitFor();
    expect(await page.getByText('made-up-secret').count()).toBe(0);
    await page.reload();
    await page.getByRole('table', { name: 'Addresses in use' }).waitFor();
    expect(await page.getByText('made-up-secret').count()).toBe(0);
  });

  test('a listener that takes from everybody is not begun; retention is a whole number of days', async () => {
    const { page, api } = await open({ path: '/settings/messages' });
    await page.getByLabel('Who may hand in, one range per line').fill('');
    await page.getByLabel('Days').fill('0');
    await page.getByLabel('Why').fill('Tighter');
    await page.getByRole('button', { name: 'Keep this' }).click();
    await page.getByText('a listener that takes from everybody is not begun').waitFor();
    await page.getByText('A whole number from 1 to 3650.').waitFor();
    expect(api.writes).toEqual([]);
    await page.getByLabel('Who may hand in, one range per line').fill('10.1.0.0/16\n10.2.0.0/16');
    await page.getByLabel('Days').fill('30');
    await page.getByRole('button', { name: 'Keep this' }).click();
    await expect
      .poll(() => api.writes.at(-1)?.body)
      .toMatchObject({
        retentionDays: 30,
        smtp: { allow: ['10.1.0.0/16', '10.2.0.0/16'], enabled: true },
        reason: 'Tighter',
      });
  });
});
