import { sql } from 'kysely';
import { z } from 'zod';
import { decodeCursor, notFound, page } from '../platform/index.ts';
import { type DeskDeps, rows } from './desk.ts';
import { openFindings } from './findings.ts';
import { vendorNames } from './read.ts';

/** Campaigns: messages of one shape, or from the same unusual places. And the queue in numbers. */

const Cursor = z.tuple([z.int()]);
/** Of so many messages of a campaign what they use is told. */
const MOST_OPENED = 50;

interface Row {
  id: string;
  number: number;
  vendor: string | null;
  first_at: Date;
  last_at: Date;
  messages: number;
  people: number;
  open: number;
}

const select = (where: ReturnType<typeof sql>, limit: number) => sql<Row>`
  SELECT c.id, c.number, c.vendor, c.first_at, c.last_at, count(m.id)::integer AS messages,
    count(DISTINCT m.reporter_id)::integer AS people, (count(m.id) FILTER (WHERE m.state = 'open'))::integer AS open
  FROM message_campaign c JOIN message m ON m.campaign = c.id
  WHERE ${where} GROUP BY c.id ORDER BY c.number DESC LIMIT ${limit}`;

/** The newest first. */
export async function listCampaigns(deps: DeskDeps, query: { limit: number; cursor?: string | undefined }) {
  const before = query.cursor === undefined ? null : (decodeCursor(query.cursor, Cursor)[0] ?? null);
  const where = before === null ? sql`true` : sql`c.number < ${before}`;
  const found = await select(where, query.limit + 1).execute(deps.platform.db);
  const views = await Promise.all(found.rows.slice(0, query.limit).map((row) => viewOf(deps, row)));
  return page(
    found.rows,
    query.limit,
    (row) => [row.number],
    (row) => {
      const view = views.find(({ id }) => id === row.id);
      if (view === undefined) throw notFound('campaign');
      return view;
    },
  );
}

/** Throws Problem 404. */
export async function readCampaign(deps: DeskDeps, id: string) {
  const [row] = (await select(sql`c.id = ${id}::uuid`, 1).execute(deps.platform.db)).rows;
  if (row === undefined) throw notFound('campaign');
  return viewOf(deps, row);
}

async function viewOf(deps: DeskDeps, row: Row) {
  const [kept, names, seal] = await Promise.all([
    rows(deps.platform.db)
      .selectFrom('message')
      .select(['id', 'findings'])
      .where('campaign', '=', row.id)
      .where('findings', 'is not', null)
      .orderBy('received_at', 'desc')
      .limit(MOST_OPENED)
      .execute(),
    vendorNames(deps),
    deps.sealer(),
  ]);
  const opened = kept.flatMap(({ id, findings }) =>
    findings === null ? [] : [openFindings(seal, id, findings)],
  );
  const shape = mostCommon(opened.map(({ subject }) => subject).filter((subject) => subject !== ''));
  const vendor = row.vendor === null ? null : { id: row.vendor, name: names.get(row.vendor) ?? row.vendor };
  return {
    id: row.id,
    name: `Campaign ${row.number}${vendor === null ? '' : `: ${vendor.name}`}`,
    vendor,
    first: row.first_at.toISOString(),
    last: row.last_at.toISOString(),
    messages: row.messages,
    people: row.people,
    open: row.open,
    infrastructure: [...new Set(opened.flatMap(({ domains }) => domains))].slice(0, 30),
    shape: shape ?? '',
    state: row.open > 0 ? ('open' as const) : ('closed' as const),
  };
}

function mostCommon(texts: readonly string[]): string | null {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0] ?? null;
}

/** The queue in numbers. `medianSecondsToAnswer`: of the last 30 days, from handing in to closing. */
export async function countMessages({ platform }: DeskDeps) {
  const since = new Date(platform.clock.now() - 30 * 86_400_000);
  const found = await sql<{
    open: number;
    verified: number;
    unverified: number;
    impersonation: number;
    notThere: number;
    reviews: number;
    median: number | null;
  }>`
    SELECT count(*)::integer AS open,
      (count(*) FILTER (WHERE verdict = 'verified-authentic'))::integer AS verified,
      (count(*) FILTER (WHERE verdict = 'unverified'))::integer AS unverified,
      (count(*) FILTER (WHERE verdict = 'likely-impersonation'))::integer AS impersonation,
      (count(*) FILTER (WHERE answered_there = false))::integer AS "notThere",
      (SELECT count(*)::integer FROM sender_review WHERE decided IS NULL) AS reviews,
      (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM closed_at - received_at))::float8
        FROM message WHERE closed_at >= ${since}) AS median
    FROM message WHERE state = 'open'`.execute(platform.db);
  const [row] = found.rows;
  return {
    open: row?.open ?? 0,
    byVerdict: {
      'verified-authentic': row?.verified ?? 0,
      unverified: row?.unverified ?? 0,
      'likely-impersonation': row?.impersonation ?? 0,
    },
    notThere: row?.notThere ?? 0,
    reviews: row?.reviews ?? 0,
    medianSecondsToAnswer: row?.median ?? null,
  };
}
