import { FieldClassSchema } from '@drawbridge/protocol';
import { z } from '@hono/zod-openapi';
import { layers, scopes } from '../chain/index.ts';
import { pageSchema, ReasonSchema } from '../platform/index.ts';
import { targetKinds } from './tables.ts';

const Party = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,60}$/, 'a vendor’s id has lower-case letters, digits and hyphens, at most 61');
const Named = z.object({ id: z.string(), name: z.string() });

export const lineKinds = [
  'connection',
  'egress_host',
  'app',
  'oauth_grant',
  'credential',
  'held_key',
  'sdk',
  'variable',
  'dns',
  'sender',
  'service',
  'accounts',
  'chain_link',
  'unknown',
] as const;

export const SeverLineSchema = z
  .object({
    id: z.string(),
    what: z.string(),
    kind: z.enum(lineKinds),
    owner: z.string().nullable().openapi({ description: 'Null: nobody is entered as its owner' }),
    layer: z.enum([...layers, 'unknown']).openapi({
      description: 'Whether it was observed, declared, follows from something else, or is not known',
    }),
    proof: z
      .object({ text: z.string(), href: z.string() })
      .nullable()
      .openapi({ description: 'What shows it, and where to look; null: nothing does' }),
    done: z
      .object({ at: z.string(), by: z.string(), proof: z.string().nullable() })
      .nullable()
      .openapi({ description: 'Who said that it was done, and what shows that' }),
  })
  .openapi('SeverLine');
export type SeverLine = z.infer<typeof SeverLineSchema>;

const Lists = {
  cutNow: z.array(SeverLineSchema).openapi({ description: 'Traffic through Drawbridge: cut at once' }),
  revokeThere: z.array(SeverLineSchema).openapi({ description: 'To be ended elsewhere, by people' }),
  notOurs: z.array(SeverLineSchema).openapi({ description: 'From vendor to vendor: not ours to cut' }),
  unknown: z.array(SeverLineSchema).openapi({ description: 'What nothing here can tell' }),
};

export const ConsequencesSchema = z
  .object({
    days: z.number().openapi({ description: 'How many whole days, today among them, are counted' }),
    apps: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        owner: z.string().nullable(),
        vendor: Named,
        crossings: z.number(),
        lastAt: z.string(),
      }),
    ),
    connections: z.array(Named.extend({ state: z.enum(['open', 'severed']) })),
    substitutes: z.array(Named.extend({ days: z.number().nullable() })),
    pseudonyms: z.object({
      epochs: z.array(z.object({ vendor: Named, epoch: z.number() })),
      people: z
        .number()
        .nullable()
        .openapi({ description: 'Of whom pseudonyms crossed; null: there is nothing to destroy' }),
      text: z.string(),
    }),
  })
  .openapi('SeverConsequences');

const Target = z.object({
  kind: z.enum(targetKinds),
  id: z.string(),
  name: z.string(),
  fieldClass: z.string().nullable(),
  treatment: z.enum(['refuse', 'drop']).nullable(),
});

export const grades = ['observed', 'configured', 'capable', 'transitive'] as const;
const DependentSchema = z
  .object({
    vendor: Named,
    through: z.array(Named).openapi({ description: 'From the vendor of ours to the party, which is last' }),
    layer: z.enum(layers).openapi({ description: 'Of the weakest link of the way' }),
    grade: z.enum(grades).openapi({ description: 'How surely we ourselves use this vendor' }),
    scopes: z
      .array(z.enum(scopes))
      .nullable()
      .openapi({ description: 'Null: nobody knows what goes that way' }),
  })
  .openapi('SeverDependent');

export const PlanSchema = z
  .object({
    target: Target,
    vendors: z.array(Named).openapi({ description: 'Those that would be cut off' }),
    dependents: z.array(DependentSchema).openapi({
      description: 'Of a party: vendors of ours behind which it stands. A person chooses among them',
    }),
    ...Lists,
    consequences: ConsequencesSchema,
    alreadyHeldBy: z.array(z.object({ id: z.string(), by: z.string(), since: z.string() })),
  })
  .openapi('SeverancePlan');
export type Plan = z.infer<typeof PlanSchema>;

