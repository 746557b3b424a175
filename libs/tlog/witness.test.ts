import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openCheckpoint } from './checkpoint.ts';
import { TlogError } from './errors.ts';
import {
  bent,
  expectOneSpelling,
  log,
  type MadeUpLog,
  madeUpLog,
  ORIGIN,
  refused,
  thrown,
  witnesses,
} from './harness.ts';
import { emptyRoot } from './hash.ts';
import { formatVerifierKey, generateKey, logVerifier, type Verifier } from './keys.ts';
import { addSignatures, parseNote } from './note.ts';
import { consistencyProof } from './tree.ts';
import { sigsum } from './vectors.ts';
import {
  ADD_CHECKPOINT_LIMIT,
  type AddCheckpoint,
  formatAddCheckpoint,
  parseAddCheckpoint,
  readWitnessReply,
  WITNESS_REPLY_LIMIT,
  Witness,
  type WitnessedTree,
  type WitnessStore,
} from './witness.ts';

const [w1, w2] = witnesses;
if (w1 === undefined || w2 === undefined) throw new Error('no witnesses');

const nothing = async (): Promise<void> => undefined;

/** Remembers; `asked` and `before` run after the tree was read and before it is replaced, as another request might. */
function memory(first: Record<string, WitnessedTree> = {}) {
  const trees = new Map(Object.entries(first));
  const hook = { asked: nothing, before: nothing };
  const same = (one: WitnessedTree | null, other: WitnessedTree | null) =>
    one?.size === other?.size && (one === null || other === null || one.root.equals(other.root));
  const store: WitnessStore = {
    async latest(origin) {
      const tree = trees.get(origin) ?? null;
      await hook.asked();
      return tree;
    },
    async replace(origin, old, next) {
      await hook.before();
      if (!same(trees.get(origin) ?? null, old)) return false;
      trees.set(origin, next);
      return true;
    },
  };
  return { trees, store, hook };
}

function witness(
  first?: Record<string, WitnessedTree>,
  logs: Record<string, readonly Verifier[]> = { [ORIGIN]: [log.verifier] },
) {
  const { trees, store, hook } = memory(first);
  const clock = { now: 1_700_000_000_000 };
  const made = new Witness({
    keysOf: (origin) => logs[origin] ?? null,
    store,
    cosigner: w1?.cosigner ?? expect.fail(),
    now: () => clock.now,
  });
  return { made, trees, hook, clock };
}

const made = madeUpLog(100);
const ask = async (old: number, size: number, of: MadeUpLog = made, change: Partial<AddCheckpoint> = {}) =>
  formatAddCheckpoint({
    old,
    proof: old <= size ? await consistencyProof(of.read, old, size) : [],
    checkpoint: await of.checkpoint(size),
    ...change,
  });

