import { axeFindings, describeInBrowser, expect, test } from '../testing/browser.ts';

describeInBrowser('the privacy of an app', (open) => {
  test('kinds of data by day: a bar and a number open the crossings behind them', async () => {
    const { page, complaints } = await open({ path: '/apps/app_1' });
    await page.getByRole('link', { name: 'What its prompts carry' }).click();
    await page
      .getByRole('heading', { level: 1, name: /web-shop carried 4 kinds of data in 30 days/ })
      .waitFor();
    await page
      .getByText(/Free text of 540 crossings to .+ was not, or not all day, looked through/)
      .waitFor();
    const bars = page.getByRole('table', { name: 'Kinds of data, by day' });
    const email = bars.getByRole('link', { name: /^E-mail address, .+: \d+ tokenised$/ });
    expect(await email.count()).toBeGreaterThan(5);
    expect(await bars.getByText('nothing crossed').count()).toBe(4);
    expect(await bars.getByText('free text was not looked through').count()).toBe(4);
    expect(await axeFindings(page)).toEqual([]);
    await page.getByLabel('Range').selectOption('7');
    await page.getByRole('heading', { level: 1, name: /in 7 days/ }).waitFor();
    await page
      .getByRole('table', { name: 'The same as a table' })
      .getByRole('link', { name: /crossings that carried E-mail address on/ })
      .first()
      .click();
    await page.waitForURL(/\/crossings\?/);
    const asked = new URL(page.url()).searchParams;
    expect(Object.fromEntries(asked)).toMatchObject({
      app: 'app_1',
      class: 'person.email',
      treatment: 'tokenise',
    });
    expect(Date.parse(asked.get('to') ?? '') - Date.parse(asked.get('from') ?? '')).toBe(86_400_000);
    expect(complaints).toEqual([]);
  });
});
