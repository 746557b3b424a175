import { axeFindings, describeInBrowser, expect, test } from '../testing/browser.ts';
import { fakeApproval } from '../testing/fake-trust.ts';

const me = { id: 'person_1', name: 'Ada Example' };
const credential = {
  id: 'approval_credential',
  act: 'credential.enter',
  what: { name: 'Mixpanel EU', host: 'https://api-in.mixpanel.example:443', private: false },
};

describeInBrowser('approvals', (open) => {
  test('a second person is called, sees what exactly would change, and approves just that', async () => {
    const { page, api } = await open({ path: '/' });
    const rail = page.getByRole('complementary');
    await rail.getByRole('link', { name: 'Approvals', exact: true }).waitFor();
    api.trust.approvals.unshift(fakeApproval());
    api.tell('changes');
    await page.getByText('A change that somebody asked for waits for you').waitFor();
    await rail.getByRole('link', { name: 'Approvals 1 waits for you' }).click();
    await page.getByRole('heading', { level: 1, name: '1 change waits for your decision' }).waitFor();

    const one = page.getByRole('article', { name: 'Send Mixpanel EU to collect.elsewhere.example' });
    await one.getByText('https://api-eu.mixpanel.example').waitFor();
    await one.getByText('names this host, for European Union (NL)').waitFor();
    await one.getByText('The vendor’s pack knows no such host.').waitFor();
    await one.getByText(/virtual keys? of \d apps? uses? this connection/).waitFor();
    await one.getByText('They moved our project').waitFor();
    await one.getByText(/Ask Brook Sample in person/).waitFor();
    expect(await axeFindings(page)).toEqual([]);

    await one.getByRole('button', { name: 'Approve' }).click();
    const sheet = page.getByRole('dialog', { name: /^Approve: Send Mixpanel EU/ });
    await sheet.getByText('collect.elsewhere.example', { exact: false }).first().waitFor();
    await sheet.getByLabel('Why').fill('Brook says so on the phone');
    expect(await axeFindings(page)).toEqual([]);
    await sheet.getByRole('button', { name: 'Approve' }).click();
    await sheet.waitFor({ state: 'detached' });
    expect(api.writes.at(-1)).toMatchObject({
      path: '/approvals/approval_move/approve',
      body: { reason: 'Brook says so on the phone' },
    });
    await rail.getByRole('link', { name: 'Approvals', exact: true }).waitFor();
  });

  test('refuses with a reason, by the keyboard alone, and what was refused stays on record', async () => {
    const { page, api } = await open();
    api.trust.approvals = [fakeApproval()];
    await page.goto(`${api.origin}/approvals?of=approval_move`);
    const refuse = page.getByRole('article').getByRole('button', { name: 'Refuse' });
    await refuse.focus();
    await page.keyboard.press('Enter');
    const sheet = page.getByRole('dialog', { name: /^Refuse/ });
    await sheet.getByLabel('Why').fill('Brook knows nothing of it');
    await page.keyboard.press('Enter');
    const row = page.getByRole('table', { name: 'What is over' }).getByRole('row', { name: /refused/ });
    await row.getByText('Brook knows nothing of it').waitFor();
    await page.getByRole('heading', { level: 1, name: 'Nothing waits for a second person' }).waitFor();
  });

  test('what one asked for waits for others; once approved it is done from here, with that host and nothing else', async () => {
    const { page, api } = await open();
    api.trust.settings.secondPerson = true;
    await page.goto(`${api.origin}/connections/mixpanel_eu`);
    await page.getByLabel('Where it goes').fill('https://api-in.mixpanel.example');
    await page
      .locator('form', { has: page.getByLabel('Where it goes') })
      .getByLabel('Why')
      .fill('We move');
    await page.getByRole('button', { name: 'Save' }).click();
    const waits = page.getByRole('status').filter({ hasText: 'This waits for a second person now.' });
    await waits.getByText(/Nothing was changed/).waitFor();
    await page.getByText('Ada Example asked to change this connection').waitFor();
    await waits.getByRole('link', { name: 'See what waits' }).click();

    await page.getByRole('heading', { level: 1, name: '1 change of yours is not done yet' }).waitFor();
    const one = page.getByRole('article', { name: 'Send Mixpanel EU to api-in.mixpanel.example' });
    await one.getByText('names this host, for India (IN)').waitFor();
    await one.getByText('Waits for somebody else to approve it.').waitFor();
    await expect.poll(() => page.getByRole('button', { name: 'Approve' }).count()).toBe(0);

    Object.assign(api.trust.approvals[0] ?? {}, { state: 'approved', decidedBy: 'Brook Sample' });
    api.tell('changes');
    await one.getByText('Brook Sample approved it').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await one.getByRole('button', { name: 'Do it now' }).click();
    const sheet = page.getByRole('dialog');
    await expect.poll(() => sheet.getByLabel('Why').inputValue()).toBe('We move');
    await sheet.getByRole('button', { name: 'Do it now' }).click();
    await sheet.waitFor({ state: 'detached' });
    expect(api.writes.at(-1)).toMatchObject({
      method: 'PATCH',
      path: '/connections/mixpanel_eu',
      body: {
        upstream: { scheme: 'https', host: 'api-in.mixpanel.example', port: 443, private: false },
        reason: 'We move',
      },
    });
    await page.getByRole('heading', { level: 1, name: 'Nothing waits for a second person' }).waitFor();
  });

  test('an approved credential leads to where it is entered, and one’s own request is taken back', async () => {
    const { page, api } = await open();
    api.trust.approvals = [
      fakeApproval({ ...credential, state: 'approved', askedBy: me, decidedBy: 'Brook Sample' }),
    ];
    await page.goto(`${api.origin}/approvals`);
    const one = page.getByRole('article', { name: /Enter the first credential for api-in/ });
    await one.getByText('No credential went here yet').waitFor();
    const enter = one.getByRole('link', { name: 'Enter the credential' });
    await expect.poll(() => enter.getAttribute('href')).toBe('/connections/mixpanel_eu');
    await one.getByRole('button', { name: 'Take back' }).click();
    const sheet = page.getByRole('dialog', { name: /^Take back/ });
    await sheet.getByLabel('Why').fill('Not needed any more');
    await sheet.getByRole('button', { name: 'Take it back' }).click();
    await page.getByRole('row', { name: /taken back/ }).waitFor();
  });

  test('people who may approve and issuers are shown as they would be, beside what is now', async () => {
    const { page, api } = await open();
    const [is] = api.trust.issuers;
    if (is === undefined) throw new Error('the made-up world has no issuer');
    const { id, redirectUri: _, people: __, createdAt: ___, createdBy: ____, ...from } = is;
    api.trust.approvals = [
      fakeApproval({
        id: 'approval_issuer',
        act: 'issuer.change',
        subject: { kind: 'issuer', id },
        what: { from, to: { ...from, domains: ['example.org', 'attacker.example'] } },
        askedBy: me,
        state: 'approved',
        decidedBy: 'Brook Sample',
      }),
      fakeApproval({
        id: 'approval_person',
        act: 'person.invite',
        subject: { kind: 'person', id: 'new' },
        what: { person: { email: 'mallory@attacker.example' }, roles: ['administrator'] },
      }),
    ];
    await page.goto(`${api.origin}/approvals`);
    const person = page.getByRole('article', { name: 'Invite mallory@attacker.example as Administrator' });
    await person.getByText('be sure who reads mail at this address').waitFor();
    const issuer = page.getByRole('article', { name: 'Change what is believed of the issuer Example SSO' });
    const row = issuer.getByRole('row', { name: /example\.org, attacker\.example/ });
    await row.getByRole('cell', { name: 'example.org', exact: true }).waitFor();
    // Only what would be another than it is.
    await expect.poll(() => issuer.getByRole('row').count()).toBe(2);
    expect(await axeFindings(page)).toEqual([]);
    await issuer.getByRole('button', { name: 'Do it now' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Do it now' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(api.writes.at(-1)).toMatchObject({
      path: '/issuers/issuer_1',
      body: { domains: ['example.org', 'attacker.example'] },
    });
    expect(api.writes.at(-1)?.body).not.toHaveProperty('issuer');
  });

  test('who may only look decides nothing, and who may not look is told who can change it', async () => {
    const { page, api } = await open();
    api.trust.approvals = [fakeApproval({ act: 'policy.enable', what: { policy: 'eu-only', days: 3 } })];
    api.people.roles = ['auditor'];
    await page.goto(`${api.origin}/approvals?act=approve&of=approval_move`);
    await page.getByRole('heading', { level: 1, name: '1 change waits for a second person' }).waitFor();
    // An act that the console has no picture for is shown as it was asked for.
    await page.getByRole('article').getByText('eu-only').waitFor();
    await page.getByText('Your roles do not let you decide about it.').waitFor();
    await expect.poll(() => page.getByRole('button', { name: 'Approve' }).count()).toBe(0);
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
    await page.getByRole('complementary').getByRole('link', { name: 'Approvals', exact: true }).waitFor();
    api.people.roles = ['developer'];
    await page.goto(`${api.origin}/approvals`);
    await page.getByRole('heading', { level: 1, name: 'Your roles do not permit this.' }).waitFor();
    await expect
      .poll(() => page.getByRole('complementary').getByRole('link', { name: 'Approvals' }).count())
      .toBe(0);
  });

  test('two people are asked for with a button; letting one decide again waits for a second person itself', async () => {
    const { page } = await open({ path: '/approvals', empty: true });
    await page.getByRole('button', { name: 'Ask for two people' }).click();
    const on = page.getByRole('dialog', { name: /Ask for two people/ });
    await on.getByLabel('Why').fill('One phished account is enough');
    await on.getByRole('button', { name: 'Ask for two people' }).click();
    await page.getByRole('button', { name: 'Let one person decide' }).click();
    const off = page.getByRole('dialog', { name: /Let one person decide/ });
    await off.getByLabel('Why').fill('We are one person now');
    await off.getByRole('button', { name: 'Let one person decide' }).click();
    await off.getByText('This waits for a second person now.').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('article', { name: 'Let one person alone decide where credentials go' }).waitFor();
  });

  test('looser rules of the egress proxy are shown list by list: what comes and what goes', async () => {
    const { page, api } = await open();
    const what = {
      mode: 'enforce',
      was: 'enforce',
      sni: { from: true, to: false },
      allow_hosts: { added: ['*.quokka-metrics.example'], gone: ['old.example'] },
      networks: { added: ['10.20.0.0/16'], gone: [] },
    };
    const subject = { kind: 'egress', id: 'rules' };
    api.trust.approvals = [fakeApproval({ id: 'approval_egress', act: 'egress.change', subject, what })];
    await page.goto(`${api.origin}/approvals`);
    const one = page.getByRole('article');
    await one.getByText('+ *.quokka-metrics.example').waitFor();
    await one.getByText('− old.example').waitFor();
    await one.getByText('+ 10.20.0.0/16').waitFor();
    for (const name of ['Allowed hosts', 'Private networks', 'is not looked at'])
      await one.getByText(name, { exact: true }).waitFor();
    expect(await one.getByText('Mode', { exact: true }).count()).toBe(0);
    expect(await axeFindings(page)).toEqual([]);
  });
});
