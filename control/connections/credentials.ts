import {
  type AuthPlacement,
  boundHost,
  credentialContext,
  type Service,
  virtualKeyId,
} from '@drawbridge/protocol';
import {
  type By,
  type Db,
  invalid,
  newId,
  type Platform,
  Problem,
  recordChange,
  type Tx,
} from '../platform/index.ts';
import type { Vault } from '../vault/index.ts';
import { type ConnectionRow, upstreamOf } from './store.ts';
import type { ConnectionTables, CredentialRole } from './tables.ts';

/** What the next credential of a connection is bound to, before it is there. */
export interface CredentialBinding {
  version: number;
  hosts: string[];
  placements: AuthPlacement[];
  /** Associated data: what was wrapped with it opens with the same bytes only. */
  context: Uint8Array;
}

/**
 * Credentials are never changed: a new one gets the next version, and the wrapped bytes of the one before go. Each is
 * bound to its connection, version and host, and to every place where the service's SDKs put it as the pack has them
 * now. Whoever moves the connection must enter it again, and so it is for a place that the pack learns later.
 */
export async function enterCredential(
  tx: Tx,
  deps: { platform: Platform; vault: Vault },
  connection: ConnectionRow,
  service: Service,
  value: string,
  by: By,
): Promise<void> {
  const binding = await nextBinding(tx, connection, service);
  const wrapped = await deps.vault.seal(value, binding.context);
  await eraseCredential(tx, deps.platform, connection.id);
  await insertCredential(tx, deps.platform, connection, binding, { wrapped, role: 'in_force' }, by);
}

/** What a credential that is entered now would be bound to. */
export async function nextBinding(
  db: Db | Tx,
  connection: ConnectionRow,
  { auth: placements }: Service,
): Promise<CredentialBinding> {
  const latest = await db
    .withTables<ConnectionTables>()
    .selectFrom('credential')
    .select(({ fn }) => fn.max('version').as('version'))
    .where('connection', '=', connection.id)
    .executeTakeFirst();
  const version = Number(latest?.version ?? 0) + 1;
  const hosts = [boundHost(upstreamOf(connection))];
  const context = credentialContext({ connection: connection.id, version, hosts, placements });
  return { version, hosts, placements, context };
}

/** Puts a credential beside the one in force, which stays so. There must be none beside it. */
export async function enterNextCredential(
  tx: Tx,
  platform: Platform,
  connection: ConnectionRow,
  binding: CredentialBinding,
  wrapped: Buffer,
  by: By,
): Promise<void> {
  await insertCredential(tx, platform, connection, binding, { wrapped, role: 'next' }, by);
}

async function insertCredential(
  tx: Tx,
  platform: Platform,
  connection: ConnectionRow,
  { version, hosts, placements }: CredentialBinding,
  { wrapped, role }: { wrapped: Buffer; role: CredentialRole },
  by: By,
): Promise<void> {
  await tx
    .withTables<ConnectionTables>()
    .insertInto('credential')
    .values({
      id: newId(platform.clock, platform.random),
      connection: connection.id,
      version,
      hosts,
      placements: JSON.stringify(placements),
      role,
      wrapped,
      entered_at: new Date(platform.clock.now()),
      entered_by: by.actor.name,
      dropped_at: null,
    })
    .execute();
  await recordChange(tx, platform, {
    ...by,
    act: role === 'next' ? 'credential.enter_next' : 'credential.enter',
    subject: { kind: 'connection', id: connection.id },
    detail: { version, hosts, placements },
  });
}

/** The share of crossings, in ten thousandths, that go with the next credential; 0: none yet. */
export async function shareNextCredential(tx: Tx, connection: string, share: number): Promise<void> {
  await tx
    .withTables<ConnectionTables>()
    .updateTable('credential')
    .set({ share })
    .where('connection', '=', connection)
    .where('role', '=', 'next')
    .where('dropped_at', 'is', null)
    .execute();
}

/**
 * Puts the next credential in force; the one that was becomes the previous one, from which `back` goes again: then the
 * newer one becomes the next. Throws Problem 409 where there is none to take its place.
 */
export async function switchCredential(tx: Tx, connection: string, back = false): Promise<void> {
  const [comes, goes]: [CredentialRole, CredentialRole] = back ? ['previous', 'next'] : ['next', 'previous'];
  const move = (from: CredentialRole, to: CredentialRole) =>
    tx
      .withTables<ConnectionTables>()
      .updateTable('credential')
      .set({ role: to, share: 0 })
      .where('connection', '=', connection)
      .where('role', '=', from)
      .where('dropped_at', 'is', null)
      .executeTakeFirst();
  await move('in_force', goes);
  const moved = await move(comes, 'in_force');
  if (moved.numUpdatedRows === 1n) return;
  throw new Problem(
    409,
    'credential_gone',
    'The credential that is to be put in force is not there any more: the connection was moved, or another was entered.',
  );
}

/** Erases the wrapped bytes of all credentials of a connection, or of those in one role. */
export async function eraseCredential(
  tx: Tx,
  platform: Platform,
  connection: string,
  role?: CredentialRole,
): Promise<void> {
  let query = tx
    .withTables<ConnectionTables>()
    .updateTable('credential')
    .set({ wrapped: null, dropped_at: new Date(platform.clock.now()) })
    .where('connection', '=', connection)
    .where('dropped_at', 'is', null);
  if (role !== undefined) query = query.where('role', '=', role);
  await query.execute();
}

/** A credential as it may be entered for a service. Throws Problem 422 that names the field. */
export function checkedCredential(value: string, field: string, service: Service): string {
  if (virtualKeyId(value) !== null) {
    throw invalid(field, 'this is a virtual key of Drawbridge; paste the credential that the vendor gave');
  }
  const signs = service.auth.find((placement) => placement.in === 'signature');
  if (signs?.scheme === 'aws-sigv4' && !AWS_KEYS.test(value)) {
    throw invalid(
      field,
      'requests to this service are signed: give access key id and secret access key as one text, ACCESS_KEY_ID:SECRET_ACCESS_KEY, and :SESSION_TOKEN behind them where there is one',
    );
  }
  return value;
}

/** Access key id, secret access key, and the session token of temporary ones. */
const AWS_KEYS = /^[A-Za-z0-9]{16,128}:[A-Za-z0-9/+=]{16,128}(?::[A-Za-z0-9/+=_-]{16,3800})?$/;
