import { isDeepStrictEqual } from 'node:util';
import type { ContractDocument, Service } from '@drawbridge/protocol';
import { z } from '@hono/zod-openapi';
import type { Approvals } from '../approvals/index.ts';
import {
  type By,
  decodeCursor,
  invalid,
  newId,
  type Platform,
  Problem,
  page,
  recordChange,
  type Tx,
} from '../platform/index.ts';
import type { Vault } from '../vault/index.ts';
import { type Catalogue, holdPack } from '../vendors/index.ts';
import { checkRules } from './contracts.ts';
import { checkedCredential, enterCredential, eraseCredential } from './credentials.ts';
import { checkedOrigins } from './origin.ts';
import type { ConnectionChange, ConnectionView, CredentialEntry, NewConnection } from './schemas.ts';
import { expectHostApproved, expectKnownHost, expectMoveApproved } from './second-person.ts';
import { checkedSlug, freeSlug, slugFrom } from './slug.ts';
import {
  type ConnectionRow,
  checkMatch,
  etagOf,
  lockConnection,
  readConnection,
  selectConnections,
  upstreamOf,
  viewOf,
  writeConnection,
} from './store.ts';
import type { ConnectionTables } from './tables.ts';
import { checkedUpstream, isElsewhere, leadsElsewhere } from './upstream.ts';

export interface ConnectionsDeps {
  platform: Platform;
  vault: Vault;
  catalogue: Catalogue;
  approvals: Approvals;
  /** Base URL of the gateway, without a trailing slash. */
  gatewayUrl: string;
}

/** Connections and their credentials. Every write is recorded with actor and reason, and told as `connections`. */
export interface Connections {
  list(query: { cursor?: string | undefined; limit: number }): Promise<{
    items: ConnectionView[];
    next: string | null;
  }>;
  /** All of them, in order of creation. */
  all(): Promise<ConnectionView[]>;
  get(id: string): Promise<ConnectionView>;
  create(given: NewConnection, by: By): Promise<ConnectionView>;
  /**
   * `ifMatch`: the ETag that must still hold. Throws Problem 412 where it does not. `onMove` is called before the
   * connection goes to another host, `onCut` before it is severed or opened again, and both may throw. What waits for a
   * second person has to run in `approvals.asking`.
   */
  change(
    id: string,
    given: ConnectionChange,
    by: By,
    options: { ifMatch?: string | undefined; onMove: () => Promise<void>; onCut: () => Promise<void> },
  ): Promise<ConnectionView>;
  enterCredential(id: string, given: CredentialEntry, by: By, ifMatch?: string): Promise<ConnectionView>;
  /** Has every move to another host checked in its transaction; `check` throws a Problem where it may not go there. */
  checkedBy(check: HostCheck): void;
}

type HostCheck = (
  tx: Tx,
  connection: { id: string; vendor: string; service: string; host: string },
) => Promise<void>;

