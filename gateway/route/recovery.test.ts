import {
  drillOf,
  type Leaf,
  type LogEntry,
  type RecoveryDrill,
  RecoveryDrillSchema,
  type Route,
} from '@drawbridge/protocol';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { Disks, heldService, holding } from '../hold/testing.ts';
import type { TestGatewayOptions } from '../testing/gateway.ts';
import { answerJson, bearer, send } from '../testing/send.ts';
import { analyticsService } from '../testing/services.ts';
import type { Answer } from '../testing/standin.ts';
import { aiOf, type RoutedGateway, type RoutedVendor, startRouted } from './testing.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const NOW = Date.UTC(2026, 0, 9, 12);
const MINUTE = 60_000;

/** A gateway with a clock of its own, and a drill in its snapshot. */
async function start(
  vendors: readonly RoutedVendor[],
  drill: Partial<RecoveryDrill> = {},
  route: Partial<Route> = {},
  options: TestGatewayOptions = {},
) {
  const clock = { now: NOW };
  const gateway = await startRouted(vendors, route, { clock: () => clock.now, ...options });
  closing.push(() => gateway.end());
  const lost = {
    id: 'drill-1',
    vendor: vendorOf(gateway, 0),
    share: 10_000,
    from: NOW,
    until: NOW + 10 * MINUTE,
  };
  const given = gateway.deployment.given;
  given.drills = [{ ...lost, ...drill }];
  await gateway.apply();
  return { gateway, clock, given };
}

const vendorOf = (gateway: RoutedGateway, at: number): string => {
  const slug = gateway.route.members[at]?.connection.slice('conn-'.length);
  const found = gateway.deployment.connections.find((one) => one.slug === slug);
  if (found === undefined) throw new Error('no such connection');
  return found.vendor;
};
const says =
  (who: string): Answer =>
  (_request, response) =>
    answerJson(response, { who });
const two: RoutedVendor[] = [
  { slug: 'a', service: aiOf('api0'), answer: says('a') },
  { slug: 'b', service: aiOf('api1'), answer: says('b') },
];
const question = JSON.stringify({ model: 'made-up-1', messages: [{ role: 'user', content: 'Hi' }] });
const ask = ({ port, key }: RoutedGateway, path = '/chat/v1/chat/completions') =>
  send(port, path, { headers: bearer(key), body: question });
const leaves = (entries: readonly LogEntry[]) =>
  entries.filter((one): one is Leaf => one.type === 'crossing');

describe('a vendor that is lost for a time', () => {
  test('is not reached over its own prefix: each request is refused as part of the drill, and none is left unrecorded', async () => {
    const { gateway } = await start([two[0] as RoutedVendor]);
    const answers = await Promise.all(
      Array.from({ length: 150 }, () => ask(gateway, '/a/v1/chat/completions')),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]));
    expect(answers[0]?.body).toContain('recovery drill');
    expect(gateway.vendors[0]?.received).toEqual([]);
    const found = leaves(await gateway.entries());
    expect(found).toHaveLength(150);
    expect(found[0]).toMatchObject({ decision: 'refused', reason: 'vendor_lost', drill: { id: 'drill-1' } });
  });

  test('comes back by the gateway’s own clock alone, with no newer snapshot', async () => {
    const { gateway, clock } = await start([two[0] as RoutedVendor], {
      from: NOW + MINUTE,
      until: NOW + 2 * MINUTE,
    });
    const seen: number[] = [];
    for (const at of [0, MINUTE - 1, MINUTE, 2 * MINUTE - 1, 2 * MINUTE]) {
      clock.now = NOW + at;
      seen.push((await ask(gateway, '/a/v1/chat/completions')).status);
    }
    expect(seen).toEqual([200, 200, 503, 503, 200]);
    expect(leaves(await gateway.entries()).map(({ drill }) => drill?.id ?? null)).toEqual([
      null,
      null,
      'drill-1',
      'drill-1',
      null,
    ]);
  });

  test('comes back at once where a snapshot has the drill no more', async () => {
    const { gateway, given } = await start([two[0] as RoutedVendor]);
    expect((await ask(gateway, '/a/v1/chat/completions')).status).toBe(503);
    delete given.drills;
    await gateway.apply();
    expect((await ask(gateway, '/a/v1/chat/completions')).status).toBe(200);
  });

  test('is lost for no other app', async () => {
    const { gateway } = await start(two, { app: 'app-other' });
    expect((await ask(gateway)).body).toBe('{"who":"a"}');
    expect((await ask(gateway, '/a/v1/chat/completions')).status).toBe(200);
    expect(leaves(await gateway.entries()).some(({ drill }) => drill !== undefined)).toBe(false);
  });
});

