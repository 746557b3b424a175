import { unlisted, vendorAt } from '@drawbridge/protocol';
import { z } from 'zod';
import { type Action, decodeCursor, type Named, type Platform, Problem } from '../platform/index.ts';
import type { ConnectionFacts } from './dry-run.ts';
import type { ActFacts } from './engine.ts';
import { readAppFacts, readVendorFacts } from './facts.ts';
import { type ActResource, resourcesOf } from './schema.ts';

export interface ActDeps {
  platform: Platform;
  /** By id; `vendor` is the vendor's id. */
  connections: () => Promise<ReadonlyMap<string, ConnectionFacts & { vendor: string }>>;
}

interface Thing {
  kind: Exclude<ActResource, 'Deployment'>;
  id: string;
}

/** Tables in which a thing's row says to which connection, app or vendor it belongs. */
const rows = {
  break_glass: 'connection',
  rotation: 'connection',
  access_request: 'connection',
  policy_grant: 'connection',
  virtual_key: 'app',
  account_attestation: 'vendor',
} as const;
const kinds = { connection: 'Connection', app: 'App', vendor: 'Vendor' } as const;

/** What the words of paths mean; of others it is the deployment. */
const words: Readonly<Record<string, Thing['kind'] | keyof typeof rows>> = {
  connections: 'Connection',
  apps: 'App',
  vendors: 'Vendor',
  packs: 'Vendor',
  accounts: 'Vendor',
  keys: 'virtual_key',
  'break-glass': 'break_glass',
  rotations: 'rotation',
  'access-requests': 'access_request',
  grants: 'policy_grant',
  attestations: 'account_attestation',
};

/** What it is done to. What is not there yet, or not found, is the deployment's: the route will say so. */
export async function resourceFor(
  deps: ActDeps,
  action: Action,
  named: Named | null,
): Promise<ActFacts['resource']> {
  const thing = named === null ? null : await thingOf(deps.platform, named);
  if (thing === null || !resourcesOf(action).includes(thing.kind)) return { kind: 'deployment' };
  const { db, clock } = deps.platform;
  const now = clock.now();
  const vendorOf = async (id: string) => {
    const [known] = await readVendorFacts(db, [id], now);
    return vendorAt(known ?? { ...unlisted.vendor, id }, now);
  };
  if (thing.kind === 'Vendor') return { kind: 'vendor', vendor: await vendorOf(thing.id) };
  if (thing.kind === 'App') {
    const app = await readAppFacts(db, thing.id);
    return app === null ? { kind: 'deployment' } : { kind: 'app', app };
  }
  const found = (await deps.connections()).get(thing.id);
  if (found === undefined) return { kind: 'deployment' };
  const { vendor, ...connection } = found;
  return { kind: 'connection', connection, vendor: await vendorOf(vendor) };
}

async function thingOf({ db }: Platform, { of, id }: Named): Promise<Thing | null> {
  if (of === 'review') return reviewed(id);
  const word = words[of];
  if (word === undefined) return null;
  if (word === 'Connection' || word === 'App' || word === 'Vendor') return { kind: word, id };
  const column = rows[word];
  const row = await db
    .withTables<Record<keyof typeof rows, { id: string } & Record<keyof typeof kinds, string>>>()
    .selectFrom(word)
    .select(`${column} as owner`)
    .where('id', '=', id)
    .executeTakeFirst();
  return row === undefined ? null : { kind: kinds[column], id: row.owner };
}

const NameId = z.tuple([z.string(), z.string(), z.string()]);

/** A name that waits for review is of one connection, which its id says. */
function reviewed(id: string): Thing | null {
  try {
    return { kind: 'Connection', id: decodeCursor(id, NameId)[0] };
  } catch (error) {
    // No such id: there is nothing that it could be done to.
    if (error instanceof Problem) return null;
    throw error;
  }
}
