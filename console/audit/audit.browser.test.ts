import { readFile } from 'node:fs/promises';
import { unzipSync } from 'fflate';
import { axeFindings, describeInBrowser, expect, test } from '../testing/browser.ts';

const change = '/audit/changes/0199c0de-0000-7000-8000-000000000043';

describeInBrowser('the audit page', (open) => {
  test('filters stay in the address, a change opens from its row by keyboard, and new ones come by themselves', async () => {
    const { page, api } = await open({ path: '/audit' });
    const table = page.getByRole('table', { name: 'Changes' });
    await table.getByText('Break-glass ran out').first().waitFor();
    await api.audit.happen('They apologised');
    api.tell('changes');
    await table.getByText('They apologised').waitFor();
    await page.getByRole('heading', { level: 1, name: /^301 changes/ }).waitFor();

    await page.getByLabel('What', { exact: true }).selectOption({ label: 'Key’s limits changed' });
    await page.getByText('43 rows.').waitFor();
    expect(new URL(page.url()).search).toBe('?act=key.caps');
    await page.keyboard.press('Escape');
    await table.getByRole('link').first().focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: /^Key’s limits changed/ }).waitFor();
    await page.goBack();
    await page.getByText('43 rows.').waitFor();
    await page.getByLabel('Before day').fill('2001-01-01');
    await page.getByRole('heading', { name: 'No change fits the filters' }).waitFor();
    await page.getByRole('main').getByRole('link', { name: 'Clear filters' }).last().click();
    await page.getByText('First 200 rows').waitFor();
  });

  test('a log is verified and remembered: red when its past is rewritten, though signed, and when one bit is wrong', async () => {
    const { page, api, complaints } = await open({ path: '/audit' });
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await page
      .getByRole('region', { name: 'Logs' })
      .getByRole('button', { name: 'Verify now' })
      .press('Enter');
    const verdict = page.getByRole('main').getByRole('status');
    await verdict.getByText('Verified here: 300 entries').waitFor();
    await verdict.getByText('Hashed 300 entries from 2 files: they have the signed root.').waitFor();
    await verdict.getByText(/had verified nothing of it before/).waitFor();
    for (const file of [
      'checkpoint',
      'tile/0/000',
      'tile/0/001.p/44',
      'tile/1/000.p/1',
      'tile/entries/000',
    ]) {
      expect(asked).toContain(`/api/v1/logs/control/${file}`);
    }
    expect(await axeFindings(page)).toEqual([]);

    await api.audit.happen('Grown by one');
    await page.getByRole('region', { name: 'Logs' }).getByRole('button', { name: 'Verify again' }).click();
    await verdict.getByText('It begins with the 300 entries that this browser verified').waitFor();

    const alarm = page.getByRole('main').getByRole('alert');
    await api.audit.rewrite(17, 'It never happened');
    await page.getByRole('region', { name: 'Logs' }).getByRole('button', { name: 'Verify again' }).click();
    await alarm.getByText(/its past was rewritten/).waitFor();

    const tile = api.audit.files.get('tile/0/000');
    if (tile === undefined) throw new Error('the made-up log has no full tile');
    tile[700] = (tile[700] ?? 0) ^ 1;
    await page.getByRole('region', { name: 'Logs' }).getByRole('button', { name: 'Verify again' }).click();
    await alarm.getByText('This log does not verify').waitFor();
    await alarm.getByText('tile/0/000 is not what the entries hash to.').waitFor();
    // It is said where people look first, too.
    await page.getByRole('link', { name: 'Overview' }).click();
    const attention = page.getByRole('region', { name: /a person/ });
    await attention.getByText(/did not verify in this browser/).waitFor();
    await attention.getByRole('link', { name: 'Audit' }).click();
    await alarm.getByText('This log does not verify').waitFor();
    expect(complaints).toEqual([]);
  });

  test('trouble that the control plane tells is an alarm here and on the overview; what can’t be read is no verdict', async () => {
    const { page, api } = await open();
    api.audit.trouble = {
      code: 'files_older',
      text: 'The files of the log end before what was signed.',
      since: new Date(Date.now() - 65_000).toISOString(),
    };
    await page.goto(`${api.origin}/`);
    const attention = page.getByRole('region', { name: /a person/ });
    await attention.getByText(/“Changes of this deployment”: The files of the log end/).waitFor();
    await attention.getByRole('link', { name: 'Audit' }).click();
    await page.getByRole('heading', { level: 1, name: /needs a person now/ }).waitFor();
    await page.getByRole('alert').getByText('The files of the log end before').waitFor();
    api.trouble.set('/logs/control/checkpoint', {
      status: 503,
      body: { title: 'Not available', status: 503, code: 'unavailable', detail: 'The disk is away.' },
    });
    await page.getByRole('region', { name: 'Logs' }).getByRole('button', { name: 'Verify now' }).click();
    await page.getByRole('alert').getByText('The disk is away.').waitFor();
    await expect.poll(() => page.getByText('does not verify').count()).toBe(0);
  });
});

