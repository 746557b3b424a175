import type { Leaf, Settlement } from '@drawbridge/protocol';
import { z } from 'zod';
import { madeUpCrossing, madeUpSettlement } from '../crossings/testing.ts';
import type { ChangeEvent, ExportEvent } from './event.ts';

/**
 * What the published schemas demand of the classes and fields in use, written from them and not from the mapping:
 * OCSF 1.8 (https://schema.ocsf.io: base event, API Activity, Authentication, Entity Management and their objects) and
 * ECS 8.17 (https://www.elastic.co/docs/reference/ecs: allowed values of the categorization fields).
 */

const Text = z.string().min(1);
const Port = z.int().min(0).max(65_535);

const User = z
  .strictObject({
    uid: Text.optional(),
    name: Text.optional(),
    type_id: z.literal([0, 1, 2, 3, 4, 99]).optional(),
    type: Text.optional(),
  })
  .refine((user) => user.uid !== undefined || user.name !== undefined, 'at least one of uid, name');
const Actor = z
  .strictObject({ user: User.optional(), app_uid: Text.optional(), app_name: Text.optional() })
  .refine((actor) => Object.keys(actor).length > 0, 'at least one of its attributes');
const Endpoint = z
  .strictObject({
    uid: Text.optional(),
    name: Text.optional(),
    svc_name: Text.optional(),
    hostname: Text.optional(),
    ip: z.union([z.ipv4(), z.ipv6()]).optional(),
    port: Port.optional(),
  })
  .refine(({ port: _, ...named }) => Object.keys(named).length > 0, 'at least one name');
const Metadata = z.strictObject({
  version: z.literal('1.8.0'),
  product: z.strictObject({ name: Text, vendor_name: Text }),
  profiles: z.array(z.literal(['host', 'security_control'])),
  uid: Text,
  event_code: Text,
  log_name: Text,
  sequence: z.int().min(0).optional(),
  correlation_uid: Text.optional(),
  tenant_uid: Text,
});
const Base = {
  activity_id: z.int(),
  activity_name: Text,
  category_uid: z.int(),
  category_name: Text,
  class_uid: z.int(),
  class_name: Text,
  type_uid: z.int(),
  type_name: Text,
  // Milliseconds: one in seconds or in microseconds is off by far.
  time: z.int().min(Date.UTC(2020, 0)).max(Date.UTC(2100, 0)),
  severity_id: z.literal([0, 1, 2, 3, 4, 5, 6, 99]),
  severity: Text,
  status_id: z.literal([0, 1, 2, 99]),
  status: z.literal(['Success', 'Failure']),
  status_code: Text.optional(),
  status_detail: Text.optional(),
  count: z.int().min(1).optional(),
  start_time: z.int().min(Date.UTC(2020, 0)).max(Date.UTC(2100, 0)).optional(),
  duration: z.int().min(0).optional(),
  metadata: Metadata,
  unmapped: z.looseObject({ cursor: Text }),
};
const Resource = z
  .strictObject({ type: Text, uid: Text.optional(), name: Text.optional(), version: Text.optional() })
  .refine((resource) => resource.uid !== undefined || resource.name !== undefined);

const ApiActivity = z.strictObject({
  ...Base,
  class_uid: z.literal(6003),
  category_uid: z.literal(6),
  activity_id: z.literal([0, 1, 2, 3, 4, 99]),
  actor: Actor,
  api: z.strictObject({
    operation: Text,
    group: z.strictObject({ name: Text }).optional(),
    service: z.strictObject({ name: Text }).optional(),
    request: z.strictObject({ uid: Text }).optional(),
  }),
  src_endpoint: Endpoint,
  dst_endpoint: Endpoint.optional(),
  http_response: z
    .strictObject({ code: z.int(), latency: z.int().optional(), length: z.int().optional() })
    .optional(),
  resources: z.array(Resource).optional(),
  // Of the profile security_control.
  action_id: z.literal([0, 1, 2]).optional(),
  action: Text.optional(),
  disposition_id: z.int().optional(),
  disposition: Text.optional(),
});
const Authentication = z
  .strictObject({
    ...Base,
    class_uid: z.literal(3002),
    category_uid: z.literal(3),
    activity_id: z.literal([0, 1, 2, 3, 4, 5, 6, 99]),
    actor: Actor.optional(),
    user: User,
    service: z.strictObject({ name: Text }).optional(),
    dst_endpoint: Endpoint.optional(),
    session: z.strictObject({ uid: Text }).optional(),
  })
  .refine((event) => event.service !== undefined || event.dst_endpoint !== undefined);
