import type { Page } from 'playwright-core';
import { axeFindings, describeInBrowser, expect, test } from '../testing/browser.ts';
import { fakeSecrets } from '../testing/fake-persons.ts';
import { withDevice } from '../testing/passkeys.ts';

const heading = (page: Page, name: RegExp) => page.getByRole('heading', { level: 1, name });
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const dialog = (page: Page, name: RegExp) => page.getByRole('dialog', { name });

describeInBrowser('people', (open) => {
  test('somebody from outside is invited, and the link is shown once', async () => {
    const { page, api } = await open({ path: '/people' });
    await button(page, 'Invite somebody').click();
    const sheet = dialog(page, /Invite somebody/);
    await sheet.getByLabel('E-mail address').fill('new@auditors.example');
    await sheet.getByLabel('Why').fill('Audit of this year');
    await sheet.getByRole('button', { name: 'Make the invitation link' }).click();
    await sheet.getByText('Choose at least one role.').waitFor();
    await sheet.getByRole('checkbox', { name: /Auditor/ }).check();
    await sheet.getByLabel('Access ends').fill('2099-06-30');
    // A lost connection or a reload loses nothing that was typed.
    await page.reload();
    await sheet.getByRole('button', { name: 'Make the invitation link' }).click();
    const link = dialog(page, /shown this once/);
    await link.getByText(`${api.origin}/sign-in#token=made-up-`).waitFor();
    expect(await axeFindings(page)).toEqual([]);
    expect(api.writes.at(-1)).toMatchObject({
      path: '/people',
      body: {
        email: 'new@auditors.example',
        roles: ['auditor'],
        accessEnds: '2099-06-30T23:59:59.999Z',
        reason: 'Audit of this year',
      },
    });
    await link.getByRole('button', { name: 'I have given it to them' }).click();
    await expect.poll(() => page.getByText('#token=').count()).toBe(0);
    await heading(page, /2 invitations are open/).waitFor();
  });

  test('a search and filters stand in the address', async () => {
    const { page } = await open({ path: '/people' });
    const rows = page.getByRole('table', { name: 'People' }).getByRole('link');
    await rows.first().waitFor();
    await expect.poll(() => rows.count()).toBe(7);
    await page.getByLabel('Name or e-mail address').fill('auditors');
    await page.getByText('1 row.').waitFor();
    await page.reload();
    await page.getByText('1 row.').waitFor();
    expect(page.url()).toContain('q=auditors');
    await rows.first().click();
    await heading(page, /Eli Pretend has the role Auditor/).waitFor();
  });

  test('offboarding says what ends, and ends it', async () => {
    const { page } = await open({ path: '/people/person_3' });
    await button(page, 'Offboard').click();
    const sheet = dialog(page, /Offboard Chidi/);
    await sheet.getByText('1 session ends.').waitFor();
    await sheet.getByText('API tokens that they made stop working.').waitFor();
    await sheet.getByLabel('Why').fill('They left');
    await sheet.getByRole('button', { name: 'Offboard', exact: true }).click();
    await heading(page, /Chidi Specimen has no access any more/).waitFor();
    await expect.poll(() => button(page, 'Offboard').count()).toBe(0);
  });

  test('who may only look is offered nothing that would be refused, and told who can', async () => {
    const { page, api } = await open();
    api.people.roles = ['auditor'];
    await page.goto(`${api.origin}/people`);
    await page.getByText('Your roles do not let you change who has access.').waitFor();
    await expect.poll(() => button(page, 'Invite somebody').count()).toBe(0);
    await page.goto(`${api.origin}/people/person_3?act=offboard`);
    await heading(page, /Chidi Specimen/).waitFor();
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
    await expect.poll(() => button(page, 'Reset factors').count()).toBe(0);

    await page.goto(`${api.origin}/connections/mixpanel_eu`);
    await page.getByText('Your roles do not permit this.').first().waitFor();
    await expect.poll(() => page.getByRole('button', { name: /Sever/ }).count()).toBe(0);
    api.people.roles = ['security'];
    await page.goto(`${api.origin}/connections/mixpanel_eu`);
    await expect.poll(() => page.getByLabel('Where it goes').isDisabled()).toBe(true);
    api.people.roles = ['auditor'];
    await page.goto(`${api.origin}/apps`);
    await heading(page, /3 apps/).waitFor();
    await expect
      .poll(() =>
        page
          .getByRole('main')
          .getByRole('button', { name: /Name a new app|Make a virtual key/ })
          .count(),
      )
      .toBe(0);

    api.people.roles = ['developer'];
    await page.goto(`${api.origin}/people`);
    await heading(page, /Your roles do not let you see who has access/).waitFor();
    await page.getByText('An owner or administrator').waitFor();
    const rail = page.getByRole('complementary').getByRole('link');
    await expect
      .poll(() => rail.allTextContents())
      .toEqual(expect.arrayContaining(['Overview', 'Vendors', 'Apps and keys', 'Settings']));
    for (const name of ['People', 'Crossings', 'Audit', 'Connect a vendor'])
      await expect.poll(() => rail.getByText(name, { exact: true }).count()).toBe(0);
  });
});

