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
    await page.getByRole('heading', { level: 1, name: /^1,003 names/ }).waitFor();
    expect(complaints).toEqual([]);
  });

  test('whose an unknown domain is, is said in place; the evidence names file and line', async () => {
    const { page, api } = await open({ path: '/discover?q=collector' });
    await page.getByRole('link', { name: 'collector.example' }).click();
    const evidence = page.getByRole('table', { name: 'Evidence' });
    await evidence.getByText('access.log.3.gz:118').first().waitFor();
    await evidence.getByText('fields: user.email').waitFor();
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
