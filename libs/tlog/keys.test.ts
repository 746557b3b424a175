import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TlogError } from './errors.ts';
import { refused, thrown } from './harness.ts';
import {
  cosignatureVerifier,
  cosigner,
  formatSignerKey,
  formatVerifierKey,
  generateKey,
  keyTypes,
  logSigner,
  logVerifier,
  parseSignerKey,
  parseVerifierKey,
} from './keys.ts';
import { arche, cryptography, enoch, peter } from './vectors.ts';

const name = fc.constantFrom('log.example/1', 'a', 'Ünïcode.example', 'x/y?z');
const seed = fc.uint8Array({ minLength: 32, maxLength: 32 });
const type = fc.constantFrom(keyTypes.log, keyTypes.cosignature);

describe('keys that others made', () => {
  it.each([peter.verifierKey, enoch.verifierKey, arche.verifierKey, ...arche.witnessKeys])('%s', (text) => {
    expect(formatVerifierKey(parseVerifierKey(text))).toBe(text);
  });

  it('a secret one gives its public one', () => {
    const key = parseSignerKey(peter.signerKey);
    expect(formatVerifierKey(key)).toBe(peter.verifierKey);
    expect(formatSignerKey(key)).toBe(peter.signerKey);
    expect(logSigner(key).verifierKey).toBe(peter.verifierKey);
  });

  // The same manglings as in Go's tests: every part of the text, and every character replaced by the next one.
  it.each([
    [peter.verifierKey, parseVerifierKey],
    [peter.signerKey, parseSignerKey],
  ])('are not read when mangled: %s', (text, parse) => {
    for (let from = 0; from <= text.length; from++)
      for (let to = from + 1; to <= text.length; to++)
        if (from !== 0 || to !== text.length)
          expect(thrown(() => parse(text.slice(from, to)))).toBeInstanceOf(TlogError);
    for (let at = 0; at < text.length; at++) {
      const next = String.fromCharCode(text.charCodeAt(at) + 1);
      expect(thrown(() => parse(text.slice(0, at) + next + text.slice(at + 1)))).toBeInstanceOf(TlogError);
    }
  });

  it('of other lengths and types are refused, each with its reason', () => {
    const long = 'PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==';
    expect(thrown(() => parseVerifierKey(long))).toEqual(refused('bad_key'));
    const unknown = 'PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
    expect(thrown(() => parseVerifierKey(unknown))).toEqual(refused('unknown_key_type'));
    expect(thrown(() => parseVerifierKey(peter.verifierKey.toUpperCase()))).toEqual(refused('bad_key'));
  });
});

describe('keys that are made here', () => {
  it('are read as they are written', () => {
    fc.assert(
      fc.property(name, seed, type, (name, seed, type) => {
        const key = generateKey(name, seed, type);
        expect(parseSignerKey(formatSignerKey(key))).toEqual(key);
        const { seed: _, ...known } = key;
        expect(parseVerifierKey(formatVerifierKey(key))).toEqual(known);
      }),
      { numRuns: 30 },
    );
  });

  it.each(['', 'two words', 'a+b', 'line\n', 'tab\t', 'no-break\u00a0space', 'next\u0085line', '\ud800'])(
    'do not have the name %j',
    (name) => {
      expect(thrown(() => generateKey(name, Buffer.alloc(32)))).toEqual(refused('bad_key'));
    },
  );

  it('come from 32 bytes', () => {
    expect(thrown(() => generateKey('a', Buffer.alloc(31)))).toEqual(refused('bad_key'));
  });

  it('do not show the secret when they are not read', () => {
    const secret = peter.signerKey.slice(-20);
    for (const text of [peter.signerKey.slice(1), `${peter.signerKey}A`, peter.signerKey.replace('c7', 'c8')])
      expect(String(thrown(() => parseSignerKey(text)))).not.toContain(secret);
  });
});

describe('signatures', () => {
  it('verify for their text and key only', async () => {
    const [one, other] = [1, 2].map((fill) => generateKey('log.example', Buffer.alloc(32, fill)));
    if (one === undefined || other === undefined) return expect.fail();
    const signature = await logSigner(one).sign(cryptography);
    const { verify } = logVerifier(one);
    expect(verify(cryptography, signature)).toBe(true);
    expect(verify(`${cryptography}\n`, signature)).toBe(false);
    expect(logVerifier(other).verify(cryptography, signature)).toBe(false);
    for (let at = 0; at < signature.length; at++) {
      const flipped = Buffer.from(signature);
      flipped[at] = (flipped[at] ?? 0) ^ 1;
      expect(verify(cryptography, flipped)).toBe(false);
    }
    for (const length of [0, 63, 65]) expect(verify(cryptography, Buffer.alloc(length))).toBe(false);
  });

  it('of a witness say when, and verify for that time only', async () => {
    const key = generateKey('witness.example', Buffer.alloc(32, 3), keyTypes.cosignature);
    const cosignature = await cosigner(key).cosign(cryptography, 1_700_000_000);
    const { verify, timeOf } = cosignatureVerifier(formatVerifierKey(key));
    expect(verify(cryptography, cosignature)).toBe(true);
    expect(timeOf(cosignature)).toBe(1_700_000_000);
    const later = Buffer.from(cosignature);
    later[7] = (later[7] ?? 0) + 1;
    expect(verify(cryptography, later)).toBe(false);
    for (const length of [0, 7, 64, 71, 73]) expect(verify(cryptography, Buffer.alloc(length))).toBe(false);
    for (const time of [-1, 0.5, Number.NaN])
      expect(thrown(() => cosigner(key).cosign(cryptography, time))).toEqual(refused('out_of_range'));
  });

  it('of a witness for a time beyond 2^53 are refused, though it made them', async () => {
    const seed = Buffer.alloc(32, 3);
    const { verify } = cosignatureVerifier(generateKey('witness.example', seed, keyTypes.cosignature));
    const raw = logSigner(generateKey('witness.example', seed));
    for (const [time, ok] of [
      [2n ** 53n - 1n, true],
      [2n ** 53n, false],
      [2n ** 63n, false],
    ] as const) {
      const cosignature = Buffer.alloc(72);
      cosignature.writeBigUInt64BE(time);
      cosignature.set(await raw.sign(`cosignature/v1\ntime ${Number(time)}\n${cryptography}`), 8);
      expect(verify(cryptography, cosignature)).toBe(ok);
    }
  });

  it('are not made or verified with a key of another type', () => {
    const log = generateKey('log.example', Buffer.alloc(32, 1));
    const witness = generateKey('witness.example', Buffer.alloc(32, 1), keyTypes.cosignature);
    expect(thrown(() => logSigner(witness))).toEqual(refused('bad_key'));
    expect(thrown(() => logVerifier(witness))).toEqual(refused('bad_key'));
    expect(thrown(() => cosigner(log))).toEqual(refused('bad_key'));
    expect(thrown(() => cosignatureVerifier(formatVerifierKey(log)))).toEqual(refused('bad_key'));
    expect(log.keyId).not.toBe(generateKey('log.example', Buffer.alloc(32, 1), keyTypes.cosignature).keyId);
  });
});
