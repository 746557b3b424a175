import type { Route } from '@drawbridge/protocol';
import { z } from '@hono/zod-openapi';
import { type Connections, checkedSlug } from '../connections/index.ts';
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
import { checkedRules, type MemberConnection } from './rules.ts';
import {
  type AppRouteView,
  type NewRoute,
  type RouteChange,
  type RouteRules,
  RouteRulesSchema,
} from './schemas.ts';
import type { FailoverTables } from './tables.ts';

export interface FailoverDeps {
  platform: Platform;
  connections: Pick<Connections, 'all'>;
  catalogue: Pick<Catalogue, 'service'>;
  /** Names of apps by id; one that is not in the answer is none. */
  appNames: (ids: readonly string[]) => Promise<ReadonlyMap<string, string>>;
  /** What gateways said of themselves last. */
  gateways: () => Promise<readonly { id: string; about: { connections?: Said[] | undefined } | null }[]>;
}

/** What a gateway says of a connection. */
interface Said {
  id: string;
  resting: boolean;
  held: { requests: number; bytes: number };
  ended: Record<string, number>;
}

type Known = MemberConnection & { state: string } & Pick<
    AppRouteView['members'][number],
    'resting' | 'held' | 'ended'
  >;

/** Of one app; more would be a mistake of a program. */
const MOST_OF_APP = 50;

/** Routes of apps: which connections a request goes to, and in which order. */
export interface Failover {
  /** Routes of an app, in order of creation. Throws Problem 404. */
  list(
    app: string,
    query: { cursor?: string | undefined; limit: number },
  ): Promise<{ items: AppRouteView[]; next: string | null }>;
  /** Throws Problem 404, 409 `slug_taken`, or 422 naming the field. */
  create(app: string, given: NewRoute, by: By): Promise<AppRouteView>;
  /** Throws Problem 404, 409 `changed_meanwhile`, or 422 naming the field. */
  change(app: string, id: string, given: RouteChange, by: By): Promise<AppRouteView>;
  /** What calls it is refused from then on. Throws Problem 404. */
  remove(app: string, id: string, by: By): Promise<void>;
  /** What snapshots have of them. */
  forSnapshot(tx: Tx): Promise<Route[]>;
}

type Row = Omit<FailoverTables['app_route'], 'route'> & { route: unknown };

