import type { Clock } from '@drawbridge/journal';
import { parseCheckpoint } from './checkpoint.ts';
import { TlogError } from './errors.ts';
import type { CosignatureVerifier } from './keys.ts';
import { addSignatures, type NoteSignature, parseNote, SIGNATURE_LIMIT } from './note.ts';
import { isSize } from './tree.ts';
import { formatAddCheckpoint, readWitnessReply, WITNESS_REPLY_LIMIT, type WitnessReply } from './witness.ts';

/** A log asks its witnesses. Each may be slow, broken or hostile, and no other is kept from answering by it. */

export interface WitnessAt {
  verifier: CosignatureVerifier;
  /** What the witness protocol calls its submission prefix; `/add-checkpoint` is put behind it. */
  url: string;
}

export interface PostAnswer {
  status: number;
  contentType: string;
  body: Buffer;
}

/**
 * Sends the body with POST. Reads no more of the answer than a little beyond WITNESS_REPLY_LIMIT, follows no redirect,
 * and ends when the signal does: if not, it is left behind. Its errors' messages are shown.
 */
export type Post = (url: string, body: string, signal: AbortSignal) => Promise<PostAnswer>;

/** The sizes that witnesses have cosigned last, by their key. Without one nothing is lost but a question. */
export type WitnessSizes = Readonly<Record<string, number>>;

export interface WitnessingOptions {
  /** The checkpoint, signed by the log. */
  note: string;
  /** That its tree of `size` entries begins with the one of `old`: `consistencyProof`. */
  prove(old: number, size: number): Promise<Buffer[]>;
  witnesses: readonly WitnessAt[];
  /** How many have to cosign. */
  quorum: number;
  post: Post;
  clock: Clock;
  /** What the last call returned as `sizes`. */
  sizes?: WitnessSizes | undefined;
  /** How long each witness has for all its answers: milliseconds, 10,000 unless told. */
  timeoutMs?: number | undefined;
  /** How long the others still have once enough have cosigned: milliseconds, 1,000 unless told. */
  lingerMs?: number | undefined;
}

/**
 * - `cosigned`: at `time`, in seconds since 1970, the witness had seen no larger tree.
 * - `ahead`: it says that it has cosigned a tree of `size` entries, more than this one has. The log was set back, or it
 *   has signed two histories, or the witness does not tell the truth: a person has to look.
 * - `refused`: `reason` is the witness's text, shortened. After 422, and 409 twice, too: it does not see that this tree
 *   begins with the one that it cosigned last.
 * - `unproven`: the log could not make the proof that the witness needs.
 * - `bad_answer`: it said that it has cosigned, and has not.
 * - `no_answer`: it could not be reached, or did not answer in time.
 */
export type WitnessOutcome =
  | { kind: 'cosigned'; time: number }
  | { kind: 'ahead'; size: number }
  | { kind: 'refused'; status: number; reason: string }
  | { kind: 'unproven' | 'bad_answer' | 'no_answer'; reason: string };

export type AskedWitness = { name: string; keyId: number; url: string } & WitnessOutcome;

export interface Witnessed {
  /** The checkpoint with the cosignatures, each verified, one of each witness at most. */
  note: string;
  /** Whether as many as the quorum have cosigned. */
  isEnough: boolean;
  /** In the order of `witnesses`. */
  witnesses: AskedWitness[];
  /** To be handed in the next time. */
  sizes: WitnessSizes;
}

const TIMEOUT_MS = 10_000;
const LINGER_MS = 1_000;
const REASON_LENGTH = 300;

/**
 * Asks all witnesses side by side to cosign a checkpoint, and waits for all; but once the quorum is there, not for
 * long. What witnesses do is in the result. Throws TlogError for what can't be asked: `bad_note`, `bad_checkpoint`,
 * `out_of_range` for a quorum that is none, `bad_key` for a key that is given twice, `too_large` for more witnesses
 * than a note has room for.
 */
