import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  type KeyObject,
} from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EnvelopeError, generateKeyPair, openSealed, sealTo } from './index.ts';

/** RFC 9180 written down a second time over node:crypto, so that the library is checked against something else. */
const hex = (text: string) => Buffer.from(text, 'hex');
const hmac = (key: Uint8Array, data: Uint8Array) => createHmac('sha256', key).update(data).digest();
const i2osp2 = (n: number) => Buffer.from([n >> 8, n & 0xff]);

function expand(prk: Uint8Array, info: Uint8Array, length: number): Buffer {
  let block = Buffer.alloc(0);
  let out = Buffer.alloc(0);
  for (let i = 1; out.length < length; i++) {
    block = hmac(prk, Buffer.concat([block, info, Buffer.from([i])]));
    out = Buffer.concat([out, block]);
  }
  return out.subarray(0, length);
}

function labelled(suiteId: Buffer) {
  const text = (label: string) => Buffer.concat([Buffer.from('HPKE-v1'), suiteId, Buffer.from(label)]);
  return {
    extract: (salt: Uint8Array, label: string, ikm: Uint8Array) =>
      hmac(salt.length ? salt : Buffer.alloc(32), Buffer.concat([text(label), ikm])),
    expand: (prk: Uint8Array, label: string, info: Uint8Array, length: number) =>
      expand(prk, Buffer.concat([i2osp2(length), text(label), info]), length),
  };
}

const privateKeyOf = (raw: Uint8Array): KeyObject =>
  createPrivateKey({
    key: Buffer.concat([hex('302e020100300506032b656e04220420'), raw]),
    format: 'der',
    type: 'pkcs8',
  });
const publicKeyOf = (raw: Uint8Array): KeyObject =>
  createPublicKey({
    key: Buffer.concat([hex('302a300506032b656e032100'), raw]),
    format: 'der',
    type: 'spki',
  });
const rawPublic = (key: KeyObject): Buffer =>
  createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32);

/** Key and nonce of base mode, from the shared Diffie-Hellman value. `aead` 1: AES-128-GCM, 2: AES-256-GCM. */
function keySchedule(
  dh: Uint8Array,
  enc: Uint8Array,
  recipientPublic: Uint8Array,
  info: Uint8Array,
  aead: 1 | 2,
) {
  const kem = labelled(Buffer.concat([Buffer.from('KEM'), i2osp2(0x20)]));
  const eaePrk = kem.extract(Buffer.alloc(0), 'eae_prk', dh);
  const shared = kem.expand(eaePrk, 'shared_secret', Buffer.concat([enc, recipientPublic]), 32);
  const hpke = labelled(Buffer.concat([Buffer.from('HPKE'), i2osp2(0x20), i2osp2(1), i2osp2(aead)]));
  const none = Buffer.alloc(0);
  const context = Buffer.concat([
    Buffer.from([0]),
    hpke.extract(none, 'psk_id_hash', none),
    hpke.extract(none, 'info_hash', info),
  ]);
  const secret = hpke.extract(shared, 'secret', none);
  return {
    key: hpke.expand(secret, 'key', context, aead === 1 ? 16 : 32),
    nonce: hpke.expand(secret, 'base_nonce', context, 12),
  };
}

const INFO = Buffer.from('drawbridge envelope 1');
const CONTEXT = Buffer.from('a context');

describe('RFC 9180', () => {
  it('appendix A.1.1: the second implementation gives the published key, nonce and ciphertext', () => {
    const recipientPrivate = hex('4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8');
    const recipientPublic = hex('3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d');
    const enc = hex('37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431');
    const dh = diffieHellman({ privateKey: privateKeyOf(recipientPrivate), publicKey: publicKeyOf(enc) });
    const made = keySchedule(dh, enc, recipientPublic, hex('4f6465206f6e2061204772656369616e2055726e'), 1);
    expect(made.key.toString('hex')).toBe('4531685d41d65f03dc48f6b8302c05b0');
    expect(made.nonce.toString('hex')).toBe('56d890e5accaaf011cff4b7d');

    const cipher = createCipheriv('aes-128-gcm', made.key, made.nonce).setAAD(hex('436f756e742d30'));
    const body = cipher.update(hex('4265617574792069732074727574682c20747275746820626561757479'));
    cipher.final();
    expect(Buffer.concat([body, cipher.getAuthTag()]).toString('hex')).toBe(
      'f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a',
    );
  });

  it('what sealTo makes is opened by the second implementation, and the other way round', async () => {
    const pair = await generateKeyPair();
    const sealed = await sealTo(pair.publicKey, Buffer.from('made-up secret'), CONTEXT);
    const enc = Buffer.from(sealed.enc, 'base64url');
    const ct = Buffer.from(sealed.ct, 'base64url');
    const dh = diffieHellman({ privateKey: privateKeyOf(pair.privateKey), publicKey: publicKeyOf(enc) });
    const ours = keySchedule(dh, enc, pair.publicKey, INFO, 2);
    const decipher = createDecipheriv('aes-256-gcm', ours.key, ours.nonce)
      .setAAD(CONTEXT)
      .setAuthTag(ct.subarray(-16));
    const plain = Buffer.concat([decipher.update(ct.subarray(0, -16)), decipher.final()]);
    expect(plain.toString()).toBe('made-up secret');

    const ephemeral = privateKeyOf(Buffer.alloc(32, 7));
    const theirEnc = rawPublic(ephemeral);
    const theirs = keySchedule(
      diffieHellman({ privateKey: ephemeral, publicKey: publicKeyOf(pair.publicKey) }),
      theirEnc,
      pair.publicKey,
      INFO,
      2,
    );
    const cipher = createCipheriv('aes-256-gcm', theirs.key, theirs.nonce).setAAD(CONTEXT);
    const body = Buffer.concat([cipher.update('from elsewhere'), cipher.final(), cipher.getAuthTag()]);
    const opened = await openSealed(
      pair.privateKey,
      { enc: theirEnc.toString('base64url'), ct: body.toString('base64url') },
      CONTEXT,
    );
    expect(opened.toString()).toBe('from elsewhere');
  });
});