export function createConnections(deps: ConnectionsDeps): Connections {
  const { platform, catalogue, gatewayUrl } = deps;
  const view = (row: ConnectionRow) => viewOf(row, catalogue, gatewayUrl);
  const checks: HostCheck[] = [];

  async function write<Result>(work: (tx: Tx) => Promise<Result>): Promise<Result> {
    const result = await platform.db.transaction().execute(work);
    platform.events.publish('connections');
    return result;
  }

  return {
    async list({ cursor, limit }) {
      let query = selectConnections(platform.db)
        .orderBy('connection.id')
        .limit(limit + 1);
      if (cursor !== undefined) {
        const [after] = decodeCursor(cursor, z.tuple([z.string()]));
        query = query.where('connection.id', '>', after);
      }
      return page(await query.execute(), limit, (row) => [row.id], view);
    },

    async all() {
      return (await selectConnections(platform.db).orderBy('connection.id').execute()).map(view);
    },

    async get(id) {
      return view(await readConnection(platform.db, id));
    },

    async create(given, by) {
      return write(async (tx) => {
        await holdPack(tx, catalogue, given.vendor);
        const plan = planConnection(given, catalogue);
        const id = await insertConnection(tx, platform, plan, by);
        const row = await readConnection(tx, id);
        await recordChange(tx, platform, {
          ...by,
          act: 'connection.create',
          subject: { kind: 'connection', id },
          detail: {
            slug: row.slug,
            vendor: row.vendor,
            service: row.service,
            upstream: upstreamOf(row),
            mode: row.mode,
          },
        });
        if (given.credential !== undefined) {
          await expectKnownHost(tx, plan.upstream);
          await enterCredential(
            tx,
            deps,
            row,
            plan.service,
            checkedCredential(given.credential, 'credential', plan.service),
            by,
          );
        }
        return view(await readConnection(tx, id));
      });
    },

    async change(id, given, by, { ifMatch, onMove, onCut }) {
      return write(async (tx) => {
        const row = await lockConnection(tx, id);
        checkMatch(etagOf(row), ifMatch);
        const change = planChange(row, given);
        if (change.changed.length === 0) return view(row);
        const drops = change.rebinds && row.credential_id !== null;
        if (change.changed.includes('state')) await onCut();
        if (change.changed.includes('upstream')) {
          for (const check of checks) await check(tx, { ...row, host: change.upstream.host });
          await onMove();
        }
        if (change.rebinds || leadsElsewhere(upstreamOf(row), change.upstream)) {
          await expectMoveApproved(tx, deps.approvals, row, change.upstream, by);
        }
        if (drops) await eraseCredential(tx, platform, id);
        await writeConnection(tx, id, change.columns);
        await recordChange(tx, platform, {
          ...by,
          act: actOf(given, change.changed),
          subject: { kind: 'connection', id },
          detail: {
            changed: change.changed,
            credentialDropped: drops,
            ...(change.columns.mode === undefined
              ? {}
              : { mode: { from: row.mode, to: change.columns.mode } }),
          },
        });
        const after = view(await readConnection(tx, id));
        return drops ? { ...after, notices: [credentialDropped] } : after;
      });
    },

    async enterCredential(id, given, by, ifMatch) {
      return write(async (tx) => {
        const row = await lockConnection(tx, id);
        checkMatch(etagOf(row), ifMatch);
        const service = serviceOf(catalogue, row);
        const value = checkedCredential(given.value, 'value', service);
        await expectHostApproved(tx, deps.approvals, row, by);
        await enterCredential(tx, deps, row, service, value, by);
        await writeConnection(tx, id, {});
        return view(await readConnection(tx, id));
      });
    },

    checkedBy(check) {
      checks.push(check);
    },
  };
}

const credentialDropped = {
  code: 'credential_dropped',
  text: 'The credential was bound to the host before this change. It was erased: enter it again.',
};

interface ConnectionPlan {
  given: NewConnection;
  slug: { value: string; mayVary: boolean };
  upstream: ReturnType<typeof checkedUpstream>;
  service: Service;
  rules: ContractDocument;
  origins: string[];
}

/** All that can be checked without the database. Throws Problem 422 that names the field. */
function planConnection(given: NewConnection, catalogue: Catalogue): ConnectionPlan {
  const service = catalogue.service(given.vendor, given.service);
  if (service === undefined) {
    throw invalid(
      catalogue.pack(given.vendor) === undefined ? 'vendor' : 'service',
      'there is no pack for it; GET /packs lists what there is',
    );
  }
  const signs = service.auth.find((placement) => placement.in === 'signature');
  if (signs !== undefined && signs.scheme !== 'aws-sigv4') {
    throw invalid(
      'service',
      `${service.name} asks for ${signs.scheme}, which Drawbridge can not do yet: no connection to it would work`,
    );
  }
  const region = service.regions.find((one) => one.id === given.region);
  if (region === undefined) {
    throw invalid('region', `the pack has ${service.regions.map((one) => one.id).join(', ')}`);
  }
  if (region.own_host === true && given.upstream === undefined) {
    throw invalid('upstream', `has to be given: ${service.name} has a host of its own for each customer`);
  }
  const { contract } = given;
  return {
    given,
    slug:
      given.slug === undefined
        ? { value: slugFrom(given.name, given.vendor), mayVary: true }
        : { value: checkedSlug(given.slug), mayVary: false },
    upstream: checkedUpstream(
      given.upstream ?? { scheme: 'https', host: region.host, port: 443, private: false },
    ),
    service,
    rules: typeof contract === 'string' ? service.contracts[contract] : checkRules(contract, 'contract'),
    origins: checkedOrigins(given.origins ?? []),
  };
}

