import type { Selectable, Updateable } from 'kysely';
import { type Db, notFound, type Tx } from '../platform/index.ts';
import type { RotationNeed, State } from './rules.ts';
import type { RotationTables } from './tables.ts';

export type RotationRow = Selectable<RotationTables['rotation']>;
export type StepRow = Selectable<RotationTables['rotation_step']>;
export type VendorAdminRow = Selectable<RotationTables['vendor_admin']>;

const rotations = (db: Db | Tx) => db.withTables<RotationTables>();

/** Throws Problem 404. */
export async function readRotation(db: Db | Tx, id: string): Promise<RotationRow> {
  const row = await rotations(db).selectFrom('rotation').selectAll().where('id', '=', id).executeTakeFirst();
  if (row === undefined) throw notFound('rotation');
  return row;
}

/** The same, locked until the transaction ends. */
export async function lockRotation(tx: Tx, id: string): Promise<RotationRow> {
  const row = await rotations(tx)
    .selectFrom('rotation')
    .selectAll()
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) throw notFound('rotation');
  return row;
}

/** Those under way first, then the latest that are over: at most 200. */
export function readRotations(db: Db | Tx): Promise<RotationRow[]> {
  return rotations(db)
    .selectFrom('rotation')
    .selectAll()
    .orderBy('ended_at', (order) => order.desc().nullsFirst())
    .orderBy('started_at', 'desc')
    .limit(200)
    .execute();
}

/** A person does these, and says so: there is nothing to do or to try before. */
const waitsForPerson: readonly RotationNeed[] = [
  'enter_new_key',
  'delete_old_key',
  'new_key_refused',
  'vendor_refused',
  'old_key_dead',
  'credential_gone',
];

/** Those that something is to be done for by now, longest waiting first. */
export function readDueRotations(db: Db, now: Date): Promise<RotationRow[]> {
  return rotations(db)
    .selectFrom('rotation')
    .selectAll()
    .where('ended_at', 'is', null)
    .where('due_at', '<=', now)
    .where((is) => is.or([is('needs', 'is', null), is('needs', 'not in', waitsForPerson)]))
    .orderBy('due_at')
    .limit(100)
    .execute();
}

export function readSteps(db: Db | Tx, rotation: string): Promise<StepRow[]> {
  return rotations(db)
    .selectFrom('rotation_step')
    .selectAll()
    .where('rotation', '=', rotation)
    .orderBy('n')
    .execute();
}

export async function insertRotation(
  tx: Tx,
  row: Omit<RotationRow, 'plan' | 'old_refs' | 'new_refs'> & {
    plan: State['plan'];
    old_refs: Record<string, string>;
  },
): Promise<void> {
  await rotations(tx)
    .insertInto('rotation')
    .values({
      ...row,
      plan: JSON.stringify(row.plan),
      old_refs: JSON.stringify(row.old_refs),
      new_refs: null,
    })
    .execute();
}

export async function updateRotation(
  tx: Tx,
  row: Pick<RotationRow, 'id' | 'revision'>,
  columns: Updateable<RotationTables['rotation']>,
): Promise<void> {
  await rotations(tx)
    .updateTable('rotation')
    .set({ ...columns, revision: row.revision + 1 })
    .where('id', '=', row.id)
    .execute();
}

export async function insertStep(tx: Tx, step: Omit<StepRow, 'n'>): Promise<void> {
  const last = await rotations(tx)
    .selectFrom('rotation_step')
    .select(({ fn }) => fn.max('n').as('n'))
    .where('rotation', '=', step.rotation)
    .executeTakeFirst();
  await rotations(tx)
    .insertInto('rotation_step')
    .values({ ...step, n: Number(last?.n ?? 0) + 1 })
    .execute();
}

export function readVendorAdmin(db: Db | Tx, connection: string): Promise<VendorAdminRow | undefined> {
  return rotations(db)
    .selectFrom('vendor_admin')
    .selectAll()
    .where('connection', '=', connection)
    .executeTakeFirst();
}

export interface Use {
  answered: number;
  unauthorised: number;
  forbidden: number;
  last: Date;
}

/** How each version of a connection's credential was used. */
export async function readUse(db: Db, connection: string): Promise<Map<number, Use>> {
  const rows = await rotations(db)
    .selectFrom('credential_use')
    .selectAll()
    .where('connection', '=', connection)
    .execute();
  return new Map(
    rows.map(({ version, answered, unauthorised, forbidden, last_at }) => [
      version,
      {
        answered: Number(answered),
        unauthorised: Number(unauthorised),
        forbidden: Number(forbidden),
        last: last_at,
      },
    ]),
  );
}

export const stateOf = (row: RotationRow): State => ({
  how: row.how,
  step: row.step,
  since: row.since.getTime(),
  failed: row.failed,
  needs: row.needs,
  switched: row.switched,
  plan: row.plan,
});