describe('sealTo and openSealed', () => {
  it('gives back any plaintext under any context', async () => {
    const pair = await generateKeyPair();
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 300 }),
        fc.uint8Array({ maxLength: 60 }),
        async (plain, context) => {
          const sealed = await sealTo(pair.publicKey, plain, context);
          expect(await openSealed(pair.privateKey, sealed, context)).toEqual(Buffer.from(plain));
        },
      ),
      { numRuns: 50 },
    );
  });

  it('any changed bit of enc, ct or context is refused, by one code', async () => {
    const pair = await generateKeyPair();
    const sealed = await sealTo(pair.publicKey, Buffer.from('made-up secret'), CONTEXT);
    const parts = {
      enc: Buffer.from(sealed.enc, 'base64url'),
      ct: Buffer.from(sealed.ct, 'base64url'),
      context: CONTEXT,
    };
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('enc', 'ct', 'context'),
        fc.nat(),
        fc.nat(7),
        async (part, at, bit) => {
          const changed = { ...parts, [part]: Buffer.from(parts[part as keyof typeof parts]) };
          const target = changed[part as keyof typeof parts];
          const place = at % target.length;
          // The top bit of an X25519 coordinate is ignored by the curve; HPKE binds enc's bytes all the same.
          target[place] = (target[place] ?? 0) ^ (1 << bit);
          const attempt = openSealed(
            pair.privateKey,
            { enc: changed.enc.toString('base64url'), ct: changed.ct.toString('base64url') },
            changed.context,
          );
          await expect(attempt).rejects.toMatchObject({ name: 'EnvelopeError', code: 'sealed_unreadable' });
        },
      ),
      { numRuns: 100 },
    );
  });

  it('another private key does not open it', async () => {
    const [pair, other] = [await generateKeyPair(), await generateKeyPair()];
    const sealed = await sealTo(pair.publicKey, Buffer.from('made-up secret'), CONTEXT);
    await expect(openSealed(other.privateKey, sealed, CONTEXT)).rejects.toMatchObject({
      code: 'sealed_unreadable',
    });
  });

  it('names what is malformed', async () => {
    const pair = await generateKeyPair();
    const sealed = await sealTo(pair.publicKey, Buffer.from('x'), CONTEXT);
    const open = (change: Partial<typeof sealed>) =>
      openSealed(pair.privateKey, { ...sealed, ...change }, CONTEXT);
    await expect(open({ enc: `${sealed.enc}=` })).rejects.toMatchObject({ code: 'sealed_malformed' });
    await expect(open({ enc: 'AAAA' })).rejects.toThrow('"enc" is 3 bytes');
    await expect(open({ ct: 'AAAA' })).rejects.toThrow('"ct" is 3 bytes');
    await expect(open({ ct: `${sealed.ct}*` })).rejects.toMatchObject({ code: 'sealed_malformed' });
    await expect(openSealed(Buffer.alloc(31), sealed, CONTEXT)).rejects.toMatchObject({ code: 'bad_key' });
    await expect(sealTo(Buffer.alloc(33), Buffer.alloc(1), CONTEXT)).rejects.toMatchObject({
      code: 'bad_key',
    });
  });

  it('refuses a public key of small order', async () => {
    await expect(sealTo(Buffer.alloc(32), Buffer.from('x'), CONTEXT)).rejects.toBeInstanceOf(EnvelopeError);
  });

  it('says nothing of keys or plaintext in an error', async () => {
    const pair = await generateKeyPair();
    const sealed = await sealTo(pair.publicKey, Buffer.from('made-up secret'), CONTEXT);
    const error = await openSealed(pair.privateKey, sealed, Buffer.from('other')).catch((e: unknown) => e);
    const text = `${error} ${JSON.stringify(error)}`;
    expect(text).not.toContain('made-up');
    expect(text).not.toContain(Buffer.from(pair.privateKey).toString('base64url'));
  });
});
