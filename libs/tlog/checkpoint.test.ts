import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatCheckpoint, openCheckpoint, parseCheckpoint, signCheckpoint } from './checkpoint.ts';
import { bent, expectOneSpelling, log, madeUpLog, ORIGIN, refused, thrown, witnesses } from './harness.ts';
import { cosignatureVerifier, logVerifier } from './keys.ts';
import { addSignatures, parseNote } from './note.ts';
import { arche } from './vectors.ts';

const ROOT = 'CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=';

describe('a checkpoint’s text', () => {
  it('is that of the specification’s example', () => {
    const text = `example.com/behind-the-sofa\n20852163\n${ROOT}\n`;
    const checkpoint = parseCheckpoint(text);
    expect(checkpoint).toEqual({
      origin: 'example.com/behind-the-sofa',
      size: 20_852_163,
      root: Buffer.from(ROOT, 'base64'),
      extensions: [],
    });
    expect(formatCheckpoint(checkpoint)).toBe(text);
  });

  it('is read as it is written', () => {
    const line = fc.stringMatching(/^[a-zé+ —]{1,20}$/);
    const checkpoint = fc.record({
      origin: line,
      size: fc.oneof(fc.nat(), fc.maxSafeNat()),
      root: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes)),
      extensions: fc.array(line, { maxLength: 3 }),
    });
    fc.assert(
      fc.property(checkpoint, (checkpoint) => {
        expect(parseCheckpoint(formatCheckpoint(checkpoint))).toEqual(checkpoint);
      }),
    );
  });

  it.each([
    '',
    '\n',
    `a\n1\n${ROOT}`,
    `\n1\n${ROOT}\n`,
    `a\n\n${ROOT}\n`,
    `a\n01\n${ROOT}\n`,
    `a\n+1\n${ROOT}\n`,
    `a\n-1\n${ROOT}\n`,
    `a\n-0\n${ROOT}\n`,
    `a\n1e3\n${ROOT}\n`,
    `a\n0x1\n${ROOT}\n`,
    `a\n1 \n${ROOT}\n`,
    `a\n١\n${ROOT}\n`,
    `a\n9007199254740992\n${ROOT}\n`,
    `a\n18446744073709551615\n${ROOT}\n`,
    `a\n1\n${ROOT.slice(0, -1)}\n`,
    `a\n1\n${ROOT.replace('2I=', '2J=')}\n`,
    `a\n1\n${ROOT.replace('/', '_')}\n`,
    `a\n1\n${ROOT} \n`,
    `a\n1\n${Buffer.alloc(31).toString('base64')}\n`,
    `a\n1\n${Buffer.alloc(33).toString('base64')}\n`,
    `a\n1\n`,
    `a\n1\n${ROOT}\n\n`,
    `a\n1\n${ROOT}\n\nx\n`,
    `a\n1\n${ROOT}\nx`,
    `a\r\n1\r\n${ROOT}\r\n`,
    `${'a'.repeat(256)}\n1\n${ROOT}\n`,
    `${'é'.repeat(128)}\n1\n${ROOT}\n`,
  ])('has one spelling, and it is not %j', (text) => {
    expect(thrown(() => parseCheckpoint(text))).toEqual(refused('bad_checkpoint'));
  });

  it('takes the largest size and the longest origin', () => {
    const text = `${'é'.repeat(127)}a\n9007199254740991\n${ROOT}\n`;
    expect(parseCheckpoint(text).size).toBe(Number.MAX_SAFE_INTEGER);
  });

  it('that can be read is the only writing of what is in it, and nothing else is thrown', () => {
    const some = bent(`a\n10\n${ROOT}\nmore\n`, ['', '\n', ' ', '0', '=', 'A', '\r', '+']);
    fc.assert(
      fc.property(some, (text) => expectOneSpelling(text, parseCheckpoint, formatCheckpoint)),
      { numRuns: 1_000 },
    );
  });

  it('is not written when it could not be read again', () => {
    const good = { origin: ORIGIN, size: 1, root: Buffer.alloc(32), extensions: [] };
    for (const bad of [
      { ...good, origin: '' },
      { ...good, origin: `a\n1\n${ROOT}` },
      { ...good, origin: 'tab\t' },
      { ...good, size: -1 },
      { ...good, size: 1.5 },
      { ...good, size: 2 ** 53 },
      { ...good, root: Buffer.alloc(31) },
      { ...good, extensions: [''] },
      { ...good, extensions: ['two\nlines'] },
    ])
      expect(thrown(() => formatCheckpoint(bad))).toEqual(refused('bad_checkpoint'));
  });
});

