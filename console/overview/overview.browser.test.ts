import { describeInBrowser, expect, test } from '../testing/browser.ts';

/** Pixels from the top of the window. */
const topOf = (part: import('playwright-core').Locator): Promise<number> =>
  part.evaluate((element) => element.getBoundingClientRect().top);

describeInBrowser('what the overview tells of vendors', (open) => {
  test('an agreement that runs out opens the agreements of its vendor', async () => {
    const { page } = await open({ path: '/' });
    const told = page.getByRole('region', { name: 'Agreements running out' });
    const line = told.getByRole('listitem').filter({ hasText: 'SCC' });
    await line.getByText(/^(?:until|ran out on) \d{4}-\d{2}-\d{2}$/).waitFor();
    await line.getByRole('link', { name: 'Mixpanel' }).press('Enter');
    await page.waitForURL(/\/vendors\/mixpanel#agreements/);
    const part = page.getByRole('region', { name: 'Agreements', exact: true });
    await part.getByText('SCC').first().waitFor();
    await expect.poll(() => topOf(part)).toBeLessThan(900);
  });

  test('vendors that nobody entered open the queue with as many as it says', async () => {
    const { page } = await open({ path: '/' });
    const told = page.getByRole('region', { name: 'Vendors that nobody entered' });
    const text = (await told.getByText(/were first seen this week/).textContent()) ?? '';
    const [, week, waiting] =
      /^([\d,]+) candidates were first seen this week; ([\d,]+) wait/.exec(text) ?? [];
    expect([week, waiting]).toEqual(['1,007', '1,007']);
    const fresh = await told.getByRole('link', { name: `${week} candidates` }).getAttribute('href');
    expect(fresh).toBe('/discover?fresh=week');
    await told.getByRole('link', { name: `${waiting} wait` }).press('Enter');
    await page
      .getByRole('heading', { level: 1, name: `${waiting} names in your evidence wait for a decision` })
      .waitFor();
  });

  test('contradictions open the list of them, as many as it says, each with what was seen', async () => {
    const { page } = await open({ path: '/' });
    const told = page.getByText('1 statement of where data is kept is contradicted', { exact: false });
    await told.getByRole('link', { name: 'World' }).press('Enter');
    await page.waitForURL(/\/world#contradictions/);
    const part = page.getByRole('region', { name: 'Contradictions' });
    await part.getByRole('row', { name: /Mixpanel.*○ European Union.*● United States/ }).waitFor();
    expect(await part.getByRole('row').count()).toBe(2);
    await expect.poll(() => topOf(part)).toBeLessThan(900);
  });

  test('where there is nothing, nothing is told', async () => {
    const { page, api } = await open();
    const answers = {
      '/agreements': { items: [] },
      '/discovery/summary': { open: 0, week: 0, sources: 1, lastRun: null },
      '/residency/world': { home: null, vendors: 1, contradictions: 0, places: [] },
    };
    for (const [path, body] of Object.entries(answers)) api.trouble.set(path, { status: 200, body });
    const arrived = Promise.all(
      Object.keys(answers).map((path) => page.waitForResponse(`${api.origin}/api/v1${path}`)),
    );
    await page.goto(api.origin);
    await page.getByRole('heading', { level: 1, name: /2 vendors hold data/ }).waitFor();
    await arrived;
    for (const name of ['Agreements running out', 'Vendors that nobody entered'])
      expect(await page.getByRole('region', { name }).count()).toBe(0);
    expect(await page.getByText('is contradicted', { exact: false }).count()).toBe(0);
  });
});