describe('a witness', () => {
  it('cosigns what extends the tree that it cosigned last, and says when', async () => {
    const { made: one, trees, clock } = witness();
    let old = 0;
    for (const size of [0, 1, 7, 64, 100]) {
      const answer = await one.addCheckpoint(await ask(old, size));
      expect(answer).toMatchObject({ status: 200 });
      const reply = readWitnessReply(answer, await made.checkpoint(size), [w1.verifier]);
      if (reply.kind !== 'cosigned') return expect.fail(reply.kind);
      const { cosignatures } = openCheckpoint(addSignatures(await made.checkpoint(size), reply.signatures), {
        origin: ORIGIN,
        log: log.verifier,
        witnesses: [w1.verifier],
      });
      expect(cosignatures.map(({ time }) => time)).toEqual([clock.now / 1000]);
      expect(trees.get(ORIGIN)).toEqual({ size, root: await made.root(size) });
      clock.now += 60_000;
      old = size;
    }
    expect(one.verifierKey).toBe(formatVerifierKey(w1.key));
  });

  it('cosigns the same tree again, at a later time', async () => {
    const { made: one, clock } = witness({ [ORIGIN]: { size: 7, root: await made.root(7) } });
    const first = await one.addCheckpoint(await ask(7, 7));
    clock.now += 1_000;
    const second = await one.addCheckpoint(await ask(7, 7));
    expect([first.status, second.status]).toEqual([200, 200]);
    expect(first.body).not.toBe(second.body);
  });

  it('never cosigns with an earlier time than before, though the clock is set back', async () => {
    const { made: one, clock } = witness();
    await one.addCheckpoint(await ask(0, 7));
    const then = clock.now / 1000;
    clock.now -= 3_600_000;
    const answer = await one.addCheckpoint(await ask(7, 8));
    const reply = readWitnessReply(answer, await made.checkpoint(8), [w1.verifier]);
    if (reply.kind !== 'cosigned') return expect.fail(reply.kind);
    expect(reply.signatures.map(({ signature }) => w1.verifier.timeOf(signature))).toEqual([then]);
  });

  it('says 404 of a log that it does not know', async () => {
    const { made: one } = witness({}, {});
    expect((await one.addCheckpoint(await ask(0, 7))).status).toBe(404);
  });

  it('says 403 when no key that it knows has signed, or one wrongly', async () => {
    const other = logVerifier(generateKey(ORIGIN, Buffer.alloc(32, 9)));
    const { made: one, trees } = witness({}, { [ORIGIN]: [other] });
    expect((await one.addCheckpoint(await ask(0, 7))).status).toBe(403);
    const { made: two } = witness();
    const checkpoint = (await made.checkpoint(7)).replace(/\n7\n/, '\n8\n');
    expect((await two.addCheckpoint(await ask(0, 7, made, { checkpoint }))).status).toBe(403);
    expect(trees.size).toBe(0);
  });

  it('takes any of a log’s keys, also while the log changes them', async () => {
    const next = logVerifier(generateKey(ORIGIN, Buffer.alloc(32, 9)));
    const { made: one } = witness({}, { [ORIGIN]: [next, log.verifier] });
    expect((await one.addCheckpoint(await ask(0, 7))).status).toBe(200);
  });

  it('says 400 when the old size is larger than the new, and to what is no request', async () => {
    const { made: one } = witness({ [ORIGIN]: { size: 8, root: await made.root(8) } });
    expect((await one.addCheckpoint(await ask(8, 7))).status).toBe(400);
    for (const body of [
      '',
      'old 1',
      Buffer.from([0xff]),
      Buffer.alloc(ADD_CHECKPOINT_LIMIT + 1),
      'old 0\n\nx\n\n',
    ])
      expect((await one.addCheckpoint(body)).status).toBe(400);
    const many = `old 0\n${`${Buffer.alloc(32).toString('base64')}\n`.repeat(64)}\n${await made.checkpoint(7)}`;
    expect((await one.addCheckpoint(many)).status).toBe(400);
  });

  it('says 409 and the size that it has, when the old size is another', async () => {
    const { made: one } = witness({ [ORIGIN]: { size: 8, root: await made.root(8) } });
    for (const old of [0, 7, 9]) {
      const answer = await one.addCheckpoint(await ask(old, 20));
      expect(answer).toEqual({ status: 409, contentType: 'text/x.tlog.size', body: '8\n' });
      expect(readWitnessReply(answer, await made.checkpoint(20), [w1.verifier])).toEqual({
        kind: 'conflict',
        size: 8,
      });
    }
    const { made: empty } = witness();
    expect(await empty.addCheckpoint(await ask(3, 20))).toMatchObject({ status: 409, body: '0\n' });
  });

  it('says 422 to a proof that proves nothing, and to a rewritten history that the log itself signed', async () => {
    const { made: one, trees } = witness({ [ORIGIN]: { size: 8, root: await made.root(8) } });
    const proof = await consistencyProof(made.read, 8, 20);
    for (const wrong of [[], proof.slice(1), [...proof, Buffer.alloc(32)], proof.with(0, Buffer.alloc(32))])
      expect((await one.addCheckpoint(await ask(8, 20, made, { proof: wrong }))).status).toBe(422);
    expect((await one.addCheckpoint(await ask(8, 20, madeUpLog(20, 3)))).status).toBe(422);
    expect(trees.get(ORIGIN)?.size).toBe(8);
    // What was rewritten after the tree that it knows is not to be seen by it; that is what more checkpoints are for.
    expect((await one.addCheckpoint(await ask(8, 20, madeUpLog(20, 9)))).status).toBe(200);
  });

  it('says 409 without a size, so that no one asks again, to another tree of the same size', async () => {
    const { made: one, trees } = witness({ [ORIGIN]: { size: 8, root: await made.root(8) } });
    const answer = await one.addCheckpoint(await ask(8, 8, madeUpLog(20, 3)));
    expect(answer).toMatchObject({ status: 409, contentType: 'text/plain; charset=utf-8' });
    expect(trees.get(ORIGIN)?.root).toEqual(await made.root(8));
  });

  // The same cases as in the tests of litewitness.
  it.each([
    ['an empty tree with another root', 0, { root: Buffer.alloc(32) }, []],
    ['an empty tree with a proof', 0, {}, [Buffer.alloc(32)]],
    ['a first tree with a proof', 1, {}, [Buffer.alloc(32)]],
  ])('says 422 to %s', async (_, size, change, proof) => {
    const { made: one, trees } = witness();
    const checkpoint = await made.checkpoint(size, change);
    expect((await one.addCheckpoint(formatAddCheckpoint({ old: 0, proof, checkpoint }))).status).toBe(422);
    expect(trees.size).toBe(0);
  });

  it('knows the empty tree also when it cosigned it', async () => {
    const { made: one } = witness({ [ORIGIN]: { size: 0, root: emptyRoot } });
    expect((await one.addCheckpoint(await ask(0, 0))).status).toBe(200);
    expect((await one.addCheckpoint(await ask(0, 5))).status).toBe(200);
  });

  it.each(['asked', 'before'] as const)('cosigns one of two requests that race (%s)', async (when) => {
    const { made: one, hook, trees } = witness({ [ORIGIN]: { size: 8, root: await made.root(8) } });
    hook[when] = async () => {
      hook[when] = nothing;
      expect((await one.addCheckpoint(await ask(8, 50))).status).toBe(200);
    };
    expect(await one.addCheckpoint(await ask(8, 20))).toEqual({
      status: 409,
      contentType: 'text/x.tlog.size',
      body: '50\n',
    });
    expect(trees.get(ORIGIN)?.size).toBe(50);
  });

  it('does not cosign the tree that it had when a larger one was taken meanwhile', async () => {
    const { made: one, hook } = witness({ [ORIGIN]: { size: 8, root: await made.root(8) } });
    hook.before = async () => {
      hook.before = nothing;
      await one.addCheckpoint(await ask(8, 50));
    };
    expect((await one.addCheckpoint(await ask(8, 8))).status).toBe(409);
  });

  it('cosigns nothing that it could not remember', async () => {
    const { made: one, hook } = witness();
    hook.before = async () => {
      throw new Error('disk full');
    };
    await expect(one.addCheckpoint(await ask(0, 7))).rejects.toThrow('disk full');
    hook.before = nothing;
    expect((await one.addCheckpoint(await ask(0, 7))).status).toBe(200);
  });

  it('answers the requests of litewitness’s own tests as that does', async () => {
    const key = logVerifier({
      ...generateKey(sigsum.origin, Buffer.alloc(32)),
      publicKey: sigsum.publicKey,
      keyId: 0x5202289b,
    });
    const { made: one } = witness({}, { [sigsum.origin]: [key] });
    expect((await one.addCheckpoint(sigsum.to1)).status).toBe(200);
    expect((await one.addCheckpoint(sigsum.from1To3)).status).toBe(200);
    expect(await one.addCheckpoint(sigsum.from1To5)).toMatchObject({ status: 409, body: '3\n' });
    const { made: two } = witness({}, { [sigsum.origin]: [key] });
    await two.addCheckpoint(sigsum.to1);
    expect((await two.addCheckpoint(sigsum.from1To5)).status).toBe(200);
    expect(await two.addCheckpoint(sigsum.from1To3)).toMatchObject({ status: 409, body: '5\n' });
  });
});