export async function askWitnesses(options: WitnessingOptions): Promise<Witnessed> {
  const { note, witnesses, quorum, clock, sizes = {} } = options;
  const { timeoutMs = TIMEOUT_MS, lingerMs = LINGER_MS } = options;
  const checkpoint = parseCheckpoint(expectRoom(note, witnesses, quorum).text);
  const prove = once((old) => options.prove(old, checkpoint.size));
  const ends = new AbortController();
  let cosigned = 0;
  let stopLingering = (): void => undefined;
  const linger = (): void => {
    const reason = `${quorum} others had cosigned ${lingerMs} ms before.`;
    stopLingering = clock.after(lingerMs, () => ends.abort(reason));
  };
  if (quorum === 0) linger();
  const asked = witnesses.map(async (witness) => {
    const asking = new Asking(options, witness, checkpoint.size, prove);
    const answer = await inTime(clock, timeoutMs, ends.signal, (signal) =>
      asking.ask(sizes[keyOf(witness)] ?? 0, signal),
    );
    if (answer.kind === 'cosigned') {
      cosigned++;
      if (cosigned === quorum) linger();
    }
    return answer;
  });
  const answers = await Promise.all(asked);
  stopLingering();
  const next: Record<string, number> = { ...sizes };
  const signatures: NoteSignature[] = [];
  const outcomes = witnesses.map((witness, at): AskedWitness => {
    const { name, keyId } = witness.verifier;
    const answer = answers[at] ?? { kind: 'no_answer', reason: '' };
    if (answer.kind !== 'cosigned') return { name, keyId, url: witness.url, ...answer };
    next[keyOf(witness)] = checkpoint.size;
    signatures.push(answer.signature);
    const time = witness.verifier.timeOf(answer.signature.signature);
    return { name, keyId, url: witness.url, kind: 'cosigned', time };
  });
  return {
    note: signatures.length === 0 ? note : addSignatures(note, signatures),
    isEnough: cosigned >= quorum,
    witnesses: outcomes,
    sizes: next,
  };
}

/** `Post` with the platform's `fetch`, which is handed in: the library does no I/O of its own. */
export function postWith(fetch: typeof globalThis.fetch): Post {
  return async (url, body, signal) => {
    const answer = await fetch(url, { method: 'POST', body, signal, redirect: 'error' });
    const parts: Uint8Array[] = [];
    let length = 0;
    for await (const part of answer.body ?? []) {
      parts.push(part);
      length += part.length;
      // Leaving the loop lets go of the rest.
      if (length > WITNESS_REPLY_LIMIT) break;
    }
    const contentType = answer.headers.get('content-type') ?? '';
    return { status: answer.status, contentType, body: Buffer.concat(parts) };
  };
}

type Answer = { kind: 'cosigned'; signature: NoteSignature } | Exclude<WitnessOutcome, { kind: 'cosigned' }>;

type Prove = (old: number) => Promise<Buffer[]>;

/** One witness, asked about one checkpoint. */
class Asking {
  readonly #options: WitnessingOptions;
  readonly #witness: WitnessAt;
  readonly #size: number;
  readonly #prove: Prove;

  constructor(options: WitnessingOptions, witness: WitnessAt, size: number, prove: Prove) {
    this.#options = options;
    this.#witness = witness;
    this.#size = size;
    this.#prove = prove;
  }

