import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { buildConsole } from '../build.ts';
import { axeFindings, describeInBrowser, expect, test } from '../testing/browser.ts';
import { makeFakeResidency } from '../testing/fake-residency.ts';

describeInBrowser('where vendors are', (open) => {
  test('the map has its content as a table; what is no country stands beside it', async () => {
    const { page, complaints } = await open({ path: '/world' });
    const map = page.getByRole('img', { name: /Map of the world with 5 countries marked/ });
    await map.waitFor();
    const rows = page.getByRole('table', { name: 'Places' });
    await rows.getByRole('row', { name: /European Union.*1 contradicts.*1 consistent/ }).waitFor();
    await rows.getByRole('row', { name: /Edge network/ }).waitFor();
    const beside = page.getByRole('region', { name: 'Map', exact: true }).getByRole('listitem');
    for (const text of [
      'European Union',
      'Edge network: answers near the caller',
      'Unknown',
      'Singapore: too small for this map',
    ])
      await beside.filter({ hasText: text }).first().waitFor();
    // Marks: the United States, Germany, France, China, Japan; Singapore and what is no country are none of them.
    expect(await map.locator('g').count()).toBe(5);
    const against = page.getByRole('table', { name: 'Contradictions' });
    const crossing = against
      .getByRole('row', { name: /Mixpanel.*European Union.*United States/ })
      .getByRole('link')
      .nth(1);
    expect(await crossing.getAttribute('href')).toContain('/crossings/0199c0de');
    await rows.getByRole('link', { name: 'Mixpanel' }).first().click();
    await page.waitForURL(/\/vendors\/mixpanel/);
    expect(complaints).toEqual([]);
  });

  test('the framework is switched off with the keyboard alone, and the flows that fall are listed', async () => {
    const { page } = await open({ path: '/world' });
    const choice = page.getByLabel('Switch off');
    await choice.focus();
    await page.keyboard.type('the EU');
    await page.getByText('4 flows at 2 vendors: 3 have nothing else to rest on.').waitFor();
    expect(page.url()).toContain('falls=dpf');
    await page.getByText('It is challenged: An appeal is pending').waitFor();
    const flows = page.getByRole('table', { name: 'Affected flows' });
    await flows.getByRole('row', { name: /Mixpanel.*support access.*clauses, as declared/ }).waitFor();
    await flows.getByRole('row', { name: /OpenAI.*endpoint.*observed.*nothing/ }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
  });

  test('it is said where we are, with a reason', async () => {
    const { page, api } = await open({ path: '/world' });
    await page.getByRole('button', { name: 'We are in: Germany' }).click();
    const sheet = page.getByRole('dialog', { name: 'Say where we are' });
    await sheet.getByLabel('Country').selectOption('France');
    await sheet.getByLabel('Why').fill('The seat is in Paris');
    await sheet.getByRole('button', { name: 'Say where we are' }).click();
    await page.getByRole('button', { name: 'We are in: France' }).waitFor();
    expect(api.writes.at(-1)?.body).toMatchObject({ country: 'FR' });
  });

  test('sixty vendors, on a phone and in the dark: nothing is wider than the page, and axe finds nothing', async () => {
    for (const [width, theme] of [
      [1280, 'light'],
      [390, 'dark'],
    ] as const) {
      const { page, api } = await open({ width, theme });
      api.residency.wheres = makeFakeResidency(false, true).wheres;
      await page.goto(`${api.origin}/world?falls=dpf`);
      await page.getByRole('row', { name: /India/ }).waitFor();
      await page.getByRole('table', { name: 'Affected flows' }).waitFor();
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(wide).toBeLessThanOrEqual(0);
      expect(await axeFindings(page)).toEqual([]);
    }
  });

  test('a vendor’s page holds what was declared against what was seen, and opens the crossing', async () => {
    const { page } = await open({ path: '/vendors/openai' });
    const section = page.getByRole('region', { name: 'Where it keeps data' });
    await section.getByRole('row', { name: /processing.*United States.*consistent.*DPF/ }).waitFor();
    const link = section.getByRole('row', { name: /api.openai.com/ }).getByRole('link');
    expect(await link.getAttribute('href')).toContain('/crossings/0199c0de');
    expect(await axeFindings(page)).toEqual([]);
  });

  test('what a contract says is declared on the vendor’s page, with its bases, source and day', async () => {
    const { page, api } = await open({ path: '/vendors/mixpanel?declare=true' });
    const sheet = page.getByRole('dialog', { name: 'Declare where it keeps data' });
    await sheet.getByLabel('What', { exact: true }).selectOption('backup');
    await sheet.getByLabel('Where', { exact: true }).fill('US');
    await sheet.getByLabel('Kind of data').selectOption('E-mail address');
    await sheet.getByLabel('EU-US Data Privacy Framework').selectOption('certified');
    await sheet.getByLabel('Standard contractual clauses, modules').fill('2, 3');
    await sheet.getByLabel('Transfer assessed on').fill('2026-01-15');
    await sheet.getByLabel('Source').fill('DPA, annex 2');
    await sheet.getByLabel('Read on').fill('2026-11-20');
    await sheet.getByLabel('Why').fill('The contract was renewed');
    expect(await axeFindings(page)).toEqual([]);
    await sheet.getByRole('button', { name: 'Declare it' }).click();
    await page.getByRole('row', { name: /backup.*United States.*DPA, annex 2/ }).waitFor();
    expect(api.writes.at(-1)?.body).toEqual({
      vendor: 'mixpanel',
      kind: 'backup',
      place: 'US',
      class: 'person.email',
      bases: [
        { kind: 'dpf', certified: true, active: null, coversHr: null },
        { kind: 'scc', modules: [2, 3], assessedOn: '2026-01-15' },
      ],
      conditions: {},
      source: 'DPA, annex 2',
      asOf: '2026-11-20',
      reason: 'The contract was renewed',
    });
  });

  test('a connection is held to a region, and let go again', async () => {
    const { page, api } = await open({ path: '/vendors/mixpanel' });
    const section = page.getByRole('region', { name: 'Where it keeps data' });
    const change = section.getByRole('button', { name: /^Change where .* has to be$/ });
    await change.first().click();
    const sheet = page.getByRole('dialog');
    await sheet.getByLabel('Has to be in').selectOption('European Union');
    await sheet.getByLabel('Why').fill('The contract says EU');
    await sheet.getByRole('button', { name: 'Hold it to that' }).click();
    await section.getByText(/has to be in EU, and api.mixpanel.com is in US.*api-eu.mixpanel.com/).waitFor();
    expect(api.writes.at(-1)?.body).toEqual({ place: 'EU', reason: 'The contract says EU' });
    await change.first().click();
    await sheet.getByLabel('Has to be in').selectOption('anywhere');
    await sheet.getByLabel('Why').fill('Another contract');
    await sheet.getByRole('button', { name: 'Hold it to that' }).click();
    await section.getByText('may be anywhere').first().waitFor();
  });

  test('the overview tells contradictions, and leads to the page', async () => {
    const { page } = await open({ path: '/' });
    const told = page.getByText(/1 statement of where data is kept is contradicted/);
    await told.getByRole('link', { name: 'World' }).click();
    await page.waitForURL(/\/world/);
  });

  test('the map is loaded with its page alone, and what is loaded first stays below 200 kB', async () => {
    const dist = await buildConsole();
    const html = await readFile(join(dist, 'index.html'), 'utf8');
    const first = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map((match) => match[1] ?? '');
    const sizes = await Promise.all(
      first.map(async (file) => gzipSync(await readFile(join(dist, file))).length),
    );
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(200_000);
    const all = (await readdir(join(dist, 'assets'))).filter((name) => name.endsWith('.js'));
    const withMap: string[] = [];
    for (const name of all) {
      const path = join(dist, 'assets', name);
      if ((await stat(path)).size > 80_000 && (await readFile(path, 'utf8')).includes('Antarctica'))
        withMap.push(name);
    }
    expect(withMap).toHaveLength(1);
    expect(first.some((file) => withMap.some((name) => file.endsWith(name)))).toBe(false);
  });
});
