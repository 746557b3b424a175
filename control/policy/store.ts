import { sql } from 'kysely';
import { type Db, notFound, type Tx } from '../platform/index.ts';
import type { Example } from './examples.ts';
import type { PolicyTables } from './tables.ts';

/** A policy with one of its versions. `active`: the version in force; null: none is. */
export interface PolicyRow {
  name: string;
  latest: number;
  active: number | null;
  version: number;
  title: string;
  text: string;
  examples: Example[];
  author: string;
  reason: string;
  created_at: Date;
}

function select(db: Db | Tx) {
  return db
    .withTables<PolicyTables>()
    .selectFrom('policy')
    .innerJoin('policy_version as v', 'v.policy', 'policy.name')
    .select([
      'policy.name',
      'policy.version as latest',
      'policy.active',
      'v.version',
      'v.title',
      'v.text',
      'v.examples',
      'v.author',
      'v.reason',
      'v.created_at',
    ]);
}

/** The newest version of each, in order of names, without those that were removed. */
export function readLatest(db: Db | Tx): Promise<PolicyRow[]> {
  return select(db)
    .whereRef('v.version', '=', 'policy.version')
    .where('policy.removed_at', 'is', null)
    .orderBy('policy.name')
    .execute();
}

/** The versions in force, in order of names. */
export function readActive(db: Db | Tx): Promise<PolicyRow[]> {
  return select(db).whereRef('v.version', '=', 'policy.active').orderBy('policy.name').execute();
}

/** One version, of removed ones too; null: there is none. */
export async function findVersion(db: Db | Tx, name: string, version: number): Promise<PolicyRow | null> {
  const row = await select(db)
    .where('policy.name', '=', name)
    .where('v.version', '=', version)
    .executeTakeFirst();
  return row ?? null;
}

/** The newest version. Throws Problem 404. */
export async function readOne(db: Db | Tx, name: string): Promise<PolicyRow> {
  const row = await select(db)
    .where('policy.name', '=', name)
    .where('policy.removed_at', 'is', null)
    .whereRef('v.version', '=', 'policy.version')
    .executeTakeFirst();
  if (row === undefined) throw notFound('policy');
  return row;
}

const VERSIONS_SHOWN = 50;

/** The newest versions of one policy, newest first. */
export function readVersions(db: Db | Tx, name: string): Promise<PolicyRow[]> {
  return select(db)
    .where('policy.name', '=', name)
    .orderBy('v.version', 'desc')
    .limit(VERSIONS_SHOWN)
    .execute();
}

/** Nobody else writes a policy until the transaction ends: what is checked together stays together. */
export async function lockPolicies(tx: Tx): Promise<void> {
  await sql`LOCK TABLE policy IN SHARE ROW EXCLUSIVE MODE`.execute(tx);
}

/** Which versions are in force, as one text: the same text, the same policies. */
export async function stampOfActive(db: Db | Tx): Promise<string> {
  const rows = await db
    .withTables<PolicyTables>()
    .selectFrom('policy')
    .select(['name', 'active'])
    .where('active', 'is not', null)
    .orderBy('name')
    .execute();
  return rows.map(({ name, active }) => `${name}@${active}`).join('\n');
}
