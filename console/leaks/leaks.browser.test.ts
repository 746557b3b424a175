import { axeFindings, describeInBrowser, expect, test } from '../testing/browser.ts';

describeInBrowser('leaks', (open) => {
  test('a leaked key shows its places as they are, and is revoked in place', async () => {
    const { page, api, complaints } = await open({ path: '/leaks' });
    const table = page.getByRole('table', { name: 'Leaked keys' });
    // Markup in a path is text.
    await table.getByText(/config\/<img src=x onerror=alert\(1\)>\.env:12/).waitFor();
    await table.getByText('and 1 more place').waitFor();
    const scans = page.getByRole('table', { name: 'Scans' });
    await scans.getByText('running').waitFor();
    await scans.getByText('stopped without an end').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await table.getByRole('link', { name: /^A virtual key of/ }).click();
    await page.getByRole('heading', { level: 1, name: /lies in 2 places/ }).waitFor();
    await page.getByText('in history: git show 3f1c0a9b77de:deploy/old.env').waitFor();
    await page.getByText('gone since scan 7').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.getByRole('button', { name: 'Revoke it' }).click();
    const sheet = page.getByRole('dialog');
    await sheet.getByLabel('Why').fill('It lies in a repository');
    expect(await axeFindings(page)).toEqual([]);
    await sheet.getByRole('button', { name: /^Revoke/ }).click();
    await expect.poll(() => api.writes.at(-1)?.method).toBe('DELETE');
    expect(api.writes.at(-1)?.path).toMatch(/\/keys\/[^/]+$/);
    expect(complaints).toEqual([]);
  });

  test('a credential is rotated from the list, by the rotation of its connection', async () => {
    const { page } = await open({ path: '/leaks' });
    await page.getByRole('button', { name: 'Rotate now: The credential of OpenAI' }).click();
    await page
      .getByRole('dialog')
      .getByRole('heading', { name: /OpenAI/ })
      .waitFor();
    await page.getByRole('dialog').getByLabel('Why').waitFor();
  });

  test('what became of it is said, and closes it; what is done at once is chosen', async () => {
    const { page, api } = await open({ path: '/leaks/leak_unknown' });
    await page.getByRole('button', { name: 'Say what became of it' }).click();
    const sheet = page.getByRole('dialog');
    await sheet.getByRole('radio', { name: /Accepted for a while/ }).check();
    await sheet.getByLabel('Until').fill('2030-01-01');
    await sheet.getByLabel('Why').fill('For the demo');
    expect(await axeFindings(page)).toEqual([]);
    await sheet.getByRole('button', { name: 'Save' }).click();
    await page.getByText(/^accepted, says Ada Example: For the demo/).waitFor();
    expect(api.writes.at(-1)?.body).toMatchObject({ state: 'accepted', reason: 'For the demo' });
    await page.goto(`${api.origin}/leaks?act=policy`);
    await page.getByRole('radio', { name: /It is told of/ }).check();
    await page.getByRole('dialog').getByLabel('Why').fill('Our own CI revokes');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(api.writes.at(-1)).toMatchObject({ method: 'PUT', body: { virtualKeys: 'tell' } });
  });

  test('before the first scan the command stands there with this console’s address', async () => {
    const { page, api } = await open({ path: '/leaks', empty: true });
    await page.getByText(`--report ${api.origin}`).waitFor();
    await page.getByText('exec drawbridge scan --secrets-only --staged').waitFor();
    await page.getByRole('link', { name: 'Make a token' }).waitFor();
  });
});
