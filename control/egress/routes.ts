import { egressModes, isEgressHost } from '@drawbridge/protocol';
import { createRoute, z } from '@hono/zod-openapi';
import type { Approvals } from '../approvals/index.ts';
import {
  createRouter,
  givenReason,
  json,
  needs,
  PageQuerySchema,
  type Platform,
  pageSchema,
  problemResponses,
  ReasonSchema,
} from '../platform/index.ts';
import { type Egress, listed } from './egress.ts';
import { pageOfHosts } from './hosts.ts';
import type { Changed } from './preview.ts';
import type { RulesInForce, StoredRules } from './rules.ts';

const Named = z.object({ id: z.string(), name: z.string() });
const texts = (most: number) => z.array(z.string().trim().toLowerCase().min(1).max(260)).max(most);
const ids = (most: number) => z.array(z.string().min(1).max(60)).max(most);
const ports = z.array(z.int().min(1).max(65_535)).max(100);

const ListsSchema = z.object({
  mode: z.enum(egressModes),
  ports: z.object({ connect: ports, http: ports }),
  allow: z.object({
    vendors: ids(2000),
    hosts: texts(5000),
    countries: z.array(z.string().regex(/^[A-Z]{2}$/)).max(250),
  }),
  deny: z.object({ vendors: ids(2000), hosts: texts(5000) }),
  networks: texts(100),
  sni: z.boolean(),
});

const ConsequenceSchema = z
  .object({ days: z.number(), hosts: z.number(), refused: z.number(), apps: z.number() })
  .openapi({
    description:
      'Of the hosts that were used in the last days: how many `enforce` would refuse, and how many apps use those',
  });

const EgressRulesSchema = ListsSchema.extend({
  version: z.number().openapi({ description: '0: nobody said anything yet, and the proxy serves nobody' }),
  apps: z.array(Named).openapi({ description: 'Apps whose secret keys may use the proxy' }),
  changedAt: z.string().nullable(),
  changedBy: z.string().nullable(),
  reason: z.string().nullable(),
  consequence: ConsequenceSchema,
}).openapi('EgressRules');

const ChangeSchema = ListsSchema.extend({ apps: ids(10_000) })
  .partial()
  .extend({
    basedOn: z.int().min(0).openapi({ description: 'The version that was looked at' }),
    reason: ReasonSchema.optional(),
  })
  .strict();

const PreviewedSchema = ListsSchema.extend({ apps: ids(10_000) })
  .partial()
  .extend({ basedOn: z.int().min(0).openapi({ description: 'The version that was looked at' }) })
  .strict();

const ChangedSchema = z.object({
  count: z.int(),
  hosts: z
    .array(
      z.object({
        host: z.string(),
        vendor: z.string().nullable(),
        apps: z.array(Named),
        crossings: z.int(),
        reason: z
          .string()
          .nullable()
          .openapi({ description: 'Why it would be refused; null: it would pass' }),
      }),
    )
    .openapi({ description: 'The 50 that are used most' }),
});
const PreviewSchema = z
  .object({
    loosens: z.boolean().openapi({
      description: 'It opens more than now: where changes wait for a second person, this one would',
    }),
    before: ConsequenceSchema,
    after: ConsequenceSchema,
    opened: ChangedSchema.openapi({ description: 'Hosts that `enforce` would let through from then on' }),
    shut: ChangedSchema.openapi({ description: 'Hosts that `enforce` would refuse from then on' }),
  })
  .openapi('EgressPreview');
export type EgressPreviewView = z.infer<typeof PreviewSchema>;

const HostSchema = z
  .object({
    host: z.string(),
    vendor: z.string().nullable().openapi({ description: 'Null: no vendor is known for it' }),
    apps: z.array(Named),
    ports: z.array(z.number()),
    firstAt: z.string(),
    lastAt: z.string(),
    crossings: z.number(),
    refused: z.number(),
    sent: z.number().openapi({ description: 'Bytes on the wire' }),
    received: z.number(),
    enforced: z.string().nullable().openapi({
      description: 'Why `enforce` would refuse it under the rules as they are; null: it would pass',
    }),
  })
  .openapi('EgressHost');

const HostQuerySchema = PageQuerySchema.extend({
  app: z.string().max(60).optional(),
  unknown: z.enum(['true', 'false']).optional(),
});

