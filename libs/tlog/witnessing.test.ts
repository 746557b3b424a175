import { setImmediate as turn } from 'node:timers/promises';
import { HandClock } from '@drawbridge/journal/testing';
import { describe, expect, it } from 'vitest';
import { openCheckpoint } from './checkpoint.ts';
import { log, type MadeUpLog, madeUpLog, ORIGIN, refused, witnesses } from './harness.ts';
import type { Cosigner } from './keys.ts';
import { addSignatures, formatSignatures, type NoteSignature, parseNote } from './note.ts';
import { consistencyProof } from './tree.ts';
import { parseAddCheckpoint, WITNESS_REPLY_LIMIT, Witness, type WitnessedTree } from './witness.ts';
import { askWitnesses, type Post, type PostAnswer, type WitnessingOptions } from './witnessing.ts';

type Behave = (body: string, signal: AbortSignal) => Promise<PostAnswer>;
const [w1, w2, w3] = witnesses;
if (w1 === undefined || w2 === undefined || w3 === undefined) throw new Error('no witnesses');

const made = madeUpLog(100);
const prove = (of: MadeUpLog) => (old: number, size: number) => consistencyProof(of.read, old, size);

/** A witness that does what it should; `tree`: what it has cosigned before. */
function honest(cosigner: Cosigner, tree: WitnessedTree | null = null) {
  const kept = { tree };
  const witness = new Witness({
    keysOf: (origin) => (origin === ORIGIN ? [log.verifier] : null),
    store: {
      latest: async () => kept.tree,
      async replace(_, old, next) {
        if (kept.tree?.size !== old?.size) return false;
        kept.tree = next;
        return true;
      },
    },
    cosigner,
    now: () => 1_700_000_000_000,
  });
  const answer: Behave = async (body) => {
    const { status, contentType, body: text } = await witness.addCheckpoint(body);
    return { status, contentType, body: Buffer.from(text) };
  };
  return { kept, answer };
}

const said = (status: number, body: string, contentType = 'text/plain'): Behave => {
  return async () => ({ status, contentType, body: Buffer.from(body) });
};
const conflict = (size: number): Behave => said(409, `${size}\n`, 'text/x.tlog.size');

/** Asks those who are given, w1 first; `asked` has what they were asked. */
async function ask(behave: readonly Behave[], more: Partial<WitnessingOptions> = {}) {
  const asked: { url: string; old: number; proof: number }[] = [];
  const post: Post = (url, body, signal) => {
    const { old, proof } = parseAddCheckpoint(body);
    asked.push({ url, old, proof: proof.length });
    const at = Number(/w(\d)/.exec(url)?.[1]) - 1;
    return (behave[at] ?? expect.fail(url))(body, signal);
  };
  const result = await askWitnesses({
    note: await made.checkpoint(20),
    prove: prove(made),
    witnesses: witnesses
      .slice(0, behave.length)
      .map(({ verifier }) => ({ verifier, url: `https://${verifier.name}/` })),
    quorum: 1,
    post,
    clock: new HandClock(),
    ...more,
  });
  return { ...result, asked };
}

const opened = (note: string, quorum: number) =>
  openCheckpoint(note, {
    origin: ORIGIN,
    log: log.verifier,
    witnesses: witnesses.map(({ verifier }) => verifier),
    quorum,
  });

