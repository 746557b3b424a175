import type { ShownName } from '../crossings/index.ts';
import type { Platform } from '../platform/index.ts';
import { queuedNames } from './queue.ts';

/** Each is hashed by the vault: more are not, and stay hashes where they were seen. */
const MOST_HASHED = 500;

export interface ShownNameDeps {
  platform: Platform;
  /** The keyed hashes under which gateways send these names, in their order. */
  reviewHashes: (names: readonly string[]) => Promise<string[]>;
  /** The names that stand in the connection's contract, for everyone who may read it. */
  contractNames: (connection: string) => Promise<string[]>;
}

/** Names of hashes, as the contract in force has them in clear or the review queue shows them; all others are hidden. */
export async function shownNames(
  deps: ShownNameDeps,
  connection: string,
  hashes: readonly string[],
): Promise<Map<string, ShownName>> {
  if (hashes.length === 0) return new Map();
  const [queued, inContract] = await Promise.all([
    queuedNames(deps.platform, connection, hashes),
    deps.contractNames(connection),
  ]);
  const shown = new Map<string, ShownName>();
  for (const [hash, name] of queued) shown.set(hash, { name, waiting: true });
  const names = inContract.slice(0, MOST_HASHED);
  const wanted = new Set(hashes);
  for (const [index, hash] of (await deps.reviewHashes(names)).entries()) {
    const name = names[index];
    if (name !== undefined && wanted.has(hash)) shown.set(hash, { name, waiting: false });
  }
  return shown;
}
