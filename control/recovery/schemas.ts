import { z } from '@hono/zod-openapi';
import { pageSchema, ReasonSchema } from '../platform/index.ts';
import { drillEnds } from './tables.ts';

const Named = z.object({ id: z.string(), name: z.string() });
const Count = z.number().int();
const Ms = z.number().nullable();

const CountsSchema = z.object({
  requests: Count,
  answered: Count.openapi({
    description: 'Another connection answered, with a status below 500 and not 429',
  }),
  held: Count.openapi({ description: 'Kept by a gateway, and sent behind it' }),
  dropped: Count,
  failed: Count.openapi({ description: 'The app got an error' }),
  open: Count.openapi({ description: 'How they ended is not known yet' }),
});
export type DrillCounts = z.infer<typeof CountsSchema>;

const AroundSchema = z.object({
  refused: Count.openapi({ description: 'Tunnels and plain requests that were turned away' }),
  ended: Count.openapi({ description: 'Tunnels that ran when it began, and were ended' }),
});
export type Around = z.infer<typeof AroundSchema>;

/** What is written down of a drill. A new version gets a format of its own: reports are kept as they were made. */
export const REPORT_FORMAT = 'drawbridge.recovery-report/2';
export const ReportSchema = z
  .object({
    format: z.enum(['drawbridge.recovery-report/1', REPORT_FORMAT]),
    drill: z.string(),
    vendor: Named,
    app: Named.nullable().openapi({ description: 'Null: all apps' }),
    share: z.number().openapi({ description: 'Per cent of their requests' }),
    from: z.string(),
    until: z.string(),
    ended: z.enum(['time', 'stopped']),
    madeAt: z.string(),
    verdict: z.enum(['recovers', 'breaks', 'unknown']).openapi({
      description:
        '`breaks`: a request failed or was dropped, or the egress proxy turned something away. `unknown`: nothing was asked of the vendor, or not all of it has ended: it shows nothing',
    }),
    counts: CountsSchema,
    apps: z.array(CountsSchema.extend({ app: Named })),
    egress: AroundSchema.extend({ apps: z.array(AroundSchema.extend({ app: Named })) })
      .optional()
      .openapi({
        description: 'What the egress proxy turned away; left out in the first format, when it had no part',
      }),
    answeredBy: z.array(z.object({ connection: Named, answered: Count })),
    firstAnswerAfterMs: Ms.openapi({
      description: 'From the beginning of the drill to the first request answered',
    }),
    answerMs: z.object({ median: Ms, p95: Ms, longest: Ms }).openapi({
      description: 'Milliseconds of the tries that answered',
    }),
    before: z
      .object({
        from: z.string(),
        until: z.string(),
        requests: Count,
        answered: Count,
        answerMs: z.object({ median: Ms, p95: Ms, longest: Ms }),
      })
      .openapi({ description: 'The same apps and the vendor, in the same time before it began' }),
  })
  .openapi('RecoveryReport');
export type RecoveryReport = z.infer<typeof ReportSchema>;

export const RecoveryDrillViewSchema = z
  .object({
    id: z.string(),
    vendor: Named,
    app: Named.nullable(),
    share: z.number().openapi({ description: 'Per cent of the requests' }),
    minutes: Count,
    state: z.enum(['planned', 'running', ...drillEnds]),
    startsAt: z.string(),
    everyDays: Count.nullable(),
    inTrouble: z.boolean(),
    reason: z.string(),
    plannedBy: z.string(),
    beganAt: z.string().nullable(),
    until: z.string().nullable(),
    endedAt: z.string().nullable(),
    endedBy: z.string().nullable(),
    endReason: z.string().nullable(),
    report: ReportSchema.nullable().openapi({
      description: 'Null: it has not begun, or the report is not made yet',
    }),
    reportHash: z
      .string()
      .nullable()
      .openapi({ description: 'SHA-256 of the report’s text; the audit log has it too' }),
  })
  .openapi('RecoveryDrill');
export type RecoveryDrillView = z.infer<typeof RecoveryDrillViewSchema>;
export const RecoveryDrillPageSchema = pageSchema(RecoveryDrillViewSchema);

export const NewRecoveryDrillSchema = z
  .strictObject({
    vendor: z.string().regex(/^[a-z0-9][a-z0-9-]{0,60}$/),
    app: z.string().max(60).nullable().openapi({ description: 'Null: all apps' }),
    share: z
      .number()
      .min(0.01)
      .max(100)
      .multipleOf(0.01)
      .openapi({ description: 'Per cent of the requests' }),
    minutes: z.int().min(1).max(240),
    startsAt: z.iso.datetime({ offset: true }).optional().openapi({ description: 'Left out: at once' }),
    everyDays: z.int().min(1).max(366).optional().openapi({ description: 'And again, every so many days' }),
    inTrouble: z.boolean().optional().openapi({
      description: 'It may run while the vendor is cut off, or an incident about it is open',
    }),
    reason: ReasonSchema.optional(),
  })
  .openapi('NewRecoveryDrill');
export type NewRecoveryDrill = Omit<z.infer<typeof NewRecoveryDrillSchema>, 'reason'>;
