import { axeFindings, describeInBrowser, expect, test } from '../testing/browser.ts';
import { fakeRequest } from '../testing/fake-policies.ts';

describeInBrowser('policies', (open) => {
  test('begin with one that is taken over in one act', async () => {
    const { page, api, complaints } = await open({ path: '/policies', empty: true });
    await page.getByRole('heading', { level: 1, name: /^No policy is in force/ }).waitFor();
    await page.getByText('No policy yet').waitFor();
    await page.getByRole('button', { name: 'Take over: Only approved vendors' }).click();
    const sheet = page.getByRole('dialog', { name: 'Put in force: Only approved vendors' });
    await sheet.getByText('resource.vendor.approved').waitFor();
    await sheet.getByLabel('Why').fill('The board asked for it');
    expect(await axeFindings(page)).toEqual([]);
    await sheet.getByRole('button', { name: 'Put in force' }).click();
    await page.getByRole('heading', { level: 1, name: '1 policy is in force' }).waitFor();
    expect(api.writes.at(-1)).toMatchObject({
      method: 'POST',
      path: '/policies',
      body: { name: 'only-approved-vendors', activate: true, reason: 'The board asked for it' },
    });
    await page.getByRole('button', { name: 'Take over: Apps tagged eu-only stay in the EU' }).waitFor();
    await expect
      .poll(() => page.getByRole('button', { name: 'Take over: Only approved vendors' }).count())
      .toBe(0);
    expect(complaints).toEqual([]);
  });

  test('say at the line what is wrong, run their examples, and are tried on real crossings', async () => {
    const { page, api, complaints } = await open({ path: '/policies' });
    await page.getByRole('link', { name: 'Only approved vendors' }).click();
    const text = page.getByRole('textbox', { name: 'Text' });
    const right = await text.inputValue();
    await text.fill(right.replace('vendor.approved', 'vendor.aproved'));
    await page.getByText(/did you mean `approved`/).waitFor();
    await expect
      .poll(() => page.getByRole('button', { name: 'Save and put in force' }).isDisabled())
      .toBe(true);
    expect(await axeFindings(page)).toEqual([]);
    await page.getByRole('button', { name: 'Line 9, column 19' }).click();
    const cursor = await text.evaluate((area: HTMLTextAreaElement) => area.selectionStart);
    expect(right.slice(cursor - 7, cursor)).toBe('vendor.');
    await page.reload();
    await page.getByText(/did you mean `approved`/).waitFor();
    await text.fill(right);
    await page.getByText('Nothing is wrong with the text.').waitFor();

    await page.getByRole('button', { name: 'Add an example' }).click();
    const sheet = page.getByRole('dialog');
    await sheet.getByLabel('Example', { exact: true }).fill('A wrong one');
    await sheet.getByLabel('Tags of the app').fill('eu-only');
    await sheet.getByLabel('Kinds of data that would be passed').fill('person.email');
    expect(await axeFindings(page)).toEqual([]);
    await sheet.getByRole('button', { name: 'Add it' }).click();
    const row = page.getByRole('table', { name: 'Each example' }).getByRole('row', { name: /A wrong one/ });
    await row.getByText('does not hold: nothing denies it').waitFor();
    await row
      .getByText('Tags of the app: eu-only · Kinds of data that would be passed: person.email')
      .waitFor();
    await page.getByRole('button', { name: 'Remove the example “A wrong one”' }).click();

    await page.getByRole('button', { name: 'Try it' }).click();
    await page.getByText(/^It would have refused \d+ of 600$/).waitFor();
    await page.getByText('3: their records do not hold the model; they are not counted as allowed').waitFor();
    await page.getByLabel('Why').fill('Clearer');
    await page.getByRole('button', { name: 'Save and put in force' }).click();
    await page.getByText('Version 2 is in force.').waitFor();
    expect(api.writes.findLast(({ method }) => method === 'PUT')).toMatchObject({
      body: { basedOn: 1, activate: true },
    });
    await page.getByRole('table', { name: 'Each version' }).getByRole('link', { name: '1' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Put version 1 in force' }).click();
    await page.getByRole('dialog').getByLabel('Why').fill('Back');
    await page.getByRole('dialog').getByRole('button', { name: 'Put version 1 in force' }).click();
    await page.getByText('Version 1 is in force; version 2 is saved and is not.').waitFor();

    await text.fill(`${right}// a note`);
    for (const policy of api.policies.policies) policy.version = 3;
    api.tell('policies');
    await page.getByText(/^Version 3 was saved meanwhile/).waitFor();
    await page.getByRole('button', { name: 'Begin again from version 3' }).click();
    await expect.poll(() => text.inputValue()).toBe(right);
    expect(complaints).toEqual([]);
  });

  test('let a refused developer ask, and an owner grant it in two clicks', async () => {
    const { page, api, complaints } = await open({ path: '/settings' });
    const crossing = api.world.crossings.find((row) => row.decision === 'refused');
    if (crossing === undefined) throw new Error('no crossing was refused');
    crossing.refusal = { code: 'policy_denied', text: 'A policy denied the request.' };
    await page.goto(`${api.origin}/crossings/${crossing.id}`);
    await page.getByRole('button', { name: 'Ask for access' }).click();
    await page.getByRole('dialog').getByLabel('Why').fill('The launch needs it');
    expect(await axeFindings(page)).toEqual([]);
    await page.getByRole('dialog').getByRole('button', { name: 'Ask for access' }).click();
    await page.getByText('Nobody decided yet.').waitFor();
    await page.goto(`${api.origin}/policies`);
    await page.getByRole('button', { name: `Grant: ${crossing.app.name}` }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Grant' }).click();
    await page.getByRole('table', { name: 'Who is excepted' }).getByText('Only approved vendors').waitFor();
    expect(api.writes.at(-1)).toMatchObject({ body: { reason: 'The launch needs it' } });
    expect(Date.parse(api.policies.grants[0]?.until ?? '') - Date.now()).toBeGreaterThan(6 * 86_400_000);
    await page.goto(`${api.origin}/crossings/${crossing.id}`);
    await page.getByText(/It was granted, until/).waitFor();
    expect(complaints).toEqual([]);
  });

  test('know of vendors and apps what people entered, with day and source', async () => {
    const { page, api } = await open({ path: '/policy-facts', width: 390, height: 800, theme: 'dark' });
    await page.getByRole('button', { name: 'Change: Mixpanel' }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.getByRole('button', { name: 'Change: Mixpanel' }).click();
    const sheet = page.getByRole('dialog');
    await sheet.getByLabel('It is approved').check();
    await sheet.getByLabel('On which day').fill('2026-03-01');
    await sheet.getByLabel('Where one can see it').fill('Contract folder');
    await sheet.getByLabel('Why').fill('The review is done');
    expect(await axeFindings(page)).toEqual([]);
    await sheet.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('table', { name: 'Each vendor' }).getByText('Contract folder').waitFor();
    expect(api.writes.at(-1)).toMatchObject({
      path: '/vendors/mixpanel/facts',
      body: { approved: { on: '2026-03-01', source: 'Contract folder' }, agreement: null },
    });
  });

  test('are read on a phone in the dark, with a request that waits', async () => {
    const { page, api } = await open({ path: '/settings', width: 390, height: 800, theme: 'dark' });
    const { id, app, connection } = api.world.crossings[0] ?? {};
    if (id === undefined || app === undefined || connection === undefined) throw new Error('no crossing');
    api.policies.requests.push(fakeRequest(id, app, connection, 'The launch needs it'));
    for (const path of ['/policies', '/policies/only-approved-vendors', '/new-policy']) {
      await page.goto(api.origin + path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.waitForLoadState('networkidle');
      expect(await axeFindings(page)).toEqual([]);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(overflow).toBeLessThanOrEqual(0);
    }
  });
});
