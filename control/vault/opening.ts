import { randomBytes, timingSafeEqual } from 'node:crypto';
import { VaultFailure } from './failure.ts';
import { makeKeyFile, readKeyFile } from './keyfile.ts';
import type { KeyRecord, VaultCalls, WrappedDataKey } from './messages.ts';
import type { KeyRing } from './ring.ts';
import { type Kek, type KeyUse, localKek } from './sources/kek.ts';
import { type KeySource, keyFileOf, labelOf } from './sources/settings.ts';
import { keyInText } from './sources/text.ts';

/** What was opened at the start, and what a further key needs. */
export interface OpenedKeys {
  ring: KeyRing;
  /** The key-encryption key, kept: what is asked for later needs it again. */
  kek: Kek;
  keyFile: string;
  deployment: string;
}

export const KEY_BYTES = 32;
const CHECK_TEXT = Buffer.from('drawbridge key check 1');

type StartAsk = VaultCalls['start']['ask'];
type AddAsk = VaultCalls['addKey']['ask'];

/**
 * Opens the data keys with the key-encryption key of the source. Makes a data key, and of the source `file` the key, too,
 * where the database knows none. Throws VaultFailure `kek_missing`, `kek_wrong`, `data_key_damaged` and what the source
 * gives; changes nothing then.
 */
export async function openKeys(ask: StartAsk): Promise<{
  keys: OpenedKeys;
  key: number;
  made: KeyRecord | null;
}> {
  const { source, keyFile, deployment, known } = ask;
  if (known.length > 0) {
    const { kek, record } = await findKey(ask);
    const keys = await openDataKeys(kek, deployment, record);
    return { keys: { ring: ringOf(keys), kek, keyFile, deployment }, key: record.id, made: null };
  }
  const kek = await newKek(source, keyFile, 1);
  const keys = new Map([[1, randomBytes(KEY_BYTES)]]);
  const made = await recordOf(kek, { source, keyFile, deployment, id: 1 }, keys);
  return { keys: { ring: ringOf(keys), kek, keyFile, deployment }, key: 1, made };
}

/** What `addKey` says in messages.ts. Throws VaultFailure; what was made of a file is found again by the same call. */
export async function addKey(
  { ring, kek, keyFile, deployment }: OpenedKeys,
  { to, id, addDataKey }: AddAsk,
): Promise<VaultCalls['addKey']['answer']> {
  const target = await newKek(to, keyFile, id);
  const keys = new Map(ring.keys);
  let added: WrappedDataKey | null = null;
  if (addDataKey) {
    const version = ring.current + 1;
    const dataKey = randomBytes(KEY_BYTES);
    keys.set(version, dataKey);
    added = { version, wrapped: await kek.wrap(dataKey, { use: 'data key', deployment, version }) };
  }
  const made = await recordOf(target, { source: to, keyFile, deployment, id }, keys);
  // What a wrapping service answered is believed once it was opened again.
  const back = await openDataKeys(target, deployment, made);
  for (const [version, dataKey] of keys) {
    const opened = back.get(version);
    if (opened === undefined || !timingSafeEqual(opened, dataKey))
      throw new VaultFailure(
        'kek_unusable',
        'The new key-encryption key does not open what it wrapped. Nothing was changed; take another key.',
      );
    opened.fill(0);
  }
  keys.get(added?.version ?? 0)?.fill(0);
  return { made, added };
}

const ringOf = (keys: ReadonlyMap<number, Buffer>): KeyRing => ({ keys, current: Math.max(...keys.keys()) });

async function recordOf(
  kek: Kek,
  { source, keyFile, deployment, id }: { source: KeySource; keyFile: string; deployment: string; id: number },
  keys: ReadonlyMap<number, Buffer>,
): Promise<KeyRecord> {
  const dataKeys: WrappedDataKey[] = [];
  for (const [version, dataKey] of keys)
    dataKeys.push({ version, wrapped: await kek.wrap(dataKey, { use: 'data key', deployment, version }) });
  return {
    id,
    source: source.kind,
    label: labelOf(source, { keyFile, id }),
    checkValue: await kek.wrap(CHECK_TEXT, checkOf(deployment)),
    dataKeys,
  };
}

const checkOf = (deployment: string): KeyUse => ({ use: 'check', deployment, version: 1 });

