import type { Page } from 'playwright-core';
import { axeFindings, describeInBrowser, expect, test } from './testing/browser.ts';
import type { FakeApi } from './testing/fake-api.ts';

const inTexts = (page: Page) => page.getByRole('region', { name: 'In texts', exact: true });
const treatmentOf = (page: Page, kind: string) =>
  inTexts(page).getByRole('combobox', { name: `Treatment of ${kind} in texts`, exact: true });

async function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
}

/** As contracts were before texts were looked through. */
function forgetTexts(api: FakeApi): void {
  const versions = api.world.contracts.get('openai') ?? [];
  const silent = versions.map((version) => {
    const { text: _, ...rules } = version.rules;
    return { ...version, rules };
  });
  api.world.contracts.set('openai', silent);
}

describeInBrowser('what is found in texts', (open) => {
  test('is told in a sentence and class by class, and changed by keyboard; what changes is shown before it is saved', async () => {
    const { page, api, complaints } = await open({ path: '/connections/openai', crossings: 0 });
    const texts = inTexts(page);
    await texts
      .getByText(
        /^Prompts and other texts are looked through for secrets and personal data: API keys, access/,
      )
      .waitFor();
    await texts.getByText(/e-mail addresses.* cross as tokens and come back in the answer/).waitFor();
    await texts.getByText('Looked through: Prompt text and Parameter that no rule maps.').waitFor();
    const table = texts.getByRole('table', { name: 'What is found in texts, and what becomes of it' });
    for (const group of ['Secrets', 'People and organisations', 'Payments', 'Network and pages'])
      await table.getByRole('rowheader', { name: group, exact: true }).waitFor();
    expect(await treatmentOf(page, 'API key').inputValue()).toBe('refuse');
    expect(await treatmentOf(page, 'Name').inputValue()).toBe('tokenise');
    expect(await axeFindings(page)).toEqual([]);

    await treatmentOf(page, 'E-mail address').focus();
    await page.keyboard.press('Home');
    await expect.poll(() => treatmentOf(page, 'E-mail address').inputValue()).toBe('pass');
    await texts.getByText(/IP addresses.* cross as they are/).waitFor();
    await texts.getByRole('radio', { name: /^Secrets and all personal data/ }).focus();
    await page.keyboard.press('ArrowDown');
    await table.getByRole('row', { name: 'Name not looked for', exact: true }).waitFor();
    await expect.poll(() => treatmentOf(page, 'Name').count()).toBe(0);
    const changes = page.getByRole('list', { name: 'What changes in texts' }).getByRole('listitem');
    await changes.filter({ hasText: 'E-mail address' }).getByText('passed').waitFor();
    await changes.filter({ hasText: 'What is looked for' }).waitFor();
    await page.getByText('2 rules differ from the version in force.').waitFor();
    expect(api.writes).toEqual([]);
    expect(await axeFindings(page)).toEqual([]);

    const contract = page.getByRole('region', { name: 'Data contract', exact: true });
    await contract.getByRole('textbox', { name: 'Why' }).fill('Support answers by e-mail');
    await contract.getByRole('button', { name: 'Put it in force' }).click();
    await contract.getByText('Version 3 is in force').waitFor();
    expect(api.writes.at(-1)?.body).toMatchObject({
      rules: {
        text: { scan: 'structured', found: { 'person.email': { do: 'pass' } }, over_budget: 'refuse' },
      },
    });
    expect(complaints).toEqual([]);
  });

  test('nothing looked for is said loudly, in words that hold', async () => {
    const { page } = await open({ path: '/connections/openai', crossings: 0, theme: 'dark' });
    const texts = inTexts(page);
    await texts.getByRole('radio', { name: /^Nothing/ }).check();
    await texts.getByText('Texts cross as they were written.', { exact: true }).waitFor();
    await texts.getByText(/reaches OpenAI API/).waitFor();
    await expect.poll(() => texts.getByRole('table').count()).toBe(0);
    expect(await axeFindings(page)).toEqual([]);
  });

  test('a contract from before is turned on by one act, seen before it is saved, and left off again', async () => {
    const { page, api } = await open({ path: '/settings', crossings: 0, width: 390, height: 844 });
    forgetTexts(api);
    await page.goto(`${api.origin}/connections/openai`);
    const texts = inTexts(page);
    await texts.getByText('Texts cross as they were written.', { exact: true }).waitFor();
    await texts.getByRole('button', { name: 'Turn on looking through texts' }).press('Enter');
    await texts
      .getByRole('status')
      .getByText(/^A preview, not in force/)
      .waitFor();
    const title = texts.getByRole('heading', { name: 'In texts' });
    expect(await title.evaluate((one) => one === document.activeElement)).toBe(true);
    expect(await treatmentOf(page, 'Private key').inputValue()).toBe('refuse');
    await page.getByText('1 rule differs from the version in force.').waitFor();
    expect(api.writes).toEqual([]);
    expect(await axeFindings(page)).toEqual([]);
    expect(await overflow(page)).toBeLessThanOrEqual(0);

    await texts.getByRole('button', { name: 'Leave it off' }).click();
    await page.getByText('It is the same as the version in force.').waitFor();
    await texts.getByRole('button', { name: 'Turn on looking through texts' }).click();
    const contract = page.getByRole('region', { name: 'Data contract', exact: true });
    await contract.getByRole('textbox', { name: 'Why' }).fill('Prompts hold names');
    await contract.getByRole('button', { name: 'Put it in force' }).click();
    await contract.getByText('Version 3 is in force').waitFor();
    expect(api.writes.at(-1)?.body).toMatchObject({
      rules: { text: { scan: 'all', otherwise: { do: 'tokenise' } } },
    });
  });

  test('is told where a contract is chosen, and where the connection does not hold to it', async () => {
    const { page, api } = await open({ path: '/connect?vendor=openai', crossings: 0 });
    const choice = page.getByRole('region', { name: '3. What may cross' });
    await choice
      .getByText(/^Prompts and other texts are looked through/)
      .first()
      .waitFor();
    await choice.getByRole('radio', { name: /^As is/ }).check();
    await choice.getByText('Texts cross as they were written.', { exact: true }).first().waitFor();
    const observing = api.world.connections.find(({ id }) => id === 'openai');
    if (observing === undefined) throw new Error('the made-up connection is missing');
    observing.mode = 'observe';
    await page.goto(`${api.origin}/connections/openai`);
    await inTexts(page)
      .getByText(/^Not while the connection’s mode is “Observe”/)
      .waitFor();
  });

  test('a whole kind of data can be tokenised', async () => {
    const { page } = await open({ path: '/connections/openai', crossings: 0 });
    const whole = page.getByLabel('Treatment of User id', { exact: true });
    await whole.selectOption({ label: 'Tokenise, and put back in the answer' });
    await page.getByText('1 rule differs from the version in force.').waitFor();
  });
});

