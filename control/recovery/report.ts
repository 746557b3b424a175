import { createHash } from 'node:crypto';
import { EGRESS } from '@drawbridge/protocol';
import { sql } from 'kysely';
import type { Names } from '../crossings/index.ts';
import type { Platform } from '../platform/index.ts';
import { type Around, type DrillCounts, REPORT_FORMAT, type RecoveryReport } from './schemas.ts';
import type { RecoveryRow } from './tables.ts';

/** What a drill broke, from the records of crossings and nothing else. */

export interface ReportDeps {
  platform: Platform;
  names: Names;
  vendorNames: (ids: readonly string[]) => Promise<ReadonlyMap<string, string>>;
}

interface ReportText {
  report: RecoveryReport;
  text: string;
  /** SHA-256 of the text, in hexadecimal. */
  hash: string;
}

type Begun = RecoveryRow & { began_at: Date; until: Date };
export function isBegun(row: RecoveryRow): row is Begun {
  return row.began_at !== null && row.until !== null;
}

/** A request that went out and got an answer that the app can use. */
const isAnswered = sql`k.decision = 'forwarded' AND c.status < 500 AND c.status <> 429`;
const isRequest = sql`k.drill_part IN ('first', 'held')`;
const isOwn = sql`k.drill_part IN ('first', 'later')`;

interface AppRow {
  app: string;
  requests: number;
  answered: number;
  held: number;
  dropped: number;
  open: number;
}

/** A tunnel that began longer before its drill is not looked for. */
const OLDEST_TUNNEL_MS = 7 * 24 * 3_600_000;
/** The egress proxy looks once a second at what is under way. */
const LATE_MS = 2_000;

/** What the egress proxy turned away and ended: of tunnels that were ended the settlement says why. */
async function aroundOf({ db }: Platform, row: Begun, end: Date): Promise<(Around & { app: string })[]> {
  const ofApp = row.one_app ? sql`AND k.app = ${row.app}` : sql``;
  const { rows } = await sql<Around & { app: string }>`
    SELECT app, sum(refused)::int AS refused, sum(ended)::int AS ended FROM (
      SELECT k.app, count(*) AS refused, 0 AS ended FROM crossing_kind k JOIN crossing c ON c.kind = k.id
      WHERE k.drill = ${row.id} AND k.connection = ${EGRESS} GROUP BY k.app
      UNION ALL
      SELECT k.app, 0, count(*) FROM crossing_kind k JOIN crossing c ON c.kind = k.id
      JOIN journal_entry e ON e.log = c.log AND e.idx = c.settlement_idx
      WHERE k.connection = ${EGRESS} AND k.decision = 'forwarded' ${ofApp}
        AND c.at >= ${new Date(row.began_at.getTime() - OLDEST_TUNNEL_MS)} AND c.at < ${end}
        AND c.outcome IN ('cut_off', 'not_sent')
        AND e.at >= ${row.began_at} AND e.at < ${new Date(end.getTime() + LATE_MS)}
        AND convert_from(e.bytes, 'UTF8')::json->>'reason' = 'vendor_lost'
      GROUP BY k.app) a
    GROUP BY app ORDER BY app`.execute(db);
  return rows;
}

