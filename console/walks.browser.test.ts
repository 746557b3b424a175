import type { Page } from 'playwright-core';
import { axeFindings, describeInBrowser, expect, test } from './testing/browser.ts';
import { sendFirstCrossing } from './testing/fake-routes.ts';

const heading = (page: Page, name: RegExp) => page.getByRole('heading', { level: 1, name });

describeInBrowser('connecting', (open) => {
  test('from nothing to the first request, seen by kinds and never by values', async () => {
    const { page, api, complaints } = await open({ path: '/', empty: true });
    await page.getByRole('main').getByRole('link', { name: 'Connect a vendor', exact: true }).last().click();
    await page.getByRole('radio', { name: /Mixpanel/ }).check();
    await page.getByRole('radio', { name: /European Union/ }).check();
    await page.getByLabel(/key or token that Mixpanel/).fill('made-up-project-token');

    const preview = page.getByRole('region', { name: 'What would leave' });
    await preview.getByText('"$email": "ada@example.com"').waitFor();
    await page.getByRole('radio', { name: /As is/ }).check();
    await expect.poll(() => preview.getByText('"$email": "ada@example.com"').count()).toBe(2);
    await page.getByRole('radio', { name: /Recommended/ }).check();
    await expect.poll(() => preview.getByText('"$email": "ada@example.com"').count()).toBe(1);

    await page.getByRole('radio', { name: 'Your own sample' }).check();
    await page
      .getByLabel('Body of a request')
      .fill('{"event":"Order placed","properties":{"basket":3,"$email":"eve@example.org"}}');
    await preview.getByText('"basket": 3').first().waitFor();
    await expect.poll(() => preview.getByText('"basket": 3').count()).toBe(1);
    await page.getByRole('button', { name: 'Allow this name: basket' }).click();
    await page.getByText('1 rule differs').waitFor();
    await expect.poll(() => preview.getByText('"basket": 3').count()).toBe(2);

    await page.getByLabel('Name of the app').fill('web-shop');
    await page.getByLabel('Owner').fill('Shop team');
    await page.getByRole('radio', { name: /In browsers/ }).check();
    await page.getByRole('textbox', { name: 'Origins' }).fill('https://www.example.com');

    await page.reload();
    await page.getByText('1 rule differs').waitFor();
    await expect.poll(() => page.getByLabel('Name of the app').inputValue()).toBe('web-shop');
    await expect
      .poll(() => page.getByRole('textbox', { name: 'Origins' }).inputValue())
      .toBe('https://www.example.com');
    await expect.poll(() => page.getByLabel(/key or token/).inputValue()).toBe('');
    const kept = await page.evaluate(() => JSON.stringify([{ ...sessionStorage }, { ...localStorage }]));
    expect(kept).not.toContain('made-up-project-token');
    expect(kept).not.toContain('eve@example.org');

    await page.getByLabel(/key or token/).fill('short');
    await page.getByRole('button', { name: 'Connect and make a key' }).click();
    await page.getByText('too short to be a key of this vendor', { exact: true }).waitFor();
    await page.getByLabel(/key or token/).fill('made-up-project-token');
    await page.getByRole('button', { name: 'Connect and make a key' }).click();

    await heading(page, /Mixpanel, European Union waits for its first request/).waitFor();
    const key = (await page.getByText(/^dbk_/).first().textContent()) ?? '';
    await page.getByRole('tab', { name: 'Browser' }).click();
    const lines = page.getByRole('region', { name: 'JavaScript' });
    await lines.getByText(key).waitFor();
    await lines.getByText("api_host: 'http://127.0.0.1:4410/mixpanel-1'").waitFor();

    const connected = api.writes.find(
      (write) =>
        write.path === '/connections' && (write.body as { credential: string }).credential.length > 5,
    );
    expect(connected?.body).toMatchObject({
      region: 'eu',
      origins: ['https://www.example.com'],
      contract: { properties: { basket: { class: 'event.property', treatment: { do: 'pass' } } } },
    });
    expect(connected?.headers['idempotency-key']).toBeTruthy();
    expect(connected?.headers['x-drawbridge-csrf']).toBe('1');
    for (const write of api.writes) expect(JSON.stringify(write.body)).not.toContain('eve@example.org');

    sendFirstCrossing(api.world, 'mixpanel_1');
    api.tell('crossings');
    await heading(page, /Mixpanel, European Union: the latest request/).waitFor();
    await page.getByRole('cell', { name: /E-mail address/ }).waitFor();
    await page.getByText('nothing', { exact: true }).first().waitFor();
    await page.getByLabel('Name', { exact: true }).fill('plan_tier');
    await page.getByRole('button', { name: 'Allow this name' }).click();
    await page.getByText('Version 2 is in force within a second.').waitFor();

    await page.reload();
    await page.getByText('A key is shown once').waitFor();
    await expect.poll(() => page.getByText(key).count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  test('a contract can be changed kind by kind, and says what it adds up to', async () => {
    const { page } = await open({ path: '/connect?vendor=mixpanel&region=eu' });
    await page.getByText('Change it kind by kind').click();
    await page.getByLabel('Treatment of Country').selectOption({ label: 'Drop' });
    await page.getByLabel('Treatment of IP address').selectOption({ label: 'Generalise to the network' });
    await page.getByText('2 rules differ from it').waitFor();
    const preview = page.getByRole('region', { name: 'What would leave' });
    await preview.getByText('"ip": "203.0.113.0').waitFor();
    await expect.poll(() => preview.getByText('"mp_country_code": "NL"').count()).toBe(1);
    await page.getByRole('button', { name: 'Undo my changes' }).click();
    await expect.poll(() => preview.getByText('"mp_country_code": "NL"').count()).toBe(2);
  });
});

describeInBrowser('numbers that open', (open) => {
  test('from the vendor’s holding to the subjects to the crossings to one crossing, and back', async () => {
    const { page } = await open({ path: '/vendors/mixpanel' });
    const holdings = page.getByRole('table', { name: 'Holdings' });
    await holdings.getByRole('link', { name: 'Event name' }).click();
    await heading(page, /Whose event name Mixpanel holds/).waitFor();
    await page.getByRole('table').getByRole('link').nth(1).click();
    await heading(page, /one subject/).waitFor();
    expect(new URL(page.url()).searchParams.get('class')).toBe('event.name');
    await page.goBack();
    await page.goBack();
    await heading(page, /Mixpanel holds/).waitFor();
    await page.getByRole('button', { name: 'observed' }).click();
    await page
      .getByRole('dialog')
      .getByRole('link', { name: /Open the crossings/ })
      .click();
    await heading(page, /What crossed/).waitFor();
    await page.getByRole('table', { name: 'Crossings' }).getByRole('link').first().click();
    await heading(page, /sent \d+ kinds of data|was refused/).waitFor();
    await page.getByText('never').first().waitFor({ state: 'detached' });
  });

  test('the heat map is walked by arrow keys and opens the day’s crossings', async () => {
    const { page } = await open({ path: '/vendors/mixpanel' });
    const heat = page.getByRole('table', { name: /When it got what/ });
    await heat.getByRole('link').first().focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowDown');
    const focused = page.locator(':focus');
    const name = await focused.getAttribute('aria-label');
    expect(name).toMatch(/: [\d,]+ (person|people), [\d,]+ crossings?$/);
    await page.keyboard.press('Enter');
    await heading(page, /What crossed/).waitFor();
    const { searchParams } = new URL(page.url());
    expect(searchParams.get('vendor')).toBe('mixpanel');
    expect(searchParams.get('from')).toMatch(/^\d{4}-\d\d-\d\d$/);
    expect((searchParams.get('to') ?? '') > (searchParams.get('from') ?? '')).toBe(true);
  });

  test('sorting, columns and zone live in the address; CSV holds what is seen', async () => {
    const { page, api } = await open({ path: '/vendors/mixpanel?tz=local' });
    const holdings = page.getByRole('table', { name: 'Holdings' });
    await holdings.getByRole('button', { name: 'People' }).click();
    await page.waitForURL(/sort=people/);
    await page.getByRole('button', { name: 'Columns of mixpanel holdings' }).first().click();
    await page.getByRole('menuitemcheckbox', { name: 'From' }).click();
    await page.keyboard.press('Escape');
    await page.waitForURL(/hide=apps/);
    const address = page.url();
    expect(address).toContain('tz=local');
    await page.goto('about:blank');
    await page.goto(address);
    await expect
      .poll(() => holdings.getByRole('columnheader', { name: 'People' }).getAttribute('aria-sort'))
      .not.toBe('none');
    await expect.poll(() => holdings.getByRole('columnheader', { name: 'From' }).count()).toBe(0);
    await expect
      .poll(() => holdings.getByRole('row').nth(1).locator('time').first().getAttribute('title'))
      .toMatch(/[+-]\d\d:\d\d$/);
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'CSV of these 9' }).click();
    const saved = await (await download).createReadStream();
    const text = Buffer.concat(await saved.toArray()).toString('utf8');
    expect(text.split('\r\n')[0]).toBe('Kind of data,Treatment,People,Crossings,Since,Last');
    expect(text.trim().split('\r\n')).toHaveLength(10);
    expect(api.writes).toEqual([]);
  });
});

describeInBrowser('the keyboard', (open) => {
  test('reaches pages and acts, walks rows, and gives focus back', async () => {
    const { page } = await open({ path: '/' });
    await heading(page, /2 vendors/).waitFor();
    await page.keyboard.press('Tab');
    await expect.poll(() => page.locator(':focus').textContent()).toBe('Skip to the page');

    await page.keyboard.press('g');
    await page.keyboard.press('c');
    await heading(page, /What crossed/).waitFor();
    await page.getByRole('table', { name: 'Crossings' }).getByRole('link').first().waitFor();
    for (const key of ['j', 'j', 'j', 'k']) await page.keyboard.press(key);
    const second = await page
      .getByRole('table', { name: 'Crossings' })
      .getByRole('link')
      .nth(1)
      .getAttribute('href');
    await page.waitForFunction((href) => document.activeElement?.getAttribute('href') === href, second);
    await page.keyboard.press('Enter');
    await page.waitForURL(`**${second}`);
    await page.goBack();
    await heading(page, /What crossed/).waitFor();

    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });

    await page.keyboard.press('/');
    await expect.poll(() => page.locator(':focus').evaluate((element) => element.tagName)).toBe('SELECT');
    await page.keyboard.press('Control+k');
    const box = page.getByRole('combobox', { name: /Go to a page/ });
    await box.fill('mixp');
    expect(await axeFindings(page)).toEqual([]);
    await page.keyboard.press('Enter');
    await heading(page, /Mixpanel holds/).waitFor();

    await page.keyboard.press('Control+k');
    await page.keyboard.type('dark');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.evaluate(() => document.documentElement.dataset.theme)).toBe('dark');
    await page.reload();
    await expect.poll(() => page.evaluate(() => document.documentElement.dataset.theme)).toBe('dark');
  });

  test('rows far below are reached by j, drawn when they are needed', async () => {
    const { page } = await open({ path: '/crossings' });
    await page.getByRole('table', { name: 'Crossings' }).getByRole('link').first().waitFor();
    for (let presses = 0; presses < 60; presses += 1) await page.keyboard.press('j');
    await page.waitForFunction(
      () => document.activeElement?.closest('tr')?.getAttribute('data-row') === '59',
    );
  });
});

