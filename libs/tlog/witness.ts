import { type Checkpoint, parseCheckpoint } from './checkpoint.ts';
import { TlogError } from './errors.ts';
import { emptyRoot, sameHash } from './hash.ts';
import type { CosignatureVerifier, Cosigner, Verifier } from './keys.ts';
import {
  formatSignatures,
  NOTE_LIMIT,
  type Note,
  type NoteSignature,
  parseNote,
  parseSignatures,
  verifySignatures,
} from './note.ts';
import { parseDecimal, parseHash, readText } from './text.ts';
import { verifyConsistency } from './tree.ts';

/** The witness protocol (https://c2sp.org/tlog-witness), `POST <prefix>/add-checkpoint`, for both sides. No HTTP in it. */

export interface AddCheckpoint {
  /** The size of the tree that the witness is thought to have cosigned last; 0 for none. */
  old: number;
  /** That the checkpoint's tree begins with that one: `consistencyProof`. */
  proof: Buffer[];
  /** A signed checkpoint, whole. */
  checkpoint: string;
}

/** The longest request that is read, in bytes. */
export const ADD_CHECKPOINT_LIMIT = NOTE_LIMIT + 4_096;
const HASH_LIMIT = 63;
const OLD = 'old ';
const SIZE_TYPE = 'text/x.tlog.size';

/** The body of a request to a witness. Throws TlogError when it would be none. */
export function formatAddCheckpoint({ old, proof, checkpoint }: AddCheckpoint): string {
  const lines = [`${OLD}${old}`, ...proof.map((hash) => hash.toString('base64'))];
  const body = `${lines.join('\n')}\n\n${checkpoint}`;
  parseAddCheckpoint(body);
  return body;
}

/** Reads the body of a request; verifies nothing. Throws TlogError: `bad_request`, `bad_note`, `too_large`. */
export function parseAddCheckpoint(body: Uint8Array | string): AddCheckpoint {
  return readRequest(body).request;
}

function readRequest(body: Uint8Array | string): {
  request: AddCheckpoint;
  note: Note;
  checkpoint: Checkpoint;
} {
  const text = readText(body, ADD_CHECKPOINT_LIMIT, 'bad_request', 'request');
  const blank = text.indexOf('\n\n');
  const [first = '', ...rows] = text.slice(0, Math.max(blank, 0)).split('\n', HASH_LIMIT + 2);
  const old = first.startsWith(OLD) ? parseDecimal(first.slice(OLD.length)) : null;
  const proof = rows.map(parseHash).filter((hash) => hash !== null);
  if (old === null || proof.length < rows.length || proof.length > HASH_LIMIT)
    throw new TlogError(
      'bad_request',
      'The request is not an old size, up to 63 hashes in base64, an empty line and a checkpoint.',
    );
  const note = parseNote(text.slice(blank + 2));
  return {
    request: { old, proof, checkpoint: text.slice(blank + 2) },
    note,
    checkpoint: parseCheckpoint(note.text),
  };
}

/** The latest tree of a log that was cosigned. */
export interface WitnessedTree {
  size: number;
  root: Buffer;
}

/** What a witness remembers of each log. Losing it is losing all that a witness is good for. */
export interface WitnessStore {
  /** The latest tree that was cosigned for this log; null when none was. */
  latest(origin: string): Promise<WitnessedTree | null>;
  /**
   * Puts `next` in the place of `old` in one step, and only if `old` (size and root) is still the latest. Resolves when
   * it is durable, with whether it did. `next` may be the same tree as `old`: then it is only asked whether it still is.
   */
  replace(origin: string, old: WitnessedTree | null, next: WitnessedTree): Promise<boolean>;
}

export interface WitnessOptions {
  /** The keys that a log of this origin signs with; null for a log that this witness does not know. */
  keysOf(origin: string): Promise<readonly Verifier[] | null> | readonly Verifier[] | null;
  store: WitnessStore;
  cosigner: Cosigner;
  /** Milliseconds since 1970. */
  now(): number;
}

/** What to answer over HTTP. The body has no word of the request in it. */
export interface WitnessAnswer {
  status: 200 | 400 | 403 | 404 | 409 | 422;
  contentType: string;
  body: string;
}

/**
 * A witness: cosigns a log's checkpoint only when its tree begins with the one that it cosigned last, so that no two
 * readers that ask for its cosignature can be shown different histories.
 */
export class Witness {
  readonly #options: WitnessOptions;
  #lastTime = 0;

  constructor(options: WitnessOptions) {
    this.#options = options;
  }

  /** Given to those who believe this witness: `name+id+key`. */
  get verifierKey(): string {
    return this.#options.cosigner.verifierKey;
  }

