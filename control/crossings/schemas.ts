import {
  crossingModes,
  egressEnds,
  egressModes,
  egressNames,
  FieldClassSchema,
  TreatmentNameSchema,
} from '@drawbridge/protocol';
import { z } from '@hono/zod-openapi';
import { PageQuerySchema } from '../platform/index.ts';

/** What the crossings routes take and answer. */

const NamedSchema = z.object({ id: z.string(), name: z.string() });

/** Counts of the last 24 hours. */
export const Traffic24hSchema = z.object({
  crossings24h: z.number().openapi({ description: 'Crossings: `crossed24h` and `refused24h` together' }),
  crossed24h: z.number().openapi({ description: 'Crossings that were forwarded to the vendor' }),
  refused24h: z.number().openapi({ description: 'Crossings that were refused: nothing of them was sent' }),
});

export const CrossingSchema = z
  .object({
    id: z.string(),
    at: z.string(),
    vendor: z.string(),
    service: z.string(),
    connection: NamedSchema,
    app: NamedSchema,
    endpoint: z.string(),
    class: z.string(),
    method: z.string(),
    decision: z.enum(['forwarded', 'refused']),
    reason: z.string().nullable(),
    stage: z.string().nullable(),
    /** Field class, treatment, count. Of a refused crossing: what the contract said; nothing was sent. */
    fields: z.array(z.tuple([z.string(), z.string(), z.number()])),
    mode: z.enum(crossingModes),
    would: z
      .object({
        fields: z.array(z.tuple([z.string(), z.string(), z.number()])),
        reason: z.string().nullable(),
      })
      .nullable()
      .openapi({
        description:
          'Where the mode is not `enforce`: what contract and policies would have done otherwise than was done, and why they would have refused it',
      }),
    egress: z
      .object({
        host: z.string(),
        port: z.number(),
        mode: z.enum(egressModes),
        would: z.string().nullable().openapi({ description: 'Why `enforce` would have refused it' }),
      })
      .nullable()
      .openapi({
        description: 'Where it went through the egress proxy, and not over a connection; else null',
      }),
    bytes: z.object({ received: z.number(), sent: z.number() }),
    status: z.number().nullable(),
    outcome: z.string().nullable(),
    durationMs: z.number().nullable(),
  })
  .openapi('Crossing');

export const CrossingDetailSchema = CrossingSchema.extend({
  log: z.object({ origin: z.string(), index: z.number() }),
  settlement: z
    .object({
      at: z.string(),
      outcome: z.string(),
      status: z.number().nullable(),
      remote: z.string().nullable(),
      bytes: z.object({ response: z.number() }),
      egress: z
        .object({ sent: z.number(), ended: z.enum(egressEnds), sni: z.enum(egressNames).nullable() })
        .nullable()
        .openapi({
          description: 'Of the egress proxy: bytes on the wire that went out, how it ended, what TLS named',
        }),
      usage: z.object({ input: z.number(), output: z.number() }).nullable(),
      tokens: z.object({ restored: z.number(), unknown: z.number() }).nullable().openapi({
        description:
          'Tokens put back into the answer, and those in it that this request did not issue; null: it issued none',
      }),
    })
    .nullable(),
  contract: z.object({ id: z.string(), version: z.number() }),
  breakGlass: z.string().nullable(),
  kept: z.array(z.string()).openapi({
    description:
      'Secrets that Drawbridge keeps and that stood in the request: `credential:…`, `virtual_key:…`, `canary:…` and an id',
  }),
  imitated: z.number().openapi({
    description: 'Texts in the form of a token that the request came with, and that stand for nothing',
  }),
  snapshot: z.number(),
  timings: z.array(z.object({ stage: z.string(), micros: z.number() })).nullable(),
  items: z.array(
    z.object({
      index: z.number(),
      erased: z.boolean(),
      /** It named an erased subject beside its own: that name is gone, and what is left is no longer proven by its hash. */
      reduced: z.boolean(),
      /** The gateway had deleted the payload before it was shipped: only that there was an item is known. */
      missing: z.boolean(),
      subject: z.string().nullable(),
      kind: z.string().nullable(),
      links: z.number(),
      fields: z.array(
        z.object({
          path: z.string(),
          class: z.string(),
          treatment: z.string(),
          shape: z.string(),
          count: z.number(),
        }),
      ),
      review: z.array(z.object({ hash: z.string(), kind: z.string(), shape: z.string() })),
    }),
  ),
  refusal: z.object({ code: z.string(), text: z.string() }).nullable(),
  wouldRefuse: z.object({ code: z.string(), text: z.string() }).nullable(),
}).openapi('CrossingDetail');

