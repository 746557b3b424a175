import { createRoute, z } from '@hono/zod-openapi';
import {
  bodyOf,
  createRouter,
  givenReason,
  json,
  needs,
  PageQuerySchema,
  Problem,
  pageSchema,
  problemResponses,
} from '../platform/index.ts';
import { type ActDeps, answerMessage, closeMessages, incidentFrom, reopenMessage } from './acts.ts';
import { countMessages, listCampaigns, readCampaign } from './campaigns.ts';
import { LARGEST_MESSAGE_BYTES, type Taken, takeMessage } from './desk.ts';
import { listMessages, messageRaw, messageText, readMessage } from './read.ts';
import {
  AnswerSchema,
  CampaignSchema,
  ClosedSchema,
  ClosingSchema,
  CountsSchema,
  DetailSchema,
  JudgedSchema,
  OpenIncidentSchema,
  ReasonBody,
  ReplySchema,
  TextSchema,
} from './schemas.ts';
import { channels } from './tables.ts';

/** Handing messages in, and the queue of those who look after them. */

const report = needs('message.report');
const read = needs('message.read');
const decide = needs('message.decide');
const body = <T extends z.ZodType>(schema: T) =>
  ({ required: true, content: { 'application/json': { schema } } }) as const;
const params = z.object({ message: z.uuid() });
const detail = (what: string) => ({ 200: json(DetailSchema, what), ...problemResponses });

const hand = createRoute({
  method: 'post',
  path: '/messages',
  'x-needs': report,
  summary: 'Hand a message in: is it really from the vendor?',
  description: `The body is the message itself, at most ${LARGEST_MESSAGE_BYTES} bytes: message/rfc822 (a mail as a file), text/plain, application/vnd.ms-outlook, or a picture (image/png, image/jpeg, image/webp), of which QR codes are read. What it says of its own proof counts for nothing.`,
  request: {
    query: z.object({
      channel: z.enum(channels).default('mail'),
      sender: z.string().trim().max(254).optional().openapi({ description: 'Of a text: the number or name' }),
      came: z.enum(['upload', 'paste', 'screenshot', 'button']).default('upload'),
    }),
  },
  responses: { 201: json(DetailSchema, 'How it is judged'), ...problemResponses },
});
const list = createRoute({
  method: 'get',
  path: '/messages',
  'x-needs': report,
  summary: 'Messages: one’s own, or all for whoever may see them',
  request: {
    query: PageQuerySchema.extend({
      mine: z.enum(['true', 'false']).optional(),
      state: z.enum(['open', 'closed']).optional(),
      verdict: z.enum(['verified-authentic', 'unverified', 'likely-impersonation']).optional(),
      vendor: z.string().max(100).optional(),
      campaign: z.uuid().optional(),
      order: z.enum(['harm', 'newest']).optional(),
      q: z.string().trim().min(2).max(100).optional(),
    }),
  },
  responses: { 200: json(pageSchema(JudgedSchema), 'A page of messages'), ...problemResponses },
});
const one = createRoute({
  method: 'get',
  path: '/messages/{message}',
  'x-needs': report,
  summary: 'A message: how it is judged, and by what',
  request: { params },
  responses: detail('The message'),
});
const text = createRoute({
  method: 'get',
  path: '/messages/{message}/text',
  'x-needs': report,
  summary: 'What a message says, as text in which nothing can be clicked',
  request: { params },
  responses: { 200: json(TextSchema, 'The text'), ...problemResponses },
});
const raw = createRoute({
  method: 'get',
  path: '/messages/{message}/raw',
  'x-needs': read,
  summary: 'A message as it came, as a download, which is recorded',
  request: { params },
  responses: {
    200: { description: 'The message', content: { 'application/octet-stream': { schema: z.any() } } },
    ...problemResponses,
  },
});
const answer = createRoute({
  method: 'post',
  path: '/messages/{message}/answer',
  'x-needs': report,
  summary: 'Say whether it was there, at the vendor’s own dashboard',
  request: { params, body: body(AnswerSchema) },
  responses: detail('The message'),
});
const closing = createRoute({
  method: 'post',
  path: '/messages/closing',
  'x-needs': decide,
  summary: 'Close messages, and answer those who handed them in',
  request: { body: body(ClosingSchema) },
  responses: { 200: json(ClosedSchema, 'What was closed'), ...problemResponses },
});
const reopening = createRoute({
  method: 'post',
  path: '/messages/{message}/reopening',
  'x-needs': decide,
  summary: 'Open a message again',
  request: { params, body: body(ReasonBody) },
  responses: detail('The message'),
});
const incident = createRoute({
  method: 'post',
  path: '/messages/{message}/incident',
  'x-needs': decide,
  summary: 'Open an incident about a message and those like it',
  request: { params, body: body(OpenIncidentSchema) },
  responses: { 201: json(z.object({ incident: z.uuid() }), 'The incident'), ...problemResponses },
});
const replies = createRoute({
  method: 'get',
  path: '/message-replies',
  'x-needs': decide,
  summary: 'What those who handed a message in can be answered',
  responses: { 200: json(pageSchema(ReplySchema), 'All of them'), ...problemResponses },
});
const counts = createRoute({
  method: 'get',
  path: '/message-counts',
  'x-needs': read,
  summary: 'The queue in numbers',
  responses: { 200: json(CountsSchema, 'The numbers'), ...problemResponses },
});
const campaigns = createRoute({
  method: 'get',
  path: '/campaigns',
  'x-needs': read,
  summary: 'Messages that belong together, the newest campaign first',
  request: { query: PageQuerySchema },
  responses: { 200: json(pageSchema(CampaignSchema), 'A page of campaigns'), ...problemResponses },
});
const campaign = createRoute({
  method: 'get',
  path: '/campaigns/{campaign}',
  'x-needs': read,
  summary: 'A campaign',
  request: { params: z.object({ campaign: z.uuid() }) },
  responses: { 200: json(CampaignSchema, 'The campaign'), ...problemResponses },
});

