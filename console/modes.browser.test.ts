import { axeFindings, describeInBrowser, expect, test } from './testing/browser.ts';

describeInBrowser('the mode of a connection', (open) => {
  test('is chosen after seeing what it would change, by the crossings, and with a reason', async () => {
    const { page, api } = await open({ path: '/connections/mixpanel_eu', crossings: 60 });
    const section = page.getByRole('region', { name: 'Mode', exact: true });
    await section.getByRole('radio', { name: /Observe/ }).check();
    const table = section.getByRole('table', { name: 'What “Observe” would change' });
    const row = table.getByRole('row', { name: /E-mail address/ });
    await row.getByText('dropped').waitFor();
    await row.getByText('passed').waitFor();
    const refused = api.world.crossings.filter(
      ({ connection, decision }) => connection.id === 'mixpanel_eu' && decision === 'refused',
    ).length;
    await section
      .getByText(new RegExp(`^${refused} crossings? that (is|are) refused now would cross\\.$`))
      .waitFor();
    await section.getByRole('list', { name: 'Why it is refused now' }).waitFor();
    await row.getByLabel(/crossings? with E-mail address/).click();
    const behind = api.world.crossings.filter(
      ({ connection, fields }) =>
        connection.id === 'mixpanel_eu' && fields.some(([name]) => name === 'person.email'),
    );
    const link = row.locator(`a[href="/crossings/${behind[0]?.id}"]`);
    await link.waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await section.getByRole('textbox', { name: 'Why' }).fill('Adopting it');
    await page.reload();
    await expect.poll(() => section.getByRole('radio', { name: /Observe/ }).isChecked()).toBe(true);
    await section.getByRole('button', { name: 'Put “Observe” in force' }).click();
    await section.getByText('What enforcing it would change').waitFor();
    expect(api.writes.at(-1)?.body).toEqual({ mode: 'observe', reason: 'Adopting it' });
    await page.goto(`${api.origin}/vendors`);
    await page
      .getByRole('row', { name: /Mixpanel/ })
      .getByText('Mode: observe')
      .waitFor();
  });

  test('is unknown in its effect without a crossing; a crossing says what would have been done', async () => {
    const { page, api } = await open({ path: '/settings', crossings: 60 });
    const crossing = api.world.crossings.find(({ decision }) => decision === 'forwarded');
    if (crossing === undefined) throw new Error('nothing was forwarded');
    Object.assign(crossing, {
      mode: 'observe',
      would: { fields: [['person.email', 'drop', 2]], reason: 'field_refused' },
      wouldRefuse: { code: 'field_refused', text: 'The contract refuses this.' },
    });
    await page.goto(`${api.origin}/crossings/${crossing.id}`);
    const section = page.getByRole('region', { name: 'What would have been done' });
    await section.getByText('It would have been refused').waitFor();
    await section.getByRole('listitem').filter({ hasText: 'E-mail address' }).getByText('dropped').waitFor();
    api.world.crossings = [];
    await page.goto(`${api.origin}/connections/mixpanel_eu`);
    await page.getByRole('radio', { name: /Minimise/ }).check();
    await page.getByText('No crossing to go by yet').waitFor();
  });
});

describeInBrowser('a break-glass', (open) => {
  test('stands above every page with who, why and until when, and is ended there', async () => {
    const { page, api } = await open({ path: '/connections/mixpanel_eu', crossings: 60 });
    await page.getByRole('button', { name: 'Break the glass' }).click();
    const sheet = page.getByRole('dialog', { name: 'Lift the contract of Mixpanel EU' });
    await sheet.getByLabel('For how long').selectOption('240');
    await sheet.getByLabel('Why').fill('Checkout is down');
    await sheet.getByRole('button', { name: 'Lift the contract of Mixpanel EU' }).click();
    const banner = page.getByRole('region', { name: 'Broken glass' });
    await banner.getByText(/Ends in [34] h/).waitFor();
    expect(api.writes.at(-1)?.body).toEqual({ minutes: 240, reason: 'Checkout is down' });
    expect(await axeFindings(page)).toEqual([]);
    await page.goto(api.origin);
    await banner.getByText('Checkout is down').waitFor();
    await banner.getByText('One person did it', { exact: false }).waitFor();
    await page
      .getByRole('region', { name: 'Needs a person now' })
      .getByText('The glass is broken for Mixpanel EU')
      .waitFor();
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(
      0,
    );
    await banner.getByRole('button', { name: 'End it' }).click();
    const end = page.getByRole('dialog', { name: 'End the break-glass of Mixpanel EU' });
    await end.getByLabel('Why').fill('Checkout is up');
    await end.getByRole('button', { name: 'End the break-glass of Mixpanel EU' }).click();
    await banner.waitFor({ state: 'detached' });
    expect(api.writes.at(-1)).toMatchObject({
      path: '/break-glass/glass_1/end',
      body: { reason: 'Checkout is up' },
    });
    await page.goto(`${api.origin}/connections/mixpanel_eu`);
    await page
      .getByRole('list', { name: 'Earlier ones' })
      .getByText('Ended by Local administrator (Checkout is up)')
      .waitFor();
  });
});
