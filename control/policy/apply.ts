import { isDeepStrictEqual } from 'node:util';
import { type By, type Platform, Problem, type Tx } from '../platform/index.ts';
import { expectHeld, type Keeper } from './guard.ts';
import type { PolicyFile } from './starters.ts';
import { readActive, readLatest } from './store.ts';
import { expectReadable, putInForce, saveVersion } from './write.ts';

/** Policies in force, at most: each decision asks all of them that can say something. */
export const MOST_ACTIVE = 100;

/** What was done to each policy, by name. */
export interface Applied {
  /** A new version was saved. */
  saved: string[];
  /** Put in force now. */
  activated: string[];
  unchanged: string[];
  deactivated: string[];
  /** In force, and not among those that were given. */
  others: string[];
}

/**
 * Saves all of these and puts them in force together. The caller holds `lockPolicies`. Throws Problem 422, 409
 * `example_fails`, 409 `locks_out`, 409 `too_many_policies`: then nothing is changed, as the transaction ends.
 */
export async function applyAll(
  tx: Tx,
  platform: Platform,
  given: readonly PolicyFile[],
  { only, keepers, by }: { only: boolean; keepers: readonly Keeper[]; by: By },
): Promise<Applied> {
  const names = new Set(given.map(({ name }) => name));
  const before = new Map((await readLatest(tx)).map((row) => [row.name, row]));
  const applied: Applied = { saved: [], activated: [], unchanged: [], deactivated: [], others: [] };
  for (const file of given) {
    const { text } = expectReadable(file.name, file.text);
    const row = before.get(file.name);
    const isSame = row?.text === text && isDeepStrictEqual(row.examples, file.examples);
    if (isSame && row.active === row.version) {
      applied.unchanged.push(file.name);
      continue;
    }
    if (!isSame) {
      await saveVersion(tx, platform, file, by);
      applied.saved.push(file.name);
    }
    applied.activated.push(file.name);
  }
  for (const row of await readActive(tx)) {
    if (names.has(row.name)) continue;
    applied.others.push(row.name);
    if (!only) continue;
    await putInForce(tx, platform, row, null, by);
    applied.deactivated.push(row.name);
  }
  for (const row of await readLatest(tx)) {
    if (applied.activated.includes(row.name)) await putInForce(tx, platform, row, row.version, by);
  }
  const active = await readActive(tx);
  if (active.length > MOST_ACTIVE) throw tooMany();
  expectHeld(active, keepers);
  return applied;
}

export const tooMany = (): Problem =>
  new Problem(
    409,
    'too_many_policies',
    `More than ${MOST_ACTIVE} policies can not be in force. Take one out of force, or write two as one.`,
  );
