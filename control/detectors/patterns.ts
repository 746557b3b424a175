import { MOST_PATTERNS } from '@drawbridge/protocol';
import { compileScanner, ScanRuleError } from '@drawbridge/scan';
import { sql } from 'kysely';
import {
  type By,
  type Db,
  invalid,
  notFound,
  type Platform,
  Problem,
  recordChange,
  type Tx,
} from '../platform/index.ts';
import type { PatternAsked, PatternView } from './schemas.ts';
import type { DetectorTables, PatternState, PatternVersionRow } from './tables.ts';

/** Patterns of the organisation's. Versions never change; every write is recorded. */
export interface Patterns {
  list(): Promise<PatternView[]>;
  /** All versions, the latest first. Throws Problem 404. */
  versions(id: string): Promise<PatternVersionRow[]>;
  /** Takes a new pattern, or a new version of one, also of one that was removed. Throws Problem 404, 409, 422. */
  save(id: string, asked: PatternAsked, isNew: boolean, by: By): Promise<PatternView>;
  /** Throws Problem 404. */
  setState(id: string, state: PatternState, by: By): Promise<void>;
}

export function createPatterns(platform: Platform): Patterns {
  const rows = (tx: Db = platform.db) => tx.withTables<DetectorTables>();
  const current = (tx?: Db) =>
    rows(tx)
      .selectFrom('own_pattern')
      .innerJoin('own_pattern_version as v', (join) =>
        join.onRef('v.pattern', '=', 'own_pattern.id').onRef('v.version', '=', 'own_pattern.version'),
      )
      .select(['own_pattern.id', 'own_pattern.state'])
      .selectAll('v');

  return {
    async list() {
      const found = await current().where('state', '<>', 'removed').orderBy('own_pattern.id').execute();
      return found.map(viewOf);
    },

    async versions(id) {
      const found = await rows()
        .selectFrom('own_pattern_version')
        .selectAll()
        .where('pattern', '=', id)
        .orderBy('version', 'desc')
        .execute();
      if (found.length === 0) throw notFound('pattern');
      return found;
    },

    async save(id, asked, isNew, by) {
      check(id, asked);
      const saved = await platform.db.transaction().execute(async (tx) => {
        const known = await rows(tx)
          .selectFrom('own_pattern')
          .selectAll()
          .where('id', '=', id)
          .forUpdate()
          .executeTakeFirst();
        if (isNew && known !== undefined && known.state !== 'removed')
          throw new Problem(409, 'pattern_exists', `There is a pattern "${id}" already: change that one.`);
        if (!isNew && (known === undefined || known.state === 'removed')) throw notFound('pattern');
        const version = (known?.version ?? 0) + 1;
        const state = isNew ? 'enabled' : (known?.state ?? 'enabled');
        if (isNew) await expectRoom(tx);
        await rows(tx)
          .insertInto('own_pattern')
          .values({ id, version, state })
          .onConflict((conflict) => conflict.column('id').doUpdateSet({ version, state }))
          .execute();
        const { name, class: fieldClass, pattern, flags, confidence, finds, passes } = asked;
        await rows(tx)
          .insertInto('own_pattern_version')
          .values({
            pattern: id,
            version,
            name,
            class: fieldClass,
            expression: pattern,
            flags: flags ?? '',
            confidence,
            finds: JSON.stringify(finds) as unknown as string[],
            passes: JSON.stringify(passes) as unknown as string[],
            made_at: new Date(platform.clock.now()),
            made_by: by.actor.name,
            reason: by.reason,
          })
          .execute();
        await recordChange(tx, platform, {
          ...by,
          act: isNew ? 'pattern.add' : 'pattern.change',
          subject: { kind: 'pattern', id },
          detail: { version, name, class: fieldClass },
        });
        return current(tx).where('own_pattern.id', '=', id).executeTakeFirstOrThrow();
      });
      platform.events.publish('connections');
      return viewOf(saved);
    },

    async setState(id, state, by) {
      await platform.db.transaction().execute(async (tx) => {
        const known = await rows(tx)
          .selectFrom('own_pattern')
          .selectAll()
          .where('id', '=', id)
          .where('state', '<>', 'removed')
          .forUpdate()
          .executeTakeFirst();
        if (known === undefined) throw notFound('pattern');
        if (known.state === state) return;
        await rows(tx).updateTable('own_pattern').set({ state }).where('id', '=', id).execute();
        const act = { enabled: 'enable', disabled: 'disable', removed: 'remove' }[state];
        await recordChange(tx, platform, { ...by, act: `pattern.${act}`, subject: { kind: 'pattern', id } });
      });
      platform.events.publish('connections');
    },
  };
}

/** One after another: gateways refuse a snapshot with more of them. */
async function expectRoom(tx: Tx): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(hashtextextended('own patterns', 0))`.execute(tx);
  const { count } = await tx
    .withTables<DetectorTables>()
    .selectFrom('own_pattern')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('state', '<>', 'removed')
    .executeTakeFirstOrThrow();
  if (Number(count) < MOST_PATTERNS) return;
  throw new Problem(409, 'too_many_patterns', `There are ${MOST_PATTERNS} patterns. Remove some first.`);
}

/** Compiles it as gateways will, and tries its own examples. Throws Problem 422 that names the member. */
function check(id: string, { class: name, pattern, flags, confidence, finds, passes }: PatternAsked): void {
  const examples = { finds, passes };
  const flag = flags === undefined ? {} : { flags };
  try {
    compileScanner({ rules: [], custom: [{ id, class: name, pattern, ...flag, confidence, examples }] });
  } catch (error) {
    if (!(error instanceof ScanRuleError)) throw error;
    const field = error.field
      .replace('custom[0].', '')
      .replace('examples.', '')
      .replace(/\[(\d+)\]/, '.$1');
    throw invalid(field, error.message.slice(error.field.length + 2));
  }
}

function viewOf(row: PatternVersionRow & { id: string; state: PatternState }): PatternView {
  return {
    id: row.id,
    name: row.name,
    class: row.class,
    pattern: row.expression,
    flags: row.flags === '' ? null : row.flags,
    confidence: row.confidence,
    finds: [...row.finds],
    passes: [...row.passes],
    state: row.state === 'enabled' ? 'enabled' : 'disabled',
    version: row.version,
    changedAt: row.made_at.toISOString(),
    changedBy: row.made_by,
  };
}
