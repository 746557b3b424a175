import type { Page } from 'playwright-core';
import { axeFindings, describeInBrowser, expect, test } from './testing/browser.ts';
import type { FakeApi } from './testing/fake-api.ts';

const heading = (page: Page, name: RegExp) => page.getByRole('heading', { level: 1, name });

function connectionIn(api: FakeApi, id: string) {
  const found = api.world.connections.find((row) => row.id === id);
  if (found === undefined) throw new Error(`the made-up connection ${id} is missing`);
  return found;
}

async function goTo(page: Page, name: string): Promise<void> {
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: /Go to a page/ }).fill(name);
  await page.keyboard.press('Enter');
}

describeInBrowser('settings of a connection', (open) => {
  test('after saving, the form shows what was saved, and the next save changes nothing else', async () => {
    const { page, api } = await open({ path: '/connections/mixpanel_eu' });
    const form = page.getByRole('region', { name: 'Settings' });
    await form.getByLabel('Name').fill('Renamed');
    await form.getByLabel('Why').fill('A better name');
    await form.getByRole('button', { name: 'Save' }).click();
    await form.getByText('Saved.').waitFor();
    await expect.poll(() => form.getByLabel('Name').inputValue()).toBe('Renamed');
    await expect.poll(() => form.getByLabel('Why').inputValue()).toBe('');

    await form.getByLabel('Origins').fill('https://www.example.com');
    await form.getByLabel('Why').fill('The shop');
    await form.getByRole('button', { name: 'Save' }).click();
    await form.getByText('Saved.').waitFor();
    expect(api.writes.at(-1)?.body).toEqual({ origins: ['https://www.example.com'], reason: 'The shop' });
    expect(connectionIn(api, 'mixpanel_eu').name).toBe('Renamed');
  });

  test('what somebody else changed meanwhile is said, shown, and never put back', async () => {
    const { page, api } = await open({ path: '/connections/mixpanel_eu' });
    const form = page.getByRole('region', { name: 'Settings' });
    await form.getByLabel('Origins').fill('https://www.example.com');
    await form.getByLabel('Why').fill('The shop');
    const etag = connectionIn(api, 'mixpanel_eu').etag;
    Object.assign(connectionIn(api, 'mixpanel_eu'), { name: 'Theirs', etag: '"theirs"' });
    await form.getByRole('button', { name: 'Save' }).click();
    await form.getByRole('alert').getByText('This connection was changed after you began').waitFor();
    expect(api.writes.at(-1)?.headers['if-match']).toBe(etag);
    await page.waitForFunction(() => document.title.includes('Theirs'));
    await expect.poll(() => form.getByLabel('Name').inputValue()).toBe('Theirs');
    await expect.poll(() => form.getByLabel('Origins').inputValue()).toBe('https://www.example.com');

    await page.reload();
    await form.getByRole('button', { name: 'Keep what I typed' }).click();
    await form.getByRole('button', { name: 'Save' }).click();
    await form.getByText('Saved.').waitFor();
    expect(api.writes.at(-1)).toMatchObject({
      headers: { 'if-match': '"theirs"' },
      body: { origins: ['https://www.example.com'], reason: 'The shop' },
    });
    expect(connectionIn(api, 'mixpanel_eu').name).toBe('Theirs');
  });

  test('opening the page holds nothing fast: a change by others is shown in the form', async () => {
    const { page, api } = await open({ path: '/connections/mixpanel_eu' });
    const form = page.getByRole('region', { name: 'Settings' });
    await form.getByLabel('Name').waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    Object.assign(connectionIn(api, 'mixpanel_eu'), { name: 'Theirs', etag: '"theirs"' });
    api.tell('connections');
    await heading(page, /Theirs goes to/).waitFor();
    await expect.poll(() => form.getByLabel('Name').inputValue()).toBe('Theirs');
  });

  test('a credential typed for one connection is gone on the page of another', async () => {
    const { page } = await open({ path: '/connections/openai' });
    await heading(page, /OpenAI API goes to/).waitFor();
    await goTo(page, 'Mixpanel EU');
    await heading(page, /Mixpanel EU goes to/).waitFor();
    const field = page.getByLabel('New credential');
    await field.fill('typed-for-mixpanel');
    await goTo(page, 'OpenAI API');
    await heading(page, /OpenAI API goes to/).waitFor();
    await expect.poll(() => field.inputValue()).toBe('');
  });

  test('why a credential is replaced survives a reload, the credential does not', async () => {
    const { page } = await open({ path: '/connections/openai' });
    const form = page.getByRole('region', { name: 'Credential' });
    await form.getByLabel('New credential').fill('typed-but-not-sent');
    await form.getByLabel('Why').fill('Rotation');
    await page.reload();
    await expect.poll(() => form.getByLabel('Why').inputValue()).toBe('Rotation');
    await expect.poll(() => form.getByLabel('New credential').inputValue()).toBe('');
    const kept = await page.evaluate(() => JSON.stringify([{ ...sessionStorage }, { ...localStorage }]));
    expect(kept).not.toContain('typed-but-not-sent');
  });

  test('changes to a contract stay in reach when somebody else puts another version in force', async () => {
    const { page, api } = await open({ path: '/connections/mixpanel_eu' });
    const contract = page.getByRole('region', { name: 'Data contract', exact: true });
    await contract.getByLabel('Treatment of Browser').selectOption({ label: 'Drop' });
    await page.getByText('Live', { exact: true }).waitFor();
    const versions = api.world.contracts.get('mixpanel_eu') ?? [];
    const [current] = versions;
    if (current === undefined) throw new Error('the made-up contract is missing');
    api.world.contracts.set('mixpanel_eu', [{ ...current, version: 3, reason: 'Theirs' }, ...versions]);
    api.tell('connections');
    await contract.getByText('Changes that you made to version 2 are kept').waitFor();
    await contract.getByRole('link', { name: 'Open them' }).click();
    await contract.getByText('1 rule differs from the version in force.').waitFor();
    expect(api.writes).toEqual([]);
  });

  test('severing keeps its sheet and its reason through a reload', async () => {
    const { page } = await open({ path: '/connections/mixpanel_eu' });
    await page.getByRole('button', { name: 'Sever Mixpanel EU' }).click();
    const dialog = page.getByRole('dialog', { name: 'Cut off Mixpanel EU' });
    await dialog.getByLabel('Why').fill('Breach notice');
    await page.reload();
    await expect.poll(() => dialog.getByLabel('Why').inputValue()).toBe('Breach notice');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'detached' });
  });
});

