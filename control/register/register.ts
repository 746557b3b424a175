import { sql } from 'kysely';
import { isSent } from '../exposure/index.ts';
import {
  type Blobs,
  type By,
  type Db,
  notFound,
  type Platform,
  readSetting,
  type Sealer,
  type Tx,
  writeSetting,
} from '../platform/index.ts';
import { agreedObjectionDays, type KeptAgreement, readAgreements } from './agreed.ts';
import { dayOf } from './days.ts';
import { type Intake, readIntakes, readWithheld, type Withheld } from './requests.ts';
import { type KeptReview, nextReview, readReviews } from './reviews.ts';
import { type Rules, rulesSetting } from './rules.ts';
import type { Standing } from './standing.ts';
import { type KeptStatement, readStatements, type StatedDeps, statementFiles } from './stated.ts';
import type { ShownStatus } from './status.ts';
import type { RegisterTables, VendorRow } from './tables.ts';
import { type Deletion, provenUntil, type Undeleted, undeletedOf } from './undeleted.ts';
import { enterVendor, readVendor, type VendorEntry } from './vendors.ts';

/** What crossed to a vendor, as the ledger has it. */
export interface Ledger {
  /**
   * Kinds of data that were sent, with when they last were. `people`: of whom some of it is not proven to be deleted, each
   * counted once. `deletedUntil`: up to when deletion of a kind is proven, in ms.
   */
  got(
    vendor: string,
    deletedUntil: (fieldClass: string) => number | null,
  ): Promise<{
    people: number;
    classes: readonly { class: string; treatment: string; lastSeenAt: string }[];
  }>;
}

export interface RegisterDeps {
  platform: Platform;
  blobs: Blobs;
  sealer: () => Promise<Sealer>;
  ledger: Ledger;
  /** What a vendor is called that is not in the register: by its pack, or its id. */
  nameOf: (vendor: string) => string;
}

/** All that is entered of a vendor, with what follows from it. */
export interface Entry {
  vendor: VendorRow;
  statements: readonly KeptStatement[];
  agreements: readonly KeptAgreement[];
  reviews: readonly KeptReview[];
  nextReview: string | null;
}

/** The vendors of ours: for other rooms. */
/** By when a vendor says, or is said, to tell of an incident: whole hours; 0: at once. `asOf`: the day that it is of. */
export interface NoticeHours {
  vendor: string;
  hours: number;
  source: string;
  asOf: string;
  by: string;
}

export interface Register {
  /** Of all that are entered. */
  ids(): Promise<string[]>;
  /** All that is entered of one; null: it was not entered. */
  get(id: string): Promise<Entry | null>;
  /** What these are called; those that are not entered by their packs, or their ids. */
  names(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** How much hangs on these, of those that are entered. */
  criticalityOf(ids: readonly string[]): Promise<ReadonlyMap<string, VendorRow['criticality']>>;
  /** Of these, those without an entry as `not_entered`. */
  statusOf(ids: readonly string[]): Promise<ReadonlyMap<string, ShownStatus>>;
  /** Enters a vendor where it is not there yet, as a candidate. Returns whether it was entered now. Throws Problem 422. */
  ensure(tx: Tx, vendor: VendorEntry & { id: string }, by: By): Promise<boolean>;
  /** Whether a connection's credential may be used at the gateway. Throws Problem 404. */
  standing(connection: string): Promise<Standing>;
  /** What these vendors got and are not proven to have deleted. */
  undeleted(vendor: string): Promise<Undeleted>;
  /**
   * How long one may object to a new sub-processor of a vendor, in days, by what is agreed and in force today; null: no
   * agreement says so.
   */
  objectionDays(tx: Tx, vendor: string): Promise<number | null>;
  /** By when these tell of an incident, in hours, of those of whom it is stated; asked for all at once. */
  noticeHours(ids: readonly string[]): Promise<readonly NoticeHours[]>;
  /** Of vendors of which some deletion is proven: up to when that of a class is, in ms; null: it is not. */
  proven(): Promise<ReadonlyMap<string, (fieldClass: string) => number | null>>;
  /** The connections that are closed, and why, or close at a time that is known: for the snapshot. */
  withheld(tx: Tx): Promise<ReadonlyMap<string, Withheld>>;
  intakes(which?: { connection?: string; vendor?: string }): Promise<Intake[]>;
  rules(): Promise<Rules>;
  setRules(rules: Rules, by: By): Promise<void>;
  /** Does a change in a transaction, and tells those who watch. */
  change<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  readonly deps: StatedDeps;
}

const tables = (db: Db | Tx) =>
  db.withTables<RegisterTables & { blob_use: { hash: string; kind: string; id: string } }>();

export function createRegister(options: RegisterDeps): Register {
  const { platform, blobs, sealer, ledger, nameOf } = options;
  const { db } = platform;
  const deps: StatedDeps = { platform, blobs, sealer };

  async function change<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    const done = await db.transaction().execute(work);
    platform.events.publish('register');
    return done;
  }

