import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newGatewayKeys, startGateway } from '@drawbridge/gateway';
import { readGatewayConfig } from '@drawbridge/gateway/settings';
import { serve } from '@hono/node-server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  createFleet,
  enrolGateway,
  type Fleet,
  fleetRoutes,
  hashGatewayToken,
} from '../control/fleet/index.ts';
import { type TestHouse, testHouse } from '../control/fleet/testing.ts';
import { createRouter, handleErrors } from '../control/platform/index.ts';

/** A real control plane that seals one secret wrongly, and a real gateway. All data is made up. */
let house: TestHouse;
let fleet: Fleet;
let sealsWrongly = false;
const closing: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  house = await testHouse();
  closing.push(() => house.close());
  const { platform, vault, secrets, catalogue, payloadKey } = house;
  fleet = createFleet({
    platform,
    vault: {
      ...vault,
      async reseal(wrapped, context, publicKey, boundTo) {
        const isVendorSecret = Buffer.from(context).toString().includes('vendor');
        const bound = sealsWrongly && isVendorSecret ? Buffer.from('bound to something else') : boundTo;
        return vault.reseal(wrapped, context, publicKey, bound);
      },
    },
    secrets,
    catalogue,
    loadPacks: async () => [],
    payloadKey,
    revealedHashes: async () => [],
    detectors: [],
    ownDetectors: async () => ({ custom: [], phrases: [], known: [] }),
    demands: async () => new Map(),
    withheld: async () => new Map(),
    egress: async () => null,
    routes: async () => [],
    drills: async () => [],
    consoleUrl: () => 'http://localhost:4400',
  });
  await fleet.start();
  closing.push(() => fleet.stop());
}, 60_000);
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

async function controlPlane(): Promise<string> {
  const app = createRouter();
  app.onError(handleErrors(house.platform.log));
  app.route('/fleet/v1', fleetRoutes(house.platform, fleet, 1_000));
  const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  closing.push(async () => {
    const closed = once(server, 'close');
    server.close();
    await closed;
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The gateway as it runs anywhere: with its key file and its own directory. Returns its base URL. */
async function gateway(control: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'drawbridge-refused-'));
  closing.push(() => rm(folder, { recursive: true, maxRetries: 5 }));
  const keys = await newGatewayKeys('gateway-1', `made-up-token-${'0'.repeat(20)}`, (length) =>
    house.platform.random.bytes(length),
  );
  const file = join(folder, 'keys.json');
  await writeFile(file, JSON.stringify(keys));
  await chmod(file, 0o600);
  await enrolGateway(house.platform, {
    id: keys.id,
    name: keys.id,
    publicKey: Buffer.from(keys.publicKey, 'base64url'),
    tokenHash: hashGatewayToken(keys.token),
  });
  const running = await startGateway(
    readGatewayConfig({
      DRAWBRIDGE_GATEWAY_PORT: '0',
      DRAWBRIDGE_EGRESS_PORT: '0',
      DRAWBRIDGE_GATEWAY_DIR: join(folder, 'data'),
      DRAWBRIDGE_GATEWAY_KEYS: file,
      DRAWBRIDGE_CONTROL_URL: control,
      DRAWBRIDGE_LOG: 'silent',
    }),
  );
  closing.push(async () => {
    running.stop('the test is over');
    await running.stopped;
  });
  return `http://127.0.0.1:${running.port}`;
}

const seen = async () => (await fleet.gatewaysOverview())[0];
const patience = { timeout: 20_000, interval: 20 };

test('a version that a gateway refuses is reported with code and field while the old one serves', async () => {
  const made = await house.connect();
  await fleet.refresh();
  const base = await gateway(await controlPlane());
  await expect.poll(async () => (await seen())?.snapshotVersion, patience).toBe(fleet.version());
  const good = fleet.version() ?? 0;
  const answers = async () => (await fetch(`${base}/${made.slug}/no-such-path`)).status;
  const before = await answers();

  sealsWrongly = true;
  await house.secrets.beginEpoch('acme', { actor: { id: 'person:1', name: 'Ada' }, reason: 'A test' });
  await expect.poll(async () => (await seen())?.refused?.version, patience).toBe(good + 1);
  expect(await seen()).toMatchObject({
    snapshotVersion: good,
    wantedVersion: good + 1,
    refused: { code: 'unreadable', field: 'vendor_secrets.acme' },
  });
  expect(await answers()).toBe(before);

  sealsWrongly = false;
  await house.secrets.beginEpoch('acme', { actor: { id: 'person:1', name: 'Ada' }, reason: 'A test' });
  await expect.poll(async () => (await seen())?.snapshotVersion, patience).toBe(good + 2);
  await expect.poll(async () => (await seen())?.refused, patience).toBeNull();
}, 60_000);
