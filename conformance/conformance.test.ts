import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium, launchBrowser, type PageBrowser } from '../server/replay/drive/browser.ts';
import { mixpanelBrowserSuite } from './mixpanel-browser.suite.ts';
import { mixpanelNodeSuite } from './mixpanel-node.suite.ts';
import { openaiSuite } from './openai.suite.ts';
import { openaiFilesSuite } from './openai-files.suite.ts';
import { startWorld, type World } from './world.ts';

const chromium = await findChromium();

let world: World;
let pages: PageBrowser | undefined;

beforeAll(async () => {
  if (chromium !== null) pages = await launchBrowser(chromium);
  world = await startWorld(pages?.origin ?? 'http://platform.example.com');
}, 180_000);
afterAll(async () => {
  await pages?.stop();
  await world?.stop();
}, 60_000);

describe('openai', () => openaiSuite(() => world));

describe('openai: files and forms', () => openaiFilesSuite(() => world));

describe('mixpanel (node)', () => mixpanelNodeSuite(() => world));

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
