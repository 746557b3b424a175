import { timingSafeEqual } from 'node:crypto';
import { apiTokenId, formApiToken, hashVirtualKey } from '@drawbridge/protocol';
import { expectMayTouchPerson, findPerson, isActive, permissionsOf } from '../identity/index.ts';
import {
  type Action,
  type By,
  type Caller,
  actions as catalogue,
  invalid,
  notFound,
  type Platform,
  Problem,
  recordChange,
  type Tx,
} from '../platform/index.ts';
import type { NewToken, ShownToken, TokenView } from './schemas.ts';
import type { TokenTables } from './tables.ts';

const DAY_MS = 24 * 3600_000;
const MINUTE_MS = 60_000;
/** Tokens that work, per person: more are hardly told apart. */
const MOST_TOKENS = 50;
const RANDOM_BYTES = 42;

/** Tokens that programs call the API with, in the name of the person who made them. */
export interface Tokens {
  /** A person's tokens that work or that ended within 30 days, newest first. */
  of(person: string): Promise<TokenView[]>;
  /** Makes a token. Its text is in this answer and nowhere else. Throws Problem 422 for what the maker may not do. */
  make(maker: Caller, given: NewToken, by: By): Promise<ShownToken>;
  /**
   * Revokes a token; revoking it again changes nothing. Throws Problem 404 for one that is not this person's, 403
   * `owner_needed` where an owner's is touched by who is none.
   */
  revoke(id: string, of: { person: string }, by: By & { actor: Caller }): Promise<void>;
  /**
   * Revokes all of a person who is not let in any more, or whose factors were taken: they must not work again for who is
   * asked in anew, nor for whoever had the factors.
   */
  revokeAllOf(tx: Tx, person: string, by: By): Promise<void>;
  /**
   * Who a token speaks for: it may do what it was made for and its person may still do. Null, for all causes alike, of one
   * that is none, unknown, revoked or over, or whose person may not be let in.
   */
  caller(token: string, address: string): Promise<Caller | null>;
}

export function createTokens(platform: Platform): Tokens {
  const db = platform.db.withTables<TokenTables>();

  /** Those that were not revoked before, each on record. */
  async function end(tx: Tx, which: { person: string; id?: string }, by: By): Promise<void> {
    let statement = tx
      .withTables<TokenTables>()
      .updateTable('api_token')
      .set({ revoked_at: new Date(platform.clock.now()), revoked_by: by.actor.id })
      .where('person', '=', which.person)
      .where('revoked_at', 'is', null);
    if (which.id !== undefined) statement = statement.where('id', '=', which.id);
    for (const { id } of await statement.returning('id').execute())
      await recordChange(tx, platform, {
        ...by,
        act: 'token.revoke',
        subject: { kind: 'token', id },
        detail: { person: which.person },
      });
  }

  return {
    async of(person) {
      const rows = await db
        .selectFrom('api_token')
        .selectAll()
        .where('person', '=', person)
        .where('expires_at', '>', new Date(platform.clock.now() - 30 * DAY_MS))
        .orderBy('created_at', 'desc')
        .orderBy('id')
        .limit(500)
        .execute();
      return rows.map((row) => viewOf(row, platform.clock.now()));
    },

    async make(maker, given, by) {
      const asked = [...new Set(given.actions)];
      asked.forEach((action, index) => {
        checkScope(maker, action, index);
      });
      const now = platform.clock.now();
      const formed = formApiToken(platform.random.bytes(RANDOM_BYTES));
      const row = {
        id: formed.id,
        person: maker.id,
        name: given.name,
        actions: asked,
        created_at: new Date(now),
        expires_at: new Date(now + given.days * DAY_MS),
        last_used_at: null,
        last_used_address: null,
        revoked_at: null,
        revoked_by: null,
      };
      await platform.db.transaction().execute(async (tx) => {
        const rows = tx.withTables<TokenTables>();
        const { count } = await rows
          .selectFrom('api_token')
          .select((eb) => eb.fn.countAll<number>().as('count'))
          .where('person', '=', maker.id)
          .where('revoked_at', 'is', null)
          .where('expires_at', '>', new Date(now))
          .executeTakeFirstOrThrow();
        if (Number(count) >= MOST_TOKENS) {
          throw new Problem(
            409,
            'too_many_tokens',
            `You have ${MOST_TOKENS} tokens that work. Revoke one that nothing uses any more.`,
          );
        }
        await rows
          .insertInto('api_token')
          .values({ ...row, hash: formed.hash })
          .execute();
        await recordChange(tx, platform, {
          ...by,
          act: 'token.create',
          subject: { kind: 'token', id: row.id },
          detail: { person: maker.id, actions: asked, expiresAt: row.expires_at.toISOString() },
        });
      });
      return { ...viewOf(row, now), token: formed.key };
    },

    async revoke(id, of, by) {
      const known = await db.selectFrom('api_token').select('person').where('id', '=', id).executeTakeFirst();
      if (known === undefined || known.person !== of.person) throw notFound('token');
      await platform.db.transaction().execute(async (tx) => {
        await expectMayTouchPerson(tx, by.actor, of.person);
        await end(tx, { id, person: of.person }, by);
      });
    },

    revokeAllOf: (tx, person, by) => end(tx, { person }, by),

    async caller(token, address) {
      const id = apiTokenId(token);
      if (id === null) return null;
      const row = await db.selectFrom('api_token').selectAll().where('id', '=', id).executeTakeFirst();
      if (row === undefined || !timingSafeEqual(row.hash, hashVirtualKey(token))) return null;
      const now = platform.clock.now();
      if (row.revoked_at !== null || row.expires_at.getTime() <= now) return null;
      const person = await findPerson(platform.db, row.person);
      if (person === null || !isActive(person, now)) return null;
      const rights = permissionsOf(person.roles);
      const seen = row.last_used_at?.getTime() ?? Number.NEGATIVE_INFINITY;
      if (now - seen >= MINUTE_MS || row.last_used_address !== address) {
        await db
          .updateTable('api_token')
          .set({ last_used_at: new Date(now), last_used_address: address })
          .where('id', '=', row.id)
          .execute();
      }
      return {
        id: row.person,
        name: person.name,
        via: { kind: 'token', id: row.id },
        kind: 'token',
        roles: person.roles,
        level: 2,
        steppedUpAt: null,
        actions: new Set(row.actions.filter((action) => rights.actions.has(action))),
        ownActions: new Set(row.actions.filter((action) => rights.ownActions.has(action))),
      };
    },
  };
}

function checkScope(maker: Caller, action: Action, index: number): void {
  if (!maker.actions.has(action) && !maker.ownActions.has(action)) {
    throw invalid(
      `actions.${index}`,
      `your own roles do not permit ${action}, so a token of yours can not do it either`,
    );
  }
  const { sensitive } = catalogue[action] as { sensitive?: true };
  if (sensitive === true) {
    throw invalid(
      `actions.${index}`,
      `${action} asks for a factor used within five minutes, which a token has not: do it in the console`,
    );
  }
}

function viewOf(row: Omit<TokenTables['api_token'], 'hash'>, now: number): TokenView {
  const isOver = row.expires_at.getTime() <= now;
  return {
    id: row.id,
    name: row.name,
    actions: row.actions,
    state: row.revoked_at !== null ? 'revoked' : isOver ? 'expired' : 'works',
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
    lastUsedAddress: row.last_used_address,
    revokedAt: row.revoked_at?.toISOString() ?? null,
  };
}
