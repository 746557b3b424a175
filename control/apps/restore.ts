import { isDeepStrictEqual } from 'node:util';
import type { DayBudget } from '@drawbridge/protocol';
import type { Tx } from '../platform/index.ts';
import { budgetText } from './key-rules.ts';
import { type KeyRow, selectKeys } from './store.ts';
import type { AppTables } from './tables.ts';

/** What a virtual key might do, as far as it can be put back. `expires_at`: milliseconds since 1970. */
export interface FormerRights {
  id: string;
  connections: string[];
  classes: string[];
  origins: string[];
  per_minute: number | null;
  /** Left out: none. */
  per_day?: DayBudget | undefined;
  expires_at: number | null;
  /** Left out: any. */
  models?: string[] | undefined;
  networks?: string[] | undefined;
}

/** What is to be written to give a key its former rights, and in words what that does and what stays as it is. */
export interface KeyRestore {
  id: string;
  app: string;
  columns: Partial<
    Pick<
      KeyRow,
      'connections' | 'classes' | 'origins' | 'per_minute' | 'per_day' | 'expires_at' | 'models' | 'networks'
    >
  >;
  putBack: string[];
  stays: string[];
}

/**
 * Plans for all keys that there are or were, which stay locked until the transaction ends. What was revoked stays so,
 * and no key lives longer than it does now. One that is not among the former stays as it is.
 */
export async function planKeyRestores(
  tx: Tx,
  former: readonly FormerRights[],
  nameOf: (connection: string) => string,
): Promise<KeyRestore[]> {
  const rows = tx.withTables<AppTables>();
  await rows.selectFrom('virtual_key').select('id').orderBy('id').forUpdate().execute();
  const byId = new Map(former.map((one) => [one.id, one]));
  const keys = await selectKeys(tx).orderBy('virtual_key.id').execute();
  return keys.flatMap((row) => {
    const was = byId.get(row.id);
    if (was === undefined) return row.revoked_at === null ? [untouched(row)] : [];
    return [planRestore(row, was, nameOf)];
  });
}

const nothing = (row: KeyRow): KeyRestore => ({
  id: row.id,
  app: row.app_name,
  columns: {},
  putBack: [],
  stays: [],
});

function untouched(row: KeyRow): KeyRestore {
  const stays = ['It was made later: it stays as it is. Revoke it if it shall not be used.'];
  return { ...nothing(row), stays };
}

function planRestore(row: KeyRow, was: FormerRights, nameOf: (connection: string) => string): KeyRestore {
  const plan = nothing(row);
  if (row.revoked_at !== null) {
    plan.stays.push('It was revoked and stays so. Make a new key if its app needs one.');
    return plan;
  }
  if (!isDeepStrictEqual(was.connections, row.connections)) {
    plan.columns.connections = was.connections;
    plan.putBack.push(`It may use ${was.connections.map(nameOf).join(', ') || 'no connection'}.`);
  }
  if (!isDeepStrictEqual(was.classes, row.classes)) {
    plan.columns.classes = was.classes;
    plan.putBack.push(`It may call endpoints for ${was.classes.join(', ') || 'nothing'}.`);
  }
  if (!isDeepStrictEqual(was.origins, row.origins)) {
    plan.columns.origins = was.origins;
    plan.putBack.push(`Its origins are those of then: ${was.origins.join(', ') || 'none'}.`);
  }
  if (was.per_minute !== row.per_minute) {
    plan.columns.per_minute = was.per_minute;
    plan.putBack.push(
      was.per_minute === null
        ? 'It has no cap of requests a minute.'
        : `It is capped at ${was.per_minute} requests a minute.`,
    );
  }
  const perDay = was.per_day ?? null;
  if (!isDeepStrictEqual(perDay, row.per_day)) {
    plan.columns.per_day = perDay;
    plan.putBack.push(
      perDay === null ? 'It has no daily budget.' : `It may use ${budgetText(perDay)} a day.`,
    );
  }
  const models = was.models ?? null;
  if (!isDeepStrictEqual(models, row.models)) {
    plan.columns.models = models;
    plan.putBack.push(models === null ? 'It may ask for any model.' : `It may ask for ${models.join(', ')}.`);
  }
  const networks = was.networks ?? null;
  if (!isDeepStrictEqual(networks, row.networks)) {
    plan.columns.networks = networks;
    plan.putBack.push(
      networks === null ? 'It may be used from anywhere.' : `It may be used from ${networks.join(', ')}.`,
    );
  }
  planExpiry(plan, row.expires_at?.getTime() ?? null, was.expires_at);
  return plan;
}

function planExpiry(plan: KeyRestore, now: number | null, then: number | null): void {
  if (now === then) return;
  if (then !== null && (now === null || then < now)) {
    plan.columns.expires_at = new Date(then);
    plan.putBack.push(`It expires at ${new Date(then).toISOString()}.`);
  } else if (now !== null) {
    plan.stays.push(`It expires at ${new Date(now).toISOString()}: that was set since, and stays.`);
  }
}

/** Writes a plan. In the transaction that made it. */
export async function applyKeyRestore(tx: Tx, plan: KeyRestore): Promise<void> {
  if (Object.keys(plan.columns).length === 0) return;
  await tx
    .withTables<AppTables>()
    .updateTable('virtual_key')
    .set(plan.columns)
    .where('id', '=', plan.id)
    .execute();
}
