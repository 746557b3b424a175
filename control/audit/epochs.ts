import { NOTE_LIMIT, openCheckpoint, type Signer, TlogError } from '@drawbridge/tlog';
import { type By, canonicalJson, type Platform, Problem, recordChange } from '../platform/index.ts';
import { type LogKey, openLogKey, type Vault } from '../vault/index.ts';
import { type LogPlace, lastNote, signerOf, trustIn } from './open.ts';
import { type Asks, readLogged, readState } from './store.ts';

/** The log that begins anew with each epoch, as commands and this API call it. */
export const CONTROL_LOG = 'control';
const FIRST = 1;

export type LogVault = Pick<Vault, 'makeLogKey' | 'signLog' | 'logMark'>;
/** Where an epoch's files lie, by its name: made if they are not there. */
export type LogPlaces = (name: string) => Promise<LogPlace>;

/** One of the logs that the log of changes is made of, one after the other. */
export interface Epoch {
  /** From 1 on, rising. */
  number: number;
  /** In this API, and of its directory: `control`, `control-2`. */
  name: string;
  place: LogPlace;
  signer: Signer;
  /** The largest tree that was ever signed with its key. */
  mark: LogKey['mark'];
  /** What it begins with, from the second on; null in the first. */
  begins: { after: Epoch; reason: string; askedAt: Date } | null;
}

/** In this API, and of its directory. */
export const epochName = (log: string, epoch: number): string => (epoch === FIRST ? log : `${log}-${epoch}`);
export const epochOrigin = (deployment: string, log: string, epoch: number): string =>
  epoch === FIRST ? `${deployment}/${log}` : `${deployment}/${log}/${epoch}`;

/** The numbers of a log's epochs, rising. */
export async function readEpochs(db: Asks, log: string): Promise<[number, ...number[]]> {
  const { rows } = await db.query<{ epoch: number }>(
    'SELECT epoch FROM log_epoch WHERE log = $1 ORDER BY epoch',
    [log],
  );
  return [FIRST, ...rows.map(({ epoch }) => epoch)];
}

interface EpochRow {
  epoch: number;
  reason: string;
  asked_at: Date;
}

/** The epochs that there are. Each is opened once. */
export class Epochs {
  readonly #platform: Platform;
  readonly #vault: LogVault;
  readonly #places: LogPlaces;
  readonly #opened = new Map<number, Promise<Epoch>>();

  constructor(platform: Platform, vault: LogVault, places: LogPlaces) {
    this.#platform = platform;
    this.#vault = vault;
    this.#places = places;
  }

  /** In their order; the last is the one that changes are put into. Throws what database, vault and disk throw. */
  async all(db: Asks = this.#platform.pool): Promise<[Epoch, ...Epoch[]]> {
    const { rows } = await db.query<EpochRow>(
      'SELECT epoch, reason, asked_at FROM log_epoch WHERE log = $1 ORDER BY epoch',
      [CONTROL_LOG],
    );
    const first = await this.#open(FIRST, null);
    const epochs: [Epoch, ...Epoch[]] = [first];
    let after = first;
    for (const { epoch, reason, asked_at: askedAt } of rows) {
      after = await this.#open(epoch, { after, reason, askedAt });
      epochs.push(after);
    }
    return epochs;
  }

  async current(db?: Asks): Promise<Epoch> {
    const epochs = await this.all(db);
    return epochs.at(-1) ?? epochs[0];
  }

  /** The epoch that a change was logged in; the current one for a change that waits. */
  async of(number: number | null): Promise<Epoch> {
    if (number === null) return this.current();
    const found = (await this.all()).find((epoch) => epoch.number === number);
    if (found === undefined)
      throw new Error(`a change says that it is in epoch ${number}, and there is none`);
    return found;
  }

