import { hostname } from 'node:os';
import { sql } from 'kysely';
import type { z } from 'zod';
import { type Clock, newId, type Random } from './clock.ts';
import type { Db, Tx } from './database.ts';
import type { Platform } from './platform.ts';

/**
 * Persisted work: stored in the transaction that decides on it, done at least once, by one runner at a time.
 * A runner holds a lease; when it dies, the lease runs out and another takes the job. So a handler must bear being
 * run twice: its own writes carry a key, or are the same the second time.
 */
type JobTables = {
  job: {
    id: string;
    kind: string;
    idempotency_key: string;
    input: string;
    state: 'waiting' | 'running' | 'done' | 'failed';
    attempts: number;
    max_attempts: number;
    run_after: Date;
    leased_until: Date | null;
    lease_owner: string | null;
    last_error: string | null;
    result: string | null;
    created_at: Date;
    finished_at: Date | null;
  };
};

export interface JobContext {
  platform: Platform;
  /** 1 for the first try. */
  attempt: number;
  /** Takes the lease anew, for work that lasts. Throws when another runner has taken the job meanwhile: stop then. */
  stillAtIt(): Promise<void>;
}

export interface JobKind<Input = unknown> {
  kind: string;
  input: z.ZodType<Input>;
  /** After so many tries it is `failed` and stays so. */
  maxAttempts: number;
  /** Milliseconds until a runner that does not answer counts as dead. */
  leaseMs: number;
  /** Does the work; what it returns is kept as JSON beside the job. Holds nothing secret or personal. */
  run(input: Input, context: JobContext): Promise<unknown>;
}

/** A job kind whose input is forgotten, so that kinds of all inputs fit in one list. */
export type AnyJobKind = Pick<JobKind, 'kind' | 'maxAttempts' | 'leaseMs'> & {
  start(input: unknown, context: JobContext): Promise<unknown>;
};

export function defineJob<Input>(kind: JobKind<Input>): JobKind<Input> & AnyJobKind {
  return { ...kind, start: (input, context) => kind.run(kind.input.parse(input), context) };
}

/**
 * Puts a job down, in the caller's transaction. The same kind and key a second time is the same job: its id is
 * returned and nothing is added, whatever state it is in.
 */
export async function enqueue<Input>(
  tx: Db | Tx,
  at: { clock: Clock; random: Random },
  job: JobKind<Input>,
  input: Input,
  options: { idempotencyKey: string; runAfter?: Date },
): Promise<string> {
  const now = new Date(at.clock.now());
  const db = tx.withTables<JobTables>();
  const added = await db
    .insertInto('job')
    .values({
      id: newId(at.clock, at.random),
      kind: job.kind,
      idempotency_key: options.idempotencyKey,
      input: JSON.stringify(job.input.parse(input)),
      state: 'waiting',
      attempts: 0,
      max_attempts: job.maxAttempts,
      run_after: options.runAfter ?? now,
      leased_until: null,
      lease_owner: null,
      last_error: null,
      result: null,
      created_at: now,
      finished_at: null,
    })
    .onConflict((conflict) => conflict.columns(['kind', 'idempotency_key']).doNothing())
    .returning('id')
    .executeTakeFirst();
  if (added !== undefined) return added.id;
  const there = await db
    .selectFrom('job')
    .select('id')
    .where('kind', '=', job.kind)
    .where('idempotency_key', '=', options.idempotencyKey)
    .executeTakeFirstOrThrow();
  return there.id;
}

const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 15 * 60_000;

/** Milliseconds to wait after the given failed attempt (1 is the first): doubles each time, up to 15 minutes. */
export function retryDelay(attempt: number): number {
  return Math.min(FIRST_RETRY_MS * 2 ** (attempt - 1), LONGEST_RETRY_MS);
}

interface Claim {
  id: string;
  kind: string;
  input: unknown;
  attempts: number;
}

async function claim(
  platform: Platform,
  kinds: readonly AnyJobKind[],
  owner: string,
): Promise<Claim | undefined> {
  const now = new Date(platform.clock.now());
  const leases = kinds.map((kind) => kind.leaseMs);
  const names = kinds.map((kind) => kind.kind);
  const found = await sql<Claim>`
    WITH due AS (
      SELECT id, lease_ms
      FROM job JOIN unnest(${names}::text[], ${leases}::bigint[]) AS known (name, lease_ms) ON name = kind
      WHERE attempts < max_attempts
        AND ((state = 'waiting' AND run_after <= ${now}) OR (state = 'running' AND leased_until <= ${now}))
      ORDER BY run_after, id LIMIT 1 FOR UPDATE OF job SKIP LOCKED)
    UPDATE job SET state = 'running', attempts = attempts + 1, lease_owner = ${owner},
      leased_until = ${now}::timestamptz + lease_ms * interval '1 millisecond'
    FROM due WHERE job.id = due.id
    RETURNING job.id, kind, input, attempts`.execute(platform.db);
  return found.rows[0];
}

