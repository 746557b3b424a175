import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash } from 'node:crypto';
import { EnvelopeError, unwrap, wrap } from '@drawbridge/envelope';
import type { Context, MiddlewareHandler } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { z } from 'zod';
import type { Random } from './clock.ts';
import type { Tx } from './database.ts';
import type { HttpEnv } from './http.ts';
import type { Platform } from './platform.ts';
import { Problem } from './problem.ts';

/**
 * A POST with an `Idempotency-Key` is done once. The key is claimed before the work; the work's own transaction marks
 * it done (through `recordChange`), so that a crash at any moment leaves either nothing done and a claim that ends, or
 * the work done and the key known as done. Answers are kept for a day and given again to the same request. An answer
 * that shows a key once is kept sealed under a key of this process's memory: after a restart, or from another control
 * process, the repetition hears that it was done, and the key stays shown once.
 */
interface IdempotencyOptions {
  /** A keyed hash of 32 bytes (the request's digest), the same in every control process: bodies may hold credentials. */
  hashRequest(digest: Buffer): Promise<Buffer>;
}

type IdempotencyTables = {
  idempotency: {
    actor: string;
    key: string;
    request_hash: string;
    status: number | null;
    response: Buffer | null;
    created_at: Date;
  };
};

interface Claim {
  actor: string;
  key: string;
  at: Date;
}

const KEY = /^[\x21-\x7e]{8,200}$/;
const CLAIM_MS = 60_000;
const KEPT_MS = 24 * 3600_000;
const SWEEP_MS = 10 * 60_000;

const claims = new AsyncLocalStorage<Claim>();

/**
 * Marks the running request as done, in the transaction that does it. Throws where the request took so long that
 * another one took its claim over: then this transaction must not commit.
 */
export async function markDone(tx: Tx): Promise<void> {
  const claim = claims.getStore();
  if (claim === undefined) return;
  const marked = await tx
    .withTables<IdempotencyTables>()
    .updateTable('idempotency')
    .set({ status: 200 })
    .where('actor', '=', claim.actor)
    .where('key', '=', claim.key)
    .where('created_at', '=', claim.at)
    .executeTakeFirst();
  if (marked.numUpdatedRows === 0n) throw inProgress();
}

/** Comes after the middleware that sets the actor. */
export function idempotency(platform: Platform, options: IdempotencyOptions): MiddlewareHandler<HttpEnv> {
  const store = claimStore(platform);
  const sealer = memorySealer(platform.random);

  return async (c, next) => {
    const key = c.req.method === 'POST' ? c.req.header('idempotency-key') : undefined;
    if (key === undefined) {
      await next();
      return;
    }
    if (!KEY.test(key)) {
      const message =
        'An Idempotency-Key has 8 to 200 visible ASCII characters; a random UUID is a good one.';
      throw new Problem(400, 'invalid_request', message, [{ field: 'Idempotency-Key', message }]);
    }
    const claim: Claim = { actor: c.get('actor').id, key, at: new Date(platform.clock.now()) };
    const hash = await hashOf(c, options);
    const earlier = await store.claim(claim, hash);
    if (earlier !== null) return repeated(c, earlier, hash, (bytes) => sealer.open(bytes, claim));

    await claims.run(claim, next);
    if (!c.res.ok) {
      await store.release(claim);
      return;
    }
    const answer = await written(c);
    await store.keep(
      claim,
      c.res.status,
      c.get('shownOnce') === true ? sealer.seal(answer, claim) : plain(answer),
    );
  };
}

async function hashOf(c: Context<HttpEnv>, options: IdempotencyOptions): Promise<string> {
  const digest = createHash('sha256')
    .update(`${new URL(c.req.url).pathname}\n${c.req.header('x-drawbridge-reason') ?? ''}\n`)
    .update(new Uint8Array(await c.req.arrayBuffer()))
    .digest();
  return (await options.hashRequest(digest)).toString('base64url');
}

interface Earlier {
  request_hash: string;
  status: number | null;
  response: Buffer | null;
}

