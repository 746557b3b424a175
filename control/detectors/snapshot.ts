import { createHash } from 'node:crypto';
import { packPhrases, type ScanConfig } from '@drawbridge/protocol';
import { sql } from 'kysely';
import type { Tx } from '../platform/index.ts';
import { readForms } from './stored-forms.ts';
import type { DetectorTables, ListRow } from './tables.ts';

type Lists = NonNullable<ScanConfig['phrases']>;
type Patterns = NonNullable<ScanConfig['custom']>;

/** What the organisation itself knows, as snapshots have it. */
export interface OwnDetectors {
  custom: Patterns;
  phrases: Lists;
  known: ScanConfig['known'];
}

/** Reads what snapshots carry. Lists are packed once for each revision: they are megabytes. */
export function detectorsReader(): (tx: Tx) => Promise<OwnDetectors> {
  let packed = new Map<string, Lists>();
  return async (tx) => {
    const rows = tx.withTables<DetectorTables>();
    const lists = await rows
      .selectFrom('known_list')
      .selectAll()
      .where('forms', '>', 0)
      .orderBy('name')
      .execute();
    const next = new Map<string, Lists>();
    for (const list of lists) {
      const name = `${list.id} ${list.revision}`;
      next.set(name, packed.get(name) ?? (await pack(tx, list)));
    }
    packed = next;
    return {
      custom: await readPatterns(tx),
      phrases: [...next.values()].flat(),
      known: await readSecrets(tx),
    };
  };
}

async function pack(tx: Tx, { id, name }: ListRow): Promise<Lists> {
  const stored = await tx
    .withTables<DetectorTables>()
    .selectFrom('known_entry')
    .select(sql<Buffer | null>`string_agg(forms, ''::bytea)`.as('forms'))
    .where('list', '=', id)
    .executeTakeFirstOrThrow();
  const byClass = [...readForms(stored.forms ?? Buffer.alloc(0))].sort(([a], [b]) => (a < b ? -1 : 1));
  return byClass.map(([fieldClass, forms]) => {
    const { first, phrases } = packPhrases(forms);
    return {
      list: name,
      class: fieldClass,
      hash: createHash('sha256').update(first).update(phrases).digest('base64url'),
      first: first.toString('base64url'),
      phrases: phrases.toString('base64url'),
    };
  });
}

async function readPatterns(tx: Tx): Promise<Patterns> {
  const rows = await tx
    .withTables<DetectorTables>()
    .selectFrom('own_pattern')
    .innerJoin('own_pattern_version as v', (join) =>
      join.onRef('v.pattern', '=', 'own_pattern.id').onRef('v.version', '=', 'own_pattern.version'),
    )
    .select(['own_pattern.id', 'v.class', 'v.expression', 'v.flags', 'v.confidence'])
    .where('own_pattern.state', '=', 'enabled')
    .orderBy('own_pattern.id')
    .execute();
  return rows.map(({ id, class: name, expression, flags, confidence }) => ({
    id,
    class: name,
    pattern: expression,
    ...(flags === 'i' ? { flags } : {}),
    confidence,
  }));
}

/** What people call the patterns that are in use, by their ids. */
export async function patternNames(tx: Tx): Promise<ReadonlyMap<string, string>> {
  const rows = await tx
    .withTables<DetectorTables>()
    .selectFrom('own_pattern')
    .innerJoin('own_pattern_version as v', (join) =>
      join.onRef('v.pattern', '=', 'own_pattern.id').onRef('v.version', '=', 'own_pattern.version'),
    )
    .select(['own_pattern.id', 'v.name'])
    .where('own_pattern.state', '=', 'enabled')
    .execute();
  return new Map(rows.map(({ id, name }) => [id, name]));
}

async function readSecrets(tx: Tx): Promise<ScanConfig['known']> {
  const rows = await tx
    .withTables<DetectorTables>()
    .selectFrom('registered_secret')
    .select(['label', 'class', 'hash', 'length'])
    .orderBy('id')
    .execute();
  return rows.map(({ label, class: name, hash, length }) => ({
    id: `registered secret "${label}"`,
    class: name,
    length,
    hash: hash.toString('base64url'),
  }));
}
