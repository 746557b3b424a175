import { axeFindings, describeInBrowser, expect, test } from '../testing/browser.ts';

describeInBrowser('egress', (open) => {
  test('unknown hosts come first, what enforcing would do is said, and a host is allowed from its row', async () => {
    const { page, api, complaints } = await open({ path: '/egress' });
    await page
      .getByRole('heading', { level: 1, name: 'Apps talked to 4 hosts in the last 7 days' })
      .waitFor();
    await page
      .getByText(/In enforce, 2 hosts that 2 apps used in the last 7 days would be refused/)
      .waitFor();
    const table = page.getByRole('table', { name: 'Hosts that apps talk to' });
    await expect
      .poll(() =>
        table
          .getByText(/example$|com$/)
          .first()
          .textContent(),
      )
      .toBe('beacon.quokka-metrics.example');
    expect(await axeFindings(page)).toEqual([]);
    await table.getByRole('button', { name: 'Allow beacon.quokka-metrics.example' }).click();
    await page.getByRole('dialog').getByLabel('Why').fill('Our own metrics');
    expect(await axeFindings(page)).toEqual([]);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText(/In enforce, 1 host that/).waitFor();
    expect(api.writes.at(-1)).toMatchObject({
      method: 'POST',
      path: '/egress/listed-hosts',
      body: { host: 'beacon.quokka-metrics.example', list: 'allow', reason: 'Our own metrics' },
    });
    expect(complaints).toEqual([]);
  });

  test('the mode is changed with its consequence in sight, based on the version that was seen', async () => {
    const { page, api } = await open({ path: '/egress?act=mode' });
    const sheet = page.getByRole('dialog');
    await sheet.getByText(/In enforce, 2 hosts that 2 apps/).waitFor();
    await sheet.getByRole('radio', { name: /Enforce/ }).check();
    await sheet.getByLabel('Why').fill('The lists are complete');
    await sheet.getByRole('button', { name: 'Save' }).click();
    await sheet.waitFor({ state: 'detached' });
    expect(api.writes.at(-1)).toMatchObject({ method: 'PATCH', body: { basedOn: 3, mode: 'enforce' } });
  });

  test('before the first host it says how an app is pointed at it', async () => {
    const { page } = await open({ path: '/egress', empty: true });
    await page.getByRole('heading', { level: 1, name: 'No app uses the egress proxy yet' }).waitFor();
    await page.getByText(/export HTTPS_PROXY=http:/).waitFor();
    expect(await axeFindings(page)).toEqual([]);
  });
});