describe('a route in a drill', () => {
  test('asks the next member, and says so in answer and record', async () => {
    const { gateway } = await start(two, { vendor: 'vendor-api0', app: 'app-test' });
    const answer = await ask(gateway);
    expect([answer.status, answer.body]).toEqual([200, '{"who":"b"}']);
    expect(answer.headers['x-drawbridge-tried']).toBe('a=drill');
    const [leaf] = leaves(await gateway.entries());
    expect(leaf).toMatchObject({ connection: 'conn-b', decision: 'forwarded', drill: { id: 'drill-1' } });
    expect(gateway.vendors[0]?.received).toEqual([]);
  });

  test('that loses a later member only is no part of it', async () => {
    const { gateway } = await start(two, { vendor: 'vendor-api1' });
    const answer = await ask(gateway);
    expect([answer.body, answer.headers['x-drawbridge-tried']]).toEqual(['{"who":"a"}', 'b=drill']);
    expect(leaves(await gateway.entries())[0]?.drill).toBeUndefined();
  });

  test('without another member refuses, as part of it', async () => {
    const { gateway } = await start([two[0] as RoutedVendor]);
    expect((await ask(gateway)).status).toBe(503);
    expect(leaves(await gateway.entries())[0]).toMatchObject({
      reason: 'vendor_lost',
      drill: { id: 'drill-1' },
    });
  });

  test('judges by one lot: of a share, each request is either answered or part of the drill', async () => {
    const { gateway } = await start([two[0] as RoutedVendor], { share: 4_000 });
    const answers = await Promise.all(Array.from({ length: 300 }, () => ask(gateway)));
    const refused = answers.filter(({ status }) => status === 503).length;
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(300 - refused);
    // Six standard deviations of 300 draws of 0.4.
    expect(Math.abs(refused - 120)).toBeLessThan(52);
    expect(leaves(await gateway.entries()).filter(({ drill }) => drill !== undefined)).toHaveLength(refused);
  });

  test('keeps events and sends them behind it, each marked as kept in the drill', async () => {
    const disks = new Disks();
    const takes: Answer = (_request, response) => void response.end('1');
    const { gateway } = await start(
      [{ slug: 'a', service: heldService, answer: takes, contract: analyticsService.contracts.recommended }],
      {},
      { slug: 'kept', ...holding() },
      { holds: (deployment) => disks.holds(deployment) },
    );
    const body = JSON.stringify([
      { event: 'Seen', properties: { token: gateway.key, distinct_id: 'ada@example.test', time: NOW } },
    ]);
    const answer = await send(gateway.port, '/kept/track', {
      headers: { 'content-type': 'application/json' },
      body,
    });
    expect([answer.status, answer.headers['x-drawbridge-held']]).toEqual([200, 'held']);
    await expect.poll(() => gateway.vendors[0]?.received.length).toBe(1);
    const [leaf] = leaves(await gateway.entries());
    expect(leaf).toMatchObject({ decision: 'forwarded', drill: { id: 'drill-1', held: true } });
  });
});

describe('which requests a drill is about', () => {
  const hex = (n: number, digits: number) => n.toString(16).padStart(digits, '0');
  const uuid = fc
    .tuple(fc.nat(0xfff), fc.nat(0xffffff), fc.nat(0xffffff))
    .map(([a, b, c]) => `01990000-0000-7000-8${hex(a, 3)}-${hex(b, 6)}${hex(c, 6)}`);
  const drill = { id: 'd', vendor: 'v', app: 'x', share: 10_000, from: 1_000, until: 2_000 };

  test('only those of its app, and only within its time', () => {
    fc.assert(
      fc.property(uuid, fc.constantFrom('x', 'y'), fc.integer({ min: 0, max: 3_000 }), (id, app, now) => {
        const isPart = drillOf([drill], app, id, now) !== null;
        expect(isPart).toBe(app === 'x' && now >= 1_000 && now < 2_000);
      }),
    );
  });

  test('a greater share has all that a smaller one has', () => {
    fc.assert(
      fc.property(uuid, fc.integer({ min: 1, max: 9_999 }), (id, share) => {
        const small = drillOf([{ ...drill, share }], 'x', id, 1_500) !== null;
        const greater = drillOf([{ ...drill, share: share + 1 }], 'x', id, 1_500) !== null;
        expect(small && !greater).toBe(false);
      }),
    );
  });

  test('none ends before it begins, nor after four hours', () => {
    for (const until of [drill.from, drill.from + 4 * 3_600_000 + 1])
      expect(RecoveryDrillSchema.safeParse({ ...drill, until }).success).toBe(false);
  });
});
