import { type Clock, JournalCorrupt, JournalLocked, type Storage } from '@drawbridge/journal';
import {
  type Fetch,
  formatVerifierKey,
  fsck,
  keyTypes,
  type ListedFile,
  type Log,
  type LogEvent,
  logVerifier,
  NOTE_LIMIT,
  openCheckpoint,
  openLog,
  openReader,
  type ProblemCode,
  parseCheckpoint,
  parseNote,
  type SignedTree,
  type Signer,
  signedIn,
  type TileFiles,
  TlogError,
  type Trust,
  verifierKeyOf,
  verifyConsistency,
} from '@drawbridge/tlog';
import type { LogKey, LogMark } from '../vault/index.ts';
import { LogRefused, NotCosigned } from './trouble.ts';

/** Signs by way of the vault. */
export function signerOf({ name, publicKey, sign }: LogKey): Signer {
  const key = verifierKeyOf(name, keyTypes.log, publicKey);
  return { name, keyId: key.keyId, verifierKey: formatVerifierKey(key), sign };
}

/** Where the log lies. What reads and writes there is handed in. */
export interface LogPlace {
  /** The write-ahead and the last signed checkpoint: not for others. */
  storage: Storage;
  /** The log's files, for others to read. */
  files: TileFiles & { list(): AsyncIterable<ListedFile> };
}

export const trustIn = ({ name, verifierKey }: Signer): Trust => ({
  origin: name,
  log: logVerifier(verifierKey),
});

export const fetchFrom =
  (files: TileFiles): Fetch =>
  (path, limit) =>
    files.read(path, limit);

/** The files as they were when this checkpoint was the newest. */
export const fetchUnder =
  (checkpoint: string, files: TileFiles): Fetch =>
  (path, limit) =>
    path === 'checkpoint' ? Promise.resolve(Buffer.from(checkpoint)) : files.read(path, limit);

interface Opening {
  place: LogPlace;
  signer: Signer;
  clock: Clock;
  /** How long an entry waits at most until a checkpoint holds it, when all goes well. */
  checkpointMs: number;
  /** The last checkpoint that the database knows of. */
  known: string | null;
  /** How many entries the database knows of. */
  leastSize: number;
  /** What to do where its files are lost. */
  ifLost: string;
  /** The largest tree that the vault ever signed with this log's key. */
  mark: LogMark | null;
  /** Keeps a checkpoint in the database, before it is published. */
  keep(signed: { note: string; size: number }): Promise<void>;
  /** Has witnesses cosign what is kept, before it is published. Throws NotCosigned. */
  cosign?(signed: SignedTree): Promise<string>;
  report(event: LogEvent): void;
}

/**
 * Opens the log, checks all of its files against its last checkpoint and this against the one that the database knows
 * of, and puts all entries under a checkpoint, which is published if witnesses cosign it. Nothing is signed before all
 * that was found in order. Throws LogRefused.
 */
export async function openControlLog(opening: Opening): Promise<Log> {
  const { place, signer, clock, checkpointMs, keep, cosign, report } = opening;
  const checked = Promise.withResolvers<void>();
  // Nobody may be waiting for it when it fails.
  checked.promise.catch(() => undefined);
  const log = await refusing(() =>
    openLog({
      ...place,
      origin: signer.name,
      signer: {
        ...signer,
        sign: async (text) => {
          await checked.promise;
          return signer.sign(text);
        },
      },
      clock,
      checkpointEveryMs: checkpointMs,
      report,
      async cosign(signed) {
        await keep(signed);
        return cosign === undefined ? signed.note : cosign(signed);
      },
    }),
  );
  try {
    await refusing(() => check(opening, log));
    checked.resolve();
    if (log.size > (log.published?.size ?? 0)) await refusing(() => signAll(log));
    return log;
  } catch (error) {
    checked.reject(error);
    await log.close();
    throw error;
  }
}

async function signAll(log: Log): Promise<void> {
  try {
    await log.checkpoint();
  } catch (cause) {
    if (!(cause instanceof NotCosigned)) throw cause;
  }
}

const whatToDo = (ifLost: string): string =>
  `Bring back the log’s files as they last were; if they are lost, ${ifLost}`;

/** What a crash may leave, and what is no part of the log and changes nothing in it. */
const HARMLESS = new Set<ProblemCode>(['unfinished_file', 'beyond_checkpoint', 'unknown_file']);

