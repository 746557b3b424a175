import { z } from '@hono/zod-openapi';
import type { Connections } from '../connections/index.ts';
import {
  type By,
  decodeCursor,
  invalid,
  newId,
  notFound,
  type Platform,
  page,
  recordChange,
  writeSetting,
} from '../platform/index.ts';
import type { Catalogue } from '../vendors/index.ts';
import {
  bindKey,
  changeBounds,
  changeCaps,
  insertKey,
  revokeKey,
  revokeKeysOfPerson,
  rollKey,
} from './key-changes.ts';
import { type KeyPlan, planKey, type Reach } from './key-rules.ts';
import { keyLifetime, readLifetime } from './lifetime.ts';
import type {
  AppChange,
  AppView,
  KeyBinding,
  KeyBounds,
  KeyCapsChange,
  KeyLifetime,
  KeyRoll,
  NewApp,
  NewKey,
  ShownKey,
  VirtualKeyView,
} from './schemas.ts';
import { type KeyRow, selectKeys } from './store.ts';
import type { AppTables } from './tables.ts';

export interface AppsDeps {
  platform: Platform;
  connections: Connections;
  catalogue: Catalogue;
  /** A person who may hold a key of their own; null: there is none. Left out: nobody may. */
  findPerson?: (id: string) => Promise<{ id: string; name: string } | null>;
  /** How each of these keys is used, as crossings say; a key that never was is left out. */
  keyUse?: (keys: readonly string[]) => Promise<ReadonlyMap<string, KeyUse>>;
}

/** "24 hours" begins at a whole minute; forwarded and refused together, and the refused alone. */
interface KeyUse {
  firstUsedAt: Date;
  lastUsedAt: Date;
  crossings24h: number;
  refused24h: number;
}

interface PageQuery {
  cursor?: string | undefined;
  limit: number;
}
interface Page<Item> {
  items: Item[];
  next: string | null;
}

/** Apps and their virtual keys. Every write is recorded with actor and reason, and told as `keys`. */
export interface Apps {
  list(query: PageQuery): Promise<Page<AppView>>;
  get(id: string): Promise<AppView>;
  /** How many apps there are, and keys that are not revoked. */
  counts(): Promise<{ apps: number; keys: number }>;
  create(given: NewApp, by: By): Promise<AppView>;
  /** Gives an app another name or owner. Throws Problem 404. */
  change(id: string, given: AppChange, by: By): Promise<AppView>;
  /** Keys by age, of one app or of all. Throws Problem 404 for an unknown app. */
  listKeys(query: PageQuery, app?: string): Promise<Page<VirtualKeyView>>;
  /** Makes a key. Its text is in this answer and nowhere else. */
  createKey(app: string, given: NewKey, by: By): Promise<ShownKey>;
  /** Binds a key to these connections and no others. Throws Problem 404, 409 `key_dead`, or 422 naming the field. */
  bindKey(id: string, given: KeyBinding, by: By): Promise<VirtualKeyView>;
  /** Makes a key with the same rights; the one before lives on for a while. Its text is in this answer and nowhere else. */
  rollKey(id: string, given: KeyRoll, by: By): Promise<ShownKey>;
  /** Changes what a key may use in a time. Throws Problem 404, 409 `key_dead`, or 422 for a publishable key without a cap. */
  setCaps(id: string, given: KeyCapsChange, by: By): Promise<VirtualKeyView>;
  /** Changes what a key may be used for and from where, and until when. Throws Problem 404, 409 `key_dead`, or 422. */
  setBounds(id: string, given: KeyBounds, by: By): Promise<VirtualKeyView>;
  /** How long keys live here. */
  lifetime(): Promise<KeyLifetime>;
  setLifetime(given: KeyLifetime, by: By): Promise<KeyLifetime>;
  /** One key. Throws Problem 404. */
  find(id: string): Promise<VirtualKeyView>;
  /** All keys that can be used now, oldest first. */
  living(): Promise<VirtualKeyView[]>;
  /** Revokes all keys that are a person's own. Returns their ids. */
  revokeKeysOf(person: string, by: By): Promise<string[]>;
  /** Revokes a key; revoking it again changes nothing. Throws Problem 404. */
  revokeKey(id: string, by: By): Promise<void>;
}

