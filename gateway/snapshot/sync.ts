import { setTimeout as wait } from 'node:timers/promises';
import type { Snapshot } from '@drawbridge/protocol';
import { request } from 'undici';
import { SnapshotError } from './errors.ts';
import { readSnapshot } from './open.ts';

/** The control plane answers within 25 s, with a snapshot or with nothing newer. */
const POLL_MS = 40_000;
const LARGEST_SNAPSHOT = 64 * 1024 * 1024;
const backOff: readonly number[] = [250, 500, 1_000, 2_000, 5_000];

export interface SyncOptions {
  /** Base URL of the control plane, without a trailing slash. */
  control: string;
  token: string;
  /** The version in force; 0 for none. */
  version: () => number;
  /** Puts a snapshot in force. May throw SnapshotError. */
  apply: (snapshot: Snapshot) => Promise<void>;
  /** What the heartbeat says; left out: another process sends it (`startHeartbeat`). */
  status?: () => object;
  /** Hears when a version is in force, or is refused for a reason that was not told before; null: the last one was taken. */
  onNews: (refused: RefusedSnapshot | null) => void;
  /** Milliseconds since 1970. */
  clock: () => number;
  /** Milliseconds between heartbeats. */
  heartbeatMs?: number;
  /** Milliseconds to wait after the first, second, … failure in a row. */
  backOffMs?: readonly number[];
  /** A number in [0, 1), for the spread of retries. */
  random: () => number;
  log: {
    info: (detail: object, text: string) => void;
    warn: (detail: object, text: string) => void;
    error: (detail: object, text: string) => void;
  };
}

export interface Sync {
  /** Whether the last exchange with the control plane succeeded. */
  connected(): boolean;
  close(): Promise<void>;
}

/** A snapshot that was not taken: which member of it was wrong, never what it held. `since`: milliseconds since 1970. */
export interface RefusedSnapshot {
  version: number;
  code: string;
  field: string | null;
  since: number;
}

/**
 * Keeps a gateway's snapshot current by long polling, and reports its state. Whatever fails here, the gateway serves on
 * with what is in force.
 */
export function startSync(options: SyncOptions): Sync {
  const stop = new AbortController();
  const waits = options.backOffMs ?? backOff;
  let connected = false;
  let refused: RefusedSnapshot | null = null;
  const { status } = options;
  const heartbeat = status === undefined ? null : startHeartbeat({ ...options, status });

  /** Says at once what people wait to hear, without waiting for the next beat. */
  function tell(): void {
    options.onNews(refused);
    heartbeat?.now();
  }

  /** The first time a version is refused is what counts: it is asked for again and again. */
  function refuse(cause: unknown, version: number): void {
    const code = cause instanceof SnapshotError ? cause.code : 'failed';
    const field = cause instanceof SnapshotError ? cause.field : null;
    const before = refused;
    const same = before?.version === version && before.code === code && before.field === field;
    refused = { version, code, field, since: same ? before.since : options.clock() };
    if (!same) tell();
  }

  async function poll(): Promise<void> {
    let failures = 0;
    while (!stop.signal.aborted) {
      try {
        const applied = await exchange(options, stop.signal, refuse);
        const isNews = refused !== null || applied;
        refused = null;
        if (isNews) tell();
        if (failures > 0 || !connected)
          options.log.info({ event: 'control_connected' }, 'control plane reached');
        connected = true;
        failures = 0;
      } catch (cause) {
        if (stop.signal.aborted) return;
        connected = false;
        report(options, cause, failures);
        const base = waits[Math.min(failures, waits.length - 1)] ?? 5_000;
        failures += 1;
        await pause(base * (0.5 + options.random()), stop.signal);
      }
    }
  }

  const running = poll();
  return {
    connected: () => connected,
    async close() {
      stop.abort();
      await Promise.all([running, heartbeat?.close()]);
    },
  };
}

export type HeartbeatOptions = Pick<SyncOptions, 'control' | 'token' | 'heartbeatMs' | 'log'> & {
  status: () => object;
};

export interface Heartbeat {
  /** Tells it at once, or again if it is being told: the next time is a whole interval later. */
  now(): void;
  close(): Promise<void>;
}

