import { z } from '@hono/zod-openapi';
import { type Selectable, sql } from 'kysely';
import {
  type By,
  decodeCursor,
  newId,
  notFound,
  type Platform,
  page,
  recordChange,
} from '../platform/index.ts';
import type { HeldKey, ReadList } from './held-key.ts';
import type {
  HeldKeyChange,
  HeldKeyQuery,
  HeldKeyView,
  heldFindings,
  ImportAnswer,
  InventoryView,
} from './schemas.ts';
import type { InventoryTables } from './tables.ts';

type Row = Selectable<InventoryTables['held_key']>;
export type HeldFinding = (typeof heldFindings)[number];

const DAY_MS = 24 * 3600_000;
/** A key that is older and was never made anew. */
const NEVER_ROTATED_DAYS = 180;
const IDLE_DAYS = 90;
/** What people write as the place of a key that lies here in the vault. */
const OURS = 'drawbridge';
const MOST_REFUSALS = 50;

/**
 * Takes a list in: keys by (source, their id), what was there before and is not in it is gone. What people have written of
 * owner and place stays where the source says nothing. One transaction.
 */
export async function importHeld(
  platform: Platform,
  { source, format }: { source: string; format: string },
  { keys, refused }: ReadList,
  by: By,
): Promise<ImportAnswer> {
  const now = new Date(platform.clock.now());
  const unique = [...new Map(keys.map((key) => [key.externalId, key])).values()];
  return platform.db.transaction().execute(async (tx) => {
    const rows = tx.withTables<InventoryTables>();
    await sql`SELECT pg_advisory_xact_lock(hashtextextended(${`held keys ${source}`}, 0))`.execute(tx);
    let fresh = 0;
    for (let from = 0; from < unique.length; from += 1_000) {
      const values = unique.slice(from, from + 1_000).map((key) => valuesOf(platform, source, key, now));
      const done = await rows
        .insertInto('held_key')
        .values(values)
        .onConflict((conflict) =>
          conflict.columns(['source', 'external_id']).doUpdateSet((eb) => ({
            label: eb.ref('excluded.label'),
            kind: eb.ref('excluded.kind'),
            owner: eb.fn.coalesce('excluded.owner', 'held_key.owner'),
            place: eb.fn.coalesce('excluded.place', 'held_key.place'),
            scopes: eb.ref('excluded.scopes'),
            made_at: eb.ref('excluded.made_at'),
            rotated_at: eb.ref('excluded.rotated_at'),
            last_used_at: eb.ref('excluded.last_used_at'),
            tells_use: eb.ref('excluded.tells_use'),
            expires_at: eb.ref('excluded.expires_at'),
            active: eb.ref('excluded.active'),
            last_listed_at: now,
            gone_at: null,
          })),
        )
        .returning(sql<boolean>`xmax = 0`.as('fresh'))
        .execute();
      fresh += done.filter((row) => row.fresh).length;
    }
    const gone = await rows
      .updateTable('held_key')
      .set({ gone_at: now })
      .where('source', '=', source)
      .where('gone_at', 'is', null)
      .where(({ not, eb }) =>
        not(eb('external_id', '=', sql<string>`ANY (${unique.map((key) => key.externalId)}::text[])`)),
      )
      // A row that was refused is not taken in, and not gone either: which one it is was not read.
      .$if(refused.length > 0, (query) => query.where(sql<boolean>`false`))
      .executeTakeFirst();
    const last = {
      format,
      imported_at: now,
      imported_by: by.actor.name,
      keys: unique.length,
      refused: refused.length,
    };
    await rows
      .insertInto('held_key_import')
      .values({ source, ...last })
      .onConflict((conflict) => conflict.column('source').doUpdateSet(last))
      .execute();
    const answer = {
      source,
      taken: unique.length,
      fresh,
      gone: Number(gone.numUpdatedRows),
      refused: refused.length,
    };
    await recordChange(tx, platform, {
      ...by,
      act: 'held_keys.import',
      subject: { kind: 'held_keys', id: source },
      detail: { format, ...answer },
    });
    return { ...answer, refusals: refused.slice(0, MOST_REFUSALS) };
  });
}

function valuesOf(platform: Platform, source: string, key: HeldKey, now: Date) {
  return {
    id: newId(platform.clock, platform.random),
    source,
    external_id: key.externalId,
    label: key.label,
    kind: key.kind,
    owner: key.owner,
    place: key.place,
    scopes: key.scopes,
    made_at: key.madeAt,
    rotated_at: key.rotatedAt,
    last_used_at: key.lastUsedAt,
    tells_use: key.tellsUse,
    expires_at: key.expiresAt,
    active: key.active,
    first_listed_at: now,
    last_listed_at: now,
    gone_at: null,
  };
}

/** What counts as a finding, in SQL: the one place that says so. Only of keys that can be used. */
function findingSql(finding: HeldFinding, now: Date) {
  const days = (count: number) => new Date(now.getTime() - count * DAY_MS);
  switch (finding) {
    case 'never_rotated':
      return sql<boolean>`(rotated_at IS NULL AND made_at <= ${days(NEVER_ROTATED_DAYS)})`;
    case 'no_owner':
      return sql<boolean>`(owner IS NULL)`;
    case 'stored_outside':
      return sql<boolean>`(lower(coalesce(place, '')) <> ${OURS})`;
    case 'idle':
      return sql<boolean>`(tells_use AND coalesce(last_used_at, rotated_at, made_at, first_listed_at) <= ${days(IDLE_DAYS)})`;
  }
}

