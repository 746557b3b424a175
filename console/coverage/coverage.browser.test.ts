import { axeFindings, describeInBrowser, expect, test } from '../testing/browser.ts';

describeInBrowser('coverage of a vendor', (open) => {
  test('says the share, what is not measured, and what went past, with its evidence; the picture is a table too', async () => {
    const { page, complaints } = await open({ path: '/vendors/openai' });
    const section = page.getByRole('region', { name: 'Coverage' });
    await section.getByText(/● We saw 9\d(\.\d)? % to 99 % of the requests that it reports/).waitFor();
    await section.getByText(/Not here for all of these days: reports of embeddings/).waitFor();
    await section
      .getByRole('img', { name: /Use of 30 days: \d+ days with use past the gateway, 3 days unknown/ })
      .waitFor();
    const finding = section.getByRole('row', { name: /Strong: The key key_made_up_9 is nobody’s here/ });
    await finding.waitFor();
    expect(await finding.getByRole('link').first().getAttribute('href')).toMatch(/^#report-0199c0de/);
    const host = section.getByRole('row', {
      name: /api.openai.com was reached past the gateway \(Squid, Berlin\)/,
    });
    const link = host.getByRole('link', { name: 'access.log, lines 17, 40' });
    expect(await link.getAttribute('href')).toContain('/discover?q=api.openai.com');
    await section.getByText('The days as a table').click();
    const days = section.getByRole('table', { name: 'The days as a table' });
    expect(await days.getByRole('row', { name: /unknown \d+ \? \? \? \?/ }).count()).toBe(3);
    await section.getByRole('row', { name: /Report of embeddings \? not measured/ }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test('a vendor of which nothing was handed in is unknown, never zero and never all', async () => {
    const { page } = await open({ path: '/vendors/mixpanel' });
    const section = page.getByRole('region', { name: 'Coverage' });
    await section.getByText('? How much of the traffic we see is unknown').waitFor();
    await section.getByText('Nothing was compared yet', { exact: false }).waitFor();
    expect(await section.getByText(/\d %/).count()).toBe(0);
    await section.getByRole('img', { name: /0 days with use past the gateway, 30 days unknown/ }).waitFor();
  });

  test('a report is handed in with the time it was fetched; one that is refused says why and keeps what was typed', async () => {
    const { page, api } = await open({ path: '/vendors/openai', empty: true });
    await page.goto(`${api.origin}/vendors/openai?act=report`);
    const sheet = page.getByRole('dialog', { name: 'Hand in a report of use' });
    const choose = (name: string) =>
      sheet
        .getByLabel('File')
        .setInputFiles({ name, mimeType: 'application/json', buffer: Buffer.from('{"made":"up"}') });
    await choose('notes.txt');
    await sheet.getByLabel('Fetched').fill('2026-11-22T08:00');
    await sheet.getByLabel('Why').fill('The month is over');
    await sheet.getByRole('button', { name: 'Hand it in' }).click();
    await sheet.getByText('it looks like text of no kind that is known', { exact: false }).waitFor();
    expect(await sheet.getByLabel('Why').inputValue()).toBe('The month is over');
    await choose('usage.json');
    expect(await axeFindings(page)).toEqual([]);
    await sheet.getByRole('button', { name: 'Hand it in' }).click();
    await sheet.getByText('Taken in: completions, 2026-10-24 to 2026-11-20.').waitFor();
    const sent = api.writes.at(-1);
    expect(sent?.path).toBe('/coverage/openai/reports');
    expect(String(sent?.body)).toBe('{"made":"up"}');
    await sheet.getByLabel('File').setInputFiles([]);
  });

  test('a finding is settled with a reason, folded away, and opened again', async () => {
    const { page, api } = await open({ path: '/vendors/openai' });
    const section = page.getByRole('region', { name: 'Coverage' });
    await section.getByRole('button', { name: /^Settle: The key key_made_up_9/ }).click();
    const sheet = page.getByRole('dialog', { name: 'Settle a finding' });
    await sheet.getByLabel('Why').fill('A test account of the lab');
    await sheet.getByRole('button', { name: 'Settle it' }).click();
    await section.getByText('Settled: 1').click();
    await section.getByRole('row', { name: /Settled by Ada Example: A test account of the lab/ }).waitFor();
    expect(api.writes.at(-1)?.body).toMatchObject({
      finding: '["unknown_key","key_made_up_9"]',
      reason: 'A test account of the lab',
    });
    await section.getByRole('button', { name: /^Open again: The key key_made_up_9/ }).click();
    const again = page.getByRole('dialog', { name: 'Open again' });
    await again.getByLabel('Why').fill('It was no test after all');
    await again.getByRole('button', { name: 'Open again' }).click();
    await section.getByRole('row', { name: /Strong: The key key_made_up_9/ }).waitFor();
  });

  test('it is said whose a key is, and what a source sees, for a year too, on a phone in the dark', async () => {
    const { page, api } = await open({ path: '/vendors/openai?span=366', width: 390, theme: 'dark' });
    const section = page.getByRole('region', { name: 'Coverage' });
    await section.getByRole('img', { name: /Use of 366 days/ }).waitFor();
    await section.getByRole('button', { name: 'Say whose: key_made_up_1' }).click();
    const whose = page.getByRole('dialog', { name: 'Say whose a key is' });
    await whose.getByLabel('Why').fill('As the vendor’s console shows');
    await whose.getByRole('button', { name: 'Say so' }).click();
    await whose.waitFor({ state: 'detached' });
    expect(api.writes.at(-1)?.body).toMatchObject({ key: 'key_made_up_1', connection: null });
    await section.getByRole('button', { name: 'Say it: Squid, Berlin' }).click();
    const sees = page.getByRole('dialog', { name: 'Say what a source sees' });
    await sees.getByLabel('What the gateway sends, in Squid, Berlin').selectOption('is not in it');
    await sees.getByLabel('Why').fill('The gateway has its own way out');
    await sees.getByRole('button', { name: 'Say so' }).click();
    await section.getByRole('row', { name: /Squid, Berlin.*is not in it/ }).waitFor();
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(wide).toBeLessThanOrEqual(0);
    expect(await axeFindings(page)).toEqual([]);
  });

  test('reports are fetched with a credential, and it says when they came, and what went wrong with which', async () => {
    const { page, api, complaints } = await open({ path: '/vendors/openai' });
    const section = page.getByRole('region', { name: 'Coverage' });
    await section.getByText('Its reports are not fetched', { exact: false }).waitFor();
    await section.getByRole('button', { name: 'Fetch reports' }).click();
    const sheet = page.getByRole('dialog', { name: 'Fetch reports of use from openai' });
    await sheet.getByText('to api.openai.com alone', { exact: false }).waitFor();
    await sheet.getByLabel('Admin credential').fill('made-up-admin-credential');
    await sheet.getByLabel('How often').selectOption('every 6 hours');
    await sheet.getByLabel('Why').fill('Coverage is wanted');
    expect(await axeFindings(page)).toEqual([]);
    await sheet.getByRole('button', { name: 'Fetch reports' }).click();
    await sheet.waitFor({ state: 'detached' });
    expect(api.writes.at(-1)).toMatchObject({
      path: '/coverage/openai/fetching',
      body: { value: 'made-up-admin-credential', account: '', everyHours: 6 },
    });
    // What was typed is kept nowhere.
    expect(await page.evaluate(() => JSON.stringify({ ...sessionStorage, ...localStorage }))).not.toContain(
      'made-up-admin-credential',
    );
    const table = section.getByRole('table', { name: 'Fetched from the vendor' });
    const row = table.getByRole('row', { name: /the only one.*every 6 hours/ });
    await row.getByText('costs: The credential may not read this report (403).').waitFor();
    await row.getByRole('button', { name: 'Fetch now' }).click();
    const now = page.getByRole('dialog', { name: 'Fetch reports now' });
    await now.getByLabel('Why').fill('A look before the audit');
    await now.getByRole('button', { name: 'Fetch now' }).click();
    await table.getByText('being fetched').waitFor();
    await row.getByRole('button', { name: 'Erase' }).click();
    const erase = page.getByRole('dialog', { name: 'Erase the credential' });
    await erase.getByLabel('Why').fill('The key is revoked');
    await erase.getByRole('button', { name: 'Erase it' }).click();
    await section.getByText('Its reports are not fetched', { exact: false }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test('of a vendor whose reports can’t be fetched nothing is offered', async () => {
    const { page } = await open({ path: '/vendors/mixpanel' });
    await page
      .getByRole('region', { name: 'Coverage' })
      .getByText('Nothing was compared yet', { exact: false })
      .waitFor();
    expect(await page.getByRole('button', { name: 'Fetch reports' }).count()).toBe(0);
  });
});