/** `row`: of a drill that has begun. What was shipped until now counts. */
export async function reportOf(
  { platform, names, vendorNames }: ReportDeps,
  row: Begun,
): Promise<ReportText> {
  const { db } = platform;
  const end = row.ended_at ?? row.until;
  const ofDrill = sql`FROM crossing_kind k JOIN crossing c ON c.kind = k.id WHERE k.drill = ${row.id} AND k.connection <> ${EGRESS}`;
  const apps = await sql<AppRow>`
    SELECT k.app, count(*) FILTER (WHERE ${isRequest})::int AS requests,
      count(*) FILTER (WHERE ${isOwn} AND ${isAnswered})::int AS answered,
      count(*) FILTER (WHERE k.drill_part = 'held' AND k.decision = 'forwarded')::int AS held,
      count(*) FILTER (WHERE k.reason = 'route_dropped')::int AS dropped,
      count(*) FILTER (WHERE ${isOwn} AND k.decision = 'forwarded' AND c.settlement_idx IS NULL)::int AS open
    ${ofDrill} GROUP BY k.app ORDER BY k.app`.execute(db);
  const by = await sql<{ connection: string; answered: number }>`
    SELECT k.connection, count(*)::int AS answered ${ofDrill} AND ${isOwn} AND ${isAnswered}
    GROUP BY k.connection ORDER BY 2 DESC, 1`.execute(db);
  const times = await sql<Times & { first: Date | null }>`
    SELECT min(c.at) AS first, ${timesOf} ${ofDrill} AND ${isOwn} AND ${isAnswered}`.execute(db);
  const length = end.getTime() - row.began_at.getTime();
  const from = new Date(row.began_at.getTime() - length);
  const ofApp = row.one_app ? sql`AND k.app = ${row.app}` : sql``;
  const before = await sql<Times & { requests: number; answered: number }>`
    SELECT count(*)::int AS requests, count(*) FILTER (WHERE ${isAnswered})::int AS answered, ${timesOf}
    FROM crossing_kind k JOIN crossing c ON c.kind = k.id
    WHERE k.vendor = ${row.vendor} AND k.connection <> ${EGRESS} AND k.drill IS NULL ${ofApp} AND c.at >= ${from} AND c.at < ${row.began_at}`.execute(
    db,
  );
  const around = await aroundOf(platform, row, end);
  const [appNames, connectionNames, vendors] = await Promise.all([
    names.apps([...[...apps.rows, ...around].map(({ app }) => app), ...(row.app === null ? [] : [row.app])]),
    names.connections(by.rows.map(({ connection }) => connection)),
    vendorNames([row.vendor]),
  ]);
  const named = (id: string, known: ReadonlyMap<string, string>) => ({ id, name: known.get(id) ?? id });
  const perApp = apps.rows.map(({ app, ...counts }) => ({
    app: named(app, appNames),
    ...withFailed(counts),
  }));
  const counts = sumOf(perApp);
  const egress = {
    refused: around.reduce((sum, one) => sum + one.refused, 0),
    ended: around.reduce((sum, one) => sum + one.ended, 0),
    apps: around.map(({ app, ...rest }) => ({ app: named(app, appNames), ...rest })),
  };
  const first = times.rows[0]?.first ?? null;
  const report: RecoveryReport = {
    format: REPORT_FORMAT,
    drill: row.id,
    vendor: named(row.vendor, vendors),
    app: row.app === null ? null : named(row.app, appNames),
    share: row.share / 100,
    from: row.began_at.toISOString(),
    until: end.toISOString(),
    ended: row.ended === 'stopped' ? 'stopped' : 'time',
    madeAt: new Date(platform.clock.now()).toISOString(),
    verdict: verdictOf(counts, egress),
    counts,
    apps: perApp,
    egress,
    answeredBy: by.rows.map(({ connection, answered }) => ({
      connection: named(connection, connectionNames),
      answered,
    })),
    firstAnswerAfterMs: first === null ? null : Math.max(0, first.getTime() - row.began_at.getTime()),
    answerMs: inMs(times.rows[0]),
    before: {
      from: from.toISOString(),
      until: row.began_at.toISOString(),
      requests: before.rows[0]?.requests ?? 0,
      answered: before.rows[0]?.answered ?? 0,
      answerMs: inMs(before.rows[0]),
    },
  };
  const text = `${JSON.stringify(report, null, 2)}\n`;
  return { report, text, hash: createHash('sha256').update(text).digest('hex') };
}

/**
 * Nothing asked shows nothing; one request that the app did not get through is enough to say that it breaks. What goes around the
 * gateway's connections has no route that could save it.
 */
export function verdictOf(
  { requests, failed, dropped, open }: DrillCounts,
  { refused, ended }: Around,
): RecoveryReport['verdict'] {
  if (failed > 0 || dropped > 0 || refused > 0 || ended > 0) return 'breaks';
  return requests === 0 || open > 0 ? 'unknown' : 'recovers';
}

/** What was neither answered nor taken is what the app got an error for: nothing is left out of the sum. */
export function withFailed(counts: Omit<DrillCounts, 'failed'>): DrillCounts {
  const { requests, answered, held, dropped, open } = counts;
  return {
    requests,
    answered,
    held,
    dropped,
    failed: Math.max(0, requests - answered - held - dropped - open),
    open,
  };
}

function sumOf(all: readonly DrillCounts[]): DrillCounts {
  const sum = { requests: 0, answered: 0, held: 0, dropped: 0, failed: 0, open: 0 };
  for (const one of all) {
    sum.requests += one.requests;
    sum.answered += one.answered;
    sum.held += one.held;
    sum.dropped += one.dropped;
    sum.failed += one.failed;
    sum.open += one.open;
  }
  return sum;
}

interface Times {
  median: number | null;
  p95: number | null;
  longest: number | null;
}
const ofAnswered = sql`FILTER (WHERE ${isAnswered})`;
const timesOf = sql`
  (percentile_disc(0.5) WITHIN GROUP (ORDER BY c.duration_us) ${ofAnswered})::float8 AS median,
  (percentile_disc(0.95) WITHIN GROUP (ORDER BY c.duration_us) ${ofAnswered})::float8 AS p95,
  (max(c.duration_us) ${ofAnswered})::float8 AS longest`;

const ms = (us: number | null | undefined) =>
  us === null || us === undefined ? null : Math.round(us / 100) / 10;
const inMs = (row: Times | undefined) => ({
  median: ms(row?.median),
  p95: ms(row?.p95),
  longest: ms(row?.longest),
});