export function createFailover({
  platform,
  connections,
  catalogue,
  appNames,
  gateways,
}: FailoverDeps): Failover {
  const db = platform.db.withTables<FailoverTables>();

  async function knownConnections(): Promise<Map<string, Known>> {
    const [all, fleet] = await Promise.all([connections.all(), gateways()]);
    const said = fleet.flatMap(({ id: gateway, about }) =>
      (about?.connections ?? []).map((one) => ({ gateway, ...one })),
    );
    return new Map(
      all.map(({ id, name, vendor, service, state }) => [
        id,
        { id, name, vendor, state, service: catalogue.service(vendor, service) ?? null, ...sumOf(said, id) },
      ]),
    );
  }

  async function mustBeApp(app: string): Promise<void> {
    if (!(await appNames([app])).has(app)) throw notFound('app');
  }

  async function one(row: Row): Promise<AppRouteView> {
    return viewOf(row, await knownConnections());
  }

  return {
    async list(app, { cursor, limit }) {
      await mustBeApp(app);
      let query = db
        .selectFrom('app_route')
        .selectAll()
        .where('app', '=', app)
        .orderBy('id')
        .limit(limit + 1);
      if (cursor !== undefined) {
        const [after] = decodeCursor(cursor, z.tuple([z.string()]));
        query = query.where('id', '>', after);
      }
      const [rows, known] = [await query.execute(), await knownConnections()];
      return page(
        rows,
        limit,
        (row) => [row.id],
        (row) => viewOf(row, known),
      );
    },

    async create(app, given, by) {
      await mustBeApp(app);
      const slug = checkedSlug(given.slug);
      const rules = checkedRules(given, await knownConnections());
      const now = new Date(platform.clock.now());
      const id = newId(platform.clock, platform.random);
      const who = { created_at: now, created_by: by.actor.name, changed_at: now, changed_by: by.actor.name };
      const made = await platform.db.transaction().execute(async (tx) => {
        const rows = tx.withTables<FailoverTables>();
        const { count } = await rows
          .selectFrom('app_route')
          .select(({ fn }) => fn.countAll<number>().as('count'))
          .where('app', '=', app)
          .executeTakeFirstOrThrow();
        if (Number(count) >= MOST_OF_APP)
          throw invalid('app', `has ${MOST_OF_APP} routes, and may not have more`);
        const inserted = await rows
          .insertInto('app_route')
          .values({ id, app, slug, route: JSON.stringify(rules), revision: 1, ...who })
          .onConflict((conflict) => conflict.column('slug').doNothing())
          .returningAll()
          .executeTakeFirst();
        if (inserted === undefined) {
          const message = 'a connection or another route has this path prefix; take another';
          throw new Problem(409, 'slug_taken', `slug: ${message}`, [{ field: 'slug', message }]);
        }
        await recordChange(tx, platform, {
          ...by,
          ...changed('route.create', id),
          detail: { app, slug, ...rules },
        });
        return inserted;
      });
      platform.events.publish('keys');
      return await one(made);
    },

    async change(app, id, { basedOn, ...given }, by) {
      const rules = checkedRules(given, await knownConnections());
      const made = await platform.db.transaction().execute(async (tx) => {
        const rows = tx.withTables<FailoverTables>();
        const before = await rows
          .selectFrom('app_route')
          .selectAll()
          .where('id', '=', id)
          .where('app', '=', app)
          .forUpdate()
          .executeTakeFirst();
        if (before === undefined) throw notFound('route');
        if (before.revision !== basedOn) {
          throw new Problem(
            409,
            'changed_meanwhile',
            `The route was changed meanwhile: revision ${before.revision} is in force. Look at it, and change that.`,
          );
        }
        const after = await rows
          .updateTable('app_route')
          .set({
            route: JSON.stringify(rules),
            revision: before.revision + 1,
            changed_at: new Date(platform.clock.now()),
            changed_by: by.actor.name,
          })
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirstOrThrow();
        await recordChange(tx, platform, {
          ...by,
          ...changed('route.change', id),
          detail: { app, slug: before.slug, before: RouteRulesSchema.parse(before.route), after: rules },
        });
        return after;
      });
      platform.events.publish('keys');
      return await one(made);
    },

    async remove(app, id, by) {
      await platform.db.transaction().execute(async (tx) => {
        const gone = await tx
          .withTables<FailoverTables>()
          .deleteFrom('app_route')
          .where('id', '=', id)
          .where('app', '=', app)
          .returning('slug')
          .executeTakeFirst();
        if (gone === undefined) throw notFound('route');
        await recordChange(tx, platform, {
          ...by,
          ...changed('route.remove', id),
          detail: { app, slug: gone.slug },
        });
      });
      platform.events.publish('keys');
    },

    async forSnapshot(tx) {
      const rows = await tx
        .withTables<FailoverTables>()
        .selectFrom('app_route')
        .selectAll()
        .orderBy('id')
        .execute();
      return rows.map(({ id, app, slug, route }) => ({ id, slug, app, ...RouteRulesSchema.parse(route) }));
    },
  };
}

function sumOf(
  said: readonly (Said & { gateway: string })[],
  connection: string,
): Pick<Known, 'resting' | 'held' | 'ended'> {
  const ended = new Map<string, number>();
  const held = { requests: 0, bytes: 0 };
  const resting: string[] = [];
  for (const { id, gateway, resting: rests, held: waits, ended: became } of said) {
    if (id !== connection) continue;
    if (rests) resting.push(gateway);
    held.requests += waits.requests;
    held.bytes += waits.bytes;
    for (const [how, count] of Object.entries(became)) ended.set(how, (ended.get(how) ?? 0) + count);
  }
  return { resting, held, ended: Object.fromEntries(ended) };
}

const changed = (act: string, id: string) => ({ act, subject: { kind: 'route', id } });

function viewOf(row: Row, known: ReadonlyMap<string, Known>): AppRouteView {
  const rules: RouteRules = RouteRulesSchema.parse(row.route);
  return {
    id: row.id,
    app: row.app,
    slug: row.slug,
    members: rules.members.map(({ connection, models }) => {
      const found = known.get(connection);
      return {
        connection,
        name: found?.name ?? connection,
        vendor: found?.vendor ?? '',
        state: found?.state ?? 'gone',
        models: models ?? null,
        resting: found?.resting ?? [],
        held: found?.held ?? { requests: 0, bytes: 0 },
        ended: found?.ended ?? {},
      };
    }),
    payTwice: rules.pay_twice,
    firstByteMs: rules.first_byte_ms ?? null,
    breaker: { failures: rules.breaker.failures, openMs: rules.breaker.open_ms },
    oneWay: oneWayView(rules.one_way),
    revision: row.revision,
    changedAt: row.changed_at.toISOString(),
    changedBy: row.changed_by,
  };
}

function oneWayView(rules: RouteRules['one_way']): AppRouteView['oneWay'] {
  if (rules?.do !== 'hold') return { do: rules?.do ?? 'refuse' };
  const { bytes, days, in_doubt: inDoubt } = rules;
  return { do: 'hold', bytes, days, inDoubt };
}