export function createApps(deps: AppsDeps): Apps {
  const { platform } = deps;
  const db = platform.db.withTables<AppTables>();
  const now = () => new Date(platform.clock.now());

  async function readApp(id: string): Promise<AppView> {
    const row = await db.selectFrom('app').selectAll().where('id', '=', id).executeTakeFirst();
    if (row === undefined) throw notFound('app');
    return appView(row);
  }
  async function keyViews(rows: readonly KeyRow[]): Promise<Map<string, VirtualKeyView>> {
    const used = await deps.keyUse?.(rows.map((row) => row.id));
    const persons = new Map<string, string>();
    for (const { person } of rows) {
      if (person !== null && !persons.has(person)) persons.set(person, await personName(person));
    }
    const personOf = ({ person: id }: KeyRow) => (id === null ? null : { id, name: persons.get(id) ?? id });
    return new Map(rows.map((row) => [row.id, keyView(row, personOf(row), used?.get(row.id))]));
  }

  async function personName(id: string): Promise<string> {
    return (await deps.findPerson?.(id))?.name ?? id;
  }

  async function viewOf(row: KeyRow): Promise<VirtualKeyView> {
    const views = await keyViews([row]);
    return views.get(row.id) ?? keyView(row, null, undefined);
  }

  async function checkPerson(id: string | undefined): Promise<void> {
    if (id === undefined || (await deps.findPerson?.(id)) != null) return;
    throw invalid('person', 'there is no such person here; GET /people lists who there is');
  }

  return {
    async list({ cursor, limit }) {
      let query = db
        .selectFrom('app')
        .selectAll()
        .orderBy('id')
        .limit(limit + 1);
      if (cursor !== undefined) {
        const [after] = decodeCursor(cursor, z.tuple([z.string()]));
        query = query.where('id', '>', after);
      }
      return page(await query.execute(), limit, (row) => [row.id], appView);
    },

    get: readApp,

    async create({ name, owner }, by) {
      const row = {
        id: newId(platform.clock, platform.random),
        name,
        owner,
        created_at: now(),
        created_by: by.actor.name,
      };
      await platform.db.transaction().execute(async (tx) => {
        await tx.withTables<AppTables>().insertInto('app').values(row).execute();
        await recordChange(tx, platform, {
          ...by,
          act: 'app.create',
          subject: { kind: 'app', id: row.id },
          detail: { name, owner },
        });
      });
      platform.events.publish('keys');
      return appView(row);
    },

    async change(id, given, by) {
      const after = await platform.db.transaction().execute(async (tx) => {
        const rows = tx.withTables<AppTables>();
        const row = await rows
          .selectFrom('app')
          .selectAll()
          .where('id', '=', id)
          .forUpdate()
          .executeTakeFirst();
        if (row === undefined) throw notFound('app');
        const changed = {
          ...(given.name === undefined || given.name === row.name ? {} : { name: given.name }),
          ...(given.owner === undefined || given.owner === row.owner ? {} : { owner: given.owner }),
        };
        if (Object.keys(changed).length === 0) return row;
        await rows.updateTable('app').set(changed).where('id', '=', id).execute();
        const was = { name: row.name, owner: row.owner };
        await recordChange(tx, platform, {
          ...by,
          act: 'app.change',
          subject: { kind: 'app', id },
          detail: { ...changed, was },
        });
        return { ...row, ...changed };
      });
      platform.events.publish('keys');
      return appView(after);
    },

    async counts() {
      const [made, live] = await Promise.all([
        db
          .selectFrom('app')
          .select((eb) => eb.fn.countAll<number>().as('count'))
          .executeTakeFirstOrThrow(),
        db
          .selectFrom('virtual_key')
          .select((eb) => eb.fn.countAll<number>().as('count'))
          .where('revoked_at', 'is', null)
          .executeTakeFirstOrThrow(),
      ]);
      return { apps: Number(made.count), keys: Number(live.count) };
    },

    async listKeys({ cursor, limit }, app) {
      let query = selectKeys(platform.db)
        .orderBy('virtual_key.created_at')
        .orderBy('virtual_key.id')
        .limit(limit + 1);
      if (app !== undefined) query = query.where('virtual_key.app', '=', (await readApp(app)).id);
      if (cursor !== undefined) {
        const [at, id] = decodeCursor(cursor, z.tuple([z.int(), z.string()]));
        query = query.where(({ eb, refTuple, tuple }) =>
          eb(refTuple('virtual_key.created_at', 'virtual_key.id'), '>', tuple(new Date(at), id)),
        );
      }
      const rows = await query.execute();
      const views = await keyViews(rows.slice(0, limit));
      const { items, next } = page(
        rows,
        limit,
        (row) => [row.created_at.getTime(), row.id],
        (row) => views.get(row.id),
      );
      return { items: items.filter((item) => item !== undefined), next };
    },

    async createKey(appId, given, by) {
      const app = await readApp(appId);
      await checkPerson(given.person);
      const lifetime = await readLifetime(platform);
      const plan = planKey(given, await reachOf(deps, given.connections), lifetime, platform.clock.now());
      const { row, key } = await platform.db.transaction().execute(async (tx) => {
        const of = { app: app.id, app_name: app.name, ...columnsOf(plan), replaces: null };
        const made = await insertKey(tx, platform, of, by);
        await recordChange(tx, platform, {
          ...by,
          act: 'key.create',
          subject: { kind: 'key', id: made.row.id },
          detail: { app: app.id, ...plan },
        });
        return made;
      });
      platform.events.publish('keys');
      return { ...(await viewOf(row)), key };
    },

    async bindKey(id, { connections }, by) {
      const row = await bindKey(platform, id, await reachOf(deps, connections), by);
      platform.events.publish('keys');
      return viewOf(row);
    },

    async rollKey(id, { overlapHours }, by) {
      const { row, key } = await rollKey(platform, id, overlapHours, await readLifetime(platform), by);
      platform.events.publish('keys');
      return { ...(await viewOf(row)), key };
    },

    async setBounds(id, given, by) {
      const reach = await reachOf(deps, given.connections ?? []);
      const row = await changeBounds(platform, id, given, reach, await readLifetime(platform), by);
      platform.events.publish('keys');
      return viewOf(row);
    },

    lifetime: () => readLifetime(platform),

    async setLifetime(given, by) {
      await platform.db
        .transaction()
        .execute((tx) => writeSetting(tx, platform, keyLifetime, given, { ...by, detail: given }));
      return readLifetime(platform);
    },

    async find(id) {
      const row = await selectKeys(platform.db).where('virtual_key.id', '=', id).executeTakeFirst();
      if (row === undefined) throw notFound('key');
      return viewOf(row);
    },

    async living() {
      const rows = await selectKeys(platform.db)
        .where('virtual_key.revoked_at', 'is', null)
        .where((eb) =>
          eb.or([eb('virtual_key.expires_at', 'is', null), eb('virtual_key.expires_at', '>', now())]),
        )
        .orderBy('virtual_key.created_at')
        .orderBy('virtual_key.id')
        .execute();
      return [...(await keyViews(rows)).values()];
    },

    async revokeKeysOf(person, by) {
      const revoked = await platform.db
        .transaction()
        .execute((tx) => revokeKeysOfPerson(tx, platform, person, by));
      if (revoked.length > 0) platform.events.publish('keys');
      return revoked;
    },

    async setCaps(id, given, by) {
      const [seen] = await selectKeys(platform.db).where('virtual_key.id', '=', id).execute();
      if (seen === undefined) throw notFound('key');
      const reach = await reachOf(deps, given.perDay == null ? [] : seen.connections);
      const row = await changeCaps(platform, id, given, reach, by);
      platform.events.publish('keys');
      return viewOf(row);
    },

    async revokeKey(id, by) {
      if (await revokeKey(platform, id, by)) platform.events.publish('keys');
    },
  };
}

