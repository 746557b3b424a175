import type { Page } from 'playwright-core';
import { axeFindings, describeInBrowser, expect, test } from '../testing/browser.ts';
import { fakeSecrets } from '../testing/fake-persons.ts';
import { withDevice } from '../testing/passkeys.ts';

const heading = (page: Page, name: RegExp) => page.getByRole('heading', { level: 1, name });
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

async function sendPassword(page: Page, password = fakeSecrets.password): Promise<void> {
  await page.getByLabel('E-mail address').fill(fakeSecrets.email);
  await page.getByRole('textbox', { name: 'Password' }).fill(password);
  await button(page, 'Continue').click();
}

async function sendCode(page: Page, code = fakeSecrets.code): Promise<void> {
  await page.getByLabel('Code from your authenticator app').fill(code);
  await button(page, 'Sign in').click();
}

describeInBrowser('signing in', (open) => {
  test('with a password and a code, by keyboard alone, to where one was going', async () => {
    const { page, api } = await open({ signedIn: false, path: '/vendors/mixpanel' });
    await heading(page, /Sign in/).waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.getByLabel('E-mail address').focus();
    await page.keyboard.type(fakeSecrets.email);
    await page.keyboard.press('Tab');
    await page.keyboard.type('not the password');
    await page.keyboard.press('Enter');
    await page.getByText('This e-mail address and password do not belong together.').waitFor();
    await page.getByRole('textbox', { name: 'Password' }).fill(fakeSecrets.password);
    await page.keyboard.press('Enter');
    await heading(page, /One more factor/).waitFor();
    await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe('H1');
    expect(await axeFindings(page)).toEqual([]);
    // What was reached so far is the session's: a reload does not lose it.
    await page.reload();
    await sendCode(page, '000000');
    await page.getByText('This code is wrong').waitFor();
    await sendCode(page, '123 456');
    await heading(page, /Mixpanel holds/).waitFor();
    expect(page.url()).toBe(`${api.origin}/vendors/mixpanel`);
    await page.goBack();
    expect(page.url()).not.toContain('/sign-in');
  });

  test('says when to try again after too many tries', async () => {
    const { page, api } = await open({ signedIn: false, path: '/sign-in' });
    api.trouble.set('/session/password', {
      status: 429,
      headers: { 'retry-after': '241' },
      body: { title: 'Too many tries', status: 429, code: 'too_many_attempts', detail: 'Wait.' },
    });
    await sendPassword(page);
    await page.getByText('Too many tries. Try again in 5 minutes.').waitFor();
  });

  test('without the device: a recovery code leads to setting up a new way', async () => {
    const { page } = await open({ signedIn: false, path: '/sign-in' });
    await button(page, 'I have lost my device').click();
    await heading(page, /recovery code/).waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.getByLabel('E-mail address').fill(fakeSecrets.email);
    await page.getByLabel('Recovery code').fill('wrong-wrong-wrong');
    await button(page, 'Sign in').click();
    await page.getByText('This code is wrong').waitFor();
    await page.getByLabel('Recovery code').fill(fakeSecrets.recovery);
    await button(page, 'Sign in').click();
    await heading(page, /How will you sign in/).waitFor();
    await page.getByText('Step 2 of 3').waitFor();
  });

  test('a session that ends in the middle asks to sign in again, and comes back', async () => {
    const { page, api, context } = await open({ path: '/apps' });
    await heading(page, /3 apps/).waitFor();
    await context.clearCookies();
    api.tell('keys');
    await heading(page, /Sign in/).waitFor();
    await sendPassword(page);
    await sendCode(page);
    await heading(page, /3 apps/).waitFor();
  });

  test('where nobody has an account, it says where the first link is', async () => {
    const { page } = await open({ signedIn: false, empty: true, path: '/' });
    await heading(page, /link from your terminal/).waitFor();
    await page.getByText('npm run drawbridge sign-in').waitFor();
    await expect.poll(() => page.getByLabel('Password').count()).toBe(0);
  });

  test('what went wrong at the organisation’s sign-in is said in words', async () => {
    const { page } = await open({ signedIn: false, path: '/sign-in?problem=oidc_unknown_person' });
    await page.getByRole('alert').getByText('Nobody with that account has been invited here').waitFor();
    await button(page, 'Sign in with Example SSO').waitFor();
  });
});

