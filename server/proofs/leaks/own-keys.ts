import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openSealed, unwrap } from '@drawbridge/envelope';
import { type GatewayKeys, readGatewayKeys } from '@drawbridge/gateway';
import { parseSnapshot, type Snapshot, secretContext } from '@drawbridge/protocol';
import type { Needle } from '../search/search.ts';

/** The deployment's own keys: they lie in the keys directory, in clear or not at all elsewhere. */

/** Key bytes as raw bytes and as the text that files hold. */
const both = (name: string, bytes: Buffer): Needle[] => [
  { name, value: bytes },
  { name: `${name} as text`, value: bytes.toString('base64url') },
];

async function keyFile(keysDir: string, ending: string): Promise<string> {
  const name = (await readdir(keysDir)).find((each) => each.endsWith(ending));
  if (name === undefined) throw new Error(`there is no ${ending} among the keys`);
  return readFile(join(keysDir, name), 'utf8');
}

export async function gatewayKeysOf(keysDir: string): Promise<GatewayKeys> {
  return readGatewayKeys(JSON.parse(await keyFile(keysDir, '.gateway-1.json')));
}

/** The last good snapshot, read from the gateway's disk as only the gateway can. */
async function openSnapshotFile(dataDir: string, keys: GatewayKeys): Promise<Snapshot> {
  const file = await readFile(join(dataDir, 'gateway-1', 'snapshot.sealed'));
  const text = unwrap(keys.snapshotKey, file, new TextEncoder().encode('drawbridge snapshot file 1'));
  return parseSnapshot(JSON.parse(text.toString('utf8')));
}

/** All keys of a deployment: those of its files, and those that only the snapshot holds, sealed. */
export async function ownKeys(dataDir: string, keysDir: string): Promise<Needle[]> {
  const keys = await gatewayKeysOf(keysDir);
  const kek = /:([\w-]{43})/.exec(await keyFile(keysDir, '.kek'))?.[1] ?? '';
  const { operatorToken } = JSON.parse(await keyFile(keysDir, '.running.json')) as { operatorToken: string };
  const snapshot = await openSnapshotFile(dataDir, keys);
  const open = (sealed: Snapshot['ledger_key'], context: Uint8Array) =>
    openSealed(keys.privateKey, sealed, context);
  const vendors = snapshot.vendor_secrets.map(async ({ vendor, epoch, sealed }) =>
    both(`pseudonym secret of ${vendor}`, await open(sealed, secretContext('vendor', vendor, epoch))),
  );
  return [
    ...both('key-encryption key', Buffer.from(kek, 'base64url')),
    ...both('gateway private key', keys.privateKey),
    ...both('snapshot key', keys.snapshotKey),
    ...both('ledger key', await open(snapshot.ledger_key, secretContext('ledger'))),
    ...both('review key', await open(snapshot.review_key, secretContext('review'))),
    ...(await Promise.all(vendors)).flat(),
    { name: 'gateway token', value: keys.token },
    { name: 'operator token', value: operatorToken },
  ];
}