describe('a request', () => {
  it('is read as it is written', async () => {
    const checkpoint = await made.checkpoint(20);
    const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.array(hash, { maxLength: 63 }), (old, proof) => {
        const request = { old, proof, checkpoint };
        expect(parseAddCheckpoint(formatAddCheckpoint(request))).toEqual(request);
      }),
      { numRuns: 50 },
    );
  });

  it('that can be read is the only writing of what is in it, and nothing else is thrown', async () => {
    const good = await ask(8, 20);
    const some = bent(good, ['', '\n', ' ', '0', '=', 'A', '\n\n', 'é']);
    fc.assert(
      fc.property(some, (text) => expectOneSpelling(text, parseAddCheckpoint, formatAddCheckpoint)),
      { numRuns: 500 },
    );
  });

  it('is not written when it could not be read again', async () => {
    const checkpoint = await made.checkpoint(20);
    expect(thrown(() => formatAddCheckpoint({ old: -1, proof: [], checkpoint }))).toEqual(
      refused('bad_request'),
    );
    const proof = Array<Buffer>(64).fill(Buffer.alloc(32));
    expect(thrown(() => formatAddCheckpoint({ old: 1, proof, checkpoint }))).toEqual(refused('bad_request'));
  });

  it('in hostile lengths is refused in time', () => {
    const long = (part: string) => part.repeat(Math.floor((ADD_CHECKPOINT_LIMIT - 100) / part.length));
    for (const hostile of [long('\n'), long('A\n'), long('old 0\n'), `old 0\n\n${long('\n\n')}`])
      expect(thrown(() => parseAddCheckpoint(hostile))).toBeInstanceOf(TlogError);
  });
});