/** Makes a mail or a text of other forms: Outlook's files, pictures. */
export interface Reading {
  mailOf(
    type: string,
    bytes: Buffer,
  ): Promise<{ form: 'mail' | 'text'; raw: Buffer; arrival: Taken['arrival']; note: string | null }>;
}

/** The largest body of a request to this path of the API, where it is larger than others may be; else null. */
export const largestMessage = (path: string): number | null =>
  /\/messages$/.test(path) ? LARGEST_MESSAGE_BYTES + 1 : null;

export function messageRoutes(deps: ActDeps, reading: Reading) {
  const { platform } = deps;
  return createRouter()
    .openapi(hand, async (c) => {
      const who = c.get('actor');
      const { channel, sender, came } = c.req.valid('query');
      const bytes = await whole(bodyOf(c.req.raw));
      const type = (c.req.header('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
      const given =
        type === 'message/rfc822'
          ? { form: 'mail' as const, raw: bytes, arrival: 'file' as const }
          : type === 'text/plain'
            ? asPasted(bytes)
            : await reading.mailOf(type, bytes);
      const { id } = await takeMessage(deps, {
        ...given,
        channel,
        came,
        sender: sender === undefined || sender === '' ? null : sender,
        envelope: null,
        reporter: { id: who.id, name: who.name },
        receivedAt: new Date(platform.clock.now()),
      });
      return c.json(await readMessage(deps, id, who), 201);
    })
    .openapi(list, async (c) => {
      const { mine, ...query } = c.req.valid('query');
      const asked = mine === undefined ? query : { ...query, mine: mine === 'true' };
      return c.json(await listMessages(deps, asked, c.get('actor')), 200);
    })
    .openapi(one, async (c) =>
      c.json(await readMessage(deps, c.req.valid('param').message, c.get('actor')), 200),
    )
    .openapi(text, async (c) =>
      c.json(await messageText(deps, c.req.valid('param').message, c.get('actor')), 200),
    )
    .openapi(raw, async (c) => {
      const { message } = c.req.valid('param');
      const { raw: bytes, form } = await messageRaw(deps, message, c.get('actor'));
      return new Response(new Uint8Array(bytes), {
        headers: {
          'content-type': 'application/octet-stream',
          'content-length': String(bytes.byteLength),
          'content-disposition': `attachment; filename="message-${message}.${form === 'mail' ? 'eml' : 'txt'}"`,
          'content-security-policy': "default-src 'none'; sandbox",
          'x-content-type-options': 'nosniff',
          'cache-control': 'no-store',
        },
      });
    })
    .openapi(answer, async (c) => {
      const { message } = c.req.valid('param');
      await answerMessage(deps, message, c.req.valid('json').there, c.get('actor'));
      return c.json(await readMessage(deps, message, c.get('actor')), 200);
    })
    .openapi(closing, async (c) => {
      const { reason, ...given } = c.req.valid('json');
      const by = { actor: c.get('actor'), reason: givenReason(c, reason) };
      return c.json(await closeMessages(deps, given, by), 200);
    })
    .openapi(reopening, async (c) => {
      const { message } = c.req.valid('param');
      await reopenMessage(deps, message, {
        actor: c.get('actor'),
        reason: givenReason(c, c.req.valid('json').reason),
      });
      return c.json(await readMessage(deps, message, c.get('actor')), 200);
    })
    .openapi(incident, async (c) => {
      const { reason, ...given } = c.req.valid('json');
      const by = { actor: c.get('actor'), reason: givenReason(c, reason) };
      // Whoever may decide about messages may not open incidents for that alone.
      await c.get('expectMay')?.('incident.work');
      return c.json({ incident: await incidentFrom(deps, c.req.valid('param').message, given, by) }, 201);
    })
    .openapi(replies, (c) => c.json({ items: [...deps.replies], next: null }, 200))
    .openapi(counts, async (c) => c.json(await countMessages(deps), 200))
    .openapi(campaigns, async (c) => c.json(await listCampaigns(deps, c.req.valid('query')), 200))
    .openapi(campaign, async (c) => c.json(await readCampaign(deps, c.req.valid('param').campaign), 200));
}

/** A pasted mail with its headers is a mail; all else is a text. */
function asPasted(bytes: Buffer): Pick<Taken, 'form' | 'raw' | 'arrival'> {
  const head = bytes.subarray(0, 20_000).toString('utf8');
  const lines = head.split(/\r?\n\r?\n/)[0] ?? '';
  const isMail =
    /^(?:received|dkim-signature|return-path|message-id):/im.test(lines) && /^from:\s/im.test(lines);
  return isMail
    ? { form: 'mail', raw: bytes, arrival: 'file' }
    : { form: 'text', raw: bytes, arrival: 'text' };
}

/** Throws Problem 413. */
async function whole(content: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of content) {
    size += part.byteLength;
    if (size > LARGEST_MESSAGE_BYTES)
      throw new Problem(413, 'message_too_large', `A message has at most ${LARGEST_MESSAGE_BYTES} bytes.`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}
