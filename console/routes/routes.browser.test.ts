import { axeFindings, describeInBrowser, expect, test } from '../testing/browser.ts';

describeInBrowser('an app’s routes', (open) => {
  test('are reached from the app, and say who rests, what waits and what became of it', async () => {
    const { page, complaints } = await open({ path: '/apps/app_1' });
    await page.getByRole('link', { name: 'Routes' }).click();
    const order = page.getByRole('list', { name: 'Asked in this order' });
    await order.getByText('rests at gateway-2: it failed too often').waitFor();
    await order.getByText('all others → other').waitFor();
    await page.getByText(/Mixpanel EU: 1,240 requests wait/).waitFor();
    await page.getByText(/88,000 sent, 2 too old/).waitFor();
    expect(await axeFindings(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test('are put in another order by keyboard, and keep what was typed through a reload', async () => {
    const { page, api } = await open({ path: '/apps/app_1/routes' });
    await page.getByRole('button', { name: 'Change route events' }).focus();
    await page.keyboard.press('Enter');
    const sheet = page.getByRole('dialog', { name: 'Change route events' });
    await sheet.getByRole('button', { name: 'Ask OpenAI API earlier' }).focus();
    await page.keyboard.press('Enter');
    await sheet.getByText('1. OpenAI API').waitFor();
    // The focus went along: at the top only "later" is left to press.
    await page.locator('button:focus[aria-label="Ask OpenAI API later"]').waitFor();
    await page.reload();
    await sheet.getByText('1. OpenAI API').waitFor();
    const models = sheet.getByLabel('What models are called at Mixpanel EU');
    await models.fill('gpt-4o');
    await sheet.getByText('Line 1 is not “model = name”.').waitFor();
    await models.fill('gpt-4o = small');
    await sheet.getByRole('radio', { name: 'Throw them away' }).check();
    await sheet.getByLabel('Why').fill('Cheaper first');
    await sheet.getByRole('button', { name: 'Save the route' }).click();
    await sheet.waitFor({ state: 'detached' });
    expect(api.writes.at(-1)).toMatchObject({
      method: 'PUT',
      path: '/apps/app_1/routes/route_1',
      body: {
        members: [
          { connection: 'openai', models: { '*': 'other' } },
          { connection: 'mixpanel_eu', models: { 'gpt-4o': 'small' } },
        ],
        firstByteMs: 2500,
        breaker: { failures: 5, openMs: 10_000 },
        oneWay: { do: 'drop' },
        basedOn: 3,
        reason: 'Cheaper first',
      },
    });
  });

  test('where there are none, one is made', async () => {
    const { page, api } = await open({ path: '/apps/app_2/routes' });
    await page.getByRole('heading', { level: 1, name: /its requests fail$/ }).waitFor();
    await page.getByRole('button', { name: 'Make a route' }).click();
    const sheet = page.getByRole('dialog');
    const save = sheet.getByRole('button', { name: 'Save the route' });
    await expect.poll(() => save.isDisabled()).toBe(true);
    await sheet.getByLabel('Path prefix').fill('chat');
    await sheet.getByLabel('Add a connection').selectOption({ label: 'OpenAI API' });
    await sheet.getByLabel('Why').fill('A test');
    await save.click();
    await page.getByRole('heading', { level: 2, name: '/chat' }).waitFor();
    expect(api.writes.at(-1)).toMatchObject({
      path: '/apps/app_2/routes',
      body: { slug: 'chat', members: [{ connection: 'openai' }], oneWay: { do: 'refuse' } },
    });
  });
});

describeInBrowser('losing a vendor', (open) => {
  test('says first what will happen, counts down while it runs, and is stopped at once', async () => {
    const { page, api, complaints } = await open({ path: '/apps/app_1/routes', width: 390 });
    await page.getByRole('button', { name: 'Lose a vendor' }).click();
    const sheet = page.getByRole('dialog', { name: 'Lose a vendor of web-shop' });
    await sheet.getByLabel('Vendor', { exact: true }).selectOption('mixpanel');
    await sheet.getByText('/events: OpenAI API is asked').waitFor();
    await sheet.getByText('Requests to Mixpanel EU without a route: requests fail').waitFor();
    await sheet.getByLabel('Per cent of them').fill('25');
    await sheet.getByLabel('Why').fill('Quarterly test');
    expect(await axeFindings(page)).toEqual([]);
    await sheet.getByRole('button', { name: 'Lose mixpanel for 10 minutes' }).click();
    const timer = page.getByRole('timer');
    await timer.getByText(/Mixpanel is lost to this app: (10 min 00|9 min 5\d) s left/).waitFor();
    const first = await timer.textContent();
    await expect.poll(() => timer.textContent()).not.toBe(first);
    expect(api.writes.at(-1)).toMatchObject({
      path: '/recovery-drills',
      body: { vendor: 'mixpanel', app: 'app_1', share: 25, minutes: 10, reason: 'Quarterly test' },
    });
    await page.getByRole('button', { name: 'Stop now' }).click();
    const stop = page.getByRole('dialog', { name: 'Stop losing Mixpanel' });
    await stop.getByLabel('Why').fill('Enough');
    await stop.getByRole('button', { name: 'Stop now' }).click();
    await timer.waitFor({ state: 'detached' });
    await page
      .getByRole('table', { name: 'Recovery drills, the newest first' })
      .getByText('stopped')
      .waitFor();
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(wide).toBeLessThanOrEqual(0);
    expect(complaints).toEqual([]);
  });

  test('leaves a report that says what was lost, compared with before, led to from the vendor and the exercises', async () => {
    const { page } = await open({ path: '/exercises' });
    await page
      .getByRole('table', { name: 'Recovery drills, the newest first' })
      .getByRole('link', { name: 'Mixpanel' })
      .click();
    await page
      .getByRole('heading', { level: 1, name: 'Without Mixpanel, 3 of 415 requests were lost' })
      .waitFor();
    await page.getByRole('table', { name: 'Compared with before' }).getByText('41.2 ms').waitFor();
    await page.getByText('OpenAI API (400)').waitFor();
    await page.getByText('The egress proxy turned 17 away, and ended 2 tunnels that ran.').waitFor();
    await page.getByRole('table', { name: 'Around the connections' }).getByText('17').waitFor();
    await page.setViewportSize({ width: 390, height: 800 });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(wide).toBeLessThanOrEqual(0);
    expect(await axeFindings(page)).toEqual([]);
    const file = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download the report' }).click();
    expect((await file).suggestedFilename()).toMatch(/^recovery-drill-.+\.json$/);
    await page.getByRole('link', { name: 'Mixpanel', exact: true }).click();
    await page.getByRole('heading', { level: 2, name: 'Recovery drills' }).waitFor();
  });
});
