import { axeFindings, describeInBrowser, expect, test } from '../testing/browser.ts';

describeInBrowser('keys everywhere', (open) => {
  test('a key is tightened after the preview, in one act, and only as far as it is chosen', async () => {
    const { page, api, complaints } = await open({ path: '/keys' });
    await page
      .getByRole('button', { name: /^Tighten key/ })
      .first()
      .click();
    const sheet = page.getByRole('dialog');
    await sheet.getByText(/^Would have refused 0 of [\d,]+ crossings of the last 30 days\.$/).waitFor();
    await sheet.getByText('It may be used from 10.1.2.0/24, and from nowhere else.').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await sheet.getByRole('checkbox', { name: /It may be used from/ }).uncheck();
    await sheet.getByText(/^Would have refused 0 of/).waitFor();
    await sheet.getByRole('button', { name: 'Tighten the key' }).click();
    await sheet.waitFor({ state: 'detached' });
    expect(api.writes.at(-1)).toMatchObject({
      method: 'PATCH',
      path: expect.stringMatching(/\/keys\/[^/]+\/bounds$/),
      body: { classes: ['inference'], reason: 'It does not use more' },
    });
    expect(api.writes.at(-1)?.body).not.toHaveProperty('networks');
    expect(complaints).toEqual([]);
  });

  test('a list is imported, and rows with whole keys are said by line and column', async () => {
    const { page, api } = await open({ path: '/keys' });
    await page.getByRole('button', { name: 'Import a list' }).first().click();
    const sheet = page.getByRole('dialog');
    await sheet.getByLabel('What the list is of').fill('Register');
    await sheet.getByLabel('Format').selectOption('csv');
    await sheet.getByLabel('Id, which stays the same').fill('id');
    await sheet.getByLabel('Owner').fill('who');
    await sheet.getByLabel('Why').fill('The register of today');
    await sheet.getByRole('button', { name: 'Import the list' }).click();
    await sheet.getByText('Choose a file.').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    const buffer = Buffer.from('id,who\nk-1,Bo Example');
    await sheet.getByLabel('The file').setInputFiles({ name: 'keys.csv', mimeType: 'text/csv', buffer });
    await sheet.getByRole('button', { name: 'Import the list' }).click();
    await sheet.getByText('2 keys were taken in: 1 new, 0 gone.').waitFor();
    await sheet.getByText('Line 3, note').waitFor();
    expect(api.writes.at(-1)?.body).toMatchObject({
      source: 'Register',
      format: 'csv',
      content: 'id,who\nk-1,Bo Example',
      mapping: { id: 'id', owner: 'who' },
    });
  });

  test('a canary is planted and shown once; who used one is told', async () => {
    const { page, api } = await open({ path: '/keys' });
    const table = page.getByRole('table', { name: 'Canary keys' });
    await table.getByText('was used').waitFor();
    await table.getByRole('button', { name: /^Change the canary key/ }).click();
    await page.getByRole('menuitem', { name: 'See its uses' }).click();
    await page.getByRole('dialog').getByText('203.0.113.5').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Plant a canary key' }).first().click();
    const sheet = page.getByRole('dialog');
    await sheet.getByLabel('What it looks like').selectOption({ label: 'OpenAI, project key' });
    await sheet.getByLabel('Where it will lie').fill('The old repository');
    await sheet.getByLabel('Who looks when it is used').fill('Security team');
    expect(await axeFindings(page)).toEqual([]);
    await sheet.getByRole('button', { name: 'Make the key' }).click();
    await sheet.getByText(/^sk-proj-/).waitFor();
    expect(api.writes.at(-1)?.body).toMatchObject({
      vendor: 'openai',
      form: 'project',
      place: 'The old repository',
    });
    await sheet.getByRole('button', { name: 'It is planted' }).click();
    await table.getByText('The old repository').waitFor();
    expect(await page.content()).not.toContain('sk-proj-');
  });

  test('a virtual key is bound to models and networks where keys are changed', async () => {
    const { page, api } = await open({ path: '/apps/app_2' });
    const keys = page.getByRole('table', { name: 'Virtual keys' });
    await keys
      .getByRole('button', { name: /^Change key/ })
      .last()
      .click();
    await page.getByRole('menuitem', { name: 'Bind more tightly' }).click();
    const sheet = page.getByRole('dialog');
    await sheet.getByLabel('Models that it may ask for').fill('gpt-4o*\no4-mini');
    await sheet.getByLabel('Networks that it may be used from').fill('10.1.0.0/16');
    await sheet.getByRole('checkbox', { name: 'Models: embeddings' }).uncheck();
    await sheet.getByLabel('Why').fill('It needs no more');
    expect(await axeFindings(page)).toEqual([]);
    await sheet.getByRole('button', { name: 'Change the bounds' }).click();
    await sheet.waitFor({ state: 'detached' });
    expect(api.writes.at(-1)?.body).toMatchObject({
      models: ['gpt-4o*', 'o4-mini'],
      networks: ['10.1.0.0/16'],
      classes: ['inference'],
      reason: 'It needs no more',
    });
    await keys.getByText(/only gpt-4o\*, o4-mini, only from 10\.1\.0\.0\/16/).waitFor();
  });
});
