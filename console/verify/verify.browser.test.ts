import { axeFindings, describeInBrowser, expect, test } from '../testing/browser.ts';
import { messageId } from '../testing/fake-verify-data.ts';

const mail = `Received: from mail.openai-keys.example by mx.example.org
From: OpenAI <security@openai-keys.example>
Subject: Your API key was disabled
Date: Mon, 23 Nov 2026 07:00:00 +0000

Confirm at https://openai-keys.example/reset`;

/** Milliseconds that an employee has for the whole walk. */
const WALK = 20_000;

describeInBrowser('checking a message', (open) => {
  test('on a phone, by the keyboard alone: pasted, answered, looked up and told within 20 seconds', async () => {
    const { page, api, complaints } = await open({ path: '/settings', width: 390, height: 844 });
    api.people.roles = ['member'];
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.evaluate((text) => navigator.clipboard.writeText(text), mail);
    const began = performance.now();
    await page.goto(api.origin);
    // Who may do nothing else begins here.
    await page.getByRole('heading', { level: 1, name: 'Is this message really from our vendor?' }).waitFor();
    await page.keyboard.press('ControlOrMeta+v');
    await expect
      .poll(() => page.getByLabel('The message', { exact: true }).inputValue())
      .toContain('openai-keys');
    await page.keyboard.press('ControlOrMeta+Enter');
    await page.getByRole('heading', { level: 1, name: /This passes for OpenAI and is not/ }).waitFor();
    const look = page.getByRole('link', { name: 'Open OpenAI’s own page' });
    expect(await look.getAttribute('href')).toBe('https://platform.openai.com/api-keys');
    await page.getByText('Look there for: whether one of your keys is marked as disabled').waitFor();
    await page.getByRole('button', { name: 'It was not there' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('Security was told').waitFor();
    expect(performance.now() - began).toBeLessThan(WALK);
    expect(api.verify.handedIn).toMatchObject([
      { type: 'message/rfc822', query: { channel: 'mail', came: 'paste' }, body: mail },
    ]);
    expect(api.writes.at(-1)).toMatchObject({
      path: expect.stringMatching(/\/answer$/),
      body: { there: false },
    });
    // Never told to go where the message says: every link leads to this console or to the register's page.
    const links = await page
      .getByRole('link')
      .evaluateAll((all) => all.map((one) => (one as HTMLAnchorElement).href));
    expect(links.filter((href) => !href.startsWith(api.origin))).toEqual([
      'https://platform.openai.com/api-keys',
    ]);
    expect(await axeFindings(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(
      0,
    );
    expect(complaints).toEqual([]);
  });

  test('a member sees this and their own messages, and no way to anything else', async () => {
    const { page, api } = await open({ path: '/settings' });
    api.people.roles = ['member'];
    await page.goto(`${api.origin}/messages`);
    await page.getByRole('table', { name: 'Your messages' }).getByText('Your invoice of October').waitFor();
    const rail = page.getByRole('navigation', { name: 'Pages' }).first();
    expect(await rail.getByRole('link').allTextContents()).toEqual(['Messages', 'Settings']);
    expect(await page.getByRole('link', { name: 'Queue of messages' }).count()).toBe(0);
    await page.getByRole('link', { name: 'Your invoice of October' }).click();
    await page.getByText('Chidi Specimen closed it: Genuine.').waitFor();
    await page.getByText('Thank you. It is really from them.').waitFor();
    expect(await page.getByRole('region', { name: 'Evidence' }).count()).toBe(0);
    expect(await page.getByRole('button', { name: 'Close as…' }).count()).toBe(0);
  });

  test('a file is dropped and sent as what it is; what can’t be read is refused before it is sent', async () => {
    const { page, api } = await open({ path: '/messages' });
    const field = page.getByLabel('Or choose a file');
    await field.setInputFiles({
      name: 'a.exe',
      mimeType: 'application/x-msdownload',
      buffer: Buffer.from('x'),
    });
    await page.getByRole('alert').getByText('“a.exe” is none of').waitFor();
    expect(api.verify.handedIn).toEqual([]);
    await field.setInputFiles({
      name: 'shot.png',
      mimeType: 'image/png',
      buffer: Buffer.from([0x89, 0x50, 0x4e, 0x47]),
    });
    await page.getByRole('heading', { level: 1, name: /We can’t tell who sent this/ }).waitFor();
    await page.goBack();
    await page.getByRole('heading', { level: 1, name: /Is this message/ }).waitFor();
    const dropped = await page.evaluateHandle((text) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([text], 'Alert.eml'));
      return transfer;
    }, mail);
    await page.getByLabel('The message', { exact: true }).dispatchEvent('drop', { dataTransfer: dropped });
    await page.getByRole('heading', { level: 1, name: /This passes for OpenAI/ }).waitFor();
    expect(api.verify.handedIn.map(({ type, query }) => [type, query.came])).toEqual([
      ['image/png', 'screenshot'],
      ['message/rfc822', 'upload'],
    ]);
  });

  test('a text message is checked with its number; what is typed survives a reload and a failure', async () => {
    const { page, api } = await open({ path: '/messages' });
    await page.getByRole('radio', { name: 'Text message' }).check();
    await page.getByLabel('What it says').fill('OpenAI: your key was disabled');
    await page.getByLabel('Number or name that it came from').fill('+49 30 000 000');
    await page.reload();
    expect(await page.getByLabel('What it says').inputValue()).toBe('OpenAI: your key was disabled');
    api.trouble.set('/messages', {
      status: 503,
      body: { title: 'Too busy', status: 503, code: 'busy', detail: 'Come again in a minute.' },
    });
    await page.getByRole('button', { name: 'Check it' }).click();
    await page.getByText('Come again in a minute.').first().waitFor();
    expect(await page.getByLabel('What it says').inputValue()).toBe('OpenAI: your key was disabled');
    api.trouble.clear();
    await page.getByRole('button', { name: 'Check it' }).click();
    await page.getByRole('heading', { level: 1, name: /We can’t tell/ }).waitFor();
    expect(api.verify.handedIn).toMatchObject([
      { type: 'text/plain', query: { channel: 'sms', came: 'paste', sender: '+49 30 000 000' } },
    ]);
  });

  test('a forward within a mail has the hint how to forward better', async () => {
    const { page } = await open({ path: '/messages' });
    await page.getByLabel('The message', { exact: true }).fill('Fwd: your key was disabled');
    await page.getByRole('button', { name: 'Check it' }).click();
    await page.getByRole('region', { name: 'How to get a better answer next time' }).waitFor();
  });

  test('nothing of a hostile message is more than text, and no address of it is offered', async () => {
    const { page, api, complaints } = await open({ path: `/messages/${messageId(1)}` });
    await page.getByText('It says <a href="https://evil.example">click</a>').waitFor();
    // An address that is not https is not offered, whoever entered it.
    await page.getByText('We have no address of OpenAI on record').waitFor();
    await page.getByRole('button', { name: 'Show the message as text' }).click();
    await page.getByText('<script>alert(1)</script> hxxps://openai-keys').waitFor();
    await page.getByRole('region', { name: 'Evidence', exact: true }).waitFor();
    const links = await page
      .getByRole('link')
      .evaluateAll((all) => all.map((one) => (one as HTMLAnchorElement).href));
    expect(links.filter((href) => !href.startsWith(api.origin))).toEqual([]);
    expect(await page.locator('main img, main b').count()).toBe(0);
    expect(complaints).toEqual([]);
  });
});