describeInBrowser('a factor that is asked for again', (open) => {
  test('then the same is sent by itself; without it everything stays as it was', async () => {
    const { page, api } = await open({ path: '/people/person_3?act=access' });
    const form = dialog(page, /Roles and end of access/);
    await form.getByRole('checkbox', { name: /Auditor/ }).check();
    await form.getByLabel('Why').fill('Helps with the audit');
    api.people.askForFactor();
    await form.getByRole('button', { name: 'Change', exact: true }).click();
    const confirm = dialog(page, /Confirm that it is you/);
    await confirm.waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await confirm.waitFor({ state: 'detached' });
    await form.getByText('What you typed is still here.').waitFor();
    await expect.poll(() => form.getByLabel('Why').inputValue()).toBe('Helps with the audit');
    await expect.poll(() => form.getByRole('checkbox', { name: /Auditor/ }).isChecked()).toBe(true);

    await form.getByRole('button', { name: 'Change', exact: true }).click();
    await confirm.getByLabel('Code from your authenticator app').fill('000000');
    await confirm.getByRole('button', { name: 'Confirm', exact: true }).click();
    await confirm.getByText('This code is wrong').waitFor();
    await confirm.getByLabel('Code from your authenticator app').fill(fakeSecrets.code);
    await confirm.getByRole('button', { name: 'Confirm', exact: true }).click();
    await heading(page, /Chidi Specimen has the roles Security, Responder and Auditor/).waitFor();
    const sent = api.writes.filter(({ method }) => method === 'PATCH');
    expect(sent).toHaveLength(3);
    expect(sent[2]?.body).toEqual(sent[1]?.body);
  });

  test('is asked for once, however many writes wait for it', async () => {
    const { page, api } = await open({ path: '/profile' });
    const ends = page
      .getByRole('region', { name: 'Where you are signed in' })
      .getByRole('button', { name: /End/ });
    await ends.first().waitFor();
    api.people.sessions.push({
      ...(api.people.sessions[1] as (typeof api.people.sessions)[number]),
      id: 'session_3',
    });
    api.tell('changes');
    await expect.poll(() => ends.count()).toBe(2);
    api.people.askForFactor();
    await ends.evaluateAll((buttons) => {
      for (const one of buttons) (one as HTMLButtonElement).click();
    });
    const confirm = page.getByRole('dialog', { name: /Confirm that it is you/ });
    await confirm.getByLabel('Code from your authenticator app').fill(fakeSecrets.code);
    await confirm.getByRole('button', { name: 'Confirm', exact: true }).click();
    await expect.poll(() => api.people.sessions.length).toBe(1);
    expect(api.people.given.stepUps).toBe(1);
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
  });
});

describeInBrowser('one’s own profile', (open) => {
  test('the only way to sign in cannot be removed; a second passkey is added and the first goes', async () => {
    const { page, api } = await open();
    await withDevice(page);
    await page.goto(`${api.origin}/profile`);
    await heading(page, /you sign in with 1 passkey/).waitFor();
    await page.getByText('It is your only way to sign in').waitFor();
    await expect.poll(() => page.getByRole('button', { name: /Remove the passkey/ }).count()).toBe(0);
    await button(page, 'Add a passkey').click();
    await page.getByLabel('Name of this passkey').fill('Security key');
    await button(page, 'Make a passkey').click();
    await heading(page, /you sign in with 2 passkeys/).waitFor();
    await button(page, 'Remove the passkey Mac').click();
    await dialog(page, /Remove the passkey Mac/)
      .getByRole('button', { name: 'Remove', exact: true })
      .click();
    await heading(page, /you sign in with 1 passkey/).waitFor();
    expect(api.people.factors.passkeys.map(({ name }) => name)).toEqual(['Security key']);
  });

  test('new recovery codes are shown once, and a session that is not known is ended', async () => {
    const { page, api } = await open({ path: '/profile' });
    await page.getByText('8 codes are left of ten.').waitFor();
    await button(page, 'Make new codes').click();
    await button(page, 'Make ten new codes').click();
    await page.getByRole('checkbox').check();
    await button(page, 'Done').click();
    await page.getByText('10 codes are left of ten.').waitFor();
    await button(page, 'End the session of Safari on iPhone').click();
    await expect.poll(() => api.people.sessions.length).toBe(1);
    await expect.poll(() => page.getByRole('button', { name: /End the session/ }).count()).toBe(0);
  });

  test('an API token is made for what one may see, shown once, and revoked', async () => {
    const { page, api } = await open({ path: '/profile' });
    await button(page, 'Make a token').click();
    await page.getByLabel('Name', { exact: true }).fill('report');
    await button(page, 'Make the token').click();
    await page.getByText('Authorization: Bearer dbt_').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    const written = api.writes.at(-1)?.body;
    expect(written).toMatchObject({ name: 'report', days: 30 });
    expect(JSON.stringify(written)).toContain('"log.read"');
    expect(JSON.stringify(written)).not.toContain('person.invite');
    await button(page, 'I have copied it').click();
    await expect.poll(() => page.getByText('dbt_').count()).toBe(0);
    await button(page, 'Revoke the token report').click();
    await button(page, 'Revoke').last().click();
    await expect.poll(() => page.getByRole('button', { name: 'Revoke the token report' }).count()).toBe(0);
  });
});