describeInBrowser('a crossing with findings in its texts', (open) => {
  test('says what was found where, and what came of its tokens', async () => {
    const { page, api } = await open({ path: '/settings', crossings: 60 });
    const crossing = api.world.crossings.find(
      ({ connection, decision }) => connection.id === 'openai' && decision === 'forwarded',
    );
    const item = crossing?.items[0];
    if (crossing?.settlement == null || item === undefined) throw new Error('nothing was forwarded');
    const path = 'messages[*].content';
    item.fields = [
      { path, class: 'content.prompt', treatment: 'pass', shape: 'string', count: 2 },
      { path, class: 'person.email', treatment: 'tokenise', shape: 'email', count: 3 },
      { path, class: 'business.marker', treatment: 'drop', shape: 'string', count: 1 },
      { path: 'user', class: 'person.id', treatment: 'pseudonymise', shape: 'string', count: 1 },
    ];
    crossing.settlement.tokens = { restored: 3, unknown: 1 };
    await page.goto(`${api.origin}/crossings/${crossing.id}`);
    const row = (kind: string) => page.getByRole('row').filter({ hasText: kind });
    await row('E-mail address').getByText(`in the text at ${path}, e-mail address`).waitFor();
    await row('E-mail address').getByText('× 3').waitFor();
    await row('E-mail address').getByText('a token', { exact: true }).waitFor();
    await row('Mark of confidentiality').getByText('a word that it was removed').waitFor();
    await row('Prompt text').getByText('the text, but for what was found in it').waitFor();
    await row('User id').getByText('a pseudonym made for it').waitFor();
    expect(await row('User id').getByText('in the text at').count()).toBe(0);
    await page
      .getByText('3 put back into the answer; 1 in it that this request did not issue, left as it was')
      .waitFor();
    expect(await axeFindings(page)).toEqual([]);
  });
});
