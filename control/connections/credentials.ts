import { boundHost, credentialContext, type Service } from '@drawbridge/protocol';
import { type By, newId, type Platform, recordChange, type Tx } from '../platform/index.ts';
import type { Vault } from '../vault/index.ts';
import { type ConnectionRow, upstreamOf } from './store.ts';
import type { ConnectionTables } from './tables.ts';

/**
 * Credentials are never changed: a new one gets the next version, and the wrapped bytes of the one before go. Each is
 * bound to its connection, version and host, and to every place where the service's SDKs put it as the pack has them
 * now. Whoever moves the connection must enter it again, and so it is for a place that the pack learns later.
 */
export async function enterCredential(
  tx: Tx,
  deps: { platform: Platform; vault: Vault },
  connection: ConnectionRow,
  { auth: placements }: Service,
  value: string,
  by: By,
): Promise<void> {
  const { platform, vault } = deps;
  const rows = tx.withTables<ConnectionTables>();
  const latest = await rows
    .selectFrom('credential')
    .select(({ fn }) => fn.max('version').as('version'))
    .where('connection', '=', connection.id)
    .executeTakeFirst();
  const version = Number(latest?.version ?? 0) + 1;
  const hosts = [boundHost(upstreamOf(connection))];
  const wrapped = await vault.seal(
    value,
    credentialContext({ connection: connection.id, version, hosts, placements }),
  );
  await eraseCredential(tx, platform, connection.id);
  await rows
    .insertInto('credential')
    .values({
      id: newId(platform.clock, platform.random),
      connection: connection.id,
      version,
      hosts,
      placements: JSON.stringify(placements),
      wrapped,
      entered_at: new Date(platform.clock.now()),
      entered_by: by.actor.name,
      dropped_at: null,
    })
    .execute();
  await recordChange(tx, platform, {
    ...by,
    act: 'credential.enter',
    subject: { kind: 'connection', id: connection.id },
    detail: { version, hosts, placements },
  });
}

/** Erases the wrapped bytes of the credential in use. */
export async function eraseCredential(tx: Tx, platform: Platform, connection: string): Promise<void> {
  await tx
    .withTables<ConnectionTables>()
    .updateTable('credential')
    .set({ wrapped: null, dropped_at: new Date(platform.clock.now()) })
    .where('connection', '=', connection)
    .where('dropped_at', 'is', null)
    .execute();
}