describeInBrowser('connecting in two goes', (open) => {
  test('what was made stays made, also after a reload, and the rest is asked again', async () => {
    const { page, api } = await open({ path: '/connect?vendor=mixpanel&region=eu', empty: true });
    await page.getByLabel(/key or token that Mixpanel/).fill('made-up-project-token');
    await page.getByLabel('Name of the app').fill('web-shop');
    await page.getByLabel('Owner').fill('Shop team');
    api.trouble.set('/apps/app_1/keys', {
      status: 503,
      body: { title: 'Busy', status: 503, code: 'busy', detail: 'Try again in a moment.' },
    });
    await page.getByRole('button', { name: 'Connect and make a key' }).click();
    await page.getByText('Try again in a moment.').waitFor();
    await page.getByText('Mixpanel, European Union is connected, but has no key yet').waitFor();
    await page.getByText('The app web-shop is made').waitFor();
    await expect.poll(() => page.getByLabel(/key or token/).count()).toBe(0);
    await expect.poll(() => page.getByRole('radio', { name: /European Union/ }).count()).toBe(0);
    const kept = await page.evaluate(() => JSON.stringify([{ ...sessionStorage }, { ...localStorage }]));
    expect(kept).not.toContain('made-up-project-token');

    await page.reload();
    await page.getByRole('link', { name: 'Open Mixpanel, European Union' }).waitFor();
    await page.getByRole('radio', { name: /In browsers/ }).check();
    await page.getByRole('textbox', { name: 'Origins' }).fill('https://www.example.com');
    api.trouble.clear();
    await page.getByRole('button', { name: 'Make the key' }).click();
    await heading(page, /Mixpanel, European Union waits for its first request/).waitFor();
    expect(api.world.connections.map((row) => row.origins)).toEqual([['https://www.example.com']]);
    expect(api.world.apps).toHaveLength(1);
    expect(api.writes.at(-1)).toMatchObject({
      path: '/apps/app_1/keys',
      body: { kind: 'publishable', origins: ['https://www.example.com'] },
    });
  });
});

