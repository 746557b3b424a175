import { createHash } from 'node:crypto';
import { type Grade, grades, type Trace, type TraceKind } from '@drawbridge/evidence';
import { type RawBuilder, sql } from 'kysely';
import type { Db, Tx } from '../platform/index.ts';
import type { Sighting } from './candidates.ts';
import { confidenceOf } from './confidence.ts';
import type { Identifier } from './identify.ts';
import { type Decided, type Placed, placed } from './place.ts';
import type { DiscoveryTables } from './tables.ts';

/** Rows in one statement. */
const AT_ONCE = 2_000;

export const gradeNumber = (grade: Grade): number => grades.indexOf(grade);
export const gradeOf = (number: number): Grade => grades[number] ?? 'transitive';

/** What people decided and did not take back. */
export async function readDecided(db: Db | Tx): Promise<Map<string, Decided>> {
  const rows = await db
    .withTables<DiscoveryTables>()
    .selectFrom('discovery_decision')
    .select(['candidate', 'act', 'vendor', 'vendor_name'])
    .where('ended_at', 'is', null)
    .execute();
  return new Map(
    rows.map(({ candidate, act, vendor, vendor_name }) => [
      candidate,
      { act, vendor, vendorName: vendor_name },
    ]),
  );
}

/**
 * Writes down on which days a file of traffic shows anything at all, whoever's it is: on another day, that it shows nothing of a
 * vendor says nothing.
 */
export async function writeDays(
  tx: Tx,
  { source, file }: { source: string; file: string },
  traces: readonly Trace[],
): Promise<void> {
  const days = new Set<string>();
  for (const { kind, grade, detail, days: seen } of traces) {
    if (kind !== 'host' || grade !== 'observed' || detail.via === undefined) continue;
    for (const [day] of seen) days.add(`${dayText(day)} ${detail.via}`);
  }
  const rows = [...days].map((one) => ({ day: one.slice(0, 10), via: one.slice(11) }));
  if (rows.length === 0) return;
  await sql`
    INSERT INTO evidence_day (source, file, day, via)
    SELECT ${source}, ${file}, day, via FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS d(day date, via text)
    ON CONFLICT DO NOTHING`.execute(tx);
}

/** What tells one sighting of a source from another. */
function printOf({ file, trace }: Pick<Sighting, 'file' | 'trace'>): string {
  const detail = Object.entries(trace.detail).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([file, trace.kind, trace.value, trace.grade, detail]))
    .digest('hex');
}

/** Writes what a file shows, in the run's transaction; what the source showed before is seen again. Gives the candidates' keys. */
export async function writeSightings(
  tx: Tx,
  run: { id: string; source: string },
  sightings: readonly Sighting[],
  decided: ReadonlyMap<string, Decided>,
): Promise<Set<string>> {
  const keys = new Set<string>();
  for (let start = 0; start < sightings.length; start += AT_ONCE) {
    const rows = sightings.slice(start, start + AT_ONCE).map((sighting) => {
      const place = placed(sighting, decided);
      if (place.candidate !== null) keys.add(place.candidate);
      return rowOf(sighting, place);
    });
    await sql`
      INSERT INTO sighting AS s (source, print, file, kind, value, grade, detail, lines, count, first_at, last_at, bytes_out,
                                 bytes_in, addresses, fields, days, first_run, last_run, ${placeColumns})
      SELECT ${run.source}, decode(t.print, 'hex'), t.file, t.kind, t.value, t.grade, t.detail, t.lines, t.count,
             t.first_at, t.last_at, t.bytes_out, t.bytes_in, t.addresses, t.fields, t.days, ${run.id}, ${run.id}, ${placed_t}
        FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS t(
             print text, file text, kind text, value text, grade smallint, detail jsonb, lines integer[], count bigint,
             first_at timestamptz, last_at timestamptz, bytes_out bigint, bytes_in bigint, addresses text[],
             fields text[], days jsonb, ${placeTypes})
      ON CONFLICT (source, print) DO UPDATE SET
             lines = excluded.lines, count = excluded.count, last_run = excluded.last_run, gone_run = NULL,
             first_at = least(s.first_at, excluded.first_at), last_at = greatest(s.last_at, excluded.last_at),
             bytes_out = excluded.bytes_out, bytes_in = excluded.bytes_in, addresses = excluded.addresses,
             fields = excluded.fields,
             -- A log that goes on under the same name loses its first days, and they were seen all the same.
             days = s.days || excluded.days,
             changed_run = CASE WHEN s.gone_run <> excluded.last_run OR NOT s.fields @> excluded.fields
                                THEN excluded.last_run ELSE s.changed_run END,
             ${placeSet}`.execute(tx);
  }
  return keys;
}

