import type { Snapshot } from '@drawbridge/protocol';
import { type By, Problem } from '../platform/index.ts';
import type { PayloadKey, Vault } from '../vault/index.ts';
import { SnapshotCompiler } from './compile.ts';
import type { ContentSources } from './content.ts';
import { type GatewayOverview, readGateways, readPublicKey } from './gateways.ts';
import { createKeptSecrets } from './kept-secrets.ts';
import { Publisher } from './publisher.ts';
import { planRollback, type Rollback, rollBack } from './rollback.ts';

export interface FleetDeps extends Omit<ContentSources, 'keptSecrets'> {
  vault: Vault;
  /** Gateways seal the data keys of journal payloads to its public half. */
  payloadKey: Pick<PayloadKey, 'publicKey'>;
}

/** The gateways, and the snapshot that each of them should run on. */
export interface Fleet {
  /** Publishes what is there, and from then on every change, whichever control process makes it. */
  start(): Promise<void>;
  /** Ends it; gateways that wait are answered at once. */
  stop(): Promise<void>;
  /** Publishes now what changed, without waiting to be told. */
  refresh(): Promise<void>;
  /** The snapshot in force, sealed to one gateway. Throws Problem 404 (gateway) or 503 (none yet, vault away). */
  compileSnapshot(gateway: string): Promise<Snapshot>;
  /** The version in force; null before the first. */
  version(): number | null;
  /**
   * Waits for a version newer than `after` and gives its snapshot as JSON text; null where there is none after
   * `milliseconds`, or once `signal` aborts.
   */
  snapshotAfter(
    gateway: string,
    after: number,
    milliseconds: number,
    signal: AbortSignal,
  ): Promise<{ version: number; text: string } | null>;
  gatewaysOverview(): Promise<GatewayOverview[]>;
  /** What going back to a version would do. Throws Problem 404, or 503 while none is in force. */
  planRollback(to: number, reopen: boolean): Promise<Rollback>;
  /**
   * Puts the configuration of a version back and publishes it. Throws Problem 404, 409 where another version than
   * `basedOn` is in force, or 503.
   */
  rollBack(asked: { to: number; basedOn: number; reopen: boolean }, by: By): Promise<Rollback>;
  /** Why the newest configuration is not in force, for the console's warnings; null when it is. */
  problem(): string | null;
}

export function createFleet(deps: FleetDeps): Fleet {
  const { platform, vault } = deps;
  const payloadKey = deps.payloadKey.publicKey.toString('base64url');
  const compiler = new SnapshotCompiler(platform, vault, payloadKey);
  const publisher = new Publisher(
    { ...deps, keptSecrets: createKeptSecrets(platform, vault, deps.secrets) },
    compiler,
    payloadKey,
  );

  async function compile(gateway: string): Promise<Snapshot> {
    const publicKey = await readPublicKey(platform, gateway);
    return compiler.compile(inForce(), { id: gateway, publicKey });
  }

  function inForce() {
    const publication = publisher.current;
    if (publication !== null) return publication;
    throw new Problem(503, 'snapshot_missing', 'No snapshot could be published yet. Try again in a moment.');
  }

  /** What is in the tables now is in force, or this process could not publish it: then nothing is based on it. */
  async function latest() {
    await publisher.refresh();
    return inForce();
  }

  const isAhead = (version: number): boolean =>
    publisher.current !== null && version > publisher.current.version;

  return {
    start: () => publisher.start(),
    stop: () => publisher.stop(),
    refresh: () => publisher.refresh(),
    compileSnapshot: compile,
    version: () => publisher.current?.version ?? null,
    problem: () => publisher.problem,
    planRollback: async (to, reopen) => planRollback(platform, to, await latest(), reopen),
    async rollBack(asked, by) {
      const done = await rollBack(platform, asked, await latest(), by);
      await publisher.refresh();
      return done;
    },
    gatewaysOverview: () => readGateways(platform, publisher.current?.version ?? null),
    async snapshotAfter(gateway, after, milliseconds, signal) {
      if (isAhead(after)) await publisher.refresh();
      if (isAhead(after)) await publisher.goAbove(after);
      await publisher.newerThan(after, milliseconds, signal);
      if (signal.aborted || (publisher.current?.version ?? 0) <= after) return null;
      const snapshot = await compile(gateway);
      return { version: snapshot.version, text: JSON.stringify(snapshot) };
    },
  };
}
