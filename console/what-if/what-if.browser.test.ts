import { axeFindings, describeInBrowser, expect, test } from '../testing/browser.ts';

describeInBrowser('what a breach at a vendor touches', (open) => {
  test('is one click from the list and from a vendor, says what is unknown first, and its numbers open their rows', async () => {
    const { page, complaints } = await open({ path: '/what-if' });
    // Of whom nothing was seen no figure is zero.
    const paper = page
      .getByRole('table', { name: 'Vendors by what a breach would bring' })
      .getByRole('row', { name: /Acme Mail/ });
    await paper.getByText('? unknown').first().waitFor();
    expect(await paper.getByText('? unknown').count()).toBe(4);
    await page.getByRole('link', { name: 'Mixpanel' }).click();
    await page.getByRole('heading', { name: /If Mixpanel is breached, 1,204 people/ }).waitFor();
    const unknown = page.getByRole('region', { name: 'What is not known' });
    await unknown.getByText('no proof of deletion is kept').waitFor();
    const groups = page.getByRole('table', { name: 'Groups of people' });
    await groups.getByRole('row', { name: /E-mail address, City \(coarse\).*1,180.*73/ }).waitFor();
    const data = page.getByRole('table', { name: 'Data it may hold' });
    await data.getByRole('row', { name: /Our account or project id.*inferred.*OpenAI/ }).waitFor();
    await data.getByRole('row', { name: /Phone number.*unknown.*declared/ }).waitFor();
    const workflows = page.getByRole('table', { name: 'Workflows that name it' });
    await workflows.getByRole('row', { name: /Deploys.*workload.*observed/ }).waitFor();
    const pipeline = workflows.getByRole('row', { name: /release\.yml.*pipeline.*declared/ });
    expect(await pipeline.getByRole('link').getAttribute('href')).toMatch(/^\/discover\/runs\//);
    const number = data.getByRole('link', { name: '1,180' });
    expect(await number.getAttribute('href')).toContain('/vendors/mixpanel/exposures?class=person.email');
    await page.getByText('Mixpanel for Sheets').waitFor();
    await page.goto(`${new URL(page.url()).origin}/vendors/mixpanel`);
    await page.getByRole('main').getByRole('link', { name: 'What if' }).click();
    await page.waitForURL(/\/what-if\/mixpanel/);
    expect(complaints).toEqual([]);
  });

  test('people are counted by where they are and what they read; who says nothing is unknown', async () => {
    const { page } = await open({ path: '/what-if/mixpanel' });
    const table = page.getByRole('table', { name: 'People by country and language' });
    await table.getByRole('row', { name: 'Germany German 611' }).waitFor();
    await table.getByRole('row', { name: 'Switzerland unknown 40' }).waitFor();
    await table.getByRole('row', { name: 'unknown unknown 151' }).waitFor();
  });

  test('the window is chosen with the keyboard, lies in the address, and does not run backwards', async () => {
    const { page } = await open({ path: '/what-if/mixpanel' });
    await page.getByLabel('From').fill('2025-11-08');
    await page.getByLabel('To', { exact: true }).fill('2025-11-25');
    await page.keyboard.press('Enter');
    await page.waitForURL(/from=2025-11-08.*to=2025-11-25|to=2025-11-25.*from=2025-11-08/);
    await page.getByLabel('To', { exact: true }).fill('2025-11-01');
    await page.getByText('is later than the other day').waitFor();
    await page.getByRole('button', { name: 'Show' }).click();
    expect(page.url()).toContain('to=2025-11-25');
  });

  test('another vendor is never answered with the figures of the last one', async () => {
    const { page, api } = await open({ path: '/what-if/mixpanel' });
    await page.getByRole('heading', { level: 1, name: /If Mixpanel is breached/ }).waitFor();
    let answer = (): void => undefined;
    const asked = new Promise<void>((resolve) => {
      void page.route(/blast-radius\/google-cloud/, async (route) => {
        resolve();
        await new Promise<void>((go) => {
          answer = go;
        });
        await route.continue();
      });
    });
    await page.getByRole('link', { name: 'Google Cloud' }).click();
    await asked;
    await page.getByRole('heading', { level: 1, name: 'What if google-cloud' }).waitFor();
    expect(await page.getByText('1,204').count()).toBe(0);
    answer();
    await page.getByRole('alert').waitFor();
    expect(page.url()).toContain(`${api.origin}/what-if/google-cloud`);
  });

  test('a vendor without a record is not called unaffected; one that nobody knows is told', async () => {
    const { page, api } = await open({ path: '/what-if/acme-mail' });
    await page
      .getByRole('heading', { name: 'If Acme Mail is breached: no record in the traffic that we saw' })
      .waitFor();
    await page.getByText('That is no proof that Acme Mail holds nothing.').waitFor();
    await page.getByText('None were imported or seen. That is unknown, and not none.').waitFor();
    await page.goto(`${api.origin}/what-if/nobody-knows-it`);
    await page.getByRole('alert').getByText('There is no such vendor.').waitFor();
  });

  test('on a phone and in the dark nothing is wider than the page, and axe finds nothing', async () => {
    for (const [width, theme] of [
      [1280, 'light'],
      [390, 'dark'],
    ] as const) {
      const { page } = await open({ width, theme, path: '/what-if/mixpanel' });
      await page.getByRole('table', { name: 'Groups of people' }).waitFor();
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(wide).toBeLessThanOrEqual(0);
      expect(await axeFindings(page)).toEqual([]);
    }
  });
});
