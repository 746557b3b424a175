import { type Selectable, sql } from 'kysely';
import { z } from 'zod';
import type { Approvals } from '../../approvals/index.ts';
import { checkedUpstream } from '../../connections/index.ts';
import {
  type By,
  decodeCursor,
  invalid,
  newId,
  notFound,
  type Platform,
  Problem,
  page,
  recordChange,
  type Tx,
} from '../../platform/index.ts';
import type { Vault } from '../../vault/index.ts';
import type { Known, VendorFacts } from '../../vendors/index.ts';
import type { CoverageTables } from '../tables.ts';
import type { UsageApi } from './calls.ts';
import { usageContext } from './credential.ts';
import type { FetchingView, FetchView } from './schemas.ts';

export type FetchRow = Selectable<CoverageTables['usage_fetch']>;
type KindRow = Selectable<CoverageTables['usage_fetch_kind']>;

/** Accounts at one vendor whose reports are fetched. */
const MOST_ACCOUNTS = 20;
/** A process that is at it longer than this has died. Its calls are bounded to less. */
export const LEASE_MS = 60 * 60_000;

export interface FetchEntry {
  account: string;
  value: string;
  everyHours: number | null;
  upstream?: { scheme: 'https' | 'http'; host: string; port: number; private: boolean } | undefined;
}

/** What is fetched from vendors: entered, listed, asked for, taken back. Every write is recorded with actor and reason. */
export interface Fetches {
  /** How reports of this vendor can be fetched, and what is. */
  ofVendor(vendor: string): Promise<FetchingView>;
  list(query: { cursor?: string | undefined; limit: number }): Promise<{
    items: FetchView[];
    next: string | null;
  }>;
  /**
   * Keeps a credential, sealed and bound to its host; one that was there for the account is replaced. For another host than the one that
   * is known it waits for a second person, where the setting says so. Throws Problem 409, 422.
   */
  enter(vendor: string, given: FetchEntry, by: By): Promise<FetchView>;
  /** Throws Problem 404. */
  schedule(id: string, everyHours: number | null, by: By): Promise<FetchView>;
  /** At the next moment. Throws Problem 404, and 409 where the vendor asked to wait longer. */
  ask(id: string, by: By): Promise<FetchView>;
  /** The credential is erased; reports that were fetched stay. Throws Problem 404. */
  remove(id: string, by: By): Promise<void>;
}

export interface FetchesDeps {
  platform: Platform;
  vault: Vault;
  approvals: Approvals;
  known: () => Promise<Known>;
  poke: () => void;
}

