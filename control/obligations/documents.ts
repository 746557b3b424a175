import type { z } from 'zod';
import {
  type By,
  type Db,
  type Platform,
  Problem,
  recordChange,
  type Sealer,
  type Tx,
} from '../platform/index.ts';
import type { DocumentKind, ObligationTables } from './tables.ts';

/** What is set for the whole organisation. Each change writes the whole anew, sealed; earlier revisions stay. */

export interface DocumentDeps {
  platform: Platform;
  sealer: () => Promise<Sealer>;
}

export interface Kept<T> {
  value: T;
  /** 0: nothing was ever set. */
  revision: number;
  changedAt: Date | null;
  changedBy: string | null;
}

/** One kind of document: what it looks like, and what holds until it is set. */
export interface DocumentOf<T> {
  kind: DocumentKind;
  schema: z.ZodType<T>;
  initial: T;
}

const placeOf = (kind: DocumentKind, revision: number) => ['obligation document', kind, revision];

/** The last revision of a document. */
export async function readDocument<T>(
  db: Db | Tx,
  { sealer }: DocumentDeps,
  of: DocumentOf<T>,
): Promise<Kept<T>> {
  const row = await db
    .withTables<ObligationTables>()
    .selectFrom('obligation_document')
    .selectAll()
    .where('kind', '=', of.kind)
    .orderBy('revision', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (row === undefined) return { value: of.initial, revision: 0, changedAt: null, changedBy: null };
  const bytes = (await sealer()).open(placeOf(of.kind, row.revision), row.sealed);
  return {
    value: of.schema.parse(JSON.parse(bytes.toString())),
    revision: row.revision,
    changedAt: row.at,
    changedBy: row.by_name,
  };
}

/**
 * Writes a document after the revision that was read. `detail`: what the log of changes may say of it. Throws Problem 409 where
 * somebody else was faster.
 */
export async function writeDocument<T>(
  tx: Tx,
  { platform, sealer }: DocumentDeps,
  of: DocumentOf<T>,
  given: { value: T; after: number; detail: Record<string, unknown> },
  by: By,
): Promise<void> {
  const revision = given.after + 1;
  const sealed = (await sealer()).seal(placeOf(of.kind, revision), Buffer.from(JSON.stringify(given.value)));
  const last = await tx
    .withTables<ObligationTables>()
    .selectFrom('obligation_document')
    .select((e) => e.fn.max('revision').as('revision'))
    .where('kind', '=', of.kind)
    .executeTakeFirst();
  const written =
    (last?.revision ?? 0) === given.after &&
    (await tx
      .withTables<ObligationTables>()
      .insertInto('obligation_document')
      .values({
        kind: of.kind,
        revision,
        sealed,
        at: new Date(platform.clock.now()),
        by_id: by.actor.id,
        by_name: by.actor.name,
      })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst()
      .then(({ numInsertedOrUpdatedRows }) => numInsertedOrUpdatedRows === 1n));
  if (!written) {
    throw new Problem(
      409,
      'changed_meanwhile',
      'Somebody changed this since you read it. Read it again, then make your change there.',
    );
  }
  await recordChange(tx, platform, {
    ...by,
    act: `organisation.${of.kind}`,
    subject: { kind: 'organisation', id: of.kind },
    detail: { revision, ...given.detail },
  });
}