describe('a witness’s answer', async () => {
  const checkpoint = await made.checkpoint(20);
  const { made: one } = witness({ [ORIGIN]: { size: 8, root: await made.root(8) } });
  const answer = await one.addCheckpoint(await ask(8, 20));

  it('is believed for its own key and this checkpoint only', async () => {
    expect(thrown(() => readWitnessReply(answer, checkpoint, [w2.verifier]))).toEqual(refused('unsigned'));
    const other = await made.checkpoint(21);
    expect(thrown(() => readWitnessReply(answer, other, [w1.verifier]))).toEqual(refused('bad_signature'));
    expect(thrown(() => readWitnessReply({ ...answer, body: '' }, checkpoint, [w1.verifier]))).toEqual(
      refused('bad_note'),
    );
    const endless = { ...answer, body: 'x'.repeat(WITNESS_REPLY_LIMIT + 1) };
    expect(thrown(() => readWitnessReply(endless, checkpoint, [w1.verifier]))).toEqual(refused('too_large'));
  });

  it('with signatures of other keys too is taken without them', async () => {
    const { text } = parseNote(checkpoint);
    const signature = await w2.cosigner.cosign(text, 5);
    const both = addSignatures(checkpoint, [{ name: w2.key.name, keyId: w2.key.keyId, signature }]);
    const body = `${both.slice(both.indexOf(`— ${w2.key.name}`))}${answer.body}`;
    const reply = readWitnessReply({ ...answer, body }, checkpoint, [w1.verifier]);
    expect(reply).toMatchObject({ kind: 'cosigned', signatures: [{ name: w1.key.name }] });
  });

  it('of any other kind is a refusal, with a text that is safe to show', () => {
    const html = {
      status: 502,
      contentType: 'text/html',
      body: Buffer.from(`\u001b[2J${'<p>'.repeat(900)}`),
    };
    const reply = readWitnessReply(html, checkpoint, [w1.verifier]);
    if (reply.kind !== 'refused') return expect.fail(reply.kind);
    expect(reply.status).toBe(502);
    expect(reply.reason.length).toBeLessThanOrEqual(300);
    expect(reply.reason).not.toContain('\u001b');
    const odd = { status: 409, contentType: 'text/x.tlog.size', body: '08\n' };
    expect(readWitnessReply(odd, checkpoint, [w1.verifier])).toMatchObject({ kind: 'refused' });
    const typed = { status: 409, contentType: 'Text/X.tlog.size; charset=utf-8', body: '8\n' };
    expect(readWitnessReply(typed, checkpoint, [w1.verifier])).toEqual({ kind: 'conflict', size: 8 });
  });
});
