import { axeFindings, describeInBrowser, expect, test } from '../testing/browser.ts';

describeInBrowser('the history of configurations', (open) => {
  test('goes from the list to a version and back to it, saying what happens before and after', async () => {
    const { page, api } = await open({ path: '/settings' });
    await page.getByRole('link', { name: 'Configuration history' }).click();
    await page
      .getByRole('table', { name: 'Configuration history' })
      .getByText('They were breached')
      .first()
      .waitFor();
    await page.getByRole('link', { name: '16', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'Configuration 16' }).waitFor();
    await page.getByText('was made, for Mixpanel EU').waitFor();
    await page.getByRole('button', { name: 'Go back to this version' }).click();

    const sheet = page.getByRole('dialog', { name: 'Go back to configuration 16' });
    await sheet.getByText('It is severed and stays severed.').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await sheet.getByLabel(/Open connections again/).check();
    await sheet.getByRole('region', { name: 'What is put back' }).getByText('It is opened').waitFor();
    await sheet.getByLabel('Why').fill('The new keys broke the shop');
    await sheet.getByRole('button', { name: 'Go back to 16' }).click();
    await sheet.getByText('The settings of configuration 16 are in force again.').waitFor();
    expect(api.writes.at(-1)).toMatchObject({
      path: '/snapshots/16/rollback',
      body: { basedOn: 17, reopen: true, reason: 'The new keys broke the shop' },
    });
    await sheet.getByText('It was revoked and stays so').waitFor();
    await page.keyboard.press('Escape');
    await sheet.waitFor({ state: 'detached' });
  });

  test('a gateway that refuses a version is named on the overview and in the settings, with the reason', async () => {
    const { page, api } = await open({ path: '/' });
    const [gateway] = api.world.gateways;
    if (gateway === undefined) throw new Error('the made-up world has no gateway');
    gateway.snapshotVersion = 16;
    gateway.refused = {
      version: 17,
      code: 'unreadable',
      field: 'vendor_secrets.mixpanel',
      text: 'A secret in it can not be opened with the key of this gateway.',
      since: new Date(Date.now() - 65_000).toISOString(),
    };
    api.tell('gateways');
    const attention = page.getByRole('region', { name: /a person/ });
    await attention
      .getByText(/gw-1 refuses configuration 17 since 1 min ago.*vendor_secrets\.mixpanel/)
      .waitFor();
    await attention.getByRole('link', { name: 'Gateways' }).click();
    const gateways = page.getByRole('region', { name: 'Gateways', exact: true });
    await gateways.getByText(/It serves on with version 16/).waitFor();
    await gateways.getByRole('cell', { name: 'version 17' }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
  });

  test('what a gateway says of itself is shown, a certificate that ends soon is said, and what it does not say is unknown', async () => {
    const { page, api } = await open({ path: '/connections/mixpanel_eu' });
    await page
      .getByText(/TLS, as CN=gateway\.example\.test; the certificate ends in \d+ (days|months)/)
      .waitFor();
    const [gateway] = api.world.gateways;
    if (gateway?.about?.tls == null) throw new Error('the made-up gateway has no certificate');
    gateway.about.workers.serving = 1;
    gateway.about.durability = 'written';
    gateway.about.tls.expiresAt = new Date(Date.now() + 3.5 * 86_400_000).toISOString();
    api.tell('gateways');
    await page.getByText(/the certificate ends in 3 days/).waitFor();
    await page.getByRole('link', { name: 'Gateways', exact: true }).click();
    const gateways = page.getByRole('region', { name: 'Gateways', exact: true });
    await gateways.getByText(/^The certificate of gateway gw-1 ends in 3 days\./).waitFor();
    const table = gateways.getByRole('table', { name: /^Workers/ });
    for (const said of ['1 of 2 serve', 'CN=gateway.example.test', 'issued by CN=Made-up CA']) {
      await table.getByText(said).waitFor();
    }
    await table.getByRole('cell', { name: /not a power failure$/ }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
    gateway.about = null;
    api.tell('gateways');
    await table.getByRole('cell', { name: 'unknown' }).nth(3).waitFor();
    await gateways.getByText(/^The certificate/).waitFor({ state: 'detached' });
  });
});
