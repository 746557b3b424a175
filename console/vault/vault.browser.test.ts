import { axeFindings, describeInBrowser, expect, test } from '../testing/browser.ts';

describeInBrowser('the vault', (open) => {
  test('says in its first screen where the key is, who could read what it seals, and who could not', async () => {
    const { page } = await open({ path: '/vault' });
    await page
      .getByRole('heading', { level: 1, name: /37 secrets are sealed under one key, which lies in a file/ })
      .waitFor();
    const chain = page.getByRole('region', { name: 'What seals what' });
    await chain.getByText('Key-encryption key 1').waitFor();
    await chain.getByText('/home/example/keys/dep_made_up.kek').waitFor();
    for (const name of ['Who could read them', 'Who could not']) {
      const box = await page.getByRole('region', { name, exact: true }).boundingBox();
      expect(box?.y).toBeLessThan(900 - 100);
    }
    await page.getByText(/Whoever has the key file .*dep_made_up\.kek and a copy of the database/).waitFor();
    await page.getByText(/Anybody at this console, owners too/).waitFor();
    await page.getByText(/It was never replaced: it was made 4 months ago/).waitFor();
    await page.getByText('npm run drawbridge -- vault rotate-kek --data-key', { exact: true }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
  });

  test('shows how far a rotation is as it goes, and what is the next step', async () => {
    const { page, api } = await open();
    const [first] = api.trust.vault.keys;
    if (first === undefined) throw new Error('the made-up vault has no key');
    api.trust.vault = {
      ...api.trust.vault,
      keys: [first, { id: 2, source: 'aws-kms', label: 'alias/made-up', madeAt: new Date().toISOString() }],
      dataKeys: [
        { version: 1, madeAt: first.madeAt, rows: 27 },
        { version: 2, madeAt: new Date().toISOString(), rows: 10 },
      ],
    };
    await page.goto(`${api.origin}/vault`);
    await page.getByRole('heading', { level: 1, name: /two keys open everything/ }).waitFor();
    const progress = page.getByRole('progressbar', { name: 'How far wrapping anew has come' });
    await page.getByText('10 of 37 secrets are under the new data key').waitFor();
    await page.getByText('npm run drawbridge -- vault rotate-kek --to aws-kms --data-key').waitFor();
    await page.getByText(/Whoever has kms:Decrypt on alias\/made-up/).waitFor();
    expect(await axeFindings(page)).toEqual([]);

    // Another process does it and tells nobody: the page looks by itself.
    for (const data of api.trust.vault.dataKeys) data.rows = data.version === 2 ? 37 : 0;
    await page.getByText('37 of 37 secrets are under the new data key').waitFor();
    await page.getByText(/Set DRAWBRIDGE_KEY_SOURCE to aws-kms, restart/).waitFor();
    api.trust.vault.openedWith = 2;
    await expect.poll(() => progress.getAttribute('value')).toBe('37');
    await page.getByText(/The running vault was opened with the new key/).waitFor();
    await page.getByText('npm run drawbridge -- vault rotate-kek --finish', { exact: true }).waitFor();
  });

  test('says what is wrong when the key is missing, and what goes on meanwhile', async () => {
    const { page, api } = await open();
    const text = 'The key file /home/example/keys/dep_made_up.kek is missing. Put the copy back.';
    api.trust.vault.trouble = { code: 'kek_missing', text };
    await page.goto(`${api.origin}/vault`);
    await page.getByRole('heading', { level: 1, name: /The vault does not run/ }).waitFor();
    await page.getByText(text).waitFor();
    await page.getByText(/Gateways go on with what they have/).waitFor();
    const row = page.locator('tr[aria-current=true]');
    await expect.poll(() => row.textContent()).toContain('kek_missing');
    expect(await axeFindings(page)).toEqual([]);
  });

  test('shows nothing to who may not see it, and what failed where it can’t be read', async () => {
    const { page, api } = await open();
    api.trouble.set('/vault', {
      status: 500,
      body: { title: 'Something failed here', status: 500, code: 'internal', detail: 'Report the id.' },
    });
    await page.goto(`${api.origin}/vault`);
    await page.getByRole('alert').getByText('Report the id.').waitFor();
    api.trouble.clear();
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('heading', { level: 1, name: /37 secrets/ }).waitFor();
    api.people.roles = ['developer'];
    await page.goto(`${api.origin}/vault`);
    await page.getByRole('heading', { level: 1, name: 'Your roles do not permit this.' }).waitFor();
    const rail = page.getByRole('complementary');
    await expect.poll(() => rail.getByRole('link', { name: 'Vault' }).count()).toBe(0);
  });
});
