import { PUBLIC_KEY_BYTES, SEED_BYTES, SIGNATURE_BYTES, signerOf, verifierOf } from './ed25519.ts';
import { TlogError } from './errors.ts';
import { sha256 } from './sha256.ts';
import { isKeyName, parseBase64 } from './text.ts';
import { isSize } from './tree.ts';

/** Keys that sign notes (https://c2sp.org/signed-note) and cosign checkpoints (https://c2sp.org/tlog-cosignature). */

/** The types of keys that this library knows: of a log, Ed25519; of a witness, Ed25519 with a time. */
export const keyTypes = { log: 0x01, cosignature: 0x04 } as const;
export type KeyType = (typeof keyTypes)[keyof typeof keyTypes];

export interface VerifierKey {
  /** The key's name: a URL without scheme, without spaces and plus signs. A log's is its origin. */
  name: string;
  type: KeyType;
  /** The first four bytes of SHA-256 over name, newline, type and public key, big endian. */
  keyId: number;
  /** 32 bytes. */
  publicKey: Buffer;
}

/** Secret: whoever has it can sign. */
export interface SignerKey extends VerifierKey {
  /** 32 bytes. */
  seed: Buffer;
}

/** Verifies what one key signed. */
export interface Verifier {
  readonly name: string;
  readonly keyId: number;
  /** Whether these are this key's signature over a note's text. False for whatever is malformed; never throws. */
  verify(text: string, signature: Uint8Array): boolean;
}

/** Verifies a witness's cosignatures. */
export interface CosignatureVerifier extends Verifier {
  /** When a cosignature that was verified says that it was made: seconds since 1970. */
  timeOf(signature: Uint8Array): number;
}

/** Signs notes. An interface, so that the key may live elsewhere: in another process, in an HSM. */
export interface Signer {
  readonly name: string;
  readonly keyId: number;
  /** To be given to those who verify: `name+id+key`. */
  readonly verifierKey: string;
  /** The signature over a note's text, without the key ID. */
  sign(text: string): Promise<Buffer> | Buffer;
}

/** Cosigns checkpoints. It is handed the time: whoever cosigns knows since when it has seen no larger tree. */
export interface Cosigner {
  readonly name: string;
  readonly keyId: number;
  readonly verifierKey: string;
  /** The cosignature over a checkpoint's text, without the key ID. `time`: seconds since 1970. */
  cosign(text: string, time: number): Promise<Buffer> | Buffer;
}

const PRIVATE = 'PRIVATE+KEY+';
const TIME_BYTES = 8;

/** The key that is made of a seed of 32 random bytes. Throws TlogError when name or seed can be none. */
export function generateKey(name: string, seed: Uint8Array, type: KeyType = keyTypes.log): SignerKey {
  if (seed.length !== SEED_BYTES)
    throw new TlogError('bad_key', `A seed is ${SEED_BYTES} random bytes, not ${seed.length}.`);
  const { publicKey } = signerOf(seed);
  return { ...verifierKeyOf(name, type, publicKey), seed: Buffer.from(seed) };
}

/**
 * Reads `name+0123abcd+base64`. Throws TlogError: `bad_key`, or `unknown_key_type` for a key that is well written but
 * of a type that this library does not know.
 */
export function parseVerifierKey(text: string): VerifierKey {
  const { name, id, type, material } = parseKey(text, 'name+id+key');
  if (material.length !== PUBLIC_KEY_BYTES)
    throw new TlogError('bad_key', `A public key has ${PUBLIC_KEY_BYTES} bytes, not ${material.length}.`);
  const key = verifierKeyOf(name, type, material);
  if (hex(key.keyId) !== id) throw new TlogError('bad_key', NOT_ITS_ID);
  return key;
}

export function formatVerifierKey({ name, keyId, type, publicKey }: VerifierKey): string {
  return `${name}+${hex(keyId)}+${Buffer.concat([Buffer.from([type]), publicKey]).toString('base64')}`;
}

/** Reads `PRIVATE+KEY+name+0123abcd+base64`. Throws TlogError: `bad_key`, `unknown_key_type`. Never quotes the key. */
export function parseSignerKey(text: string): SignerKey {
  if (!text.startsWith(PRIVATE))
    throw new TlogError('bad_key', `A signing key begins with ${PRIVATE}. Give the key, not a file's name.`);
  const { name, id, type, material } = parseKey(text.slice(PRIVATE.length), `${PRIVATE}name+id+key`);
  const key = generateKey(name, material, type);
  if (hex(key.keyId) !== id) throw new TlogError('bad_key', NOT_ITS_ID);
  return key;
}

/** Secret: to be kept where only the signing process can read it. */
export function formatSignerKey({ name, keyId, type, seed }: SignerKey): string {
  return `${PRIVATE}${name}+${hex(keyId)}+${Buffer.concat([Buffer.from([type]), seed]).toString('base64')}`;
}