describe('a log', () => {
  it('has its checkpoint cosigned by all, and remembers how far each is', async () => {
    const all = [w1, w2, w3].map(({ cosigner }) => honest(cosigner));
    const behave = all.map(({ answer }) => answer);
    const first = await ask(behave, { quorum: 3 });
    expect(first.isEnough).toBe(true);
    expect(opened(first.note, 3).cosignatures).toHaveLength(3);
    expect(first.witnesses).toMatchObject(
      [w1, w2, w3].map(({ key }) => ({ name: key.name, kind: 'cosigned', time: 1_700_000_000 })),
    );
    const next = await ask(behave, {
      quorum: 3,
      note: await made.checkpoint(100),
      sizes: JSON.parse(JSON.stringify(first.sizes)),
    });
    expect(next.isEnough).toBe(true);
    expect(next.asked.map(({ old }) => old)).toEqual([20, 20, 20]);
    expect(next.asked[0]?.url).toBe(`https://${w1.key.name}/add-checkpoint`);
    expect(all.map(({ kept }) => kept.tree?.size)).toEqual([100, 100, 100]);
    expect(Object.values(next.sizes)).toEqual([100, 100, 100]);
  });

  it('proves from where a witness is, when it did not know, or knew wrongly', async () => {
    const behave = await Promise.all(
      [8, 13, 20].map(async (size, at) => {
        const { cosigner } = [w1, w2, w3][at] ?? expect.fail();
        return honest(cosigner, { size, root: await made.root(size) }).answer;
      }),
    );
    const sizes = { [`${w2.key.name}+${w2.key.keyId.toString(16).padStart(8, '0')}`]: 2 ** 40 };
    const { isEnough, asked } = await ask(behave, { quorum: 3, sizes });
    expect(isEnough).toBe(true);
    expect(asked.map(({ old }) => old)).toEqual([0, 20, 0, 8, 13, 20]);
  });

  it('is not vouched for when its history was rewritten, though its own key signed it', async () => {
    const { answer, kept } = honest(w1.cosigner, { size: 8, root: await made.root(8) });
    const rewritten = madeUpLog(20, 3);
    const result = await ask([answer], { note: await rewritten.checkpoint(20), prove: prove(rewritten) });
    expect(result).toMatchObject({
      isEnough: false,
      witnesses: [{ kind: 'refused', status: 422 }],
      sizes: {},
    });
    expect(parseNote(result.note).signatures).toHaveLength(1);
    expect(kept.tree?.size).toBe(8);
  });

  it('learns that a witness has seen more of it than it has itself', async () => {
    const { answer } = honest(w1.cosigner, { size: 100, root: await made.root(100) });
    const { witnesses: outcomes, asked } = await ask([answer]);
    expect(outcomes).toMatchObject([{ kind: 'ahead', size: 100 }]);
    expect(asked).toHaveLength(1);
  });

  it('asks for what can be asked for only', async () => {
    const none = said(500, '');
    await expect(ask([none], { quorum: 2 })).rejects.toEqual(refused('out_of_range'));
    const twice = Array(2).fill({ verifier: w1.verifier, url: 'https://w1.example' });
    await expect(ask([none], { witnesses: twice })).rejects.toEqual(refused('bad_key'));
    await expect(ask([none], { note: 'x\n\n' })).rejects.toEqual(refused('bad_note'));
    const full = addSignatures(
      await made.checkpoint(20),
      Array.from({ length: 99 }, (_, at) => ({ name: 'a.example', keyId: at, signature: Buffer.alloc(64) })),
    );
    await expect(ask([none], { note: full })).rejects.toEqual(refused('too_large'));
  });
});

/** Cosignatures of w1 at several times. */
async function many(cosigner: Cosigner, count: number): Promise<string> {
  const { text } = parseNote(await made.checkpoint(20));
  const signatures: NoteSignature[] = [];
  for (let time = 1; time <= count; time++)
    signatures.push({
      name: cosigner.name,
      keyId: cosigner.keyId,
      signature: await cosigner.cosign(text, time),
    });
  return formatSignatures(signatures);
}

