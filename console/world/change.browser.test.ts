import { axeFindings, describeInBrowser, expect, test } from '../testing/browser.ts';

const SUPPORT = 'statement-mixpanel-support';

describeInBrowser('changing what was declared', (open) => {
  test('a statement gets another version, all of its bases in the form, and its versions are read', async () => {
    const { page, api, complaints } = await open({ path: '/vendors/mixpanel' });
    const section = page.getByRole('region', { name: 'Where it keeps data' });
    await section.getByRole('button', { name: 'Change: support access, United States' }).press('Enter');
    const sheet = page.getByRole('dialog', { name: 'Change a statement' });
    await sheet.getByText('This makes version 2.', { exact: false }).waitFor();
    expect(await sheet.getByLabel('EU-US Data Privacy Framework').inputValue()).toBe('yes');
    expect(await sheet.getByLabel('The certificate is active').inputValue()).toBe('yes');
    expect(await sheet.getByLabel('It covers data of staff').inputValue()).toBe('no');
    expect(await sheet.getByLabel('Standard contractual clauses, modules').inputValue()).toBe('2');
    await sheet.getByLabel('Where', { exact: true }).fill('IE');
    await sheet.getByLabel('Derogation, Art. 49(1)').selectOption('letter b');
    await sheet.getByLabel('Option').fill('EU support');
    await sheet.getByLabel('Why').fill('They opened an office in Dublin');
    expect(await axeFindings(page)).toEqual([]);
    await sheet.getByRole('button', { name: 'Make this version' }).click();
    await section.getByRole('row', { name: /support access.*EU support.*Ireland/ }).waitFor();
    expect(api.writes.at(-1)).toMatchObject({
      method: 'PUT',
      path: `/residency/statements/${SUPPORT}`,
      body: {
        basedOn: 1,
        vendor: 'mixpanel',
        kind: 'support',
        place: 'IE',
        bases: [
          { kind: 'dpf', certified: true, active: true, coversHr: false },
          { kind: 'scc', modules: [2], assessedOn: '2026-01-15' },
          { kind: 'derogation', letter: 'b' },
        ],
        conditions: { option: 'EU support' },
        reason: 'They opened an office in Dublin',
      },
    });
    await section.getByRole('button', { name: 'Versions: support access, Ireland, version 2' }).click();
    const versions = page.getByRole('dialog').getByRole('table', { name: 'Versions, the latest first' });
    await versions.getByRole('row', { name: /^2 ○ support access Ireland/ }).waitFor();
    await versions.getByRole('row', { name: /^1 ○ support access United States/ }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test('what somebody else changed meanwhile is a conflict, and nothing is overwritten', async () => {
    const { page, api } = await open({ path: `/vendors/mixpanel?act=restate&of=${SUPPORT}` });
    const sheet = page.getByRole('dialog', { name: 'Change a statement' });
    await sheet.getByLabel('Where', { exact: true }).fill('IE');
    await sheet.getByLabel('Why').fill('An office in Dublin');
    const support = api.residency.wheres
      .flatMap(({ statements }) => statements)
      .find(({ statement }) => statement.id === SUPPORT);
    if (support !== undefined) support.statement = { ...support.statement, version: 2, place: 'DE' };
    api.tell('residency');
    await page.getByRole('row', { name: /support access.*Germany/ }).waitFor();
    await sheet.getByRole('button', { name: 'Make this version' }).click();
    await sheet.getByText('version 2 holds', { exact: false }).waitFor();
    expect(support?.statement.place).toBe('DE');
  });

  test('a statement is withdrawn with a reason, having said what that means', async () => {
    const { page, api } = await open({ path: '/vendors/mixpanel' });
    const section = page.getByRole('region', { name: 'Where it keeps data' });
    await section.getByRole('button', { name: 'Withdraw: processing, European Union' }).click();
    const sheet = page.getByRole('dialog', { name: 'Withdraw a statement' });
    await sheet.getByText('That processing is in European Union holds no longer', { exact: false }).waitFor();
    await sheet.getByLabel('Why').fill('The contract ended');
    expect(await axeFindings(page)).toEqual([]);
    await sheet.getByRole('button', { name: 'Withdraw' }).click();
    await section.getByRole('row', { name: /processing/ }).waitFor({ state: 'detached' });
    expect(api.writes.at(-1)).toMatchObject({
      path: '/residency/statements/statement-mixpanel-processing/withdraw',
      body: { reason: 'The contract ended' },
    });
  });

  test('a contradiction leads to the form of its statement', async () => {
    const { page } = await open({ path: '/world' });
    await page.getByRole('link', { name: 'Change: Mixpanel, processing' }).click();
    const sheet = page.getByRole('dialog', { name: 'Change a statement' });
    expect(await sheet.getByLabel('Where', { exact: true }).inputValue()).toBe('EU');
  });
});

const table = (lines: readonly string[]) => ({
  name: 'ranges.txt',
  mimeType: 'text/plain',
  buffer: Buffer.from(
    [
      'drawbridge.ranges/1',
      `source aws 2026-11-20 ${'ab12'.repeat(16)} https://ip-ranges.amazonaws.com/ip-ranges.json`,
      'at aws:eu-west-2 aws eu-west-2',
      ...lines,
    ].join('\n'),
  ),
});

describeInBrowser('the table of networks', (open) => {
  test('says that there is none, names the line that is wrong, and takes one that is right', async () => {
    const { page, api, complaints } = await open({ path: '/world' });
    const section = page.getByRole('region', { name: 'Networks of providers' });
    await section.getByText('? No table was brought in', { exact: false }).waitFor();
    await section.getByText('scripts/ranges.ts ranges.txt', { exact: false }).waitFor();
    await section.getByRole('button', { name: 'Bring a table in' }).press('Enter');
    const sheet = page.getByRole('dialog', { name: 'Bring in a table of networks' });
    const file = sheet.getByLabel('Table that scripts/ranges.ts made');
    await file.setInputFiles(table(['192.0.2.0/24', '10.0.0.0/40x', '198.51.100.0/24']));
    await sheet.getByLabel('Why').fill('Lists of 20 November');
    await sheet.getByRole('button', { name: 'Bring it in' }).click();
    const wrong = sheet.getByRole('figure');
    await wrong.getByText('Line 5 of the file').waitFor();
    await expect
      .poll(() => wrong.getByRole('listitem').allTextContents())
      .toEqual(['4 192.0.2.0/24', '5 10.0.0.0/40x', '6 198.51.100.0/24']);
    expect(await axeFindings(page)).toEqual([]);
    await file.setInputFiles(table(['192.0.2.0/24', '198.51.100.0/24']));
    await wrong.waitFor({ state: 'detached' });
    await sheet.getByRole('button', { name: 'Bring it in' }).click();
    await sheet.getByText('In use: 2 networks of 1 list.').waitFor();
    expect(api.writes.at(-1)?.body).toMatchObject({ reason: 'Lists of 20 November' });
    await sheet.getByRole('button', { name: 'Close' }).click();
    await section.getByRole('row', { name: /1, in use.*aws, 2026-11-20.*Ada Example.*2/ }).waitFor();
    expect(complaints).toEqual([]);
  });

  test('says how far it is, and can be stopped', async () => {
    const { page, api } = await open({ path: '/world?act=ranges' });
    const sheet = page.getByRole('dialog', { name: 'Bring in a table of networks' });
    await sheet.getByLabel('Table that scripts/ranges.ts made').setInputFiles(table(['192.0.2.0/24']));
    await sheet.getByLabel('Why').fill('Lists of 20 November');
    api.trouble.set('/residency/ranges', { delay: 30_000 });
    await sheet.getByRole('button', { name: 'Bring it in' }).click();
    await sheet.getByText('It is read and checked').waitFor();
    await sheet.getByRole('button', { name: 'Stop' }).click();
    await sheet.getByText('It was stopped.', { exact: false }).waitFor();
  });

  test('more than a table may have is refused before it is sent', async () => {
    const { page, api } = await open({ path: '/world?act=ranges' });
    const sheet = page.getByRole('dialog', { name: 'Bring in a table of networks' });
    await sheet.getByLabel('Table that scripts/ranges.ts made').setInputFiles({
      name: 'ranges.txt',
      mimeType: 'text/plain',
      buffer: Buffer.alloc(3_500_001, '#'),
    });
    await sheet.getByLabel('Why').fill('Lists of 20 November');
    await sheet.getByRole('button', { name: 'Bring it in' }).click();
    await sheet.getByText('It has more than 3,500,000 characters', { exact: false }).waitFor();
    expect(api.writes.filter(({ path }) => path === '/residency/ranges')).toEqual([]);
  });
});