describeInBrowser('other forms', (open) => {
  test('a key is valid until the end of the day that was chosen, and a secret one can have a cap', async () => {
    const { page, api } = await open({ path: '/apps?new=key' });
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('checkbox', { name: 'OpenAI API' }).check();
    await dialog.getByLabel('Requests a minute').fill('90');
    await dialog.getByLabel('Valid until').fill('2031-01-15');
    await dialog.getByText('Until 2031-01-15 23:00:00 UTC').waitFor();
    await dialog.getByRole('button', { name: 'Make the key' }).click();
    await dialog.getByText(/^dbk_/).waitFor();
    expect(api.writes.at(-1)?.body).toMatchObject({
      kind: 'secret',
      perMinute: 90,
      expiresAt: '2031-01-15T23:00:00.000Z',
    });
  });

  test('naming an app and allowing a name are asked for once, and typed names survive a reload', async () => {
    const { page, api } = await open({ path: '/apps?new=app' });
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('checkout');
    await dialog.getByLabel('Owner').fill('Shop team');
    await dialog.getByRole('button', { name: 'Name a new app' }).click();
    await heading(page, /4 apps/).waitFor();
    expect(api.writes.at(-1)?.headers['idempotency-key']).toBeTruthy();

    await page.goto(`${api.origin}/connections/mixpanel_eu`);
    const contract = page.getByRole('region', { name: 'Data contract', exact: true });
    await contract.getByText('Allow a name').click();
    await contract.getByLabel('Name', { exact: true }).fill('plan_tier');
    await page.reload();
    await contract.getByText('Allow a name').click();
    await expect.poll(() => contract.getByLabel('Name', { exact: true }).inputValue()).toBe('plan_tier');
    await contract.getByRole('button', { name: 'Allow this name' }).click();
    await contract.getByText('Version 3 is in force within a second.').waitFor();
    expect(api.writes.at(-1)?.headers['idempotency-key']).toBeTruthy();
  });

  test('a decision that is being written survives a reload', async () => {
    const { page, api } = await open({ path: '/review' });
    await page.getByRole('link', { name: 'plan_tier' }).click();
    await page.getByText(api.world.review[0]?.hash ?? 'no name waits').waitFor();
    const dialog = page.getByRole('dialog', { name: /“plan_tier”/ });
    await dialog.getByLabel('Why').fill('Asked by the shop');
    await page.reload();
    await expect.poll(() => dialog.getByLabel('Why').inputValue()).toBe('Asked by the shop');
  });

  test.each(['/settings', '/apps'])('a sign-out that fails is said, on %s', async (path) => {
    const { page, api } = await open({ path });
    await heading(page, /./).waitFor();
    api.trouble.set('/session', {
      status: 500,
      body: {
        title: 'Something failed here',
        status: 500,
        code: 'internal',
        detail: 'Report the request id.',
      },
    });
    if (path === '/settings') await page.getByRole('main').getByRole('button', { name: 'Sign out' }).click();
    else await goTo(page, 'Sign out');
    await page.getByRole('alert').getByText('Report the request id.').waitFor();
    await page.getByText(/You are still signed in/).waitFor();
  });
});

describeInBrowser('the contract beside what crossed', (open) => {
  const view = (page: Page) => page.getByRole('region', { name: 'What crossed here' });
  const rowOf = (page: Page, name: string) => view(page).getByRole('row').filter({ hasText: name });
  const treatmentOf = (page: Page, name: string) => page.getByLabel(`Treatment of ${name}`, { exact: true });

  test('says live what the vendor would get, where that differs, and by which crossings', async () => {
    const { page, api, complaints } = await open({ path: '/connections/mixpanel_eu', crossings: 30 });
    await page.getByText('What would leave', { exact: true }).first().click();
    await page.getByText('Under these rules it would cross as it did.').waitFor();
    const order = await view(page).getByRole('row').allInnerTexts();
    const at = (name: string) => order.findIndex((text) => text.includes(name));
    expect(at('properties.time')).toBeLessThan(at('properties.distinct_id'));
    expect(at('properties.distinct_id')).toBeLessThan(at('properties.$email'));

    await treatmentOf(page, 'Event time').selectOption('drop');
    await treatmentOf(page, 'E-mail address').selectOption('pass');
    await rowOf(page, 'properties.time').getByText('now passed → then dropped').waitFor();
    await rowOf(page, 'properties.$email').getByText('now dropped → then passed').waitFor();
    await page.getByText('2 fields would cross otherwise than they did.').waitFor();
    expect(api.writes).toEqual([]);
    await page.getByRole('checkbox', { name: 'Only these' }).check();
    await expect.poll(() => view(page).getByRole('row').count()).toBe(3);
    expect(await axeFindings(page)).toEqual([]);
    await page.getByRole('checkbox', { name: 'Only these' }).uncheck();

    const hidden = rowOf(page, 'a hidden name #Qm4s1a');
    await hidden.getByText('No rule maps it.').waitFor();
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(
      0,
    );
    const link = rowOf(page, 'properties.$email').getByRole('link', { name: /crossings? with/ });
    const behind = Number.parseInt((await link.textContent()) ?? '', 10);
    await link.focus();
    await page.keyboard.press('Enter');
    await page.getByText(`${behind} rows.`).waitFor();
    expect(new URL(page.url()).searchParams.get('class')).toBe('person.email');

    api.world.crossings = [];
    await page.goto(`${api.origin}/connections/mixpanel_eu`);
    await page.getByText('What would leave', { exact: true }).first().click();
    await page.getByRole('radio', { name: 'The pack’s example', checked: true }).waitFor();
    await page.getByRole('radio', { name: 'What crossed here' }).check();
    await page.getByText('Nothing has crossed on this connection yet', { exact: false }).waitFor();
    expect(complaints).toEqual([]);
  });
});
