import type { RecoveryDrill } from '@drawbridge/protocol';
import { afterEach, describe, expect, test } from 'vitest';
import type { StartedEgress } from '../testing/egress.ts';
import {
  ask,
  closeAll,
  HOST,
  leaves,
  open,
  refusalOf,
  settled,
  setUp,
  statusOf,
} from '../testing/egress-client.ts';

/** Recovery drills at the egress proxy: a vendor is lost to what goes around its connections, too. */
afterEach(closeAll);

const NOW = Date.UTC(2026, 0, 9, 12);
const MINUTE = 60_000;
const VENDOR = 'vendor-around';
const rules = {
  vendors: [{ id: VENDOR, country: null, domains: [HOST] }],
  allow: { vendors: [], hosts: [HOST, 'other.example.test', '127.0.0.1'], countries: [] },
};
const names = { [HOST]: ['127.0.0.1'], 'other.example.test': ['127.0.0.1'] };
const clock = { now: NOW };

async function start(given: object = {}) {
  clock.now = NOW;
  const { egress, origin } = await setUp({ ...rules, ...given }, { names, clock: () => clock.now });
  return { egress, origin, host: `${HOST}:${origin.port}` };
}
async function drill(egress: StartedEgress, given: Partial<RecoveryDrill> | null = {}): Promise<void> {
  const whole = { id: 'drill-1', vendor: VENDOR, share: 10_000, from: NOW, until: NOW + 10 * MINUTE };
  if (given === null) delete egress.deployment.given.drills;
  else egress.deployment.given.drills = [{ ...whole, ...given }];
  await egress.apply();
}

describe('a vendor that is lost for a time', () => {
  test.each(['observe', 'warn', 'enforce'] as const)(
    'is reached over no tunnel and by no plain request in %s, and each that was turned away is recorded',
    async (mode) => {
      const { egress, origin, host } = await start({ mode });
      await drill(egress);
      const turned = await Promise.all(Array.from({ length: 140 }, () => open(egress, host)));
      expect(new Set(turned.map(statusOf))).toEqual(new Set([503]));
      expect(new Set(turned.map(refusalOf))).toEqual(new Set(['vendor_lost']));
      expect(await ask(egress, [`GET http://${host}/ HTTP/1.1`, `Host: ${host}`])).toContain('vendor_lost');
      expect(origin.sockets).toHaveLength(0);
      const found = await leaves(egress);
      expect(found).toHaveLength(141);
      expect(found.every((one) => one.drill?.id === 'drill-1' && one.reason === 'vendor_lost')).toBe(true);
      expect(found[0]).toMatchObject({ vendor: VENDOR, decision: 'refused', egress: { host: HOST, mode } });
    },
  );

  test('has its tunnels ended within a second, but no other vendor’s', async () => {
    const { egress, origin, host } = await start();
    const [mine, other] = [await open(egress, host), await open(egress, `other.example.test:${origin.port}`)];
    const from = performance.now();
    await drill(egress);
    await mine.closed;
    expect(performance.now() - from).toBeLessThan(1_000);
    expect(other.socket.destroyed).toBe(false);
    expect(await settled(egress)).toMatchObject([{ outcome: 'cut_off', reason: 'vendor_lost' }]);
    expect(refusalOf(await open(egress, `other.example.test:${origin.port}`))).toBeUndefined();
  });

  test('is lost by the address that its name led to, and by the host of a connection to it', async () => {
    const { egress, origin, host } = await start();
    const { aiService } = await import('../testing/services.ts');
    const connection = await egress.deployment.connect({
      slug: 'own',
      service: aiService,
      upstream: { scheme: 'https', host: 'other.example.test', port: 443, private: false },
    });
    (await open(egress, host)).socket.destroy();
    await drill(egress);
    expect(refusalOf(await open(egress, `127.0.0.1:${origin.port}`))).toBe('vendor_lost');
    expect(refusalOf(await open(egress, `other.example.test:${origin.port}`))).toBeUndefined();
    await drill(egress, { vendor: connection.vendor });
    expect(refusalOf(await open(egress, `other.example.test:${origin.port}`))).toBe('vendor_lost');
  });

  test('comes back by the gateway’s own clock, and at once where a snapshot has the drill no more', async () => {
    const { egress, host } = await start();
    await drill(egress, { from: NOW + MINUTE, until: NOW + 2 * MINUTE });
    const seen: (string | undefined)[] = [];
    for (const at of [0, MINUTE - 1, MINUTE, 2 * MINUTE - 1, 2 * MINUTE]) {
      clock.now = NOW + at;
      seen.push(refusalOf(await open(egress, host)));
    }
    expect(seen).toEqual([undefined, undefined, 'vendor_lost', 'vendor_lost', undefined]);
    await drill(egress, { until: NOW + 5 * MINUTE });
    expect(refusalOf(await open(egress, host))).toBe('vendor_lost');
    await drill(egress, null);
    expect(refusalOf(await open(egress, host))).toBeUndefined();
  });

  test('is lost to no other app, and to a share of exchanges only, whether they run or come', async () => {
    const { egress, host } = await start();
    await drill(egress, { app: 'app-other' });
    expect(refusalOf(await open(egress, host))).toBeUndefined();
    await drill(egress, null);
    const before = await Promise.all(Array.from({ length: 100 }, () => open(egress, host)));
    await drill(egress, { app: 'app-test', share: 5_000 });
    const after = await Promise.all(Array.from({ length: 100 }, () => open(egress, host)));
    const turned = after.filter((one) => refusalOf(one) === 'vendor_lost').length;
    await expect
      .poll(() => before.filter(({ socket }) => socket.destroyed || socket.readableEnded).length)
      .toBeGreaterThan(20);
    const cut = before.filter(({ socket }) => socket.destroyed || socket.readableEnded).length;
    for (const share of [turned, cut]) expect(share > 20 && share < 80).toBe(true);
  });
});