const columns = ['vendor', 'vendor_name', 'ground', 'sure', 'service', 'region', 'candidate'] as const;
const placeColumns = sql.raw(columns.join(', '));
const placed_t = sql.raw(columns.map((name) => `t.${name}`).join(', '));
const placeTypes = sql.raw(
  'vendor text, vendor_name text, ground text, sure boolean, service text, region text, candidate text',
);
const placeSet = sql.raw(columns.map((name) => `${name} = excluded.${name}`).join(', '));

function placeRow({ vendorName, ...rest }: Placed) {
  return { ...rest, vendor_name: vendorName };
}

function rowOf({ file, trace, match }: Sighting, place: Placed) {
  const time = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());
  return {
    print: printOf({ file, trace }),
    file,
    kind: trace.kind,
    value: trace.value,
    grade: gradeNumber(trace.grade),
    detail: trace.detail,
    lines: trace.lines,
    count: trace.count,
    first_at: time(trace.first),
    last_at: time(trace.last),
    bytes_out: trace.bytesOut,
    bytes_in: trace.bytesIn,
    addresses: trace.addresses,
    fields: trace.fields,
    days: Object.fromEntries(trace.days.map(([day, count]) => [dayText(day), count])),
    ...placeRow({ ...place, service: place.service ?? match?.service ?? null }),
  };
}

const DAY_MS = 86_400_000;

/** `2026-11-22`, of days since 1970 in UTC. */
export const dayText = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);

/** Says anew whose all (or these) sightings are, after facts or decisions changed. Gives the candidates' keys, old and new. */
export async function placeAgain(
  tx: Tx,
  identifier: Identifier,
  decided: ReadonlyMap<string, Decided>,
  which: RawBuilder<unknown> = sql`true`,
): Promise<Set<string>> {
  const keys = new Set<string>();
  let after = '0';
  while (true) {
    const { rows } = await sql<{
      id: string;
      kind: TraceKind;
      value: string;
      detail: Record<string, string>;
      candidate: string | null;
    }>`SELECT id, kind, value, detail, candidate FROM sighting
        WHERE id > ${after} AND ${which} ORDER BY id LIMIT ${AT_ONCE}`.execute(tx);
    const last = rows.at(-1);
    if (last === undefined) return keys;
    const places = rows.map(({ id, kind, value, detail, candidate }) => {
      const trace = { kind, value, detail };
      const place = placed({ trace, match: identifier.identify(trace) }, decided);
      for (const key of [candidate, place.candidate]) if (key !== null) keys.add(key);
      return { id, ...placeRow(place) };
    });
    await sql`
      UPDATE sighting SET ${sql.raw(columns.map((name) => `${name} = t.${name}`).join(', '))}
        FROM jsonb_to_recordset(${JSON.stringify(places)}::jsonb) AS t(id bigint, ${placeTypes})
       WHERE sighting.id = t.id`.execute(tx);
    after = last.id;
  }
}

interface Group {
  candidate: string;
  kind: TraceKind;
  grade: number;
  /** Of sightings that are not gone. */
  live: number;
  sightings: number;
  sources: string[];
  sure: boolean;
  vendor: string | null;
  vendor_name: string | null;
  value: string;
  first_at: Date | null;
  last_at: Date | null;
}

