import { gzipSync } from 'node:zlib';
import { PostHog } from 'posthog-node';
import { describe, expect, it } from 'vitest';
import {
  type AnalyticsWorld,
  CREDENTIAL,
  everythingSent,
  person,
  personalParts,
  type SideName,
  sendCutOff,
} from './analytics-world.ts';
import type { Seen, Sheet, Weather } from './table.ts';
import { PSEUDONYM, reaching } from './world.ts';

const URL_PATTERN = /^https:\/\/app\.example\.com\/[\w-]{22}\/:id$/;
const anybody = { distinctId: person.id, event: 'Opened' };

/** PostHog's SDK for Node, unmodified, through the gateway. Everyone in it is made up. */
export function posthogNodeSuite(world: () => AnalyticsWorld, sheet: Sheet): void {
  const line = (side: SideName = 'recommended') => world()[side].posthog;

  /** Uses a client, flushes it, and says what the app was told and how many requests the SDK made. */
  const use = async (
    side: SideName,
    work: (client: PostHog) => unknown,
    more: { key?: string; retries?: number; disableCompression?: boolean } = {},
  ) => {
    let attempts = 0;
    const { key = world()[side].secretKey, retries = 1, ...rest } = more;
    const client = new PostHog(key, {
      host: line(side).url,
      flushAt: 100,
      flushInterval: 60_000,
      fetchRetryCount: retries,
      fetchRetryDelay: 100,
      ...rest,
      fetch: (url, options) => {
        attempts += 1;
        return fetch(url, options as RequestInit);
      },
    });
    const told: unknown[] = [];
    client.on('error', (error: unknown) => told.push(statusOf(error)));
    const result = await work(client);
    await client.flush().catch((error: unknown) => {
      if (told.length === 0) throw error;
    });
    await client.shutdown(1000);
    return { attempts, told, result };
  };
  const seenIn = ({ attempts, told: [status] }: { attempts: number; told: unknown[] }): Seen => ({
    gave: status === undefined ? 'delivered' : `error ${status}`,
    attempts,
  });
  const cellOf = (weather: Weather) => sheet.cell({ call: 'capture', contract: 'recommended', weather });
  const sent = { attempts: 1, told: [], result: undefined };

  const properties = {
    $ip: person.ip,
    $current_url: person.url,
    $referrer: person.referrer,
    $raw_user_agent: person.userAgent,
    $geoip_city_name: person.city,
    $geoip_country_code: 'DE',
    email: person.email,
    invited_by: 'ben@example.org',
    org_id: person.org,
    revenue: 9.5,
  };
  const profile = {
    email: person.email,
    name: person.name,
    phone: person.phone,
    country: 'DE',
    hobby: 'anna',
  };
  const calls: Record<string, (client: PostHog) => unknown> = {
    capture: (client) =>
      client.capture({
        distinctId: person.id,
        event: 'Invited ben@example.org',
        properties: { ...properties, $set: profile, $set_once: { $initial_referrer: person.referrer } },
        groups: { organization: person.org },
      }),
    identify: (client) => client.identify({ distinctId: person.id, properties: profile }),
    alias: (client) => client.alias({ distinctId: person.id, alias: person.device }),
    groupIdentify: (client) =>
      client.groupIdentify({
        groupType: 'organization',
        groupKey: person.org,
        properties: { name: person.orgName, email: person.email },
      }),
    captureException: (client) => client.captureException(new Error('anna failed'), person.id),
  };

  describe.each(Object.entries(calls))('%s', (name, call) => {
    const isException = name === 'captureException';
    const noteAsIs = sheet.cell({ call: name, contract: 'asIs', weather: 'fine' });
    const noteRecommended = sheet.cell({ call: name, contract: 'recommended', weather: 'fine' });
    it('as is: arrives under the real key', async () => {
      const before = line('asIs').standin.events.length;
      const requests = await reaching(line('asIs').standin, async () => {
        const used = await use('asIs', call);
        expect(used).toMatchObject(sent);
        noteAsIs(seenIn(used));
      });
      expect(line('asIs').standin.events).toHaveLength(before + 1);
      const text = everythingSent(requests);
      expect(text).toContain(isException ? 'anna failed' : person[name === 'groupIdentify' ? 'org' : 'id']);
      expect(text).toContain(CREDENTIAL);
      expect(text).not.toContain(world().asIs.secretKey);
    });

    it('recommended: arrives with nobody in it, under the real key', async () => {
      const before = line().standin.events.length;
      const requests = await reaching(line().standin, async () => {
        const used = await use('recommended', call);
        expect(used).toMatchObject(sent);
        noteRecommended(seenIn(used));
      });
      const [event] = line().standin.events.slice(before);
      expect(event?.distinctId).toMatch(PSEUDONYM);
      expect(event?.properties).toMatchObject({ $lib: 'posthog-node' });
      const text = everythingSent(requests);
      for (const part of personalParts) expect(text.toLowerCase()).not.toContain(part);
      expect(text).toContain(CREDENTIAL);
      expect(text).not.toContain(world().recommended.secretKey);
    });
  });

  it('recommended: what may cross does, in the shape that the vendor knows', async () => {
    const before = line().standin.events.length;
    await use('recommended', (client) => calls.capture?.(client));
    const [event] = line().standin.events.slice(before);
    expect(event?.event).toMatch(PSEUDONYM);
    expect(event?.properties).toMatchObject({
      $raw_user_agent: 'Chrome',
      $geoip_country_code: 'DE',
      $current_url: expect.stringMatching(URL_PATTERN),
      $groups: { organization: expect.stringMatching(PSEUDONYM) },
      $set: { country: 'DE' },
      revenue: 9.5,
    });
  });

  it('recommended: one person and one organisation stay one, over identify, alias and group', async () => {
    const before = line().standin.events.length;
    await use('recommended', async (client) => {
      for (const call of Object.values(calls)) await call(client);
      client.capture({ distinctId: person.device, event: 'Opened' });
    });
    const events = line().standin.events.slice(before);
    const of = (name: string) => events.find(({ event }) => event === name);
    const captured = events.find(({ properties: { $groups } }) => $groups !== undefined);
    expect(of('$identify')?.distinctId).toBe(captured?.distinctId);
    expect(of('$create_alias')?.distinctId).toBe(captured?.distinctId);
    const alias = of('$create_alias')?.properties.alias;
    expect(events.map(({ distinctId }) => distinctId)).toContain(alias);
    expect(captured?.properties.$groups).toEqual({
      organization: of('$groupidentify')?.properties.$group_key,
    });
  });

  describe('feature flags', () => {
    const ask = (client: PostHog) =>
      client.getAllFlags(person.id, {
        personProperties: { email: person.email },
        groups: { organization: person.org },
      });
    const flags = { 'new-invites': true, theme: 'dark' };

    const notes = {
      asIs: sheet.cell({ call: 'getAllFlags', contract: 'asIs', weather: 'fine' }),
      recommended: sheet.cell({ call: 'getAllFlags', contract: 'recommended', weather: 'fine' }),
    };
    it('as is and recommended: the vendor’s answer', async () => {
      for (const side of ['asIs', 'recommended'] as const) {
        const { result, attempts } = await use(side, ask);
        expect([result, attempts]).toEqual([flags, 1]);
        notes[side]({ gave: 'answer', attempts });
      }
      expect(line('asIs').standin.asked.at(-1)).toMatchObject({
        distinct_id: person.id,
        person_properties: { email: person.email },
      });
    });

    it('recommended: asked for nobody, under the real key', async () => {
      const requests = await reaching(line().standin, () => use('recommended', ask));
      expect(line().standin.asked.at(-1)).toMatchObject({
        token: CREDENTIAL,
        distinct_id: expect.stringMatching(PSEUDONYM),
        groups: { organization: expect.stringMatching(PSEUDONYM) },
      });
      const text = everythingSent(requests);
      for (const part of personalParts) expect(text.toLowerCase()).not.toContain(part);
      expect(text).not.toContain(world().recommended.secretKey);
    });

    const noteNone = sheet.cell({ call: 'getAllFlags', contract: 'recommended', weather: 'failing' });
    it('are none, and the app goes on, when the vendor fails or the key is unknown', async () => {
      line().standin.script.add({ do: 'answer', status: 500 }, { times: 1 });
      const used = await use('recommended', ask);
      expect(used).toMatchObject({ attempts: 1, told: [500], result: {} });
      noteNone({ gave: 'no flags', attempts: used.attempts });
      expect(await use('recommended', ask, { key: CREDENTIAL })).toMatchObject({
        attempts: 1,
        told: [401],
        result: {},
      });
    });
  });

  it('plain bodies cross too', async () => {
    const before = line().standin.events.length;
    await use('recommended', (client) => client.capture(anybody), { disableCompression: true });
    expect(line().standin.events).toHaveLength(before + 1);
  });

  it('gzip without a label, as browsers send it, is read and goes on as it came', async () => {
    for (const side of ['asIs', 'recommended'] as const) {
      const key = world()[side].secretKey;
      const event = { event: 'Opened', properties: { token: key, distinct_id: person.id } };
      const [request] = await reaching(line(side).standin, async () => {
        const answer = await fetch(`${line(side).url}/e/?compression=gzip-js&ip=1&_=1762942800123`, {
          method: 'POST',
          headers: { 'content-type': 'text/plain' },
          body: gzipSync(JSON.stringify([event])),
        });
        expect(answer.status).toBe(200);
      });
      expect([request?.body[0], request?.body[1]]).toEqual([0x1f, 0x8b]);
      expect(request?.query.get('ip')).toBe('0');
      expect(line(side).standin.events.at(-1)?.properties.token).toBe(CREDENTIAL);
    }
  });

  describe('attempts', () => {
    const capture = (client: PostHog) => client.capture(anybody);

    const noteSlow = cellOf('slow');
    it('one when the vendor is slow', async () => {
      line().standin.script.add({ do: 'delay', ms: 400 });
      const used = await use('recommended', capture);
      expect(used).toMatchObject(sent);
      noteSlow(seenIn(used));
    });

    const noteRefused = cellOf('refused');
    it.each([401, 400])('one on %i, and the app is told', async (status) => {
      const step = line().standin.script.add({ do: 'answer', status }, { times: 3 });
      const used = await use('recommended', capture);
      expect(used).toMatchObject({ attempts: 1, told: [status] });
      noteRefused(seenIn(used));
      expect(step.arrivals).toHaveLength(1);
      line().standin.script.clear();
    });

    const noteBusy = cellOf('busy');
    const noteFailing = cellOf('failing');
    it.each([503, 500])('as often as the SDK is told to on %i', async (status) => {
      line().standin.script.add({ do: 'answer', status }, { times: 1 });
      const passed = await use('recommended', capture);
      expect(passed).toMatchObject({ attempts: 2, told: [] });
      noteBusy(seenIn(passed));
      const always = line().standin.script.add({ do: 'answer', status }, { times: 9 });
      const failed = await use('recommended', capture);
      expect([failed.attempts, always.arrivals.length, failed.told]).toEqual([2, 2, [status]]);
      noteFailing(seenIn(failed));
      line().standin.script.clear();
    });

    const noteDropped = cellOf('dropped');
    it('two when a connection is dropped, and the event is there once', async () => {
      const before = line().standin.events.length;
      line().standin.script.add({ do: 'drop' }, { times: 1 });
      const used = await use('recommended', capture);
      expect(used).toMatchObject({ attempts: 2, told: [] });
      noteDropped(seenIn(used));
      expect(line().standin.events).toHaveLength(before + 1);
    });

    const noteStranger = cellOf('stranger');
    it('one, and none at the vendor, when the key is unknown', async () => {
      const reached = await reaching(line().standin, async () => {
        const failed = await use('recommended', capture, { key: CREDENTIAL });
        expect(failed).toMatchObject({ attempts: 1, told: [401] });
        noteStranger(seenIn(failed));
      });
      expect(reached).toEqual([]);
    });

    it('more while the vendor is cut off, and the event is there once it is open', async () => {
      const { used, reached } = await sendCutOff(world(), line(), () =>
        use('recommended', capture, { retries: 30 }),
      );
      expect(used.told).toEqual([]);
      expect(used.attempts).toBeGreaterThan(1);
      expect(reached).toEqual({ cutOff: 0, inAll: 1 });
    });
  });

  it('what the pack leaves out is refused with a reason', async () => {
    for (const path of ['/s/', '/i/v1/logs', '/api/projects', '/array/key/config.js']) {
      const answer = await fetch(`${line().url}${path}`, { method: 'POST', body: '{}' });
      expect([answer.status, await answer.json()]).toEqual([
        404,
        expect.objectContaining({ code: 'unknown_endpoint', detail: expect.stringContaining('PostHog') }),
      ]);
    }
  });
}

/** The status in an error that the SDK tells an app of. */
function statusOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'status' in error ? error.status : error;
}