describeInBrowser('an invitation', (open) => {
  test('leads to an account with a passkey, on a phone, and through reloads', async () => {
    const { page, api, complaints } = await open({ signedIn: false, width: 390, height: 844 });
    const device = await withDevice(page);
    await page.goto(api.links.invitation);
    await heading(page, /Welcome to Drawbridge of Example B\.V\./).waitFor();
    expect(page.url()).toBe(`${api.origin}/welcome`);
    await page.getByText('Brook Sample invited you.').waitFor();
    await page.getByText('Privacy officer').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.getByLabel('Your name').fill('Farah Fiction');
    await page.reload();
    await expect.poll(() => page.getByLabel('Your name').inputValue()).toBe('Farah Fiction');
    await button(page, 'Continue').click();

    await heading(page, /How will you sign in/).waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.getByRole('button', { name: /A passkey, on this device/ }).click();
    await page.reload();
    await device.recognises(false);
    await button(page, 'Make a passkey').click();
    await page.getByText('Nothing was confirmed on this device').waitFor();
    await device.recognises(true);
    await button(page, 'Make a passkey').click();

    await heading(page, /Keep your recovery codes/).waitFor();
    await button(page, 'Show ten codes').click();
    const codes = page.getByRole('list', { name: 'Your ten recovery codes' });
    await expect.poll(() => codes.getByRole('listitem').count()).toBe(10);
    expect(await axeFindings(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(
      0,
    );
    await button(page, 'Open Drawbridge').click();
    await page.getByText('Keep the codes first').waitFor();
    await page.reload();
    await page.getByText('cannot be shown again').waitFor();
    await button(page, 'Make ten new codes').click();
    await page.getByRole('checkbox').check();
    await button(page, 'Open Drawbridge').click();
    await heading(page, /vendors hold data/).waitFor();
    await page.goBack();
    expect(page.url()).not.toContain('token');
    expect(complaints).toEqual([]);

    await page.context().clearCookies();
    await page.goto(`${api.origin}/people`);
    await button(page, 'Sign in with a passkey').click();
    await heading(page, /have access/).waitFor();
  });

  test('leads to an account with a password and an app; the first person says their address', async () => {
    const { page, api, complaints } = await open({ signedIn: false, empty: true });
    await page.goto(api.links.first);
    await page.getByText('You are the first here').waitFor();
    await page.getByLabel('Your name').fill('Ada Example');
    await page.getByLabel('Your e-mail address').fill(fakeSecrets.email);
    await button(page, 'Continue').click();
    await page.getByRole('button', { name: /A password and an authenticator app/ }).click();
    const password = page.getByRole('textbox', { name: 'New password' });
    await password.fill('too short');
    await button(page, 'Keep this password').click();
    await page.getByText('It needs at least 12 characters.').waitFor();
    await password.fill('four made-up words here');
    await button(page, 'Keep this password').click();
    await page.getByRole('img', { name: /Code to scan/ }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
    // The password is kept: a reload goes on with the app.
    await page.reload();
    await page.getByText('MADE UPSE CRET').waitFor();
    await page.getByLabel('Code that the app shows').fill('654321');
    await button(page, 'Confirm the code').click();
    await page.getByText('This code is wrong').waitFor();
    await page.getByLabel('Code that the app shows').fill(fakeSecrets.code);
    await button(page, 'Confirm the code').click();
    await heading(page, /Keep your recovery codes/).waitFor();
    expect(api.writes.find(({ path }) => path === '/session/profile')?.body).toEqual({
      name: 'Ada Example',
      email: fakeSecrets.email,
    });
    expect(complaints).toEqual([]);
  });

  test('that was used before says whom to ask, and leaves no token in the address', async () => {
    const { page, api } = await open({ signedIn: false });
    await page.goto(`${api.origin}/sign-in#token=used-before-used-before`);
    await page
      .getByRole('alert')
      .getByText(/used before/)
      .waitFor();
    expect(page.url()).toBe(`${api.origin}/sign-in`);
    expect(await axeFindings(page)).toEqual([]);
    await button(page, 'Sign in').click();
    await button(page, 'Sign in with a passkey').waitFor();
  });

  test('does not open the console while something is missing', async () => {
    const { page, api } = await open({ signedIn: false });
    await page.goto(api.links.invitation);
    await page.getByLabel('Your name').waitFor();
    await page.goto(`${api.origin}/apps`);
    await page.getByLabel('Your name').waitFor();
    expect(page.url()).toBe(`${api.origin}/welcome`);
  });
});
