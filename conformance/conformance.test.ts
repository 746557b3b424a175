import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium, launchBrowser, type PageBrowser } from '../server/replay/drive/browser.ts';
import { mixpanelBrowserSuite } from './mixpanel-browser.suite.ts';
import { mixpanelNodeSuite } from './mixpanel-node.suite.ts';
import { mixpanelWeatherSuite } from './mixpanel-weather.suite.ts';
import { openaiSuite } from './openai.suite.ts';
import { openaiFilesSuite } from './openai-files.suite.ts';
import { openaiWeatherSuite } from './openai-weather.suite.ts';
import { ConformanceTable } from './table.ts';
import { Calls } from './weather.ts';
import { startWorld, type World } from './world.ts';

const ai = new ConformanceTable('OpenAI');
const analytics = new ConformanceTable('Mixpanel from servers');
const calls = new Calls();
const chromium = await findChromium();

let world: World;
let pages: PageBrowser | undefined;

beforeAll(async () => {
  if (chromium !== null) pages = await launchBrowser(chromium);
  world = await startWorld(pages?.origin ?? 'http://platform.example.com');
  await calls.make();
}, 180_000);
afterAll(async () => {
  await pages?.stop();
  await world?.stop();
}, 60_000);

describe('openai', () => openaiSuite(() => world));

describe('openai: files and forms', () => openaiFilesSuite(() => world));

describe('openai: weather', () =>
  openaiWeatherSuite(() => world, { sheet: ai.sdk('openai', 'OpenAI'), calls }));

describe('mixpanel (node)', () => mixpanelNodeSuite(() => world));

describe('mixpanel (node): weather', () =>
  mixpanelWeatherSuite(() => world, { sheet: analytics.sdk('mixpanel'), calls }));

describe.skipIf(chromium === null)('mixpanel-browser', () =>
  mixpanelBrowserSuite(
    () => world,
    () => {
      if (pages === undefined) throw new Error('no browser was started');
      return pages;
    },
  ),
);

describe('the browser', () => {
  it.runIf(process.env.CI !== undefined)('is there: in CI its tests are not to be skipped', () => {
    expect(chromium, 'no Chromium found; set CHROMIUM_PATH or install it').not.toBeNull();
  });
});

describe('the journal', () => {
  it('holds one record of every request that reached a vendor, refused ones not counted', async () => {
    const sides = [world.asIs, world.recommended];
    const reached = sides.reduce(
      (sum, side) => sum + side.mixpanel.requests.length + side.openai.requests.length,
      0,
    );
    const crossed = reached - world.sentStraight;
    await expect.poll(() => world.throwaway.journalRecords(), { timeout: 20_000 }).toBe(crossed);
    expect(crossed).toBeGreaterThan(0);
  }, 30_000);
});

describe('the document', () => {
  ai.compared();
  analytics.compared();
});
