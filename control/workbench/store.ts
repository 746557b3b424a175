import type { Selectable } from 'kysely';
import {
  type By,
  type Db,
  newId,
  notFound,
  type Platform,
  Problem,
  recordChange,
  type Tx,
} from '../platform/index.ts';
import type { ContractTestView, NewContractTest } from './schemas.ts';
import type { WorkbenchTables } from './tables.ts';

export const MOST_TESTS = 100;

/** The tests of a connection, by name. */
export async function readTests(db: Db | Tx, connection: string): Promise<ContractTestView[]> {
  const rows = await db
    .withTables<WorkbenchTables>()
    .selectFrom('contract_test')
    .selectAll()
    .where('connection', '=', connection)
    .orderBy('name')
    .limit(MOST_TESTS)
    .execute();
  return rows.map(view);
}

/**
 * Keeps tests, all or none; one of a name that is there replaces it. Throws Problem 422 `too_many_tests`.
 */
export async function writeTests(
  platform: Platform,
  connection: string,
  tests: readonly NewContractTest[],
  by: By,
): Promise<ContractTestView[]> {
  return platform.db.transaction().execute(async (tx) => {
    const rows = tx.withTables<WorkbenchTables>();
    const written: ContractTestView[] = [];
    for (const { name, sample, expects } of tests) {
      const values = {
        sample: JSON.stringify(sample),
        expects: JSON.stringify(expects),
        created_at: new Date(platform.clock.now()),
        author: by.actor.name,
        reason: by.reason,
      };
      const row = await rows
        .insertInto('contract_test')
        .values({ id: newId(platform.clock, platform.random), connection, name, ...values })
        .onConflict((conflict) => conflict.columns(['connection', 'name']).doUpdateSet(values))
        .returningAll()
        .executeTakeFirstOrThrow();
      written.push(view(row));
    }
    const { count } = await rows
      .selectFrom('contract_test')
      .select((select) => select.fn.countAll<string>().as('count'))
      .where('connection', '=', connection)
      .executeTakeFirstOrThrow();
    if (Number(count) > MOST_TESTS) {
      throw new Problem(422, 'too_many_tests', `A connection has at most ${MOST_TESTS} contract tests.`);
    }
    await recordChange(tx, platform, {
      ...by,
      act: 'contract_test.save',
      subject: { kind: 'connection', id: connection },
      detail: { tests: written.map(({ id, name }) => ({ id, name })) },
    });
    return written;
  });
}

/** Throws Problem 404. */
export async function removeTest(platform: Platform, connection: string, id: string, by: By): Promise<void> {
  await platform.db.transaction().execute(async (tx) => {
    const removed = await tx
      .withTables<WorkbenchTables>()
      .deleteFrom('contract_test')
      .where('connection', '=', connection)
      .where('id', '=', id)
      .returning('name')
      .executeTakeFirst();
    if (removed === undefined) throw notFound('contract test');
    await recordChange(tx, platform, {
      ...by,
      act: 'contract_test.remove',
      subject: { kind: 'connection', id: connection },
      detail: { test: id, name: removed.name },
    });
  });
}

function view(row: Selectable<WorkbenchTables['contract_test']>): ContractTestView {
  const { id, name, sample, expects, author, reason } = row;
  return { id, name, sample, expects, createdAt: row.created_at.toISOString(), author, reason };
}
