import { type RawBuilder, type Selectable, sql } from 'kysely';
import { z } from 'zod';
import { decodeCursor, type Platform, page } from '../platform/index.ts';
import type { Identifier } from './identify.ts';
import type { CandidateQuery, CandidateView, SightingQuery, SightingView, Summary } from './schemas.ts';
import { gradeNumber, gradeOf } from './store.ts';
import type { DecisionAct, DiscoveryTables } from './tables.ts';

const WEEK_MS = 7 * 24 * 3600_000;

type CandidateRow = Selectable<DiscoveryTables['candidate']> & {
  registered: boolean;
  act: DecisionAct | null;
  decided_vendor: string | null;
  decided_name: string | null;
  reason: string | null;
  by_name: string | null;
  decided_at: Date | null;
};

/** `registered`: ids of the vendors that are in the register or connected. */
const select = (registered: readonly string[], where: RawBuilder<unknown>) => sql<CandidateRow>`
  SELECT c.*, coalesce(c.sure AND c.vendor = ANY(${registered}), false) AS registered, d.act,
         d.vendor AS decided_vendor, d.vendor_name AS decided_name, d.reason, d.by_name, d.at AS decided_at
    FROM candidate c LEFT JOIN discovery_decision d ON d.candidate = c.key AND d.ended_at IS NULL
   WHERE ${where}`;

const notRegistered = (registered: readonly string[]) =>
  sql`NOT coalesce(c.sure AND c.vendor = ANY(${registered}), false)`;

/** Candidates: the strongest evidence first. */
export async function listCandidates(
  platform: Platform,
  identifier: Identifier,
  registered: readonly string[],
  { cursor, limit, state, known, grade, kind, q, gone, fresh }: CandidateQuery,
): Promise<{ items: CandidateView[]; next: string | null }> {
  const where: RawBuilder<unknown>[] = [sql`c.grade <= ${gradeNumber(grade)}`];
  if (state !== 'all') where.push(sql`c.state = ${state}`);
  if (known === 'unregistered') where.push(notRegistered(registered));
  if (known === 'registered') where.push(sql`c.sure AND c.vendor = ANY(${registered})`);
  if (kind !== undefined) where.push(sql`${kind} = ANY(c.kinds)`);
  if (fresh === 'week') where.push(sql`c.since > ${new Date(platform.clock.now() - WEEK_MS)}`);
  if (gone === 'false') where.push(sql`c.live > 0`);
  if (q !== undefined && q !== '') where.push(sql`strpos(lower(c.name), ${q.toLowerCase()}) > 0`);
  if (cursor !== undefined) {
    const [at, less, key] = decodeCursor(cursor, z.tuple([z.int(), z.number(), z.string()]));
    where.push(sql`(c.grade, -c.confidence, c.key) > (${at}, ${less}::real, ${key})`);
  }
  const order = sql`${sql.join(where, sql` AND `)} ORDER BY c.grade, -c.confidence, c.key LIMIT ${limit + 1}`;
  const { rows } = await select(registered, order).execute(platform.db);
  const perhaps = await perhapsOf(platform, identifier, rows);
  return page(
    rows,
    limit,
    (row) => [row.grade, -row.confidence, row.key],
    (row) => candidateView(row, perhaps.get(row.key)),
  );
}

/** These candidates, as they are now. */
export async function readCandidates(
  platform: Platform,
  identifier: Identifier,
  registered: readonly string[],
  keys: readonly string[],
): Promise<CandidateView[]> {
  const { rows } = await select(registered, sql`c.key = ANY(${keys}) ORDER BY c.key`).execute(platform.db);
  const perhaps = await perhapsOf(platform, identifier, rows);
  return rows.map((row) => candidateView(row, perhaps.get(row.key)));
}

/** Whom sources that were taken in name, of candidates of which nothing else says whose they are. */
async function perhapsOf(
  { db }: Platform,
  identifier: Identifier,
  candidates: readonly CandidateRow[],
): Promise<Map<string, Perhaps>> {
  const keys = candidates.filter(({ vendor, sure }) => vendor === null && !sure).map(({ key }) => key);
  if (keys.length === 0) return new Map();
  const { rows } = await sql<
    Pick<Selectable<DiscoveryTables['sighting']>, 'kind' | 'value' | 'detail'> & { candidate: string }
  >`SELECT DISTINCT ON (candidate) candidate, kind, value, detail FROM sighting
     WHERE candidate = ANY(${keys}) AND ground = 'imported' ORDER BY candidate, grade, id`.execute(db);
  return new Map(
    rows.flatMap((row) => {
      const found = perhaps(identifier, row);
      return found === null ? [] : [[row.candidate, found] as const];
    }),
  );
}

type Perhaps = NonNullable<CandidateView['perhaps']>;

