import { createRoute, z } from '@hono/zod-openapi';
import {
  createRouter,
  givenReason,
  invalid,
  json,
  needs,
  newId,
  problemResponses,
  ReasonSchema,
  recordChange,
} from '../platform/index.ts';
import { isAddress } from './address.ts';
import { MailError } from './error.ts';
import type { Mailer, MailerDeps } from './mailer.ts';
import { hasControl } from './message.ts';
import {
  isSamePlace,
  type MailServer,
  readServer,
  sealPassword,
  writeServer,
  wrongServer,
} from './server.ts';

const Address = z.string().refine(isAddress, 'is not one plain mail address, such as notices@example.com');
const shownText = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    .refine((text) => !hasControl(text), 'has to be one line');

const ServerSchema = z
  .object({
    host: z.string(),
    port: z.number(),
    tls: z.enum(['implicit', 'starttls', 'none']),
    private: z.boolean(),
    username: z.string().nullable(),
    hasPassword: z.boolean(),
    from: z.object({ name: z.string(), address: z.string() }),
    changedAt: z.string(),
    changedBy: z.string(),
  })
  .openapi('MailServer');
const AnswerSchema = z.object({ server: ServerSchema.nullable() });

const EntrySchema = z
  .strictObject({
    host: z
      .string()
      .trim()
      .toLowerCase()
      .regex(
        /^([a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*|[0-9a-f:]{2,39})$/,
        'is not a host name or address',
      )
      .max(253),
    port: z.int().min(1).max(65_535),
    tls: z.enum(['implicit', 'starttls', 'none']).openapi({
      description:
        'implicit: from the first byte, usually port 465; starttls: asked for and required, usually port 587',
    }),
    private: z.boolean().default(false).openapi({ description: 'The server is in a private network' }),
    username: shownText(254).nullable().default(null),
    password: z
      .string()
      .min(1)
      .max(1000)
      .refine((text) => !text.includes('\0'), 'holds a NUL character')
      .optional()
      .openapi({ description: 'Left out: the one that is kept, if host, port and user name are the same' }),
    from: z.strictObject({ name: shownText(100), address: Address }),
    allowUnencrypted: z
      .boolean()
      .default(false)
      .openapi({ description: 'With tls none: mails cross the network in clear' }),
    reason: ReasonSchema.optional(),
  })
  .openapi('MailServerEntry');

export const TriedSchema = z
  .object({
    sent: z.boolean(),
    response: z.string().nullable(),
    problem: z.object({ code: z.string(), text: z.string(), permanent: z.boolean() }).nullable(),
  })
  .openapi('MailServerTest');

const read = createRoute({
  method: 'get',
  path: '/organisation/mail-server',
  'x-needs': needs('setting.read'),
  summary: 'The mail server that notices and reminders go out by; null: none',
  responses: { 200: json(AnswerSchema, 'Without its password'), ...problemResponses },
});
const set = createRoute({
  method: 'put',
  path: '/organisation/mail-server',
  'x-needs': needs('mail.change'),
  summary: 'Say which mail server mails go out by',
  request: { body: { required: true, content: { 'application/json': { schema: EntrySchema } } } },
  responses: { 200: json(AnswerSchema, 'The mail server'), ...problemResponses },
});
const test = createRoute({
  method: 'post',
  path: '/organisation/mail-server/test',
  'x-needs': needs('mail.change'),
  summary: 'Send a mail that says that it is a test',
  request: {
    body: {
      required: true,
      content: {
        'application/json': { schema: z.strictObject({ to: Address, reason: ReasonSchema.optional() }) },
      },
    },
  },
  responses: { 200: json(TriedSchema, 'What came of it'), ...problemResponses },
});

export function mailRoutes({ platform, sealer }: MailerDeps, mailer: Mailer) {
  const shown = async (): Promise<z.infer<typeof AnswerSchema>> => {
    const server = await readServer(platform.db);
    if (server === null) return { server: null };
    const { row, ...rest } = server;
    return {
      server: {
        ...rest,
        hasPassword: row.password !== null,
        changedAt: row.changed_at.toISOString(),
        changedBy: row.changed_by,
      },
    };
  };
  return createRouter()
    .openapi(read, async (c) => c.json(await shown(), 200))
    .openapi(set, async (c) => {
      const { reason, password, allowUnencrypted, ...server } = c.req.valid('json');
      const by = { actor: c.get('actor'), reason: givenReason(c, reason) };
      const wrong = wrongServer(server, allowUnencrypted);
      if (wrong !== null) throw invalid(wrong.field, wrong.message);
      const opened = await sealer();
      await platform.db.transaction().execute(async (tx) => {
        const before = await readServer(tx);
        const sealed = passwordFor(server, password, before, (text) => sealPassword(opened, server, text));
        await writeServer(tx, server, sealed, { at: new Date(platform.clock.now()), by: by.actor.name });
        const { host, port, tls } = server;
        await recordChange(tx, platform, {
          ...by,
          act: 'mail_server.change',
          subject: { kind: 'mail_server', id: 'organisation' },
          detail: { host, port, tls, private: server.private, passwordEntered: password !== undefined },
        });
      });
      return c.json(await shown(), 200);
    })
    .openapi(test, async (c) => {
      const { to, reason } = c.req.valid('json');
      const by = { actor: c.get('actor'), reason: givenReason(c, reason ?? 'Tried the mail server') };
      const tried = await tryServer(mailer, to, newId(platform.clock, platform.random));
      await platform.db.transaction().execute((tx) =>
        recordChange(tx, platform, {
          ...by,
          act: 'mail_server.test',
          subject: { kind: 'mail_server', id: 'organisation' },
          detail: { sent: tried.sent, problem: tried.problem?.code ?? null },
        }),
      );
      return c.json(tried, 200);
    });
}

function passwordFor(
  server: MailServer,
  given: string | undefined,
  before: Awaited<ReturnType<typeof readServer>>,
  seal: (password: string) => Buffer,
): Buffer | null {
  if (server.username === null) {
    if (given !== undefined) throw invalid('username', 'is missing: there is a password');
    return null;
  }
  if (given !== undefined) return seal(given);
  const kept = before !== null && isSamePlace(before, server) ? before.row.password : null;
  if (kept === null) throw invalid('password', 'is missing: enter it for this host, port and user name');
  return kept;
}

const TEXT = `This is a test by Drawbridge: mails of this organisation's notices and reminders would come like this.
Nothing happened, and there is nothing to do.
`;

async function tryServer(mailer: Mailer, to: string, id: string): Promise<z.infer<typeof TriedSchema>> {
  try {
    const session = await mailer.session();
    try {
      const messageId = `<test.${id}@${session.domain}>`;
      const { response } = await session.send({
        messageId,
        to,
        subject: 'Drawbridge: a test of the mail server',
        text: TEXT,
      });
      return { sent: true, response, problem: null };
    } finally {
      session.close();
    }
  } catch (error) {
    if (!(error instanceof MailError)) throw error;
    const { code, message, permanent, response } = error;
    return { sent: false, response, problem: { code, text: message, permanent } };
  }
}