describe('a public log’s checkpoint', () => {
  const trust = {
    origin: arche.origin,
    log: logVerifier(arche.verifierKey),
    witnesses: arche.witnessKeys.map(cosignatureVerifier),
  };

  it('opens with its log’s key and those of its four witnesses', () => {
    const { checkpoint, cosignatures } = openCheckpoint(arche.checkpoint, trust);
    expect(checkpoint.size).toBe(arche.size);
    expect(cosignatures).toEqual(
      trust.witnesses.map(({ name, keyId }) => ({ name, keyId, time: arche.time })),
    );
  });

  it('does not when a digit of it is another', () => {
    for (const changed of ['1432088533', '432088532', '14320885320'])
      expect(
        thrown(() => openCheckpoint(arche.checkpoint.replace(String(arche.size), changed), trust)),
      ).toEqual(refused('bad_signature'));
  });

  it('is not cosigned by a fifth', () => {
    const witnesses = [...trust.witnesses, cosignatureVerifier(arche.otherWitnessKey)];
    expect(thrown(() => openCheckpoint(arche.checkpoint, { ...trust, witnesses }))).toEqual(
      refused('no_quorum'),
    );
    expect(openCheckpoint(arche.checkpoint, { ...trust, witnesses, quorum: 4 }).cosignatures.length).toBe(4);
  });
});

describe('opening a checkpoint', async () => {
  const made = madeUpLog(20);
  const bare = await made.checkpoint(20);
  const { text } = parseNote(bare);
  const cosign = async (at: number, time: number) => {
    const { cosigner } = witnesses[at] ?? expect.fail();
    return { name: cosigner.name, keyId: cosigner.keyId, signature: await cosigner.cosign(text, time) };
  };
  const two = addSignatures(bare, [await cosign(0, 100), await cosign(1, 200)]);
  const trust = { origin: ORIGIN, log: log.verifier, witnesses: witnesses.map(({ verifier }) => verifier) };

  it('asks for the log’s signature, whoever else has signed', async () => {
    expect(openCheckpoint(bare, { origin: ORIGIN, log: log.verifier })).toEqual({
      checkpoint: { origin: ORIGIN, size: 20, root: await made.root(20), extensions: [] },
      cosignatures: [],
    });
    const unsigned = two.replace(/— log.example.*\n/, '');
    expect(thrown(() => openCheckpoint(unsigned, { ...trust, quorum: 2 }))).toEqual(refused('unsigned'));
  });

  it('asks for the quorum, by default all', () => {
    expect(openCheckpoint(two, { ...trust, quorum: 2 }).cosignatures.map(({ time }) => time)).toEqual([
      100, 200,
    ]);
    expect(openCheckpoint(bare, { ...trust, quorum: 0 }).cosignatures).toEqual([]);
    for (const quorum of [3, undefined])
      expect(thrown(() => openCheckpoint(two, { ...trust, quorum }))).toEqual(refused('no_quorum'));
    for (const quorum of [4, -1, Number.NaN, 1.5])
      expect(thrown(() => openCheckpoint(two, { ...trust, quorum }))).toEqual(refused('out_of_range'));
  });

  it('counts a witness once, however often it has signed', async () => {
    const { text, signatures } = parseNote(bare);
    const twice = addSignatures(bare, [await cosign(0, 100), await cosign(0, 101)]);
    expect(parseNote(twice)).toEqual({
      text,
      signatures: [...signatures, await cosign(0, 100), await cosign(0, 101)],
    });
    expect(openCheckpoint(twice, { ...trust, quorum: 1 }).cosignatures.length).toBe(2);
    expect(thrown(() => openCheckpoint(twice, { ...trust, quorum: 2 }))).toEqual(refused('no_quorum'));
  });

  it('does not take a witness’s word twice when it is given twice', () => {
    const [first] = trust.witnesses;
    if (first === undefined) return expect.fail();
    expect(thrown(() => openCheckpoint(two, { ...trust, witnesses: [first, first] }))).toEqual(
      refused('bad_key'),
    );
  });

  it('refuses a known witness’s wrong cosignature, also beyond the quorum', async () => {
    const { signature, ...third } = await cosign(2, 300);
    signature[70] = (signature[70] ?? 0) ^ 1;
    const wrong = addSignatures(two, [{ ...third, signature }]);
    expect(thrown(() => openCheckpoint(wrong, { ...trust, quorum: 2 }))).toEqual(refused('bad_signature'));
    const known = trust.witnesses.slice(0, 2);
    expect(openCheckpoint(wrong, { ...trust, witnesses: known }).cosignatures.length).toBe(2);
  });

  it('refuses another log’s checkpoint, also when the same key signed it', async () => {
    const other = await made.checkpoint(20, { origin: 'log.example/other' });
    expect(thrown(() => openCheckpoint(other, { ...trust, quorum: 0 }))).toEqual(refused('wrong_origin'));
  });

  it('refuses what the log signed and is no checkpoint', async () => {
    const { signature, ...own } = parseNote(bare).signatures[0] ?? expect.fail();
    expect(signature.length).toBe(64);
    const note = addSignatures(bare.replace(text, 'no checkpoint\n'), [
      { ...own, signature: await log.signer.sign('no checkpoint\n') },
    ]);
    expect(thrown(() => openCheckpoint(note, { ...trust, quorum: 0 }))).toEqual(refused('bad_checkpoint'));
  });

  it('reads back what was signed', async () => {
    const checkpoint = {
      origin: ORIGIN,
      size: 3,
      root: await made.root(3),
      extensions: ['made-up extension'],
    };
    const signed = await signCheckpoint(checkpoint, [log.signer]);
    expect(openCheckpoint(Buffer.from(signed), { origin: ORIGIN, log: log.verifier }).checkpoint).toEqual(
      checkpoint,
    );
  });
});