  async function get(id: string): Promise<Entry | null> {
    const vendor = await readVendor(db, id);
    if (vendor === undefined) return null;
    const [statements, agreements, reviews, rules] = await Promise.all([
      readStatements(db, deps, [id]),
      readAgreements(db, deps, [id]),
      readReviews(db, deps, [id]),
      readSetting(db, rulesSetting),
    ]);
    return {
      vendor,
      statements: statements.get(id) ?? [],
      agreements: agreements.get(id) ?? [],
      reviews: reviews.get(id) ?? [],
      nextReview: nextReview(vendor, rules),
    };
  }

  async function rowsOf(ids: readonly string[]) {
    if (ids.length === 0) return [];
    return tables(db)
      .selectFrom('register_vendor')
      .select(['id', 'name', 'status', 'criticality'])
      .where('id', 'in', [...ids])
      .execute();
  }

  return {
    deps,
    change,
    get,

    async ids() {
      const rows = await tables(db).selectFrom('register_vendor').select('id').orderBy('id').execute();
      return rows.map(({ id }) => id);
    },

    async names(ids) {
      const known = new Map((await rowsOf(ids)).map(({ id, name }) => [id, name]));
      return new Map(ids.map((id) => [id, known.get(id) ?? nameOf(id)]));
    },

    async criticalityOf(ids) {
      return new Map((await rowsOf(ids)).map(({ id, criticality }) => [id, criticality]));
    },

    async statusOf(ids) {
      const known = new Map((await rowsOf(ids)).map(({ id, status }) => [id, status]));
      return new Map(ids.map((id): [string, ShownStatus] => [id, known.get(id) ?? 'not_entered']));
    },

    async ensure(tx, { id, ...given }, by) {
      if ((await readVendor(tx, id)) !== undefined) return false;
      // No tier is given: there is nothing to decide.
      await enterVendor(
        tx,
        platform,
        id,
        { ...given, tier: undefined, status: 'candidate' },
        by,
        async () => undefined,
      );
      return true;
    },

    async standing(connection) {
      const [found] = await readIntakes(db, platform.clock.now(), { connection });
      if (found === undefined) throw notFound('connection');
      return found.standing;
    },

    async undeleted(vendor) {
      const statements = await readStatements(db, deps, [vendor]);
      const deletions = (statements.get(vendor) ?? []).flatMap(({ kind, key, value, files }) =>
        kind === 'deletion' ? [{ class: key, on: dayIn(value), isProven: files.length > 0 }] : [],
      );
      const { people, classes } = await ledger.got(vendor, (name) => provenUntil(deletions, name));
      const sent = Map.groupBy(
        classes.filter(({ treatment }) => isSent(treatment)),
        (one) => one.class,
      );
      const got = [...sent].map(([name, all]) => ({
        class: name,
        lastOn: dayOf(Math.max(...all.map((one) => Date.parse(one.lastSeenAt)))),
      }));
      return undeletedOf(got, deletions, people);
    },

    async noticeHours(ids) {
      if (ids.length === 0) return [];
      const rows = await tables(db)
        .selectFrom('register_statement')
        .select(['vendor', 'value', 'source', 'as_of', 'stated_by'])
        .where('kind', '=', 'notice_hours')
        .where('vendor', 'in', [...ids])
        .execute();
      return rows.flatMap(({ vendor, value, source, as_of: asOf, stated_by: by }) =>
        typeof value === 'number' ? [{ vendor, hours: value, source, asOf, by }] : [],
      );
    },

    async proven() {
      const rows = await tables(db)
        .selectFrom('register_statement')
        .select(['vendor', 'key', 'value'])
        .where('kind', '=', 'deletion')
        .where(({ exists, selectFrom }) =>
          exists(
            selectFrom('blob_use')
              .select('hash')
              .where('blob_use.kind', '=', statementFiles)
              .whereRef(
                'blob_use.id',
                '=',
                sql<string>`register_statement.vendor || '/deletion/' || register_statement.key`,
              ),
          ),
        )
        .execute();
      const deletionsOf = new Map<string, Deletion[]>();
      for (const { vendor, key, value } of rows) {
        const there = deletionsOf.get(vendor) ?? [];
        there.push({ class: key, on: dayIn(value), isProven: true });
        deletionsOf.set(vendor, there);
      }
      return new Map(
        [...deletionsOf].map(([vendor, all]) => [vendor, (name: string) => provenUntil(all, name)]),
      );
    },

    objectionDays: (tx, vendor) => agreedObjectionDays(tx, vendor, dayOf(platform.clock.now())),
    withheld: (tx) => readWithheld(tx, new Date(platform.clock.now())),
    intakes: (which) => readIntakes(db, platform.clock.now(), which),
    rules: () => readSetting(db, rulesSetting),

    async setRules(rules, by) {
      await change((tx) =>
        writeSetting(tx, platform, rulesSetting, rules, {
          ...by,
          detail: { tiers: rules.tiers, usualTier: rules.usualTier, requestsSince: rules.requestsSince },
        }),
      );
    },
  };
}

/** Of a deletion's value, which was checked when it was stated. */
function dayIn(value: unknown): string {
  return typeof value === 'object' && value !== null && 'on' in value ? String(value.on) : '';
}
