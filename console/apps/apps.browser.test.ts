import { axeFindings, describeInBrowser, expect, test } from '../testing/browser.ts';

describeInBrowser('a virtual key', (open) => {
  test('is rolled by keyboard: the new one is shown once, the old one says when it ends', async () => {
    const { page, api } = await open({ path: '/apps/app_1' });
    const keys = page.getByRole('table', { name: 'Virtual keys' });
    const menu = keys.getByRole('button', { name: /^Change key/ }).first();
    await menu.focus();
    await page.keyboard.press('Enter');
    await page.locator('[role=menuitem]:focus').waitFor();
    await page.keyboard.press('ArrowDown');
    await page.locator('[role=menuitem]:focus', { hasText: 'Roll' }).waitFor();
    await page.keyboard.press('Enter');
    const sheet = page.getByRole('dialog');
    await sheet.getByRole('heading', { name: 'Roll a key of web-shop' }).waitFor();
    expect(new URL(page.url()).searchParams.get('act')).toBe('roll');
    expect(await axeFindings(page)).toEqual([]);
    await sheet.getByRole('radio', { name: 'A week more' }).check();
    await sheet.getByText(/^It ends at \d{4}-/).waitFor();
    await sheet.getByLabel('Why').fill('Quarterly');
    await sheet.getByRole('button', { name: 'Make the new key' }).click();
    await sheet.getByText(/^dbk_/).waitFor();
    expect(api.writes.at(-1)).toMatchObject({ body: { overlapHours: 168, reason: 'Quarterly' } });
    await sheet.getByRole('button', { name: 'I have copied it' }).click();
    await keys.getByText(/^ends in [67] days$/).waitFor();
    await keys.getByText('(follows)').waitFor();
    expect(await page.content()).not.toContain('a'.repeat(40));
  });

  test('is bound to other connections, saying what comes and what goes', async () => {
    const { page, api } = await open({ path: '/apps' });
    await page
      .getByRole('button', { name: /^Change key/ })
      .first()
      .click();
    await page.getByRole('menuitem', { name: 'Bind to connections' }).click();
    const sheet = page.getByRole('dialog');
    const submit = sheet.getByRole('button', { name: 'Bind the key' });
    await expect.poll(() => submit.isDisabled()).toBe(true);
    await sheet.getByRole('checkbox', { name: 'OpenAI API' }).check();
    await sheet.getByText('From now on it may also use OpenAI API.').waitFor();
    await sheet.getByRole('checkbox', { name: 'Mixpanel EU' }).uncheck();
    await sheet.getByText(/its requests to Mixpanel EU are refused/).waitFor();
    await page.reload();
    await sheet.getByText(/its requests to Mixpanel EU are refused/).waitFor();
    await sheet.getByLabel('Why').fill('It moved');
    await submit.click();
    await sheet.waitFor({ state: 'detached' });
    expect(api.writes.at(-1)).toMatchObject({
      method: 'PUT',
      body: { connections: ['openai'], reason: 'It moved' },
    });
  });

  test('gets limits a day, which are kept when it is changed again', async () => {
    const { page, api } = await open({ path: '/apps/app_1' });
    const keys = page.getByRole('table', { name: 'Virtual keys' });
    const openLimits = async () => {
      await keys
        .getByRole('button', { name: /^Change key/ })
        .first()
        .click();
      await page.getByRole('menuitem', { name: 'Change its limits' }).click();
    };
    await openLimits();
    const sheet = page.getByRole('dialog', { name: 'What a key of web-shop may use in a time' });
    await sheet.getByLabel('Requests a minute, at most').fill('60');
    await sheet.getByLabel('Requests a day').fill('1200');
    await sheet.getByLabel('Money a day').fill('2.50');
    await sheet.getByLabel('Currency').fill('eur');
    await sheet.getByLabel('Why').fill('It costs too much');
    expect(await axeFindings(page)).toEqual([]);
    await sheet.getByRole('button', { name: 'Change the limits' }).click();
    await sheet.waitFor({ state: 'detached' });
    const money = { micros: 2_500_000, currency: 'EUR' };
    expect(api.writes.at(-1)).toMatchObject({
      method: 'PATCH',
      body: { perMinute: 60, perDay: { requests: 1200, tokens: null, money } },
    });
    await keys.getByText(/60\/min, 1,200 requests\/day, 2\.5 EUR\/day/).waitFor();
    await openLimits();
    await expect.poll(() => sheet.getByLabel('Money a day').inputValue()).toBe('2.5');
    await expect.poll(() => sheet.getByLabel('Currency').inputValue()).toBe('EUR');
    await sheet.getByLabel('Requests a day').fill('');
    await sheet.getByLabel('Money a day').fill('');
    await sheet.getByLabel('Why').fill('Not any more');
    await sheet.getByRole('button', { name: 'Change the limits' }).click();
    await sheet.waitFor({ state: 'detached' });
    expect(api.writes.at(-1)).toMatchObject({ body: { perMinute: 60, perDay: null } });
  });

  test('says before it is revoked how much it is used', async () => {
    const { page } = await open({ path: '/apps?sort=crossings.desc' });
    await page
      .getByRole('button', { name: /^Change key/ })
      .first()
      .click();
    await page.getByRole('menuitem', { name: 'Revoke' }).click();
    await page
      .getByRole('dialog')
      .getByText(/It was last used .*: 9,120 crossings in 24 h\./)
      .waitFor();
  });
});

describeInBrowser('an app', (open) => {
  test('is not said to be none while its keys are read', async () => {
    const { page, api } = await open({ path: '/settings' });
    api.trouble.set('/keys', { delay: 4_000 });
    await page.goto(`${api.origin}/apps/app_1`);
    await page.getByRole('heading', { level: 1, name: 'web-shop', exact: true }).waitFor();
    await page.getByRole('heading', { level: 1, name: /^web-shop holds/ }).waitFor();
    await page.goto(`${api.origin}/apps/nobody`);
    await page.getByRole('heading', { level: 1, name: 'There is no such app' }).waitFor();
  });

  test('of which all was refused sent to no vendor', async () => {
    const { page, api } = await open({ path: '/settings' });
    for (const row of api.world.crossings) row.decision = 'refused';
    await page.goto(`${api.origin}/apps/app_1`);
    await page.getByRole('heading', { level: 1, name: /and sent to 0 vendors$/ }).waitFor();
  });

  test('is renamed, and each number of its page opens the crossings behind it', async () => {
    const { page } = await open({ path: '/apps/app_1' });
    await page.getByRole('button', { name: 'Rename' }).click();
    const sheet = page.getByRole('dialog');
    await sheet.getByLabel('Name').fill('storefront');
    await sheet.getByLabel('Why').fill('The team renamed it');
    await sheet.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { level: 1, name: /^storefront holds/ }).waitFor();
    const row = page.getByRole('table', { name: 'Where requests went' }).getByRole('row').nth(1);
    await row.getByRole('link').nth(2).click();
    await page.getByRole('heading', { level: 1, name: /What crossed/ }).waitFor();
    expect(new URL(page.url()).searchParams.get('app')).toBe('app_1');
    const endpoint = new URL(page.url()).searchParams.get('endpoint');
    await page.getByRole('button', { name: `Endpoint ${endpoint}` }).click();
    await expect.poll(() => new URL(page.url()).searchParams.get('endpoint')).toBeNull();
    expect(endpoint).not.toBeNull();
  });
});
