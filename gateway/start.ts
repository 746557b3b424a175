import { randomBytes } from 'node:crypto';
import type { Server } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { LeaseHolder } from '@drawbridge/leases';
import type { Snapshot } from '@drawbridge/protocol';
import { type LeaseDesk, openLeaseDesk } from './budget/index.ts';
import { createCanaryPost } from './canary-post.ts';
import { type GatewayConfig, GatewayConfigError } from './config.ts';
import { createEgress, type EgressProxy } from './egress/index.ts';
import { HistoryShelf } from './history/index.ts';
import { holdsOnDisk } from './hold/index.ts';
import { type GatewayJournal, openGatewayJournal } from './journal/index.ts';
import { readKeyFile } from './key-file.ts';
import { wrongListenSetting } from './listen-address.ts';
import { createLog, type GatewayLog, traceOf } from './log.ts';
import { logOriginOf } from './log-origin.ts';
import { postTo } from './post.ts';
import {
  newestSnapshot,
  openSnapshotStore,
  type RefusedSnapshot,
  SnapshotError,
  type SnapshotStore,
  startSync,
} from './snapshot/index.ts';
import { gatewayStatus, type WorkerStatus } from './status.ts';
import { openTls } from './tls.ts';
import { createUpstream, readRoots } from './upstream/index.ts';
import { createWorker, type Worker } from './worker.ts';
import { createIdleLogs, type IdleLogs, type Seat, slotDirectory } from './workers/index.ts';

/** A gateway that serves. */
export interface RunningGateway {
  /** The port it listens on. */
  port: number;
  /** Resolves once a snapshot is in force. */
  serving: Promise<void>;
  status(): WorkerStatus;
  /** Reads certificate files again. */
  reload(): void;
  /** Stops accepting, lets running crossings finish, writes the journal out. `stopped` resolves when all is done. */
  stop(why: string, lingerMs?: number): void;
  stopped: Promise<void>;
}

/** What one worker of a gateway has that several share, or that it has alone when it is the only one. */
interface House {
  log: GatewayLog;
  desk: LeaseDesk;
  /** Null: a supervisor has them. */
  idleLogs: IdleLogs | null;
}

/**
 * Starts a whole gateway, or with a seat one of its workers: journal, last good snapshot, server, and the exchange with
 * the control plane, which need not be there. Throws GatewayKeysError, JournalLocked, JournalCorrupt, or
 * GatewayConfigError for an address that it can't listen on and for a file of a setting that is no good.
 */
export async function startGateway(config: GatewayConfig, seat: Seat | null = null): Promise<RunningGateway> {
  const keys = await readKeyFile(config.keys);
  const slot = seat?.slot ?? 0;
  const log = createLog(config.logLevel, keys.id, seat === null ? null : slot);
  const post = postTo(config.control, keys.token);
  const { durability, keep } = config;
  const house: House =
    seat === null
      ? {
          log,
          desk: await openLeaseDesk({ directory: config.directory, holders: () => 1, now: Date.now, log }),
          idleLogs: createIdleLogs(config.directory, keys.id, {
            post,
            log,
            durability,
            keep,
            diskKey: keys.snapshotKey,
          }),
        }
      : { log, desk: seat.desk, idleLogs: null };
  const tls = config.network.tls === null ? null : await openTls(config.network.tls, log);
  const roots = await readRoots(config.extraCa);
  const monotonic = (): number => performance.now();
  const serves = Promise.withResolvers<void>();
  let worker: Worker | null = null;
  let egress: EgressProxy | null = null;

  const own = slotDirectory(config.directory, slot);
  const directory = join(own, 'journal');
  const journal = await openGatewayJournal({
    directory,
    origin: await logOriginOf(directory, keys.id, randomBytes),
    payloadKey: () => worker?.live()?.payloadKey ?? null,
    diskKey: keys.snapshotKey,
    post,
    log,
    durability,
    keep,
  });
  const upstream = createUpstream({
    now: monotonic,
    notice: (event, detail) => log.info({ event, ...detail }, 'vendor host'),
    proxy: config.outboundProxy,
    ...(roots === null ? {} : { ca: roots }),
  });
  const history = new HistoryShelf({
    directory: join(config.directory, 'history'),
    diskKey: keys.snapshotKey,
    clock: Date.now,
    random: randomBytes,
    log,
  });
  const canaries = createCanaryPost(post, log);
  const leases = new LeaseHolder(house.desk.lease, Date.now);
  const serving = createWorker({
    keys,
    journal,
    history,
    upstream,
    holds: holdsOnDisk({ directory: join(own, 'held'), keys, durability, random: randomBytes, log }),
    leases,
    log,
    clock: Date.now,
    monotonic,
    random: randomBytes,
    console: config.control,
    limits: { bodyBytes: config.bodyLimit, heldBytes: config.memoryLimit },
    ...(tls === null ? {} : { tls: tls.options }),
    ...(config.network.trustedProxies === null ? {} : { trustedProxies: config.network.trustedProxies }),
    ...(seat === null ? {} : { metricsText: () => seat.allMetrics() }),
    onCanary: canaries.tell,
    onLive: () => {
      serves.resolve();
      egress?.sweep();
    },
  });
  worker = serving;
  if (config.egress !== null) {
    egress = createEgress({
      gateway: keys.id,
      journal,
      live: () => serving.live(),
      leases,
      metrics: serving.metrics,
      log,
      clock: Date.now,
      monotonic,
      random: randomBytes,
      console: config.control,
      outboundProxy: config.outboundProxy,
      ...(roots === null ? {} : { ca: roots }),
      ...(tls === null ? {} : { tls: tls.options }),
      ...(config.network.trustedProxies === null ? {} : { trustedProxies: config.network.trustedProxies }),
      onCanary: canaries.tell,
    });
  }
  let refused: RefusedSnapshot | null = null;
  function status(): WorkerStatus {
    return {
      snapshotVersion: serving.live()?.version ?? 0,
      refused,
      journal: journal.status(),
      tls: tls?.state() ?? null,
      connections: serving.connections(),
    };
  }
  const store = openSnapshotStore(own, keys.snapshotKey, randomBytes);
  await applyLastGood(serving, () => newestSnapshot(config.directory, keys.snapshotKey, randomBytes), log);
  const port = await listen(serving.server, config, gatewaySettings, journal);
  if (config.egress !== null && egress !== null)
    await listen(egress.server, config.egress, egressSettings, journal);
  if (tls !== null) {
    const servers = [serving.server, ...(egress === null ? [] : [egress.server])] as TlsServer[];
    tls.follow({
      setSecureContext(options) {
        for (const server of servers) server.setSecureContext(options);
      },
    });
  }
  void house.idleLogs?.adopt(new Set([0]));
  log.info(
    { event: 'listening', host: config.host, port, tls: tls !== null, version: serving.live()?.version ?? 0 },
    'gateway serves',
  );

  const beat = {
    status: () =>
      gatewayStatus([status()], house.idleLogs?.status() ?? [], {
        workers: 1,
        durability,
        outboundProxy: config.outboundProxy !== null,
      }),
  };
  const sync = startSync({
    control: config.control,
    token: keys.token,
    version: () => serving.live()?.version ?? 0,
    apply: (snapshot) => applyAndKeep(serving, store, snapshot, log),
    onNews(latest) {
      refused = latest;
      seat?.say({ say: 'status', status: status() });
    },
    clock: Date.now,
    ...(seat === null ? beat : {}),
    random: Math.random,
    log,
  });
  const telling =
    seat === null ? null : setInterval(() => seat.say({ say: 'status', status: status() }), TELL_MS);

  const stopped = Promise.withResolvers<void>();
  let stopping = false;
  function stop(why: string, lingerMs = 0): void {
    if (stopping) return;
    stopping = true;
    log.info({ event: 'stopping', why }, 'gateway stops');
    if (telling !== null) clearInterval(telling);
    tls?.close();
    Promise.all([serving.close(config.graceMs, lingerMs), egress?.close(config.graceMs)])
      .then(() => house.desk.giveBack(leases.release()))
      .then(() =>
        Promise.all([
          sync.close(),
          canaries.close(),
          history.close(),
          upstream.close(),
          house.idleLogs?.close(),
          house.desk.close(),
        ]),
      )
      .then(() => journal.close())
      .then(() => {
        log.info({ event: 'stopped' }, 'gateway stopped');
        stopped.resolve();
      })
      .catch(stopped.reject);
  }
  seat?.serve({
    metrics: () => serving.metrics.values(),
    reload: () => void tls?.reload(),
    drain: () => stop('another worker has taken its place', Math.min(LINGER_MS, config.graceMs / 2)),
  });
  return {
    port,
    serving: serves.promise,
    status,
    reload: () => void tls?.reload(),
    stop,
    stopped: stopped.promise,
  };
}

