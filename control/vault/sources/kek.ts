import { randomBytes } from 'node:crypto';
import { EnvelopeError, unwrap, wrap } from '@drawbridge/envelope';

/** What is wrapped under a key-encryption key, and of which deployment: associated data wherever the source takes it. */
export interface KeyUse {
  use: 'check' | 'data key';
  deployment: string;
  /** Of the data key. */
  version: number;
}

/** A key-encryption key that can be worked with. Both calls throw VaultFailure where the source does not answer. */
export interface Kek {
  wrap(plaintext: Uint8Array, use: KeyUse): Promise<Buffer>;
  /** Null: these bytes were wrapped under another key, for another use, or were changed. */
  unwrap(wrapped: Uint8Array, use: KeyUse): Promise<Buffer | null>;
}

/** The associated data, as bytes. Of the first data key it is as it was before there were versions. */
export function contextOf({ use, deployment, version }: KeyUse): Buffer {
  const parts = [`drawbridge vault ${use} 1`, deployment];
  return Buffer.from(JSON.stringify(version === 1 ? parts : [...parts, version]));
}

/** A key whose 32 bytes are here. They are the caller's to overwrite. */
export function localKek(key: Uint8Array): Kek {
  return {
    wrap: async (plaintext, use) => wrap(key, plaintext, contextOf(use), randomBytes(12)),
    async unwrap(wrapped, use) {
      try {
        return unwrap(key, wrapped, contextOf(use));
      } catch (error) {
        if (error instanceof EnvelopeError) return null;
        throw error;
      }
    },
  };
}
