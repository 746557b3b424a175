import { z } from '@hono/zod-openapi';

/** What an answer to "this party is breached" holds. Counts of people are exact, of those whom journals name; null is unknown. */

const Layer = z.enum(['observed', 'declared', 'inferred', 'unknown']);
const Named = z.object({ id: z.string(), name: z.string() });

const WaySchema = z.object({
  through: z.array(Named).openapi({
    description: 'From the vendor that we deal with to the party, which is last; one alone: we deal with it',
  }),
  layer: Layer,
  scopes: z.array(z.string()).nullable().openapi({ description: 'What goes over it; null: nobody knows' }),
  sources: z.array(z.string()),
});

const DataSchema = z.object({
  vendor: Named.openapi({ description: 'To whom it was sent by us' }),
  class: z.string(),
  label: z.string(),
  treatment: z.string(),
  layer: Layer.openapi({ description: 'That the party has it' }),
  people: z.number().nullable(),
  peopleInWindow: z.number().nullable(),
  peopleAsDeclared: z
    .number()
    .nullable()
    .openapi({ description: 'Fewer, if the vendor kept to the retention that it declared' }),
  organisations: z.number().nullable(),
  crossings: z.number().nullable(),
  apps: z.array(Named),
  firstSeenAt: z.string().nullable(),
  lastSeenAt: z.string().nullable(),
  retention: z
    .object({ days: z.number().nullable(), source: z.string(), asOf: z.string() })
    .nullable()
    .openapi({ description: 'As declared; null: nothing is declared' }),
  deletion: z.object({ on: z.string(), isProven: z.boolean(), source: z.string() }).nullable(),
  source: z.string().openapi({ description: 'What says so' }),
  places: z
    .array(
      z.object({
        kind: z.string(),
        place: z.string(),
        jurisdiction: z.string().nullable(),
        layer: z.enum(['declared', 'observed']),
        source: z.string(),
      }),
    )
    .openapi({
      description:
        'Where the party is said to keep this kind of data, or all; and where it was seen in the last 30 days, which says nothing of the kind. Empty: unknown',
    }),
});

const AccountSchema = z.object({
  vendor: Named.openapi({ description: 'Where our people have the accounts' }),
  people: z.number().nullable(),
  accounts: z.number(),
  layer: Layer,
  fields: z.array(z.object({ name: z.string(), layer: Layer, source: z.string() })),
});

const GroupSchema = z.object({
  people: z.number(),
  classes: z.array(z.object({ class: z.string(), label: z.string(), treatment: z.string() })),
  quotes: z.array(
    z.object({ class: z.string(), label: z.string(), coarse: z.boolean(), weight: z.number() }),
  ),
  phishability: z
    .object({ total: z.number(), reach: z.number(), name: z.number(), facts: z.number() })
    .openapi({ description: 'Parts of 100 that add up: a measure for comparing groups, no chance' }),
});

const CredentialSchema = z.object({
  kind: z.enum(['connection', 'grant', 'held_key']),
  id: z.string(),
  name: z.string(),
  layer: Layer,
  scopes: z.array(z.string()),
  since: z.string().nullable(),
  lastUsedAt: z.string().nullable(),
  ours: z.boolean().openapi({ description: 'Whether we can replace it here' }),
  doText: z.string(),
});

const DependentSchema = z.object({
  app: Named,
  vendor: Named,
  connections: z.array(Named),
  crossings: z.number(),
  lastSeenAt: z.string(),
});

const WorkflowSchema = z.object({
  kind: z.enum(['workload', 'pipeline', 'deployment', 'workflow', 'agent', 'around']).openapi({
    description:
      'workload: let in by workload identity. pipeline, deployment, workflow, agent: set up in a file of evidence. around: an app that reaches hosts of the vendor through the egress proxy',
  }),
  id: z.string(),
  name: z.string(),
  detail: z.string().nullable().openapi({ description: 'The subject of its tokens; what the file names' }),
  app: Named.nullable(),
  vendor: Named,
  layer: Layer,
  lastSeenAt: z.string().nullable(),
  source: z.string().openapi({ description: 'What says so' }),
  run: z.string().nullable().openapi({ description: 'The run of evidence; null: it is none' }),
});

export const BlastSchema = z
  .object({
    party: z.object({ id: z.string(), name: z.string(), status: z.string(), connected: z.boolean() }),
    from: z.string(),
    to: z.string(),
    asOf: z.string().nullable().openapi({ description: 'Up to when journals came in; null: none did' }),
    whose: z.object({ ourData: z.boolean(), ourAccounts: z.boolean(), text: z.string() }),
    ways: z.array(WaySchema),
    data: z.array(DataSchema),
    people: z.object({
      people: z.number(),
      peopleInWindow: z.number(),
      peopleAsDeclared: z.number(),
      organisations: z.number(),
      groups: z.array(GroupSchema).openapi({ description: 'The largest, each person in one' }),
      moreGroups: z.number(),
      places: z
        .array(
          z.object({
            country: z.string().nullable().openapi({ description: 'ISO 3166-1' }),
            language: z.string().nullable().openapi({ description: 'BCP 47, the primary one' }),
            people: z.number(),
          }),
        )
        .nullable()
        .openapi({
          description:
            'The people by where they are and what they read, each once; null in it: nobody says. Null: the people directory says neither of anybody',
        }),
    }),
    accounts: z.array(AccountSchema),
    credentials: z.array(CredentialSchema),
    dependents: z.array(DependentSchema),
    workflows: z.array(WorkflowSchema).openapi({
      description: 'What stops with it beside apps over connections, as far as the records name it',
    }),
    substitutes: z.array(z.object({ id: z.string(), name: z.string(), days: z.number().nullable() })),
    chain: z.object({
      sharedBy: z.array(Named).openapi({ description: 'Vendors of ours that hand data on to the party' }),
      behind: z.array(z.object({ ...Named.shape, layer: Layer })).openapi({
        description: 'To whom the party itself hands data on: a breach there is one of it',
      }),
    }),
    notAffected: z.array(
      z.object({ class: z.string(), label: z.string(), text: z.string(), proven: z.boolean() }),
    ),
    unknown: z.array(z.object({ code: z.string(), text: z.string() })),
  })
  .openapi('BlastRadius');
export type Blast = z.infer<typeof BlastSchema>;

export const WeakestSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    people: z
      .number()
      .nullable()
      .openapi({ description: 'Of whom it got data, each once; null: nothing was seen to cross to it' }),
    reachable: z
      .number()
      .nullable()
      .openapi({ description: 'Of these at most so many whose address it got in clear' }),
    accounts: z
      .number()
      .nullable()
      .openapi({ description: 'Of our people at it; null: nobody imported any' }),
    phishability: z.number().nullable(),
    credentials: z.number(),
    apps: z.number(),
    status: z.string(),
    unknown: z.array(z.string()),
  })
  .openapi('WeakestLink');
export type Weakest = z.infer<typeof WeakestSchema>;
