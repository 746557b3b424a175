import { createRoute, z } from '@hono/zod-openapi';
import {
  createRouter,
  givenReason,
  invalid,
  json,
  needs,
  problemResponses,
  ReasonSchema,
  recordChange,
} from '../platform/index.ts';
import { ImapError, inFolder } from './imap.ts';
import type { IntakeOptions } from './index.ts';
import {
  addMailbox,
  changeMailbox,
  getMailbox,
  isSamePlace,
  listMailboxes,
  type Mailbox,
  type MailboxRow,
  mailboxOf,
  openPassword,
  removeMailbox,
  sealPassword,
  wrongMailbox,
} from './mailboxes.ts';

const name = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    .regex(/^\P{Cc}+$/u, 'has to be one line')
    .refine((text) => text.isWellFormed(), 'holds half of a character');
const Password = z
  .string()
  .min(1)
  .max(1000)
  .regex(/^[^\0\r\n]+$/, 'holds a line break or a NUL character');

const fields = {
  host: z
    .string()
    .trim()
    .toLowerCase()
    .max(253)
    .regex(
      /^([a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*|[0-9a-f:]{2,39})$/,
      'is not a host name or address',
    ),
  port: z.int().min(1).max(65_535),
  tls: z.enum(['implicit', 'starttls', 'none']).openapi({
    description:
      'implicit: from the first byte, usually port 993; starttls: asked for and required, usually port 143',
  }),
  private: z.boolean().openapi({ description: 'The server is in a private network' }),
  username: name(254),
  folder: name(200),
  after: z
    .enum(['keep', 'move', 'delete'])
    .openapi({ description: 'What is done with a message once it was taken' }),
  moveTo: name(200).nullable(),
  isOn: z.boolean(),
};
const EntrySchema = z
  .strictObject({
    ...fields,
    private: fields.private.default(false),
    folder: fields.folder.default('INBOX'),
    after: fields.after.default('keep'),
    moveTo: fields.moveTo.default(null),
    isOn: fields.isOn.default(true),
    password: Password,
    reason: ReasonSchema.optional(),
  })
  .openapi('MessageMailboxEntry');
const ChangeSchema = z
  .strictObject({
    ...z.object(fields).partial().shape,
    password: Password.optional(),
    reason: ReasonSchema.optional(),
  })
  .openapi('MessageMailboxChange');
const MailboxSchema = z
  .object({
    id: z.string(),
    ...fields,
    state: z.enum(['off', 'waiting', 'reading', 'failing']),
    lastSeen: z.string().nullable(),
    error: z.string().nullable(),
    errorCode: z.string().nullable(),
    taken: z.number(),
    skipped: z.number().openapi({ description: 'Too large, or no mail: they stay in the folder' }),
  })
  .openapi('MessageMailbox');
const ListSchema = z.object({ items: z.array(MailboxSchema), next: z.null() });
const TriedSchema = z
  .object({
    ok: z.boolean(),
    text: z.string(),
    code: z.string().nullable(),
    waiting: z.number().nullable().openapi({ description: 'Messages in the folder; 1,000 at most' }),
  })
  .openapi('MessageMailboxTest');

const params = z.object({ mailbox: z.uuid() });
const body = <T extends z.ZodType>(schema: T) => ({
  body: { required: true, content: { 'application/json': { schema } } },
});
const list = createRoute({
  method: 'get',
  path: '/message-mailboxes',
  'x-needs': needs('setting.read'),
  summary: 'Folders of mail servers that are looked into; twenty at most',
  responses: { 200: json(ListSchema, 'The mailboxes, without their passwords'), ...problemResponses },
});
const add = createRoute({
  method: 'post',
  path: '/message-mailboxes',
  'x-needs': needs('message.change_intake'),
  summary: 'Look into a folder of a mail server (IMAP)',
  request: body(EntrySchema),
  responses: { 201: json(MailboxSchema, 'The mailbox'), ...problemResponses },
});
const change = createRoute({
  method: 'patch',
  path: '/message-mailboxes/{mailbox}',
  'x-needs': needs('message.change_intake'),
  summary: 'Change a mailbox; another host, port or user asks for the password',
  request: { params, ...body(ChangeSchema) },
  responses: { 200: json(MailboxSchema, 'The mailbox'), ...problemResponses },
});
const remove = createRoute({
  method: 'delete',
  path: '/message-mailboxes/{mailbox}',
  'x-needs': needs('message.change_intake'),
  summary: 'Look into a mailbox no more, and forget its password',
  request: { params },
  responses: { 204: { description: 'It is removed' }, ...problemResponses },
});
const test = createRoute({
  method: 'post',
  path: '/message-mailboxes/{mailbox}/test',
  'x-needs': needs('message.change_intake'),
  summary: 'Sign in and open the folder, and take nothing',
  request: { params, ...body(z.strictObject({ reason: ReasonSchema.optional() })) },
  responses: { 200: json(TriedSchema, 'What came of it'), ...problemResponses },
});

function view(row: MailboxRow): z.infer<typeof MailboxSchema> {
  const mailbox = mailboxOf(row);
  return {
    id: row.id,
    ...mailbox,
    state: !row.is_on
      ? 'off'
      : row.error !== null
        ? 'failing'
        : row.looked_at === null
          ? 'waiting'
          : 'reading',
    lastSeen: row.looked_at?.toISOString() ?? null,
    error: row.error,
    errorCode: row.error_code,
    taken: row.taken,
    skipped: row.skipped,
  };
}

const MOST_COUNTED = 1_000;
const openedText = (waiting: number): string =>
  `The folder opens. It holds ${waiting === MOST_COUNTED ? `${MOST_COUNTED} messages or more` : `${waiting} messages`}.`;

export function mailboxRoutes({ platform, sealer, network, times }: IntakeOptions, changed: () => void) {
  return createRouter()
    .openapi(list, async (c) =>
      c.json({ items: (await listMailboxes(platform.db)).map(view), next: null }, 200),
    )
    .openapi(add, async (c) => {
      const { reason, password, ...mailbox } = c.req.valid('json');
      const by = { actor: c.get('actor'), reason: givenReason(c, reason) };
      const wrong = wrongMailbox(mailbox);
      if (wrong !== null) throw invalid(wrong.field, wrong.message);
      const opened = await sealer();
      const id = await platform.db
        .transaction()
        .execute((tx) =>
          addMailbox(tx, platform, mailbox, (of) => sealPassword(opened, of, mailbox, password), by),
        );
      changed();
      return c.json(view(await getMailbox(platform.db, id)), 201);
    })
    .openapi(change, async (c) => {
      const { mailbox: id } = c.req.valid('param');
      const { reason, password, ...rest } = c.req.valid('json');
      const by = { actor: c.get('actor'), reason: givenReason(c, reason) };
      const opened = await sealer();
      await platform.db.transaction().execute(async (tx) => {
        const before = await getMailbox(tx, id);
        const was = mailboxOf(before);
        const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
        const mailbox: Mailbox = { ...was, ...given };
        const wrong = wrongMailbox(mailbox);
        if (wrong !== null) throw invalid(wrong.field, wrong.message);
        if (password === undefined && !isSamePlace(was, mailbox))
          throw invalid('password', 'is missing: enter it for this host, port and user name');
        const sealed = password === undefined ? null : sealPassword(opened, id, mailbox, password);
        await changeMailbox(tx, platform, before, mailbox, sealed, by);
      });
      changed();
      return c.json(view(await getMailbox(platform.db, id)), 200);
    })
    .openapi(remove, async (c) => {
      const { mailbox: id } = c.req.valid('param');
      const by = { actor: c.get('actor'), reason: givenReason(c) };
      await platform.db.transaction().execute((tx) => removeMailbox(tx, platform, id, by));
      return c.body(null, 204);
    })
    .openapi(test, async (c) => {
      const { mailbox: id } = c.req.valid('param');
      const { reason } = c.req.valid('json');
      const by = { actor: c.get('actor'), reason: givenReason(c, reason ?? 'Tried the mailbox') };
      const row = await getMailbox(platform.db, id);
      const password = openPassword(await sealer(), row);
      const tried = await inFolder(
        { ...mailboxOf(row), after: 'keep', moveTo: null },
        password,
        network,
        async (folder) => (await folder.after(0, MOST_COUNTED)).length,
        { times },
      ).then(
        (waiting) => ({ ok: true, text: openedText(waiting), code: null, waiting }),
        (error: unknown) => {
          if (!(error instanceof ImapError)) throw error;
          return { ok: false, text: error.message, code: error.code, waiting: null };
        },
      );
      await platform.db.transaction().execute((tx) =>
        recordChange(tx, platform, {
          ...by,
          act: 'message_mailbox.test',
          subject: { kind: 'message_mailbox', id },
          detail: { ok: tried.ok, problem: tried.code },
        }),
      );
      return c.json(tried, 200);
    });
}
