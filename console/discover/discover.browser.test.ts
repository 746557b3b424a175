import { axeFindings, describeInBrowser, expect, test } from '../testing/browser.ts';

describeInBrowser('discover', (open) => {
  test('a queue of a thousand is decided by the keyboard alone, with one reason', async () => {
    const { page, api, complaints } = await open({ path: '/discover' });
    const table = page.getByRole('table', { name: 'Candidates' });
    await table.getByText('<img src=x onerror=alert(1)>').waitFor();
    expect(await axeFindings(page)).toEqual([]);

    await page.keyboard.press('j');
    await page.keyboard.press('c');
    // There is no reason yet: it is asked for first, and nothing was decided.
    await page.getByText('Say why first').waitFor();
    expect(api.writes).toEqual([]);
    await page.keyboard.type('Monday’s look through the logs');
    await table.getByRole('link', { name: 'Datadog' }).focus();
    await page.keyboard.press('c');
    await table.getByRole('link', { name: 'Datadog' }).waitFor({ state: 'detached' });
    // The next row has the focus: none of ours.
    await page.keyboard.press('x');
    await expect
      .poll(() => api.writes.flatMap(({ body }) => (body as { items: object[] }).items))
      .toEqual([
        { candidate: 'vendor:datadog', act: 'confirm' },
        { candidate: 'app:<img src=x onerror=alert(1)>', act: 'reject' },
      ]);
    expect(api.writes.at(-1)?.body).toMatchObject({ reason: 'Monday’s look through the logs' });
    await page.getByText('2 decided in this sitting').waitFor();
    await page.getByRole('heading', { level: 1, name: /^1,005 names/ }).waitFor();
    expect(complaints).toEqual([]);
  });

  test('whose an unknown domain is, is said in place; the evidence names file and line', async () => {
    const { page, api } = await open({ path: '/discover?q=collector' });
    await page.getByRole('link', { name: 'collector.example' }).click();
    const evidence = page.getByRole('table', { name: 'Evidence' });
    await evidence.getByText('access.log.3.gz:118').first().waitFor();
    await evidence.getByText('fields: user.email').waitFor();
    expect(
      await evidence.getByRole('link', { name: 'access.log.3.gz:118' }).first().getAttribute('href'),
    ).toBe('/discover/runs/run_3?file=access.log.3.gz&line=118');
    expect(await axeFindings(page)).toEqual([]);
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByLabel('Why, for what you decide now').fill('It is our error tracker');
    await page.getByRole('button', { name: 'Whose? collector.example' }).click();
    const sheet = page.getByRole('dialog');
    expect(await axeFindings(page)).toEqual([]);
    await sheet.getByLabel('Vendor').fill('collector');
    await sheet.getByLabel('Name').fill('Collector Ltd');
    await sheet.getByRole('button', { name: 'It is theirs' }).click();
    await expect
      .poll(() => api.writes.at(-1)?.body)
      .toMatchObject({
        items: [
          {
            candidate: 'domain:collector.example',
            act: 'confirm',
            vendor: 'collector',
            name: 'Collector Ltd',
          },
        ],
      });
  });

  test('what an imported catalogue says is a suggestion, marked with whose word it is, and taken by p', async () => {
    const { page, api, complaints } = await open({ path: '/discover' });
    const table = page.getByRole('table', { name: 'Candidates' });
    const row = table.getByRole('row', { name: /orbit-cdn\.example\s*\? imported: perhaps Orbit, Inc\./ });
    await row.waitFor();
    // It is a suggestion: the candidate is still nobody's.
    await row.getByRole('button', { name: 'Whose? orbit-cdn.example' }).waitFor();
    await page.getByLabel('Why, for what you decide now').fill('Monday’s look');
    await row.getByRole('link', { name: 'orbit-cdn.example' }).press('Enter');
    await page
      .getByRole('table', { name: 'Evidence' })
      .getByText('? imported: perhaps Orbit, Inc.: DuckDuckGo Tracker Radar 2026.10', { exact: false })
      .waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await row.getByRole('link', { name: 'orbit-cdn.example' }).focus();
    await page.keyboard.press('p');
    await row.waitFor({ state: 'detached' });
    await expect
      .poll(() => api.writes.at(-1)?.body)
      .toMatchObject({
        items: [{ candidate: 'domain:orbit-cdn.example', act: 'confirm', vendor: 'orbit' }],
      });
    // The next row has the focus. Of its vendor nothing more is known than a name: it is asked for.
    await page.keyboard.press('p');
    const sheet = page.getByRole('dialog', { name: 'Whose is tracker.example?' });
    await sheet.getByText('A catalogue that was imported names Tracker Works.', { exact: false }).waitFor();
    await sheet.getByText('CC BY-NC-SA 4.0', { exact: false }).waitFor();
    expect(await sheet.getByLabel('Vendor').inputValue()).toBe('tracker-works');
    expect(await sheet.getByLabel('Name').inputValue()).toBe('Tracker Works');
    expect(await axeFindings(page)).toEqual([]);
    await page.keyboard.press('Escape');
    // Where nothing is suggested, p does nothing.
    const writes = api.writes.length;
    await table.getByRole('link', { name: 'collector.example' }).focus();
    await page.keyboard.press('p');
    await table.getByRole('link', { name: 'collector.example' }).waitFor();
    expect(api.writes).toHaveLength(writes);
    expect(complaints).toEqual([]);
  });

  test('a run opens its files, a file what was read of it and not, and a name its line', async () => {
    const { page, complaints } = await open({ path: '/discover' });
    await page.getByRole('link', { name: 'Squid, office Berlin, run 3' }).click();
    await page.getByRole('heading', { level: 1, name: 'Squid, office Berlin, run 3: 3 files' }).waitFor();
    const files = page.getByRole('table', { name: 'Files of the run' });
    await files.getByRole('row', { name: /picture\.bin.*skipped/ }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await files.getByRole('link', { name: 'broken-run_3.log' }).press('Enter');
    const sheet = page.getByRole('dialog');
    await sheet.getByRole('row', { name: '12 bytes is no number' }).waitFor();
    await sheet.getByText('39 more are counted, and not told one by one.').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await files.getByRole('link', { name: 'access.log.3.gz' }).click();
    await sheet
      .getByRole('table', { name: 'Names in this file' })
      .getByRole('link', { name: '118' })
      .first()
      .click();
    await page.getByRole('dialog', { name: 'access.log.3.gz:118' }).waitFor();
    const copy = Array.from({ length: 130 }, (_, at) => `made-up line ${at + 1}`).join('\n');
    await sheet
      .getByLabel('Show line 118 of your copy')
      .setInputFiles({ name: 'access.log', mimeType: 'text/plain', buffer: Buffer.from(copy) });
    await sheet.getByText('made-up line 118').waitFor();
    await sheet.getByText('It is not the file that was read').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test('a run that is not there is said to be that; on a phone nothing sticks out', async () => {
    const { page, api } = await open({ path: '/discover/runs/run_99', width: 390 });
    await page.getByRole('heading', { level: 1, name: 'There is no such run' }).waitFor();
    await page.goto(`${api.origin}/discover/runs/run_2?file=access.log.3.gz`);
    await page.getByRole('table', { name: 'Names in this file' }).waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  });

  test('what the server refuses comes back into the list, with why', async () => {
    const { page, api } = await open({ path: '/discover' });
    api.trouble.set('/discovery/decisions', {
      status: 409,
      body: { title: 'Somebody was faster', code: 'conflict', detail: 'Look at it again.' },
    });
    await page.getByLabel('Why, for what you decide now').fill('As always');
    await page.getByRole('button', { name: 'None: Intercom' }).click();
    await page.getByText('Somebody was faster').waitFor();
    await page.getByRole('link', { name: 'Intercom' }).waitFor();
  });

  test('files are handed in with how far they are, and what could not be read is said', async () => {
    const { page, api, complaints } = await open({ path: '/discover', empty: true });
    await page.getByRole('heading', { level: 1, name: 'Which vendors do your own files show?' }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.getByLabel('Choose files').setInputFiles([
      { name: 'access.log', mimeType: 'text/plain', buffer: Buffer.from('made up') },
      { name: 'broken.log', mimeType: 'text/plain', buffer: Buffer.from('made up') },
      { name: 'picture.bin', mimeType: 'application/octet-stream', buffer: Buffer.from('made up') },
    ]);
    await page.getByLabel('What they are of').fill('Squid, office Berlin');
    await page.getByLabel(/^Why/).fill('The monthly look');
    expect(await axeFindings(page)).toEqual([]);
    await page.getByRole('button', { name: 'Read 3 files' }).click();
    await page.getByText('Done: 2 new, 0 gone, 0 changed.').waitFor();
    await page.getByText('Squid access log: 2 names, 1 place could not be read').waitFor();
    await page.getByText('not read: is no evidence that is understood').waitFor();
    expect(api.writes.map(({ method, path }) => `${method} ${path.replace(/run_\d+/, 'run')}`)).toEqual([
      'POST /discovery/runs',
      'PUT /discovery/runs/run/file',
      'PUT /discovery/runs/run/file',
      'PUT /discovery/runs/run/file',
      'POST /discovery/runs/run/end',
    ]);
    expect(api.writes.at(-1)?.body).toMatchObject({ whole: true });
    expect(complaints).toEqual([]);
  });
});
