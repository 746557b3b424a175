import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import {
  createRouter,
  decodeCursor,
  givenReason,
  type HttpEnv,
  invalid,
  json,
  needs,
  PageQuerySchema,
  page,
  pageSchema,
  problemResponses,
} from '../../platform/index.ts';
import { readDocument, writeDocument } from '../documents.ts';
import { revisedOf } from '../organisation-routes.ts';
import { type ObligationTables, reminderStates } from '../tables.ts';
import { visibleTo } from '../wall.ts';
import { keepSecrets } from './secrets.ts';
import type { ReminderDeps, ReminderService } from './service.ts';
import { RemindersChangeSchema, RemindersSchema, remindersDocument } from './settings.ts';

const read = needs('obligation.read');
const write = needs('obligation.change', { stepUp: true });

const ViewSchema = z
  .object({
    revision: z.int(),
    changedAt: z.string().nullable(),
    changedBy: z.string().nullable(),
    reminders: RemindersSchema,
    withSecret: z
      .array(z.string())
      .openapi({ description: 'Channels whose secret is stored; none is ever shown' }),
    mailReady: z.boolean(),
    trouble: z.string().nullable(),
  })
  .openapi('RemindersView');
export type RemindersView = z.infer<typeof ViewSchema>;

const SentSchema = z
  .object({
    id: z.string(),
    incident: z.object({ id: z.string(), number: z.number(), drill: z.boolean() }),
    rule: z.string(),
    moment: z.string(),
    dueAt: z.string(),
    channel: z.string(),
    state: z.enum(reminderStates),
    attempts: z.int(),
    trouble: z.string().nullable(),
    madeAt: z.string(),
    settledAt: z.string().nullable(),
    nextTryAt: z.string().nullable(),
  })
  .openapi('Reminder');
export type ReminderView = z.infer<typeof SentSchema>;

const get = createRoute({
  method: 'get',
  path: '/organisation/reminders',
  'x-needs': read,
  summary: 'Who is reminded of clocks, through what, and when',
  responses: { 200: json(ViewSchema, 'The reminders'), ...problemResponses },
});
const set = createRoute({
  method: 'put',
  path: '/organisation/reminders',
  'x-needs': write,
  summary: 'Say who is reminded; secrets come in here and are never shown',
  request: { body: { required: true, content: { 'application/json': { schema: RemindersChangeSchema } } } },
  responses: { 200: json(ViewSchema, 'The reminders'), ...problemResponses },
});
const test = createRoute({
  method: 'post',
  path: '/organisation/reminders/{channel}/test',
  'x-needs': write,
  summary: 'Send a message that says that it is a test; an e-mail to leads goes to you',
  request: { params: z.object({ channel: z.string().regex(/^[a-z0-9][a-z0-9-]{0,40}$/) }) },
  responses: { 200: json(z.object({ sent: z.literal(true) }), 'It was taken'), ...problemResponses },
});
const list = createRoute({
  method: 'get',
  path: '/organisation/reminders/sent',
  'x-needs': read,
  summary: 'Reminders that were sent, wait or failed, the newest first',
  request: { query: PageQuerySchema.extend({ failed: z.enum(['true', 'false']).optional() }) },
  responses: { 200: json(pageSchema(SentSchema), 'A page of reminders'), ...problemResponses },
});

const Cursor = z.tuple([z.string().max(40), z.uuid()]);
const BAD = ['failed', 'in_doubt'] as const;

export function reminderRoutes(deps: ReminderDeps, service: ReminderService) {
  const { platform, sealer, mail } = deps;

  async function view(): Promise<RemindersView> {
    const [kept, secrets, mailReady] = await Promise.all([
      readDocument(platform.db, deps, remindersDocument),
      platform.db.withTables<ObligationTables>().selectFrom('obligation_secret').select('channel').execute(),
      mail === null ? false : mail.ready(),
    ]);
    return {
      ...revisedOf(kept),
      reminders: kept.value,
      withSecret: secrets.map(({ channel }) => channel),
      mailReady,
      trouble: service.problem(),
    };
  }

  return createRouter()
    .openapi(get, async (c) => c.json(await view(), 200))
    .openapi(set, async (c) => {
      const { reminders: value, secrets, revision: after, reason } = c.req.valid('json');
      const { escalation } = value;
      for (const field of ['deputy', 'drillDeputy'] as const) {
        const id = escalation?.[field] ?? null;
        if (id !== null && (await deps.person(id)) === null)
          throw invalid(`reminders.escalation.${field}`, 'is nobody who can sign in');
      }
      const detail = {
        channels: value.channels.map(({ id, kind, drills, paused }) => ({ id, kind, drills, paused })),
        secrets: Object.keys(secrets),
        deputy: escalation?.deputy ?? null,
      };
      const opened = await sealer();
      const by = { actor: c.get('actor'), reason: givenReason(c, reason) };
      await platform.db.transaction().execute(async (tx) => {
        await writeDocument(tx, deps, remindersDocument, { value, after, detail }, by);
        await keepSecrets(tx, platform, opened, value, secrets);
      });
      platform.events.publish('incidents');
      service.poke();
      return c.json(await view(), 200);
    })
    .openapi(test, async (c) => {
      await service.test(c.req.valid('param').channel, c.get('actor').id);
      return c.json({ sent: true } as const, 200);
    })
    .openapi(list, async (c) => c.json(await sent(deps, c, c.req.valid('query')), 200));
}

/** Of restricted incidents only to their members. */
async function sent(
  deps: ReminderDeps,
  c: Context<HttpEnv>,
  query: { limit: number; cursor?: string | undefined; failed?: 'true' | 'false' | undefined },
): Promise<{ items: ReminderView[]; next: string | null }> {
  const { platform, book } = deps;
  const rows = platform.db.withTables<ObligationTables>();
  const known = await rows.selectFrom('obligation_reminder').select('incident').distinct().execute();
  const heads = await Promise.all(known.map(({ incident }) => book.head(incident)));
  const visible = await visibleTo(
    book,
    heads.map((head) => ({ head })),
    c.get('actor'),
  );
  const byId = new Map(visible.map(({ head }) => [head.id, head]));
  if (byId.size === 0) return { items: [], next: null };
  let asked = rows
    .selectFrom('obligation_reminder')
    .selectAll()
    .where('incident', 'in', [...byId.keys()])
    .orderBy('made_at', 'desc')
    .orderBy('id', 'desc')
    .limit(query.limit + 1);
  if (query.failed === 'true') asked = asked.where('state', 'in', BAD);
  if (query.cursor !== undefined) {
    const [at, id] = decodeCursor(query.cursor, Cursor);
    const time = new Date(at);
    asked = asked.where((e) =>
      e.or([e('made_at', '<', time), e.and([e('made_at', '=', time), e('id', '<', id)])]),
    );
  }
  return page(
    await asked.execute(),
    query.limit,
    (row) => [row.made_at.toISOString(), row.id],
    (row): ReminderView => ({
      id: row.id,
      incident: {
        id: row.incident,
        number: byId.get(row.incident)?.number ?? 0,
        drill: byId.get(row.incident)?.drill ?? false,
      },
      rule: row.rule,
      moment: row.moment,
      dueAt: row.due_at.toISOString(),
      channel: row.recipient.split('/')[0] ?? row.recipient,
      state: row.state,
      attempts: row.attempts,
      trouble: row.trouble,
      madeAt: row.made_at.toISOString(),
      settledAt: row.settled_at?.toISOString() ?? null,
      nextTryAt: row.state === 'pending' ? row.next_try_at.toISOString() : null,
    }),
  );
}
