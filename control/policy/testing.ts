import { fileURLToPath } from 'node:url';
import type { Actor } from '../platform/index.ts';
import { readPolicyFolder, type Starter } from './starters.ts';

/** Somebody made up, and why they do it. */
export const byAda: { actor: Actor; reason: string } = {
  actor: { id: 'person:1', name: 'Ada Example' },
  reason: 'A test',
};

let read: Promise<Starter[]> | null = null;

/** The policies that are shipped. */
export async function shippedPolicies(): Promise<Starter[]> {
  read ??= readPolicyFolder(fileURLToPath(new URL('../../packs/policies', import.meta.url))).then(
    ({ policies }) => policies,
  );
  return read;
}

/** One of them by its name. */
export async function shipped(name: string): Promise<Starter> {
  const found = (await shippedPolicies()).find((one) => one.name === name);
  if (found === undefined) throw new Error(`no shipped policy is called ${name}`);
  return found;
}