/** The connections that a key is asked for. Throws Problem 422 that names the one that is not there. */
async function reachOf({ connections, catalogue }: AppsDeps, ids: readonly string[]): Promise<Reach[]> {
  const known = new Map((await connections.all()).map((connection) => [connection.id, connection]));
  return ids.map((id, index) => {
    const connection = known.get(id);
    const service = connection && catalogue.service(connection.vendor, connection.service);
    if (connection === undefined || service === undefined) {
      throw invalid(
        `connections.${index}`,
        'there is no such connection; GET /connections lists what there is',
      );
    }
    return { connection, service };
  });
}

function columnsOf(plan: KeyPlan) {
  const { kind, connections, classes, origins, perMinute, perDay, expiresAt, models, networks, person } =
    plan;
  return {
    models,
    networks,
    person,
    kind,
    connections,
    classes,
    origins,
    per_minute: perMinute,
    per_day: perDay,
    expires_at: expiresAt,
  };
}

function appView(row: { id: string; name: string; owner: string; created_at: Date }): AppView {
  return { id: row.id, name: row.name, owner: row.owner, createdAt: row.created_at.toISOString() };
}

function keyView(row: KeyRow, person: VirtualKeyView['person'], use: KeyUse | undefined): VirtualKeyView {
  return {
    id: row.id,
    app: { id: row.app, name: row.app_name },
    kind: row.kind,
    connections: row.connections,
    classes: row.classes,
    origins: row.origins,
    models: row.models,
    networks: row.networks,
    person,
    perMinute: row.per_minute,
    perDay: row.per_day,
    createdAt: row.created_at.toISOString(),
    createdBy: row.created_by,
    expiresAt: row.expires_at?.toISOString() ?? null,
    revokedAt: row.revoked_at?.toISOString() ?? null,
    replaces: row.replaces,
    replacedBy: row.replaced_by,
    firstUsedAt: use?.firstUsedAt.toISOString() ?? null,
    lastUsedAt: use?.lastUsedAt.toISOString() ?? null,
    crossings24h: use?.crossings24h ?? 0,
    refused24h: use?.refused24h ?? 0,
  };
}
