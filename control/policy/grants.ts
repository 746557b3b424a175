import { type Names, nameAll } from '../crossings/index.ts';
import {
  type By,
  invalid,
  newId,
  notFound,
  type Platform,
  Problem,
  recordChange,
  type Tx,
} from '../platform/index.ts';
import { readPolicy } from './engine.ts';
import type { AccessRequestView, GrantView, RefusalView } from './schemas.ts';
import { readActive } from './store.ts';
import type { PolicyTables } from './tables.ts';

/** An exception that stands now. */
export interface StandingGrant {
  policy: string;
  app: string;
  connection: string;
}

/** A crossing that policies refused. */
export interface Refusal {
  app: string;
  connection: string;
  policies: readonly string[];
}

export interface GrantDeps {
  platform: Platform;
  names: Names;
  /** Null: there is no such crossing, or no policy refused it. */
  refusalOf: (crossing: string) => Promise<Refusal | null>;
}

/** Requests for access after a refusal, and the exceptions that come of them. Every write is recorded, and told as `policies`. */
export interface Grants {
  /** Open ones first, then the newest; at most 200. */
  requests(query: {
    crossing?: string | undefined;
    state?: 'open' | undefined;
  }): Promise<AccessRequestView[]>;
  /** What refused a crossing. Throws Problem 404 where no policy did, or there is no such crossing. */
  refusal(crossing: string): Promise<RefusalView>;
  /** Throws Problem 409 `not_refused_by_policy`, or 409 `already_asked` while one for the same is open. */
  ask(crossing: string, by: By): Promise<AccessRequestView>;
  /** Excepts app and connection. `ownOnly`: as their owner. Throws Problem 404, 403 `own_request`, 409, 422. */
  grant(id: string, until: string, by: By & { ownOnly?: boolean }): Promise<AccessRequestView>;
  /** Throws Problem 404, 409 `decided`. */
  refuse(id: string, by: By): Promise<AccessRequestView>;
  /** Exceptions: those in force first, then the latest; at most 200. */
  list(): Promise<GrantView[]>;
  /** Ends one now. Throws Problem 404, 409 `already_over`. */
  end(id: string, by: By): Promise<GrantView>;
}

const SHOWN = 200;
const LONGEST_MS = 90 * 24 * 3600_000;

/** Those that stand at a time. */
export async function readGrants(db: Platform['db'] | Tx, now: Date): Promise<StandingGrant[]> {
  return db
    .withTables<PolicyTables>()
    .selectFrom('policy_grant')
    .select(['policy', 'app', 'connection'])
    .where('ended_at', 'is', null)
    .where('until', '>', now)
    .execute();
}

type RequestRow = PolicyTables['access_request'];
type GrantRow = PolicyTables['policy_grant'];

