import { boundHost } from '@drawbridge/protocol';
import { type Approvals, needsSecondPerson } from '../approvals/index.ts';
import { type By, Problem, type Tx } from '../platform/index.ts';
import type { ConnectionRow } from './store.ts';
import { upstreamOf } from './store.ts';
import type { ConnectionTables } from './tables.ts';
import type { Upstream } from './upstream.ts';

/** Before a connection goes to another host. */
export async function expectMoveApproved(
  tx: Tx,
  approvals: Approvals,
  row: ConnectionRow,
  to: Upstream,
  by: By,
): Promise<void> {
  if (!(await needsSecondPerson(tx))) return;
  const what = { name: row.name, from: upstreamOf(row), to };
  await approvals.spend(
    tx,
    { act: 'connection.change', subject: { kind: 'connection', id: row.id }, what },
    by,
  );
}

/** Before a credential is entered for a host that none was ever entered for. */
export async function expectHostApproved(
  tx: Tx,
  approvals: Approvals,
  row: ConnectionRow,
  by: By,
): Promise<void> {
  if (!(await needsSecondPerson(tx)) || (await hadCredential(tx, boundHost(upstreamOf(row))))) return;
  const what = { name: row.name, host: boundHost(upstreamOf(row)), private: row.private };
  await approvals.spend(
    tx,
    { act: 'credential.enter', subject: { kind: 'connection', id: row.id }, what },
    by,
  );
}

/** A credential for a new host goes into a connection that is there: the second person has to see where it goes. */
export async function expectKnownHost(tx: Tx, to: Upstream): Promise<void> {
  if (!(await needsSecondPerson(tx)) || (await hadCredential(tx, boundHost(to)))) return;
  throw new Problem(
    409,
    'second_person_needed',
    `No credential was entered for ${to.host} before, so a second person has to approve this one. Connect without a credential, then enter it.`,
  );
}

async function hadCredential(tx: Tx, host: string): Promise<boolean> {
  const row = await tx
    .withTables<ConnectionTables>()
    .selectFrom('credential')
    .select('id')
    .where('hosts', '@>', [[host]])
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}