describe('a witness that is broken or hostile', async () => {
  const of21 = await w1.cosigner.cosign(parseNote(await made.checkpoint(21)).text, 5);
  const forAnother = formatSignatures([{ name: w1.key.name, keyId: w1.key.keyId, signature: of21 }]);
  const ofAnother = honest(w3.cosigner).answer;
  const cases: [string, Behave, object][] = [
    ['says nothing', said(200, ''), { kind: 'bad_answer' }],
    ['cosigns another checkpoint', said(200, forAnother), { kind: 'bad_answer' }],
    ['cosigns with a key that is not its own', ofAnother, { kind: 'bad_answer' }],
    ['cosigns a hundred times', said(200, await many(w1.cosigner, 100)), { kind: 'bad_answer' }],
    ['writes a novel', said(200, 'x'.repeat(WITNESS_REPLY_LIMIT + 1)), { kind: 'bad_answer' }],
    ['can not be reached', () => Promise.reject(new Error('nobody there')), { kind: 'no_answer' }],
    ['fails at once', () => expect.fail('a bug'), { kind: 'no_answer', reason: 'a bug' }],
    ['is down', said(502, '\u001b[2J<p>'), { kind: 'refused', status: 502, reason: '[2J<p>' }],
    ['does not know the log', said(404, 'unknown'), { kind: 'refused', status: 404 }],
    ['is in conflict for ever', conflict(7), { kind: 'refused', status: 409 }],
    ['is in conflict with what it was asked', conflict(0), { kind: 'refused', status: 409 }],
    ['is ahead of everyone', conflict(Number.MAX_SAFE_INTEGER), { kind: 'ahead' }],
    ['gives a size that is none', conflict(-1), { kind: 'refused', status: 409 }],
  ];

  it.each(cases)('and %s takes nothing from the others', async (_, behave, outcome) => {
    const result = await ask([behave, honest(w2.cosigner).answer]);
    expect(result.witnesses).toMatchObject([outcome, { kind: 'cosigned' }]);
    expect(result.isEnough).toBe(true);
    expect(Object.keys(result.sizes)).toHaveLength(1);
    expect(opened(result.note, 1).cosignatures).toMatchObject([{ name: w2.key.name }]);
    expect(result.asked.filter(({ url }) => url.includes('w1')).length).toBeLessThanOrEqual(2);
  });

  it('and is in conflict with what it was asked is not asked the same again', async () => {
    expect((await ask([conflict(0)])).asked).toHaveLength(1);
    expect((await ask([conflict(7)])).asked.map(({ old }) => old)).toEqual([0, 7]);
  });

  it('and wants a proof that can not be made is the only one that gets none', async () => {
    const result = await ask([conflict(7), honest(w2.cosigner).answer], {
      prove: async (old) => (old === 7 ? expect.fail('a tile is gone') : []),
    });
    expect(result.witnesses).toMatchObject([
      { kind: 'unproven', reason: 'a tile is gone' },
      { kind: 'cosigned' },
    ]);
  });

  it('and never answers is waited for no longer than its time', async () => {
    const clock = new HandClock();
    const signals: AbortSignal[] = [];
    const never: Behave = (_, signal) => {
      signals.push(signal);
      return new Promise(() => undefined);
    };
    const asked = ask([never, honest(w2.cosigner).answer], { clock, quorum: 2, timeoutMs: 5_000 });
    await turn();
    clock.move(4_999);
    expect(signals[0]?.aborted).toBe(false);
    clock.move(1);
    const { witnesses: outcomes, isEnough } = await asked;
    expect(outcomes).toMatchObject([{ kind: 'no_answer' }, { kind: 'cosigned' }]);
    expect(isEnough).toBe(false);
    expect(signals[0]?.aborted).toBe(true);
  });

  it.each([0, 1])('and never answers holds nothing up once %i have cosigned', async (quorum) => {
    const clock = new HandClock();
    const asked = ask([() => new Promise(() => undefined), honest(w2.cosigner).answer], {
      clock,
      quorum,
      lingerMs: 200,
    });
    for (let turns = 0; turns < 20; turns++) await turn();
    clock.move(200);
    const { witnesses: outcomes, isEnough } = await asked;
    expect(outcomes).toMatchObject([{ kind: 'no_answer' }, { kind: 'cosigned' }]);
    expect(isEnough).toBe(true);
  });
});
