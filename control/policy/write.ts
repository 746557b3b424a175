import { type By, type Platform, Problem, recordChange, type Tx } from '../platform/index.ts';
import { type ReadPolicy, readPolicy } from './engine.ts';
import type { PolicyFile } from './starters.ts';
import type { PolicyRow } from './store.ts';
import type { PolicyTables } from './tables.ts';

/** Throws Problem 422 `policy_invalid` with line and column of everything that is wrong. */
export function expectReadable(name: string, text: string): ReadPolicy {
  const read = readPolicy(name, text);
  if ('policy' in read) return read.policy;
  const errors = read.problems.map(({ message, line, column }) => ({
    field: 'text',
    message: line === null ? message : `line ${line}, column ${column}: ${message}`,
  }));
  throw new Problem(422, 'policy_invalid', `text: ${errors[0]?.message ?? 'is not valid'}`, errors, {
    policy: name,
    problems: read.problems,
  });
}

/**
 * Saves a text as the newest version of a policy, which is made where there is none. One that was removed comes back. The
 * caller holds `lockPolicies`. Throws Problem 422 `policy_invalid`.
 */
export async function saveVersion(
  tx: Tx,
  platform: Platform,
  { name, text, examples }: PolicyFile,
  by: By,
): Promise<void> {
  const rows = tx.withTables<PolicyTables>();
  const read = expectReadable(name, text);
  const there = await rows.selectFrom('policy').select('version').where('name', '=', name).executeTakeFirst();
  const version = (there?.version ?? 0) + 1;
  const now = new Date(platform.clock.now());
  if (there === undefined) {
    const made = { created_at: now, created_by: by.actor.name };
    await rows
      .insertInto('policy')
      .values({ name, version, active: null, removed_at: null, ...made })
      .execute();
  } else {
    await rows.updateTable('policy').set({ version, removed_at: null }).where('name', '=', name).execute();
  }
  await rows
    .insertInto('policy_version')
    .values({
      policy: name,
      version,
      title: read.title,
      text: read.text,
      examples: JSON.stringify(examples),
      author: by.actor.name,
      reason: by.reason,
      created_at: now,
    })
    .execute();
  await recordChange(tx, platform, {
    ...by,
    act: 'policy.save',
    subject: { kind: 'policy', id: name },
    detail: { version, title: read.title },
  });
}

/** Puts a version in force, or with null none, and records it. What may come into force was asked before. */
export async function putInForce(
  tx: Tx,
  platform: Platform,
  { name, title, active: was }: Pick<PolicyRow, 'name' | 'title' | 'active'>,
  active: number | null,
  by: By,
): Promise<void> {
  await tx
    .withTables<PolicyTables>()
    .updateTable('policy')
    .set({ active })
    .where('name', '=', name)
    .execute();
  await recordChange(tx, platform, {
    ...by,
    act: active === null ? 'policy.deactivate' : 'policy.activate',
    subject: { kind: 'policy', id: name },
    detail: { ...(active === null ? {} : { version: active }), was, title },
  });
}
