import { createHmac, randomBytes } from 'node:crypto';
import { EnvelopeError, generateKeyPair, openSealed, sealTo } from '@drawbridge/envelope';
import { VaultFailure } from './failure.ts';
import { markLog, readLogMarks } from './log-marks.ts';
import { makeLogKey, rewrapLogKey, signLog } from './log-signing.ts';
import type { VaultAct, VaultCalls } from './messages.ts';
import { addKey, KEY_BYTES, type OpenedKeys } from './opening.ts';
import { openWrapped, wrapNewest } from './ring.ts';
import { longestRun } from './token-run.ts';
import { matchingStep } from './totp.ts';

/**
 * What the vault process does. It alone knows the key-encryption key and the data keys. Every plaintext is overwritten as
 * soon as it was used, and JavaScript strings are never made of one; a data key that a service opened for us came as text.
 */
export interface Keys extends OpenedKeys {
  /** Where it is kept how far logs were signed. */
  marksFile: string;
}

type Work = {
  [Act in Exclude<VaultAct, 'start'>]: (
    keys: Keys,
    ask: VaultCalls[Act]['ask'],
  ) => Promise<VaultCalls[Act]['answer']>;
};

export const work: Work = {
  addKey: (keys, ask) => addKey(keys, ask),

  rewrap: async ({ ring }, { wrapped, of }) => {
    if ('log' in of) return { wrapped: rewrapLogKey(ring, of.log, wrapped) };
    const plaintext = openWrapped(ring, wrapped, of.context);
    try {
      return { wrapped: wrapNewest(ring, plaintext, of.context) };
    } finally {
      plaintext.fill(0);
    }
  },

  seal: async ({ ring }, { plaintext, context }) => {
    try {
      return { wrapped: wrapNewest(ring, plaintext, context) };
    } finally {
      plaintext.fill(0);
    }
  },

  generate: async ({ ring }, { context }) => {
    const secret = randomBytes(KEY_BYTES);
    try {
      return { wrapped: wrapNewest(ring, secret, context) };
    } finally {
      secret.fill(0);
    }
  },

  generateKeyPair: async ({ ring }, { context }) => {
    const { publicKey, privateKey } = await generateKeyPair();
    try {
      return { publicKey, wrapped: wrapNewest(ring, privateKey, context) };
    } finally {
      privateKey.fill(0);
    }
  },

  reseal: async ({ ring }, { wrapped, context, recipient, recipientContext }) => {
    const plaintext = openWrapped(ring, wrapped, context);
    try {
      return { sealed: await sealTo(recipient, plaintext, recipientContext) };
    } finally {
      plaintext.fill(0);
    }
  },

  passOn: async ({ ring }, ask) => {
    const privateKey = openWrapped(ring, ask.privateKey, ask.privateKeyContext);
    let plaintext: Buffer | undefined;
    try {
      plaintext = await openSealed(privateKey, ask.sealed, ask.sealedContext);
      return { sealed: await sealTo(ask.recipient, plaintext, ask.recipientContext) };
    } finally {
      privateKey.fill(0);
      plaintext?.fill(0);
    }
  },

  takeIn: async ({ ring }, ask) => {
    const privateKey = openWrapped(ring, ask.privateKey, ask.privateKeyContext);
    let plaintext: Buffer | undefined;
    try {
      plaintext = await openSealed(privateKey, ask.sealed, ask.sealedContext);
      return { wrapped: wrapNewest(ring, plaintext, ask.context) };
    } finally {
      privateKey.fill(0);
      plaintext?.fill(0);
    }
  },

  keyedHash: async ({ ring }, { key, context, value }) => {
    const secret = openWrapped(ring, key, context);
    try {
      return { hash: createHmac('sha256', secret).update(value).digest() };
    } finally {
      secret.fill(0);
      value.fill(0);
    }
  },

  keyedHashOfWrapped: async ({ ring }, { key, keyContext, wrapped, context }) => {
    const secret = openWrapped(ring, key, keyContext);
    let plaintext: Buffer | undefined;
    try {
      plaintext = openWrapped(ring, wrapped, context);
      const run = longestRun(plaintext);
      if (run === null) return { hash: null, length: 0 };
      return { hash: createHmac('sha256', secret).update(run).digest(), length: run.length };
    } finally {
      secret.fill(0);
      plaintext?.fill(0);
    }
  },

  checkCode: async ({ ring }, { key, context, code, at }) => {
    const secret = openWrapped(ring, key, context);
    try {
      return { step: matchingStep(secret, code, at) };
    } finally {
      secret.fill(0);
    }
  },

  makeLogKey: async ({ ring }, { name }) => makeLogKey(ring, name),
  signLog: async ({ ring, marksFile }, ask) => {
    const signature = signLog(ring, ask);
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
