import type { Page } from 'playwright-core';
import { axeFindings, describeInBrowser, expect, test } from './testing/browser.ts';

const mail = 'anna.berger@example.com';
const text = (page: Page) => page.getByRole('textbox', { name: 'Text', exact: true });
const marked = (page: Page) => page.getByRole('region', { name: 'The text, with what was found in it' });
const crosses = (page: Page) => page.getByRole('region', { name: 'The text as it crosses' });
const headline = (page: Page, name: RegExp) => page.getByRole('heading', { level: 1, name });

async function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
}

describeInBrowser('the workbench of a connection', (open) => {
  test('a text is pasted, seen with what is found in it, tried under another contract, and the draft is adopted', async () => {
    const { page, api, complaints } = await open({ path: '/connections/openai', crossings: 0 });
    await page.getByRole('link', { name: 'Try it on a text' }).click();
    await headline(page, /^What of a text would reach/).waitFor();
    await page.getByText('What is found will stand here.').waitFor();
    expect(await axeFindings(page)).toEqual([]);

    await text(page).fill(`Write to ${mail} and to ben@example.com.`);
    await headline(page, /^2 things were found/).waitFor();
    await expect.poll(() => marked(page).getByRole('link').allTextContents()).toHaveLength(2);
    expect(await marked(page).getByRole('link').first().textContent()).toMatch(/^anna\.berger@example\.com/);
    expect(await crosses(page).textContent()).not.toContain('@');
    expect(await page.getByRole('region', { name: 'What would come back' }).last().textContent()).toContain(
      mail,
    );
    await page.getByText('2 tokens were put back.').waitFor();
    expect(await axeFindings(page)).toEqual([]);

    // By keyboard from one finding to the next, in the list and in the text.
    await page.getByRole('button', { name: 'Next finding' }).press('Enter');
    await page.getByText('1 of 2').waitFor();
    await expect.poll(() => marked(page).getByRole('link').first().getAttribute('aria-current')).toBe('true');
    await page.getByRole('button', { name: 'Previous finding' }).press('Enter');
    await page.getByText('2 of 2').waitFor();

    await page
      .getByRole('combobox', { name: 'Treatment of E-mail address in texts', exact: true })
      .selectOption('pass');
    await expect.poll(() => crosses(page).textContent()).toContain(mail);
    await page.getByText('In force: tokenised').first().waitFor();
    await page.getByText('One rule differs from the contract in force.').waitFor();
    expect(await axeFindings(page)).toEqual([]);

    await page.getByRole('link', { name: 'Look at the draft and put it in force' }).click();
    const contract = page.getByRole('region', { name: 'Data contract', exact: true });
    await contract.getByText('1 rule differs from the version in force.').waitFor();
    await contract.getByRole('textbox', { name: 'Why' }).fill('Support answers by e-mail');
    await contract.getByRole('button', { name: 'Put it in force' }).click();
    await contract.getByText('Version 3 is in force').waitFor();
    expect(api.writes.findLast(({ method }) => method === 'PUT')?.body).toMatchObject({
      rules: { text: { found: { 'person.email': { do: 'pass' } } } },
    });
    expect(complaints).toEqual([]);
  });

  test('a refusal says where, on a phone and in the dark', async () => {
    const { page } = await open({
      path: '/connections/openai/workbench',
      crossings: 0,
      width: 390,
      height: 844,
      theme: 'dark',
    });
    await page.getByRole('combobox', { name: 'Begin with' }).selectOption('code');
    await headline(page, /^It is refused: nothing crosses/).waitFor();
    await page.getByText('At messages[0].content.').waitFor();
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    expect(await axeFindings(page)).toEqual([]);
  });

  test('a sample is kept as a test with made-up values, and a contract that breaks it says so and needs a word', async () => {
    const { page, api } = await open({ path: '/connections/openai/workbench', crossings: 0 });
    await text(page).fill(`Write to ${mail}.`);
    await headline(page, /^One thing was found/).waitFor();
    await page.getByRole('button', { name: 'Keep this sample as a test' }).click();
    const sheet = page.getByRole('dialog');
    await sheet.getByText('One value was replaced by something made up.').waitFor();
    const stored = sheet.getByRole('textbox', { name: 'This is stored, as it stands here' });
    expect(await stored.inputValue()).toBe('Write to person1@example.com.');
    const keep = sheet.getByRole('button', { name: 'Keep it' });
    expect(await keep.isDisabled()).toBe(true);
    expect(await axeFindings(page)).toEqual([]);
    await sheet.getByRole('textbox', { name: 'Name' }).fill('Mail addresses cross as tokens');
    await sheet.getByRole('textbox', { name: 'Why' }).fill('Support texts hold them');
    await sheet.getByRole('checkbox', { name: /nobody’s data/ }).check();
    await keep.click();
    await page.getByText('The one test passes under what is shown here.').waitFor();
    expect(JSON.stringify(api.world.contractTests.get('openai'))).not.toContain(mail);

    await page
      .getByRole('combobox', { name: 'Treatment of E-mail address in texts', exact: true })
      .selectOption('pass');
    await page.getByText('1 of 1 tests fails under what is shown here.').waitFor();
    await page.getByText('person.email should be tokenise.').waitFor();
    expect(await axeFindings(page)).toEqual([]);

    await page.getByRole('link', { name: 'Look at the draft and put it in force' }).click();
    const contract = page.getByRole('region', { name: 'Data contract', exact: true });
    await contract.getByText('A contract test fails under these rules.').waitFor();
    await contract.getByRole('textbox', { name: 'Why' }).fill('Support answers by e-mail');
    const adopt = contract.getByRole('button', { name: 'Put it in force' });
    expect(await adopt.isDisabled()).toBe(true);
    await contract.getByRole('checkbox', { name: /although they fail/ }).check();
    await adopt.click();
    await contract.getByText('Version 3 is in force').waitFor();
    expect(api.writes.find(({ method }) => method === 'PUT')?.body).toMatchObject({ despite: ['test_1'] });
  });

  test('fast typing asks once it pauses, and too much is not sent', async () => {
    const { page, api } = await open({ path: '/connections/openai/workbench', crossings: 0 });
    const asked = () => api.writes.filter(({ path }) => path.endsWith('/workbench')).length;
    await text(page).pressSequentially(`mail ${mail}`, { delay: 5 });
    await headline(page, /^One thing was found/).waitFor();
    expect(asked()).toBeLessThan(4);
    const before = asked();
    await text(page).fill('x'.repeat(1024 * 1024 + 1));
    await page.getByText('It has more than 1 MB: try a part of it.').waitFor();
    await headline(page, /^What of a text would reach/).waitFor();
    expect(asked()).toBe(before);
  });
});
