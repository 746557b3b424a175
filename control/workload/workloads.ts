import type { JWTVerifyGetKey } from 'jose';
import type { Apps } from '../apps/index.ts';
import { networkOf } from '../identity/index.ts';
import {
  type By,
  invalid,
  newId,
  notFound,
  type OutboundNetwork,
  type Platform,
  Problem,
  recordChange,
} from '../platform/index.ts';
import { createIssuerKeys, keysFrom, wrongKeySet } from './issuer-keys.ts';
import type { ExchangedKey, NewWorkload, WorkloadView } from './schemas.ts';
import { wrongPattern } from './subject.ts';
import type { WorkloadTables } from './tables.ts';
import { countInMinute } from './throttle.ts';
import { refused, verifyWorkload, type Workload, WorkloadTokenError } from './verify.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 3600_000;
const SWEEP_MS = 10 * MINUTE_MS;

export interface WorkloadsDeps {
  platform: Platform;
  apps: Pick<Apps, 'get' | 'createKey' | 'revokeKey'>;
  /** The connections that there are, by id. */
  connections(): Promise<readonly { id: string }[]>;
  /** What reaching issuers needs from this machine. */
  network: OutboundNetwork;
  /** Puts into force what was changed. */
  publish(): Promise<void>;
}

/** Whose tokens apps exchange for virtual keys, and the exchange. */
export interface Workloads {
  of(app: string): Promise<WorkloadView[]>;
  /** Throws Problem 404 for an unknown app, 422 that names the field. */
  add(app: string, given: NewWorkload, by: By): Promise<WorkloadView>;
  /** Takes an entry away, and revokes the keys that were made of it. Throws Problem 404. */
  remove(app: string, id: string, by: By): Promise<void>;
  /**
   * Makes a key of a token. A token may be exchanged again while its time lasts: what runs many times shares one, and it
   * is given away here alone. Throws Problem 401 `wrong_workload_token` that says why, 429 with `retryAfter` in seconds,
   * 503 where the issuer's keys can't be read.
   */
  exchange(id: string, token: string, address: string): Promise<ExchangedKey>;
}

type Row = WorkloadTables['workload_trust'];

