import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { pino } from 'pino';
import { z } from 'zod';
import { type Deployment, startDeployment } from '../deployment.ts';

/** The deployment did not do what it was asked: which call, and what it answered. */
export class ThrowawayError extends Error {
  readonly code = 'throwaway_deployment';
  constructor(what: string) {
    super(`The throw-away deployment ${what}.`);
    this.name = 'ThrowawayError';
  }
}

export type ContractChoice = 'as_is' | 'recommended';

export interface Throwaway {
  deployment: Deployment;
  dataDir: string;
  keysDir: string;
  /** Calls the API as local administrator and returns the answer's body. Throws ThrowawayError on any refusal. */
  call(method: string, path: string, body?: unknown): Promise<unknown>;
  /** Makes a connection to a stand-in. Resolves with its id. */
  connect(wanted: {
    slug: string;
    vendor: string;
    service: string;
    region: string;
    upstream: { host: string; port: number };
    contract: ContractChoice;
    credential: string;
    origins?: string[];
  }): Promise<string>;
  /** Makes a virtual key of an app of its own. Resolves with the key. */
  makeKey(wanted: {
    kind: 'secret' | 'publishable';
    connections: string[];
    origins?: string[];
  }): Promise<string>;
  /** Resolves once the gateway serves all that was set up. */
  settled(): Promise<void>;
  /** Forwarded crossings that the journals, as stored by the control plane, hold. */
  journalRecords(): Promise<number>;
  /** Stops everything and removes all of it from the disk. */
  stop(): Promise<void>;
}

const Id = z.object({ id: z.string() });
const Key = z.object({ key: z.string() });
const Overview = z.object({
  gateways: z.array(
    z.object({ snapshotVersion: z.number().nullable(), wantedVersion: z.number().nullable() }),
  ),
});

const REASON = 'Replay in a throw-away deployment';

/**
 * Starts a deployment with its own database and keys in a temporary folder: nothing of the user's is touched. `keepLog`
 * is told all that it and its gateway log, at the finest level; without it there is hardly a log.
 */
export async function startThrowaway(keepLog?: (text: string) => void): Promise<Throwaway> {
  const folder = await mkdtemp(join(tmpdir(), 'drawbridge-replay-'));
  const dataDir = join(folder, 'data');
  const keysDir = join(folder, 'keys');
  // PostgreSQL runs as a user of its own where we are root: it must be able to pass through.
  await chmod(folder, 0o711);
  await mkdir(dataDir, { mode: 0o711 });
  let deployment: Deployment;
  try {
    deployment = await startDeployment({
      config: {
        port: 0,
        network: { host: '127.0.0.1', beyond: null, localPort: 0 },
        gatewayHost: '127.0.0.1',
        gatewayPort: 0,
        gatewayScheme: 'http',
        gatewayEnv: { DRAWBRIDGE_EGRESS_PORT: '0' },
        dataDir,
        keysDir,
        keySource: { kind: 'file' },
        databaseUrl: null,
        packsDir: null,
        exportCa: null,
        witnessCa: null,
        issuerCa: null,
        mailCa: null,
        logLevel: keepLog === undefined ? 'error' : 'debug',
      },
      log: keepLog === undefined ? pino({ level: 'silent' }) : pino({ level: 'debug' }, { write: keepLog }),
      ...(keepLog === undefined ? {} : { gatewayOutput: keepLog }),
    });
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }

  const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const answer = await deployment.api(method, path, body);
    if (answer.status >= 200 && answer.status < 300) return answer.body;
    throw new ThrowawayError(
      `answered ${method} ${path} with ${answer.status}: ${JSON.stringify(answer.body)}`,
    );
  };
  const overview = async () => Overview.parse(await call('GET', '/overview'));

  return {
    deployment,
    dataDir,
    keysDir,
    call,
    connect: async ({ slug, upstream, ...wanted }) => {
      const made = await call('POST', '/connections', {
        ...wanted,
        name: slug,
        slug,
        upstream: { scheme: 'http', ...upstream, private: true },
        reason: REASON,
      });
      return Id.parse(made).id;
    },
    makeKey: async (wanted) => {
      const app = Id.parse(
        await call('POST', '/apps', { name: 'Replayed app', owner: 'replay', reason: REASON }),
      );
      const made = await call('POST', `/apps/${app.id}/keys`, {
        ...wanted,
        perMinute: 1_000_000,
        reason: REASON,
      });
      return Key.parse(made).key;
    },
    settled: async () => {
      await deployment.publish();
      for (let tries = 0; tries < 200; tries++) {
        const { gateways } = await overview();
        if (
          gateways.length > 0 &&
          gateways.every((one) => one.snapshotVersion !== null && one.snapshotVersion === one.wantedVersion)
        )
          return;
        await wait(50);
      }
      throw new ThrowawayError('did not bring its gateway up to date within 10 seconds');
    },
    journalRecords: () => deployment.forwardedLeaves(),
    stop: async () => {
      await deployment.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