export function createGrants({ platform, names, refusalOf }: GrantDeps): Grants {
  const now = () => new Date(platform.clock.now());

  async function write<Result>(work: (tx: Tx) => Promise<Result>): Promise<Result> {
    const result = await platform.db.transaction().execute(work);
    platform.events.publish('policies');
    return result;
  }

  async function lockRequest(tx: Tx, id: string): Promise<RequestRow> {
    const row = await tx
      .withTables<PolicyTables>()
      .selectFrom('access_request')
      .selectAll()
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirst();
    if (row === undefined) throw notFound('request for access');
    if (row.state === 'open') return row;
    throw new Problem(409, 'decided', `${row.decided_by_name} decided it already: it is ${row.state}.`);
  }

  async function decide(tx: Tx, row: RequestRow, state: 'granted' | 'refused', by: By): Promise<void> {
    await tx
      .withTables<PolicyTables>()
      .updateTable('access_request')
      .set({ state, decided_by_name: by.actor.name, decided_at: now(), decision_reason: by.reason })
      .where('id', '=', row.id)
      .execute();
  }

  async function viewOne(id: string): Promise<AccessRequestView> {
    const rows = await selectRequests(platform).where('id', '=', id).execute();
    const [view] = await viewRequests(platform, names, rows);
    if (view === undefined) throw notFound('request for access');
    return view;
  }

  return {
    async requests({ crossing, state }) {
      let query = selectRequests(platform);
      if (crossing !== undefined) query = query.where('crossing', '=', crossing);
      if (state !== undefined) query = query.where('state', '=', state);
      const rows = await query
        .orderBy((eb) => eb('state', '=', 'open'), 'desc')
        .orderBy('asked_at', 'desc')
        .limit(SHOWN)
        .execute();
      return viewRequests(platform, names, rows);
    },

    async refusal(crossing) {
      const found = await refusalOf(crossing);
      if (found === null) throw notFound('crossing that a policy refused');
      const [named, titles] = await Promise.all([nameAll(names, [found]), titlesOf(platform)]);
      return {
        crossing,
        app: named.app(found.app),
        connection: named.connection(found.connection),
        policies: found.policies.map((name) => ({
          name,
          ...(titles.get(name) ?? { title: name, exceptions: false }),
        })),
      };
    },

    async ask(crossing, by) {
      const refusal = await refusalOf(crossing);
      if (refusal === null || refusal.policies.length === 0) {
        throw new Problem(
          409,
          'not_refused_by_policy',
          'No policy refused this crossing, so there is nothing to be excepted from. Its page says why it was refused.',
        );
      }
      const { app, connection } = refusal;
      const policies = [...refusal.policies].sort();
      const id = newId(platform.clock, platform.random);
      await write(async (tx) => {
        const inserted = await tx
          .withTables<PolicyTables>()
          .insertInto('access_request')
          .values({
            id,
            crossing,
            app,
            connection,
            policies,
            asked_by: by.actor.id,
            asked_by_name: by.actor.name,
            asked_at: now(),
            reason: by.reason,
            state: 'open',
          })
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst();
        if (inserted.numInsertedOrUpdatedRows === 0n) {
          throw new Problem(
            409,
            'already_asked',
            'Somebody asked for the same already, and nobody decided yet: the request is on the page of policies.',
          );
        }
        await recordChange(tx, platform, {
          ...by,
          act: 'access.ask',
          subject: { kind: 'access_request', id },
          detail: { crossing, app, connection, policies },
        });
      });
      return viewOne(id);
    },

    async grant(id, until, { ownOnly = false, ...by }) {
      const end = new Date(until);
      if (end <= now()) throw invalid('until', 'lies in the past; give a time that is still to come');
      if (end.getTime() > now().getTime() + LONGEST_MS) {
        throw invalid('until', 'is more than 90 days away; an exception lasts at most 90 days');
      }
      await write(async (tx) => {
        const row = await lockRequest(tx, id);
        if (ownOnly && row.asked_by === by.actor.id)
          throw new Problem(403, 'own_request', 'You asked for it yourself: somebody else has to decide.');
        await expectExceptions(tx, row.policies);
        for (const policy of row.policies) {
          await tx
            .withTables<PolicyTables>()
            .insertInto('policy_grant')
            .values({
              id: newId(platform.clock, platform.random),
              policy,
              app: row.app,
              connection: row.connection,
              until: end,
              request: id,
              granted_at: now(),
              granted_by: by.actor.name,
              reason: by.reason,
            })
            .execute();
        }
        await decide(tx, row, 'granted', by);
        await recordChange(tx, platform, {
          ...by,
          act: 'access.grant',
          subject: { kind: 'access_request', id },
          detail: {
            app: row.app,
            connection: row.connection,
            policies: row.policies,
            until: end.toISOString(),
          },
        });
      });
      return viewOne(id);
    },

    async refuse(id, by) {
      await write(async (tx) => {
        const row = await lockRequest(tx, id);
        await decide(tx, row, 'refused', by);
        const { app, connection, policies } = row;
        await recordChange(tx, platform, {
          ...by,
          act: 'access.refuse',
          subject: { kind: 'access_request', id },
          detail: { app, connection, policies },
        });
      });
      return viewOne(id);
    },

    async list() {
      const rows = await platform.db
        .withTables<PolicyTables>()
        .selectFrom('policy_grant')
        .selectAll()
        .orderBy((eb) => eb.and([eb('ended_at', 'is', null), eb('until', '>', now())]), 'desc')
        .orderBy('granted_at', 'desc')
        .orderBy('id')
        .limit(SHOWN)
        .execute();
      return viewGrants(platform, names, rows);
    },

    async end(id, by) {
      const row = await write(async (tx) => {
        const ended = await tx
          .withTables<PolicyTables>()
          .updateTable('policy_grant')
          .set({ ended_at: now(), ended_by: by.actor.name })
          .where('id', '=', id)
          .where('ended_at', 'is', null)
          .where('until', '>', now())
          .returningAll()
          .executeTakeFirst();
        if (ended === undefined) throw await overOrUnknown(tx, id);
        const { policy, app, connection } = ended;
        await recordChange(tx, platform, {
          ...by,
          act: 'access.end',
          subject: { kind: 'policy_grant', id },
          detail: { policy, app, connection },
        });
        return ended;
      });
      const [view] = await viewGrants(platform, names, [row]);
      if (view === undefined) throw notFound('exception');
      return view;
    },
  };
}

