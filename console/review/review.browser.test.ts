import { axeFindings, describeInBrowser, expect, test } from '../testing/browser.ts';

describeInBrowser('fields to review', (open) => {
  test('several are decided at once, with what it covers said before', async () => {
    const { page, api } = await open({ path: '/review?vendor=mixpanel' });
    await page.getByRole('checkbox', { name: 'Choose plan_tier' }).check();
    await page.getByRole('checkbox', { name: 'Choose cart_size' }).press('Space');
    await page.getByRole('button', { name: 'Decide about 2 names' }).click();
    const sheet = page.getByRole('dialog', { name: '2 names at once' });
    await sheet.getByText('On Mixpanel EU the vendor gets plan_tier, cart_size passed').waitFor();
    await sheet.getByText('such as properties.cart_size, $set.cart_size').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await sheet.getByLabel('Treatment').selectOption({ label: 'Drop' });
    await sheet.getByText('On Mixpanel EU the vendor does not get plan_tier, cart_size.').waitFor();
    await sheet.getByLabel(/On every connection of the vendor/).check();
    await sheet.getByLabel('Why').fill('Nobody needs them');
    await sheet.getByRole('button', { name: 'Decide' }).click();
    await page.getByRole('heading', { level: 1, name: /^4 names/ }).waitFor();
    expect(api.writes.findLast((one) => one.path !== '/review/coverage')).toMatchObject({
      path: '/review/decisions',
      body: { decision: 'allow', everywhere: true, treatment: { do: 'drop' }, reason: 'Nobody needs them' },
    });
    await expect
      .poll(() => page.getByRole('button', { name: /Choose names to decide/ }).isDisabled())
      .toBe(true);
  });

  test('what is shown as the treatment is what is decided, also after another kind was chosen', async () => {
    const { page, api } = await open({ path: '/review' });
    await page.getByRole('link', { name: 'plan_tier' }).click();
    const sheet = page.getByRole('dialog');
    await sheet.getByLabel('Kind of data').selectOption('network.ip');
    await sheet.getByLabel('Treatment').selectOption('generalise:network');
    await sheet.getByLabel('Kind of data').selectOption('event.property');
    await expect.poll(() => sheet.getByLabel('Treatment').inputValue()).toBe('pseudonymise');
    await sheet.getByRole('button', { name: 'Decide' }).click();
    await sheet.waitFor({ state: 'detached' });
    expect(api.writes.findLast((one) => one.path === '/review/decisions')).toMatchObject({
      body: { class: 'event.property', treatment: { do: 'pseudonymise' } },
    });
  });

  test('with a hidden one among them they can only be kept, and filters stay in the address', async () => {
    const { page } = await open({ path: '/review' });
    await page.getByLabel('App').selectOption({ label: 'support-desk' });
    await page.getByRole('heading', { level: 1, name: /^3 names/ }).waitFor();
    expect(new URL(page.url()).searchParams.get('app')).toBe('app_2');
    await page.getByRole('checkbox', { name: /Choose hidden/ }).check();
    await page.getByRole('button', { name: 'Decide about 1 name' }).click();
    const sheet = page.getByRole('dialog');
    await sheet.getByText(/Some of them are hidden/).waitFor();
    await expect.poll(() => sheet.getByRole('radio', { name: /Allow/ }).count()).toBe(0);
    await sheet.getByText(/The rules for the unknown stay/).waitFor();
  });

  test('where none fits the filters, it is not said that none waits', async () => {
    const { page } = await open({ path: '/review?vendor=openai' });
    await page.getByRole('heading', { level: 1, name: 'No name that waits fits these filters' }).waitFor();
    await page.getByRole('link', { name: 'Clear filters' }).click();
    await page.getByRole('heading', { level: 1, name: /^6 names/ }).waitFor();
  });
});