async function check(
  { place, signer, clock, known, leastSize, mark, ifLost }: Opening,
  log: Log,
): Promise<void> {
  const { files } = place;
  if (log.size < leastSize)
    throw new LogRefused(
      'files_older',
      `The log in ${files.where} has ${log.size} entries, and ${leastSize} were put into it. ${whatToDo(ifLost)}`,
    );
  if (mark !== null && log.size < mark.size)
    throw new LogRefused(
      'set_back',
      `The log in ${files.where} has ${log.size} entries, and the vault signed a tree of ${mark.size} of them: files and database were set back together, perhaps from an older backup. ${whatToDo(ifLost)}`,
    );
  const note = await lastNote(place);
  if (note === null) {
    if (known === null) return;
    throw new LogRefused(
      'files_older',
      `There is no checkpoint in ${files.where}, and one was signed. ${whatToDo(ifLost)}`,
    );
  }
  const trust = trustIn(signer);
  const fetch: Fetch = async (path, limit) =>
    path === 'checkpoint' ? Buffer.from(note) : files.read(path, limit);
  const { problems } = await fsck({ ...trust, fetch, list: () => files.list(), clock });
  const [first, ...more] = problems.filter(({ code }) => !HARMLESS.has(code));
  if (first !== undefined)
    throw new LogRefused(
      'files_damaged',
      `The log in ${files.where} is not what its last checkpoint says. ${first.message}${more.length > 0 ? ` And ${more.length} more.` : ''} Keep a copy of these files, and bring them back as they last were.`,
    );
  const there = { where: files.where, ifLost };
  if (known !== null) await expectExtends(known, fetch, trust, there);
  if (mark !== null) await expectHolds(mark, fetch, trust, there);
}

/** One entry too many was never signed: beyond the checkpoint the write-ahead alone has the mark's entries. */
async function expectHolds(
  mark: LogMark,
  fetch: Fetch,
  trust: Trust,
  { where, ifLost }: { where: string; ifLost: string },
): Promise<void> {
  const reader = await openReader({ ...trust, fetch });
  const { size, root } = reader.checkpoint.checkpoint;
  if (size < mark.size) return;
  const oldRoot = Buffer.from(mark.root, 'base64');
  const proof = await reader.consistency(mark.size);
  if (!verifyConsistency({ old: mark.size, oldRoot, size, root, proof }))
    throw new LogRefused(
      'other_history',
      `The log in ${where} does not begin with the tree of ${mark.size} entries that the vault signed. Keep a copy of it. ${whatToDo(ifLost)}`,
    );
}

/** The largest checkpoint that lies there, signed or also published: opening has found that one extends the other. */
export async function lastNote({ storage, files }: LogPlace): Promise<string | null> {
  const found = [await signedIn(storage).load(), await files.read('checkpoint', NOTE_LIMIT)];
  const notes = found.filter((note) => note !== null).map((note) => note.toString());
  const sizeOf = (note: string) => parseCheckpoint(parseNote(note).text).size;
  return notes.toSorted((one, other) => sizeOf(other) - sizeOf(one))[0] ?? null;
}

async function expectExtends(
  known: string,
  fetch: Fetch,
  trust: Trust,
  { where, ifLost }: { where: string; ifLost: string },
): Promise<void> {
  const otherHistory = (what: string, cause?: unknown) =>
    new LogRefused(
      'other_history',
      `The log in ${where} is not the one that this database knows: ${what}. Keep a copy of both, and bring back files and database that belong together.`,
      cause,
    );
  let old: { size: number; root: Buffer };
  try {
    old = openCheckpoint(known, trust).checkpoint;
  } catch (cause) {
    if (!(cause instanceof TlogError)) throw cause;
    throw otherHistory('another key signed the last checkpoint', cause);
  }
  const reader = await openReader({ ...trust, fetch });
  const { size, root } = reader.checkpoint.checkpoint;
  if (size < old.size)
    throw new LogRefused(
      'files_older',
      `The log in ${where} ends at entry ${size}, and a tree of ${old.size} entries was signed. ${whatToDo(ifLost)}`,
    );
  const proof = await reader.consistency(old.size);
  if (!verifyConsistency({ old: old.size, oldRoot: old.root, size, root, proof }))
    throw otherHistory(`it does not begin with the tree of ${old.size} entries that was signed`);
}

/** What went wrong, as a trouble that can be told. */
async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof LogRefused) throw cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    if (cause instanceof JournalLocked) throw new LogRefused('in_use', message, cause);
    if (cause instanceof TlogError || cause instanceof JournalCorrupt)
      throw new LogRefused('files_damaged', message, cause);
    throw new LogRefused('unavailable', `The log can't be used: ${message}`, cause);
  }
}