/** A key that is to be taken into use: made where it is a file, given by the source else. */
async function newKek(source: KeySource, keyFile: string, id: number): Promise<Kek> {
  if (source.kind !== 'file') return kekOf(source);
  const path = keyFileOf(keyFile, id);
  return localKek(
    readKeyFile(path) ?? makeKeyFile(path, randomBytes(KEY_BYTES), randomBytes(6).toString('hex')),
  );
}

/** What reaches out of the process is loaded where it is needed, and nowhere else. */
async function kekOf(source: Exclude<KeySource, { kind: 'file' }>): Promise<Kek> {
  switch (source.kind) {
    case 'env':
      return localKek(keyInText(source.key, 'DRAWBRIDGE_KEK'));
    case 'command':
      return localKek(await (await import('./sources/command.ts')).keyFromCommand(source));
    case 'vault-transit':
      return (await import('./sources/transit.ts')).transitKek(source);
    case 'aws-kms':
      return (await import('./sources/kms.ts')).kmsKek(source);
  }
}

/** The key that this source has and the database knows of: the newest that fits. */
async function findKey(ask: StartAsk): Promise<{ kek: Kek; record: KeyRecord }> {
  const { source, keyFile, deployment } = ask;
  const records = ask.known.filter((one) => one.source === source.kind).sort((a, b) => b.id - a.id);
  if (records.length === 0) throw otherSource(ask);
  if (source.kind === 'file') {
    for (const record of records) {
      const key = readKeyFile(keyFileOf(keyFile, record.id));
      if (key === null) continue;
      const kek = localKek(key);
      if (await fits(kek, deployment, record)) return { kek, record };
      throw wrong(`${keyFileOf(keyFile, record.id)} holds a key, but`);
    }
    const paths = records.map(({ id }) => keyFileOf(keyFile, id));
    throw new VaultFailure(
      'kek_missing',
      `The database holds secrets that need the key in ${paths.join(' or ')}, which is not there${another(ask, records)}. Restore it from your copy; nothing was changed.`,
    );
  }
  const kek = await kekOf(source);
  for (const record of records) if (await fits(kek, deployment, record)) return { kek, record };
  throw wrong(`The key of ${labelOf(source, { keyFile, id: 1 })} can be used, but is`);
}

/** The key files that lie there and are of no use: who restored a copy that is older, or newer, reads so. */
function another({ keyFile }: StartAsk, records: readonly KeyRecord[]): string {
  const newest = Math.max(...records.map(({ id }) => id));
  for (let id = newest + 9; id > 0; id--) {
    if (records.some((one) => one.id === id)) continue;
    if (readKeyFile(keyFileOf(keyFile, id)) === null) continue;
    return `; ${keyFileOf(keyFile, id)} is, which is of ${id < newest ? 'before' : 'after'} a rotation: your copy of the keys and the database are not of one time`;
  }
  return '';
}

function otherSource({ source, known }: StartAsk): VaultFailure {
  const there = known.map(({ source: kind, label }) => `${kind} (${label})`).join(', ');
  return new VaultFailure(
    'kek_missing',
    `The secrets of this database are under a key from ${there}, and the key source that is set is ${source.kind}. Set DRAWBRIDGE_KEY_SOURCE to the first, then "drawbridge vault rotate-kek --to ${source.kind}". Nothing was changed.`,
  );
}

const wrong = (what: string): VaultFailure =>
  new VaultFailure(
    'kek_wrong',
    `${what} not the one this database was made with. Put the right one there; nothing was changed.`,
  );

async function fits(kek: Kek, deployment: string, { checkValue }: KeyRecord): Promise<boolean> {
  const check = await kek.unwrap(checkValue, checkOf(deployment));
  return check !== null && check.length === CHECK_TEXT.length && timingSafeEqual(check, CHECK_TEXT);
}

async function openDataKeys(
  kek: Kek,
  deployment: string,
  { dataKeys }: KeyRecord,
): Promise<Map<number, Buffer>> {
  const keys = new Map<number, Buffer>();
  for (const { version, wrapped } of dataKeys) {
    const dataKey = await kek.unwrap(wrapped, { use: 'data key', deployment, version });
    if (dataKey === null || dataKey.length !== KEY_BYTES) {
      throw new VaultFailure(
        'data_key_damaged',
        'The key-encryption key is right, but the data key in the database was changed. Restore the database.',
      );
    }
    keys.set(version, dataKey);
  }
  return keys;
}
