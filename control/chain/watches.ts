import { type Selectable, sql } from 'kysely';
import { z } from 'zod';
import {
  type Actor,
  type By,
  decodeCursor,
  invalid,
  notFound,
  type Platform,
  Problem,
  page,
  recordChange,
} from '../platform/index.ts';
import type { Known } from '../vendors/index.ts';
import type { Published } from './published.ts';
import type { WatchView } from './schemas.ts';
import type { ChainTables } from './tables.ts';

type Row = Selectable<ChainTables['chain_watch']>;

/** Whoever is named where lists are taken in by themselves. */
const reader: Actor = { id: 'system:chain', name: 'Chain' };
const DAY_MS = 86_400_000;
/** Longer than the slowest page with its redirects takes. */
const LEASE_MS = 15 * 60_000;
/** Of a page that could not be read. */
const AGAIN_MS = DAY_MS;

export interface WatchDeps {
  platform: Platform;
  known: () => Promise<Known>;
  nameOf: (id: string, known: Known) => string;
  published: Published;
  readPage: (address: string) => Promise<{ content: string; url: string }>;
}

/** Published lists that are read again by themselves. Every write is recorded with actor and reason. */
export interface Watches {
  list(query: { cursor?: string | undefined; limit: number }): Promise<{
    items: WatchView[];
    next: string | null;
  }>;
  /** Throws Problem 404. */
  get(vendor: string): Promise<WatchView>;
  /** Begins, changes, or reads at once what is watched. Throws Problem 422 where nobody knows where the list is. */
  set(vendor: string, asked: { everyDays: number; url?: string | undefined }, by: By): Promise<WatchView>;
  /** Versions that were read stay. Throws Problem 404. */
  end(vendor: string, by: By): Promise<void>;
  /** Reads all that are due. Returns how many were tried. */
  turn(isStopped?: () => boolean): Promise<number>;
}

export function createWatches({ platform, known, nameOf, published, readPage }: WatchDeps): Watches {
  const db = platform.db.withTables<ChainTables>();
  const now = () => platform.clock.now();
  const addressOf = (facts: Known, vendor: string, url: string | null): string | undefined =>
    url ?? facts.get(vendor)?.urls?.sub_processors?.is;
  const viewOf = (row: Row, facts: Known): WatchView => ({
    vendor: row.vendor,
    name: nameOf(row.vendor, facts),
    url: addressOf(facts, row.vendor, row.url) ?? null,
    everyDays: row.every_days,
    nextAt: row.next_at.toISOString(),
    triedAt: row.tried_at?.toISOString() ?? null,
    readAt: row.read_at?.toISOString() ?? null,
    error: row.error_code === null ? null : { code: row.error_code, text: row.error ?? '' },
    setAt: row.set_at.toISOString(),
    setBy: row.set_by,
  });

  async function readOne(row: Row): Promise<void> {
    const facts = await known();
    const wrong = await take(row, addressOf(facts, row.vendor, row.url));
    const at = new Date(now());
    await db
      .updateTable('chain_watch')
      .set({
        began_at: null,
        tried_at: at,
        ...(wrong === null ? { read_at: at } : {}),
        next_at: new Date(now() + (wrong === null ? row.every_days * DAY_MS : AGAIN_MS)),
        error_code: wrong?.code ?? null,
        error: wrong?.message.slice(0, 500) ?? null,
      })
      .where('vendor', '=', row.vendor)
      // What was set anew meanwhile is read by itself.
      .where('began_at', '=', row.began_at)
      .execute();
    platform.events.publish('chain');
  }

  async function take(
    row: Row,
    address: string | undefined,
  ): Promise<{ code: string; message: string } | null> {
    if (address === undefined)
      return { code: 'no_address', message: 'It is not known any more where the vendor publishes its list.' };
    try {
      const { content, url } = await readPage(address);
      const source = { kind: 'url' as const, text: url.slice(0, 500) };
      const asOf = new Date(now());
      const by = { actor: reader, reason: `Read again every ${row.every_days} days, as ${row.set_by} set` };
      await published.take(
        { vendor: row.vendor, content, source, asOf, confirmed: false, preview: false },
        by,
      );
      return null;
    } catch (error) {
      if (error instanceof Problem) return { code: error.code, message: error.message };
      platform.log.error({ err: error, vendor: row.vendor }, 'a published list could not be read again');
      return { code: 'failed', message: 'Reading failed here, and the log of the control plane says why.' };
    }
  }

  return {
    async list({ cursor, limit }) {
      let query = db.selectFrom('chain_watch').selectAll();
      if (cursor !== undefined)
        query = query.where('vendor', '>', decodeCursor(cursor, z.tuple([z.string()]))[0]);
      const rows = await query
        .orderBy('vendor')
        .limit(limit + 1)
        .execute();
      const facts = await known();
      return page(
        rows,
        limit,
        ({ vendor }) => [vendor],
        (row) => viewOf(row, facts),
      );
    },

    async get(vendor) {
      const row = await db
        .selectFrom('chain_watch')
        .selectAll()
        .where('vendor', '=', vendor)
        .executeTakeFirst();
      if (row === undefined) throw notFound('watch of a list');
      return viewOf(row, await known());
    },

    async set(vendor, { everyDays, url }, by) {
      const facts = await known();
      if (addressOf(facts, vendor, url ?? null) === undefined)
        throw invalid('url', 'is not known of this vendor; say where it publishes its list');
      const at = new Date(now());
      const columns = {
        url: url ?? null,
        every_days: everyDays,
        ...{ next_at: at, began_at: null, error_code: null, error: null, set_at: at, set_by: by.actor.name },
      };
      const row = await platform.db.transaction().execute(async (tx) => {
        const made = await tx
          .withTables<ChainTables>()
          .insertInto('chain_watch')
          .values({ vendor, ...columns, tried_at: null, read_at: null })
          .onConflict((conflict) => conflict.column('vendor').doUpdateSet(columns))
          .returningAll()
          .executeTakeFirstOrThrow();
        await recordChange(tx, platform, {
          ...by,
          act: 'chain_list.watch',
          subject: { kind: 'vendor', id: vendor },
          detail: { everyDays, url: url ?? null },
        });
        return made;
      });
      platform.events.publish('chain');
      return viewOf(row, facts);
    },

    async end(vendor, by) {
      await platform.db.transaction().execute(async (tx) => {
        const gone = await tx
          .withTables<ChainTables>()
          .deleteFrom('chain_watch')
          .where('vendor', '=', vendor)
          .executeTakeFirst();
        if (gone.numDeletedRows === 0n) throw notFound('watch of a list');
        await recordChange(tx, platform, {
          ...by,
          act: 'chain_list.unwatch',
          subject: { kind: 'vendor', id: vendor },
        });
      });
      platform.events.publish('chain');
    },

    async turn(isStopped = () => false) {
      let tried = 0;
      while (!isStopped()) {
        const dead = new Date(now() - LEASE_MS);
        const at = new Date(now());
        const { rows } = await sql<Row>`
          UPDATE chain_watch SET began_at = ${at} WHERE vendor = (
            SELECT vendor FROM chain_watch WHERE next_at <= ${at} AND (began_at IS NULL OR began_at <= ${dead})
             ORDER BY next_at, vendor LIMIT 1 FOR UPDATE SKIP LOCKED)
          RETURNING *`.execute(platform.db);
        const [row] = rows;
        if (row === undefined) return tried;
        await readOne(row);
        tried += 1;
      }
      return tried;
    },
  };
}
