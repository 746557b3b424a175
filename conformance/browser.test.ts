import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium, launchBrowser, type PageBrowser } from '../server/replay/drive/browser.ts';
import { type BrowserWorld, startBrowserWorld } from './browser-world.ts';
import { mixpanelPagesSuite } from './mixpanel-pages.suite.ts';
import { posthogJsSuite } from './posthog-js.suite.ts';
import { ConformanceTable } from './table.ts';
import { Calls } from './weather.ts';

const chromium = await findChromium();
const table = new ConformanceTable('analytics from pages');
const calls = new Calls();

let world: BrowserWorld;
let pages: PageBrowser | null = null;

function browser(): PageBrowser {
  if (pages === null) throw new Error('no browser was started');
  return pages;
}

describe.skipIf(chromium === null)('in Chromium', () => {
  beforeAll(async () => {
    if (chromium === null) return;
    pages = await launchBrowser(chromium);
    world = await startBrowserWorld(pages.origin);
    await calls.make();
  }, 180_000);
  afterAll(async () => {
    await pages?.stop();
    await world?.stop();
  }, 60_000);

  describe('posthog-js', () =>
    posthogJsSuite(() => world, browser, { sheet: table.sdk('posthog-js'), calls }));

  describe('mixpanel-browser', () =>
    mixpanelPagesSuite(() => world, browser, { sheet: table.sdk('mixpanel-browser'), calls }));

  describe('the journal', () => {
    it('holds one record of every request that reached a vendor, refused ones not counted', async () => {
      const standins = [world.asIs, world.recommended].flatMap((side) => [
        side.posthog.standin,
        side.mixpanel.standin,
      ]);
      const reached = standins.reduce((sum, { requests }) => sum + requests.length, 0);
      expect(reached).toBeGreaterThan(0);
      await expect.poll(() => world.throwaway.journalRecords(), { timeout: 20_000 }).toBe(reached);
    }, 30_000);
  });

  describe('the document', () => table.compared());
});
