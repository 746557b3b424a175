import { sealTo, unwrap, wrap } from '@drawbridge/envelope';
import { PHRASE_KEY_INPUT, type PhraseHasher, phraseHasher } from '@drawbridge/protocol';
import type { Platform } from '../platform/index.ts';
import type { PayloadKey, Secrets, Vault } from '../vault/index.ts';
import { type Entry, EntrySchema } from './entry.ts';
import type { DetectorTables } from './tables.ts';

/** Seals what lists hold, each bound to its entry, and hashes the forms in which it is found. */
export interface Sealing {
  seal(id: string, entry: Entry): Buffer;
  /** Throws EnvelopeError for what was sealed for another entry, or changed. */
  open(id: string, sealed: Buffer): Entry;
  hasher: PhraseHasher;
  /** What the hasher is made of: hashes of registered secrets are made of another. */
  phraseKey: Uint8Array;
}

export interface SealingDeps {
  platform: Platform;
  payloadKey: PayloadKey;
  vault: Pick<Vault, 'keyedHash'>;
  secrets: Pick<Secrets, 'get'>;
}

const KEY_BYTES = 32;
const NONCE_BYTES = 12;

/**
 * One key for all entries, which lies sealed to the deployment's payload key: whoever has the database alone reads no
 * name, and can't try names out. Read once in a process; made at the first use.
 */
export function listSealing(deps: SealingDeps): () => Promise<Sealing> {
  let opened: Promise<Sealing> | null = null;
  return () => {
    opened ??= open(deps).catch((error: unknown) => {
      opened = null;
      throw error;
    });
    return opened;
  };
}

async function open({ platform, payloadKey, vault, secrets }: SealingDeps): Promise<Sealing> {
  const { db, random, deployment } = platform;
  const rows = db.withTables<DetectorTables>();
  const keyContext = Buffer.from(JSON.stringify(['drawbridge known lists key 1', deployment.id]));
  const read = () => rows.selectFrom('known_list_key').select('sealed').executeTakeFirst();
  if ((await read()) === undefined) {
    const sealed = await sealTo(payloadKey.publicKey, random.bytes(KEY_BYTES), keyContext);
    await rows
      .insertInto('known_list_key')
      .values({ only_one: true, sealed })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
  const stored = await read();
  if (stored === undefined) throw new Error('the key of the known lists was stored and is not there');
  const key = await payloadKey.open(stored.sealed, keyContext);
  const { wrapped, context } = await secrets.get('scan');
  // In bytes of its own, as it may be copied to a thread.
  const phraseKey = new Uint8Array(await vault.keyedHash(wrapped, context, PHRASE_KEY_INPUT));
  const contextOf = (id: string) =>
    Buffer.from(JSON.stringify(['drawbridge known entry 1', deployment.id, id]));
  return {
    hasher: phraseHasher(phraseKey),
    phraseKey,
    seal: (id, entry) =>
      wrap(key, Buffer.from(JSON.stringify(entry)), contextOf(id), random.bytes(NONCE_BYTES)),
    open: (id, sealed) => EntrySchema.parse(JSON.parse(unwrap(key, sealed, contextOf(id)).toString('utf8'))),
  };
}