async function insertConnection(
  tx: Tx,
  platform: Platform,
  { given, slug, upstream, rules, origins }: ConnectionPlan,
  by: By,
): Promise<string> {
  const rows = tx.withTables<ConnectionTables>();
  const id = newId(platform.clock, platform.random);
  const now = new Date(platform.clock.now());
  const taken = new Set(
    (await rows.selectFrom('connection').select('slug').execute()).map((row) => row.slug),
  );
  const inserted = await rows
    .insertInto('connection')
    .values({
      id,
      name: given.name,
      slug: slug.mayVary ? freeSlug(slug.value, taken) : slug.value,
      vendor: given.vendor,
      service: given.service,
      region: given.region,
      ...upstream,
      state: 'open',
      mode: given.mode ?? 'enforce',
      origins,
      owner: given.owner ?? by.actor.name,
      contract_id: newId(platform.clock, platform.random),
      contract_version: 1,
      revision: 1,
      created_at: now,
      created_by: by.actor.name,
    })
    .onConflict((conflict) => conflict.column('slug').doNothing())
    .executeTakeFirst();
  if (inserted.numInsertedOrUpdatedRows === 0n) {
    const message = 'another connection, or a route, has this path prefix; take another';
    throw new Problem(409, 'slug_taken', `slug: ${message}`, [{ field: 'slug', message }]);
  }
  await rows
    .insertInto('contract_version')
    .values({
      connection: id,
      version: 1,
      rules: JSON.stringify(rules),
      author: by.actor.name,
      reason: by.reason,
      created_at: now,
    })
    .execute();
  return id;
}

interface ChangePlan {
  columns: Parameters<typeof writeConnection>[2];
  changed: string[];
  /** Where it goes after it. */
  upstream: ConnectionPlan['upstream'];
  /** The credential was bound to what is changed. */
  rebinds: boolean;
}

function planChange(row: ConnectionRow, given: ConnectionChange): ChangePlan {
  const columns: ChangePlan['columns'] = {};
  const changed: string[] = [];
  let rebinds = false;
  let to = upstreamOf(row);
  if (given.name !== undefined && given.name !== row.name) {
    columns.name = given.name;
    changed.push('name');
  }
  if (given.owner !== undefined && given.owner !== row.owner) {
    columns.owner = given.owner;
    changed.push('owner');
  }
  if (given.state === 'open' && row.held_by.length > 0) {
    throw new Problem(
      409,
      'severance_holds',
      'A severance holds this connection cut off. Reopen the severance; the connection opens with it.',
      undefined,
      { severances: row.held_by },
    );
  }
  if (given.state !== undefined && given.state !== row.own_state) {
    columns.state = given.state;
    changed.push('state');
  }
  if (given.mode !== undefined && given.mode !== row.mode) {
    columns.mode = given.mode;
    changed.push('mode');
  }
  if (given.origins !== undefined) {
    const origins = checkedOrigins(given.origins);
    if (!isDeepStrictEqual(origins, row.origins)) {
      columns.origins = origins;
      changed.push('origins');
    }
  }
  if (given.upstream !== undefined) {
    const upstream = checkedUpstream(given.upstream);
    if (!isDeepStrictEqual(upstream, upstreamOf(row))) {
      Object.assign(columns, upstream);
      to = upstream;
      changed.push('upstream');
      rebinds ||= isElsewhere(upstream, upstreamOf(row));
    }
  }
  return { columns, changed, rebinds, upstream: to };
}

function actOf(given: ConnectionChange, changed: readonly string[]): string {
  if (changed.length === 1 && changed[0] === 'mode') return 'connection.mode';
  if (!changed.includes('state')) return 'connection.change';
  return given.state === 'severed' ? 'connection.sever' : 'connection.open';
}

function serviceOf(catalogue: Catalogue, row: ConnectionRow): Service {
  const service = catalogue.service(row.vendor, row.service);
  if (service !== undefined) return service;
  throw new Problem(
    409,
    'pack_missing',
    `The pack of ${row.vendor} no longer has the service "${row.service}". Put the pack back first.`,
  );
}
