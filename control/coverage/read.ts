import { sql } from 'kysely';
import type { Platform } from '../platform/index.ts';
import type { ReportDay, SeenRow } from './cells.ts';
import type { CoverageTables } from './tables.ts';

export interface Window {
  from: string;
  to: string;
}

/** A report's day with what decides whether it stands. */
export interface DatedDay extends ReportDay {
  shape: string;
  asOf: number;
  sha256: string;
}

/** All that reports say of these days of a vendor, the ones that stand and the others. */
export async function readReports(
  platform: Pick<Platform, 'db'>,
  vendor: string,
  { from, to }: Window,
): Promise<DatedDay[]> {
  const { rows } = await sql<Omit<DatedDay, 'asOf'> & { asOf: Date }>`
    SELECT i.of, i.account, i.shape, d.day::text AS day, i.id AS import, d.whole, d.line, i.as_of AS "asOf",
           encode(i.sha256, 'hex') AS sha256,
           coalesce(k.rows, '[]'::jsonb) AS rows
      FROM usage_import i JOIN usage_day d ON d.import = i.id
      LEFT JOIN LATERAL (
        SELECT jsonb_agg(jsonb_build_object('key', k.key, 'batch', k.batch, 'requests', k.requests, 'tokens', k.tokens,
                                            'cost', k.cost, 'line', k.line) ORDER BY k.key, k.batch) AS rows
          FROM usage_key_day k WHERE k.import = d.import AND k.day = d.day) k ON true
     WHERE i.vendor = ${vendor} AND i.withdrawn_at IS NULL AND d.day BETWEEN ${from}::date AND ${to}::date
     ORDER BY d.day, i.of, i.account, i.id`.execute(platform.db);
  return rows.map((row) => ({ ...row, asOf: row.asOf.getTime() }));
}

/** Accounts of which reports were ever handed in, by kind. */
export async function readAccounts(
  platform: Pick<Platform, 'db'>,
  vendor: string,
): Promise<{ of: string; shape: string; account: string }[]> {
  return platform.db
    .withTables<CoverageTables>()
    .selectFrom('usage_import')
    .select(['of', 'shape', 'account'])
    .distinct()
    .where('vendor', '=', vendor)
    .where('withdrawn_at', 'is', null)
    .orderBy('of')
    .orderBy('account')
    .execute();
}

export async function readSeen(
  platform: Pick<Platform, 'db'>,
  vendor: string,
  { from, to }: Window,
): Promise<SeenRow[]> {
  const { rows } = await sql<SeenRow>`
    SELECT day::text AS day, connection, endpoint, sent, answered, failed, metered, tokens
      FROM coverage_day WHERE vendor = ${vendor} AND day BETWEEN ${from}::date AND ${to}::date
     ORDER BY day, connection, endpoint`.execute(platform.db);
  return rows.map((row) => ({
    ...row,
    sent: Number(row.sent),
    answered: Number(row.answered),
    failed: Number(row.failed),
    metered: Number(row.metered),
    tokens: Number(row.tokens),
  }));
}

export async function readTunnels(
  platform: Pick<Platform, 'db'>,
  vendor: string,
  { from, to }: Window,
): Promise<{ day: string; app: string; tunnels: number }[]> {
  const { rows } = await sql<{ day: string; app: string; tunnels: number }>`
    SELECT day::text AS day, app, tunnels FROM coverage_proxy_day
     WHERE vendor = ${vendor} AND day BETWEEN ${from}::date AND ${to}::date ORDER BY day, app`.execute(
    platform.db,
  );
  return rows.map((row) => ({ ...row, tunnels: Number(row.tunnels) }));
}

/** What people said: whose keys are, what sources see, and which findings they gave a reason for. */
export async function readSaid(platform: Pick<Platform, 'db'>, vendor: string) {
  const rows = platform.db.withTables<CoverageTables>();
  const [keys, sources, settled] = await Promise.all([
    rows.selectFrom('usage_key').selectAll().where('vendor', '=', vendor).orderBy('key').execute(),
    rows.selectFrom('coverage_source').selectAll().execute(),
    rows
      .selectFrom('coverage_settled')
      .selectAll()
      .where('vendor', '=', vendor)
      .where('ended_at', 'is', null)
      .execute(),
  ]);
  return { keys, sources, settled };
}
