import type { Connection } from '../api/types.ts';
import { axeFindings, describeInBrowser, expect, test } from '../testing/browser.ts';
import { fakeAlarm, fakeRotation } from '../testing/fake-rotation.ts';

describeInBrowser('rotations', (open) => {
  const openai = (connections: readonly Connection[]): Connection => {
    const found = connections.find(({ vendor }) => vendor === 'openai');
    if (found === undefined) throw new Error('the made-up world has no OpenAI');
    return found;
  };

  test('says what is due by a picture of ages, and starts one with the key that the vendor is to watch', async () => {
    const { page, api } = await open({ path: '/rotation' });
    await page.getByRole('heading', { level: 1, name: /^1 of \d credentials is due/ }).waitFor();
    const table = page.getByRole('table', { name: 'Credentials by when they are due' });
    await table.getByRole('img', { name: '112 of 90 days' }).waitFor();
    await table.getByText('Its age').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    const { id, name } = openai(api.world.connections);
    await table.getByRole('button', { name: `Replace the credential of ${name}` }).click();
    const sheet = page.getByRole('dialog', { name: `Replace the credential of ${name}` });
    await sheet.getByLabel(/Id of the key/).fill('key_old');
    await sheet.getByLabel('Why').fill('It is due');
    expect(await axeFindings(page)).toEqual([]);
    await sheet.getByRole('button', { name: 'Start' }).click();
    await page.getByRole('article', { name: `Rotation of ${name}` }).waitFor();
    expect(api.writes.at(-1)).toMatchObject({
      path: `/connections/${id}/rotations`,
      body: {
        how: 'api',
        oldKey: { key: 'key_old' },
        plan: { share: 100, overlapSeconds: 86_400 },
        reason: 'It is due',
      },
    });
    await table.getByText('Under way').waitFor();
  });

  test('shows the step it is at, takes a key that a person made, and goes back when it is told to', async () => {
    const { page, api } = await open({ path: '/settings' });
    const connection = openai(api.world.connections);
    api.world.rotations = [
      fakeRotation(connection, {
        how: 'guided',
        needs: 'enter_new_key',
        needsText: 'Make a new key at the vendor and enter it here.',
      }),
    ];
    await page.goto(new URL('/rotation', page.url()).href);
    const one = page.getByRole('article', { name: `Rotation of ${connection.name}` });
    await expect.poll(() => one.locator('[aria-current=step]').textContent()).toContain('Make the new key');
    await one.getByRole('button', { name: 'Enter the new key' }).click();
    const sheet = page.getByRole('dialog', { name: 'Enter the new key' });
    await sheet.getByLabel('New key').fill('sk-made-up-new-key');
    await sheet.getByLabel('Why').fill('Made at the vendor');
    await sheet.getByRole('button', { name: 'Enter and try it' }).click();
    await one.getByText('Version 1 is replaced by 2').waitFor();
    expect(api.writes.at(-1)).toMatchObject({ method: 'PUT', body: { value: 'sk-made-up-new-key' } });
    await expect.poll(() => page.evaluate(() => JSON.stringify(sessionStorage))).not.toContain('sk-made-up');

    await one.getByRole('button', { name: 'Go back to the old key' }).click();
    const back = page.getByRole('dialog', { name: 'Go back to the old key' });
    await back.getByLabel('Why').fill('The shop has trouble');
    await back.getByRole('button', { name: 'Go back' }).click();
    await back.waitFor({ state: 'detached' });
    await one.locator('[aria-current=step]', { hasText: 'Delete the new key' }).waitFor();
    expect(api.writes.at(-1)).toMatchObject({ body: { says: 'roll_back', reason: 'The shop has trouble' } });
  });

  test('names a key that somebody else used, and stops where that was found', async () => {
    const { page, api } = await open({ path: '/settings' });
    const connection = openai(api.world.connections);
    api.world.rotations = [
      fakeRotation(connection, {
        step: 'overlap',
        toVersion: 2,
        needs: 'old_key_in_use',
        needsText: 'Somebody else uses the old key.',
        canGoOn: true,
        seen: { answered: 1204, refused: 0, oldLastAt: null },
      }),
    ];
    api.world.keyAlarms = [fakeAlarm(connection)];
    await page.goto(new URL('/rotation', page.url()).href);
    const alarms = page.getByRole('region', { name: 'Keys that somebody else used' });
    await alarms.getByText(/was used by somebody else/).waitFor();
    await page.getByRole('button', { name: 'Go on' }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await alarms.getByRole('button', { name: 'I have looked at it' }).click();
    const sheet = page.getByRole('dialog', { name: 'Acknowledge the alarm' });
    await sheet.getByLabel('Why').fill('An old script of ours');
    await sheet.getByRole('button', { name: 'Acknowledge' }).click();
    await alarms.waitFor({ state: 'detached' });
  });
});