function perhaps(
  identifier: Identifier,
  row: Pick<Selectable<DiscoveryTables['sighting']>, 'kind' | 'value' | 'detail'>,
): Perhaps | null {
  const match = identifier.identify(row);
  if (match?.said === undefined) return null;
  return { name: match.name, vendor: match.vendor, said: match.said };
}

/** Sightings of a candidate, a vendor or a run: the strongest first. */
export async function listSightings(
  platform: Platform,
  identifier: Identifier,
  { cursor, limit, candidate, vendor, run, file, what }: SightingQuery,
): Promise<{ items: SightingView[]; next: string | null }> {
  const where: RawBuilder<unknown>[] = [sql`true`];
  if (candidate !== undefined) where.push(sql`g.candidate = ${candidate}`);
  if (vendor !== undefined) where.push(sql`g.vendor = ${vendor} AND g.sure`);
  if (file !== undefined) where.push(sql`g.file = ${file}`);
  if (run !== undefined) {
    const column = { all: 'last_run', fresh: 'first_run', gone: 'gone_run', changed: 'changed_run' }[what];
    where.push(sql`${sql.ref(`g.${column}`)} = ${run}`);
  }
  if (cursor !== undefined) {
    const [grade, id] = decodeCursor(cursor, z.tuple([z.int(), z.string().regex(/^\d{1,18}$/)]));
    where.push(sql`(g.grade, g.id) > (${grade}, ${id}::bigint)`);
  }
  const { rows } = await sql<
    Selectable<DiscoveryTables['sighting']> & { source_name: string; run_number: number }
  >`
    SELECT g.*, s.name AS source_name, r.number AS run_number
      FROM sighting g JOIN evidence_source s ON s.id = g.source JOIN evidence_run r ON r.id = g.last_run
     WHERE ${sql.join(where, sql` AND `)} ORDER BY g.grade, g.id LIMIT ${limit + 1}`.execute(platform.db);
  return page(
    rows,
    limit,
    (row) => [row.grade, row.id],
    (row) => sightingView(row, row.ground === 'imported' ? perhaps(identifier, row) : null),
  );
}

/** What the overview says of discovery. */
export async function summarise(platform: Platform, registered: readonly string[]): Promise<Summary> {
  const since = new Date(platform.clock.now() - WEEK_MS);
  const { rows } = await sql<{ open: number; week: number; sources: number; last_run: Date | null }>`
    SELECT count(*)::int AS open, count(*) FILTER (WHERE c.since > ${since})::int AS week,
           (SELECT count(*)::int FROM evidence_source) AS sources,
           (SELECT max(ended_at) FROM evidence_run) AS last_run
      FROM candidate c
     WHERE c.state = 'open' AND c.grade <= ${gradeNumber('capable')} AND c.live > 0
       AND ${notRegistered(registered)}`.execute(platform.db);
  const [row] = rows;
  return {
    open: row?.open ?? 0,
    week: row?.week ?? 0,
    sources: row?.sources ?? 0,
    lastRun: row?.last_run?.toISOString() ?? null,
  };
}

const time = (at: Date | null): string | null => at?.toISOString() ?? null;

function candidateView(row: CandidateRow, perhaps: Perhaps | undefined): CandidateView {
  return {
    key: row.key,
    vendor: row.vendor,
    name: row.name,
    sure: row.sure,
    perhaps: perhaps ?? null,
    registered: row.registered,
    grade: gradeOf(row.grade),
    confidence: Math.round(row.confidence * 1000) / 1000,
    kinds: row.kinds,
    sources: row.sources,
    sightings: row.sightings,
    gone: row.live === 0,
    first: time(row.first_at),
    last: time(row.last_at),
    since: row.since.toISOString(),
    state: row.state,
    decision:
      row.act === null || row.decided_at === null
        ? null
        : {
            act: row.act,
            vendor: row.decided_vendor,
            vendorName: row.decided_name,
            reason: row.reason ?? '',
            by: row.by_name ?? '',
            at: row.decided_at.toISOString(),
          },
  };
}

function sightingView(
  row: Selectable<DiscoveryTables['sighting']> & { source_name: string; run_number: number },
  perhaps: Perhaps | null,
): SightingView {
  return {
    id: row.id,
    source: row.source_name,
    file: row.file,
    lines: row.lines,
    kind: row.kind,
    value: row.value,
    grade: gradeOf(row.grade),
    detail: row.detail,
    count: Number(row.count),
    first: time(row.first_at),
    last: time(row.last_at),
    bytesOut: Number(row.bytes_out),
    bytesIn: Number(row.bytes_in),
    addresses: row.addresses,
    fields: row.fields,
    vendor: row.vendor,
    by: row.ground,
    sure: row.sure,
    perhaps,
    service: row.service,
    region: row.region,
    run: row.run_number,
    runId: row.last_run,
    gone: row.gone_run !== null,
  };
}
