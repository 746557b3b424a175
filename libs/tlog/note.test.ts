import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TlogError } from './errors.ts';
import { bent, expectOneSpelling, refused, thrown } from './harness.ts';
import { generateKey, logSigner, logVerifier, parseSignerKey } from './keys.ts';
import {
  addSignatures,
  formatNote,
  formatSignatures,
  NOTE_LIMIT,
  type Note,
  openNote,
  parseNote,
  parseSignatures,
  signNote,
  verifySignatures,
} from './note.ts';
import { enoch, peter, cryptography as text } from './vectors.ts';

const [peterKey, enochKey] = [logVerifier(peter.verifierKey), logVerifier(enoch.verifierKey)];
const names = ({ signatures }: Note) => signatures.map(({ name }) => name);

describe('the notes of Go’s tests', () => {
  const both = `${text}\n${peter.line}${enoch.line}`;

  it('are signed to the same bytes', async () => {
    expect(await signNote(text, [logSigner(parseSignerKey(peter.signerKey))])).toBe(`${text}\n${peter.line}`);
  });

  it('are opened with the keys that are known; other signatures are not looked at', () => {
    expect(names(openNote(both, [peterKey]))).toEqual(['PeterNeumann']);
    expect(names(openNote(both, [peterKey, enochKey]))).toEqual(['PeterNeumann', 'EnochRoot']);
    expect(openNote(both, [peterKey]).text).toBe(text);
    expect(names(parseNote(both))).toEqual(['PeterNeumann', 'EnochRoot']);
    expect(parseNote(both).signatures[0]?.keyId).toBe(0xc74f20a3);
    expect(thrown(() => openNote(both, []))).toEqual(refused('unsigned'));
  });

  it('are refused when a known key’s signature is wrong, however many are right', () => {
    const bent = `${peter.line.slice(0, 60)}ABCD${peter.line.slice(60)}`;
    expect(thrown(() => openNote(`${text}\n${bent}`, [peterKey]))).toEqual(refused('bad_signature'));
    expect(thrown(() => openNote(`${text}\n${peter.line}${bent}`, [peterKey]))).toEqual(
      refused('bad_signature'),
    );
    expect(thrown(() => openNote(`${text}\n${enoch.line}${bent}`, [peterKey, enochKey]))).toEqual(
      refused('bad_signature'),
    );
    expect(names(openNote(`${text}\n${enoch.line}${bent}`, [enochKey]))).toEqual(['EnochRoot']);
  });

  it('count a line that stands there again once', () => {
    const note = `${text}\n${peter.line}${peter.line}${enoch.line}`;
    expect(names(openNote(note, [peterKey]))).toEqual(['PeterNeumann']);
    expect(formatNote(parseNote(note))).toBe(note);
  });

  it('are not opened with one key given twice', () => {
    expect(thrown(() => openNote(both, [peterKey, enochKey, peterKey]))).toEqual(refused('bad_key'));
  });

  it('of another name or key ID are another key’s', () => {
    const misnamed = peter.line.replace('PeterNeumann', 'CarmenSandiego');
    expect(thrown(() => openNote(`${text}\n${misnamed}`, [peterKey]))).toEqual(refused('unsigned'));
    const otherId = peter.line.replace('x08g', 'xxxx');
    expect(thrown(() => openNote(`${text}\n${otherId}`, [peterKey]))).toEqual(refused('unsigned'));
  });

  it('have at most a hundred signatures', () => {
    expect(names(parseNote(`${text}\n${peter.line.repeat(100)}`)).length).toBe(100);
    expect(thrown(() => parseNote(`${text}\n${peter.line.repeat(101)}`))).toEqual(refused('too_large'));
  });

  it.each([
    text,
    `${text}\n`,
    `${text}\n${peter.line.slice(0, -1)}`,
    `\u0001${text}\n${peter.line}`,
    `${text}\r\n${peter.line}`,
    `${text}\n— Bad Name ${peter.line.slice(15)}`,
    `${text}\n${peter.line}Unexpected line.\n`,
    `${text}\n${peter.line}\n`,
    `${text}\n${peter.line.replace('— ', '- ')}`,
    `${text}\n${peter.line.replace('— ', '—')}`,
    `${text}\n${peter.line.replace(' x08', '  x08')}`,
    `${text}\n${peter.line.replace('=\n', '\n')}`,
    `${text}\n${peter.line.replace('nAM=', 'nAN=')}`,
    `${text}\n— PeterNeumann x08gow==\n`,
    `${text}\n— PeterNeumann \n`,
    `${text}\n— PeterNeumann\n`,
    '',
    '\n\n',
    `${text}${peter.line}`,
    `\ud800${text}\n${peter.line}`,
  ])('are no notes: %j', (note) => {
    expect(thrown(() => parseNote(note))).toEqual(refused('bad_note'));
  });

  it('are no notes when they are not UTF-8', () => {
    const bytes = Buffer.concat([Buffer.from([0xff]), Buffer.from(both)]);
    expect(thrown(() => parseNote(bytes))).toEqual(refused('bad_note'));
    expect(parseNote(Buffer.from(both))).toEqual(parseNote(both));
  });
});

