import { createRoute, z } from '@hono/zod-openapi';
import {
  createRouter,
  givenReason,
  invalid,
  json,
  needs,
  problemResponses,
  ReasonSchema,
  readSetting,
  writeSetting,
} from '../platform/index.ts';
import type { IntakeOptions } from './index.ts';
import type { Listening } from './listening.ts';
import { IntakeSchema, intakeSetting, wrongIntake } from './settings.ts';

const AnswerSchema = z
  .object({
    ...IntakeSchema.shape,
    listener: z.object({
      state: z.enum(['off', 'listening', 'failed']),
      error: z.string().nullable(),
    }),
    hasCertificate: z.boolean(),
  })
  .openapi('MessageIntakeState');

const EntrySchema = z
  .strictObject({ ...IntakeSchema.shape, reason: ReasonSchema.optional() })
  .openapi('MessageIntakeEntry');

const read = createRoute({
  method: 'get',
  path: '/message-intake',
  'x-needs': needs('setting.read'),
  summary: 'How messages from vendors come in, and how long they are kept',
  responses: {
    200: json(AnswerSchema, 'The settings, and whether mail is listened for'),
    ...problemResponses,
  },
});
const set = createRoute({
  method: 'put',
  path: '/message-intake',
  'x-needs': needs('message.change_intake'),
  summary: 'Say how messages from vendors come in, and how long they are kept',
  request: { body: { required: true, content: { 'application/json': { schema: EntrySchema } } } },
  responses: { 200: json(AnswerSchema, 'The settings, which hold now'), ...problemResponses },
});

export function intakeRoutes({ platform, certificate }: IntakeOptions, listening: Listening) {
  const shown = async (): Promise<z.infer<typeof AnswerSchema>> => ({
    ...(await readSetting(platform.db, intakeSetting)),
    listener: listening.state(),
    hasCertificate: (await certificate()) !== null,
  });
  return createRouter()
    .openapi(read, async (c) => c.json(await shown(), 200))
    .openapi(set, async (c) => {
      const { reason, ...value } = c.req.valid('json');
      const by = { actor: c.get('actor'), reason: givenReason(c, reason) };
      const wrong = wrongIntake(value, (await certificate()) !== null);
      if (wrong !== null) throw invalid(wrong.field, wrong.message);
      const { retentionDays, domains, smtp } = value;
      const { enabled, host, port, lmtp, allow, starttls, tlsRequired, outside } = smtp;
      await platform.db.transaction().execute((tx) =>
        writeSetting(tx, platform, intakeSetting, value, {
          ...by,
          detail: {
            retentionDays,
            domains,
            smtp: {
              enabled,
              host,
              port,
              lmtp,
              allow,
              starttls,
              tlsRequired,
              outside,
              addresses: smtp.address.length,
            },
          },
        }),
      );
      await listening.changed();
      return c.json(await shown(), 200);
    });
}
