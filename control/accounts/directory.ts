import { sealTo, unwrap, wrap } from '@drawbridge/envelope';
import { z } from 'zod';
import type { Platform } from '../platform/index.ts';
import type { PayloadKey } from '../vault/index.ts';
import type { AccountTables } from './tables.ts';

/** Who holds an account. */
const HolderSchema = z.strictObject({
  email: z.string().nullable(),
  name: z.string().nullable(),
  externalId: z.string(),
});
export type Holder = z.infer<typeof HolderSchema>;

/** Seals holders, each bound to its account. */
export interface Directory {
  seal(account: string, holder: Holder): Buffer;
  /** Throws EnvelopeError for what was sealed for another account, or changed. */
  open(account: string, sealed: Buffer): Holder;
}

const KEY_BYTES = 32;
const NONCE_BYTES = 12;

/**
 * One key for all of them, which lies sealed to the deployment's payload key: whoever has the database alone reads no name.
 * Read once in a process; made at the first use.
 */
export function directoryKey(platform: Platform, payloadKey: PayloadKey): () => Promise<Directory> {
  let opened: Promise<Directory> | null = null;
  return () => {
    opened ??= open(platform, payloadKey).catch((error: unknown) => {
      opened = null;
      throw error;
    });
    return opened;
  };
}

async function open({ db, random, deployment }: Platform, payloadKey: PayloadKey): Promise<Directory> {
  const rows = db.withTables<AccountTables>();
  const keyContext = Buffer.from(JSON.stringify(['drawbridge account directory key 1', deployment.id]));
  const read = () => rows.selectFrom('account_directory_key').select('sealed').executeTakeFirst();
  if ((await read()) === undefined) {
    const sealed = await sealTo(payloadKey.publicKey, random.bytes(KEY_BYTES), keyContext);
    await rows
      .insertInto('account_directory_key')
      .values({ only_one: true, sealed: sealed })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
  const stored = await read();
  if (stored === undefined) throw new Error('the key of the account directory was stored and is not there');
  const key = await payloadKey.open(stored.sealed, keyContext);
  const contextOf = (account: string) =>
    Buffer.from(JSON.stringify(['drawbridge account 1', deployment.id, account]));
  return {
    seal: (account, holder) =>
      wrap(key, Buffer.from(JSON.stringify(holder)), contextOf(account), random.bytes(NONCE_BYTES)),
    open: (account, sealed) =>
      HolderSchema.parse(JSON.parse(unwrap(key, sealed, contextOf(account)).toString('utf8'))),
  };
}
