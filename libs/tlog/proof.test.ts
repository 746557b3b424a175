import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TlogError } from './errors.ts';
import { bent, expectOneSpelling, log, madeUpLog, ORIGIN, refused, thrown, witnesses } from './harness.ts';
import { leafHash } from './hash.ts';
import { addSignatures, parseNote } from './note.ts';
import { formatProof, PROOF_LIMIT, type Proof, parseProof, verifyProof } from './proof.ts';
import { inclusionProof } from './tree.ts';

describe('a proof', async () => {
  const size = 300;
  const made = madeUpLog(size);
  const checkpoint = await made.checkpoint(size);
  const proofOf = async (index: number): Promise<Proof> => ({
    index,
    hashes: await inclusionProof(made.read, index, size),
    checkpoint,
    extra: null,
  });
  const trust = { origin: ORIGIN, log: log.verifier };

  it('is written as the specification says', async () => {
    const proof = await proofOf(7);
    const hashes = proof.hashes.map((hash) => `${hash.toString('base64')}\n`).join('');
    expect(formatProof(proof)).toBe(`c2sp.org/tlog-proof@v1\nindex 7\n${hashes}\n${checkpoint}`);
    expect(formatProof(proof, 'spicy')).toBe(`index 7\n${hashes}\n${checkpoint}`);
    expect(formatProof({ ...proof, extra: Buffer.from('made up') })).toBe(
      `c2sp.org/tlog-proof@v1\nextra bWFkZSB1cA==\nindex 7\n${hashes}\n${checkpoint}`,
    );
  });

  it('shows its entry at its index, in both formats', async () => {
    for (const index of [0, 1, 7, 255, 256, 299])
      for (const format of ['tlog-proof', 'spicy'] as const) {
        const text = formatProof(await proofOf(index), format);
        const verified = verifyProof(text, { ...trust, entry: made.entry(index), format });
        expect(verified).toEqual({
          index,
          extra: null,
          checkpoint: { origin: ORIGIN, size, root: await made.root(size), extensions: [] },
          cosignatures: [],
        });
      }
  });

  it('of the only entry has no hashes', async () => {
    const only = madeUpLog(1);
    const text = formatProof({ index: 0, hashes: [], checkpoint: await only.checkpoint(1), extra: null });
    expect(text).toContain('index 0\n\nlog.example');
    expect(verifyProof(text, { ...trust, entry: only.entry(0) }).index).toBe(0);
  });

  it('shows no other entry, and none at another index or in another tree', async () => {
    const proof = await proofOf(7);
    const entry = made.entry(7);
    const text = formatProof(proof);
    expect(thrown(() => verifyProof(text, { ...trust, entry: made.entry(8) }))).toEqual(refused('bad_proof'));
    expect(thrown(() => verifyProof(text.replace('index 7', 'index 6'), { ...trust, entry }))).toEqual(
      refused('bad_proof'),
    );
    const other = await madeUpLog(size, 200).checkpoint(size);
    expect(
      thrown(() => verifyProof(formatProof({ ...proof, checkpoint: other }), { ...trust, entry })),
    ).toEqual(refused('bad_proof'));
    // The hash of two neighbours is no entry, though it is in the tree: leaves and nodes are hashed apart.
    const pair = Buffer.concat([made.entry(6), made.entry(7)].map(leafHash));
    const hashes = proof.hashes.slice(1);
    expect(
      thrown(() => verifyProof(formatProof({ ...proof, index: 3, hashes }), { ...trust, entry: pair })),
    ).toEqual(refused('bad_proof'));
  });

  it('has to be signed by the log and cosigned by the quorum', async () => {
    const { text } = parseNote(checkpoint);
    const [one] = witnesses;
    if (one === undefined) return expect.fail();
    const cosigned = addSignatures(checkpoint, [
      { name: one.key.name, keyId: one.key.keyId, signature: await one.cosigner.cosign(text, 1_700_000_000) },
    ]);
    const proof = formatProof({ ...(await proofOf(7)), checkpoint: cosigned });
    const known = { ...trust, entry: made.entry(7), witnesses: witnesses.map(({ verifier }) => verifier) };
    expect(verifyProof(proof, { ...known, quorum: 1 }).cosignatures.map(({ time }) => time)).toEqual([
      1_700_000_000,
    ]);
    expect(thrown(() => verifyProof(proof, { ...known, quorum: 2 }))).toEqual(refused('no_quorum'));
    const unsigned = proof.replace(/— log.example.*\n/, '');
    expect(thrown(() => verifyProof(unsigned, { ...known, quorum: 1 }))).toEqual(refused('unsigned'));
    expect(thrown(() => verifyProof(proof, { ...known, quorum: 1, origin: 'log.example/other' }))).toEqual(
      refused('wrong_origin'),
    );
  });

  it('is changed in no place without being noticed, but in what nothing vouches for', async () => {
    const bytes = Buffer.from(formatProof({ ...(await proofOf(7)), extra: Buffer.from('ab') }));
    const extra = bytes.indexOf('extra ') + 6;
    for (let at = 0; at < bytes.length; at++) {
      const flipped = Buffer.from(bytes);
      flipped[at] = (flipped[at] ?? 0) ^ 1;
      const verified = thrown(() => verifyProof(flipped, { ...trust, entry: made.entry(7) }));
      if (at >= extra && at < extra + 4 && !(verified instanceof Error)) continue;
      expect(verified).toBeInstanceOf(TlogError);
    }
  });

  it('is read as it is written', async () => {
    const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes));
    const extra = fc.option(
      fc.uint8Array({ minLength: 1, maxLength: 99 }).map((bytes) => Buffer.from(bytes)),
    );
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.array(hash, { maxLength: 63 }), extra, (index, hashes, extra) => {
        const proof = { index, hashes, checkpoint, extra };
        expect(parseProof(formatProof(proof))).toEqual(proof);
        const spicy = { ...proof, extra: null };
        expect(parseProof(Buffer.from(formatProof(spicy, 'spicy')), 'spicy')).toEqual(spicy);
      }),
      { numRuns: 50 },
    );
  });

  it('is not written when it could not be read again', async () => {
    const proof = await proofOf(7);
    for (const bad of [
      { ...proof, index: -1 },
      { ...proof, hashes: [Buffer.alloc(31)] },
      { ...proof, hashes: Array<Buffer>(64).fill(Buffer.alloc(32)) },
      { ...proof, extra: Buffer.alloc(0) },
    ])
      expect(thrown(() => formatProof(bad))).toEqual(refused('bad_proof'));
    expect(thrown(() => formatProof({ ...proof, extra: Buffer.from('x') }, 'spicy'))).toEqual(
      refused('bad_proof'),
    );
    expect(thrown(() => formatProof({ ...proof, checkpoint: 'none' }))).toEqual(refused('bad_note'));
  });

  it('has one spelling', async () => {
    const good = formatProof(await proofOf(7));
    for (const [from, to] of [
      ['@v1', '@v2'],
      ['c2sp.org', ' c2sp.org'],
      ['c2sp.org/tlog-proof@v1\n', ''],
      ['c2sp.org/tlog-proof@v1\n', 'c2sp.org/tlog-proof@v1\r\n'],
      ['index 7', 'index 07'],
      ['index 7', 'index +7'],
      ['index 7', 'index  7'],
      ['index 7', 'index'],
      ['index 7', 'extra \nindex 7'],
      ['index 7', 'extra !!\nindex 7'],
      ['index 7', 'extra AA==\nextra AA==\nindex 7'],
      ['index 7', 'more AA==\nindex 7'],
      ['index 7\n', 'index 7\n\n'],
      ['=\n', '\n'],
      ['=\n', '= \n'],
      ['\n\n', '\n'],
    ] as const)
      expect(thrown(() => parseProof(good.replace(from, to)))).toBeInstanceOf(TlogError);
    expect(thrown(() => parseProof(good, 'spicy'))).toEqual(refused('bad_proof'));
  });

  it('that can be read is the only writing of what is in it, and nothing else is thrown', async () => {
    const good = formatProof({ ...(await proofOf(3)), extra: Buffer.from('x') });
    const some = bent(good, ['', '\n', ' ', '0', '=', 'A', '\n\n', 'é']);
    fc.assert(
      fc.property(some, (text) => expectOneSpelling(text, parseProof, formatProof)),
      { numRuns: 500 },
    );
  });

  it('in hostile lengths is refused in time', () => {
    const first = 'c2sp.org/tlog-proof@v1\n';
    const long = (part: string) => part.repeat(Math.floor((PROOF_LIMIT - 100) / part.length));
    for (const hostile of [
      long('\n'),
      long('A'),
      `index 1\n${long('A')}`,
      `index 1\n${long('A\n')}`,
      long('extra A\n'),
    ])
      expect(thrown(() => parseProof(first + hostile))).toBeInstanceOf(TlogError);
    expect(thrown(() => parseProof(Buffer.alloc(PROOF_LIMIT + 1)))).toEqual(refused('too_large'));
  });
});
