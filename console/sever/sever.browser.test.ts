import { axeFindings, describeInBrowser, expect, test } from '../testing/browser.ts';

/** What somebody who is woken at night may take, from the vendor's page to the proof. Milliseconds. */
const WITHIN_MS = 10_000;

describeInBrowser('cutting a vendor off', (open) => {
  test('on a phone takes one sheet and less than ten seconds, and shows where it is in force and what is left', async () => {
    const { page, api, complaints } = await open({ path: '/vendors/mixpanel', width: 390, theme: 'dark' });
    const button = page.getByRole('button', { name: 'Sever Mixpanel' });
    await button.waitFor();
    const begun = performance.now();
    await button.click();
    const sheet = page.getByRole('dialog', { name: 'Cut off Mixpanel' });
    await sheet.getByText(/1 app would stop: 48,211 crossings in the last 7 days/).waitFor();
    await sheet.getByText(/Substitutes: PostHog/).waitFor();
    await sheet.getByLabel('Why').fill('They told us of a breach');
    const took = performance.now() - begun;
    expect(await axeFindings(page)).toEqual([]);
    const confirmed = performance.now();
    await sheet.getByRole('button', { name: 'Cut off Mixpanel now' }).click();
    await page
      .getByRole('heading', { level: 1, name: 'Mixpanel is cut off, in force at every gateway' })
      .waitFor();
    expect(took + performance.now() - confirmed).toBeLessThan(WITHIN_MS);
    expect(api.writes.at(-1)).toMatchObject({
      path: '/severances',
      body: { target: { kind: 'vendor', id: 'mixpanel' }, reason: 'They told us of a breach' },
    });
    for (const name of ['Cut now', 'Revoke there', 'Not ours to cut', 'Unknown'])
      await page.getByRole('list', { name }).waitFor();
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(wide).toBeLessThanOrEqual(0);
    expect(await axeFindings(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test('a line is marked with what shows it, and taken back; the vendor’s page leads there; it is reopened', async () => {
    const { page, api } = await open({ path: '/vendors/mixpanel' });
    await page.getByRole('button', { name: 'Sever Mixpanel' }).click();
    const sheet = page.getByRole('dialog', { name: 'Cut off Mixpanel' });
    await sheet.getByLabel('Until').selectOption({ label: 'In 4 hours' });
    await sheet.getByLabel(/Destroy its pseudonym secrets/).check();
    await sheet.getByText('can not be undone').waitFor();
    await sheet.getByLabel('Why').fill('A test');
    await sheet.getByRole('button', { name: 'Cut off Mixpanel now' }).click();
    await page.getByText('Mixpanel, epoch 3: destroyed').waitFor();
    const { until, destroyPseudonyms } = (api.writes.at(-1)?.body ?? {}) as {
      until: string;
      destroyPseudonyms: boolean;
    };
    expect(destroyPseudonyms).toBe(true);
    expect(Math.abs(Date.parse(until) - Date.now() - 4 * 3_600_000)).toBeLessThan(60_000);

    const there = page.getByRole('list', { name: 'Revoke there' });
    await there
      .getByRole('button', { name: /Mark as done: Revoke the grant of Mixpanel for Sheets/ })
      .click();
    const mark = page.getByRole('dialog', { name: 'Mark as done' });
    await mark.getByLabel('What shows it').fill('Ticket 4711');
    await mark.getByLabel('Why').fill('Revoked');
    expect(await axeFindings(page)).toEqual([]);
    await mark.getByRole('button', { name: 'Mark as done' }).click();
    await there.getByText(/Done, by Ada Example: Ticket 4711/).waitFor();
    // Drawbridge proves what it cuts: nobody marks that.
    expect(await page.getByRole('list', { name: 'Cut now' }).getByRole('button').count()).toBe(0);
    await there.getByRole('button', { name: /Not done after all: Revoke the grant/ }).click();
    const back = page.getByRole('dialog', { name: 'Not done after all' });
    await back.getByLabel('Why').fill('It was another one');
    await back.getByRole('button', { name: 'Not done after all' }).click();
    await there.getByText(/Ticket 4711/).waitFor({ state: 'detached' });

    await page.goto(`${api.origin}/vendors/mixpanel`);
    await page.getByRole('link', { name: 'See what is cut and what is left to do' }).click();
    await page.getByRole('button', { name: 'Reopen' }).click();
    const reopen = page.getByRole('dialog', { name: 'Reopen Mixpanel' });
    await reopen.getByLabel('Why').fill('It is safe again');
    await reopen.getByRole('button', { name: 'Reopen' }).click();
    await page.getByRole('heading', { level: 1, name: 'Mixpanel was cut off, and is reopened' }).waitFor();
    expect(await page.getByRole('button', { name: 'Reopen' }).count()).toBe(0);
  });

  test('a gateway that is away is named, and the page says so by itself once it is not', async () => {
    const { page, api } = await open({ path: '/vendors/mixpanel' });
    api.sever.away = ['gateway-2'];
    await page.getByRole('button', { name: 'Sever Mixpanel' }).click();
    const sheet = page.getByRole('dialog', { name: 'Cut off Mixpanel' });
    await sheet.getByLabel('Why').fill('A test');
    await sheet.getByRole('button', { name: 'Cut off Mixpanel now' }).click();
    await page
      .getByRole('heading', { level: 1, name: 'Mixpanel is cut off, but not at gateway-2' })
      .waitFor();
    await page.getByText(/gateway-2 \(2 workers\)/).waitFor();
    const [one] = api.sever.severances;
    if (one === undefined) throw new Error('nothing was cut off');
    one.state = 'in_force';
    one.inForce = one.inForce.map((each) => ({ ...each, at: new Date().toISOString() }));
    api.tell('severances');
    await page
      .getByRole('heading', { level: 1, name: 'Mixpanel is cut off, in force at every gateway' })
      .waitFor();
  });

  test('one kind of data is cut off alone, and opens under a changed contract only after somebody looked', async () => {
    const { page, api } = await open({ path: '/vendors/mixpanel' });
    await page.getByRole('button', { name: 'Sever Mixpanel' }).click();
    const sheet = page.getByRole('dialog', { name: 'Cut off Mixpanel' });
    const choice = sheet.getByLabel('What', { exact: true });
    const label = await choice.locator('option').nth(1).textContent();
    await choice.selectOption({ index: 1 });
    await sheet.getByLabel('Leave the values out').check();
    await sheet.getByLabel('Why').fill('A test');
    await sheet.getByRole('button', { name: 'Cut off Mixpanel now' }).click();
    await page
      .getByRole('heading', { level: 1, name: `${label?.replace(' alone', '')} to Mixpanel is cut off` })
      .waitFor();
    expect(api.writes.at(-1)?.body).toMatchObject({ target: { kind: 'field_class', treatment: 'drop' } });
    const [one] = api.sever.severances;
    if (one === undefined) throw new Error('nothing was cut off');
    one.waits = {
      why: 'contract_changed',
      text: 'Look first.',
      contracts: [{ connection: { id: 'mixpanel_eu', name: 'Mixpanel EU' }, was: 1, now: 2 }],
    };
    api.tell('severances');
    await page
      .getByText(/Nothing opens before somebody has looked: Mixpanel EU: version 1 then, 2 now/)
      .waitFor();
    await page.getByRole('button', { name: 'Reopen' }).click();
    const reopen = page.getByRole('dialog', { name: 'Reopen Mixpanel' });
    await reopen.getByLabel('Why').fill('I looked');
    await reopen.getByLabel('I have looked at these contracts').check();
    expect(await axeFindings(page)).toEqual([]);
    await reopen.getByRole('button', { name: 'Reopen' }).click();
    await page.getByRole('heading', { level: 1, name: /was cut off, and is reopened/ }).waitFor();
    expect(api.writes.at(-1)?.body).toMatchObject({ contracts: { mixpanel_eu: 2 } });
  });

  test('who may not cut off is not offered it', async () => {
    const { page, api } = await open({ path: '/settings' });
    api.people.roles = ['auditor'];
    await page.goto(`${api.origin}/vendors/mixpanel`);
    await page.getByRole('link', { name: 'What if' }).first().waitFor();
    expect(await page.getByRole('button', { name: 'Sever Mixpanel' }).count()).toBe(0);
  });
});
