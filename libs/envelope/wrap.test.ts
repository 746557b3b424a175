import { createSecretKey } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EnvelopeError, unwrap, WRAP_OVERHEAD, wrap } from './index.ts';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const codeOf = (attempt: () => unknown): string => {
  try {
    attempt();
  } catch (error) {
    if (error instanceof EnvelopeError) return error.code;
    throw error;
  }
  return 'none';
};

describe('wrap and unwrap', () => {
  // GCM specification (McGrew, Viega), test case 16: AES-256, 12-byte IV, with associated data.
  it('gives the published bytes of GCM test case 16', () => {
    const hex = (text: string) => Buffer.from(text, 'hex');
    const wrapped = wrap(
      hex('feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308'),
      hex(
        'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39',
      ),
      hex('feedfacedeadbeeffeedfacedeadbeefabaddad2'),
      hex('cafebabefacedbaddecaf888'),
    );
    expect(wrapped.toString('hex')).toBe(
      'cafebabefacedbaddecaf888' +
        '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662' +
        '76fc6ece0f4e1768cddf8853bb2d551b',
    );
  });

  it('gives back any plaintext, and is as long as it says', () => {
    fc.assert(
      fc.property(
        bytes(32),
        fc.uint8Array({ maxLength: 300 }),
        fc.uint8Array({ maxLength: 60 }),
        bytes(12),
        (key, plain, context, nonce) => {
          const wrapped = wrap(key, plain, context, nonce);
          expect(wrapped.length).toBe(plain.length + WRAP_OVERHEAD);
          expect(unwrap(key, wrapped, context)).toEqual(Buffer.from(plain));
        },
      ),
    );
  });

  it('any changed bit of key, bytes or context is refused', () => {
    const key = Buffer.alloc(32, 1);
    const context = Buffer.from('a context');
    const wrapped = wrap(key, Buffer.from('made-up'), context, Buffer.alloc(12, 2));
    fc.assert(
      fc.property(fc.constantFrom(0, 1, 2), fc.nat(), fc.nat(7), (which, at, bit) => {
        const parts = [Buffer.from(key), Buffer.from(wrapped), Buffer.from(context)] as const;
        const target = parts[which as 0 | 1 | 2];
        const place = at % target.length;
        target[place] = (target[place] ?? 0) ^ (1 << bit);
        expect(codeOf(() => unwrap(parts[0], parts[1], parts[2]))).toBe('wrapped_unreadable');
      }),
    );
  });

  it('a key object is the same key', () => {
    const [raw, context] = [Buffer.alloc(32, 3), Buffer.from('a context')];
    const wrapped = wrap(createSecretKey(raw), Buffer.from('made-up'), context, Buffer.alloc(12));
    expect(unwrap(raw, wrapped, context).toString()).toBe('made-up');
    expect(unwrap(createSecretKey(raw), wrapped, context).toString()).toBe('made-up');
    expect(codeOf(() => unwrap(createSecretKey(raw.subarray(1)), wrapped, context))).toBe('bad_key');
  });

  it('a shortened tag is not taken for a tag', () => {
    const key = Buffer.alloc(32, 1);
    const context = Buffer.alloc(0);
    const wrapped = wrap(key, Buffer.alloc(0), context, Buffer.alloc(12));
    expect(codeOf(() => unwrap(key, wrapped.subarray(0, -1), context))).toBe('wrapped_malformed');
  });

  it('names the wrong lengths', () => {
    const empty = Buffer.alloc(0);
    expect(codeOf(() => wrap(Buffer.alloc(16), empty, empty, Buffer.alloc(12)))).toBe('bad_key');
    expect(codeOf(() => wrap(Buffer.alloc(32), empty, empty, Buffer.alloc(16)))).toBe('bad_nonce');
    expect(codeOf(() => unwrap(Buffer.alloc(31), Buffer.alloc(40), empty))).toBe('bad_key');
  });
});
