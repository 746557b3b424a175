import { isIP } from 'node:net';
import type { Trace } from '@drawbridge/evidence';
import { sql } from 'kysely';
import { launcher, newId, type Platform, recordChange, type Tx } from '../platform/index.ts';
import { sightingsOf } from './candidates.ts';
import type { Identifier } from './identify.ts';
import { readDecided, sumCandidates, writeSightings } from './store.ts';
import type { DiscoveryTables } from './tables.ts';

/** A host that apps reached through the egress proxy. */
export interface ReachedHost {
  host: string;
  firstAt: Date;
  lastAt: Date;
  crossings: number;
  sent: number;
  received: number;
}

export interface ProxySourceDeps {
  platform: Platform;
  identifier: () => Promise<Identifier>;
  /** Hosts that were reached since a time, each once for every app. */
  reached: (since: Date) => Promise<readonly ReachedHost[]>;
}

/** What the source is called among the others; what is handed in under this name is another's evidence of the same kind. */
const SOURCE = 'Egress proxy';
const DAY_MS = 24 * 3600_000;
const LOOK_MS = 5 * 60_000;

/** Takes what the proxy saw as evidence every few minutes: a host that nobody knows is a candidate without anyone handing in a file. */
export function watchProxy(deps: ProxySourceDeps): { stop(): Promise<void> } {
  let stopped = false;
  let running: Promise<unknown> = Promise.resolve();
  const look = (): void => {
    running = running
      .then(() => (stopped ? undefined : takeReached(deps)))
      .catch((error: unknown) =>
        deps.platform.log.warn(
          { err: error },
          'could not take the proxy’s hosts as evidence; it is tried again',
        ),
      );
  };
  const timer = setInterval(look, LOOK_MS);
  look();
  return {
    async stop() {
      stopped = true;
      clearInterval(timer);
      await running;
    },
  };
}

/** One run a day, in the program's own name. Nothing is gone only because it was not reached for a day. */
export async function takeReached({ platform, identifier, reached }: ProxySourceDeps): Promise<void> {
  const now = platform.clock.now();
  const traces = tracesOf(await reached(new Date(now - DAY_MS)));
  if (traces.length === 0) return;
  const sightings = sightingsOf('hosts that apps reached', traces, await identifier());
  await platform.db.transaction().execute(async (tx) => {
    const run = await runOfToday(tx, platform);
    const decided = await readDecided(tx);
    const keys = await writeSightings(tx, run, sightings, decided);
    await sumCandidates(tx, keys, decided, new Date(now));
  });
  platform.events.publish('discovery');
}

/** Addresses are no names; several apps' use of a host is one trace. */
function tracesOf(hosts: readonly ReachedHost[]): Trace[] {
  const byHost = Map.groupBy(
    hosts.filter(({ host }) => isIP(host) === 0),
    ({ host }) => host,
  );
  return [...byHost].map(([value, uses]) => ({
    kind: 'host',
    value,
    grade: 'observed',
    detail: { via: 'gateway' },
    count: sum(uses, 'crossings'),
    lines: [],
    first: Math.min(...uses.map(({ firstAt }) => firstAt.getTime())),
    last: Math.max(...uses.map(({ lastAt }) => lastAt.getTime())),
    // Crossings are counted by day where they are crossings.
    days: [],
    bytesOut: sum(uses, 'sent'),
    bytesIn: sum(uses, 'received'),
    addresses: [],
    fields: [],
  }));
}

const sum = (uses: readonly ReachedHost[], what: 'crossings' | 'sent' | 'received'): number =>
  uses.reduce((total, use) => total + use[what], 0);

async function runOfToday(tx: Tx, platform: Platform): Promise<{ id: string; source: string }> {
  const now = new Date(platform.clock.now());
  const rows = tx.withTables<DiscoveryTables>();
  const source = await rows
    .insertInto('evidence_source')
    .values({ id: newId(platform.clock, platform.random), name: SOURCE, runs: 0 })
    // Locks it where it is there: two control processes take turns.
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ name: SOURCE }))
    .returning(['id', 'runs'])
    .executeTakeFirstOrThrow();
  const { rows: open } = await sql<{ id: string; today: boolean }>`
    SELECT id, (started_at AT TIME ZONE 'UTC')::date = (${now}::timestamptz AT TIME ZONE 'UTC')::date AS today
      FROM evidence_run
     WHERE source = ${source.id} AND ended_at IS NULL AND by_id = ${launcher.id} ORDER BY number DESC`.execute(
    tx,
  );
  const current = open.find(({ today }) => today);
  const before = open.filter((run) => run !== current).map(({ id }) => id);
  if (before.length > 0) await endRuns(tx, before, now);
  if (current !== undefined) return { id: current.id, source: source.id };
  const id = newId(platform.clock, platform.random);
  await rows
    .updateTable('evidence_source')
    .set({ runs: source.runs + 1 })
    .where('id', '=', source.id)
    .execute();
  await rows
    .insertInto('evidence_run')
    .values({
      id,
      source: source.id,
      number: source.runs + 1,
      by_id: launcher.id,
      by_name: launcher.name,
      started_at: now,
      ended_at: null,
      whole: null,
    })
    .execute();
  await recordChange(tx, platform, {
    actor: launcher,
    reason: 'Apps reached hosts through the egress proxy',
    act: 'discovery.begin',
    subject: { kind: 'evidence_run', id },
    detail: { source: SOURCE, run: source.runs + 1 },
  });
  return { id, source: source.id };
}

async function endRuns(tx: Tx, ids: readonly string[], now: Date): Promise<void> {
  await sql`
    UPDATE evidence_run r SET ended_at = ${now}, whole = false,
           fresh = (SELECT count(*) FROM sighting WHERE first_run = r.id),
           changed = (SELECT count(*) FROM sighting WHERE changed_run = r.id)
     WHERE id = ANY(${ids})`.execute(tx);
}
