import { createHash, timingSafeEqual } from 'node:crypto';
import type { Platform, Tx } from '../platform/index.ts';
import type { IdentityTables } from './tables.ts';

/** What a passkey is asked to sign: for this use only, of whom it was made for, within five minutes. */
const CHALLENGE_MS = 5 * 60_000;
const NONCE_BYTES = 24;
const TIME_BYTES = 8;

/** What a challenge is for: signing in, or something within a session. */
export type Use = 'sign-in' | `step-up ${string}` | `enrol ${string}`;

/**
 * Challenges are signed, not stored: anyone may ask for one, and nobody fills the database so. Those that were answered are
 * kept until they are over, so that each is answered once.
 */
export interface Challenges {
  make(use: Use): Promise<Buffer>;
  /** Whether we made it, for this use, and its time is not over. */
  isOurs(challenge: string, use: Use): Promise<boolean>;
  /** Notes that it was answered. False: it was before. */
  answer(tx: Tx, challenge: string): Promise<boolean>;
}

interface ChallengeDeps {
  platform: Platform;
  keyed(bytes: Uint8Array): Promise<Buffer>;
}

export function createChallenges({ platform, keyed }: ChallengeDeps): Challenges {
  const sign = (use: Use, content: Buffer): Promise<Buffer> =>
    keyed(Buffer.concat([Buffer.from(`passkey challenge\n${use}\n`), content]));

  return {
    async make(use) {
      const time = Buffer.alloc(TIME_BYTES);
      time.writeBigUInt64BE(BigInt(platform.clock.now()));
      const content = Buffer.concat([platform.random.bytes(NONCE_BYTES), time]);
      return Buffer.concat([content, await sign(use, content)]);
    },

    async isOurs(challenge, use) {
      const bytes = Buffer.from(challenge, 'base64url');
      const content = bytes.subarray(0, NONCE_BYTES + TIME_BYTES);
      const mac = bytes.subarray(content.length);
      if (content.length < NONCE_BYTES + TIME_BYTES) return false;
      const wanted = await sign(use, Buffer.from(content));
      if (mac.length !== wanted.length || !timingSafeEqual(mac, wanted)) return false;
      const age = platform.clock.now() - Number(content.readBigUInt64BE(NONCE_BYTES));
      return age >= 0 && age < CHALLENGE_MS;
    },

    async answer(tx, challenge) {
      const added = await tx
        .withTables<IdentityTables>()
        .insertInto('answered_challenge')
        .values({
          hash: createHash('sha256').update(Buffer.from(challenge, 'base64url')).digest(),
          expires_at: new Date(platform.clock.now() + CHALLENGE_MS),
        })
        .onConflict((conflict) => conflict.doNothing())
        .returning('hash')
        .executeTakeFirst();
      return added !== undefined;
    },
  };
}