function repeated(
  c: Context<HttpEnv>,
  earlier: Earlier,
  hash: string,
  open: (bytes: Buffer) => Buffer | null,
): Response {
  if (earlier.request_hash !== hash) {
    throw new Problem(
      422,
      'idempotency_key_reused',
      'This Idempotency-Key came with another request before. Take a new one for each thing to be done.',
    );
  }
  if (earlier.status === null) throw inProgress();
  const answer = earlier.response === null ? null : open(earlier.response);
  if (answer === null) {
    throw new Problem(
      409,
      'already_done',
      'This was done already. Its answer is not given again: if it showed a key, the key was shown once. Look in the list; revoke a key that was lost, and make another.',
    );
  }
  const { headers, body } = AnswerSchema.parse(JSON.parse(answer.toString('utf8')));
  return c.body(body, earlier.status as ContentfulStatusCode, { ...headers, 'idempotency-replayed': 'true' });
}

const inProgress = (): Problem =>
  new Problem(409, 'in_progress', 'The same request is still being worked on. Try again in a moment.');

const KEPT_HEADERS = ['content-type', 'etag', 'location'];
const AnswerSchema = z.object({ headers: z.record(z.string(), z.string()), body: z.string() });

async function written(c: Context<HttpEnv>): Promise<Buffer> {
  const headers = Object.fromEntries(
    KEPT_HEADERS.flatMap((name) => {
      const value = c.res.headers.get(name);
      return value === null ? [] : [[name, value]];
    }),
  );
  return Buffer.from(JSON.stringify({ headers, body: await c.res.clone().text() }));
}

const PLAIN = 0;
const SEALED = 1;
const plain = (answer: Buffer): Buffer => Buffer.concat([Buffer.of(PLAIN), answer]);

/** Seals under a key that is never stored: what it sealed ends with the process. */
function memorySealer(random: Random) {
  const secret = random.bytes(32);
  const context = (claim: Claim) => Buffer.from(JSON.stringify([claim.actor, claim.key]));
  return {
    seal: (answer: Buffer, claim: Claim): Buffer =>
      Buffer.concat([Buffer.of(SEALED), wrap(secret, answer, context(claim), random.bytes(12))]),
    open(stored: Buffer, claim: Claim): Buffer | null {
      const content = stored.subarray(1);
      if (stored[0] === PLAIN) return content;
      try {
        return unwrap(secret, content, context(claim));
      } catch (error) {
        if (error instanceof EnvelopeError) return null;
        throw error;
      }
    },
  };
}

function claimStore(platform: Platform) {
  const db = platform.db.withTables<IdempotencyTables>();
  let sweptAt = Number.NEGATIVE_INFINITY;

  async function sweep(now: number): Promise<void> {
    if (now - sweptAt < SWEEP_MS) return;
    sweptAt = now;
    await db
      .deleteFrom('idempotency')
      .where('created_at', '<', new Date(now - KEPT_MS))
      .execute();
  }
  const mine = (claim: Claim) =>
    [
      ['actor', claim.actor],
      ['key', claim.key],
      ['created_at', claim.at],
    ] as const;

  return {
    /** Null: the claim is ours. Else what is known of the earlier request. */
    async claim(claim: Claim, hash: string): Promise<Earlier | null> {
      await sweep(claim.at.getTime());
      const row = { actor: claim.actor, key: claim.key, request_hash: hash, created_at: claim.at };
      const claimed = await db
        .insertInto('idempotency')
        .values({ ...row, status: null, response: null })
        .onConflict((conflict) =>
          // A claim whose process died in the middle of the work (which its transaction would have marked done).
          conflict
            .columns(['actor', 'key'])
            .doUpdateSet({ request_hash: hash, created_at: claim.at })
            .where('idempotency.status', 'is', null)
            .where('idempotency.created_at', '<', new Date(claim.at.getTime() - CLAIM_MS)),
        )
        .executeTakeFirst();
      if (claimed.numInsertedOrUpdatedRows === 1n) return null;
      const earlier = await db
        .selectFrom('idempotency')
        .select(['request_hash', 'status', 'response'])
        .where('actor', '=', claim.actor)
        .where('key', '=', claim.key)
        .executeTakeFirst();
      if (earlier === undefined) throw inProgress();
      return earlier;
    },

    /** Nothing was done: the same key may try again. Something was: it stays known as done. */
    async release(claim: Claim): Promise<void> {
      let statement = db.deleteFrom('idempotency').where('status', 'is', null);
      for (const [column, value] of mine(claim)) statement = statement.where(column, '=', value);
      await statement.execute();
    },

    async keep(claim: Claim, status: number, response: Buffer): Promise<void> {
      let statement = db.updateTable('idempotency').set({ status, response });
      for (const [column, value] of mine(claim)) statement = statement.where(column, '=', value);
      await statement.execute();
    },
  };
}