export function createWorkloads(deps: WorkloadsDeps): Workloads {
  const { platform, apps } = deps;
  const db = platform.db.withTables<WorkloadTables>();
  const now = () => platform.clock.now();
  const issuers = createIssuerKeys(deps.network, now);
  const entered = new Map<string, JWTVerifyGetKey>();
  let sweptAt = Number.NEGATIVE_INFINITY;

  const living = () => db.selectFrom('workload_trust').selectAll().where('removed_at', 'is', null);

  function keysOf(row: Row): JWTVerifyGetKey {
    if (row.jwks === null) return issuers.of(row.issuer, row.private);
    // Entries do not change: what was read of one holds for as long as it is there.
    const keys = entered.get(row.id) ?? keysFrom(row.jwks);
    entered.set(row.id, keys);
    return keys;
  }

  async function note(row: Row, error: WorkloadTokenError): Promise<void> {
    await db
      .updateTable('workload_trust')
      .set({ last_refused_at: new Date(now()), last_refused_why: error.code })
      .where('id', '=', row.id)
      .execute();
    platform.log.warn({ workload: row.id, why: error.code }, 'a workload’s token was refused');
  }

  async function verified(row: Row, token: string): Promise<Workload> {
    try {
      return await verifyWorkload(token, row, keysOf(row), now());
    } catch (error) {
      if (!(error instanceof WorkloadTokenError)) throw error;
      await note(row, error);
      if (error.code === 'issuer_away') throw new Problem(503, 'issuer_away', error.message);
      throw wrongToken(error);
    }
  }

  /** Keys that expired a day ago, and counts of minutes that are over. */
  async function sweep(): Promise<void> {
    if (now() - sweptAt < SWEEP_MS) return;
    sweptAt = now();
    await db
      .deleteFrom('virtual_key')
      .where('workload', 'is not', null)
      .where('expires_at', '<', new Date(now() - DAY_MS))
      .execute();
    await db
      .deleteFrom('workload_throttle')
      .where('minute', '<', new Date(now() - MINUTE_MS))
      .execute();
  }

  return {
    async of(app) {
      await apps.get(app);
      const rows = await living().where('app', '=', app).orderBy('created_at').orderBy('id').execute();
      return rows.map(viewOf);
    },

    async add(app, given, by) {
      await apps.get(app);
      checkEntry(given);
      const known = new Set((await deps.connections()).map(({ id }) => id));
      const unknown = given.connections.findIndex((id) => !known.has(id));
      if (unknown >= 0) {
        throw invalid(
          `connections.${unknown}`,
          'there is no such connection; GET /connections lists what there is',
        );
      }
      const { name, issuer, audience, subject, minutes } = given;
      const connections = [...new Set(given.connections)];
      const row: Row = {
        id: newId(platform.clock, platform.random),
        app,
        ...{ name, issuer, audience, subject, connections, minutes, private: given.private },
        jwks: given.jwks ?? null,
        created_at: new Date(now()),
        created_by: by.actor.name,
        last_used_at: null,
        exchanges: 0,
        last_refused_at: null,
        last_refused_why: null,
        removed_at: null,
      };
      await platform.db.transaction().execute(async (tx) => {
        await tx
          .withTables<WorkloadTables>()
          .insertInto('workload_trust')
          .values({ ...row, jwks: given.jwks === undefined ? null : JSON.stringify(given.jwks) })
          .execute();
        await recordChange(tx, platform, {
          ...by,
          act: 'workload.add',
          subject: { kind: 'app', id: app },
          detail: {
            workload: row.id,
            ...{ name, issuer, audience, subject, connections, minutes },
            keys: row.jwks === null ? 'of the issuer' : 'entered',
          },
        });
      });
      return viewOf(row);
    },

    async remove(app, id, by) {
      const row = await living().where('id', '=', id).where('app', '=', app).executeTakeFirst();
      if (row === undefined) throw notFound('workload');
      await platform.db.transaction().execute(async (tx) => {
        const removed = await tx
          .withTables<WorkloadTables>()
          .updateTable('workload_trust')
          .set({ removed_at: new Date(now()) })
          .where('id', '=', id)
          .where('removed_at', 'is', null)
          .executeTakeFirst();
        if (removed.numUpdatedRows === 0n) return;
        await recordChange(tx, platform, {
          ...by,
          act: 'workload.remove',
          subject: { kind: 'app', id: app },
          detail: { workload: id, name: row.name },
        });
      });
      const alive = await db
        .selectFrom('virtual_key')
        .select('id')
        .where('workload', '=', id)
        .where('revoked_at', 'is', null)
        .where('expires_at', '>', new Date(now()))
        .execute();
      for (const key of alive) await apps.revokeKey(key.id, by);
      entered.delete(id);
    },

    async exchange(id, token, address) {
      await expectHeard('address', networkOf(address));
      const row = await living().where('id', '=', id).executeTakeFirst();
      if (row === undefined) throw noEntry();
      const { subject } = await verified(row, token);
      await expectHeard('workload', row.id);
      await sweep();
      const by = {
        actor: { id: `workload:${row.id}`, name: row.name },
        reason: `Exchanged for a token of ${subject}`.slice(0, 500),
      };
      const made = await apps.createKey(
        row.app,
        {
          kind: 'secret',
          connections: row.connections,
          expiresAt: new Date(now() + row.minutes * MINUTE_MS).toISOString(),
        },
        by,
      );
      await db.updateTable('virtual_key').set({ workload: row.id }).where('id', '=', made.id).execute();
      const used = await db
        .updateTable('workload_trust')
        .set((of) => ({ last_used_at: new Date(now()), exchanges: of('exchanges', '+', 1) }))
        .where('id', '=', row.id)
        .where('removed_at', 'is', null)
        .executeTakeFirst();
      if (used.numUpdatedRows === 0n) {
        // Ended meanwhile: who ended it may have looked for keys before this one was there.
        await apps.revokeKey(made.id, by);
        throw noEntry();
      }
      await deps.publish();
      return {
        id: made.id,
        key: made.key,
        connections: made.connections,
        expiresAt: made.expiresAt ?? new Date(now()).toISOString(),
      };
    },
  };

  async function expectHeard(kind: 'address' | 'workload', of: string): Promise<void> {
    const wait = await countInMinute(platform, kind, of);
    if (wait === null) return;
    throw new Problem(
      429,
      'too_many_exchanges',
      `Too many exchanges in this minute. Try again in ${wait} s, and keep a key for as long as it works.`,
      undefined,
      { retryAfter: wait },
    );
  }
}

const noEntry = (): Problem =>
  new Problem(401, 'wrong_workload_token', 'There is no such entry: name the id of one that the app has.');

const wrongToken = (why: WorkloadTokenError): Problem =>
  new Problem(401, 'wrong_workload_token', why.message, undefined, { why: why.code });

/** Throws Problem 422 that names the field. */
function checkEntry(given: NewWorkload): void {
  const pattern = wrongPattern(given.subject);
  if (pattern !== null) throw invalid('subject', pattern);
  if (given.jwks !== undefined) {
    const wrong = wrongKeySet(given.jwks);
    if (wrong !== null) throw invalid('jwks', wrong);
    return;
  }
  const isAddress = URL.canParse(given.issuer) && /^https:\/\/[^?#@]+$/.test(given.issuer);
  if (!isAddress) {
    throw invalid(
      'issuer',
      'is no https address without user, query and fragment, so it can not be asked for its keys: enter them as jwks',
    );
  }
}

function viewOf(row: Row): WorkloadView {
  const { id, app, name, issuer, audience, subject, connections, minutes } = row;
  return {
    ...{ id, app, name, issuer, audience, subject, connections, minutes },
    keys: row.jwks === null ? 'of the issuer' : 'entered',
    private: row.private,
    createdAt: row.created_at.toISOString(),
    createdBy: row.created_by,
    exchanges: Number(row.exchanges),
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
    lastRefusedAt: row.last_refused_at?.toISOString() ?? null,
    lastRefusedWhy: row.last_refused_why === null ? null : reasonOf(row.last_refused_why),
  };
}

/** A stored code as a sentence; one of a later build stays as it is. */
const reasonOf = (code: string): string => refused(code as WorkloadTokenError['code']).message || code;