  /** Asks for the next epoch, as a recorded change. Throws Problem 409 where the one that was asked for has not begun. */
  async ask(by: By): Promise<Epoch> {
    const { pool } = this.#platform;
    const current = await this.current();
    const { checkpoint } = await readState(pool, current.signer.name);
    if (current.begins !== null && checkpoint === null) throw notBegun(current.signer.name);
    const next = await freeEpoch(this.#platform, this.#vault, CONTROL_LOG, current.number + 1);
    await askEpoch(this.#platform, by, { log: CONTROL_LOG, epoch: next });
    return this.current();
  }

  #open(number: number, begins: Epoch['begins']): Promise<Epoch> {
    const known = this.#opened.get(number);
    if (known !== undefined) return known;
    const opened = this.#openFirst(number, begins);
    this.#opened.set(number, opened);
    opened.catch(() => this.#opened.delete(number));
    return opened;
  }

  async #openFirst(number: number, begins: Epoch['begins']): Promise<Epoch> {
    const origin = epochOrigin(this.#platform.deployment.id, CONTROL_LOG, number);
    const key = await openLogKey(this.#platform, this.#vault, origin);
    const name = epochName(CONTROL_LOG, number);
    const place = await this.#places(name);
    return { number, name, place, signer: signerOf(key), mark: key.mark, begins };
  }
}

/** The first number from one on whose name was never signed for: an older database may not know of later epochs. */
export async function freeEpoch(
  { deployment }: Pick<Platform, 'deployment'>,
  vault: Pick<LogVault, 'logMark'>,
  log: string,
  from: number,
): Promise<number> {
  for (let number = from; ; number++) {
    if ((await vault.logMark(epochOrigin(deployment.id, log, number))) === null) return number;
  }
}

/** Writes down that a log is to begin anew, as a recorded change. Throws Problem 409 where that was done meanwhile. */
export async function askEpoch(
  platform: Pick<Platform, 'db' | 'clock' | 'random' | 'deployment'>,
  by: By,
  { log, epoch }: { log: string; epoch: number },
): Promise<void> {
  const { id } = platform.deployment;
  await platform.db.transaction().execute(async (tx) => {
    const asked = { log, epoch, reason: by.reason, asked_at: new Date(platform.clock.now()) };
    const { numInsertedOrUpdatedRows } = await tx
      .withTables<{ log_epoch: typeof asked }>()
      .insertInto('log_epoch')
      .values(asked)
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    if (numInsertedOrUpdatedRows !== 1n) throw notBegun(epochOrigin(id, log, epoch));
    await recordChange(tx, platform, {
      ...by,
      act: 'log.new_epoch',
      subject: { kind: 'deployment', id },
      detail: { log, epoch },
    });
  });
}

/** What a database says of the epochs of the log of changes, for one who copies it and them. */
export interface StatedLog {
  name: string;
  origin: string;
  /** Entries that changes point to. */
  least: number;
  /** The last checkpoint that the database keeps. */
  checkpoint: string | null;
  isCurrent: boolean;
}

export async function statedLogs(db: Asks, deployment: string): Promise<StatedLog[]> {
  const numbers = await readEpochs(db, CONTROL_LOG);
  const logs: StatedLog[] = [];
  for (const number of numbers) {
    const origin = epochOrigin(deployment, CONTROL_LOG, number);
    const { last } = await readLogged(db, number);
    const { checkpoint } = await readState(db, origin);
    const isCurrent = number === numbers.at(-1);
    logs.push({
      name: epochName(CONTROL_LOG, number),
      origin,
      least: (last?.index ?? -1) + 1,
      checkpoint,
      isCurrent,
    });
  }
  return logs;
}

const notBegun = (origin: string): Problem =>
  new Problem(
    409,
    'epoch_not_begun',
    `The epoch ${origin} was asked for and has not begun yet. Look at the log: it says what keeps it.`,
  );

/**
 * The first entry of an epoch after the first: it quotes the last checkpoint of the one before that anyone here knows
 * of, and says how far that was signed where this is more. No one can begin a log anew without this being read in it.
 */
export async function firstEntry(db: Asks, { number, signer, begins }: Epoch): Promise<Buffer> {
  if (begins === null) throw new Error('the first epoch begins with a change');
  const { after, reason, askedAt } = begins;
  const checkpoint = await lastKnown(db, after);
  const mark = await after.mark();
  const isLost = mark !== null && mark.size > (checkpoint?.size ?? 0);
  return Buffer.from(
    canonicalJson({
      v: 1,
      epoch: number,
      origin: signer.name,
      at: askedAt.toISOString(),
      reason,
      previous: {
        origin: after.signer.name,
        verifierKey: after.signer.verifierKey,
        checkpoint: checkpoint?.note ?? null,
        ...(isLost ? { signed: mark } : {}),
      },
    }),
  );
}

/** The largest checkpoint with the log's signature, of what its files and the database have; null: there is none. */
async function lastKnown(db: Asks, { place, signer }: Epoch): Promise<{ note: string; size: number } | null> {
  const found = [
    (await readState(db, signer.name)).checkpoint,
    await lastNote(place).catch(ignoreUnreadable),
    (await place.files.read('checkpoint', NOTE_LIMIT).catch(ignoreUnreadable))?.toString() ?? null,
  ];
  const signed = found.flatMap((note) => {
    const size = note === null ? null : sizeOf(note, signer);
    return note === null || size === null ? [] : [{ note, size }];
  });
  return signed.toSorted((one, other) => other.size - one.size)[0] ?? null;
}

/** How many entries a log's own files have under a signed checkpoint; null where that can't be read. */
export async function heldBy({ place, signer }: Epoch): Promise<number | null> {
  const note = await place.files.read('checkpoint', NOTE_LIMIT);
  return note === null ? 0 : sizeOf(note.toString(), signer);
}

function sizeOf(note: string, signer: Signer): number | null {
  try {
    return openCheckpoint(note, trustIn(signer)).checkpoint.size;
  } catch (error) {
    return ignoreUnreadable(error);
  }
}

/** What is damaged is not quoted. */
function ignoreUnreadable(error: unknown): null {
  if (error instanceof TlogError) return null;
  throw error;
}
