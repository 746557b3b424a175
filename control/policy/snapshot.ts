import type { Tx } from '../platform/index.ts';
import { crossingItems, hashOfSet } from './engine.ts';
import { type AppFacts, readFacts, type VendorFacts } from './facts.ts';
import { readActive } from './store.ts';
import type { PolicyTables } from './tables.ts';

/** What snapshots have of policies. Facts are there only beside policies that may refer to them. */
export interface PoliciesForSnapshot {
  hash: string;
  items: { name: string; text: string }[];
  apps: AppFacts[];
  vendors: VendorFacts[];
  /** `until`: milliseconds since 1970. */
  grants: { id: string; policy: string; app: string; connection: string | null; until: number }[];
}

/** What is in force and can decide crossings, and the version of each; null: nothing is. */
export async function readPoliciesForSnapshot(
  tx: Tx,
  now: Date,
): Promise<{ policies: PoliciesForSnapshot; versions: ReadonlyMap<string, PolicyVersionRef> } | null> {
  const active = await readActive(tx);
  const items = crossingItems(active);
  const hash = hashOfSet(active);
  if (hash === null) return null;
  const names = new Set(items.map(({ name }) => name));
  const versions = new Map(
    active.flatMap(({ name, version, title }) => (names.has(name) ? [[name, { version, title }]] : [])),
  );
  const facts = await readFacts(tx);
  const rows = await tx
    .withTables<PolicyTables>()
    .selectFrom('policy_grant')
    .select(['id', 'policy', 'app', 'connection', 'until'])
    .where('ended_at', 'is', null)
    .where('until', '>', now)
    .where('policy', 'in', [...names])
    .orderBy('id')
    .execute();
  const grants = rows.map((row) => ({ ...row, until: row.until.getTime() }));
  return { policies: { hash, items, ...facts, grants }, versions };
}

/** Which version of a policy, and its title then. */
export interface PolicyVersionRef {
  version: number;
  title: string;
}
