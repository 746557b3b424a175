import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, it, vi } from 'vitest';
import type { PageBrowser } from '../server/replay/drive/browser.ts';
import { everythingSent } from './analytics-world.ts';
import {
  type Contract,
  PAGE_PATH,
  type PageCall,
  type PageSdk,
  pageWeatherSuite,
} from './browser-weather.ts';
import type { BrowserWorld } from './browser-world.ts';
import type { Sheet } from './table.ts';
import type { Calls } from './weather.ts';
import { PSEUDONYM } from './world.ts';

const events = ['/e/', '/i/v0/e/'];
const about = `{ email: 'greta.lindt@example.com', name: 'Greta Lindt' }`;

const calls: readonly PageCall[] = [
  {
    name: 'capture',
    code: `posthog.capture('Key made for Greta', { invited_by: 'ben@example.org' })`,
    paths: events,
  },
  {
    name: 'identify',
    code: `posthog.identify('greta.lindt@example.com', ${about})`,
    isLike: 'capture',
    paths: events,
  },
  {
    name: 'group',
    code: `posthog.group('organization', 'org-of-greta', { name: 'Lindt & Co' })`,
    isLike: 'capture',
    paths: events,
  },
  { name: 'alias', code: `posthog.alias('greta-4711')`, isLike: 'capture', paths: events },
  {
    name: 'register',
    code: `posthog.register({ org_id: 'org-of-greta' }); posthog.capture('Seen')`,
    isLike: 'capture',
    paths: events,
  },
  {
    name: 'setPersonProperties',
    code: `posthog.setPersonProperties(${about})`,
    isLike: 'capture',
    paths: events,
  },
  { name: 'onFeatureFlags', code: `posthog.onFeatureFlags(() => undefined)`, paths: ['/flags/'] },
  {
    name: 'page leave (sendBeacon)',
    code: `dispatchEvent(new Event('pagehide'))`,
    after: `posthog.opt_out_capturing()`,
    isBeacon: true,
    paths: events,
  },
];

/** PostHog's SDK for browsers, unmodified, in Chromium, through the gateway. Everyone in it is made up. */
export function posthogJsSuite(
  world: () => BrowserWorld,
  browser: () => PageBrowser,
  keep: { sheet: Sheet; calls: Calls },
): void {
  const line = (contract: Contract = 'recommended') => world()[contract].posthog;
  const file = createRequire(import.meta.url).resolve('posthog-js/dist/array.full.no-external.js');
  const script = readFileSync(file, 'utf8');
  const start = (contract: Contract, key: string | null, call: PageCall) => `
    posthog.init(${JSON.stringify(key ?? world()[contract].publishableKey)}, ${JSON.stringify({
      api_host: line(contract).url,
      persistence: 'memory',
      autocapture: false,
      capture_pageview: false,
      capture_pageleave: call.isBeacon === true,
      disable_external_dependency_loading: true,
      disable_session_recording: true,
      opt_out_useragent_filter: true,
      request_queue_config: { flush_interval_ms: 250 },
    })})`;

  const sdk: PageSdk = {
    script,
    calls,
    start,
    vendor: (contract, call) => {
      const { standin } = line(contract);
      const stored = call.paths === events ? () => standin.events.length : () => standin.asked.length;
      return { requests: standin.requests, script: standin.script, stored };
    },
    expected: (call, weather) => {
      if (weather === 'refused' || weather === 'stranger') return { gave: 'lost', attempts: 1 };
      if (weather === 'fine' || weather === 'slow') return { gave: 'delivered', attempts: 1 };
      // Flags are asked for again only where the network failed: 502 is what the gateway says then.
      const isOnce = call.isBeacon || (call.paths !== events && weather !== 'dropped');
      if (isOnce) return { gave: 'lost', attempts: 1 };
      return { gave: 'delivered', attempts: weather === 'often' ? 4 : 2 };
    },
  };
  pageWeatherSuite(sdk, browser, keep);

  it('recommended: nobody’s name, page, referrer or address reached the vendor', () => {
    const { requests } = line().standin;
    expect(requests.length).toBeGreaterThan(0);
    const text = everythingSent(requests).toLowerCase();
    for (const part of ['greta', 'lindt', 'ben@', 'invited_by', 'welcome', 'org-of', 'key made']) {
      expect(text).not.toContain(part);
    }
    expect(text).not.toContain(world().recommended.publishableKey);
  });

  it('recommended: one person and one organisation stay one, over identify, group and alias', () => {
    const { events: stored } = line().standin;
    const of = (name: string) => stored.filter(({ event }) => event === name);
    const people = new Set(of('$identify').map(({ distinctId }) => distinctId));
    const groups = new Set(of('$groupidentify').map(({ properties }) => properties.$group_key));
    expect([[...people], [...groups]]).toEqual([
      [expect.stringMatching(PSEUDONYM)],
      [expect.stringMatching(PSEUDONYM)],
    ]);
    const registered = stored.flatMap(({ properties: { org_id } }) => (org_id === undefined ? [] : [org_id]));
    expect(new Set(registered)).toEqual(groups);
  });

  it('a page works on while what the pack does not serve is refused: remote config, assets, recordings', async () => {
    const { browser: chromium, origin } = browser();
    const context = await chromium.newContext({ userAgent: 'Mozilla/5.0 Chrome/142.0.0.0' });
    const page = await context.newPage();
    const pageErrors: string[] = [];
    const refused = new Set<string>();
    page.on('pageerror', (error) => pageErrors.push(error.message));
    page.on('response', (response) => {
      const { pathname } = new URL(response.url());
      if (response.status() === 404) refused.add(pathname.split('/')[2] ?? '');
    });
    const loads = createRequire(import.meta.url).resolve('posthog-js/dist/array.js');
    await page.addInitScript({ path: loads });
    await page.goto(`${origin}${PAGE_PATH}`);
    const before = line().standin.events.length;
    const reached = line().standin.requests.length;
    // As people start it who have not read our lines: everything that the SDK loads and records is on.
    await page.evaluate(`posthog.init(${JSON.stringify(world().recommended.publishableKey)},
      { api_host: ${JSON.stringify(line().url)}, opt_out_useragent_filter: true,
        request_queue_config: { flush_interval_ms: 250 } });
      posthog.startSessionRecording(); posthog.capture('Seen');`);
    await vi.waitFor(() => expect(line().standin.events.length).toBeGreaterThan(before), 10_000);
    await vi.waitFor(async () =>
      expect(await page.evaluate(`posthog.isFeatureEnabled('new-invites')`)).toBe(true),
    );
    await vi.waitFor(() => expect([...refused]).toContain('array'));
    expect(pageErrors).toEqual([]);
    const paths = new Set(
      line()
        .standin.requests.slice(reached)
        .map(({ path }) => path),
    );
    expect([...paths].filter((path) => !['/e/', '/i/v0/e/', '/flags/'].includes(path))).toEqual([]);
    await context.close();
  });
}
