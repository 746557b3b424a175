import { readFile } from 'node:fs/promises';
import { unzipSync } from 'fflate';
import type { Contradiction } from '../api/log-types.ts';
import { axeFindings, describeInBrowser, expect, test, type Visit } from '../testing/browser.ts';

async function crossingOf({ api }: Visit) {
  const crossing = api.world.crossings.find(
    ({ decision, vendor }) => decision === 'forwarded' && vendor === 'mixpanel',
  );
  if (crossing === undefined) throw new Error('nothing made up has crossed');
  return crossing;
}

describeInBrowser('a crossing and its proof', (open) => {
  test('is shown when it is asked for, verified here, and saved for elsewhere without payload unless it is ticked', async () => {
    const visit = await open({ width: 390, theme: 'dark' });
    const { page, api, complaints } = visit;
    const crossing = await crossingOf(visit);
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await page.goto(`${api.origin}/crossings/${crossing.id}`);
    await page.getByRole('button', { name: 'Show the proof' }).press('Enter');
    await page.getByText(/^Entry \d+ of the log\. Joined with the hash beside it/).waitFor();
    expect(new URL(page.url()).search).toBe('?proof=leaf');
    await page.getByRole('button', { name: 'Verify now' }).click();
    const verdict = page.getByRole('main').getByRole('status');
    await verdict.getByText(/^Verified here: entry [\d,]+ of 1,201 says what this page says/).waitFor();
    await expect.poll(() => verdict.getByText('passed').count()).toBe(5);
    expect(asked.some((path) => path.startsWith('/api/v1/logs/gateways/1/tile/entries/'))).toBe(true);
    expect(await axeFindings(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(
      0,
    );

    const saved = async (): Promise<string[]> => {
      const download = page.waitForEvent('download');
      await page.getByRole('button', { name: 'Download for an outsider' }).click();
      const file = await download;
      expect(file.suggestedFilename()).toBe(`crossing-${crossing.id}.zip`);
      return Object.keys(unzipSync(await readFile(await file.path()))).sort();
    };
    const bare = ['checkpoint', 'index.html', 'leaf.entry', 'leaf.tlog-proof'];
    const settled = ['settlement.entry', 'settlement.tlog-proof', 'verifier-key.txt', 'verify.mjs'];
    expect(await saved()).toEqual([...bare, ...settled]);
    await page.getByRole('checkbox', { name: /^Item 1: about / }).check();
    expect(await saved()).toEqual([...bare, 'items/0.json', 'opens.mjs', ...settled].sort());

    await page.getByRole('button', { name: 'The settlement' }).click();
    await page.getByRole('button', { name: 'Verify now' }).click();
    await verdict.getByText(/^Verified here: entry/).waitFor();
    await expect.poll(() => verdict.getByText('passed').count()).toBe(4);
    expect(complaints).toEqual([]);
  });

  test('whose page shows something else than was logged, or whose log was bent, is red', async () => {
    const visit = await open();
    const { page, api } = visit;
    const crossing = await crossingOf(visit);
    // Makes the log of what was there.
    await api.journal.listed();
    const [item] = crossing.items;
    const field = item?.fields.find(({ treatment }) => treatment === 'drop');
    if (field === undefined) throw new Error('nothing made up was dropped');
    field.treatment = 'pass';
    await page.goto(`${api.origin}/crossings/${crossing.id}?proof=leaf`);
    const alarm = page.getByRole('main').getByRole('alert');
    await page.getByRole('button', { name: 'Verify now' }).click();
    await alarm.getByText('The entry commits to other items than are shown').waitFor();
    crossing.method = 'PUT';
    api.tell('crossings');
    await page.getByText(/, PUT track\./).waitFor();
    await page.getByRole('button', { name: 'Verify again' }).click();
    await alarm.getByText('The entry says something else than this page shows').waitFor();
    for (const tile of api.journal.log.files.values()) tile[700] = (tile[700] ?? 0) ^ 1;
    await page.getByRole('button', { name: 'Verify again' }).click();
    await alarm.getByText('This crossing does not verify').waitFor();
    await expect.poll(() => alarm.getByText('not reached').count()).toBeGreaterThan(1);
  });
});

describeInBrowser('the gateways’ logs', (open) => {
  test('are listed and verified here; a contradiction is an alarm until somebody acknowledges it, and stays', async () => {
    const { page, api, complaints } = await open();
    const { signer, origin } = api.journal.log;
    const contradiction: Contradiction = {
      id: 3,
      origin,
      kind: 'other_root',
      text: 'A checkpoint was signed over other entries than are stored here.',
      verifierKey: signer.verifierKey,
      note: `${origin}\n700\nAAAA\n\n— made up\n`,
      ourRoot: 'BBBB',
      foundAt: new Date(Date.now() - 3_600_000).toISOString(),
      lastAt: new Date(Date.now() - 60_000).toISOString(),
      times: 2,
      acknowledged: null,
    };
    await page.goto(`${api.origin}/audit`);
    const logs = page.getByRole('region', { name: 'Journals of the gateways' });
    await logs.getByText('1,201 entries').waitFor();
    await logs.getByRole('button', { name: 'Verify now' }).press('Enter');
    await logs.getByRole('status').getByText('Verified here: 1,201 entries').waitFor();
    await expect.poll(() => page.getByRole('alert').count()).toBe(0);

    api.journal.contradictions.push(contradiction);
    api.tell('gateways');
    await page.getByRole('heading', { level: 1, name: 'The record needs a person now' }).waitFor();
    await logs.getByRole('alert').getByText('does not fit what is stored of it').waitFor();
    await logs.getByText('The checkpoint as it was posted').first().press('Enter');
    await logs.getByText('BBBB').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await logs.getByRole('button', { name: 'Acknowledge' }).press('Enter');
    expect(new URL(page.url()).search).toBe('?evidence=3');
    const sheet = page.getByRole('dialog', { name: 'Acknowledge the evidence' });
    await sheet.getByText('The evidence stays').waitFor();
    await sheet.getByLabel('Why').fill('A drill of ours');
    await sheet.getByRole('button', { name: 'Acknowledge' }).press('Enter');
    await logs.getByText('1 acknowledged piece of evidence').press('Enter');
    await logs.getByText('Acknowledged by Local administrator').waitFor();
    await logs.getByText('A drill of ours').waitFor();
    await expect.poll(() => page.getByRole('alert').count()).toBe(0);
    expect(api.writes.at(-1)).toMatchObject({
      path: '/gateways/gw-1/contradictions/3/acknowledge',
      body: { reason: 'A drill of ours' },
    });
    expect(complaints).toEqual([]);
  });
});
