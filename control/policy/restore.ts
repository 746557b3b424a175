import type { Tx } from '../platform/index.ts';
import { readPolicy } from './engine.ts';
import { findVersion, lockPolicies, readActive } from './store.ts';
import type { PolicyTables } from './tables.ts';

/** A policy that was in force, as the history keeps it: a version's text never changes and lies in its own table. */
export interface FormerPolicy {
  name: string;
  version: number;
  title: string;
}

/** What is to be written to put a policy in force as it was, and in words what that does and what stays. */
export interface PolicyRestore {
  name: string;
  title: string;
  /** The version to put in force; null: none; left out: nothing is written. */
  active?: number | null;
  putBack: string[];
  stays: string[];
}

/**
 * Plans for all policies that decide crossings, then or now. Policies of what people do here stay as they are: they are no
 * part of what gateways run on. Facts and exceptions stay too: those were found out, these were given for a time.
 */
export async function planPolicyRestores(tx: Tx, former: readonly FormerPolicy[]): Promise<PolicyRestore[]> {
  await lockPolicies(tx);
  const active = new Map((await readActive(tx)).map((row) => [row.name, row]));
  const then = new Map(former.map((one) => [one.name, one]));
  const plans: PolicyRestore[] = [];
  for (const name of [...new Set([...then.keys(), ...active.keys()])].sort()) {
    const was = then.get(name);
    const now = active.get(name);
    if (was === undefined) {
      if (now === undefined || !decidesCrossings(name, now.text)) continue;
      plans.push({
        name,
        title: now.title,
        active: null,
        putBack: ['It is in force no longer: it was not then.'],
        stays: [],
      });
    } else if (was.version !== now?.version) {
      plans.push(await planOne(tx, was, now?.version ?? null));
    }
  }
  return plans;
}

async function planOne(tx: Tx, was: FormerPolicy, now: number | null): Promise<PolicyRestore> {
  const { name, title, version } = was;
  const row = await findVersion(tx, name, version);
  const stays = now === null ? 'it stays out of force' : `version ${now} stays in force`;
  if (row === null) {
    return { name, title, putBack: [], stays: [`Version ${version} is not known here: ${stays}.`] };
  }
  if ('problems' in readPolicy(name, row.text)) {
    return {
      name,
      title,
      putBack: [],
      stays: [`Version ${version} is no longer valid by the schema of this release: ${stays}.`],
    };
  }
  const before = now === null ? 'it is not now' : `it is ${now} now`;
  return { name, title, active: version, putBack: [`Version ${version} is in force: ${before}.`], stays: [] };
}

function decidesCrossings(name: string, text: string): boolean {
  const read = readPolicy(name, text);
  return 'policy' in read && read.policy.decides.crossings;
}

/** Writes a plan. In the transaction that made it. */
export async function applyPolicyRestore(tx: Tx, plan: PolicyRestore): Promise<void> {
  if (plan.active === undefined) return;
  await tx
    .withTables<PolicyTables>()
    .updateTable('policy')
    .set({ active: plan.active, removed_at: null })
    .where('name', '=', plan.name)
    .execute();
}