export function createFetches({ platform, vault, approvals, known, poke }: FetchesDeps): Fetches {
  const db = platform.db.withTables<CoverageTables>();
  const now = () => platform.clock.now();

  async function views(rows: readonly FetchRow[]): Promise<FetchView[]> {
    if (rows.length === 0) return [];
    const kinds = await db
      .selectFrom('usage_fetch_kind')
      .selectAll()
      .where(
        'fetching',
        'in',
        rows.map(({ id }) => id),
      )
      .orderBy('of')
      .execute();
    const byFetch = Map.groupBy(kinds, (kind) => kind.fetching);
    return rows.map((row) => fetchView(row, byFetch.get(row.id) ?? [], now()));
  }
  async function viewOf(id: string): Promise<FetchView> {
    const [view] = await views(await db.selectFrom('usage_fetch').selectAll().where('id', '=', id).execute());
    if (view === undefined) throw notFound('fetching of reports');
    return view;
  }
  /** A change of one that is there, with its record. */
  async function change(
    id: string,
    act: string,
    by: By,
    work: (tx: Tx, row: FetchRow) => Promise<Record<string, unknown>>,
  ): Promise<void> {
    await platform.db.transaction().execute(async (tx) => {
      const row = await lockFetch(tx, id);
      const detail = await work(tx, row);
      await recordChange(tx, platform, {
        ...by,
        act,
        subject: { kind: 'vendor', id: row.vendor },
        detail: { account: row.account, ...detail },
      });
    });
    platform.events.publish('coverage');
    poke();
  }

  return {
    async ofVendor(vendor) {
      const rows = await db
        .selectFrom('usage_fetch')
        .selectAll()
        .where('vendor', '=', vendor)
        .orderBy('account')
        .limit(MOST_ACCOUNTS)
        .execute();
      const facts = (await known()).get(vendor);
      const api = facts?.usage_api;
      return {
        api:
          api === undefined
            ? null
            : { host: api.host, credential: api.credential, of: fetchable(facts).map(({ of }) => of) },
        items: await views(rows),
      };
    },

    async list({ cursor, limit }) {
      let query = db.selectFrom('usage_fetch').selectAll();
      if (cursor !== undefined) {
        const [vendor, account] = decodeCursor(cursor, z.tuple([z.string(), z.string()]));
        query = query.where(sql<boolean>`(vendor, account) > (${vendor}, ${account})`);
      }
      const rows = await query
        .orderBy('vendor')
        .orderBy('account')
        .limit(limit + 1)
        .execute();
      const { items, next } = page(
        rows,
        limit,
        (row) => [row.vendor, row.account],
        (row: FetchRow) => row,
      );
      return { items: await views(items), next };
    },

    async enter(vendor, { account, value, everyHours, upstream }, by) {
      const api = apiOf((await known()).get(vendor));
      const usual = { scheme: 'https' as const, host: api.host, port: 443, private: false };
      const place = upstream === undefined ? usual : checkedUpstream(upstream);
      const isUsual = place.scheme === 'https' && place.host === api.host && place.port === 443;
      const id = await platform.db.transaction().execute(async (tx) => {
        await sql`SELECT pg_advisory_xact_lock(hashtextextended(${`usage fetch ${vendor}`}, 0))`.execute(tx);
        const rows = tx.withTables<CoverageTables>();
        const others = await rows
          .selectFrom('usage_fetch')
          .selectAll()
          .where('vendor', '=', vendor)
          .forUpdate()
          .execute();
        const before = others.find((row) => row.account === account);
        if (before === undefined && others.length >= MOST_ACCOUNTS)
          throw new Problem(
            409,
            'too_many_accounts',
            `Reports of ${MOST_ACCOUNTS} accounts of this vendor are fetched. Take one away that is gone first.`,
          );
        if (!isUsual || place.private) {
          await approvals.spendIfNeeded(
            tx,
            {
              act: 'usage_credential.enter',
              subject: { kind: 'vendor', id: vendor },
              what: { name: account === '' ? vendor : `${vendor}, ${account}`, ...place, pack: 'shipped' },
            },
            by,
          );
        }
        const bound = {
          id: before?.id ?? newId(platform.clock, platform.random),
          version: (before?.version ?? 0) + 1,
          ...{ vendor, account, ...place, header: api.header, prefix: api.prefix },
        };
        const columns = {
          ...bound,
          wrapped: await vault.seal(value, usageContext(bound)),
          entered_at: new Date(now()),
          entered_by: by.actor.name,
          every_hours: everyHours,
          next_at: new Date(now()),
          // What was said to the credential before says nothing of this one.
          not_before: null,
          began_at: null,
          failed: 0,
          error_code: null,
          error: null,
        };
        await rows
          .insertInto('usage_fetch')
          .values({ ...columns, tried_at: null, fetched_at: null })
          .onConflict((conflict) => conflict.columns(['vendor', 'account']).doUpdateSet(columns))
          .execute();
        await recordChange(tx, platform, {
          ...by,
          act: 'usage_credential.enter',
          subject: { kind: 'vendor', id: vendor },
          detail: { account, version: bound.version, host: place.host, everyHours },
        });
        return bound.id;
      });
      platform.events.publish('coverage');
      poke();
      return viewOf(id);
    },

    async schedule(id, everyHours, by) {
      await change(id, 'coverage.fetch_schedule', by, async (tx, row) => {
        const last = (row.tried_at ?? row.entered_at).getTime();
        const next_at = everyHours === null ? null : new Date(Math.max(now(), last + everyHours * HOUR_MS));
        await set(tx, id, { every_hours: everyHours, next_at });
        return { from: row.every_hours, to: everyHours };
      });
      return viewOf(id);
    },

    async ask(id, by) {
      await change(id, 'coverage.fetch', by, async (tx, row) => {
        if (row.not_before !== null && row.not_before.getTime() > now())
          throw new Problem(
            409,
            'asked_to_wait',
            `The vendor asked to wait until ${row.not_before.toISOString()}. It is asked then by itself.`,
          );
        await set(tx, id, { next_at: new Date(now()) });
        return {};
      });
      return viewOf(id);
    },

    async remove(id, by) {
      await change(id, 'usage_credential.remove', by, async (tx) => {
        await tx.withTables<CoverageTables>().deleteFrom('usage_fetch').where('id', '=', id).execute();
        return {};
      });
    },
  };
}

const HOUR_MS = 3_600_000;

async function lockFetch(tx: Tx, id: string): Promise<FetchRow> {
  const row = await tx
    .withTables<CoverageTables>()
    .selectFrom('usage_fetch')
    .selectAll()
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) throw notFound('fetching of reports');
  return row;
}

const set = (tx: Tx, id: string, columns: Partial<Pick<FetchRow, 'every_hours' | 'next_at'>>) =>
  tx.withTables<CoverageTables>().updateTable('usage_fetch').set(columns).where('id', '=', id).execute();

/** Reports of a vendor that a program can ask for. */
export function fetchable(facts: VendorFacts | undefined): { of: string; shape: string; path: string }[] {
  return (facts?.usage_reports ?? []).flatMap(({ of, shape, path }) =>
    path === undefined ? [] : [{ of, shape, path }],
  );
}

function apiOf(facts: VendorFacts | undefined): UsageApi {
  if (facts?.usage_api === undefined || fetchable(facts).length === 0)
    throw invalid('vendor', 'it is not known how its reports are fetched; hand them in as files');
  return facts.usage_api;
}

function fetchView(row: FetchRow, kinds: readonly KindRow[], now: number): FetchView {
  const { scheme, host, port } = row;
  const isAtIt = row.began_at !== null && row.began_at.getTime() + LEASE_MS > now;
  return {
    id: row.id,
    vendor: row.vendor,
    account: row.account,
    upstream: { scheme, host, port, private: row.private },
    everyHours: row.every_hours,
    state: isAtIt ? 'fetching' : 'waiting',
    nextAt: row.next_at?.toISOString() ?? null,
    triedAt: row.tried_at?.toISOString() ?? null,
    fetchedAt: row.fetched_at?.toISOString() ?? null,
    failed: row.failed,
    error: errorOf(row),
    enteredAt: row.entered_at.toISOString(),
    enteredBy: row.entered_by,
    reports: kinds.map((kind) => ({
      of: kind.of,
      triedAt: kind.tried_at.toISOString(),
      fetchedAt: kind.fetched_at?.toISOString() ?? null,
      lastDay: kind.last_day,
      import: kind.import,
      error: errorOf(kind),
    })),
  };
}

const errorOf = ({ error_code: code, error: text }: Pick<KindRow, 'error_code' | 'error'>) =>
  code === null ? null : { code, text: text ?? '' };
