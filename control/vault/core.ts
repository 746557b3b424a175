import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { EnvelopeError, generateKeyPair, openSealed, sealTo, unwrap, wrap } from '@drawbridge/envelope';
import { VaultFailure } from './failure.ts';
import { makeKeyFile, readKeyFile } from './keyfile.ts';
import { markLog, readLogMarks } from './log-marks.ts';
import { makeLogKey, signLog } from './log-signing.ts';
import type { KeyRecord, VaultAct, VaultCalls } from './messages.ts';
import { matchingStep } from './totp.ts';

/**
 * What the vault process does. It alone knows the key-encryption key and the data key. Every plaintext is
 * overwritten as soon as it was used; JavaScript strings are never made of one.
 */
export interface Keys {
  dataKey: Buffer;
  /** Where it is kept how far logs were signed. */
  marksFile: string;
}

const CHECK_TEXT = Buffer.from('drawbridge key check 1');
const KEY_BYTES = 32;

const keyContext = (use: 'check' | 'data key', deployment: string): Buffer =>
  Buffer.from(JSON.stringify([`drawbridge vault ${use} 1`, deployment]));

/**
 * Reads the key-encryption key and with it the data key. Makes both only where the database knows none. Throws
 * VaultFailure `kek_missing`, `kek_wrong`, `data_key_damaged` and what the key file gives; changes nothing then.
 */
export function openKeys({ keyFile, marksFile, deployment, known }: VaultCalls['start']['ask']): {
  keys: Keys;
  made: KeyRecord | null;
} {
  const kek = readKeyFile(keyFile) ?? makeFirstKey(keyFile, known);
  try {
    if (known !== null)
      return { keys: { dataKey: unwrapDataKey(kek, deployment, known, keyFile), marksFile }, made: null };
    const dataKey = randomBytes(KEY_BYTES);
    const made = {
      checkValue: wrap(kek, CHECK_TEXT, keyContext('check', deployment), randomBytes(12)),
      dataKey: wrap(kek, dataKey, keyContext('data key', deployment), randomBytes(12)),
    };
    return { keys: { dataKey, marksFile }, made };
  } finally {
    kek.fill(0);
  }
}

function makeFirstKey(keyFile: string, known: KeyRecord | null): Buffer {
  if (known !== null) {
    throw new VaultFailure(
      'kek_missing',
      `The database holds secrets that need the key in ${keyFile}, which is not there. Restore it from your copy; nothing was changed.`,
    );
  }
  return makeKeyFile(keyFile, randomBytes(KEY_BYTES), randomBytes(6).toString('hex'));
}

function unwrapDataKey(kek: Buffer, deployment: string, known: KeyRecord, keyFile: string): Buffer {
  const check = tryUnwrap(kek, known.checkValue, keyContext('check', deployment));
  if (check === null || check.length !== CHECK_TEXT.length || !timingSafeEqual(check, CHECK_TEXT)) {
    throw new VaultFailure(
      'kek_wrong',
      `${keyFile} holds a key, but not the one this database was made with. Put the right one there; nothing was changed.`,
    );
  }
  const dataKey = tryUnwrap(kek, known.dataKey, keyContext('data key', deployment));
  if (dataKey === null || dataKey.length !== KEY_BYTES) {
    throw new VaultFailure(
      'data_key_damaged',
      'The key file is right, but the data key in the database was changed. Restore the database.',
    );
  }
  return dataKey;
}

function tryUnwrap(key: Buffer, wrapped: Uint8Array, context: Uint8Array): Buffer | null {
  try {
    return unwrap(key, wrapped, context);
  } catch (error) {
    if (error instanceof EnvelopeError) return null;
    throw error;
  }
}

type Work = {
  [Act in Exclude<VaultAct, 'start'>]: (
    keys: Keys,
    ask: VaultCalls[Act]['ask'],
  ) => Promise<VaultCalls[Act]['answer']>;
};

export const work: Work = {
  seal: async ({ dataKey }, { plaintext, context }) => {
    try {
      return { wrapped: wrap(dataKey, plaintext, context, randomBytes(12)) };
    } finally {
      plaintext.fill(0);
    }
  },

  generate: async ({ dataKey }, { context }) => {
    const secret = randomBytes(KEY_BYTES);
    try {
      return { wrapped: wrap(dataKey, secret, context, randomBytes(12)) };
    } finally {
      secret.fill(0);
    }
  },

  generateKeyPair: async ({ dataKey }, { context }) => {
    const { publicKey, privateKey } = await generateKeyPair();
    try {
      return { publicKey, wrapped: wrap(dataKey, privateKey, context, randomBytes(12)) };
    } finally {
      privateKey.fill(0);
    }
  },

  reseal: async ({ dataKey }, { wrapped, context, recipient, recipientContext }) => {
    const plaintext = unwrap(dataKey, wrapped, context);
    try {
      return { sealed: await sealTo(recipient, plaintext, recipientContext) };
    } finally {
      plaintext.fill(0);
    }
  },

  passOn: async ({ dataKey }, ask) => {
    const privateKey = unwrap(dataKey, ask.privateKey, ask.privateKeyContext);
    let plaintext: Buffer | undefined;
    try {
      plaintext = await openSealed(privateKey, ask.sealed, ask.sealedContext);
      return { sealed: await sealTo(ask.recipient, plaintext, ask.recipientContext) };
    } finally {
      privateKey.fill(0);
      plaintext?.fill(0);
    }
  },

  keyedHash: async ({ dataKey }, { key, context, value }) => {
    const secret = unwrap(dataKey, key, context);
    try {
      return { hash: createHmac('sha256', secret).update(value).digest() };
    } finally {
      secret.fill(0);
      value.fill(0);
    }
  },

  checkCode: async ({ dataKey }, { key, context, code, at }) => {
    const secret = unwrap(dataKey, key, context);
    try {
      return { step: matchingStep(secret, code, at) };
    } finally {
      secret.fill(0);
    }
  },

  makeLogKey: async ({ dataKey }, { name }) => makeLogKey(dataKey, name),
  signLog: async ({ dataKey, marksFile }, ask) => {
    const signature = signLog(dataKey, ask);
    // Before anyone has it: who gets a signature can show it for ever.
    markLog(marksFile, ask.name, ask.text);
    return { signature };
  },
  logMark: async ({ marksFile }, { name }) => {
    const marks = readLogMarks(marksFile);
    return { mark: (Object.hasOwn(marks, name) ? marks[name] : undefined) ?? null };
  },
};

/** What may be said of an error outside the vault: a code and a fixed sentence, nothing of the input. */
export function sayable(error: unknown): VaultFailure {
  if (error instanceof VaultFailure) return error;
  if (!(error instanceof EnvelopeError)) {
    return new VaultFailure('failed', 'The vault failed at this call, and did nothing. Try again.');
  }
  return error.code === 'bad_key'
    ? new VaultFailure('bad_recipient', 'The public key to seal to is not a usable X25519 key of 32 bytes.')
    : new VaultFailure('unreadable', 'The wrapped secret was made for another context, or was changed.');
}
