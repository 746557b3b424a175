import { axeFindings, describeInBrowser, expect, test } from '../testing/browser.ts';

describeInBrowser('one’s own keys', (open) => {
  test('a developer makes one in an own app, sees it once, rolls it and revokes it', async () => {
    const { page, api } = await open();
    api.people.roles = ['developer'];
    for (const app of api.world.apps) if (app.id === 'app_1') app.owner = 'ada@example.org';
    await page.goto(`${api.origin}/vendors`);
    await page.getByRole('complementary').getByRole('link', { name: 'Your keys' }).click();
    await page
      .getByRole('heading', { level: 1, name: 'You hold 0 keys of your own, and 1 app is yours' })
      .waitFor();
    await page.getByText('It lives for 30 days unless you say otherwise, for 90 days at most.').waitFor();
    await page
      .getByRole('region', { name: 'Your apps' })
      .getByText(/\d keys? that works?/)
      .waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.getByRole('button', { name: 'Make a key for yourself' }).click();
    const form = page.getByRole('dialog', { name: 'Make a key for yourself' });
    // Of others' apps no key is made here.
    await expect.poll(() => form.getByLabel('App').locator('option').allTextContents()).toEqual(['web-shop']);
    await form.getByRole('button', { name: 'Make the key' }).click();
    await form.getByText('Choose at least one connection.').waitFor();
    await form.getByRole('checkbox', { name: 'OpenAI API' }).check();
    await form.getByLabel('It lives for').selectOption('7 days');
    expect(await axeFindings(page)).toEqual([]);
    const before = Date.now();
    await form.getByRole('button', { name: 'Make the key' }).click();
    const shown = page.getByRole('dialog', { name: 'The key, shown this once' });
    await shown.getByText(/^dbk_/).waitFor();
    await shown.getByText('http://127.0.0.1:4410/openai').waitFor();
    const { path, body } = api.writes.at(-1) ?? {};
    expect(path).toBe('/apps/app_1/keys');
    expect(body).toMatchObject({ kind: 'secret', connections: ['openai'], person: 'person_1' });
    const lives = Date.parse((body as { expiresAt: string }).expiresAt) - before;
    expect(lives).toBeLessThan(7 * 86_400_000);
    expect(lives).toBeGreaterThan(6.99 * 86_400_000);
    await shown.getByRole('button', { name: 'I have copied it' }).click();
    await page.getByRole('heading', { level: 1, name: /You hold 1 key of your own/ }).waitFor();

    await page.getByRole('button', { name: /Change key/ }).click();
    await page.getByRole('menuitem', { name: 'Roll' }).click();
    const roll = page.getByRole('dialog', { name: /Roll a key of web-shop/ });
    await roll.getByLabel('Why').fill('My laptop is new');
    await roll.getByRole('button', { name: 'Make the new key' }).click();
    await roll.getByText(/^dbk_/).or(page.getByText(/^dbk_/)).first().waitFor();
    await page.getByRole('button', { name: 'I have copied it' }).click();
    await page.getByRole('heading', { level: 1, name: /You hold 2 keys of your own/ }).waitFor();

    await page
      .getByRole('button', { name: /Change key/ })
      .first()
      .click();
    await page.getByRole('menuitem', { name: 'Revoke' }).click();
    const revoke = page.getByRole('dialog', { name: /Revoke a key/ });
    await revoke.getByLabel('Why').fill('It was on the old laptop');
    await revoke.getByRole('button', { name: /Revoke a key/ }).click();
    await page.getByRole('heading', { level: 1, name: /You hold 1 key of your own/ }).waitFor();
  });

  test('who has no app is told what to ask for, and whom', async () => {
    const { page, api } = await open();
    api.people.roles = ['developer'];
    await page.goto(`${api.origin}/my-keys?act=new`);
    await page.getByText(/with ada@example\.org as its owner/).waitFor();
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
    expect(await axeFindings(page)).toEqual([]);
  });
});

describeInBrowser('how long keys live', (open) => {
  test('is said on Settings, changed with a reason, and told where a key is made', async () => {
    const { page, api } = await open({ path: '/settings' });
    const section = page.getByRole('region', { name: 'How long virtual keys live' });
    await section.getByText('30 days unless another end is given; 90 days at most').waitFor();
    await section.getByText(/Until it is revoked, unless an end is given; as long as one likes/).waitFor();
    await section.getByRole('button', { name: 'Change' }).click();
    const form = page.getByRole('dialog', { name: 'How long virtual keys live' });
    await form.getByLabel('A key of an app, usually (days)').fill('180');
    await form.getByText('A workload stops when its key ends').waitFor();
    await form.getByLabel('A key of a person, at most (days)').fill('');
    await form.getByLabel('Why').fill('Keys were forgotten');
    expect(await axeFindings(page)).toEqual([]);
    await form.getByRole('button', { name: 'Change it' }).click();
    await section.getByText('180 days unless another end is given; as long as one likes').waitFor();
    expect(api.writes.at(-1)?.body).toEqual({
      workload: { defaultDays: 180, mostDays: null },
      person: { defaultDays: 30, mostDays: null },
      reason: 'Keys were forgotten',
    });
    await page.goto(`${api.origin}/apps?new=key`);
    await page.getByText('Empty: for 180 days.').waitFor();
  });
});
