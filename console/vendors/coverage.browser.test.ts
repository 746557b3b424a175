import { describeInBrowser, expect, test } from '../testing/browser.ts';

describeInBrowser('coverage in the list of vendors', (open) => {
  test('says what is seen or that it is unknown, opens the coverage, and unknown never sorts as good', async () => {
    const { page, complaints } = await open({ path: '/vendors' });
    const table = page.getByRole('table', { name: 'Vendors', exact: true });
    await table.getByRole('row', { name: /OpenAI.*● 91\.4 % to 99 %/ }).waitFor();
    await table.getByRole('row', { name: /Mixpanel.*\? unknown/ }).waitFor();
    const first = () => table.getByRole('row').nth(1).textContent();
    await table.getByRole('button', { name: 'Coverage' }).click();
    await page.waitForURL(/sort=coverage\.desc/);
    await expect.poll(first).toContain('OpenAI');
    await table.getByRole('button', { name: /Coverage/ }).click();
    await page.waitForURL(/sort=coverage\.asc/);
    await expect.poll(first).toContain('Mixpanel');
    await table.getByRole('link', { name: '● 91.4 % to 99 %' }).press('Enter');
    const part = page.getByRole('region', { name: 'Coverage' });
    await part.getByText(/We saw [\d.]+ % to 99 % of the requests/).waitFor();
    await expect
      .poll(() => part.evaluate((element) => Math.abs(element.getBoundingClientRect().top)))
      .toBeLessThan(200);
    expect(complaints).toEqual([]);
  });

  test('what could not be read is unknown, and says so', async () => {
    const { page, api } = await open();
    api.trouble.set('/coverage', {
      status: 500,
      body: { title: 'Something failed here', code: 'internal', detail: 'Report the request id.' },
    });
    await page.goto(`${api.origin}/vendors`);
    await page.getByText('Coverage could not be read, so that it is shown as unknown.').waitFor();
    await page
      .getByRole('row', { name: /OpenAI.*\? unknown/ })
      .first()
      .waitFor();
    api.trouble.clear();
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('row', { name: /OpenAI.*● 91\.4 % to 99 %/ }).waitFor();
  });
});
