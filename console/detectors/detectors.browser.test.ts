import { axeFindings, describeInBrowser, expect, test } from '../testing/browser.ts';

describeInBrowser('detectors', (open) => {
  test('a list is begun, shown what it would take in, and taken in without the rows that are refused', async () => {
    const { page, api } = await open({ path: '/detectors' });
    await page.getByRole('button', { name: 'Begin a list of people' }).click();
    const begin = page.getByRole('dialog', { name: 'Begin a list of people' });
    await begin.getByLabel('Name of the list').fill('Customers');
    await begin.getByLabel('Why').fill('From the CRM');
    await begin.getByRole('button', { name: 'Begin it' }).click();
    const take = page.getByRole('dialog', { name: 'Take in Customers' });
    await take.getByLabel('The list', { exact: true }).fill('name\nZadora Quermuster\n');
    await take.getByLabel('Why').fill('From the CRM');
    await take.getByRole('button', { name: 'See what it would do' }).click();
    await take.getByText('1 new, 1 changed, 3 gone; found in 6 forms.').waitFor();
    await take.getByText('Line 4: name is no full name').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await take.getByRole('button', { name: 'Take in 2 entries without 1 refused row' }).click();
    await take.waitFor({ state: 'detached' });
    expect(api.writes.map(({ body }) => body)).toMatchObject([
      { name: 'Customers', kind: 'people', reason: 'From the CRM' },
      { format: 'csv', preview: true },
      { preview: false, skipRefused: true, content: 'name\nZadora Quermuster\n' },
    ]);
  });

  test('what a list holds is shown for a reason', async () => {
    const { page, api } = await open({ path: '/detectors' });
    await page.getByRole('row', { name: /Staff/ }).getByRole('button', { name: 'Show' }).click();
    const sheet = page.getByRole('dialog', { name: 'What Staff holds' });
    await sheet.getByLabel('Find one').fill('Quermuster, Zadora');
    await sheet.getByLabel('Why').fill('She asked');
    await sheet.getByRole('button', { name: 'Look' }).click();
    await sheet.getByText('zadora@example.com').waitFor();
    expect(api.writes.at(-1)?.body).toEqual({ find: 'Quermuster, Zadora', reason: 'She asked' });
  });

  test('a pattern says beside its field what is wrong with it, and is saved once it is right', async () => {
    const { page } = await open({ path: '/detectors?tab=patterns&act=add' });
    const sheet = page.getByRole('dialog', { name: 'Add a pattern' });
    await sheet.getByLabel('Short name').fill('invoice');
    await sheet.getByLabel('What it finds', { exact: true }).fill('Invoice number');
    await sheet.getByLabel('Expression').fill('INV-(\\d');
    await sheet.getByLabel('Texts that it must find something in').fill('INV-7');
    await sheet.getByLabel('Why').fill('Accounting asked');
    await sheet.getByRole('button', { name: 'Try and save it' }).click();
    await sheet.getByText('at character 1: missing closing )').waitFor();
    await sheet.getByLabel('Expression').fill('INV-\\d+');
    await sheet.getByRole('button', { name: 'Try and save it' }).click();
    await page.getByRole('row', { name: /invoice/ }).waitFor();
    await page
      .getByRole('row', { name: /employee/ })
      .getByRole('button', { name: 'Disable' })
      .click();
    await page.getByLabel('Why').fill('Too many');
    await page.getByRole('dialog').getByRole('button', { name: 'Disable' }).click();
    await page.getByRole('row', { name: /employee.*not looked for/ }).waitFor();
  });

  test('a secret is registered, its value is nowhere afterwards; kinds are searched; a text is tried', async () => {
    const { page, api } = await open({ path: '/detectors?tab=secrets&act=register' });
    const sheet = page.getByRole('dialog', { name: 'Register a secret' });
    await sheet.getByLabel('Label').fill('Signing key');
    await sheet.getByLabel('Owner').fill('Platform team');
    await sheet.getByLabel('The secret').fill('made-up-0123456789');
    await sheet.getByLabel('Why').fill('It must not leave');
    await sheet.getByRole('button', { name: 'Register it' }).click();
    await page.getByRole('row', { name: /Signing key/ }).waitFor();
    expect(api.writes[0]?.body).toMatchObject({ label: 'Signing key', value: 'made-up-0123456789' });
    expect(await page.evaluate(() => JSON.stringify({ ...sessionStorage, ...localStorage }))).not.toContain(
      'made-up-0123456789',
    );

    await page.getByRole('link', { name: 'Shipped' }).click();
    await page.getByLabel('Vendor or kind').fill('quokka');
    await page.getByRole('cell', { name: 'Stripe', exact: true }).first().waitFor({ state: 'detached' });
    await page.getByText('Quokka Cloud API key').first().waitFor();

    await page.getByRole('link', { name: 'Try a text' }).click();
    await page.getByLabel('The text').fill('ask Quermuster, Zadora about it');
    await page.getByRole('button', { name: 'Look through it' }).click();
    await page.getByText('1 finding').waitFor();
    await page.getByRole('row', { name: /Name certain phrase list Staff/ }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
  });
});