/** How often a worker tells its supervisor how it is. */
const TELL_MS = 1_000;
/** How long a worker that is replaced keeps idle connections, for what their clients are about to send. */
const LINGER_MS = 3_000;

/** The gateway serves from its disk before it has spoken to anyone. A file that is no good is not used, and said. */
async function applyLastGood(
  worker: Worker,
  load: () => Promise<Snapshot | null>,
  log: GatewayLog,
): Promise<void> {
  try {
    const snapshot = await load();
    if (snapshot === null)
      log.info({ event: 'snapshot_none' }, 'no snapshot yet; waiting for the control plane');
    else await worker.apply(snapshot);
  } catch (cause) {
    if (!(cause instanceof SnapshotError)) throw cause;
    log.error(
      { event: 'snapshot_file_refused', code: cause.code, reason: cause.message },
      'the last snapshot can not be used; nothing crosses until the control plane sends one',
    );
  }
}

/** In force first, on disk then: a disk that fails must not keep a severed vendor open. */
async function applyAndKeep(
  worker: Worker,
  store: SnapshotStore,
  snapshot: Snapshot,
  log: GatewayLog,
): Promise<void> {
  await worker.apply(snapshot);
  try {
    await store.save(snapshot);
  } catch (cause) {
    log.error(
      { event: 'snapshot_not_kept', version: snapshot.version, ...traceOf(cause) },
      'the snapshot is in force but could not be written to disk',
    );
  }
}

const gatewaySettings = { host: 'DRAWBRIDGE_GATEWAY_HOST', port: 'DRAWBRIDGE_GATEWAY_PORT' };
const egressSettings = { host: 'DRAWBRIDGE_EGRESS_HOST', port: 'DRAWBRIDGE_EGRESS_PORT' };

/** `settings`: which ones say where it listens, for the error. Throws GatewayConfigError. */
async function listen(
  server: Server | TlsServer,
  at: { host: string; port: number },
  settings: typeof gatewaySettings,
  journal: GatewayJournal,
): Promise<number> {
  const listening = Promise.withResolvers<void>();
  server.once('error', listening.reject);
  server.listen(at.port, at.host, () => listening.resolve());
  try {
    await listening.promise;
  } catch (cause) {
    await journal.close();
    const found = wrongListenSetting(cause, at.host, at.port);
    if (found === null) throw cause;
    throw new GatewayConfigError(settings[found.setting], found.wrong, found.example);
  }
  server.off('error', listening.reject);
  return (server.address() as AddressInfo).port;
}
