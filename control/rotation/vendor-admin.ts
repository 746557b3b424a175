import type { Admin } from '@drawbridge/protocol';
import type { Approvals } from '../approvals/index.ts';
import { type ConnectionRow, checkedUpstream, lockConnection } from '../connections/index.ts';
import { type By, invalid, type Platform, Problem, recordChange, type Tx } from '../platform/index.ts';
import type { Vault } from '../vault/index.ts';
import type { Catalogue } from '../vendors/index.ts';
import { adminContext, adminPlace, apiHashOf, packRotationOf } from './keys-of.ts';
import { readVendorAdmin } from './store.ts';
import type { RotationTables } from './tables.ts';
import type { Place } from './vendor-keys.ts';

/** What a person enters for a vendor's API for keys. */
export interface AdminEntry {
  value: string;
  parameters: Record<string, string>;
  upstream?: Place | undefined;
}

interface AdminDeps {
  platform: Platform;
  vault: Vault;
  catalogue: Catalogue;
  approvals: Approvals;
}

/**
 * Keeps the admin credential of a connection, sealed and bound to its host and to what the pack says of the API there. For
 * a host or an API that none was entered for it waits for a second person, where the setting says so. Throws Problem 409, 422.
 */
export async function enterVendorAdmin(
  { platform, vault, catalogue, approvals }: AdminDeps,
  id: string,
  given: AdminEntry,
  by: By,
): Promise<void> {
  await platform.db.transaction().execute(async (tx) => {
    const connection = await lockConnection(tx, id);
    const admin = expectAdmin(catalogue, connection);
    checkParameters(admin, given.parameters);
    const place =
      given.upstream === undefined ? adminPlace(admin, connection.region) : checkedUpstream(given.upstream);
    const api_hash = apiHashOf(admin);
    if (!(await isKnown(tx, place, api_hash)))
      await approvals.spendIfNeeded(
        tx,
        {
          act: 'vendor_admin.enter',
          subject: { kind: 'connection', id },
          what: { name: connection.name, ...place, pack: catalogue.origin(connection.vendor), api: api_hash },
        },
        by,
      );
    const before = await readVendorAdmin(tx, id);
    const bound = {
      ...{ connection: id, version: (before?.version ?? 0) + 1, ...place, place: admin.place },
      api_hash,
    };
    const wrapped = await vault.seal(given.value, adminContext(bound));
    const columns = {
      ...bound,
      place: JSON.stringify(admin.place),
      parameters: JSON.stringify(given.parameters),
      wrapped,
      entered_at: new Date(platform.clock.now()),
      entered_by: by.actor.name,
    };
    await tx
      .withTables<RotationTables>()
      .insertInto('vendor_admin')
      .values(columns)
      .onConflict((conflict) => conflict.column('connection').doUpdateSet(columns))
      .execute();
    await recordChange(tx, platform, {
      ...by,
      act: 'vendor_admin.enter',
      subject: { kind: 'connection', id },
      detail: { version: bound.version, host: place.host, parameters: given.parameters },
    });
  });
  platform.events.publish('rotations');
}

/** Erases it. Rotations under way that need it ask a person. */
export async function removeVendorAdmin(platform: Platform, id: string, by: By): Promise<void> {
  await platform.db.transaction().execute(async (tx) => {
    await lockConnection(tx, id);
    const gone = await tx
      .withTables<RotationTables>()
      .deleteFrom('vendor_admin')
      .where('connection', '=', id)
      .executeTakeFirst();
    if (gone.numDeletedRows === 0n) return;
    await recordChange(tx, platform, {
      ...by,
      act: 'vendor_admin.remove',
      subject: { kind: 'connection', id },
    });
  });
  platform.events.publish('rotations');
}

/** Whether one was entered for just this API before. */
async function isKnown(tx: Tx, { scheme, host, port, private: isPrivate }: Place, hash: string) {
  const row = await tx
    .withTables<RotationTables>()
    .selectFrom('vendor_admin')
    .select('connection')
    .where('scheme', '=', scheme)
    .where('host', '=', host)
    .where('port', '=', port)
    .where('private', '=', isPrivate)
    .where('api_hash', '=', hash)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

function expectAdmin(catalogue: Catalogue, connection: ConnectionRow): Admin {
  const admin = packRotationOf(catalogue, connection)?.admin;
  if (admin !== undefined) return admin;
  throw new Problem(
    409,
    'no_key_api',
    'The pack of this vendor knows no API for keys. Rotate by hand: a person makes and deletes the keys.',
  );
}

function checkParameters(admin: Admin, given: Record<string, string>): void {
  for (const { id, label, example } of admin.parameters)
    if (given[id] === undefined)
      throw invalid(`parameters.${id}`, `is missing: ${label}, such as ${example}`);
  for (const id of Object.keys(given))
    if (!admin.parameters.some((one) => one.id === id))
      throw invalid(`parameters.${id}`, 'is nothing that this vendor’s API asks for');
}
