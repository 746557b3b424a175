import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { z } from '@hono/zod-openapi';
import {
  type By,
  newId,
  notFound,
  type Platform,
  Problem,
  recordChange,
  type Sealer,
  type Tx,
} from '../platform/index.ts';
import type { Take } from './types.ts';

/** Addresses at which other programs hand in texts, signed. */

export type WebhookRow = {
  id: string;
  name: string;
  channel: 'sms' | 'chat';
  token_hash: Buffer;
  secret: Buffer;
  made_at: Date;
  made_by: string;
  last_used_at: Date | null;
};
type Tables = { intake_webhook: WebhookRow };

const MOST = 20;
/** Milliseconds that a signature is good for, before and after its time. */
const WINDOW_MS = 5 * 60_000;
/** Hand-ins a minute, of one webhook. */
const MOST_A_MINUTE = 60;
/** Bytes of one. */
export const LARGEST_HOOK = 64 * 1024;

const rows = (db: Platform['db'] | Tx) => db.withTables<Tables>();
const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();
const placeOf = (id: string) => ['intake webhook', id] as const;

export const listWebhooks = (db: Platform['db'] | Tx): Promise<WebhookRow[]> =>
  rows(db).selectFrom('intake_webhook').selectAll().orderBy('made_at').orderBy('id').execute();

/** Its token and secret are shown now, and never again. Throws Problem 409 `too_many_webhooks`. */
export async function addWebhook(
  tx: Tx,
  at: Platform,
  sealer: Sealer,
  { name, channel }: Pick<WebhookRow, 'name' | 'channel'>,
  by: By,
): Promise<{ id: string; token: string; secret: string }> {
  if ((await listWebhooks(tx)).length >= MOST)
    throw new Problem(409, 'too_many_webhooks', `There are ${MOST} webhooks. Remove one that is not used.`);
  const id = newId(at.clock, at.random);
  const token = at.random.bytes(32).toString('base64url');
  const secret = at.random.bytes(32).toString('base64url');
  await rows(tx)
    .insertInto('intake_webhook')
    .values({
      id,
      name,
      channel,
      token_hash: hashOf(token),
      secret: sealer.seal(placeOf(id), Buffer.from(secret)),
      made_at: new Date(at.clock.now()),
      made_by: by.actor.name,
      last_used_at: null,
    })
    .execute();
  await recordChange(tx, at, {
    ...by,
    act: 'message_webhook.add',
    subject: { kind: 'message_webhook', id },
    detail: { name, channel },
  });
  return { id, token, secret };
}

export async function removeWebhook(tx: Tx, at: Platform, id: string, by: By): Promise<void> {
  const gone = await rows(tx).deleteFrom('intake_webhook').where('id', '=', id).executeTakeFirst();
  if (gone.numDeletedRows === 0n) throw notFound('webhook');
  await recordChange(tx, at, {
    ...by,
    act: 'message_webhook.remove',
    subject: { kind: 'message_webhook', id },
  });
}

const line = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    .regex(/^\P{Cc}+$/u, 'has to be one line');

export const HookBodySchema = z
  .strictObject({
    channel: z.enum(['sms', 'chat']).optional(),
    sender: line(200).nullable().default(null),
    text: z
      .string()
      .min(1)
      .max(20_000)
      .refine((text) => !text.includes('\0'), 'holds a NUL character; leave it out')
      .refine((text) => text.isWellFormed(), 'holds half of a character'),
    at: z.iso
      .datetime({ offset: true })
      .optional()
      .openapi({ description: 'When it came; now, where left out' }),
  })
  .openapi('MessageHook');

/** What stands in a request beside its body. */
export interface Signed {
  token: string;
  /** Seconds since 1970, as text. */
  timestamp: string | undefined;
  /** `v1=` and 64 hexadecimal digits. */
  signature: string | undefined;
}

/** HMAC-SHA-256 by the webhook's secret over the time, a full stop, and the body as it is sent; in hexadecimal. */
export const signatureOf = (secret: string, timestamp: string, body: Uint8Array): string =>
  createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest('hex');

export interface HookDeps {
  platform: Platform;
  sealer: () => Promise<Sealer>;
  take: Take;
}

/** Says one thing for a token that is none, a wrong signature and an old one: who guesses learns nothing. */
const notTheirs = (): Problem =>
  new Problem(
    401,
    'not_signed',
    'No webhook has this address, or the signature does not hold: sign the time of now and the body with its secret.',
  );

/**
 * Takes what was handed in. The same request twice is one message. Throws Problem 401 `not_signed`, 429, and for a body that is not of
 * the form 400.
 */
export function createHooks({ platform, sealer, take }: HookDeps) {
  const uses = new Map<string, { since: number; count: number }>();
  function expectPace(id: string): void {
    const now = platform.clock.now();
    const use = uses.get(id);
    if (use === undefined || now - use.since >= 60_000 || now < use.since) {
      uses.set(id, { since: now, count: 1 });
      return;
    }
    use.count += 1;
    if (use.count > MOST_A_MINUTE)
      throw new Problem(
        429,
        'too_many_messages',
        `A webhook takes ${MOST_A_MINUTE} messages a minute. Send it again later.`,
        undefined,
        { retryAfter: Math.ceil((use.since + 60_000 - now) / 1000) },
      );
  }
  return async function handIn(
    { token, timestamp, signature }: Signed,
    body: Buffer,
  ): Promise<{ id: string }> {
    if (!/^[\w-]{43}$/.test(token)) throw notTheirs();
    const hook = await rows(platform.db)
      .selectFrom('intake_webhook')
      .selectAll()
      .where('token_hash', '=', hashOf(token))
      .executeTakeFirst();
    const given = /^v1=([0-9a-f]{64})$/.exec(signature ?? '')?.[1];
    if (hook === undefined || given === undefined || !/^\d{1,12}$/.test(timestamp ?? '')) throw notTheirs();
    const secret = (await sealer()).open(placeOf(hook.id), hook.secret).toString();
    const right = signatureOf(secret, timestamp ?? '', body);
    if (!timingSafeEqual(Buffer.from(right, 'hex'), Buffer.from(given, 'hex'))) throw notTheirs();
    const now = platform.clock.now();
    if (Math.abs(now - Number(timestamp) * 1000) > WINDOW_MS) throw notTheirs();
    expectPace(hook.id);
    const said = read(body);
    const at = new Date(said.at ?? now);
    const taken = await take({
      raw: Buffer.from(said.text, 'utf8'),
      form: 'text',
      channel: said.channel ?? hook.channel,
      came: 'webhook',
      arrival: 'text',
      sender: said.sender,
      envelope: null,
      reporter: null,
      // What lies ahead of now is a clock of theirs.
      receivedAt: at.getTime() > now ? new Date(now) : at,
      key: `hook:${hook.id}:${right}`,
    });
    await rows(platform.db)
      .updateTable('intake_webhook')
      .set({ last_used_at: new Date(now) })
      .where('id', '=', hook.id)
      .execute();
    return { id: taken.id };
  };
}

function read(body: Buffer): z.infer<typeof HookBodySchema> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError)
      throw new Problem(400, 'invalid_request', 'The body is not the JSON that is documented.');
    throw error;
  }
  const parsed = HookBodySchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues
    .slice(0, 20)
    .map(({ path, message }) => ({ field: path.join('.') || '(body)', message }));
  throw new Problem(400, 'invalid_request', `${errors[0]?.field}: ${errors[0]?.message}`, errors);
}
