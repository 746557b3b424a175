import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as nodeEd25519 from '../../../libs/tlog/ed25519.ts';
import * as nodeSha256 from '../../../libs/tlog/sha256.ts';
import * as browserEd25519 from './ed25519.ts';
import * as browserSha256 from './sha256.ts';

const { signerOf: nodeSigner, verifierOf: nodeVerifier } = nodeEd25519;
const { signerOf, verifierOf } = browserEd25519;
const { sha256 } = browserSha256;

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

test('has all that it stands in the place of', () => {
  expect(Object.keys(browserEd25519)).toEqual(Object.keys(nodeEd25519));
  expect(Object.keys(browserSha256)).toEqual(Object.keys(nodeSha256));
});

test('hashes as Node does', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 700 }), (message) => {
      const digest = createHash('sha256').update(message).digest();
      expect(sha256(message)).toEqual(digest);
      const into = Buffer.alloc(40);
      browserSha256.writeSha256(message, into, 5);
      expect(into).toEqual(Buffer.concat([Buffer.alloc(5), digest, Buffer.alloc(3)]));
    }),
  );
});

test('signs and verifies as Node does, and refuses what was bent by one bit', () => {
  fc.assert(
    fc.property(bytes(32), fc.uint8Array({ maxLength: 300 }), fc.nat(64 * 8 - 1), (seed, message, bit) => {
      const ours = signerOf(seed);
      const theirs = nodeSigner(seed);
      expect(ours.publicKey).toEqual(theirs.publicKey);
      const signature = ours.sign(message);
      expect(signature).toEqual(theirs.sign(message));
      const verify = verifierOf(ours.publicKey);
      expect(verify(message, signature)).toBe(true);
      const bent = Uint8Array.from(signature);
      const at = Math.floor(bit / 8);
      bent[at] = (bent[at] ?? 0) ^ (1 << (bit % 8));
      expect([verify(message, bent), nodeVerifier(ours.publicKey)(message, bent)]).toEqual([false, false]);
      expect(verify(message, signature.subarray(1))).toBe(false);
    }),
    { numRuns: 20 },
  );
});

test('a key that is no point of the curve verifies nothing, and does not throw', () => {
  const noPoint = new Uint8Array(32).fill(0xff);
  expect(verifierOf(noPoint)(new Uint8Array(3), new Uint8Array(64))).toBe(false);
});