export const severanceStates = ['in_force', 'partly', 'reopened', 'ended', 'rehearsal'] as const;
const Head = {
  id: z.string(),
  target: Target,
  vendors: z.array(Named),
  state: z.enum(severanceStates).openapi({
    description:
      '`partly`: not every gateway runs on it yet. `ended`: its time was over. `rehearsal`: of a drill, nothing was cut',
  }),
  since: z.string(),
  until: z.string().nullable(),
  by: z.string(),
  reason: z.string(),
  incident: z
    .object({ id: z.string(), number: z.number(), title: z.string(), drill: z.boolean() })
    .nullable()
    .openapi({ description: 'Null: none, or one that you may not know of' }),
  ended: z.object({ at: z.string(), by: z.string(), reason: z.string() }).nullable(),
};

export const SeveranceRowSchema = z.object(Head).openapi('SeveranceRow');
export type SeveranceRowView = z.infer<typeof SeveranceRowSchema>;
export const SeverancePageSchema = pageSchema(SeveranceRowSchema);

export const SeveranceSchema = z
  .object({
    ...Head,
    ...Lists,
    consequences: ConsequencesSchema,
    inForce: z.array(
      z.object({
        gateway: z.string(),
        workers: z.number().nullable(),
        at: z
          .string()
          .nullable()
          .openapi({ description: 'Since when, at the latest, all of its workers run on it; null: not yet' }),
        lastSeenAt: z.string().nullable(),
      }),
    ),
    pseudonyms: z.array(z.object({ vendor: Named, epoch: z.number(), destroyedAt: z.string().nullable() })),
    heldBy: z
      .array(z.object({ id: z.string(), by: z.string(), since: z.string() }))
      .openapi({ description: 'Other severances that hold some of the same: it stays cut while they hold' }),
    waits: z
      .object({
        why: z.literal('contract_changed'),
        text: z.string(),
        contracts: z.array(z.object({ connection: Named, was: z.number(), now: z.number() })),
      })
      .nullable()
      .openapi({ description: 'What a person has to look at before it opens' }),
  })
  .openapi('Severance');
export type Severance = z.infer<typeof SeveranceSchema>;

export const PlanQuerySchema = z.object({
  vendor: Party.optional(),
  connection: z.string().min(1).max(60).optional(),
  party: Party.optional(),
  fieldClass: FieldClassSchema.optional(),
  treatment: z.enum(['refuse', 'drop']).optional(),
  vendors: z
    .string()
    .max(10_000)
    .optional()
    .openapi({ description: 'With `party`: which of its dependents, by ids with commas between' }),
});

export const BeginSchema = z
  .strictObject({
    target: z.strictObject({
      kind: z.enum(targetKinds),
      id: z.string().min(1).max(61),
      fieldClass: FieldClassSchema.optional(),
      treatment: z.enum(['refuse', 'drop']).optional().openapi({
        description:
          'With `fieldClass`: `refuse` (the whole request; the default) or `drop` (the value alone)',
      }),
      vendors: z.array(Party).min(1).max(200).optional().openapi({
        description: 'With kind `party`: which vendors of ours, of those that the plan lists',
      }),
    }),
    until: z.iso
      .datetime({ offset: true })
      .optional()
      .openapi({ description: 'When it opens by itself; left out: when somebody reopens it' }),
    destroyPseudonyms: z.boolean().optional().openapi({
      description:
        'Destroys the vendors’ pseudonym secrets. It can not be undone, and needs `epoch.begin` too',
    }),
    incident: z.uuid().optional(),
    reason: ReasonSchema.optional(),
  })
  .openapi('NewSeverance');
export type Begin = z.infer<typeof BeginSchema>;

export const MarkSchema = z
  .strictObject({
    done: z.boolean(),
    proof: z.string().trim().min(1).max(2000).optional(),
    reason: ReasonSchema.optional(),
  })
  .openapi('SeverLineMark');

export const ReopenSchema = z
  .strictObject({
    reason: ReasonSchema.optional(),
    contracts: z.record(z.string().max(60), z.int().min(1)).optional().openapi({
      description:
        'Of a field class: the contract versions that you looked at, by connection, where contracts were changed meanwhile',
    }),
  })
  .openapi('SeveranceReopening');
