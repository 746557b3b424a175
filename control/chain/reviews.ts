import { z } from '@hono/zod-openapi';
import {
  type By,
  decodeCursor,
  newId,
  notFound,
  type Platform,
  Problem,
  page,
  recordChange,
  type Tx,
} from '../platform/index.ts';
import { nameKey } from './lists/names.ts';
import type { ListRow } from './lists/read.ts';
import type { ChainTables, ObjectionFrom } from './tables.ts';

const DAY_MS = 86_400_000;

type ReviewRow = ChainTables['chain_review'];

/** Where nobody says how long one may object: the shorter of what is usual, so that the date comes rather too early. */
const USUAL_OBJECTION_DAYS = 14;

/** How long one may object, in days, and who says so. */
export interface Objection {
  days: number;
  from: ObjectionFrom;
}

/** What was agreed goes before what the list says of itself. Pure. */
export function objectionOf(agreed: number | null, ofList: number | null): Objection {
  if (agreed !== null) return { days: agreed, from: 'agreement' };
  if (ofList !== null) return { days: ofList, from: 'list' };
  return { days: USUAL_OBJECTION_DAYS, from: 'usual' };
}

/** Each new sub-processor waits until a person looked at it; one may object for so many days after the list said it. */
export async function openReviews(
  tx: Tx,
  platform: Platform,
  list: { id: string; vendor: string; as_of: Date },
  added: readonly ListRow[],
  { days, from }: Objection,
): Promise<void> {
  for (const { name } of added) {
    await tx
      .withTables<ChainTables>()
      .insertInto('chain_review')
      .values({
        id: newId(platform.clock, platform.random),
        vendor: list.vendor,
        list: list.id,
        key: nameKey(name),
        name,
        opened_at: new Date(platform.clock.now()),
        objection_days: days,
        due_at: new Date(list.as_of.getTime() + days * DAY_MS),
        objection_from: from,
        state: 'open',
        decided_at: null,
        decided_by: null,
        reason: null,
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
}

/** Who is gone from the list again needs no decision. */
export async function withdrawReviews(
  tx: Tx,
  vendor: string,
  gone: readonly ListRow[],
  at: Date,
): Promise<void> {
  if (gone.length === 0) return;
  await tx
    .withTables<ChainTables>()
    .updateTable('chain_review')
    .set({ state: 'withdrawn', decided_at: at, reason: 'It is gone from the list' })
    .where('vendor', '=', vendor)
    .where('state', '=', 'open')
    .where(
      'key',
      'in',
      gone.map(({ name }) => nameKey(name)),
    )
    .execute();
}

/** Reviews, the latest first. */
export async function listReviews(
  platform: Platform,
  { cursor, limit, state }: { cursor?: string | undefined; limit: number; state: 'open' | 'all' },
  nameOf: (id: string) => string,
) {
  let query = platform.db
    .withTables<ChainTables>()
    .selectFrom('chain_review')
    .selectAll()
    .orderBy('opened_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1);
  if (state === 'open') query = query.where('state', '=', 'open');
  if (cursor !== undefined) {
    const [at, id] = decodeCursor(cursor, z.tuple([z.iso.datetime(), z.uuid()]));
    query = query.where(({ eb, or, and }) =>
      or([eb('opened_at', '<', new Date(at)), and([eb('opened_at', '=', new Date(at)), eb('id', '<', id)])]),
    );
  }
  return page(
    await query.execute(),
    limit,
    (row) => [row.opened_at.toISOString(), row.id],
    (row) => reviewView(row, nameOf(row.vendor)),
  );
}

/** Throws Problem 404, 409 where it was decided before. */
export async function decideReview(
  platform: Platform,
  id: string,
  state: 'accepted' | 'objected',
  by: By,
  nameOf: (id: string) => string,
) {
  const now = new Date(platform.clock.now());
  const row = await platform.db.transaction().execute(async (tx): Promise<ReviewRow> => {
    const rows = tx.withTables<ChainTables>();
    const was = await rows
      .selectFrom('chain_review')
      .selectAll()
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirst();
    if (was === undefined) throw notFound('review');
    if (was.state !== 'open') {
      throw new Problem(409, 'already_decided', 'This review was decided before; nothing was changed.');
    }
    const decision = { state, decided_at: now, decided_by: by.actor.name, reason: by.reason };
    await rows.updateTable('chain_review').set(decision).where('id', '=', id).execute();
    await recordChange(tx, platform, {
      ...by,
      act: 'chain_review.decide',
      subject: { kind: 'vendor', id: was.vendor },
      detail: { review: id, name: was.name, state },
    });
    return { ...was, ...decision };
  });
  platform.events.publish('chain');
  return reviewView(row, nameOf(row.vendor));
}

const reviewView = (row: ReviewRow, vendorName: string) => ({
  id: row.id,
  vendor: row.vendor,
  vendorName,
  key: row.key,
  name: row.name,
  openedAt: row.opened_at.toISOString(),
  objectionDays: row.objection_days,
  dueAt: row.due_at?.toISOString() ?? null,
  objectionFrom: row.objection_from,
  state: row.state,
  decidedAt: row.decided_at?.toISOString() ?? null,
  decidedBy: row.decided_by,
  reason: row.reason,
});