describeInBrowser('acts that matter', (open) => {
  test('severing a connection is a severance: it says what stops, asks why, and nothing is patched', async () => {
    const { page, api } = await open({ path: '/connections/mixpanel_eu' });
    await page.getByText(/\d+ keys of \d apps? stop working/).waitFor();
    await page.getByRole('button', { name: 'Sever Mixpanel EU' }).click();
    const dialog = page.getByRole('dialog', { name: 'Cut off Mixpanel EU' });
    await dialog.getByText(/1 app would stop/).waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Cut off Mixpanel EU now' }).click();
    expect(api.writes).toEqual([]);
    await dialog.getByLabel('Why').fill('Breach notice of 9 November');
    await dialog.getByRole('button', { name: 'Cut off Mixpanel EU now' }).click();
    await page.getByRole('list', { name: 'Revoke there' }).waitFor();
    expect(api.writes).toHaveLength(1);
    expect(api.writes[0]).toMatchObject({
      method: 'POST',
      path: '/severances',
      body: { target: { kind: 'connection', id: 'mixpanel_eu' }, reason: 'Breach notice of 9 November' },
    });
  });

  test('what a severance holds is opened where it was closed', async () => {
    const { page, api } = await open({ path: '/connections/mixpanel_eu' });
    const connection = api.world.connections.find((row) => row.id === 'mixpanel_eu');
    if (connection === undefined) throw new Error('the made-up connection is missing');
    Object.assign(connection, { state: 'severed', severances: ['0199c0de-0000-7000-8000-000000000001'] });
    api.tell('connections');
    await page.getByRole('link', { name: 'See severance 1, and reopen it there' }).waitFor();
    expect(await page.getByRole('button', { name: 'Open it again' }).count()).toBe(0);
  });

  test('another host warns that the credential goes; replacing it sends the value once', async () => {
    const { page, api } = await open({ path: '/connections/openai' });
    await page.getByLabel('Where it goes').last().fill('https://other.example.com');
    await page.getByText('Another host drops the credential').nth(1).waitFor();
    const form = page.getByRole('region', { name: 'Credential' });
    await form.getByLabel('New credential').fill('made-up-replacement');
    await form.getByLabel('Why').fill('Rotation');
    await form.getByRole('button', { name: 'Replace it' }).click();
    await form.getByText('Entered and sealed.').waitFor();
    await form.getByText('Version 2, entered by').waitFor();
    await expect.poll(() => form.getByLabel('New credential').inputValue()).toBe('');
    expect(
      api.writes
        .map((write) => JSON.stringify(write.body))
        .filter((body) => body.includes('made-up-replacement')),
    ).toHaveLength(1);
  });

  test('a new contract version shows what differs and asks why', async () => {
    const { page, api } = await open({ path: '/connections/mixpanel_eu' });
    await page.getByLabel('Treatment of Browser').selectOption({ label: 'Drop' });
    await page.getByText('1 rule differs from the version in force.').waitFor();
    const contract = page.getByRole('region', { name: 'Data contract', exact: true });
    await contract.getByLabel('Why').fill('Browsers are not needed');
    await contract.getByRole('button', { name: 'Put it in force' }).click();
    await contract.getByRole('link', { name: '3' }).waitFor();
    expect(api.writes.at(-1)).toMatchObject({
      method: 'PUT',
      body: { basedOn: 2, reason: 'Browsers are not needed' },
    });
    await contract.getByRole('link', { name: '1' }).click();
    await contract.getByText('You are looking at version 1').waitFor();
  });

  test('keys are made, shown once, and revoked with a reason', async () => {
    const { page, api } = await open({ path: '/apps' });
    await page.getByRole('button', { name: 'Make a virtual key' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Make the key' }).click();
    await dialog.getByText('Choose at least one connection.').waitFor();
    await dialog.getByRole('checkbox', { name: 'OpenAI API' }).check();
    await dialog.getByRole('button', { name: 'Make the key' }).click();
    await dialog.getByText(/^dbk_/).waitFor();
    await dialog.getByRole('button', { name: 'Copy' }).click();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/^dbk_/);
    await dialog.getByRole('button', { name: 'I have copied it' }).click();
    await heading(page, /3 apps hold 12 virtual keys/).waitFor();

    await page
      .getByRole('row')
      .filter({ hasText: 'active' })
      .first()
      .getByRole('button', { name: /^Change key/ })
      .click();
    await page.getByRole('menuitem', { name: 'Revoke' }).click();
    await dialog.getByText('It was never used.').waitFor();
    await dialog.getByLabel('Why').fill('Made by mistake, été');
    await dialog.getByRole('button', { name: /Revoke a key of/ }).click();
    await heading(page, /3 apps hold 11 virtual keys/).waitFor();
    expect(api.writes.at(-1)).toMatchObject({ method: 'DELETE' });
    expect(decodeURIComponent(String(api.writes.at(-1)?.headers['x-drawbridge-reason']))).toBe(
      'Made by mistake, été',
    );
  });

  test('a name is decided in the queue; a hidden one has to be typed', async () => {
    const { page, api } = await open({ path: '/review' });
    await page.getByRole('link', { name: 'plan_tier' }).click();
    const dialog = page.getByRole('dialog', { name: /“plan_tier”, wherever it stands/ });
    await dialog.getByText(/such as properties\.plan_tier/).waitFor();
    await dialog.getByLabel('Treatment').selectOption({ label: 'Pass' });
    await dialog.getByText(/the vendor gets plan_tier passed/).waitFor();
    await dialog.getByRole('button', { name: 'Decide' }).click();
    await heading(page, /5 names that no rule knows/).waitFor();
    expect(api.writes.findLast((one) => one.path !== '/review/coverage')?.body).toMatchObject({
      decision: 'allow',
      class: 'event.property',
      treatment: { do: 'pass' },
    });
    await page
      .getByRole('link', { name: /hidden/ })
      .first()
      .click();
    const hidden = page.getByRole('dialog');
    await expect.poll(() => hidden.getByRole('radio', { name: /Keep it/ }).isChecked()).toBe(true);
    await hidden.getByRole('radio', { name: /Allow it/ }).check();
    await hidden.getByLabel('The name').fill('theme');
    await hidden.getByRole('button', { name: 'Decide' }).click();
    await heading(page, /4 names/).waitFor();
    expect(api.writes.at(-1)?.body).toMatchObject({ decision: 'allow', name: 'theme' });
  });
});

describeInBrowser('live and not', (open) => {
  test('a change appears by itself; when nothing is heard, the page says so and keeps what was typed', async () => {
    const { page, api, context } = await open({ path: '/apps?new=app' });
    await page.getByRole('dialog').getByLabel('Name').fill('half-typed');
    api.world.apps.push({
      id: 'app_9',
      name: 'made-elsewhere',
      owner: 'Somebody',
      createdAt: new Date().toISOString(),
    });
    await page.getByText('Live', { exact: true }).waitFor();
    api.tell('keys');
    await heading(page, /4 apps/).waitFor();

    api.mute();
    await page.getByText(/Not live/).waitFor();
    await context.setOffline(true);
    await page.getByText(/You are offline/).waitFor();
    await expect.poll(() => page.getByRole('dialog').getByLabel('Name').inputValue()).toBe('half-typed');
    await context.setOffline(false);
    api.live();
    await page.getByText('Live', { exact: true }).waitFor();
    await page.getByText(/You are offline/).waitFor({ state: 'detached' });
    await page.reload();
    await expect.poll(() => page.getByRole('dialog').getByLabel('Name').inputValue()).toBe('half-typed');
  });

  test('a long list is left alone while it is read, and offers what is newer', async () => {
    const { page, api } = await open({ path: '/crossings' });
    await page.getByText('First 200 rows').waitFor();
    await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
    await page.getByText('First 400 rows').waitFor();
    sendFirstCrossing(api.world, 'openai');
    await page.getByRole('complementary').getByText('Live').waitFor();
    api.tell('crossings');
    await page.getByRole('button', { name: /Newer crossings arrived/ }).click();
    await page.locator(`a[href="/crossings/${api.world.crossings[0]?.id}"]`).waitFor();
  });
});