/** What crossed of a connection, by where it stood in requests; never a value. */
export const ShapesSchema = z
  .object({
    crossings: z.int().openapi({ description: 'How many of the latest forwarded crossings were looked at' }),
    limit: z.int().openapi({ description: 'At most this many are' }),
    since: z.string().nullable(),
    latest: z.string().nullable(),
    lifted: z.int().openapi({ description: 'Of them, those under a mode other than `enforce`' }),
    items: z.object({ read: z.int(), erased: z.int(), missing: z.int(), unread: z.int() }).openapi({
      description:
        'Payload items: read; erased; deleted by the gateway before they were shipped; not read, as they would be too many or too large',
    }),
    leftOff: z.int().openapi({ description: 'Fields beyond those given: the least seen ones' }),
    endpoints: z.array(
      z.object({
        endpoint: z.string(),
        class: z.string(),
        crossings: z.int(),
        fields: z.array(
          z.object({
            path: z.string().openapi({
              description: 'The path of the rule; `#` and a keyed hash where no rule maps the name',
            }),
            name: z.string().nullable().openapi({
              description: 'Of an unmapped name: as the contract or the review queue shows it, else null',
            }),
            waiting: z.boolean().openapi({ description: 'The name waits in the review queue' }),
            class: z.string(),
            shape: z.string(),
            treatment: z.string(),
            crossings: z.int(),
            values: z.int(),
            firstSeenAt: z.string(),
            lastSeenAt: z.string(),
          }),
        ),
      }),
    ),
  })
  .openapi('ConnectionShapes');
export type Shapes = z.infer<typeof ShapesSchema>;

const Id = z.string().min(1).max(60);
const Time = z.iso.datetime({ offset: true });

export const CrossingQuerySchema = PageQuerySchema.extend({
  connection: Id.optional(),
  vendor: Id.optional(),
  app: Id.optional(),
  /** A virtual key's id. */
  key: Id.optional(),
  decision: z.enum(['forwarded', 'refused']).optional(),
  endpoint: Id.optional(),
  /** A field class that the crossing carried, sent or not. */
  class: FieldClassSchema.optional(),
  /** What became of it, or of any class where none is given; of a refused crossing all is `refuse`. */
  treatment: TreatmentNameSchema.optional(),
  /** A subject's ledger pseudonym. */
  subject: z.string().min(1).max(44).optional(),
  /** From this time on. */
  from: Time.optional(),
  /** Until before this time. */
  to: Time.optional(),
});

export const UsePlaceSchema = z
  .object({
    vendor: z.string(),
    connection: NamedSchema,
    endpoint: z.string(),
    class: z.string(),
    crossings: z.number().openapi({ description: 'Forwarded and refused together, ever' }),
    refused: z.number(),
    firstAt: z.string(),
    lastAt: z.string(),
  })
  .openapi('UsePlace');
export type UsePlace = z.infer<typeof UsePlaceSchema>;

/** The list's filters, but for times: what is followed is from now on. */
export const LiveQuerySchema = CrossingQuerySchema.omit({ cursor: true, limit: true, from: true, to: true });
export type LiveQuery = z.infer<typeof LiveQuerySchema>;

export type Crossing = z.infer<typeof CrossingSchema>;
export type CrossingDetail = z.infer<typeof CrossingDetailSchema>;
export type CrossingQuery = z.infer<typeof CrossingQuerySchema>;

export const SightingSchema = z
  .object({
    vendor: z.string(),
    service: z.string(),
    connection: NamedSchema,
    app: NamedSchema,
    reason: z.enum(['unknown_endpoint', 'upgrade_not_supported']),
    method: z.string(),
    path: z.string().openapi({
      description: 'The path as a template: words of APIs as they are, all else as :x. Never a query',
    }),
    times: z.int(),
    firstAt: z.string(),
    lastAt: z.string(),
  })
  .openapi('Sighting');
export type Sighting = z.infer<typeof SightingSchema>;
