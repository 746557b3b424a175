import { asksRegister, type PolicySetDocument } from '@drawbridge/protocol';
import type { Tx } from '../platform/index.ts';
import { crossingItems, hashOfSet } from './engine.ts';
import { readFacts } from './facts.ts';
import type { FormerPolicy } from './restore.ts';
import { readActive } from './store.ts';
import type { PolicyTables } from './tables.ts';

/** What snapshots have of policies, and which versions those are. Facts are there only beside policies that may refer to them. */
export interface PolicySnapshot {
  set: PolicySetDocument;
  versions: FormerPolicy[];
}

/** What is in force and can decide crossings; null: nothing is. Throws Problem 409 `policy_unreadable`. */
export async function readPoliciesForSnapshot(tx: Tx, now: Date): Promise<PolicySnapshot | null> {
  const active = await readActive(tx);
  const items = crossingItems(active);
  const hash = hashOfSet(active);
  if (hash === null) return null;
  const names = items.map(({ name }) => name);
  const versions = active
    .filter(({ name }) => names.includes(name))
    .map(({ name, version, title }) => ({ name, version, title }));
  const { apps, vendors } = await readFacts(tx, now.getTime());
  // Gateways that know nothing of the register read what does not speak of it.
  const asks = items.some(({ text }) => asksRegister(text));
  const facts = { apps, vendors: asks ? vendors : vendors.map(({ register: _, ...rest }) => rest) };
  const rows = await tx
    .withTables<PolicyTables>()
    .selectFrom('policy_grant')
    .select(['id', 'policy', 'app', 'connection', 'until'])
    .where('ended_at', 'is', null)
    .where('until', '>', now)
    .where('policy', 'in', names)
    .orderBy('id')
    .execute();
  const grants = rows.map((row) => ({ ...row, until: row.until.getTime() }));
  return { set: { hash, items, ...facts, grants }, versions };
}
