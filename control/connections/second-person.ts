import { boundHost } from '@drawbridge/protocol';
import { z } from 'zod';
import type { Approvals } from '../approvals/index.ts';
import { type By, Problem, readSetting, type Setting, type Tx, writeSetting } from '../platform/index.ts';
import type { ConnectionRow } from './store.ts';
import { upstreamOf } from './store.ts';
import type { ConnectionTables } from './tables.ts';
import type { Upstream } from './upstream.ts';

/** Whether a second person has to approve where credentials go: a change of host, and a credential for a new host. */
const secondPerson: Setting<boolean> = {
  key: 'connections.second_person',
  schema: z.boolean(),
  initial: false,
};

export const needsSecondPerson = (db: Parameters<typeof readSetting>[0]): Promise<boolean> =>
  readSetting(db, secondPerson);

export interface SecondPersonDeps {
  approvals: Approvals;
  platform: Parameters<typeof writeSetting>[1];
  /** How many people may approve, the one who asks among them. */
  people: () => Promise<number>;
}

/**
 * Sets it, in the caller's transaction. To turn it off waits for a second person: else one alone could do that first.
 * Throws Problem 409 `nobody_to_approve` where it would lock everybody out.
 */
export async function setSecondPerson(
  tx: Tx,
  { approvals, platform, people }: SecondPersonDeps,
  value: boolean,
  by: By,
): Promise<void> {
  const before = await needsSecondPerson(tx);
  if (before === value) return;
  if (value && (await people()) < 2)
    throw new Problem(
      409,
      'nobody_to_approve',
      'There is nobody else yet who could approve. Invite a second person first.',
    );
  if (!value)
    await approvals.spend(
      tx,
      {
        act: 'setting.write',
        subject: { kind: 'setting', id: secondPerson.key },
        what: { from: before, to: value },
      },
      by,
    );
  await writeSetting(tx, platform, secondPerson, value, { ...by, detail: { from: before, to: value } });
}

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
