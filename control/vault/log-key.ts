import type { Platform } from '../platform/index.ts';
import type { Vault } from './client.ts';
import { freshly } from './freshly.ts';
import type { LogMark } from './log-marks.ts';
import type { VaultTables } from './tables.ts';

/** The key that a log's checkpoints are signed with. Its seed never leaves the vault. */
export interface LogKey {
  /** The log's name: its origin. */
  name: string;
  /** Ed25519, 32 bytes. */
  publicKey: Buffer;
  /** The signature over a checkpoint of this log: 64 bytes. Throws VaultError. */
  sign(text: string): Promise<Buffer>;
  /** The largest tree of this log that was ever signed; null for none. Throws VaultError. */
  mark(): Promise<LogMark | null>;
}

/** A log's signing key, made when it is first asked for. Several control processes that ask at once get the same one. */
export async function openLogKey(
  platform: Pick<Platform, 'db' | 'clock'>,
  vault: Pick<Vault, 'makeLogKey' | 'signLog' | 'logMark'>,
  name: string,
): Promise<LogKey> {
  const db = platform.db.withTables<VaultTables>();
  const use = `log ${name}`;
  const read = () =>
    db
      .selectFrom('deployment_secret')
      .select(['wrapped', 'public_key'])
      .where('use', '=', use)
      .executeTakeFirst();

  if ((await read()) === undefined) {
    const { publicKey, wrapped } = await vault.makeLogKey(name);
    await db
      .insertInto('deployment_secret')
      .values({ use, wrapped, public_key: publicKey, created_at: new Date(platform.clock.now()) })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
  const stored = await read();
  const publicKey = stored?.public_key;
  if (stored === undefined || publicKey === null || publicKey === undefined) {
    throw new Error('the key of a log was stored and is not there');
  }
  return {
    name,
    publicKey,
    sign: freshly(stored.wrapped, read, (wrapped, text: string) => vault.signLog(name, wrapped, text)),
    mark: () => vault.logMark(name),
  };
}
