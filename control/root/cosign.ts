import {
  type AskedWitness,
  askWitnesses,
  cosignatureVerifier,
  type Post,
  type SignedTree,
  WITNESS_REPLY_LIMIT,
} from '@drawbridge/tlog';
import { NotCosigned, withTimers } from '../audit/index.ts';
import { type OutboundNetwork, type Platform, postOut, readSetting } from '../platform/index.ts';
import { readWitnesses, writeCosigned, writePublished, writeWitnessTrouble } from './store.ts';
import type { RootTrouble } from './trouble.ts';
import { rootWitnesses, type WitnessSetting, witnessKey } from './witnesses.ts';

export interface CosignOptions {
  platform: Platform;
  network: OutboundNetwork;
  /** The root log's. */
  origin: string;
  /** How long each witness has for all its answers: milliseconds. */
  witnessMs: number;
  /** Once aborted, nobody is waited for. */
  stopping: AbortSignal;
  prove(old: number, size: number): Promise<Buffer[]>;
  /** What is wrong now, or null. */
  tell(trouble: RootTrouble | null): Promise<void>;
}

/**
 * Has the witnesses cosign a checkpoint of the root log. Throws NotCosigned when fewer do than are required; whatever
 * each of them answered is kept and told.
 */
export async function cosignRoot(options: CosignOptions, signed: SignedTree): Promise<string> {
  const { platform, origin, witnessMs, stopping, prove, tell } = options;
  if (stopping.aborted) throw new NotCosigned('The log is being closed.');
  const { witnesses, required } = await readSetting(platform.db, rootWitnesses);
  const known = await readWitnesses(platform.pool);
  const {
    note,
    isEnough,
    witnesses: asked,
  } = await askWitnesses({
    note: signed.note,
    prove,
    witnesses: witnesses.map(({ key, url }) => ({ verifier: cosignatureVerifier(key), url })),
    quorum: required,
    post: postTo(options, witnesses),
    clock: withTimers(platform.clock),
    sizes: Object.fromEntries(known.map(({ key, size }) => [key, size])),
    timeoutMs: witnessMs,
  });
  // That it was stopped in between says nothing about witnesses.
  if (stopping.aborted && !isEnough) throw new NotCosigned('The log is being closed.');
  await keepAnswers(platform, signed, asked);
  const cosigned = asked.filter(({ kind }) => kind === 'cosigned').length;
  const trouble = troubleOf(asked, signed.size, isEnough ? null : { cosigned, required, of: asked.length });
  await tell(trouble);
  if (!isEnough) throw new NotCosigned(trouble?.text ?? 'Too few witnesses have cosigned.');
  await writePublished(platform.pool, origin, {
    note,
    size: signed.size,
    at: new Date(platform.clock.now()),
  });
  platform.events.publish('changes');
  return note;
}

async function keepAnswers(
  platform: Platform,
  { size }: SignedTree,
  asked: readonly AskedWitness[],
): Promise<void> {
  const now = new Date(platform.clock.now());
  for (const witness of asked) {
    const key = witnessKey(witness);
    if (witness.kind === 'cosigned')
      await writeCosigned(platform.pool, key, size, new Date(witness.time * 1000));
    else
      await writeWitnessTrouble(
        platform.pool,
        key,
        { code: codeOf(witness), text: textOf(witness, size) },
        now,
      );
  }
}

/** A witness that does not see that the log begins with what it has cosigned: 422, or 409 without a size to go on from. */
function differs(witness: AskedWitness): boolean {
  return witness.kind === 'refused' && (witness.status === 409 || witness.status === 422);
}

const codeOf = (witness: AskedWitness): string => (differs(witness) ? 'differs' : witness.kind);

/** For people; `reason` may have a stranger's words in it, shortened. */
function textOf(witness: AskedWitness, size: number): string {
  switch (witness.kind) {
    case 'cosigned':
      return '';
    case 'ahead':
      return `It has cosigned a tree of ${witness.size} entries, and the root log has ${size}: the root log was set back, or has two histories.`;
    case 'refused':
      return differs(witness)
        ? `It does not see that the root log begins with what it has cosigned (${witness.status}): ${witness.reason}`
        : `It refused (${witness.status}): ${witness.reason}`;
    case 'bad_answer':
      return `Its answer was none: ${witness.reason}`;
    case 'unproven':
      return `The proof that it needs could not be made from the root log’s files: ${witness.reason}`;
    case 'no_answer':
      return witness.reason;
  }
}

/** What a witness has against the log's history is told even if others have cosigned it. */
function troubleOf(
  asked: readonly AskedWitness[],
  size: number,
  tooFew: { cosigned: number; required: number; of: number } | null,
): RootTrouble | null {
  const ahead = asked.find(({ kind }) => kind === 'ahead');
  const differing = asked.find(differs);
  const loud = ahead ?? differing;
  const unpublished =
    tooFew === null
      ? ''
      : ` ${tooFew.cosigned} of ${tooFew.of} witnesses have cosigned the newest checkpoint, and ${tooFew.required} are required: it is not published.`;
  if (loud !== undefined)
    return {
      code: ahead === undefined ? 'witness_differs' : 'witness_ahead',
      text: `The witness ${loud.name} contradicts the root log. ${textOf(loud, size)} If an older copy of the log was brought back, bring back the newest one; if not, ask the witness. Do not go on as if nothing were.${unpublished}`,
    };
  if (tooFew === null) return null;
  const silent = asked.filter(({ kind }) => kind !== 'cosigned').map(({ name }) => name);
  return {
    code: 'not_cosigned',
    text: `${unpublished.trim()} It is tried again; changes and crossings go on. Not from: ${silent.join(', ')}.`,
  };
}

/** As the protocol's client puts it together. */
const addressOf = (url: string): string => `${url.replace(/\/+$/, '')}/add-checkpoint`;

/** A POST with what protects every call to an address that was set. Reads a little more than an answer can have. */
function postTo({ network, witnessMs, stopping }: CosignOptions, witnesses: readonly WitnessSetting[]): Post {
  return async (address, body, signal) => {
    const answer = await postOut(
      {
        url: new URL(address),
        body,
        headers: { 'content-type': 'text/plain; charset=utf-8' },
        isPrivate: witnesses.some(({ url, private: isPrivate }) => isPrivate && addressOf(url) === address),
        timeoutMs: witnessMs,
        signal: AbortSignal.any([signal, stopping]),
        who: 'The witness',
      },
      network,
    );
    const parts: Buffer[] = [];
    let length = 0;
    for await (const part of answer) {
      parts.push(part);
      length += part.length;
      if (length > WITNESS_REPLY_LIMIT) break;
    }
    answer.destroy();
    return {
      status: answer.statusCode ?? 0,
      contentType: answer.headers['content-type'] ?? '',
      body: Buffer.concat(parts),
    };
  };
}
