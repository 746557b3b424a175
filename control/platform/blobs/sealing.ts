import { type Sealed, sealTo, unwrap, wrap } from '@drawbridge/envelope';
import type { Platform } from '../platform.ts';

/** What opens keys that were sealed to the deployment: the vault does. */
export interface SealingKey {
  publicKey: Buffer;
  open(sealed: Sealed, context: Uint8Array): Promise<Buffer>;
}

/** Seals bytes, each bound to what they are of. */
export interface Sealer {
  seal(of: readonly (string | number)[], bytes: Uint8Array): Buffer;
  /** Throws EnvelopeError for what was sealed for something else, or changed. */
  open(of: readonly (string | number)[], sealed: Uint8Array): Buffer;
}

type KeyTables = { blob_key: { only_one: boolean; sealed: Sealed } };
const KEY_BYTES = 32;
const NONCE_BYTES = 12;

/**
 * One key for all files, which lies sealed to the deployment's payload key: whoever has the database alone reads none.
 * Read once in a process; made at the first use.
 */
export function blobSealer(platform: Platform, key: SealingKey): () => Promise<Sealer> {
  let opened: Promise<Sealer> | null = null;
  return () => {
    opened ??= openSealer(platform, key).catch((error: unknown) => {
      opened = null;
      throw error;
    });
    return opened;
  };
}

async function openSealer({ db, random, deployment }: Platform, key: SealingKey): Promise<Sealer> {
  const rows = db.withTables<KeyTables>();
  const context = Buffer.from(JSON.stringify(['drawbridge blob key 1', deployment.id]));
  const read = () => rows.selectFrom('blob_key').select('sealed').executeTakeFirst();
  if ((await read()) === undefined) {
    const sealed = await sealTo(key.publicKey, random.bytes(KEY_BYTES), context);
    await rows
      .insertInto('blob_key')
      .values({ only_one: true, sealed })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
  const stored = await read();
  if (stored === undefined) throw new Error('the key of the files was stored and is not there');
  const secret = await key.open(stored.sealed, context);
  const contextOf = (of: readonly (string | number)[]) =>
    Buffer.from(JSON.stringify(['drawbridge blob 1', deployment.id, ...of]));
  return {
    seal: (of, bytes) => wrap(secret, bytes, contextOf(of), random.bytes(NONCE_BYTES)),
    open: (of, sealed) => unwrap(secret, sealed, contextOf(of)),
  };
}
