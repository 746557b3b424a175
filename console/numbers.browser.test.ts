import type { Page } from 'playwright-core';
import { describeInBrowser, expect, test } from './testing/browser.ts';

const heading = (page: Page, name: RegExp) => page.getByRole('heading', { level: 1, name });

/** "12,345 rows." as a number, once all of them are read. */
async function rowsShown(page: Page): Promise<number> {
  const status = page.getByText(/^[\d,]+ rows?\.$/);
  while (!(await status.isVisible())) {
    await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
  }
  return Number((await status.textContent())?.replace(/\D/g, ''));
}

const numberIn = (text: string | null): number => Number(text?.replace(/\D/g, ''));

describeInBrowser('a number and the list it opens agree', (open) => {
  test('crossings of the last 24 hours, of all vendors and of one, refused and not', async () => {
    const { page, api } = await open({ path: '/', crossings: 4500 });
    await heading(page, /2 vendors hold data/).waitFor();
    const lead = (await page.getByText(/In the last 24 hours/).textContent()) ?? '';
    const [, crossed, refused] =
      /24 hours ([\d,]+) requests crossed and ([\d,]+) were refused/.exec(lead) ?? [];
    const facts = page.getByRole('region', { name: 'How Drawbridge stands' });
    await expect.poll(() => facts.getByRole('link').first().textContent()).toBe(crossed);
    await facts.getByRole('link', { name: refused ?? '', exact: true }).click();
    await heading(page, /What was refused/).waitFor();
    expect(await rowsShown(page)).toBe(numberIn(refused ?? null));
    expect(new URL(page.url()).searchParams.get('from')).toMatch(/:00\.000Z$/);
    await page.getByLabel(/^From, \d\d:\d\d UTC$/).waitFor();

    await page.goto(`${api.origin}/vendors`);
    const row = page.getByRole('row').filter({ hasText: 'OpenAI' });
    const link = row.getByRole('link').nth(3);
    const all = numberIn(await link.textContent());
    await link.click();
    await page.getByRole('table', { name: 'Crossings' }).waitFor();
    expect(await rowsShown(page)).toBe(all);
  });

  test('people and organisations of whom a vendor holds data', async () => {
    const { page } = await open({ path: '/vendors' });
    await page.getByRole('row').filter({ hasText: 'OpenAI' }).getByRole('link', { name: '318' }).click();
    await heading(page, /^Whose data OpenAI holds$/).waitFor();
    expect(await rowsShown(page)).toBe(318);
    await page.getByText('These rows are about 318 people').waitFor();
    await expect.poll(() => page.getByRole('cell', { name: /dropped|refused|organisation/ }).count()).toBe(0);
    await page.getByRole('link', { name: 'All that OpenAI holds' }).click();
    await page.goto(page.url().replace(/vendors\/.*/, 'vendors/mixpanel'));
    await page.getByRole('link', { name: '86 organisations' }).click();
    await page.getByText('These rows are about 86 organisations').waitFor();
    await page.getByLabel('Rows').selectOption('');
    await heading(page, /^Whose data crossed to Mixpanel, or was kept from it$/).waitFor();
  });

  test('a holding’s crossings are those in which the kind of data met that treatment', async () => {
    const { page } = await open({ path: '/vendors/mixpanel' });
    const row = page.getByRole('table', { name: 'Holdings' }).getByRole('row').filter({ hasText: 'Country' });
    await row.getByRole('link').nth(2).click();
    await heading(page, /What crossed/).waitFor();
    const { searchParams } = new URL(page.url());
    expect(Object.fromEntries(searchParams)).toEqual({
      vendor: 'mixpanel',
      class: 'geo.country',
      treatment: 'generalise',
    });
  });

  test('where nobody’s data crossed like this, an example and a way on', async () => {
    const { page } = await open({ path: '/vendors/mixpanel/exposures?class=person.phone' });
    await page.getByText('An example, made up').waitFor();
    await page.getByRole('main').getByRole('link', { name: 'All that Mixpanel holds' }).last().click();
    await heading(page, /Mixpanel holds/).waitFor();
  });
});

describeInBrowser('the replay', (open) => {
  test('sums up what of a distribution it does not list', async () => {
    const { page } = await open({ path: '/replay' });
    const country = page.getByRole('table', { name: 'Country' });
    await country.getByRole('row', { name: '2 other values 40' }).waitFor();
    await expect.poll(() => country.getByRole('row').count()).toBe(9);
  });
});

describeInBrowser('tables that can’t be read to their end', (open) => {
  const broken = {
    status: 500,
    body: { title: 'Something failed here', status: 500, code: 'internal', detail: 'Report the request id.' },
  };

  test('a next page that fails is said once, and read again when asked', async () => {
    const { page, api } = await open({ path: '/crossings' });
    await page.getByText('First 200 rows').waitFor();
    api.trouble.set('/crossings', broken);
    let asked = 0;
    page.on('request', (request) => {
      if (request.url().includes('/api/v1/crossings')) asked += 1;
    });
    await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
    const alert = page.getByRole('alert').filter({ hasText: 'Report the request id.' });
    await alert.waitFor();
    await page.waitForTimeout(1000);
    expect(asked).toBe(1);
    api.trouble.clear();
    await alert.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('First 400 rows').waitFor();
    await alert.waitFor({ state: 'detached' });
  });

  test('an older answer is said to be one, with the reason', async () => {
    const { page, api } = await open({ path: '/apps' });
    await heading(page, /3 apps/).waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    api.trouble.set('/keys', broken);
    api.tell('keys');
    await page.getByText(/What you see is from before.*Report the request id/).waitFor();
    api.trouble.clear();
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText(/What you see is from before/).waitFor({ state: 'detached' });
  });
});

describeInBrowser('the heat map', (open) => {
  test('is entered by Tab although nothing crossed today, and arrows skip empty days', async () => {
    const { page, api } = await open();
    const { heat, days } = api.world;
    const shown = new Set([days[3], days[10], days[20]]);
    heat.set(
      'mixpanel',
      (heat.get('mixpanel') ?? []).filter((cell) => shown.has(cell.day)),
    );
    await page.goto(`${api.origin}/vendors/mixpanel`);
    const table = page.getByRole('table', { name: /When it got what/ });
    await table.waitFor();
    await expect.poll(() => table.locator('a[tabindex="0"]').count()).toBe(1);
    await table.locator('a[tabindex="0"]').focus();
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Tab');
    const focused = page.locator(':focus');
    await expect.poll(() => focused.getAttribute('data-cell')).toBe('0-20');
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => focused.getAttribute('data-cell')).toBe('0-10');
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => focused.getAttribute('data-cell')).toBe('1-10');
  });
});
