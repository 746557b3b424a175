import { axeFindings, describeInBrowser, expect, test } from '../testing/browser.ts';

const path = '/settings/deadlines';
const title = '1 question that decides is not answered; 2 of 3 rules are unreviewed';

describeInBrowser('deadlines of the organisation', (open) => {
  test('a question is answered with what each answer would change in sight', async () => {
    const { page, api, complaints } = await open({ path });
    await page.getByRole('heading', { level: 1, name: title }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.getByRole('button', { name: 'Answer processor' }).click();
    const sheet = page.getByRole('dialog', { name: 'Answer a question' });
    await sheet.getByText('Takes out: gdpr-33-2. They stay listed as set aside.').waitFor();
    await sheet.getByText('Takes nothing out. These hang on it no more: gdpr-33-2.').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await sheet.getByRole('radio', { name: /^No\b(?!t)/ }).check();
    await sheet.getByLabel('Why').fill('We process for nobody');
    await sheet.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { level: 1, name: /Every question that decides is answered/ }).waitFor();
    expect(api.writes.at(-1)).toMatchObject({
      method: 'PUT',
      path: '/organisation/profile',
      body: {
        revision: 2,
        profile: { country: 'DE', answers: { controller: 'yes', processor: 'no' } },
        reason: 'We process for nobody',
      },
    });
    expect(complaints).toEqual([]);
  });

  test('counsel’s review is entered for a rule or for all of a regime, and what nobody reviewed says so', async () => {
    const { page, api } = await open({ path });
    const table = page.getByRole('table', { name: 'Rules and who reviewed them' });
    await table.getByText('Unreviewed, confirm with counsel').first().waitFor();
    expect(await table.getByText('Unreviewed, confirm with counsel').count()).toBe(2);
    await page.getByRole('button', { name: 'Enter a review of gdpr-34' }).click();
    const sheet = page.getByRole('dialog');
    await sheet.getByRole('radio', { name: 'All 2 rules of GDPR' }).check();
    await sheet.getByLabel('Reviewed by').fill('Counsel LLP');
    await sheet.getByLabel('On', { exact: true }).fill('2026-11-20');
    await sheet.getByLabel('Why').fill('Letter of 20 November');
    await sheet.getByRole('button', { name: 'Save' }).click();
    await sheet.waitFor({ state: 'detached' });
    expect(api.writes.at(-1)?.body).toMatchObject({
      reviews: {
        'gdpr-33': { by: 'Counsel LLP', on: '2026-11-20' },
        'gdpr-34': { by: 'Counsel LLP', on: '2026-11-20' },
      },
    });
  });

  test('a webhook is added with a secret that is made here and kept nowhere in the page', async () => {
    const { page, api } = await open({ path: `${path}?act=channel` });
    const sheet = page.getByRole('dialog', { name: 'Add a channel' });
    await sheet.getByLabel('Id', { exact: true }).fill('hook');
    await sheet.getByLabel('Name').fill('Ticket system');
    await sheet.getByLabel('Kind').selectOption('webhook');
    await sheet.getByLabel('Address', { exact: true }).fill('https://hooks.example/clocks');
    await sheet.getByRole('button', { name: 'Make one' }).click();
    const secret = await sheet.getByLabel('Signing secret').inputValue();
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(await axeFindings(page)).toEqual([]);
    // What is typed survives a reload, and a secret is no such thing.
    expect(await page.evaluate(() => JSON.stringify(Object.entries(sessionStorage)))).not.toContain('whsec_');
    await sheet.getByLabel('Why').fill('Tickets of clocks');
    await sheet.getByRole('button', { name: 'Save' }).click();
    await sheet.waitFor({ state: 'detached' });
    expect(api.writes.at(-1)?.body).toMatchObject({
      secrets: { hook: secret },
      reminders: {
        channels: [
          { id: 'leads' },
          { id: 'ops' },
          { id: 'hook', kind: 'webhook', url: 'https://hooks.example/clocks' },
        ],
      },
    });
    await page.getByRole('button', { name: 'Test Ticket system' }).click();
    await page.getByText('Ticket system took the test message.').waitFor();
  });

  test('a clock of ours is added and one removed; a calendar’s address is shown once', async () => {
    const { page, api } = await open({ path });
    await page.getByRole('button', { name: 'Add a clock' }).click();
    const sheet = page.getByRole('dialog');
    for (const [label, text] of [
      ['Id', 'insurer-1'],
      ['Clause', 'Policy 12, § 4'],
      ['What is due', 'Notice of a claim'],
      ['Whom it obliges', 'we'],
      ['To whom', 'the insurer'],
      ['Why', 'The policy says so'],
    ] as const)
      await sheet.getByLabel(label, { exact: true }).fill(text);
    await sheet.getByLabel('Of', { exact: true }).selectOption('insurer');
    await sheet.getByRole('button', { name: 'Save' }).click();
    await sheet.waitFor({ state: 'detached' });
    expect(api.writes.at(-1)?.body).toMatchObject({
      rules: [{ id: 'customer-dpa-7' }, { id: 'insurer-1', kind: 'insurer', due: { within: { hours: 24 } } }],
    });
    await page.getByRole('button', { name: 'Remove customer-dpa-7' }).click();
    await page.getByRole('dialog').getByLabel('Why').fill('The contract ended');
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(api.writes.at(-1)?.body).toMatchObject({ rules: [{ id: 'insurer-1' }] });
    await page.getByRole('button', { name: 'Make an address' }).click();
    await page.getByText('https://bridge.example/api/v1/clocks/feed/made-up.ics').waitFor();
    await page.getByRole('button', { name: 'End calendar 1' }).click();
    await expect.poll(() => page.getByRole('button', { name: /^End calendar/ }).count()).toBe(1);
  });

  test('what did not arrive is listed with what went wrong; before anything is set each part teaches', async () => {
    const set = await open({ path });
    const table = set.page.getByRole('table', { name: 'Reminders that did not arrive, or may not have' });
    await table.getByText('given up: status_503: The receiver answered 503.').waitFor();
    const { page } = await open({ path, empty: true });
    await page.getByText('Nobody is reminded yet').waitFor();
    await page.getByText('No contract, insurer or customer has a clock yet').waitFor();
    expect(await axeFindings(page)).toEqual([]);
  });
});
