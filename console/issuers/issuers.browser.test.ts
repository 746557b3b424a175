import { axeFindings, describeInBrowser, expect, test } from '../testing/browser.ts';

describeInBrowser('issuers', (open) => {
  test('one is let in as it names itself, and the address to be entered there is shown at once', async () => {
    const { page, api } = await open({ path: '/issuers', empty: true });
    await page.getByRole('button', { name: 'Let an issuer in' }).click();
    const form = page.getByRole('dialog', { name: 'Let an issuer in' });
    await form.getByText(/public client/).waitFor();
    await form.getByLabel('Name').fill('Example SSO');
    await form.getByLabel('Issuer').fill('https://login.example.org/tenant');
    await form.getByLabel('Client id').fill('drawbridge-console');
    await form.getByLabel('E-mail domains').fill('example.org\nmail.example.org');
    await form.getByRole('radio', { name: /Yes, where its tokens say so/ }).check();
    await form.getByLabel('Why').fill('People sign in there anyway');
    await form.getByRole('button', { name: 'Let it in' }).click();
    // What would prove nothing is not sent.
    await form.getByText('Name a value of acr or amr that proves two factors.').waitFor();
    expect(api.writes).toEqual([]);
    expect(await axeFindings(page)).toEqual([]);
    await form.getByLabel('Values of amr').fill('mfa');
    await form.getByRole('radio', { name: /Are let in, with these roles/ }).check();
    await form.getByRole('checkbox', { name: 'Developer' }).check();
    await form.getByRole('button', { name: 'Let it in' }).click();

    const done = page.getByRole('dialog', { name: 'Example SSO is let in' });
    await done.getByText('/session/oidc/issuer_1/callback').waitFor();
    await done.getByText(/Set DRAWBRIDGE_PUBLIC_URL/).waitFor();
    expect(api.writes.find(({ path }) => path === '/issuers')?.body).toEqual({
      name: 'Example SSO',
      issuer: 'https://login.example.org/tenant',
      clientId: 'drawbridge-console',
      domains: ['example.org', 'mail.example.org'],
      mfa: { acr: [], amr: ['mfa'] },
      newRoles: ['developer'],
      private: false,
      reason: 'People sign in there anyway',
    });
    await done.getByRole('button', { name: 'I have entered it there' }).click();
    await page.getByRole('heading', { level: 1, name: /through 1 issuer/ }).waitFor();
  });

  test('says what is wrong when one can’t be reached, and asks again when told to', async () => {
    const { page, api } = await open();
    const text = 'Nothing listens at login.example.org. Compare host and port with what the issuer says.';
    api.trust.check = { reached: false, code: 'refused', text, acr: [] };
    await page.goto(`${api.origin}/issuers`);
    const one = page.getByRole('region', { name: 'Example SSO' });
    await one.getByText('Nobody can sign in through it now').waitFor();
    await one.getByText(text).waitFor();
    expect(await axeFindings(page)).toEqual([]);
    api.trust.check = { reached: true, code: null, text: null, acr: [] };
    await one.getByRole('button', { name: 'Ask again: Example SSO' }).click();
    await one.getByText('It answers, and calls itself by this name.').waitFor();
  });

  test('what is believed of one is changed, with what it offers beside the field; removing says what stays', async () => {
    const { page, api } = await open({ path: '/issuers' });
    await page.getByRole('button', { name: 'Change Example SSO' }).click();
    const form = page.getByRole('dialog', { name: 'What is believed of Example SSO' });
    await form.getByText('It offers urn:example:mfa.').waitFor();
    await form.getByRole('radio', { name: /No: a second factor is asked for here/ }).check();
    await form.getByLabel('Why').fill('Its rule was lifted');
    await form.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { level: 1, name: /each is asked for a second factor here/ }).waitFor();
    const sent = api.writes.find(({ method }) => method === 'PATCH');
    expect(sent).toMatchObject({ path: '/issuers/issuer_1', body: { mfa: { acr: [], amr: [] } } });
    expect(sent?.body).not.toHaveProperty('issuer');

    await page.getByRole('button', { name: 'Remove Example SSO' }).click();
    const sheet = page.getByRole('dialog', { name: 'Remove Example SSO' });
    await sheet.getByText(/4 people signed in through it/).waitFor();
    await sheet.getByText(/Sessions that are open stay/).waitFor();
    await sheet.getByLabel('Why').fill('We move to another one');
    await sheet.getByRole('button', { name: 'Remove it' }).click();
    await page.getByRole('heading', { level: 1, name: /Everybody signs in with factors/ }).waitFor();
  });

  test('whoever is no owner sees them and changes nothing', async () => {
    const { page, api } = await open();
    api.people.roles = ['administrator'];
    await page.goto(`${api.origin}/issuers?act=remove&of=issuer_1`);
    await page.getByText('Only owners let issuers in').waitFor();
    await page.getByText('It answers').waitFor();
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
    await expect.poll(() => page.getByRole('button', { name: /Change|Remove|Let an/ }).count()).toBe(0);
  });
});
