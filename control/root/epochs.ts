import type { Signer } from '@drawbridge/tlog';
import {
  askEpoch,
  epochName,
  epochOrigin,
  freeEpoch,
  type LogPlace,
  type LogPlaces,
  type LogVault,
  readEpochs,
  signerOf,
} from '../audit/index.ts';
import { type By, type Platform, Problem } from '../platform/index.ts';
import { type LogKey, openLogKey } from '../vault/index.ts';

const ROOT_LOG = 'root';
const FIRST = 1;

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
 * In their order; the last is the one that is written. What is asked for begins with the next start. Throws what
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

/** Has the root log begin anew at the next start, as a recorded change. Its name. Throws Problem 409 where it will anyway. */
export async function askRootEpoch(
  platform: Platform,
  vault: LogVault,
  current: RootEpoch,
  by: By,
): Promise<string> {
  const { id } = platform.deployment;
  const last = (await readEpochs(platform.pool, ROOT_LOG)).at(-1) ?? FIRST;
  const asked = epochOrigin(id, ROOT_LOG, last);
  if (asked !== current.signer.name)
    throw new Problem(
      409,
      'epoch_not_begun',
      `The epoch ${asked} was asked for, and begins when Drawbridge is started next.`,
    );
  const epoch = await freeEpoch(platform, vault, ROOT_LOG, last + 1);
  await askEpoch(platform, by, { log: ROOT_LOG, epoch });
  return epochOrigin(id, ROOT_LOG, epoch);
}
