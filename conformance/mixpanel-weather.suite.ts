import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import mixpanel, { type Mixpanel } from 'mixpanel';
import { afterAll, describe, expect, it } from 'vitest';
import { type Contract, contracts } from './ai-world.ts';
import type { Weather } from './table.ts';
import { type Around, declared, type Kept, type SdkCall } from './weather.ts';
import { reaching, type World } from './world.ts';

type Callback = (error?: unknown) => void;

const errorBody = (status: number) => `{"status":0,"error":"made up ${status}"}`;

/** What the app is told of a vendor's error: the SDK says its body, and reads no status. */
const says = (status: number) => `Mixpanel Server Error: ${errorBody(status)}`;

/** What comes of a call: null, it is delivered; else what the app's callback is told. */
const expected: readonly { name: string; weather: Weather; told: string | RegExp | null }[] = [
  { name: 'fine', weather: 'fine', told: null },
  { name: 'slow', weather: 'slow', told: null },
  { name: '400 is told', weather: 'refused', told: says(400) },
  { name: '429 is told, though it would pass', weather: 'busy', told: says(429) },
  { name: '500 is told', weather: 'failing', told: says(500) },
  { name: 'a dropped connection is told', weather: 'dropped', told: /^Mixpanel Server Error: / },
];

/**
 * Every call of Mixpanel's SDK for Node that the pack serves, in every weather. The SDK makes one request for each and
 * never tries again: it hands its callback what went wrong (its `send_request`). Everyone in it is made up.
 */
export function mixpanelWeatherSuite(world: () => World, kept: Kept): void {
  /** Where the last call under each contract goes, and the requests that the SDK has begun for it. */
  const asked: Record<Contract, { below: string; requests: number } | null> = {
    asIs: null,
    recommended: null,
  };
  const onRequest = (message: unknown) => {
    const { path } = (message as { request: ClientRequest }).request;
    for (const last of [asked.asIs, asked.recommended]) {
      if (last !== null && path.startsWith(last.below)) last.requests += 1;
    }
  };
  // At once: the calls are made before any suite's own hooks run.
  subscribe('http.client.request.start', onRequest);
  afterAll(() => {
    unsubscribe('http.client.request.start', onRequest);
  });

  const call = (
    name: string,
    make: (to: Mixpanel, callback: Callback) => void,
    keyOf = (contract: Contract) => world()[contract].secretKey,
  ): SdkCall => ({
    name,
    ask: (contract) => {
      const { host, pathname: path } = new URL(world()[contract].mixpanelUrl);
      asked[contract] = { below: `${path}/`, requests: 0 };
      const to = mixpanel.init(keyOf(contract), { host, protocol: 'http', path });
      return new Promise<void>((resolve, reject) => {
        make(to, (error) => (error ? reject(error) : resolve()));
      });
    },
    gets: undefined,
  });
  const around: Around = {
    vendor: (contract) => world()[contract].mixpanel,
    attempts: (contract) => asked[contract]?.requests ?? 0,
    errorBody,
    well: 'delivered',
  };

  const gerda = 'gerda@example.com';
  const events = () =>
    ['Rained', 'Snowed'].map((event) => ({ event, properties: { distinct_id: gerda, time: 1_795_000_000 } }));
  const track = (to: Mixpanel, callback: Callback) => to.track('Weathered', { distinct_id: gerda }, callback);
  const calls = [
    call('track', track),
    call('track_batch', (to, callback) => to.track_batch(events(), (errors) => callback(errors?.[0]))),
    call('people.set', (to, callback) => to.people.set(gerda, { $email: gerda }, callback)),
    call('people.set_once', (to, callback) =>
      to.people.set_once(gerda, '$created', '2026-01-01T00:00:00', callback),
    ),
    call('people.increment', (to, callback) => to.people.increment(gerda, 'invites', 2, callback)),
    call('people.delete_user', (to, callback) => to.people.delete_user(gerda, callback)),
    call('groups.set', (to, callback) => to.groups.set('org_id', 'acme', { $name: 'Acme' }, callback)),
    call('alias', (to, callback) => to.alias(gerda, 'gerda-4711', callback)),
  ];

  describe('whatever the vendor does: one request, which reaches it, and the app is told', () => {
    for (const contract of contracts) {
      for (const each of calls) {
        for (const { name, weather, told } of expected) {
          const came = declared(each, { contract, weather }, around, kept);
          if (came === null) continue;
          it(`${each.name}, ${contract}: ${name}`, () => {
            const { thrown, attempts, reached } = came();
            if (told === null) expect(thrown).toBeUndefined();
            else if (typeof told === 'string') expect(thrown).toHaveProperty('message', told);
            else expect(thrown).toHaveProperty('message', expect.stringMatching(told));
            expect([attempts, reached]).toEqual([1, 1]);
          });
        }
      }
      const stranger = call('track', track, (side) => {
        const known = world()[side].secretKey;
        return known.slice(0, -1) + (known.endsWith('a') ? 'b' : 'a');
      });
      const came = declared(stranger, { contract, weather: 'stranger' }, around, kept);
      it(`track, ${contract}: an unknown key is told, and nothing reaches the vendor`, () => {
        const result = came?.();
        expect(result?.thrown).toHaveProperty('message', expect.stringMatching(/^Mixpanel Server Error: /));
        expect([result?.attempts, result?.reached]).toEqual([1, 0]);
      });
    }
  });

  it('import, which takes a credential of its own beside the token, is refused and says so', async () => {
    const { mixpanelUrl, secretKey, mixpanel: vendor } = world().recommended;
    const { host, pathname: path } = new URL(mixpanelUrl);
    // With the old kind of credential, as the SDK sends the others over HTTPS only; it warns of it.
    const logger = { ...console, warn: () => undefined };
    const to = mixpanel.init(
      secretKey,
      Object.assign({ host, protocol: 'http', path, logger }, { key: 'old' }),
    );
    const reached = await reaching(vendor, () =>
      expect(
        new Promise<void>((resolve, reject) => {
          to.import('Weathered', 1_795_000_000, { distinct_id: gerda }, (error) =>
            error ? reject(error) : resolve(),
          );
        }),
      ).rejects.toThrow(/knows no such path/),
    );
    expect(reached).toEqual([]);
  });
}
