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

  test('the overview lists agreements that run out, and the calendar what falls due', async () => {
    const { page } = await open({ path: '/' });
    const running = page.getByRole('region', { name: 'Agreements running out' });
    await running.getByText('SCC').waitFor();
    await page.goto(new URL('/vendors/calendar', page.url()).href);
    await page.getByRole('heading', { level: 1, name: '2 things fall due' }).waitFor();
    await page.getByText('The SCC runs out').waitFor();
  });
});
