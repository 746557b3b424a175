import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { axeFindings, describeInBrowser, expect, test } from '../testing/browser.ts';

describeInBrowser('accounts at vendors', (open) => {
  test('the vendor with people who left and without a factor is opened from its number', async () => {
    const { page } = await open({ path: '/accounts' });
    const row = page.getByRole('row', { name: /openai/ });
    await row.getByText('1 enforced, 1 none, 2 unknown').waitFor();
    await row.getByRole('link', { name: '1' }).first().click();
    await page.getByRole('heading', { level: 1, name: /1 of them left/ }).waitFor();
    const people = page.getByRole('table', { name: 'Accounts' });
    await people.getByText('left us').waitFor();
    await people.getByText('◐ inferred from google-workspace').first().waitFor();
  });

  test('an export is shown what it would do first, and taken in then', async () => {
    const { page, api } = await open({ path: '/accounts?act=import' });
    const sheet = page.getByRole('dialog', { name: 'Take in an export' });
    const file = join(tmpdir(), `drawbridge-made-up-${process.pid}.csv`);
    await writeFile(file, 'Mail,2FA\nada@example.com,yes\n');
    await sheet.getByLabel('What it is').selectOption('table');
    await sheet.getByLabel('At which vendor').fill('openai');
    await sheet.getByLabel('The file').setInputFiles(file);
    await sheet.getByLabel('Made on').fill('2026-11-20');
    await sheet.getByLabel('Column of the e-mail address').fill('Mail');
    await sheet.getByLabel('Column of the second factor').fill('2FA');
    await sheet.getByLabel('Means a second factor').fill('yes');
    expect(await axeFindings(page)).toEqual([]);
    await sheet.getByRole('button', { name: 'See what it would do' }).click();
    await sheet.getByText('4 accounts: 1 new, 0 not there any more.').waitFor();
    await sheet.getByRole('button', { name: 'Take it in' }).click();
    await sheet.waitFor({ state: 'detached' });
    expect(api.writes.map(({ body }) => body)).toMatchObject([
      { preview: true, content: 'Mail,2FA\nada@example.com,yes\n' },
      {
        preview: false,
        vendor: 'openai',
        asOf: '2026-11-20T00:00:00.000Z',
        mapping: { email: 'Mail', secondFactor: { column: '2FA', is: { enrolled: ['yes'] } } },
      },
    ]);
  });

  test('what somebody saw is attested by its hash, the file stays, and it can be withdrawn', async () => {
    const { page, api } = await open({ path: '/accounts/openai?act=attest' });
    const sheet = page.getByRole('dialog', { name: 'Attest what you saw' });
    const shot = join(tmpdir(), `drawbridge-made-up-${process.pid}.png`);
    await writeFile(shot, 'abc');
    await sheet.getByLabel('What you saw, where').fill('The members page says: required for all');
    await sheet.getByLabel('The screenshot or letter').setInputFiles(shot);
    await sheet.getByLabel('Seen on').fill('2026-11-20');
    await sheet.getByLabel('Holds until').fill('2027-05-20');
    await sheet.getByLabel('Why').fill('The vendor exports nothing of it');
    await sheet.getByRole('button', { name: 'Attest what you saw' }).click();
    await page.getByText('Ada Example saw: enforced').waitFor();
    expect(api.writes[0]?.body).toMatchObject({
      // SHA-256 of "abc", FIPS 180-2.
      evidence: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    });
    await page.getByRole('button', { name: 'Withdraw it' }).click();
    await page.getByText(/Where a vendor exports nothing of second factors/).waitFor();
  });
});