describe('notes', () => {
  const signer = logSigner(generateKey('log.example', Buffer.alloc(32, 1)));
  const known = logVerifier(signer.verifierKey);
  const line = fc.stringMatching(/^[a-zé— +]{0,12}$/);
  const anyText = fc.array(line, { minLength: 1, maxLength: 6 }).map((lines) => `${lines.join('\n')}\n`);

  it('give back the text that was signed, empty lines and dashes and all', async () => {
    await fc.assert(
      fc.asyncProperty(anyText, async (text) => {
        const note = await signNote(text, [signer]);
        expect(openNote(note, [known]).text).toBe(text);
        expect(formatNote(parseNote(note))).toBe(note);
      }),
    );
  });

  it('that can be read are the only writing of what is in them, and nothing else is thrown', () => {
    const good = `${text}\n${peter.line}${enoch.line}`;
    const some = bent(good, ['', '\n', ' ', '— ', '+', '=', 'A', '\u0085', 'é']);
    const bytes = fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('latin1'));
    fc.assert(
      fc.property(fc.oneof(some, bytes), (input) => expectOneSpelling(input, parseNote, formatNote)),
      { numRuns: 1_000 },
    );
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(thrown(() => parseNote(bytes))).toEqual(refused('bad_note'));
      }),
    );
  });

  it('are changed in no place without the signature noticing', async () => {
    const note = Buffer.from(await signNote(text, [signer]));
    for (let at = 0; at < note.length; at++)
      for (const bit of [1, 8, 128]) {
        const flipped = Buffer.from(note);
        flipped[at] = (flipped[at] ?? 0) ^ bit;
        expect(thrown(() => openNote(flipped, [known]))).toBeInstanceOf(TlogError);
      }
  });

  it('are read in time in proportion to their length, and not beyond a megabyte', () => {
    const long = (part: string) => part.repeat(Math.floor((NOTE_LIMIT - 200) / Buffer.byteLength(part)));
    for (const hostile of [long('\n\n'), long('— '), long('— a '), `\n\n${long('— a AAAA\n')}`, long(' ')])
      expect(thrown(() => parseNote(hostile))).toBeInstanceOf(TlogError);
    const longest = `${long('line\n')}\n${peter.line}`;
    expect(parseNote(longest).signatures.length).toBe(1);
    expect(thrown(() => parseNote('é'.repeat(NOTE_LIMIT / 2 + 1)))).toEqual(refused('too_large'));
    expect(thrown(() => parseNote(Buffer.alloc(NOTE_LIMIT + 1)))).toEqual(refused('too_large'));
  });

  it('are not written when they could not be read again', async () => {
    const signatures = parseNote(await signNote(text, [signer])).signatures;
    expect(thrown(() => formatNote({ text: 'no newline', signatures }))).toEqual(refused('bad_note'));
    expect(thrown(() => formatNote({ text: 'tab\t\n', signatures }))).toEqual(refused('bad_note'));
    expect(thrown(() => formatNote({ text, signatures: [] }))).toEqual(refused('bad_note'));
    const named = signatures.map((one) => ({ ...one, name: 'a b' }));
    expect(thrown(() => formatNote({ text, signatures: named }))).toEqual(refused('bad_note'));
    await expect(signNote('lone \ud800\n', [signer])).rejects.toEqual(refused('bad_note'));
  });

  it('take further signatures; a newer one of the same key takes the place of the old', async () => {
    const one = `${text}\n${peter.line}`;
    const two = addSignatures(one, parseSignatures(enoch.line));
    expect(two).toBe(`${text}\n${peter.line}${enoch.line}`);
    expect(addSignatures(two, parseSignatures(peter.line))).toBe(`${text}\n${enoch.line}${peter.line}`);
    expect(formatSignatures(parseSignatures(peter.line + enoch.line))).toBe(peter.line + enoch.line);
  });

  it('tell which key each signature is of', () => {
    const verified = verifySignatures(parseNote(`${text}\n${enoch.line}${peter.line}`), [peterKey]);
    expect(verified.map(({ verifier }) => verifier)).toEqual([peterKey]);
  });
});
