import {
  formatProof,
  NOTE_LIMIT,
  openReader,
  type Reader,
  type TileFiles,
  TlogError,
} from '@drawbridge/tlog';
import { type Platform, Problem } from '../platform/index.ts';
import { type ChangeRow, toItem } from './changes.ts';
import type { Epoch, Epochs } from './epochs.ts';
import { leafOf, payloadOf } from './leaf.ts';
import { fetchFrom, fetchUnder, trustIn } from './open.ts';
import type { Chain, ChangeDetail, Hold } from './schemas.ts';

/** What the log's own files say of changes. Every answer is checked against the signed root; nothing is kept. */
export class Evidence {
  readonly #epochs: Pick<Epochs, 'of'>;
  readonly #log: Platform['log'];

  constructor(epochs: Pick<Epochs, 'of'>, log: Platform['log']) {
    this.#epochs = epochs;
    this.#log = log;
  }

  /** A change with its entry, and whether the two agree. */
  async of(change: ChangeRow): Promise<ChangeDetail> {
    const epoch = await this.#epochs.of(change.log_epoch);
    const found = await this.#entry(epoch, change);
    const entry = typeof found === 'string' ? null : found;
    const isSame = entry !== null && Buffer.compare(entry, leafOf(change)) === 0;
    const disagrees =
      'The entry in the log commits to something else than the database says: the row was changed after it was logged.';
    return {
      ...toItem(change),
      log: epoch.signer.name,
      payload: payloadOf(change),
      salt: change.salt.toString('base64'),
      entry: entry?.toString('base64') ?? null,
      agrees: entry === null ? 'unknown' : isSame ? 'yes' : 'no',
      note: typeof found === 'string' ? found : isSame ? null : disagrees,
    };
  }

  /** That the log has a change: a file that is verified without us. Throws Problem 409 where there is none yet. */
  async proof({ log_index: index, log_epoch: number }: ChangeRow): Promise<string> {
    if (index === null) throw notYet(NOT_LOGGED);
    const reader = await this.#open(await this.#epochs.of(number));
    if (reader === null || index >= reader.checkpoint.checkpoint.size) throw notYet(NOT_SIGNED);
    return formatProof(await reader.prove(index));
  }

  /**
   * That the log has a change under a checkpoint that the root log has. Throws Problem 409 while the root log has none
   * that holds it.
   */
  async chain(
    { log_index: index, log_epoch: number }: ChangeRow,
    hold: (origin: string, index: number) => Promise<Hold | null>,
  ): Promise<Chain> {
    if (index === null) throw notYet(NOT_LOGGED);
    const epoch = await this.#epochs.of(number);
    const { name: origin, verifierKey } = epoch.signer;
    const root = await hold(origin, index);
    if (root === null) throw new Problem(409, 'not_in_root', NOT_IN_ROOT);
    const reader = await this.#open(epoch, root.entry);
    if (reader === null) throw notYet(NOT_SIGNED);
    const [entry, proof] = await Promise.all([reader.entry(index), reader.prove(index)]);
    return { entry: entry.toString('base64'), log: { origin, verifierKey, proof: formatProof(proof) }, root };
  }

  /** The entry, or why there is none. */
  async #entry(epoch: Epoch, { log_index: index }: ChangeRow): Promise<Buffer | string> {
    if (index === null) return NOT_LOGGED;
    try {
      const reader = await this.#open(epoch);
      if (reader === null || index >= reader.checkpoint.checkpoint.size) return NOT_SIGNED;
      return await reader.entry(index);
    } catch (error) {
      this.#log.warn({ err: error, index }, 'an entry of the log could not be read');
      return `The entry could not be read from the log's files. ${error instanceof Error ? error.message : ''}`;
    }
  }

  /** Under the newest checkpoint, or under this one. Null: nothing is signed yet. */
  async #open({ place: { files }, signer }: Epoch, checkpoint?: string): Promise<Reader | null> {
    try {
      const fetch = checkpoint === undefined ? fetchFrom(files) : fetchUnder(checkpoint, files);
      return await openReader({ ...trustIn(signer), fetch });
    } catch (error) {
      if (error instanceof TlogError && error.code === 'missing' && (await isEmpty(files))) return null;
      if (error instanceof TlogError)
        throw new Problem(503, 'log_unreadable', `The log's files can't be used: ${error.message}`);
      throw error;
    }
  }
}

async function isEmpty(files: TileFiles): Promise<boolean> {
  return (await files.read('checkpoint', NOTE_LIMIT)) === null;
}

const NOT_LOGGED = 'The change is not in the log yet. Look at the log: it says what keeps it.';
const NOT_IN_ROOT =
  'The root log has no published checkpoint yet that holds the entry: one is made every few seconds, once enough witnesses cosign it. Look at the root log: it says what keeps it.';
const NOT_SIGNED = 'No checkpoint holds the entry yet: one is signed every second. Try again in a moment.';

const notYet = (why: string): Problem => new Problem(409, 'not_in_checkpoint', why);
