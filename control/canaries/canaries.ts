import { createHash } from 'node:crypto';
import type { Snapshot } from '@drawbridge/protocol';
import { z } from '@hono/zod-openapi';
import { sql } from 'kysely';
import { raiseKeyAlarm } from '../key-alarms/index.ts';
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
} from '../platform/index.ts';
import type { Catalogue } from '../vendors/index.ts';
import { formsOf, type KeyForm, makeCanary, OWN } from './form.ts';
import type { CanaryDetail, CanaryReport, CanaryView, NewCanary, ShownCanary } from './schemas.ts';
import type { CanaryTables } from './tables.ts';

const MOST = 2000;
const MOST_USES = 50;
const CLOCKS_APART_MS = 5 * 60_000;

type Row = CanaryTables['canary'] & { uses: number; last_used_at: Date | null };

/** Planted keys that nobody uses. Their text is shown once; every write is recorded. */
export interface Canaries {
  forms(): Omit<KeyForm, 'text'>[];
  list(query: {
    cursor?: string | undefined;
    limit: number;
  }): Promise<{ items: CanaryView[]; next: string | null }>;
  /** Throws Problem 404. */
  get(id: string): Promise<CanaryDetail>;
  /** Makes one to be planted; gateways know it in under a second. Throws Problem 409 or 422. */
  plant(given: NewCanary, by: By): Promise<ShownCanary>;
  /** Gateways forget it; a second time changes nothing. Throws Problem 404. */
  retire(id: string, by: By): Promise<CanaryView>;
  /** Raises an alarm for a use that a vendor or a person told of. Throws Problem 404, 422. */
  report(id: string, given: CanaryReport, by: By): Promise<void>;
}