/** Sums up candidates from their sightings. What is gone counts only where all is gone. */
export async function sumCandidates(
  tx: Tx,
  keys: ReadonlySet<string>,
  decided: ReadonlyMap<string, Decided>,
  now: Date,
): Promise<void> {
  const all = [...keys];
  for (let start = 0; start < all.length; start += AT_ONCE) {
    const some = all.slice(start, start + AT_ONCE);
    const { rows } = await sql<Group>`
      SELECT candidate, kind, grade, count(*) FILTER (WHERE gone_run IS NULL)::int AS live, count(*)::int AS sightings,
             array_agg(DISTINCT source) AS sources, bool_or(sure) AS sure, max(vendor) AS vendor,
             (array_agg(vendor_name ORDER BY sure DESC, id) FILTER (WHERE vendor_name IS NOT NULL))[1] AS vendor_name,
             min(value) AS value, min(first_at) AS first_at, max(last_at) AS last_at
        FROM sighting WHERE candidate = ANY(${some}) GROUP BY candidate, kind, grade`.execute(tx);
    const byKey = Map.groupBy(rows, ({ candidate }) => candidate);
    const gone = some.filter((key) => !byKey.has(key));
    await sql`DELETE FROM candidate WHERE key = ANY(${gone})`.execute(tx);
    const sums = [...byKey].map(([key, groups]) => sumOf(key, groups, decided.get(key)));
    await sql`
      INSERT INTO candidate AS c (key, vendor, name, sure, grade, confidence, kinds, sources, sightings, live, first_at,
                                  last_at, since, state)
      SELECT t.key, t.vendor, t.name, t.sure, t.grade, t.confidence, t.kinds, t.sources, t.sightings, t.live,
             t.first_at, t.last_at, ${now}::timestamptz, t.state
        FROM jsonb_to_recordset(${JSON.stringify(sums)}::jsonb) AS t(
             key text, vendor text, name text, sure boolean, grade smallint, confidence real, kinds text[],
             sources integer, sightings integer, live integer, first_at timestamptz, last_at timestamptz, state text)
      ON CONFLICT (key) DO UPDATE SET vendor = excluded.vendor, name = excluded.name, sure = excluded.sure,
             grade = excluded.grade, confidence = excluded.confidence, kinds = excluded.kinds,
             sources = excluded.sources, sightings = excluded.sightings, live = excluded.live,
             first_at = excluded.first_at, last_at = excluded.last_at, state = excluded.state`.execute(tx);
  }
}

function sumOf(key: string, groups: readonly Group[], decision: Decided | undefined) {
  const live = groups.filter((group) => group.live > 0);
  const counted = live.length > 0 ? live : groups;
  const named = groups.find(({ vendor_name }) => vendor_name !== null);
  const times = (pick: (group: Group) => Date | null) =>
    groups.map(pick).filter((time): time is Date => time !== null);
  const first = times(({ first_at }) => first_at).sort((a, b) => a.getTime() - b.getTime())[0];
  const last = times(({ last_at }) => last_at).sort((a, b) => b.getTime() - a.getTime())[0];
  return {
    key,
    vendor: groups.find(({ vendor }) => vendor !== null)?.vendor ?? null,
    name: named?.vendor_name ?? nameOfKey(key, groups[0]?.value ?? key),
    sure: groups.some(({ sure }) => sure),
    grade: Math.min(...counted.map(({ grade }) => grade)),
    confidence: confidenceOf(counted.map(({ kind, grade }) => ({ kind, grade: gradeOf(grade) }))),
    kinds: [...new Set(counted.map(({ kind }) => kind))].sort(),
    sources: new Set(groups.flatMap(({ sources }) => sources)).size,
    sightings: groups.reduce((sum, group) => sum + group.sightings, 0),
    live: groups.reduce((sum, group) => sum + group.live, 0),
    first_at: first?.toISOString() ?? null,
    last_at: last?.toISOString() ?? null,
    state: decision === undefined || decision.act === 'split' ? 'open' : stateOf[decision.act],
  };
}

const stateOf = { confirm: 'confirmed', reject: 'rejected' } as const;

/** A domain is called what it is; an app or payee as it was written. */
const nameOfKey = (key: string, value: string): string =>
  /^(domain|host):/.test(key) ? key.slice(key.indexOf(':') + 1) : value;
