import { sql } from 'kysely';
import type { Platform } from '../platform/index.ts';

/** Distinct people, and accounts of which nobody knows whose they are, which are not among them. */
export interface Holders {
  people: number;
  accounts: number;
  unnamed: number;
}

/**
 * Who of ours has an account at any of these vendors now, for each group by its key: a person with several accounts counts once
 * in a group. Groups without any are not in the answer.
 */
export async function holdersOf(
  platform: Pick<Platform, 'db'>,
  groups: ReadonlyMap<string, readonly string[]>,
): Promise<Map<string, Holders>> {
  const pairs = [...groups].flatMap(([key, vendors]) =>
    [...new Set(vendors)].map((vendor) => ({ key, vendor })),
  );
  if (pairs.length === 0) return new Map();
  const { rows } = await sql<{ key: string; people: string; accounts: string; unnamed: string }>`
    SELECT g.key, count(DISTINCT a.subject) AS people, count(*) AS accounts,
           count(*) FILTER (WHERE a.subject IS NULL) AS unnamed
      FROM jsonb_to_recordset(${JSON.stringify(pairs)}::jsonb) AS g(key text, vendor text)
      JOIN account a ON a.vendor = g.vendor AND a.state <> 'gone' AND a.kind = 'person'
     GROUP BY g.key`.execute(platform.db);
  return new Map(
    rows.map(({ key, people, accounts, unnamed }) => [
      key,
      { people: Number(people), accounts: Number(accounts), unnamed: Number(unnamed) },
    ]),
  );
}

/** Of the accounts of people at a vendor now: how many exports say what of, and when the first and the last said so. */
export interface Columns {
  accounts: number;
  email: number;
  role: number;
  lastActive: number;
  secondFactor: number;
  first: Date | null;
  last: Date | null;
}

export async function accountColumns(platform: Pick<Platform, 'db'>, vendor: string): Promise<Columns> {
  const { rows } = await sql<Columns>`
    SELECT count(*) AS accounts, count(subject) AS email, count(role) AS role, count(last_active_at) AS "lastActive",
           count(*) FILTER (WHERE level NOT IN ('unknown', 'none')) AS "secondFactor",
           min(least(coalesce(added_at, as_of), as_of)) AS first, max(as_of) AS last
      FROM account WHERE vendor = ${vendor} AND state <> 'gone' AND kind = 'person'`.execute(platform.db);
  const [row] = rows;
  return {
    accounts: Number(row?.accounts ?? 0),
    email: Number(row?.email ?? 0),
    role: Number(row?.role ?? 0),
    lastActive: Number(row?.lastActive ?? 0),
    secondFactor: Number(row?.secondFactor ?? 0),
    first: row?.first ?? null,
    last: row?.last ?? null,
  };
}
