import { axeFindings, describeInBrowser, expect, test } from '../testing/browser.ts';

describeInBrowser('accounts of our people at a vendor', (open) => {
  test('shows how many, who stands behind the console with its marks, and what each layer says', async () => {
    const { page, complaints } = await open({ path: '/vendors/openai' });
    const section = page.getByRole('region', { name: 'Accounts of our people here' });
    const people = section.getByRole('link', { name: '31 people have an account here' });
    expect(await people.getAttribute('href')).toBe('/accounts/openai');
    await section
      .getByRole('row', {
        name: /Mixpanel.*body\.email, body\.city.*● observed.*not declared.*not seen in the visit of 2026-11-20/,
      })
      .waitFor();
    await section.getByRole('row', { name: /cdn\.made-up\.example.*\? not known whose/ }).waitFor();
    await section.getByText('Fields that it collects (2)').click();
    await section.getByRole('row', { name: /body\.email ● observed/ }).waitFor();
    await section.getByRole('row', { name: /account\.name ◐ inferred/ }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test('a visit is handed in, and one that is refused says why', async () => {
    const { page, api } = await open({ path: '/vendors/mixpanel' });
    const section = page.getByRole('region', { name: 'Accounts of our people here' });
    await section.getByText('No visit to its console is recorded', { exact: false }).waitFor();
    await section.getByRole('button', { name: 'Hand in a visit' }).click();
    const sheet = page.getByRole('dialog', { name: 'Hand in a visit to the console' });
    await sheet.getByText('Values, cookies and answers are dropped', { exact: false }).waitFor();
    const choose = (name: string) =>
      sheet
        .getByLabel('HAR file')
        .setInputFiles({ name, mimeType: 'application/json', buffer: Buffer.from('{"made":"up"}') });
    await choose('notes.txt');
    await sheet.getByLabel('Day of the visit').fill('2026-11-20');
    await sheet.getByLabel('Why').fill('A look at the console');
    await sheet.getByRole('button', { name: 'Hand it in' }).click();
    await sheet.getByText('it has no list log.entries', { exact: false }).waitFor();
    await choose('visit.har');
    expect(await axeFindings(page)).toEqual([]);
    await sheet.getByRole('button', { name: 'Hand it in' }).click();
    await sheet.getByText('Taken in: 40 calls to 3 hosts; 1 place could not be read.').waitFor();
    expect(api.writes.at(-1)?.path).toBe('/holdings/vendors/mixpanel/visits');
    await section.getByText('1 visit recorded, the newest of 2026-11-20.', { exact: false }).waitFor();
  });
});
