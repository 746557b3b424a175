import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import type { PageBrowser } from '../server/replay/drive/browser.ts';
import { type Contract, type PageCall, type PageSdk, pageWeatherSuite } from './browser-weather.ts';
import type { BrowserWorld } from './browser-world.ts';
import type { Sheet } from './table.ts';
import type { Calls } from './weather.ts';
import { everythingIn } from './world.ts';

const track = ['/track/'];
const engage = ['/engage/'];
const groups = ['/groups/'];

const calls: readonly PageCall[] = [
  {
    name: 'track',
    code: `mixpanel.track('Key made for Greta', { invited_by: 'ben@example.org' })`,
    paths: track,
  },
  { name: 'identify', code: `mixpanel.identify('greta.lindt@example.com')`, isLike: 'track', paths: track },
  { name: 'alias', code: `mixpanel.alias('greta-4711')`, isLike: 'track', paths: track },
  {
    name: 'register',
    code: `mixpanel.register({ org_id: 'org-of-greta' }); mixpanel.track('Seen')`,
    isLike: 'track',
    paths: track,
  },
  {
    name: 'people.set',
    code: `mixpanel.people.set({ $email: 'greta.lindt@example.com', $name: 'Greta Lindt' })`,
    paths: engage,
  },
  {
    name: 'get_group().set',
    code: `mixpanel.get_group('org_id', 'org-of-greta').set({ $name: 'Lindt & Co' })`,
    isLike: 'people.set',
    paths: groups,
  },
  {
    name: 'track (sendBeacon)',
    code: `mixpanel.track('Left', {}, { transport: 'sendBeacon' })`,
    isBeacon: true,
    paths: track,
  },
];

/** Mixpanel's browser SDK, unmodified, in Chromium, whatever the vendor does. Everyone in it is made up. */
export function mixpanelPagesSuite(
  world: () => BrowserWorld,
  browser: () => PageBrowser,
  keep: { sheet: Sheet; calls: Calls },
): void {
  const line = (contract: Contract = 'recommended') => world()[contract].mixpanel;
  const file = createRequire(import.meta.url).resolve('mixpanel-browser/dist/mixpanel.umd.js');

  const sdk: PageSdk = {
    script: readFileSync(file, 'utf8'),
    calls,
    start: (contract, key, call) => `
      mixpanel.init(${JSON.stringify(key ?? world()[contract].publishableKey)}, ${JSON.stringify({
        api_host: line(contract).url,
        persistence: 'localStorage',
        batch_flush_interval_ms: 250,
        batch_requests: call.isBeacon !== true,
      })});
      ${call.paths === engage ? `mixpanel.identify('greta')` : ''}`,
    vendor: (contract, call) => {
      const { requests, script, store } = line(contract).standin;
      const stored = call.paths === track ? () => store.events.length : () => store.updates;
      return { requests, script, stored };
    },
    expected: (call, weather) => {
      if (weather === 'refused' || weather === 'stranger') return { gave: 'lost', attempts: 1 };
      if (weather === 'fine' || weather === 'slow') return { gave: 'delivered', attempts: 1 };
      if (call.isBeacon) return { gave: 'lost', attempts: 1 };
      return { gave: 'delivered', attempts: weather === 'often' ? 4 : 2 };
    },
  };
  pageWeatherSuite(sdk, browser, keep);

  it('recommended: nobody’s name, page, referrer or address reached the vendor', () => {
    const { requests } = line().standin;
    expect(requests.length).toBeGreaterThan(0);
    const text = everythingIn(requests).toLowerCase();
    for (const part of ['greta', 'lindt', 'ben@', 'invited_by', 'welcome', 'org-of', 'key made']) {
      expect(text).not.toContain(part);
    }
    expect(text).not.toContain(world().recommended.publishableKey);
  });
}
