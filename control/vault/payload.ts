import { generateKeyPair, openSealed } from '@drawbridge/envelope';
import { type Sealed, secretContext } from '@drawbridge/protocol';
import type { Platform } from '../platform/index.ts';
import type { Vault } from './client.ts';
import { freshly } from './freshly.ts';
import type { VaultTables } from './tables.ts';

/** The key pair that gateways seal the data keys of journal payloads to. */
export interface PayloadKey {
  /** X25519, 32 bytes. */
  publicKey: Buffer;
  /** Opens a data key that a gateway sealed. Throws VaultError `unreadable` for what was not sealed to this key. */
  open(sealed: Sealed, context: Uint8Array): Promise<Buffer>;
}

const PASSED_ON = new TextEncoder().encode('drawbridge payload key passed on 1');

/**
 * The deployment's payload key, made at first use. Its private half never leaves the vault: a data key is passed on,
 * sealed to a key pair that lives in this process's memory only.
 */
export async function openPayloadKey(platform: Platform, vault: Vault): Promise<PayloadKey> {
  const db = platform.db.withTables<VaultTables>();
  const context = secretContext('payload');
  const read = () =>
    db
      .selectFrom('deployment_secret')
      .select(['wrapped', 'public_key'])
      .where('use', '=', 'payload')
      .executeTakeFirst();

  if ((await read()) === undefined) {
    const { publicKey, wrapped } = await vault.generateKeyPair(context);
    await db
      .insertInto('deployment_secret')
      .values({ use: 'payload', wrapped, public_key: publicKey, created_at: new Date(platform.clock.now()) })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
  const stored = await read();
  const publicKey = stored?.public_key;
  if (stored === undefined || publicKey === null || publicKey === undefined) {
    throw new Error('the payload key was stored and is not there');
  }
  const mine = await generateKeyPair();
  const passOn = freshly(
    stored.wrapped,
    read,
    (wrappedPrivateKey, asked: { sealed: Sealed; sealedContext: Uint8Array }) =>
      vault.passOn(
        { wrappedPrivateKey, context, ...asked },
        { publicKey: mine.publicKey, context: PASSED_ON },
      ),
  );
  return {
    publicKey,
    async open(sealed, sealedContext) {
      return openSealed(mine.privateKey, await passOn({ sealed, sealedContext }), PASSED_ON);
    },
  };
}
