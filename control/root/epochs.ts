import type { Signer } from '@drawbridge/tlog';
import {
  epochName,
  epochOrigin,
  type LogPlace,
  type LogPlaces,
  type LogVault,
  readEpochs,
  signerOf,
} from '../audit/index.ts';
import type { Platform } from '../platform/index.ts';
import { type LogKey, openLogKey } from '../vault/index.ts';

export const ROOT_LOG = 'root';

/** One of the root logs, one after the other: where the files of one are lost, another begins, with a name of its own. */
export interface RootEpoch {
  /** In this API, and of its directory: `root`, `root-2`. */
  name: string;
  place: LogPlace;
  signer: Signer;
  /** The largest tree that was ever signed with its key. */
  mark: LogKey['mark'];
}

/**
 * In their order; the last is the one that is written. They change only while nothing runs, by a restore. Throws what
 * database, vault and disk throw.
 */
export async function openRootEpochs(
  platform: Platform,
  vault: LogVault,
  places: LogPlaces,
): Promise<{ before: RootEpoch[]; current: RootEpoch }> {
  const epochs: RootEpoch[] = [];
  for (const number of await readEpochs(platform.pool, ROOT_LOG)) {
    const origin = epochOrigin(platform.deployment.id, ROOT_LOG, number);
    const key = await openLogKey(platform, vault, origin);
    const name = epochName(ROOT_LOG, number);
    epochs.push({ name, place: await places(name), signer: signerOf(key), mark: key.mark });
  }
  const current = epochs.pop();
  if (current === undefined) throw new Error('a root log has a first epoch');
  return { before: epochs, current };
}
