import type { Signer } from '@drawbridge/tlog';
import { type LogPlace, type LogPlaces, type LogVault, signerOf } from '../audit/index.ts';
import type { Platform } from '../platform/index.ts';
import { type LogKey, openLogKey } from '../vault/index.ts';

const NAME = 'root';
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

/** In their order; the last is the one that is written. Throws what database, vault and disk throw. */
export async function openRootEpochs(
  platform: Platform,
  vault: LogVault,
  places: LogPlaces,
): Promise<{ before: RootEpoch[]; current: RootEpoch }> {
  const { rows } = await platform.pool.query<{ epoch: number }>(
    'SELECT epoch FROM log_epoch WHERE log = $1 ORDER BY epoch',
    [NAME],
  );
  const epochs: RootEpoch[] = [];
  for (const number of [FIRST, ...rows.map(({ epoch }) => epoch)]) {
    const origin = `${platform.deployment.id}/${NAME}${number === FIRST ? '' : `/${number}`}`;
    const key = await openLogKey(platform, vault, origin);
    const name = number === FIRST ? NAME : `${NAME}-${number}`;
    epochs.push({ name, place: await places(name), signer: signerOf(key), mark: key.mark });
  }
  const current = epochs.pop();
  if (current === undefined) throw new Error('a root log has a first epoch');
  return { before: epochs, current };
}