/** Tells the control plane every few seconds how the gateway is. */
export function startHeartbeat(options: HeartbeatOptions): Heartbeat {
  const stop = new AbortController();
  let early = new AbortController();
  async function beat(): Promise<void> {
    while (!stop.signal.aborted) {
      early = new AbortController();
      await sendStatus(options, stop.signal);
      await pause(options.heartbeatMs ?? 5_000, AbortSignal.any([stop.signal, early.signal]));
    }
  }
  const running = beat();
  return {
    now: () => early.abort(),
    async close() {
      stop.abort();
      await running;
    },
  };
}

/** One long poll; whether a snapshot was put in force. Throws what keeps it from being answered, or SnapshotError for a snapshot that is not taken. */
async function exchange(
  options: SyncOptions,
  signal: AbortSignal,
  refuse: (cause: unknown, version: number) => void,
): Promise<boolean> {
  const answer = await request(`${options.control}/fleet/v1/snapshot?after=${options.version()}`, {
    headers: { authorization: `Bearer ${options.token}`, accept: 'application/json' },
    headersTimeout: POLL_MS,
    bodyTimeout: POLL_MS,
    signal,
  });
  if (answer.statusCode === 204) {
    await answer.body.dump();
    return false;
  }
  if (answer.statusCode !== 200) {
    await answer.body.dump();
    throw new ControlPlaneError(answer.statusCode);
  }
  const version = Number(answer.headers['x-drawbridge-version']);
  const bytes = await readCapped(answer.body);
  try {
    await options.apply(readSnapshot(parse(bytes)));
    return true;
  } catch (cause) {
    if (Number.isSafeInteger(version) && version > 0) refuse(cause, version);
    throw cause;
  }
}

async function sendStatus(options: HeartbeatOptions, signal: AbortSignal): Promise<void> {
  try {
    const answer = await request(`${options.control}/fleet/v1/status`, {
      method: 'POST',
      headers: { authorization: `Bearer ${options.token}`, 'content-type': 'application/json' },
      body: JSON.stringify(options.status()),
      headersTimeout: 5_000,
      signal,
    });
    await answer.body.dump();
  } catch (cause) {
    if (signal.aborted) return;
    // The poll says loudly that the control plane is away; once is enough.
    options.log.info({ event: 'heartbeat_failed', code: codeOf(cause) }, 'heartbeat not delivered');
  }
}

/** At a start the gateway may be there first: it is worth a warning when the control plane stays away for a second or so. */
const LOUD_FAILURE = 3;

class ControlPlaneError extends Error {
  readonly code = 'control_plane';
  readonly status: number;
  constructor(status: number) {
    super(
      status === 401 || status === 403
        ? `The control plane refused this gateway's token (${status}). Give it the key file of the gateway that the control plane knows: "drawbridge start" makes that file and lets its gateway in at each start.`
        : `The control plane answered ${status}.`,
    );
    this.name = 'ControlPlaneError';
    this.status = status;
  }
}

function report(options: SyncOptions, cause: unknown, failures: number): void {
  if (cause instanceof SnapshotError) {
    options.log.error(
      { event: 'snapshot_refused', code: cause.code, inForce: options.version(), reason: cause.message },
      'a snapshot was refused; the last good one stays in force',
    );
    return;
  }
  const detail = {
    event: 'control_unreachable',
    code: codeOf(cause),
    reason: cause instanceof ControlPlaneError ? cause.message : 'no answer',
    failures: failures + 1,
    inForce: options.version(),
  };
  if (failures === LOUD_FAILURE) {
    options.log.warn(detail, 'control plane not reached; serving on with the last snapshot');
  } else options.log.info(detail, 'control plane not reached yet');
}

async function readCapped(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > LARGEST_SNAPSHOT) {
      throw new SnapshotError('malformed', `The snapshot is larger than ${LARGEST_SNAPSHOT} bytes.`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new SnapshotError('malformed', 'The control plane sent a snapshot that is not JSON.', cause);
  }
}

/** Waits; an abort ends the wait early and is no error. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await wait(ms, undefined, { signal }).catch((cause: unknown) => {
    if (!signal.aborted) throw cause;
  });
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
}
