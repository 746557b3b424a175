import { randomBytes } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Snapshot } from '@drawbridge/protocol';
import { request } from 'undici';
import { type GatewayConfig, GatewayConfigError } from './config.ts';
import { type GatewayJournal, openGatewayJournal, type Post } from './journal/index.ts';
import { type GatewayKeys, GatewayKeysError, readGatewayKeys } from './keys.ts';
import { wrongListenSetting } from './listen-address.ts';
import { createLog, type GatewayLog, traceOf } from './log.ts';
import { logOriginOf } from './log-origin.ts';
import { openSnapshotStore, SnapshotError, type SnapshotStore, startSync } from './snapshot/index.ts';
import { createUpstream } from './upstream/index.ts';
import { createWorker, type Worker } from './worker.ts';

/** A gateway that serves. */
export interface RunningGateway {
  /** The port it listens on. */
  port: number;
  /** Stops accepting, lets running crossings finish, writes the journal out. `stopped` resolves when all is done. */
  stop(why: string): void;
  stopped: Promise<void>;
}

/**
 * Starts a whole gateway: journal, last good snapshot, server, and the exchange with the control plane, which need not
 * be there. Throws GatewayKeysError, JournalLocked, JournalCorrupt, or GatewayConfigError for an address that it can't
 * listen on.
 */
export async function startGateway(config: GatewayConfig): Promise<RunningGateway> {
  const keys = await readKeyFile(config.keys);
  const log = createLog(config.logLevel, keys.id);
  const monotonic = (): number => performance.now();
  let worker: Worker | null = null;

  const directory = join(config.directory, 'journal');
  const journal = await openGatewayJournal({
    directory,
    origin: await logOriginOf(directory, keys.id, randomBytes),
    payloadKey: () => worker?.live()?.payloadKey ?? null,
    post: postTo(config.control, keys.token),
    log,
  });
  const upstream = createUpstream({
    now: monotonic,
    notice: (event, detail) => log.info({ event, ...detail }, 'vendor host'),
  });
  const serving = createWorker({
    keys,
    journal,
    upstream,
    log,
    clock: Date.now,
    monotonic,
    random: randomBytes,
    console: config.control,
    limits: { bodyBytes: config.bodyLimit, heldBytes: config.memoryLimit },
  });
  worker = serving;
  const store = openSnapshotStore(config.directory, keys.snapshotKey, randomBytes);
  await applyLastGood(serving, store, log);
  const port = await listen(serving, config, journal);
  log.info(
    { event: 'listening', host: config.host, port, version: serving.live()?.version ?? 0 },
    'gateway serves',
  );

  const sync = startSync({
    control: config.control,
    token: keys.token,
    version: () => serving.live()?.version ?? 0,
    apply: (snapshot) => applyAndKeep(serving, store, snapshot, log),
    status: () => ({ snapshotVersion: serving.live()?.version ?? 0, journal: journal.status() }),
    clock: Date.now,
    random: Math.random,
    log,
  });

  const stopped = Promise.withResolvers<void>();
  let stopping = false;
  return {
    port,
    stopped: stopped.promise,
    stop(why) {
      if (stopping) return;
      stopping = true;
      log.info({ event: 'stopping', why }, 'gateway stops');
      serving
        .close(config.graceMs)
        .then(() => Promise.all([sync.close(), upstream.close()]))
        .then(() => journal.close())
        .then(() => {
          log.info({ event: 'stopped' }, 'gateway stopped');
          stopped.resolve();
        }, stopped.reject);
    },
  };
}

async function readKeyFile(path: string): Promise<GatewayKeys> {
  const { mode } = await stat(path).catch((cause: unknown) => {
    throw new GatewayKeysError(
      `The gateway key file ${path} can't be read. "drawbridge start" makes it at its first start; DRAWBRIDGE_GATEWAY_KEYS says where it lies.`,
      cause,
    );
  });
  if ((mode & 0o077) !== 0) {
    throw new GatewayKeysError(`${path} must be readable by its owner alone. Run: chmod 600 ${path}`);
  }
  const text = await readFile(path, 'utf8');
  try {
    return readGatewayKeys(JSON.parse(text));
  } catch (cause) {
    if (cause instanceof GatewayKeysError) throw cause;
    // The parser's own message would quote the file.
    throw new GatewayKeysError(`The gateway key file ${path} does not hold JSON.`);
  }
}

/** The gateway serves from its disk before it has spoken to anyone. A file that is no good is not used, and said. */
async function applyLastGood(worker: Worker, store: SnapshotStore, log: GatewayLog): Promise<void> {
  try {
    const snapshot = await store.load();
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

async function listen(worker: Worker, config: GatewayConfig, journal: GatewayJournal): Promise<number> {
  const { server } = worker;
  const listening = Promise.withResolvers<void>();
  server.once('error', listening.reject);
  server.listen(config.port, config.host, () => listening.resolve());
  try {
    await listening.promise;
  } catch (cause) {
    await journal.close();
    const found = wrongListenSetting(cause, config.host, config.port);
    if (found === null) throw cause;
    throw new GatewayConfigError(
      found.setting === 'host' ? 'DRAWBRIDGE_GATEWAY_HOST' : 'DRAWBRIDGE_GATEWAY_PORT',
      found.wrong,
      found.example,
    );
  }
  server.off('error', listening.reject);
  return (server.address() as AddressInfo).port;
}

function postTo(control: string, token: string): Post {
  return async ({ path, headers, body, signal }) => {
    const answer = await request(`${control}${path}`, {
      method: 'POST',
      headers: { ...headers, authorization: `Bearer ${token}` },
      body,
      headersTimeout: 30_000,
      bodyTimeout: 30_000,
      signal,
    });
    return { status: answer.statusCode, body: await answer.body.text() };
  };
}