export function createCanaries(deps: { platform: Platform; catalogue: Catalogue }): Canaries {
  const { platform, catalogue } = deps;
  const nameOf = (vendor: string) =>
    vendor === OWN ? 'Drawbridge' : (catalogue.pack(vendor)?.name ?? vendor);

  const select = () =>
    platform.db
      .withTables<CanaryTables>()
      .selectFrom('canary')
      .selectAll('canary')
      .select([
        sql<number>`(SELECT count(*)::int FROM canary_use WHERE canary_use.canary = canary.id)`.as('uses'),
        sql<Date | null>`(SELECT max(at) FROM canary_use WHERE canary_use.canary = canary.id)`.as(
          'last_used_at',
        ),
      ]);

  async function read(id: string): Promise<Row> {
    const row = await select().where('canary.id', '=', id).executeTakeFirst();
    if (row === undefined) throw notFound('canary key');
    return row;
  }

  function viewOf(row: Row): CanaryView {
    const form = formsOf(catalogue.packs).find(({ vendor, id }) => vendor === row.vendor && id === row.form);
    return {
      id: row.id,
      vendor: row.vendor,
      vendorName: nameOf(row.vendor),
      form: form?.name ?? row.form,
      place: row.place,
      owner: row.owner,
      plantedAt: row.planted_at.toISOString(),
      plantedBy: row.planted_by,
      retiredAt: row.retired_at?.toISOString() ?? null,
      uses: row.uses,
      lastUsedAt: row.last_used_at?.toISOString() ?? null,
    };
  }

  return {
    forms: () => formsOf(catalogue.packs).map(({ text: _, ...form }) => form),

    async list({ cursor, limit }) {
      let query = select()
        .orderBy('canary.id', 'desc')
        .limit(limit + 1);
      if (cursor !== undefined) {
        const [after] = decodeCursor(cursor, z.tuple([z.string()]));
        query = query.where('canary.id', '<', after);
      }
      return page(await query.execute(), limit, (row) => [row.id], viewOf);
    },

    async get(id) {
      const view = viewOf(await read(id));
      const uses = await platform.pool.query<{
        crossing: string;
        at: Date;
        address: string | null;
        client: string | null;
        connection: string;
        endpoint: string;
      }>(
        `SELECT u.crossing, u.at, s.address, s.client, u.connection, u.endpoint
          FROM canary_use u LEFT JOIN canary_source s ON s.crossing = u.crossing
          WHERE u.canary = $1 ORDER BY u.at DESC, u.crossing LIMIT ${MOST_USES}`,
        [id],
      );
      return { ...view, latestUses: uses.rows.map((use) => ({ ...use, at: use.at.toISOString() })) };
    },

    async plant({ vendor, form: formId, place, owner }, by) {
      const forms = formsOf(catalogue.packs).filter((each) => each.vendor === vendor);
      if (forms.length === 0)
        throw invalid('vendor', 'no form of keys is known of it; GET /canary-forms lists those that are');
      const form = forms.find(({ id }) => id === formId);
      if (form === undefined) throw invalid('form', 'is none of this vendor; GET /canary-forms lists them');
      const key = makeCanary(form, platform.random);
      const row = {
        id: newId(platform.clock, platform.random),
        hash: createHash('sha256').update(key).digest(),
        vendor,
        form: form.id,
        place,
        owner,
        planted_at: new Date(platform.clock.now()),
        planted_by: by.actor.name,
        retired_at: null,
      };
      await platform.db.transaction().execute(async (tx) => {
        const rows = tx.withTables<CanaryTables>();
        const { count } = await rows
          .selectFrom('canary')
          .select((eb) => eb.fn.countAll<number>().as('count'))
          .where('retired_at', 'is', null)
          .executeTakeFirstOrThrow();
        if (Number(count) >= MOST)
          throw new Problem(409, 'too_many_canaries', `There are ${MOST} planted keys. Retire some first.`);
        await rows.insertInto('canary').values(row).execute();
        await recordChange(tx, platform, {
          ...by,
          act: 'canary.plant',
          subject: { kind: 'canary', id: row.id },
          detail: { vendor, form: form.id, place, owner },
        });
      });
      platform.events.publish('keys');
      return { ...viewOf({ ...row, uses: 0, last_used_at: null }), key };
    },

    async retire(id, by) {
      const retired = await platform.db.transaction().execute(async (tx) => {
        const changed = await tx
          .withTables<CanaryTables>()
          .updateTable('canary')
          .set({ retired_at: new Date(platform.clock.now()) })
          .where('id', '=', id)
          .where('retired_at', 'is', null)
          .executeTakeFirst();
        if (changed.numUpdatedRows === 0n) return false;
        await recordChange(tx, platform, { ...by, act: 'canary.retire', subject: { kind: 'canary', id } });
        return true;
      });
      if (retired) platform.events.publish('keys');
      return viewOf(await read(id));
    },

    async report(id, { by: source, at, text }, by) {
      const row = await read(id);
      const now = platform.clock.now();
      const when = at === undefined ? new Date(now) : new Date(at);
      // An alarm knows its last use: one that lies ahead would make all that come before it nothing new.
      if (when.getTime() > now + CLOCKS_APART_MS) throw invalid('at', 'lies ahead; say when it was used');
      const who = source === 'vendor' ? nameOf(row.vendor) : by.actor.name;
      await platform.db.transaction().execute(async (tx) => {
        await recordChange(tx, platform, {
          ...by,
          act: 'canary.report',
          subject: { kind: 'canary', id },
          detail: { by: source, at: when.toISOString(), text },
        });
        await raiseKeyAlarm(tx, platform, {
          kind: 'canary_reported',
          about: { kind: 'canary', id },
          vendor: row.vendor === OWN ? null : row.vendor,
          text: `${who} reports that the canary key planted at "${row.place}" was used: ${text} Treat what lies there as stolen.`,
          evidence: { reportedBy: source, at: when.toISOString(), place: row.place },
          at: when,
          same: `canary ${id} reported`,
        });
      });
      platform.events.publish('alarms');
    },
  };
}

/** Planted keys as the snapshot has them, in order of their ids. */
export async function readCanariesForSnapshot(tx: Tx): Promise<NonNullable<Snapshot['canaries']>> {
  const rows = await tx
    .withTables<CanaryTables>()
    .selectFrom('canary')
    .select(['id', 'hash'])
    .where('retired_at', 'is', null)
    .orderBy('id')
    .limit(MOST)
    .execute();
  return rows.map(({ id, hash }) => ({ id, hash: hash.toString('base64url') }));
}