/** Signs as a log. Throws TlogError when it is another kind of key. */
export function logSigner(key: SignerKey): Signer {
  expectType(key, keyTypes.log);
  const { sign } = signerOf(key.seed);
  return {
    name: key.name,
    keyId: key.keyId,
    verifierKey: formatVerifierKey(key),
    sign: (text) => sign(Buffer.from(text)),
  };
}

/** Verifies a log's signatures. `key` may be its text. Throws TlogError when it is no key or another kind of key. */
export function logVerifier(key: VerifierKey | string): Verifier {
  const { name, keyId, publicKey, type } = typeof key === 'string' ? parseVerifierKey(key) : key;
  expectType({ type }, keyTypes.log);
  const verify = verifierOf(publicKey);
  return { name, keyId, verify: (text, signature) => verify(Buffer.from(text), signature) };
}

/** Cosigns as a witness. Throws TlogError when it is another kind of key. */
export function cosigner(key: SignerKey): Cosigner {
  expectType(key, keyTypes.cosignature);
  const { sign } = signerOf(key.seed);
  return {
    name: key.name,
    keyId: key.keyId,
    verifierKey: formatVerifierKey(key),
    cosign(text, time) {
      if (!isSize(time))
        throw new TlogError(
          'out_of_range',
          `A cosignature’s time is in whole seconds since 1970, not ${time}.`,
        );
      const out = Buffer.alloc(TIME_BYTES + SIGNATURE_BYTES);
      out.writeBigUInt64BE(BigInt(time));
      out.set(sign(cosigned(text, time)), TIME_BYTES);
      return out;
    },
  };
}

/** Verifies a witness's cosignatures. `key` may be its text. Throws TlogError when it is no key or another kind of key. */
export function cosignatureVerifier(key: VerifierKey | string): CosignatureVerifier {
  const { name, keyId, publicKey, type } = typeof key === 'string' ? parseVerifierKey(key) : key;
  expectType({ type }, keyTypes.cosignature);
  const verify = verifierOf(publicKey);
  return {
    name,
    keyId,
    timeOf,
    verify(text, signature) {
      if (signature.length !== TIME_BYTES + SIGNATURE_BYTES) return false;
      const time = timeOf(signature);
      return Number.isSafeInteger(time) && verify(cosigned(text, time), signature.subarray(TIME_BYTES));
    },
  };
}

function timeOf(signature: Uint8Array): number {
  const { buffer, byteOffset, byteLength } = signature;
  return Number(new DataView(buffer, byteOffset, byteLength).getBigUint64(0));
}

/** What a cosignature is made over. */
function cosigned(text: string, time: number): Buffer {
  return Buffer.from(`cosignature/v1\ntime ${time}\n${text}`);
}

const NOT_ITS_ID = 'The key does not have the ID that is written in it. Copy it again, whole.';

function parseKey(text: string, form: string) {
  const [name = '', id = '', ...rest] = text.split('+');
  // Base64 has plus signs of its own.
  const bytes = parseBase64(rest.join('+'));
  const type = bytes?.[0];
  if (!isKeyName(name) || !/^[0-9a-f]{8}$/.test(id) || bytes === null || type === undefined)
    throw new TlogError('bad_key', `This is no key of the form ${form}. Copy it again, whole.`);
  if (!isKeyType(type))
    throw new TlogError(
      'unknown_key_type',
      `The key of ${name} is of type 0x${type.toString(16).padStart(2, '0')}; known are 0x01 (Ed25519) and 0x04 (Ed25519 cosignatures).`,
    );
  return { name, id, type, material: bytes.subarray(1) };
}

/** The key that is made of a public key of 32 bytes: for a signer whose seed is elsewhere. Throws TlogError. */
export function verifierKeyOf(name: string, type: KeyType, publicKey: Uint8Array): VerifierKey {
  if (!isKeyName(name))
    throw new TlogError('bad_key', 'A key’s name is a URL without scheme, without spaces and plus signs.');
  const keyId = sha256(
    Buffer.concat([Buffer.from(`${name}\n`), Buffer.from([type]), publicKey]),
  ).readUInt32BE();
  return { name, type, keyId, publicKey: Buffer.from(publicKey) };
}

function expectType(key: { type: KeyType }, type: KeyType): void {
  if (key.type !== type)
    throw new TlogError(
      'bad_key',
      `The key is one of a ${key.type === keyTypes.log ? 'log' : 'witness'}; here one of a ${type === keyTypes.log ? 'log' : 'witness'} is needed.`,
    );
}

function isKeyType(type: number): type is KeyType {
  return type === keyTypes.log || type === keyTypes.cosignature;
}

function hex(keyId: number): string {
  return keyId.toString(16).padStart(8, '0');
}
