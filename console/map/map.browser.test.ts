import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { axeFindings, describeInBrowser, expect, test } from '../testing/browser.ts';
import { largeChainWorld } from '../testing/fake-chain.ts';

/** Pictures to look at, where a folder for them is named. */
const shots = process.env.DRAWBRIDGE_SHOTS;

describeInBrowser('the map', (open) => {
  test('says who goes dark without one, from the table and by keyboard, and the address keeps it', async () => {
    const { page, complaints } = await open({ path: '/map' });
    const table = page.getByRole('table', { name: 'Vendors' });
    // A name from a list is text.
    await table.getByText('<img src=x onerror=alert(1)>').waitFor();
    await table.getByRole('button', { name: 'Lose Google Cloud' }).press('Enter');
    await page.getByText('Without Google Cloud 2 more vendors go dark, 2 of them our own').waitFor();
    expect(page.url()).toContain('lost=google-cloud');
    expect(await axeFindings(page)).toEqual([]);
    await page.reload();
    await page.getByText('Without Google Cloud 2 more vendors go dark, 2 of them our own').waitFor();
    await page.getByLabel('Lose', { exact: true }).selectOption('Amazon Web Services');
    await page.getByText('Without Amazon Web Services 1 more vendor goes dark').waitFor();
    await page.getByRole('button', { name: 'Put it back' }).click();
    expect(page.url()).not.toContain('lost=');
    expect(complaints).toEqual([]);
  });

  test('layers are told apart and switched, in picture and table', async () => {
    const { page } = await open({ path: '/map?show=links' });
    const table = page.getByRole('table', { name: 'Links' });
    await table.getByText('◐ inferred').waitFor();
    await page.getByRole('checkbox', { name: 'Inferred' }).uncheck();
    await table.getByText('◐ inferred').waitFor({ state: 'detached' });
    expect(page.url()).toContain('layers=observed');
    await page.getByRole('checkbox', { name: 'Declared' }).uncheck();
    await page.getByRole('heading', { level: 1, name: /nobody behind them is known/ }).waitFor();
    await page.getByRole('img', { name: /2 vendors and 3 links/ }).waitFor();
    expect(await page.getByRole('checkbox', { name: 'Observed' }).isDisabled()).toBe(true);
    await page.getByRole('button', { name: '3 links were observed but not declared' }).click();
    await page.getByRole('table', { name: 'Observed but not declared' }).waitFor();
  });

  test('goes back in time by the arrow keys', async () => {
    const { page } = await open({ path: '/map' });
    const slider = page.getByRole('slider');
    await slider.focus();
    await slider.press('Home');
    await page.getByRole('heading', { level: 1, name: /we used 2 vendors, and 0 stood behind/ }).waitFor();
    await slider.press('ArrowRight');
    await page.getByRole('heading', { level: 1, name: /and 2 stood behind them/ }).waitFor();
    await slider.press('End');
    await page.getByRole('heading', { level: 1, name: /3 vendors stand behind/ }).waitFor();
  });

  test('a new sub-processor is decided about, and a list is taken in', async () => {
    const { page, api } = await open({ path: '/map' });
    await page.getByRole('button', { name: 'Decide about CoreWeave, Inc.' }).click();
    const sheet = page.getByRole('dialog');
    await sheet.getByRole('radio', { name: /Objected/ }).check();
    await sheet.getByLabel('Why').fill('No contract with them');
    expect(await axeFindings(page)).toEqual([]);
    await sheet.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: 'Decide about CoreWeave, Inc.' }).waitFor({ state: 'detached' });
    expect(api.writes.at(-1)?.body).toMatchObject({ state: 'objected' });
    await page.getByRole('button', { name: 'Take in a list' }).click();
    await sheet.getByLabel('Whose list').fill('OpenAI');
    await sheet.getByText('OpenAI (openai) is known').waitFor();
    await sheet.getByLabel('Where it is from').fill('page.html');
    await sheet.getByLabel('The list').fill('nothing');
    await sheet.getByLabel('Days to object').fill('30');
    await sheet.getByRole('button', { name: 'Show what it says' }).click();
    await sheet.getByText('has no column that is a name; line 1 is "nothing"').waitFor();
    await sheet.getByLabel('The list').fill('name\nAmazon Web Services\nAcme');
    await sheet.getByRole('button', { name: 'Show what it says' }).click();
    // Nothing is kept before somebody saw its rows, what changed, and until when one may object.
    await page.getByRole('dialog', { name: 'OpenAI lists 2 sub-processors' }).waitFor();
    await sheet.getByText('Since the version before: 1 new, 3 gone, 1 changed').waitFor();
    await sheet.getByText('Object to who is new until').waitFor();
    await sheet.getByRole('row', { name: /Acme \? nobody known/ }).waitFor();
    expect(api.writes.at(-1)?.body).toMatchObject({ vendor: 'openai', objectionDays: 30, preview: true });
    expect(await axeFindings(page)).toEqual([]);
    await sheet.getByLabel('Why').fill('A new page');
    // Most of the last version is gone: that is said before, and confirmed by the act.
    await sheet.getByText('More than half of the names of the last version are gone from it').waitFor();
    await sheet.getByRole('button', { name: 'It is right: take it in' }).click();
    await sheet.getByText('2 rows taken in; 1 matches no known vendor; 1 is new.').waitFor();
    expect(api.writes.at(-1)?.body).toMatchObject({
      vendor: 'openai',
      preview: false,
      confirmed: true,
      reason: 'A new page',
    });
  });

  test('a vendor is found by its name, looked at with its neighbours alone, and left again', async () => {
    const { page, api } = await open();
    api.world.chainWorld = largeChainWorld(100, 260);
    await page.goto(`${api.origin}/map`);
    const field = page.getByLabel('Find on the picture');
    await field.fill('vendor 7');
    await page.getByRole('button', { name: 'Vendor 70', exact: true }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await field.press('Enter');
    const around = page.getByRole('region', { name: 'Around Vendor 7', exact: true });
    await around.getByText('We use it').waitFor();
    expect(page.url()).toContain('focus=v-7');
    // From one to the next, by keyboard.
    await around.getByRole('listitem').getByRole('button').first().press('Enter');
    await around.waitFor({ state: 'detached' });
    await page.getByRole('region', { name: /^Around Vendor/ }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.getByRole('button', { name: 'What if it is lost?' }).click();
    await page.getByText(/^Without Vendor/).waitFor();
    await page.getByRole('button', { name: 'Show all' }).click();
    expect(page.url()).not.toMatch(/focus=|lost=/);
  });

  test('a link is entered, changed and ended from the table', async () => {
    const { page, api, complaints } = await open({ path: '/map?show=links' });
    await page.getByRole('button', { name: 'Enter a link' }).click();
    const sheet = page.getByRole('dialog');
    await sheet.getByLabel('Who hands data on').fill('OpenAI');
    await sheet.getByLabel('To whom').fill('Quokka Hosting');
    await sheet.getByText('it gets the id quokka-hosting').waitFor();
    await sheet.getByRole('checkbox', { name: 'content' }).check();
    await sheet.getByLabel('Which').fill('https://openai.example/hosting');
    await sheet.getByLabel('Only under').fill('region: EU\nplanet: Mars');
    await sheet.getByText('Line 2 does not begin with plan:, region: or option:').waitFor();
    await sheet.getByLabel('Only under').fill('region: EU');
    await sheet.getByLabel('Why').fill('They told us');
    expect(await axeFindings(page)).toEqual([]);
    await sheet.getByRole('button', { name: 'Save' }).click();
    const row = page.getByRole('table', { name: 'Links' }).getByRole('row', { name: /Quokka Hosting/ });
    await row.waitFor();
    expect(api.writes.at(-1)).toMatchObject({
      path: '/chain/edges',
      body: {
        from: 'openai',
        to: 'quokka-hosting',
        layer: 'declared',
        scopes: ['content'],
        conditions: [{ kind: 'region', is: 'EU' }],
        names: { 'quokka-hosting': 'Quokka Hosting' },
        validUntil: null,
        reason: 'They told us',
      },
    });
    await row.getByRole('button', { name: 'Change the link from OpenAI to Quokka Hosting' }).click();
    await sheet.getByRole('checkbox', { name: 'support' }).check();
    await sheet.getByLabel('Why').fill('They also see tickets');
    await sheet.getByRole('button', { name: 'Save' }).click();
    await row.getByText('content, support').waitFor();
    await row.getByRole('button', { name: 'It ended: the link from OpenAI to Quokka Hosting' }).click();
    await sheet.getByLabel('Why').fill('They moved');
    await sheet.getByRole('button', { name: 'It ended' }).click();
    await row.waitFor({ state: 'detached' });
    // What computes itself is not changed by hand.
    await page
      .getByRole('row', { name: /^us OpenAI/ })
      .getByText('computed')
      .waitFor();
    expect(complaints).toEqual([]);
  });

  test('a vendor’s page shows its published list, and rows that nobody knows are said to be somebody', async () => {
    const { page, api } = await open({ path: '/vendors/openai' });
    await page
      .getByRole('region', { name: 'Its published list names 4 sub-processors; 2 match no known vendor' })
      .waitFor();
    await page.getByText('Since the version before: 3 new, 1 gone, 1 changed').waitFor();
    const rows = page.getByRole('table', { name: 'Rows of the list' });
    await rows.getByText('<b>Nobody</b> GmbH').waitFor();
    await rows.getByText('perhaps Mixpanel, Mixpanel EU').waitFor();
    await rows.getByRole('button', { name: 'Say who Mixpanel Analytics is' }).click();
    const sheet = page.getByRole('dialog');
    await sheet.getByRole('radio', { name: 'Mixpanel mixpanel' }).check();
    expect(await axeFindings(page)).toEqual([]);
    await sheet.getByLabel('Why').fill('Their product');
    await sheet.getByRole('button', { name: 'Save' }).click();
    await expect
      .poll(() => api.writes.at(-1)?.body)
      .toMatchObject({ key: 'mixpanel analytics', target: 'mixpanel', reason: 'Their product' });
    await rows.getByRole('button', { name: 'Say who <b>Nobody</b> GmbH is' }).click();
    await sheet.getByRole('radio', { name: /Not a vendor/ }).check();
    await sheet.getByLabel('Why').fill('A heading of the page');
    await sheet.getByRole('button', { name: 'Save' }).click();
    await expect.poll(() => api.writes.at(-1)?.body).toMatchObject({ target: null });
    await page
      .getByRole('region', { name: 'Its published list names 4 sub-processors', exact: true })
      .waitFor();
    await rows.getByRole('button', { name: 'Say who <b>Nobody</b> GmbH is' }).click();
    await sheet.getByRole('radio', { name: /Take back what was decided/ }).check();
    await sheet.getByLabel('Why').fill('It is a vendor after all');
    await sheet.getByRole('button', { name: 'Save' }).click();
    await page
      .getByRole('region', { name: 'Its published list names 4 sub-processors; 1 matches no known vendor' })
      .waitFor();
    await page.getByLabel('Version', { exact: true }).selectOption('1');
    await page.getByText('of a first version nobody is new').waitFor();
    await page.getByRole('button', { name: 'Back to the newest' }).click();
    // Whoever stands behind others alone has a page too, by its name.
    await page.goto(new URL('/vendors/google-cloud', page.url()).href);
    await page
      .getByRole('heading', {
        level: 1,
        name: 'Google Cloud gets nothing from us directly; 2 vendors hand data on to it',
      })
      .waitFor();
    await page
      .getByRole('table', { name: 'Vendors that hand data to it' })
      .getByRole('link', { name: 'OpenAI' })
      .waitFor();
    expect(await axeFindings(page)).toEqual([]);
  });

  test('a published list is read again by itself, says what went wrong, and is no more once that is said', async () => {
    const { page, api, complaints } = await open({ path: '/vendors/openai' });
    await page.getByText('It is read when somebody does.').waitFor();
    await page.getByRole('button', { name: 'Read it again by itself' }).click();
    const sheet = page.getByRole('dialog', { name: /^Read the list of .* again by itself$/ });
    await sheet.getByLabel('How often').selectOption('Every 14 days');
    await sheet.getByLabel('Why').fill('Objections have a date');
    expect(await axeFindings(page)).toEqual([]);
    await sheet.getByRole('button', { name: 'Say so' }).click();
    await page.getByText(/Read again every 14 days, last not yet/).waitFor();
    await page.getByText('▲ The last reading took nothing in: url answers with status 403').waitFor();
    expect(api.writes.at(-1)).toMatchObject({ path: '/chain/lists/openai/watch', body: { everyDays: 14 } });
    await page.getByRole('button', { name: 'Change how often' }).click();
    await sheet.getByLabel('How often').selectOption('Not by itself');
    await sheet.getByLabel('Why').fill('We read their mails');
    await sheet.getByRole('button', { name: 'Say so' }).click();
    await page.getByText('It is read when somebody does.').waitFor();
    expect(complaints).toEqual([]);
  });

  test('500 vendors and 1,500 links are dragged without stutter', async () => {
    const { page, api } = await open();
    api.world.chainWorld = largeChainWorld(500, 1_500);
    await page.goto(`${api.origin}/map`);
    const picture = page.getByRole('img', { name: /500 vendors and 1,500 links/ });
    await picture.waitFor();
    const box = await picture.boundingBox();
    if (box === null) throw new Error('the picture has no place');
    await page.evaluate(() => {
      const frames: number[] = [];
      Object.assign(window, { frames });
      let last = performance.now();
      const step = (now: number): void => {
        frames.push(now - last);
        last = now;
        requestAnimationFrame(step);
      };
      requestAnimationFrame(step);
    });
    await page.evaluate(() => (window as unknown as { frames: number[] }).frames.splice(0));
    await page.mouse.move(box.x + 300, box.y + 100);
    await page.mouse.down();
    for (let at = 0; at < 120; at += 1) {
      await page.mouse.move(box.x + 300 + 150 * Math.sin(at / 8), box.y + 150 + at);
    }
    await page.mouse.up();
    const frames = await page.evaluate(() =>
      (window as unknown as { frames: number[] }).frames.toSorted((a, b) => a - b),
    );
    const [median, most] = [frames[frames.length >> 1] ?? 0, frames[Math.floor(frames.length * 0.95)] ?? 0];
    console.log(
      `dragging: ${frames.length} frames, median ${median.toFixed(1)} ms, p95 ${most.toFixed(1)} ms`,
    );
    // Sixty a second on a quiet machine. Where others want the processors too, single frames are theirs to lose.
    expect(median).toBeLessThan(34);
    if (process.env.DRAWBRIDGE_SOAK === '1') expect(most).toBeLessThan(50);
  });

  test.runIf(shots !== undefined)('is looked at', async () => {
    const folder = shots ?? join(tmpdir(), 'shots');
    await mkdir(folder, { recursive: true });
    for (const size of ['empty', 'small', 'twelve', 'hundred', 'full', 'focus'] as const) {
      for (const theme of ['light', 'dark'] as const) {
        for (const width of [1280, 390]) {
          const { page, api } = await open({ empty: size === 'empty', theme, width });
          const large = {
            twelve: [12, 24],
            hundred: [100, 260],
            full: [500, 1_500],
            focus: [500, 1_500],
          } as const;
          const [vendors, links] = size === 'empty' || size === 'small' ? [0, 0] : large[size];
          if (vendors > 0) api.world.chainWorld = largeChainWorld(vendors, links);
          const query = size === 'small' ? '?lost=google-cloud' : size === 'focus' ? '?focus=v-378' : '';
          await page.goto(`${api.origin}/map${query}`);
          await page.getByRole('heading', { level: 1, name: /vendor/ }).waitFor();
          await page.evaluate(() => document.fonts.ready);
          await page.screenshot({
            path: join(folder, `${size}-${theme}-${width}.png`),
            fullPage: vendors === 0,
          });
        }
      }
    }
  });
});