const EntityManagement = z.strictObject({
  ...Base,
  class_uid: z.literal(3004),
  category_uid: z.literal(3),
  activity_id: z.literal([0, 1, 2, 3, 4, 99]),
  actor: Actor.optional(),
  comment: Text.optional(),
  entity: z
    .strictObject({
      type: Text.optional(),
      uid: Text.optional(),
      name: Text.optional(),
      data: z.unknown().optional(),
    })
    .refine((entity) => entity.uid !== undefined || entity.name !== undefined),
});

const controlled = ['action_id', 'action', 'disposition_id', 'disposition'];

export const OcsfSchema = z
  .discriminatedUnion('class_uid', [ApiActivity, Authentication, EntityManagement])
  .refine((event) => event.type_uid === event.class_uid * 100 + event.activity_id, 'type_uid')
  .refine(
    (event) =>
      event.metadata.profiles.includes('security_control') ||
      !controlled.some((name) => Object.hasOwn(event, name)),
    'attributes of a profile that is not named',
  );

/** The types that are expected with each category. */
const typesOf: Readonly<Record<string, readonly string[]>> = {
  api: [
    'access',
    'admin',
    'allowed',
    'change',
    'creation',
    'deletion',
    'denied',
    'end',
    'info',
    'start',
    'user',
  ],
  authentication: ['start', 'end', 'info'],
  configuration: ['access', 'change', 'creation', 'deletion', 'info'],
  session: ['start', 'end', 'info'],
};

const Entity = z.looseObject({ id: Text });
export const EcsSchema = z
  .strictObject({
    '@timestamp': z.iso.datetime(),
    ecs: z.strictObject({ version: z.literal('8.17.0') }),
    event: z.strictObject({
      id: Text,
      kind: z.literal([
        'alert',
        'asset',
        'enrichment',
        'event',
        'metric',
        'state',
        'pipeline_error',
        'signal',
      ]),
      category: z.array(z.enum(['api', 'authentication', 'configuration', 'session'])).min(1),
      type: z.array(Text).min(1),
      outcome: z.literal(['success', 'failure', 'unknown']),
      action: Text,
      module: Text,
      provider: Text,
      dataset: Text,
      code: Text.optional(),
      reason: Text.optional(),
      sequence: z.int().min(0).optional(),
      duration: z.int().min(0).optional(),
      start: z.iso.datetime().optional(),
    }),
    service: z.strictObject({ id: Text, name: Text, target: z.strictObject({ name: Text }) }).optional(),
    observer: z.strictObject({ vendor: Text, product: Text, type: Text, name: Text.optional() }).optional(),
    http: z
      .strictObject({
        request: z.strictObject({
          id: Text,
          method: Text,
          body: z.strictObject({ bytes: z.int() }).optional(),
        }),
        response: z
          .strictObject({ status_code: z.int().optional(), body: z.strictObject({ bytes: z.int() }) })
          .optional(),
      })
      .optional(),
    destination: z
      .strictObject({
        address: Text,
        domain: Text.optional(),
        ip: z.union([z.ipv4(), z.ipv6()]).optional(),
        port: Port,
      })
      .optional(),
    related: z.strictObject({ ip: z.array(Text).optional(), user: z.array(Text).optional() }).optional(),
    user: Entity.optional(),
    // Not of ECS: a name of its own, as the documents ask for.
    drawbridge: z.looseObject({ cursor: Text, deployment: Text }),
  })
  .refine(
    ({ event }) =>
      event.category.every((category) => event.type.every((type) => typesOf[category]?.includes(type))),
    'a type that is not expected with its category',
  );

const at = Date.UTC(2025, 10, 9, 8);
const inJournal = {
  origin: 'made-up/gateway/gateway-1/0',
  index: 41,
  names: { connection: 'Analytics', app: 'Shop' },
};

export function crossingEvent(part: Partial<Leaf> = {}): ExportEvent {
  return { kind: 'crossing', ...inJournal, leaf: madeUpCrossing(at, [], part).leaf };
}

export function settlementEvent(part: Partial<Settlement> = {}, leaf: Partial<Leaf> = {}): ExportEvent {
  const made = madeUpCrossing(at, [], leaf).leaf;
  const settlement = madeUpSettlement(made.id, at + 30, part);
  return { kind: 'settlement', ...inJournal, index: 42, leaf: made, settlement };
}

export function changeEvent(part: Partial<ChangeEvent> = {}): ExportEvent {
  return {
    kind: 'change',
    id: 'change-1',
    at,
    actor: 'local-administrator',
    act: 'key.revoke',
    subject: { kind: 'key', id: 'key-1' },
    reason: 'Anna Made-Up asked for it',
    detail: { owner: 'Anna Made-Up' },
    ...part,
  };
}
