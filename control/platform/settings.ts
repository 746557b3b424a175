import type { z } from 'zod';
import { recordChange } from './change.ts';
import type { Clock, Random } from './clock.ts';
import type { Db, Tx } from './database.ts';
import type { Actor } from './http.ts';
import { Problem } from './problem.ts';

type SettingTables = {
  setting: { key: string; value: string; changed_at: Date; changed_by: string; reason: string };
};

/** One thing an administrator may set. What is stored is checked against `schema` on the way in and out. */
export interface Setting<T> {
  key: string;
  schema: z.ZodType<T>;
  /** What holds until someone sets it. */
  initial: T;
}

/** The value in force. A stored value that this build does not understand is an error, not the initial value. */
export async function readSetting<T>(db: Db | Tx, setting: Setting<T>): Promise<T> {
  const row = await db
    .withTables<SettingTables>()
    .selectFrom('setting')
    .select('value')
    .where('key', '=', setting.key)
    .executeTakeFirst();
  if (row === undefined) return setting.initial;
  const parsed = setting.schema.safeParse(row.value);
  if (parsed.success) return parsed.data;
  throw new Problem(
    500,
    'setting_unreadable',
    `The stored setting "${setting.key}" is not of the form that this build knows. Set it anew.`,
  );
}

/**
 * Sets a value and records who did it and why, and in `detail` what was set where that may be read in the log of changes,
 * in the caller's transaction. Throws a Problem that names the field.
 */
export async function writeSetting<T>(
  tx: Tx,
  at: { clock: Clock; random: Random },
  setting: Setting<T>,
  value: T,
  by: { actor: Actor; reason: string; detail?: Record<string, unknown> },
): Promise<void> {
  const parsed = setting.schema.safeParse(value);
  if (!parsed.success) {
    const errors = parsed.error.issues.map((issue) => ({
      field: [setting.key, ...issue.path.map(String)].join('.'),
      message: issue.message,
    }));
    throw new Problem(
      422,
      'invalid_setting',
      `${errors[0]?.field ?? setting.key}: ${errors[0]?.message ?? 'not valid'}`,
      errors,
    );
  }
  const row = {
    value: JSON.stringify(parsed.data),
    changed_at: new Date(at.clock.now()),
    changed_by: by.actor.id,
    reason: by.reason,
  };
  await tx
    .withTables<SettingTables>()
    .insertInto('setting')
    .values({ key: setting.key, ...row })
    .onConflict((conflict) => conflict.column('key').doUpdateSet(row))
    .execute();
  await recordChange(tx, at, {
    actor: by.actor,
    reason: by.reason,
    act: 'setting.write',
    subject: { kind: 'setting', id: setting.key },
    ...(by.detail === undefined ? {} : { detail: by.detail }),
  });
}