describeInBrowser('the log over all logs', (open) => {
  test('says who cosigned when and for which logs it speaks, is verified with its witnesses, and is loud when it has to be', async () => {
    const { page, api, complaints } = await open({ width: 390 });
    const { log } = await api.audit.beginRoot();
    await page.goto(`${api.origin}/audit`);
    const card = page.getByRole('listitem').filter({ hasText: 'All logs together' });
    await card.getByText('1 of 2 witnesses must cosign a checkpoint before it is published.').waitFor();
    const rows = card.getByRole('table', { name: 'Witnesses of the log over all logs' }).getByRole('row');
    await expect
      .poll(() => rows.nth(1).getByRole('cell').allTextContents())
      .toEqual(['witness.partner.example/w1', expect.stringMatching(/ago|now/), '1']);
    await rows.nth(2).getByText('could not be reached: ECONNREFUSED').waitFor();
    await card.getByText('Speaks for 2 logs').click();
    await card.getByRole('cell', { name: 'dep-made-up.example/control', exact: true }).waitFor();
    await card.getByRole('button', { name: 'Verify now' }).click();
    await card.getByText(/Cosigned by the witness witness\.partner\.example\/w1, by its clock/).waitFor();
    await expect.poll(() => page.getByRole('alert').count()).toBe(0);
    expect(await axeFindings(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(
      0,
    );

    const since = new Date(Date.now() - 65_000).toISOString();
    const text = 'The witness auditor.example/drawbridge contradicts the root log.';
    log.trouble = { code: 'witness_ahead', text, since };
    const rewritten = 'The history of the gateway’s log was rewritten.';
    const [, gateway] = log.root.logs;
    if (gateway !== undefined) gateway.trouble = { code: 'rewritten', text: rewritten, since };
    await page.goto(`${api.origin}/`);
    const attention = page.getByRole('region', { name: /a person/ });
    await attention.getByText(`“All logs together”: ${text}`).waitFor();
    await attention.getByText(rewritten).waitFor();
    await attention.getByRole('link', { name: 'Audit' }).first().click();
    await page.getByRole('heading', { level: 1, name: 'The log over all logs needs a person now' }).waitFor();
    await page.getByRole('alert').getByText(text).waitFor();
    await page.getByRole('alert').getByText(rewritten).waitFor();
    expect(complaints).toEqual([]);
  });
});

describeInBrowser('a change and its proof', (open) => {
  test('says before and after, draws the way to the root, is verified here, and saved byte for byte for elsewhere', async () => {
    const { page, api, complaints } = await open({ path: change, width: 390, theme: 'dark' });
    await page.getByRole('heading', { level: 1, name: /^Key’s limits changed/ }).waitFor();
    const row = page.getByRole('row', { name: /^per minute/ });
    await expect.poll(() => row.getByRole('cell').allTextContents()).toEqual(['60', '600']);
    await page.getByText('The same as a table').click();
    const way = page.getByRole('table', { name: 'The way from the entry to the signed root, in 9 steps' });
    await way.getByRole('cell', { name: /^right, entries 256–299: / }).waitFor();
    await page.getByRole('button', { name: 'Verify now' }).click();
    const verdict = page.getByRole('main').getByRole('status');
    await verdict.getByText('Verified here: entry 43 of 300 says what this page says').waitFor();
    await expect.poll(() => verdict.getByText('passed').count()).toBe(4);
    await expect.poll(() => page.getByRole('alert').count()).toBe(0);
    expect(await axeFindings(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(
      0,
    );
    await page.getByText(/^node verify\.mjs --vkey "dep-made-up\.example\/control\+/).waitFor();
    const saved = async (): Promise<Record<string, Uint8Array>> => {
      const download = page.waitForEvent('download');
      await page.getByRole('button', { name: 'Download for an outsider' }).click();
      return unzipSync(await readFile(await (await download).path()));
    };
    const kept = api.audit.rows[43];
    if (kept === undefined) throw new Error('the made-up log is too short');
    const bare = await saved();
    expect(Buffer.from(bare['change.tlog-proof'] ?? []).toString()).toMatch(
      /^c2sp\.org\/tlog-proof@v1\nindex 43\n/,
    );
    expect(Buffer.from(bare['change.entry'] ?? [])).toEqual(kept.entry);
    expect(Object.keys(bare)).not.toContain('row.json');
    await page.getByRole('checkbox', { name: /^Who did it, why/ }).check();
    await page.getByText(/^node opens\.mjs$/m).waitFor();
    const whole = await saved();
    expect(Buffer.from(whole['row.json'] ?? []).toString()).toBe(kept.payload);
    expect(Buffer.from(whole.salt ?? [])).toEqual(kept.salt);
    expect(complaints).toEqual([]);
  });

  test('a row that was changed after it was logged, and a bent tile, are red', async () => {
    const { page, api } = await open();
    const row = api.audit.rows[43];
    const tile = api.audit.files.get('tile/0/000');
    if (row === undefined || tile === undefined) throw new Error('the made-up log is too short');
    row.reason = 'Nothing to see here';
    await page.goto(api.origin + change);
    await page.getByRole('button', { name: 'Verify now' }).click();
    const alarm = page.getByRole('main').getByRole('alert');
    await alarm.getByText(/The entry commits to something else than this page shows/).waitFor();
    tile[43 * 32] = (tile[43 * 32] ?? 0) ^ 1;
    await page.getByRole('button', { name: 'Verify again' }).click();
    await alarm.getByText('tile/0/000 is not the tile that the log has signed.').waitFor();
    await expect.poll(() => alarm.getByText('not reached').count()).toBe(1);
  });
});