const read = createRoute({
  method: 'get',
  path: '/egress',
  'x-needs': needs('egress.read'),
  summary: 'The rules of the egress proxy, and what enforcing them would refuse',
  responses: { 200: json(EgressRulesSchema, 'The rules in force'), ...problemResponses },
});
const change = createRoute({
  method: 'patch',
  path: '/egress',
  'x-needs': needs('egress.change'),
  summary: 'Change mode, apps and lists of the egress proxy',
  request: { body: { required: true, content: { 'application/json': { schema: ChangeSchema } } } },
  responses: { 200: json(EgressRulesSchema, 'The rules in force now'), ...problemResponses },
});
const preview = createRoute({
  method: 'post',
  path: '/egress/preview',
  'x-needs': needs('egress.read'),
  summary:
    'What a change of the rules would do to the hosts of the last days, were it enforced; it changes nothing',
  request: { body: { required: true, content: { 'application/json': { schema: PreviewedSchema } } } },
  responses: { 200: json(PreviewSchema, 'What would be different'), ...problemResponses },
});
const list = createRoute({
  method: 'post',
  path: '/egress/listed-hosts',
  'x-needs': needs('egress.change'),
  summary: 'Allow or deny one host, or take it off both lists',
  request: {
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z.strictObject({
            host: z.string().max(253).refine(isEgressHost, 'is no host name in lower case, and no address'),
            list: z.enum(['allow', 'deny', 'none']),
            reason: ReasonSchema.optional(),
          }),
        },
      },
    },
  },
  responses: { 200: json(EgressRulesSchema, 'The rules in force now'), ...problemResponses },
});
const seen = createRoute({
  method: 'get',
  path: '/egress/hosts',
  'x-needs': needs('egress.read'),
  summary: 'What apps talk to through the egress proxy; hosts of no known vendor first',
  request: { query: HostQuerySchema },
  responses: { 200: json(pageSchema(HostSchema), 'A page of hosts'), ...problemResponses },
});

export function egressRoutes(platform: Platform, egress: Egress, approvals: Approvals) {
  async function answer(found: RulesInForce): Promise<z.infer<typeof EgressRulesSchema>> {
    const { version, rules, madeAt, madeBy, reason } = found;
    const names = await egress.appNames(rules.apps);
    return {
      ...rules,
      version,
      apps: rules.apps.map((id) => ({ id, name: names.get(id) ?? id })),
      changedAt: madeAt?.toISOString() ?? null,
      changedBy: madeBy,
      reason,
      consequence: await egress.consequenceOf(rules),
    };
  }
  return createRouter()
    .openapi(read, async (c) => c.json(await answer(await egress.read()), 200))
    .openapi(change, async (c) => {
      const { basedOn, reason, ...changed } = c.req.valid('json');
      const by = { actor: c.get('actor'), reason: givenReason(c, reason) };
      const made = await approvals.asking(by, () => egress.change(basedOn, making(changed), by));
      return c.json(await answer(made), 200);
    })
    .openapi(preview, async (c) => {
      const { basedOn, ...changed } = c.req.valid('json');
      const { opened, shut, ...rest } = await egress.preview(basedOn, making(changed));
      const names = await egress.appNames([
        ...new Set([...opened.hosts, ...shut.hosts].flatMap(({ apps }) => apps)),
      ]);
      const named = ({ count, hosts }: Changed) => ({
        count,
        hosts: hosts.map((one) => ({
          ...one,
          apps: one.apps.map((id) => ({ id, name: names.get(id) ?? id })),
        })),
      });
      return c.json({ ...rest, opened: named(opened), shut: named(shut) }, 200);
    })
    .openapi(list, async (c) => {
      const { host, list: onto, reason } = c.req.valid('json');
      const by = { actor: c.get('actor'), reason: givenReason(c, reason) };
      const make = (rules: StoredRules): StoredRules => listed(rules, host, onto);
      const made = await approvals.asking(by, () => egress.change(null, make, by));
      return c.json(await answer(made), 200);
    })
    .openapi(seen, async (c) => {
      const { unknown, ...query } = c.req.valid('query');
      const { items, next } = await pageOfHosts(platform, { ...query, unknown: unknown === 'true' });
      const { rules } = await egress.read();
      const [reasonOf, names] = await Promise.all([
        egress.judging(rules),
        egress.appNames([...new Set(items.flatMap(({ apps }) => apps))]),
      ]);
      const shown = items.map(
        ({ host, vendor, apps, ports: used, firstAt, lastAt, crossings, refused, sent, received }) => ({
          host,
          vendor,
          apps: apps.map((id) => ({ id, name: names.get(id) ?? id })),
          ports: used,
          firstAt: firstAt.toISOString(),
          lastAt: lastAt.toISOString(),
          crossings,
          refused,
          sent,
          received,
          enforced: reasonOf(host),
        }),
      );
      return c.json({ items: shown, next }, 200);
    });
}

/** The rules with what a request says of them. */
function making(changed: object) {
  const given = Object.fromEntries(Object.entries(changed).filter(([, value]) => value !== undefined));
  return (rules: StoredRules): StoredRules => ({ ...rules, ...given });
}
