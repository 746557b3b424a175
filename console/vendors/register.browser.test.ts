import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { axeFindings, describeInBrowser, expect, test } from '../testing/browser.ts';

describeInBrowser('the register of vendors', (open) => {
  test('a vendor’s page says first where it stands, then what is missing, and whose word each statement is', async () => {
    const { page } = await open({ path: '/vendors/mixpanel' });
    await page.getByText('Mixpanel is approved. Ada Example owns it.').waitFor();
    await page.getByText('Mixpanel EU may not be used:').waitFor();
    const missing = page.getByRole('region', { name: 'What is missing' });
    await missing.getByText('No contact for incidents is known.').waitFor();
    const stated = page.getByRole('table', { name: 'Statements, one by one' });
    await stated.getByRole('button', { name: 'declared: Keeps data all' }).click();
    await page.getByText('https://vendor.example/legal').waitFor();
    expect(await axeFindings(page)).toEqual([]);
  });

  test('a vendor that ended says what is not proven deleted', async () => {
    const { page } = await open({ path: '/vendors/acme-mail' });
    await page.getByText('Ended, and 3 kinds of data about 1,204 people are not proven deleted.').waitFor();
  });

  test('one that was never entered is shown as that, and is entered from its page', async () => {
    const { page, api } = await open({ path: '/vendors' });
    const row = page.getByRole('table', { name: 'Register' }).getByRole('row', { name: /OpenAI/ });
    await row.getByText('not entered').waitFor();
    await row.getByRole('link', { name: 'OpenAI' }).click();
    await page.getByText('OpenAI is connected, and nobody entered it in the register.').first().waitFor();
    await page.getByRole('button', { name: 'Enter it' }).click();
    const sheet = page.getByRole('dialog', { name: 'Enter it' });
    await sheet.getByLabel('Owner').fill('Ada Example');
    await sheet.getByLabel('Criticality').selectOption('critical');
    await sheet.getByLabel('Why').fill('We use it');
    await sheet.getByRole('button', { name: 'Enter it' }).click();
    await page.getByText('OpenAI is candidate. Ada Example owns it.').waitFor();
    expect(api.writes.at(-1)).toMatchObject({
      method: 'POST',
      path: '/register',
      body: {
        id: 'openai',
        owner: 'Ada Example',
        purpose: null,
        criticality: 'critical',
        reason: 'We use it',
      },
    });
  });

  test('a deletion is proven by a file, which is stored at its hash first', async () => {
    const { page, api } = await open({ path: '/vendors/acme-mail?act=state' });
    const sheet = page.getByRole('dialog', { name: 'State something' });
    const letter = join(tmpdir(), `drawbridge-made-up-${process.pid}.txt`);
    await writeFile(letter, 'We deleted it.');
    await sheet.getByLabel('What', { exact: true }).selectOption('deletion');
    await sheet.getByLabel('Of which').fill('all');
    await sheet.getByLabel('Value').fill('2026-11-01; All that they had');
    await sheet.getByLabel('Source').fill('Their letter');
    await sheet.getByLabel('As of').fill('2026-11-02');
    await sheet.getByLabel('File', { exact: true }).setInputFiles(letter);
    await sheet.getByLabel('Why').fill('The contract ended');
    await sheet.getByRole('button', { name: 'State something' }).click();
    await page.getByRole('table', { name: 'Statements, one by one' }).getByText('Deleted data').waitFor();
    const hash = createHash('sha256').update('We deleted it.').digest('hex');
    expect(api.writes).toMatchObject([
      { method: 'PUT', path: `/blobs/${hash}`, body: 'We deleted it.' },
      {
        method: 'PUT',
        path: '/register/acme-mail/statements',
        body: {
          kind: 'deletion',
          key: 'all',
          value: { on: '2026-11-01', what: 'All that they had' },
          files: [{ hash }],
        },
      },
    ]);
  });

  test('is searched and filtered by status, tier, owner and what is due, and the address keeps it', async () => {
    const { page, complaints } = await open({ path: '/vendors' });
    const table = page.getByRole('table', { name: 'Register' });
    await table.getByRole('link', { name: 'Acme Mail' }).waitFor();
    await page.getByLabel('Find a vendor').fill('mixp');
    await table.getByRole('link', { name: 'Acme Mail' }).waitFor({ state: 'detached' });
    await table.getByRole('link', { name: 'Mixpanel' }).waitFor();
    expect(page.url()).toContain('q=mixp');
    await page.getByLabel('Find a vendor').fill('');
    await page.getByLabel('Owner', { exact: true }).selectOption('? nobody');
    await table.getByRole('link', { name: 'Mixpanel' }).waitFor({ state: 'detached' });
    await table.getByRole('link', { name: 'Acme Mail' }).waitFor();
    await page.getByLabel('Tier', { exact: true }).selectOption('Standard');
    await page.getByRole('heading', { name: 'No vendor fits these filters' }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.getByLabel('Owner', { exact: true }).selectOption('Ada Example');
    await table.getByRole('link', { name: 'Mixpanel' }).waitFor();
    await page.getByLabel('Due', { exact: true }).selectOption('within 90 days');
    await page.getByRole('heading', { name: 'No vendor fits these filters' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'No vendor fits these filters' }).waitFor();
    expect(complaints).toEqual([]);
  });

  test('vendors are taken in from a table: what is wrong names line and column, what changes is seen first', async () => {
    const { page, api } = await open({ path: '/vendors' });
    await page.getByRole('button', { name: 'Take vendors in' }).press('Enter');
    const sheet = page.getByRole('dialog');
    await sheet.getByLabel('The file', { exact: true }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
    const table = (lines: string) => ({ name: 'list.csv', mimeType: 'text/csv', buffer: Buffer.from(lines) });
    const head = 'name,owner,criticality,colour';
    await sheet
      .getByLabel('The file', { exact: true })
      .setInputFiles(table(`${head}\nZebra,Bo Example,\nYak,Bo Example,huge\n`));
    await sheet.getByText(/^list.csv, \d+ B$/).waitFor();
    await sheet.getByRole('button', { name: 'Show what it would change' }).click();
    await sheet
      .getByRole('list', { name: 'What is wrong in the file' })
      .getByText('line 3, column criticality')
      .waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await sheet
      .getByLabel('The file', { exact: true })
      .setInputFiles(table(`${head}\nZebra,Bo Example,\nMixpanel,Bo Example,critical\n`));
    await sheet.getByRole('button', { name: 'Show what it would change' }).click();
    await sheet.getByText('Nothing is changed yet. 1 new, 1 changed, 0 as they are.').waitFor();
    await sheet.getByText('Nothing is made of: colour.').waitFor();
    await sheet.getByText('stays as it is: status').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    expect(api.writes.at(-1)?.body).toMatchObject({ preview: true, format: 'csv', source: 'list.csv' });
    await sheet.getByLabel('Why').fill('Our old list');
    await sheet.getByRole('button', { name: 'Take in 2 vendors' }).click();
    await sheet.getByText('Done: 1 new, 1 changed, 0 as they were.').waitFor();
    await sheet.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('table', { name: 'Register' }).getByRole('link', { name: 'Zebra' }).waitFor();
    expect(api.writes.at(-1)?.body).toMatchObject({ preview: false, reason: 'Our old list' });
  });

  test('the register is saved as a file', async () => {
    const { page } = await open({ path: '/vendors' });
    for (const [name, file] of [
      ['CSV', 'register.csv'],
      ['JSON', 'register.json'],
    ] as const) {
      const saved = page.waitForEvent('download');
      await page.getByRole('button', { name, exact: true }).click();
      expect((await saved).suggestedFilename()).toBe(file);
    }
    await page.getByRole('button', { name: 'CycloneDX' }).waitFor();
  });

  test('what a tier asks for is changed, and another tier is added', async () => {
    const { page, api, complaints } = await open({ path: '/vendors/tiers' });
    await page.getByRole('row', { name: /High high DPA, A review.*every 180 days/ }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.getByRole('button', { name: 'Change tiers' }).press('Enter');
    const sheet = page.getByRole('dialog');
    const standard = sheet.getByRole('group', { name: 'Standard' });
    await standard.getByRole('checkbox', { name: 'SCC' }).check();
    await standard.getByLabel('Looked at every, days').fill('90');
    await sheet.getByRole('button', { name: 'Another tier' }).click();
    const added = sheet.getByRole('group', { name: 'New tier' });
    await added.getByLabel('Id', { exact: true }).fill('standard');
    await added.getByLabel('Id', { exact: true }).fill('secret');
    await added.getByLabel('Name').fill('Secrets');
    await sheet.getByLabel('Tier of vendors that have none').selectOption('Standard');
    expect(await axeFindings(page)).toEqual([]);
    await sheet.getByLabel('Why').fill('Decided on Monday');
    await sheet.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('row', { name: /Secrets secret/ }).waitFor();
    await page.getByText('Vendors without a tier are asked as Standard.').waitFor();
    expect(api.writes.at(-1)).toMatchObject({
      method: 'PUT',
      path: '/register/rules',
      body: {
        rules: {
          tiers: [
            { id: 'none' },
            { id: 'standard', agreements: ['dpa', 'scc'], reviewEveryDays: 90 },
            { id: 'high' },
            { id: 'secret', name: 'Secrets' },
          ],
          usualTier: 'standard',
          requestsSince: null,
        },
        reason: 'Decided on Monday',
      },
    });
    expect(complaints).toEqual([]);
  });

  test('without a vendor the way to take some in is there; on a phone nothing sticks out', async () => {
    const { page, api } = await open({ path: '/vendors', empty: true, width: 390 });
    await page.getByRole('heading', { name: 'No vendor is entered yet' }).waitFor();
    await page.getByRole('button', { name: 'Take vendors in' }).waitFor();
    for (const path of [
      '/vendors',
      '/vendors?act=import',
      '/vendors/tiers?act=edit',
      '/map?act=chain-list',
    ]) {
      await page.goto(api.origin + path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    }
  });

  test('the overview lists agreements that run out, and the calendar what falls due', async () => {
    const { page } = await open({ path: '/' });
    const running = page.getByRole('region', { name: 'Agreements running out' });
    await running.getByText('SCC').waitFor();
    await page.goto(new URL('/vendors/calendar', page.url()).href);
    await page.getByRole('heading', { level: 1, name: '2 things fall due' }).waitFor();
    await page.getByText('The SCC runs out').waitFor();
  });
});
