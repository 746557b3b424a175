import { header, type ReceivedRequest } from '@drawbridge/standins';
import type { Page } from 'playwright-core';
import { describe, expect, it, vi } from 'vitest';
import type { PageBrowser } from '../server/replay/drive/browser.ts';
import { everythingIn, PSEUDONYM, type World } from './world.ts';

type Side = 'asIs' | 'recommended';

const waiting = { timeout: 15_000, interval: 50 };

/** Mixpanel's browser SDK, unmodified, in Chromium, through the gateway. Everyone in it is made up. */
export function mixpanelBrowserSuite(world: () => World, browser: () => PageBrowser): void {
  const vendor = (side: Side = 'recommended') => world()[side].mixpanel;

  /** Opens a page as a visitor who came by a link from another page, and hands the SDK the lines that Connect gives. */
  async function visit(
    side: Side,
    more: { key?: string; config?: object; host?: string } = {},
  ): Promise<Page> {
    const context = await browser().browser.newContext();
    const page = await context.newPage();
    const origin =
      more.host === undefined ? browser().origin : browser().origin.replace(/\/\/[^:]+/, `//${more.host}`);
    const path = '/members/greta.lindt@example.com/keys?invited_by=ben@example.org';
    await page.goto(`${origin}/welcome?for=greta.lindt@example.com`);
    await page.evaluate(`location.assign(${JSON.stringify(path)})`);
    await page.waitForURL(`${origin}${path}`);
    const config = {
      api_host: world()[side].mixpanelUrl,
      persistence_name: 'mixpanel_app',
      batch_flush_interval_ms: 100,
      ...more.config,
    };
    await page.evaluate(`globalThis.sdkErrors = []; mixpanel.init(${JSON.stringify(more.key ?? world()[side].publishableKey)},
      { ...${JSON.stringify(config)}, error_reporter: (text) => sdkErrors.push(String(text)) })`);
    return page;
  }

  /** Runs in the page, then waits until so many more events are stored. */
  async function storing(side: Side, events: number, page: Page, code: string): Promise<ReceivedRequest[]> {
    const requests = vendor(side).requests.length;
    const wanted = vendor(side).store.events.length + events;
    await page.evaluate(code);
    await vi.waitFor(() => expect(vendor(side).store.events.length).toBeGreaterThanOrEqual(wanted), waiting);
    return vendor(side).requests.slice(requests);
  }

  const identify = `mixpanel.identify('greta.lindt@example.com');
    mixpanel.people.set({ $email: 'greta.lindt@example.com', $name: 'Greta Lindt' });
    mixpanel.set_group('org_id', 'org-of-greta');
    mixpanel.track('Key made for Greta', { billing_contact: 'greta.lindt@example.com' })`;

  describe('works as before', () => {
    it('events and profiles arrive in batches, identities merged, nothing left in the queue', async () => {
      const page = await visit('asIs');
      await storing('asIs', 3, page, `mixpanel.track('Seen'); ${identify}`);
      const find = () =>
        vendor('asIs')
          .store.people()
          .find((person) => person.ids.includes('greta.lindt@example.com'));
      await vi.waitFor(() => expect(find()?.profile).toMatchObject({ $name: 'Greta Lindt' }), waiting);
      const greta = find();
      expect(greta?.events.map((event) => event.event)).toEqual(['Seen', '$identify', 'Key made for Greta']);
      expect(greta?.events[0]?.properties).toMatchObject({
        $current_url: expect.stringContaining('invited_by=ben@example.org'),
        $referrer: expect.stringContaining('/welcome?for=greta.lindt@example.com'),
      });
      await vi.waitFor(async () => {
        const queued = await page.evaluate(`mixpanel.request_batchers.events.queue.memQueue.length`);
        expect(queued).toBe(0);
      }, waiting);
      expect(await page.evaluate('sdkErrors')).toEqual([]);
      await page.context().close();
    });

    it('single requests and beacons', async () => {
      const page = await visit('recommended', { config: { batch_requests: false } });
      await storing('recommended', 1, page, `new Promise((next) => mixpanel.track('Alone', {}, next))`);
      const [beacon] = await storing(
        'recommended',
        1,
        page,
        `mixpanel.track('Left', {}, { transport: 'sendBeacon' })`,
      );
      expect(beacon?.method).toBe('POST');
      const stored = vendor()
        .store.events.slice(-2)
        .map((event) => event.event);
      expect(stored).toEqual([expect.stringMatching(PSEUDONYM), expect.stringMatching(PSEUDONYM)]);
      await page.context().close();
    });
  });

  describe('the vendor gets only what the contract allows', () => {
    it('recommended: nobody’s name, page, referrer, address, cookie or browser version', async () => {
      const page = await visit('recommended');
      await page
        .context()
        .addCookies([{ name: 'session', value: 'made-up-session', url: world().recommended.mixpanelUrl }]);
      const before = vendor().requests.length;
      await storing('recommended', 3, page, `mixpanel.track('Seen'); ${identify}`);
      await vi.waitFor(
        () =>
          expect(
            vendor()
              .requests.slice(before)
              .some((request) => request.path.startsWith('/engage')),
          ).toBe(true),
        waiting,
      );
      const requests = vendor().requests.slice(before);
      const text = everythingIn(requests).toLowerCase();
      for (const personal of [
        'greta',
        'lindt',
        'ben@',
        'invited_by',
        'welcome',
        'made-up-session',
        'org-of',
        'billing_contact',
        'key made',
      ]) {
        expect(text).not.toContain(personal);
      }
      for (const request of requests) {
        expect(request.query.get('ip') ?? '0').toBe('0');
        for (const name of [
          'cookie',
          'origin',
          'referer',
          'x-forwarded-for',
          'sec-ch-ua',
          'accept-language',
        ]) {
          expect([name, header(request, name)]).toEqual([name, null]);
        }
        expect(header(request, 'user-agent') ?? 'none').not.toMatch(/\d/);
      }
      const merged = vendor()
        .store.people()
        .filter((person) => person.events.some((event) => event.event === '$identify'));
      expect(merged.map((person) => person.events.length)).toEqual([3]);
      expect(merged[0]?.ids.toSorted()).toEqual([
        expect.stringMatching(/^\$device:[A-Za-z0-9_-]{22}$/),
        expect.stringMatching(PSEUDONYM),
      ]);
      await page.context().close();
    });
  });

  describe('attempts', () => {
    it('none at the vendor from another origin, or with a server’s key', async () => {
      const before = vendor().requests.length;
      for (const wrong of [{ host: '127.0.0.1' }, { key: world().recommended.secretKey }]) {
        const page = await visit('recommended', { ...wrong, config: { batch_requests: false } });
        await page.evaluate(`mixpanel.track('Stolen')`);
        await vi.waitFor(
          async () => expect(await page.evaluate('sdkErrors.length')).toBeGreaterThan(0),
          waiting,
        );
        await page.context().close();
      }
      expect(vendor().requests.length).toBe(before);
    });

    it('another one when the vendor is busy: the batch is kept, sent again and stored once', async () => {
      const step = vendor().script.add({ do: 'answer', status: 503, body: '{"status":0}' }, { times: 1 });
      const page = await visit('recommended');
      const stored = vendor().store.events.length;
      const requests = await storing('recommended', 1, page, `mixpanel.track('Patient')`);
      expect([step.arrivals.length, requests.length]).toEqual([1, 2]);
      expect(vendor().store.events.length).toBe(stored + 1);
      await page.context().close();
    });
  });
}
