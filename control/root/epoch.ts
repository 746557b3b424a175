import { logVerifier, NOTE_LIMIT } from '@drawbridge/tlog';
import {
  askEpoch,
  epochName,
  epochOrigin,
  type LogPlace,
  type LogPlaces,
  type LogVault,
  readEpochs,
  signerOf,
} from '../audit/index.ts';
import type { By, Platform } from '../platform/index.ts';
import { openLogKey } from '../vault/index.ts';
import { readSigned } from './entry.ts';
import { forgetEntries } from './store.ts';

export const ROOT_LOG = 'root';

/** The root log as it was begun last, or one before. */
export interface RootEpoch {
  /** In this API, and of its directory. */
  name: string;
  origin: string;
  place: LogPlace;
  key: Awaited<ReturnType<typeof openLogKey>>;
}

/** In their order; the last is the one that is written. They change only while nothing runs: see `askRootEpoch`. */
export async function openRootEpochs(
  platform: Platform,
  vault: LogVault,
  places: LogPlaces,
): Promise<RootEpoch[]> {
  const epochs: RootEpoch[] = [];
  for (const number of await readEpochs(platform.pool, ROOT_LOG)) {
    const origin = epochOrigin(platform.deployment.id, ROOT_LOG, number);
    const name = epochName(ROOT_LOG, number);
    epochs.push({
      name,
      origin,
      place: await places(name),
      key: await openLogKey(platform, vault, origin),
    });
  }
  return epochs;
}

/** Has the root log begin anew at the next start. */
export async function askRootEpoch(
  platform: Pick<Platform, 'db' | 'pool' | 'clock' | 'random' | 'deployment'>,
  by: By,
  epoch: number,
): Promise<void> {
  // They are read from the log's own files, and the next one's are others.
  await forgetEntries(platform.pool);
  await askEpoch(platform, by, { log: ROOT_LOG, epoch });
}

/** What an epoch begins with: the last checkpoint of the one before, as any other log's is taken in; null: there is none. */
export async function lastOf({ origin, place, key }: RootEpoch): Promise<Buffer | null> {
  const note = await place.files.read('checkpoint', NOTE_LIMIT);
  if (note === null) return null;
  return Buffer.from(readSigned(note.toString(), origin, logVerifier(signerOf(key).verifierKey)).entry);
}
