import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildConsole } from '@drawbridge/console/build';
import { serve } from '@hono/node-server';
import { memoryPlace } from '../../control/audit/testing.ts';
import { type Control, createControl } from '../../control/control.ts';
import { loopbackReached } from '../../control/identity/index.ts';
import type { ControlOptions } from '../../control/options.ts';
import { type TestPlatform, testPlatform } from '../../control/platform/testing.ts';
import { startVault } from '../../control/vault/index.ts';
import { acmeCatalogue } from '../../control/vendors/testing.ts';
import { consoleFiles } from '../console-files.ts';
import { shippedClockLaw, shippedTransfers } from '../shipped-packs.ts';

/** The control plane and the console as they are, on a database of their own, without gateways. */
export interface TestPlane {
  platform: TestPlatform;
  control: Control;
  /** Where browsers open it, without a slash at the end. */
  origin: string;
  stop(): Promise<void>;
}

export const operatorToken = 'made-up-operator-token';
const nothing = { from: 'x', domains: [] };

/** `given`: what is to be otherwise than empty. */
export async function startPlane(given: Partial<ControlOptions> = {}): Promise<TestPlane> {
  const dist = await buildConsole();
  const platform = await testPlatform();
  const keysDir = await mkdtemp(join(tmpdir(), 'drawbridge-keys-'));
  const { db, clock, log, deployment } = platform;
  const vault = await startVault({ db, clock, log, keysDir, deploymentId: deployment.id });
  let port = 0;
  const control = await createControl({
    platform,
    vault,
    packs: acmeCatalogue().packs,
    readFacts: async () => [],
    detectors: [],
    gatewayUrl: 'http://127.0.0.1:4410',
    operatorToken,
    reached: loopbackReached(() => port),
    warnings: [],
    starters: async () => [],
    transfers: await shippedTransfers(),
    playbooks: [],
    readClockLaw: shippedClockLaw,
    noticeTemplates: [],
    exercises: [],
    readMailLists: async () => ({ sealers: nothing, trackers: nothing, shorteners: nothing }),
    messageReplies: [],
    messageResolver: async () => [],
    readReplay: async () => null,
    bench: {
      tryRequest: async () => ({ problem: 'busy', message: 'Made up.' }),
      makeUp: async () => ({ problem: 'busy', message: 'Made up.' }),
    },
    exportNetwork: { secret: async () => null, resolve: async () => [] },
    changeLog: async () => memoryPlace(),
    rootLog: async () => memoryPlace(),
    witnessNetwork: { resolve: async () => [] },
    issuerNetwork: { resolve: async () => [] },
    mailNetwork: { resolve: async () => [] },
    intakeCertificate: async () => null,
    erasuresFile: join(keysDir, 'made-up.erasures'),
    ...given,
  });
  await control.start();
  control.app.use('*', await consoleFiles(dist));
  const server = serve({ fetch: control.app.fetch, hostname: '127.0.0.1', port: 0 });
  await new Promise((resolve) => server.once('listening', resolve));
  port = (server.address() as AddressInfo).port;
  return {
    platform,
    control,
    origin: `http://localhost:${port}`,
    async stop() {
      if ('closeAllConnections' in server) server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await control.stop();
      await vault.stop();
      await platform.close();
      await rm(keysDir, { recursive: true, maxRetries: 5 });
    },
  };
}