async function overOrUnknown(tx: Tx, id: string): Promise<Problem> {
  const row = await tx
    .withTables<PolicyTables>()
    .selectFrom('policy_grant')
    .select('id')
    .where('id', '=', id)
    .executeTakeFirst();
  if (row === undefined) return notFound('exception');
  return new Problem(409, 'already_over', 'It is over already; nothing was changed.');
}

/** Throws Problem 409 where a policy is not in force any more, or its text lets nobody be excepted. */
async function expectExceptions(tx: Tx, policies: readonly string[]): Promise<void> {
  const active = new Map((await readActive(tx)).map((row) => [row.name, row]));
  for (const name of policies) {
    const row = active.get(name);
    if (row === undefined) {
      throw new Problem(
        409,
        'policy_not_in_force',
        `The policy ${name} is not in force any more: try the request again, nothing needs to be granted for it.`,
      );
    }
    const read = readPolicy(name, row.text);
    if ('policy' in read && read.policy.exceptions) continue;
    throw new Problem(
      409,
      'no_exceptions',
      `The policy “${row.title}” lets nobody be excepted. Its text would have to say so: unless { context.grants.contains(${JSON.stringify(name)}) }.`,
    );
  }
}

function selectRequests({ db }: Platform) {
  return db.withTables<PolicyTables>().selectFrom('access_request').selectAll();
}

async function titlesOf({ db }: Platform): Promise<Map<string, { title: string; exceptions: boolean }>> {
  const rows = await db
    .withTables<PolicyTables>()
    .selectFrom('policy')
    .innerJoin('policy_version as v', 'v.policy', 'policy.name')
    .select(['policy.name', 'v.title', 'v.text'])
    .where((eb) => eb('v.version', '=', eb.fn.coalesce('policy.active', 'policy.version')))
    .execute();
  return new Map(
    rows.map(({ name, title, text }) => {
      const read = readPolicy(name, text);
      return [name, { title, exceptions: 'policy' in read && read.policy.exceptions }];
    }),
  );
}

async function viewRequests(
  platform: Platform,
  names: Names,
  rows: readonly RequestRow[],
): Promise<AccessRequestView[]> {
  const [titles, named] = await Promise.all([titlesOf(platform), nameAll(names, rows)]);
  const granted = rows.filter(({ state }) => state === 'granted').map(({ id }) => id);
  const ends = granted.length === 0 ? new Map<string, Date>() : await endsOf(platform, granted);
  return rows.map((row) => ({
    id: row.id,
    crossing: row.crossing,
    app: named.app(row.app),
    connection: named.connection(row.connection),
    policies: row.policies.map((name) => ({
      name,
      ...(titles.get(name) ?? { title: name, exceptions: false }),
    })),
    askedBy: row.asked_by_name,
    askedAt: row.asked_at.toISOString(),
    reason: row.reason,
    state: row.state,
    decidedBy: row.decided_by_name,
    decidedAt: row.decided_at?.toISOString() ?? null,
    decisionReason: row.decision_reason,
    until: ends.get(row.id)?.toISOString() ?? null,
  }));
}

/** When the exceptions of requests end, or ended. */
async function endsOf({ db }: Platform, requests: readonly string[]): Promise<Map<string, Date>> {
  const rows = await db
    .withTables<PolicyTables>()
    .selectFrom('policy_grant')
    .select(['request', 'until', 'ended_at'])
    .where('request', 'in', [...requests])
    .execute();
  return new Map(
    rows.flatMap((row) => (row.request === null ? [] : [[row.request, row.ended_at ?? row.until]])),
  );
}

async function viewGrants(platform: Platform, names: Names, rows: readonly GrantRow[]): Promise<GrantView[]> {
  const [titles, named] = await Promise.all([titlesOf(platform), nameAll(names, rows)]);
  return rows.map((row) => ({
    id: row.id,
    policy: { name: row.policy, title: titles.get(row.policy)?.title ?? row.policy },
    app: named.app(row.app),
    connection: named.connection(row.connection),
    until: row.until.toISOString(),
    inForce: row.ended_at === null && row.until.getTime() > platform.clock.now(),
    grantedBy: row.granted_by,
    grantedAt: row.granted_at.toISOString(),
    reason: row.reason,
    endedAt: row.ended_at?.toISOString() ?? null,
    endedBy: row.ended_by,
  }));
}