  /** Answers `POST add-checkpoint`. Rejects with what store or signer throw: nothing was cosigned then. */
  async addCheckpoint(body: Uint8Array | string): Promise<WitnessAnswer> {
    let read: ReturnType<typeof readRequest>;
    try {
      read = readRequest(body);
    } catch (error) {
      if (error instanceof TlogError) return refusal(400, error.message);
      throw error;
    }
    const { request, note, checkpoint } = read;
    const keys = await this.#options.keysOf(checkpoint.origin);
    if (keys === null) return refusal(404, 'This witness does not know the log.');
    try {
      if (verifySignatures(note, keys).length === 0)
        return refusal(403, 'None of the log’s keys that this witness knows has signed the checkpoint.');
    } catch (error) {
      if (error instanceof TlogError && error.code === 'bad_signature') return refusal(403, error.message);
      throw error;
    }
    if (request.old > checkpoint.size)
      return refusal(400, 'The old size is larger than the checkpoint’s. A log does not shrink.');
    return this.#extend(request, note, checkpoint);
  }

  async #extend({ old, proof }: AddCheckpoint, note: Note, checkpoint: Checkpoint): Promise<WitnessAnswer> {
    const { origin, size, root } = checkpoint;
    const { store, cosigner } = this.#options;
    const latest = await store.latest(origin);
    const known = latest ?? { size: 0, root: emptyRoot };
    if (known.size !== old) return conflict(known.size);
    if (known.size === size && latest !== null && !sameHash(known.root, root))
      return refusal(409, `The log has signed another tree of ${size} entries: its history was rewritten.`);
    if (!verifyConsistency({ old, oldRoot: known.root, size, root, proof }))
      return refusal(422, `The proof does not show that the tree begins with the one of ${old} entries.`);
    // Read before the tree is taken: what is cosigned is that at this time there was no larger one.
    const time = this.#time();
    if (!(await store.replace(origin, latest, { size, root })))
      return conflict((await store.latest(origin))?.size ?? 0);
    const signature = await cosigner.cosign(note.text, time);
    const lines = formatSignatures([{ name: cosigner.name, keyId: cosigner.keyId, signature }]);
    return { status: 200, contentType: TEXT, body: lines };
  }

  /** In seconds; never before one that was cosigned already, even when the clock is set back. */
  #time(): number {
    this.#lastTime = Math.max(this.#lastTime, Math.floor(this.#options.now() / 1000));
    return this.#lastTime;
  }
}

const TEXT = 'text/plain; charset=utf-8';

function refusal(status: 400 | 403 | 404 | 409 | 422, reason: string): WitnessAnswer {
  return { status, contentType: TEXT, body: `${reason}\n` };
}

/** The old size is not the one that was cosigned last: the body says which, so that the log can prove from there. */
function conflict(size: number): WitnessAnswer {
  return { status: 409, contentType: SIZE_TYPE, body: `${size}\n` };
}

/**
 * - `cosigned`: verified cosignatures, for `addSignatures`.
 * - `conflict`: the witness has cosigned a tree of `size` last; ask again with a proof from there. When the log never
 *   had that tree, or had another of that size, something is badly wrong.
 * - `refused`: anything else. `reason` is the witness's text, shortened: show it, never act on it.
 */
export type WitnessReply =
  | { kind: 'cosigned'; signatures: NoteSignature[] }
  | { kind: 'conflict'; size: number }
  | { kind: 'refused'; status: number; reason: string };

/** The longest answer that is worth reading, in bytes. */
export const WITNESS_REPLY_LIMIT = 100_000;
const REASON_LENGTH = 300;

/**
 * Reads what a witness answered to this checkpoint. Signatures of keys other than `witness` are left out. Throws
 * TlogError when a cosigned answer is none: `bad_signature`, `unsigned`, `bad_note`, `too_large`.
 */
export function readWitnessReply(
  answer: { status: number; contentType: string; body: Buffer | string },
  checkpoint: string,
  witness: readonly CosignatureVerifier[],
): WitnessReply {
  const { status, contentType } = answer;
  if (status === 200) {
    const body = readText(answer.body, WITNESS_REPLY_LIMIT, 'bad_note', 'witness’s answer');
    const note = { text: parseNote(checkpoint).text, signatures: parseSignatures(body) };
    const signatures = verifySignatures(note, witness).map(({ verifier: _, ...signature }) => signature);
    if (signatures.length === 0)
      throw new TlogError('unsigned', 'The witness has signed with none of its keys.');
    return { kind: 'cosigned', signatures };
  }
  // Anything may stand between log and witness, and answer in any encoding.
  const body = Buffer.from(answer.body.slice(0, REASON_LENGTH)).toString();
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase();
  const size = type === SIZE_TYPE ? parseDecimal(body.replace(/\n$/, '')) : null;
  if (status === 409 && size !== null) return { kind: 'conflict', size };
  return { kind: 'refused', status, reason: body.replaceAll(/\p{Cc}+/gu, ' ').trim() };
}
