import { describeInBrowser, expect, test } from '../testing/browser.ts';

describeInBrowser('exercises', (open) => {
  test('one is begun by keyboard, goes on by its clock, and tells at its end what really happened', async () => {
    const { page, complaints } = await open({ path: '/exercises' });
    await page.getByRole('button', { name: /Begin: Mixpanel 2025, from the seat of a customer/ }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('radio', { name: /Four times as fast/ }).check();
    await page.getByLabel('Why').fill('The yearly exercise');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/exercises\/0199c0de/);
    // A quarter of the hour, at four times the pace.
    await page
      .getByRole('heading', { level: 1, name: /from the seat of a customer: 15 minutes left/ })
      .waitFor();
    expect(await page.getByText('Read in').count()).toBe(0);

    await page.getByRole('button', { name: 'End the exercise' }).click();
    await page.getByLabel('Why').fill('Over');
    await page.getByRole('button', { name: 'End it' }).click();
    await page.getByRole('heading', { level: 1, name: '0 of 3 goals were met in time' }).waitFor();
    expect(await page.getByRole('cell', { name: 'missed' }).count()).toBe(3);
    await page
      .getByRole('region', { name: 'What really happened' })
      .getByText(/17 days/)
      .waitFor();
    expect(await page.getByRole('button', { name: 'End the exercise' }).count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  test('one that runs says what is reached and what came, and not what is still to come', async () => {
    const { page } = await open({ path: '/exercises' });
    await page.getByRole('link', { name: 'Running now' }).click();
    await page.getByRole('row', { name: /Enter the first fact.*in time.*5 min.*3.2 min/ }).waitFor();
    await page.getByText('6 messages still to come.').waitFor();
    await page.getByText('2026-03-03').waitFor();
  });
});