  /** With the size that it is thought to have; if it says another, once more with that. */
  async ask(known: number, signal: AbortSignal): Promise<Answer> {
    const old = Math.min(known, this.#size);
    const first = await this.#post(old, signal);
    if (first.kind !== 'conflict') return first;
    if (first.size > this.#size) return { kind: 'ahead', size: first.size };
    if (first.size === old) return contradictsItself(old, first.size);
    const second = await this.#post(first.size, signal);
    if (second.kind !== 'conflict') return second;
    return second.size > this.#size
      ? { kind: 'ahead', size: second.size }
      : contradictsItself(first.size, second.size);
  }

  async #post(old: number, signal: AbortSignal): Promise<Answer | { kind: 'conflict'; size: number }> {
    const { note, post } = this.#options;
    const { url, verifier } = this.#witness;
    let body: string;
    try {
      body = formatAddCheckpoint({ old, proof: await this.#prove(old), checkpoint: note });
    } catch (cause) {
      return { kind: 'unproven', reason: reasonOf(cause) };
    }
    let reply: WitnessReply;
    try {
      reply = readWitnessReply(await post(addressOf(url), body, signal), note, [verifier]);
    } catch (cause) {
      return { kind: cause instanceof TlogError ? 'bad_answer' : 'no_answer', reason: reasonOf(cause) };
    }
    if (reply.kind !== 'cosigned') return reply;
    // One may send many, each with another time, until the note has no room for those of others.
    const [signature, ...more] = reply.signatures;
    if (signature !== undefined && more.length === 0) return { kind: 'cosigned', signature };
    return { kind: 'bad_answer', reason: 'It has sent more than one cosignature of its key.' };
  }
}

function contradictsItself(asked: number, said: number): Answer {
  return {
    kind: 'refused',
    status: 409,
    reason: `It was asked about what follows the tree of ${asked} entries, and says that it has cosigned one of ${said} last.`,
  };
}

/** The answer, or that there is none when the time is up or `ends`; then the work is told so, and not waited for. */
async function inTime(
  clock: Clock,
  ms: number,
  ends: AbortSignal,
  work: (signal: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  const given = new AbortController();
  const { promise, resolve } = Promise.withResolvers<Answer>();
  const stop = (reason: string): void => {
    resolve({ kind: 'no_answer', reason });
    given.abort(new Error(reason));
  };
  const end = (): void => stop(String(ends.reason));
  const cancel = clock.after(ms, () => stop(`It has not answered within ${ms} ms.`));
  ends.addEventListener('abort', end);
  try {
    return await Promise.race([promise, work(given.signal)]);
  } finally {
    cancel();
    ends.removeEventListener('abort', end);
  }
}

/** Several witnesses mostly need the same proof. */
function once(prove: Prove): Prove {
  const proofs = new Map<number, Promise<Buffer[]>>();
  return async (old) => {
    const proof = proofs.get(old) ?? prove(old);
    proofs.set(old, proof);
    return proof;
  };
}

function expectRoom(note: string, witnesses: readonly WitnessAt[], quorum: number) {
  const parsed = parseNote(note);
  if (!isSize(quorum) || quorum > witnesses.length)
    throw new TlogError('out_of_range', `${quorum} of ${witnesses.length} witnesses is no quorum.`);
  const keys = new Set<string>();
  for (const witness of witnesses) {
    if (keys.has(keyOf(witness)))
      throw new TlogError('bad_key', `The key ${witness.verifier.name} is given twice. Give each key once.`);
    keys.add(keyOf(witness));
  }
  if (parsed.signatures.length + witnesses.length > SIGNATURE_LIMIT)
    throw new TlogError(
      'too_large',
      `A note has room for ${SIGNATURE_LIMIT} signatures; this one has ${parsed.signatures.length}, and there are ${witnesses.length} witnesses.`,
    );
  return parsed;
}

function keyOf({ verifier: { name, keyId } }: WitnessAt): string {
  return `${name}+${keyId.toString(16).padStart(8, '0')}`;
}

function addressOf(url: string): string {
  return `${url.replace(/\/+$/, '')}/add-checkpoint`;
}

/** For people; may have a stranger's words in it. Of a failed `fetch`, only the cause says what it was. */
export function reasonOf(cause: unknown): string {
  const inner = cause instanceof Error && cause.cause instanceof Error ? ` (${cause.cause.message})` : '';
  const text = cause instanceof Error ? `${cause.message}${inner}` : String(cause);
  return text
    .slice(0, REASON_LENGTH)
    .replaceAll(/\p{Cc}+/gu, ' ')
    .trim();
}