/** Jobs whose runner died on the last try: nobody is left to write that they failed. */
async function giveUpOnTheDead(platform: Platform): Promise<void> {
  const now = new Date(platform.clock.now());
  await platform.db
    .withTables<JobTables>()
    .updateTable('job')
    .set({ state: 'failed', finished_at: now, last_error: 'The process that ran it died on the last try.' })
    .where('state', '=', 'running')
    .where('leased_until', '<=', now)
    .whereRef('attempts', '>=', 'max_attempts')
    .execute();
}

/**
 * Runs one job that is due, if there is one. Returns whether there was. What a handler throws is written beside the
 * job, which is tried again later; it does not throw here.
 */
export async function runDueJob(
  platform: Platform,
  kinds: readonly AnyJobKind[],
  owner: string,
): Promise<boolean> {
  await giveUpOnTheDead(platform);
  const job = await claim(platform, kinds, owner);
  if (job === undefined) return false;
  const kind = kinds.find((one) => one.kind === job.kind);
  if (kind === undefined) throw new Error(`claimed a job of kind ${job.kind}, which was not asked for`);
  // Each claim raises `attempts`: who holds another number holds the job no longer.
  const mine = () =>
    platform.db
      .withTables<JobTables>()
      .updateTable('job')
      .where('id', '=', job.id)
      .where('state', '=', 'running')
      .where('attempts', '=', job.attempts);
  const stillAtIt = async () => {
    const until = new Date(platform.clock.now() + kind.leaseMs);
    const kept = await mine().set({ leased_until: until }).executeTakeFirst();
    if (kept.numUpdatedRows === 0n) throw new LeaseLostError(job.kind, job.id);
  };
  const now = () => new Date(platform.clock.now());
  try {
    const result = await kind.start(job.input, { platform, attempt: job.attempts, stillAtIt });
    await mine()
      .set({
        state: 'done',
        finished_at: now(),
        leased_until: null,
        last_error: null,
        result: JSON.stringify(result ?? null),
      })
      .execute();
  } catch (error) {
    platform.log.error({ err: error, job: job.id, kind: job.kind, attempt: job.attempts }, 'job failed');
    const text = (error instanceof Error ? error.message : String(error)).slice(0, 500);
    await mine()
      .set((eb) => ({
        state: sql`CASE WHEN ${eb.ref('attempts')} >= ${eb.ref('max_attempts')} THEN 'failed' ELSE 'waiting' END`,
        finished_at: sql`CASE WHEN ${eb.ref('attempts')} >= ${eb.ref('max_attempts')} THEN ${now()}::timestamptz END`,
        run_after: new Date(platform.clock.now() + retryDelay(job.attempts)),
        leased_until: null,
        lease_owner: null,
        last_error: text,
      }))
      .execute();
  }
  return true;
}

/** Another runner has the job now: the lease ran out. What this runner does from here on counts for nothing. */
export class LeaseLostError extends Error {
  readonly code = 'lease_lost';
  constructor(kind: string, id: string) {
    super(
      `The lease on job ${id} (${kind}) ran out and another runner has it. Stop; give it a longer lease.`,
    );
    this.name = 'LeaseLostError';
  }
}

/** Runs due jobs one after another, and looks again every `pollMs`. `stop` waits for the job in hand. */
export function runJobs(
  platform: Platform,
  kinds: readonly AnyJobKind[],
  pollMs = 1_000,
): { stop(): Promise<void> } {
  const owner = `${hostname()}:${process.pid}:${platform.random.bytes(6).toString('hex')}`;
  let stopped = false;
  let wake: () => void = () => undefined;
  const loop = async () => {
    while (!stopped) {
      let found = false;
      try {
        found = await runDueJob(platform, kinds, owner);
      } catch (error) {
        platform.log.error({ err: error }, 'the job runner could not reach its jobs; it tries again');
      }
      if (found || stopped) continue;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, pollMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  };
  const running = loop();
  return {
    async stop() {
      stopped = true;
      wake();
      await running;
    },
  };
}
