import { axeFindings, describeInBrowser, expect, test } from '../testing/browser.ts';

describeInBrowser('behind the consoles', (open) => {
  test('lists parties with how many people they touch, and opens the vendor and its visits', async () => {
    const { page, complaints } = await open({ path: '/vendors' });
    await page.getByRole('link', { name: 'Behind the consoles' }).click();
    await page
      .getByRole('heading', { level: 1, name: '3 parties stand behind the consoles of 3 vendors' })
      .waitFor();
    const table = page.getByRole('table', { name: 'Parties' });
    await table.getByRole('row', { name: /Mixpanel.*31 \+ 2 \?.*OpenAI.*2026-11-02/ }).waitFor();
    await table.getByRole('row', { name: /cdn\.made-up\.example.*not known whose it is/ }).waitFor();
    await table.getByRole('row', { name: /Zendesk.*\? unknown.*never seen/ }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
    // How many people is unknown: that is never few.
    await table.getByRole('button', { name: /Our people/ }).click();
    await page.waitForURL(/sort=people\.desc/);
    await expect.poll(() => table.getByRole('row').nth(1).textContent()).toContain('Zendesk');
    await table.getByRole('link', { name: 'Mixpanel' }).press('Enter');
    await page
      .getByRole('heading', {
        name: 'Mixpanel stands behind 1 console where 31 people of ours have accounts',
      })
      .waitFor();
    const row = page.getByRole('row', { name: /OpenAI.*● observed.*not declared.*body\.email, body\.city/ });
    expect(await row.getByRole('link', { name: '31 + 2 ?' }).getAttribute('href')).toBe('/accounts/openai');
    expect(await axeFindings(page)).toEqual([]);
    await row.getByRole('link', { name: 'Visits to the console of OpenAI: 2026-11-02' }).click();
    await expect.poll(() => page.getByRole('heading', { name: 'Recorded visits' }).isVisible()).toBe(true);
    await expect.poll(() => inSight(page.locator('#visits'))).toBe(true);
    expect(complaints).toEqual([]);
  });

  test('a party that no visit shows is declared alone, and a host of nobody says what to do', async () => {
    const { page } = await open({ path: '/vendors/consoles/zendesk' });
    await page
      .getByRole('heading', {
        name: 'Zendesk stands behind 2 consoles; how many of our people that touches is unknown',
      })
      .waitFor();
    await page
      .getByRole('row', { name: /figma.*○ declared for support.*\? never seen.*\? unknown/ })
      .waitFor();
    await page.getByText('? No recorded visit shows it.', { exact: false }).waitFor();
    await page.goto(page.url().replace('zendesk', 'cdn.made-up.example'));
    await page.getByText('Nobody knows whose this host is.', { exact: false }).waitFor();
    await page.goto(page.url().replace('cdn.made-up', 'nowhere'));
    await page
      .getByRole('heading', { name: 'nowhere.example is not known to stand behind any console' })
      .waitFor();
  });

  test('a visit is handed in for a vendor that is chosen by its name', async () => {
    const { page, api } = await open({ path: '/vendors/consoles', empty: true });
    await page
      .getByRole('heading', { level: 1, name: 'No party behind a vendor’s console is known' })
      .waitFor();
    await page.getByRole('button', { name: 'Hand in a visit' }).press('Enter');
    const sheet = page.getByRole('dialog', { name: 'Hand in a visit to the console' });
    await sheet.getByLabel('Whose console').fill('Datadog');
    await sheet.getByLabel('HAR file').setInputFiles({
      name: 'visit.har',
      mimeType: 'application/json',
      buffer: Buffer.from('{"made":"up"}'),
    });
    await sheet.getByLabel('Day of the visit').fill('2026-11-20');
    await sheet.getByLabel('Why').fill('A look at the console');
    expect(await axeFindings(page)).toEqual([]);
    await sheet.getByRole('button', { name: 'Hand it in' }).click();
    await sheet.getByText('Taken in: 40 calls', { exact: false }).waitFor();
    expect(api.writes.at(-1)?.path).toBe('/holdings/vendors/datadog/visits');
  });

  test('a visit is withdrawn with a reason, and what it showed is gone', async () => {
    const { page, api } = await open({ path: '/vendors/openai' });
    const section = page.getByRole('region', { name: 'Accounts of our people here' });
    const visits = section.getByRole('table', { name: 'Recorded visits' });
    await visits.getByRole('row', { name: /2026-11-20.*console-november\.har.*Ada Example.*40/ }).waitFor();
    await visits.getByRole('button', { name: 'Withdraw first-look.har of 2026-11-02' }).click();
    const sheet = page.getByRole('dialog', { name: 'Withdraw a visit' });
    await sheet.getByText('first-look.har of 2026-11-02 counts no longer', { exact: false }).waitFor();
    await sheet.getByLabel('Why').fill('It was of a test account');
    expect(await axeFindings(page)).toEqual([]);
    await sheet.getByRole('button', { name: 'Withdraw' }).click();
    await section.getByText('1 visit recorded, the newest of 2026-11-20.', { exact: false }).waitFor();
    await expect.poll(() => visits.getByText('first-look.har').count()).toBe(0);
    const write = api.writes.at(-1);
    expect(write?.path).toBe('/holdings/visits/0199c0de-0000-7000-8000-0000000000b1/withdraw');
    expect(write?.headers['x-drawbridge-reason']).toBe(encodeURIComponent('It was of a test account'));
  });

  test('a field is stated with its source, twice is refused, and it is withdrawn', async () => {
    const { page, api } = await open({ path: '/vendors/openai' });
    const section = page.getByRole('region', { name: 'Accounts of our people here' });
    const state = async (): Promise<void> => {
      await section.getByRole('button', { name: 'State a field' }).click();
      const sheet = page.getByRole('dialog', { name: 'State a field that the console collects' });
      await sheet.getByLabel('Field').fill('browser.user_agent');
      await sheet.getByLabel('Source').fill('Privacy notice, section 2');
      await sheet.getByLabel('As of').fill('2026-11-01');
      await sheet.getByLabel('Why').fill('Read for the review');
      await sheet.getByRole('button', { name: 'State it' }).click();
    };
    await state();
    await section.getByText('Fields that it collects (3)').click();
    const row = section.getByRole('row', {
      name: /browser\.user_agent ○ declared Privacy notice, section 2/,
    });
    await row.waitFor();
    expect(api.writes.at(-1)).toMatchObject({
      path: '/holdings/vendors/openai/fields',
      body: {
        field: 'browser.user_agent',
        source: 'Privacy notice, section 2',
        asOf: '2026-11-01',
        reason: 'Read for the review',
      },
    });
    await state();
    await page.getByText('Somebody stated browser.user_agent of openai already.', { exact: false }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await row.getByRole('button', { name: 'Withdraw the statement of browser.user_agent' }).click();
    const sheet = page.getByRole('dialog', { name: 'Withdraw the statement of browser.user_agent' });
    await sheet.getByLabel('Why').fill('The notice changed');
    await sheet.getByRole('button', { name: 'Withdraw' }).click();
    await section.getByText('Fields that it collects (2)').waitFor();
  });

  test('what failed says so, and is tried again', async () => {
    const { page, api } = await open();
    api.trouble.set('/holdings/parties', {
      status: 500,
      body: { title: 'Something failed here', code: 'internal', detail: 'Report the request id.' },
    });
    await page.goto(`${api.origin}/vendors/consoles`);
    await page.getByRole('alert').getByText('Report the request id.').waitFor();
    api.trouble.clear();
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('heading', { level: 1, name: '3 parties' }).waitFor();
  });
});

const inSight = (part: import('playwright-core').Locator): Promise<boolean> =>
  part.evaluate((element) => {
    const { top } = element.getBoundingClientRect();
    return top >= -1 && top < innerHeight;
  });
