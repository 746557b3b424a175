import type { Page } from 'playwright-core';
import { axeFindings, describeInBrowser, expect, test } from './testing/browser.ts';

const mail = 'anna.berger@example.com';
const text = (page: Page) => page.getByRole('textbox', { name: 'Text', exact: true });
const marked = (page: Page) => page.getByRole('region', { name: 'What was found, in place' }).last();
const crosses = (page: Page) => page.getByRole('region', { name: /would get$/ }).last();
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
    expect(api.writes.at(-1)?.body).toMatchObject({
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
