import { z } from '@hono/zod-openapi';
import { ReasonSchema } from '../platform/index.ts';
import { rotationNeeds, rotationSteps } from './rules.ts';
import { rotationEventKinds } from './tables.ts';

export const PlanSchema = z
  .strictObject({
    share: z
      .int()
      .min(1)
      .max(10_000)
      .default(100)
      .openapi({ description: 'Ten thousandths of crossings that try the new key first' }),
    canarySeconds: z
      .int()
      .min(1)
      .max(7 * 86_400)
      .default(600),
    canaryAnswers: z
      .int()
      .min(0)
      .max(1_000_000)
      .default(20)
      .openapi({ description: 'Answers that the new key must have got, if so many crossings come' }),
    overlapSeconds: z
      .int()
      .min(0)
      .max(30 * 86_400)
      .default(86_400)
      .openapi({ description: 'How long the old key is kept after the switch' }),
  })
  .openapi('RotationPlan');

/** What the vendor calls a key, by the names that its pack has. */
export const RefsSchema = z.record(
  z.string().regex(/^[a-z_]{1,40}$/),
  z.string().regex(/^[A-Za-z0-9][\w.:@-]{0,199}$/, 'is no id of a key'),
);

export const StartSchema = z
  .strictObject({
    how: z
      .enum(['api', 'guided'])
      .optional()
      .openapi({ description: 'Left out: by the vendor’s API where its admin credential was entered' }),
    plan: PlanSchema.optional(),
    oldKey: RefsSchema.optional().openapi({
      description: 'What the vendor calls the key in use, so that it can be watched and deleted over its API',
    }),
    reason: ReasonSchema.optional(),
  })
  .openapi('RotationStart');
export type StartRotation = z.infer<typeof StartSchema>;

export const SayingSchema = z.strictObject({
  says: z.enum(['retry', 'roll_back', 'go_on', 'deleted']).openapi({
    description:
      'retry: try the step again. roll_back: go back to the old key. go_on: in spite of what was found. deleted: the old key was deleted at the vendor, which is tried',
  }),
  reason: ReasonSchema.optional(),
});

export const RotationViewSchema = z
  .object({
    id: z.string(),
    connection: z.object({ id: z.string(), name: z.string(), vendor: z.string(), service: z.string() }),
    how: z.enum(['api', 'guided']),
    step: z.enum(rotationSteps),
    since: z.string(),
    needs: z.enum(rotationNeeds).nullable(),
    needsText: z.string().nullable().openapi({ description: 'Why a person is needed, and what to do' }),
    said: z.string().nullable().openapi({ description: 'What was last found out, or failed' }),
    failed: z.number().openapi({ description: 'Attempts of this step that failed' }),
    fromVersion: z.number(),
    toVersion: z.number().nullable(),
    plan: PlanSchema,
    seen: z
      .object({ answered: z.number(), refused: z.number(), oldLastAt: z.string().nullable() })
      .openapi({ description: 'How crossings with the new key went, and when one last went with the old' }),
    canRollBack: z.boolean(),
    canGoOn: z.boolean(),
    manual: z
      .object({ url: z.string(), text: z.string() })
      .nullable()
      .openapi({ description: 'Where a person makes and deletes keys at this vendor' }),
    reason: z.string(),
    startedAt: z.string(),
    startedBy: z.string(),
    endedAt: z.string().nullable(),
  })
  .openapi('Rotation');
export type RotationView = z.infer<typeof RotationViewSchema>;

export const RotationDetailSchema = RotationViewSchema.extend({
  steps: z.array(
    z.object({
      at: z.string(),
      step: z.enum(rotationSteps),
      needs: z.enum(rotationNeeds).nullable(),
      by: z.string(),
      said: z.string().nullable(),
    }),
  ),
}).openapi('RotationDetail');
export type RotationDetail = z.infer<typeof RotationDetailSchema>;

export const DueSchema = z
  .object({
    connection: z.object({ id: z.string(), name: z.string(), vendor: z.string(), service: z.string() }),
    version: z.number(),
    enteredAt: z.string(),
    ageDays: z.number(),
    everyDays: z.number(),
    ownPolicy: z.boolean().openapi({ description: 'The connection has a policy of its own' }),
    automatic: z.boolean(),
    dueAt: z.string(),
    due: z.boolean(),
    why: z
      .object({ kind: z.enum(['age', ...rotationEventKinds]), at: z.string(), reason: z.string() })
      .nullable()
      .openapi({ description: 'What makes it due; null: it is not' }),
    rotation: z.string().nullable().openapi({ description: 'The one under way' }),
    admin: z
      .object({
        credential: z.string(),
        parameters: z.array(z.object({ id: z.string(), label: z.string(), example: z.string() })),
        refs: z.array(z.object({ id: z.string(), label: z.string() })),
        entered: z.object({ at: z.string(), by: z.string(), host: z.string() }).nullable(),
        knowsOldKey: z.boolean(),
      })
      .nullable()
      .openapi({ description: 'The vendor’s API for keys; null: it has none that its pack knows' }),
  })
  .openapi('RotationDue');
export type DueView = z.infer<typeof DueSchema>;

export const PolicySchema = z.strictObject({
  everyDays: z.int().min(1).max(3650).nullable().openapi({ description: 'Null: as the setting says' }),
  automatic: z.boolean().openapi({ description: 'Begins by itself, where the vendor has an API for keys' }),
  reason: ReasonSchema.optional(),
});

export const EventSchema = z.strictObject({
  kind: z.enum(rotationEventKinds),
  vendor: z.string().max(60).optional(),
  connection: z.string().max(60).optional(),
  reason: ReasonSchema.optional(),
});

export const AdminEntrySchema = z.strictObject({
  value: z
    .string()
    .regex(/^[!-~]{1,4096}$/, 'a credential is 1 to 4096 visible ASCII characters, without spaces')
    .openapi({ description: 'The admin credential. Stored sealed; never answered.', format: 'password' }),
  parameters: RefsSchema,
  upstream: z
    .strictObject({
      scheme: z.enum(['https', 'http']),
      host: z.string().min(1).max(253),
      port: z.int().min(1).max(65535),
      private: z.boolean(),
    })
    .optional()
    .openapi({ description: 'Where the API for keys answers; left out: where the pack says' }),
  reason: ReasonSchema.optional(),
});