const usable = (now: Date) =>
  sql<boolean>`(gone_at IS NULL AND active AND (expires_at IS NULL OR expires_at > ${now}))`;

export const allFindings = [
  'never_rotated',
  'no_owner',
  'stored_outside',
  'idle',
] as const satisfies readonly HeldFinding[];

function select(platform: Platform, now: Date) {
  const found = allFindings.map(
    (finding) => sql`CASE WHEN ${usable(now)} AND ${findingSql(finding, now)} THEN ${finding}::text END`,
  );
  return platform.db
    .withTables<InventoryTables>()
    .selectFrom('held_key')
    .selectAll()
    .select(sql<HeldFinding[]>`array_remove(ARRAY[${sql.join(found)}], NULL)`.as('findings'));
}

/** Keys held elsewhere, by source and name. */
export async function listHeld(
  platform: Platform,
  { cursor, limit, source, finding, gone }: HeldKeyQuery,
): Promise<{ items: HeldKeyView[]; next: string | null }> {
  const now = new Date(platform.clock.now());
  let query = select(platform, now)
    .orderBy('source')
    .orderBy('label')
    .orderBy('id')
    .limit(limit + 1);
  if (source !== undefined) query = query.where('source', '=', source);
  if (gone === 'false') query = query.where('gone_at', 'is', null);
  if (finding !== undefined) query = query.where(usable(now)).where(findingSql(finding, now));
  if (cursor !== undefined) {
    const after = decodeCursor(cursor, z.tuple([z.string(), z.string(), z.string()]));
    query = query.where(({ eb, refTuple, tuple }) =>
      eb(refTuple('source', 'label', 'id'), '>', tuple(...after)),
    );
  }
  const rows = await query.execute();
  return page(
    rows,
    limit,
    (row) => [row.source, row.label, row.id],
    (row) => viewOf(row, now),
  );
}

/** Writes down what the source does not say. Throws Problem 404. */
export async function changeHeld(
  platform: Platform,
  id: string,
  given: HeldKeyChange,
  by: By,
): Promise<HeldKeyView> {
  const now = new Date(platform.clock.now());
  await platform.db.transaction().execute(async (tx) => {
    const rows = tx.withTables<InventoryTables>();
    const row = await rows
      .selectFrom('held_key')
      .select(['owner', 'place'])
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirst();
    if (row === undefined) throw notFound('key');
    const next = {
      owner: given.owner === undefined ? row.owner : given.owner,
      place: given.place === undefined ? row.place : given.place,
    };
    if (next.owner === row.owner && next.place === row.place) return;
    await rows.updateTable('held_key').set(next).where('id', '=', id).execute();
    await recordChange(tx, platform, {
      ...by,
      act: 'held_key.change',
      subject: { kind: 'held_key', id },
      detail: { before: row, after: next },
    });
  });
  const row = await select(platform, now).where('id', '=', id).executeTakeFirst();
  if (row === undefined) throw notFound('key');
  return viewOf(row, now);
}

const AGES = [30, 90, 180, 365, null] as const;

/** The sources, and keys by age and finding. `virtual`: ages in days of virtual keys that can be used. */
export async function inventoryOf(platform: Platform, virtual: readonly number[]): Promise<InventoryView> {
  const now = new Date(platform.clock.now());
  const db = platform.db.withTables<InventoryTables>();
  const [sources, counted, aged] = await Promise.all([
    db.selectFrom('held_key_import').selectAll().orderBy('source').execute(),
    db
      .selectFrom('held_key')
      .select(
        allFindings.map((finding) =>
          sql<number>`count(*) FILTER (WHERE ${findingSql(finding, now)})::int`.as(finding),
        ),
      )
      .where(usable(now))
      .executeTakeFirstOrThrow(),
    db
      .selectFrom('held_key')
      .select((eb) => eb.fn.coalesce('rotated_at', 'made_at').as('since'))
      .where(usable(now))
      .execute(),
  ]);
  const held = aged.map(({ since }) => ageDays(since, now));
  return {
    sources: sources.map((row) => ({
      source: row.source,
      format: row.format,
      importedAt: row.imported_at.toISOString(),
      importedBy: row.imported_by,
      keys: row.keys,
      refused: row.refused,
    })),
    ages: AGES.map((upToDays, at) => {
      const from = AGES[at - 1] ?? -1;
      const isIn = (age: number | null) =>
        age !== null && age > from && (upToDays === null || age <= upToDays);
      return { upToDays, held: held.filter(isIn).length, virtual: virtual.filter(isIn).length };
    }),
    unknownAge: held.filter((age) => age === null).length,
    findings: counted as Record<HeldFinding, number>,
  };
}

function ageDays(since: Date | null, now: Date): number | null {
  return since === null ? null : Math.max(0, Math.floor((now.getTime() - since.getTime()) / DAY_MS));
}

function viewOf(row: Row & { findings: HeldFinding[] }, now: Date): HeldKeyView {
  return {
    id: row.id,
    source: row.source,
    externalId: row.external_id,
    label: row.label,
    kind: row.kind,
    owner: row.owner,
    place: row.place,
    scopes: row.scopes,
    madeAt: row.made_at?.toISOString() ?? null,
    rotatedAt: row.rotated_at?.toISOString() ?? null,
    ageDays: ageDays(row.rotated_at ?? row.made_at, now),
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
    use: row.last_used_at !== null ? 'used' : row.tells_use ? 'never' : 'unknown',
    expiresAt: row.expires_at?.toISOString() ?? null,
    active: row.active,
    listedAt: row.last_listed_at.toISOString(),
    goneAt: row.gone_at?.toISOString() ?? null,
    findings: row.findings,
  };
}
