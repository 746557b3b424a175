import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core';
import { EnvelopeError } from './errors.ts';

/** What was sealed to a public key: base64url without padding. `enc` is 32 bytes, `ct` the plaintext's length + 16. */
export interface Sealed {
  enc: string;
  ct: string;
}

const KEY_BYTES = 32;
const TAG_BYTES = 16;
/** HPKE's `info`: keeps what is sealed here apart from any other use of the same key. */
const INFO = new TextEncoder().encode('drawbridge envelope 1');

const suite = new CipherSuite({
  kem: new DhkemX25519HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Aes256Gcm(),
});

/** A new X25519 key pair: two times 32 raw bytes. */
export async function generateKeyPair(): Promise<{ publicKey: Uint8Array; privateKey: Uint8Array }> {
  const pair = await suite.kem.generateKeyPair();
  return {
    publicKey: new Uint8Array(await suite.kem.serializePublicKey(pair.publicKey)),
    privateKey: new Uint8Array(await suite.kem.serializePrivateKey(pair.privateKey)),
  };
}

/**
 * Seals to an X25519 public key (32 raw bytes) so that only its private key opens it: HPKE base mode (RFC 9180),
 * DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM. `context` is associated data: opening needs the same bytes.
 * Anyone who knows the public key can seal: a sealed message does not say who made it.
 * Throws EnvelopeError `bad_key`.
 */
export async function sealTo(
  recipientPublicKey: Uint8Array,
  plaintext: Uint8Array,
  context: Uint8Array,
): Promise<Sealed> {
  if (recipientPublicKey.length !== KEY_BYTES) throw badKey('public', recipientPublicKey.length);
  try {
    const recipient = await suite.kem.deserializePublicKey(ownBytes(recipientPublicKey));
    const sealed = await suite.seal(
      { recipientPublicKey: recipient, info: INFO },
      ownBytes(plaintext),
      ownBytes(context),
    );
    return {
      enc: Buffer.from(sealed.enc).toString('base64url'),
      ct: Buffer.from(sealed.ct).toString('base64url'),
    };
  } catch (cause) {
    // A point of small order gives an all-zero secret: the key agreement refuses it (RFC 9180, 7.1.4).
    throw new EnvelopeError('bad_key', 'Nothing can be sealed to this public key; use another.', cause);
  }
}

/**
 * Opens what `sealTo` made. `privateKey`: 32 raw bytes.
 * Throws EnvelopeError `bad_key`, `sealed_malformed` or `sealed_unreadable`.
 */
export async function openSealed(
  privateKey: Uint8Array,
  sealed: Sealed,
  context: Uint8Array,
): Promise<Buffer> {
  if (privateKey.length !== KEY_BYTES) throw badKey('private', privateKey.length);
  const enc = fromBase64Url(sealed.enc, 'enc');
  const ct = fromBase64Url(sealed.ct, 'ct');
  if (enc.length !== KEY_BYTES) {
    throw new EnvelopeError('sealed_malformed', `Sealed "enc" is ${enc.length} bytes long; 32 are needed.`);
  }
  if (ct.length < TAG_BYTES) {
    throw new EnvelopeError('sealed_malformed', `Sealed "ct" is ${ct.length} bytes long; 16 are the least.`);
  }
  try {
    const recipient = await suite.kem.deserializePrivateKey(ownBytes(privateKey));
    const opened = await suite.open(
      { recipientKey: recipient, enc: ownBytes(enc), info: INFO },
      ownBytes(ct),
      ownBytes(context),
    );
    return Buffer.from(opened);
  } catch (cause) {
    throw new EnvelopeError(
      'sealed_unreadable',
      'This can not be opened: it was sealed to another key, for another context, or was changed.',
      cause,
    );
  }
}

function badKey(which: 'public' | 'private', length: number): EnvelopeError {
  return new EnvelopeError(
    'bad_key',
    `The ${which} key is ${length} bytes long; an X25519 key has ${KEY_BYTES}.`,
  );
}

/** Strict, so that one sealed value has one spelling: Buffer alone would skip what is not base64. */
function fromBase64Url(text: string, part: string): Buffer {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.toString('base64url') !== text) {
    throw new EnvelopeError('sealed_malformed', `Sealed "${part}" is not base64url without padding.`);
  }
  return bytes;
}

/** Bytes with an ArrayBuffer of their own: Node's Buffers share a pool, and the pool is not the library's business. */
function ownBytes(bytes: Uint8Array): ArrayBuffer {
  const copy = new ArrayBuffer(bytes.byteLength);
  new Uint8Array(copy).set(bytes);
  return copy;
}
