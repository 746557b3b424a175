import type { Leaf } from '@drawbridge/protocol';
import { messageText } from '../platform/index.ts';
import {
  askedOf,
  type ChangeEvent,
  type CrossingEvent,
  codeOf,
  durationOf,
  type ExportContext,
  type ExportEvent,
  isBreakGlass,
  isSystem,
  refusalOf,
  remoteOf,
  type SettlementEvent,
  sessionOf,
  timeOf,
  uidOf,
  verbOf,
  wentWell,
} from './event.ts';

/** Attributes are used as this version has them (https://schema.ocsf.io/1.8.0). */
const OCSF_VERSION = '1.8.0';

const classes = {
  authentication: { uid: 3002, name: 'Authentication', category: 'Identity & Access Management' },
  entity: { uid: 3004, name: 'Entity Management', category: 'Identity & Access Management' },
  api: { uid: 6003, name: 'API Activity', category: 'Application Activity' },
} as const;

const crud = { create: 1, read: 2, update: 3, delete: 4, other: 99 } as const;
const crudNames: Readonly<Record<number, string>> = { 1: 'Create', 2: 'Read', 3: 'Update', 4: 'Delete' };
const ofMethod: ReadonlyMap<string, number> = new Map([
  ['POST', crud.create],
  ['GET', crud.read],
  ['HEAD', crud.read],
  ['PUT', crud.update],
  ['PATCH', crud.update],
  ['DELETE', crud.delete],
]);

const severities = { 1: 'Informational', 2: 'Low', 3: 'Medium' } as const;
const statuses = { 1: 'Success', 2: 'Failure' } as const;

interface Head {
  of: keyof typeof classes;
  activity: number;
  activityName: string;
  severity: keyof typeof severities;
  status: keyof typeof statuses;
  profiles: readonly string[];
}

/** One event in OCSF. Holds no personal data but the id of whoever acted; `details` adds what people wrote. */
export function toOcsf(event: ExportEvent, context: ExportContext): Record<string, unknown> {
  if (event.kind === 'crossing') return crossing(event, context);
  if (event.kind === 'settlement') return settlement(event, context);
  if (refusalOf(event) !== null) return refusedSignIn(event, context);
  return sessionOf(event) === null ? change(event, context) : session(event, context);
}

function base(event: ExportEvent, context: ExportContext, head: Head): Record<string, unknown> {
  const { uid, name, category } = classes[head.of];
  return {
    activity_id: head.activity,
    activity_name: head.activityName,
    category_uid: Math.floor(uid / 1000),
    category_name: category,
    class_uid: uid,
    class_name: name,
    type_uid: uid * 100 + head.activity,
    type_name: `${name}: ${head.activity === crud.other ? 'Other' : head.activityName}`,
    time: timeOf(event),
    severity_id: head.severity,
    severity: severities[head.severity],
    status_id: head.status,
    status: statuses[head.status],
    metadata: {
      version: OCSF_VERSION,
      product: { name: 'Drawbridge', vendor_name: 'Drawbridge' },
      profiles: head.profiles,
      uid: uidOf(event),
      event_code: codeOf(event),
      tenant_uid: context.deployment,
      ...(event.kind === 'change'
        ? { log_name: 'changes' }
        : { log_name: event.origin, sequence: event.index, correlation_uid: event.leaf.id }),
    },
  };
}

function crossing(event: CrossingEvent, context: ExportContext): Record<string, unknown> {
  const { leaf } = event;
  const refused = leaf.decision === 'refused';
  return {
    ...base(event, context, {
      of: 'api',
      ...activityOf(leaf),
      severity: refused ? 2 : 1,
      status: refused ? 2 : 1,
      profiles: ['security_control'],
    }),
    ...(leaf.reason === null
      ? {}
      : {
          status_code: leaf.reason,
          status_detail: messageText(`refusal.${leaf.reason}`) ?? leaf.reason,
        }),
    action_id: refused ? 2 : 1,
    action: refused ? 'Denied' : 'Allowed',
    disposition_id: refused ? 2 : 1,
    disposition: refused ? 'Blocked' : 'Allowed',
    ...partiesOf(event),
    unmapped: {
      cursor: context.cursor,
      gateway: leaf.gateway,
      method: leaf.method,
      stage: leaf.stage,
      mode: leaf.mode ?? 'enforce',
      break_glass: leaf.break_glass ?? null,
      policy: leaf.policy,
      snapshot: leaf.snapshot,
      fields: leaf.fields.map(([fieldClass, treatment, count]) => ({ class: fieldClass, treatment, count })),
      bytes_received: leaf.bytes.received,
      bytes_sent: leaf.bytes.sent,
    },
  };
}

function settlement(event: SettlementEvent, context: ExportContext): Record<string, unknown> {
  const { leaf, settlement: came } = event;
  const well = wentWell(came);
  const milliseconds = Math.round(durationOf(came) / 1000);
  return {
    ...base(event, context, {
      of: 'api',
      ...activityOf(leaf),
      severity: well ? 1 : 2,
      status: well ? 1 : 2,
      profiles: [],
    }),
    status_code: came.status === null ? came.outcome : String(came.status),
    status_detail: came.outcome,
    duration: milliseconds,
    ...partiesOf(event, remoteOf(came)),
    ...(came.status === null
      ? {}
      : {
          http_response: { code: came.status, latency: milliseconds, length: came.bytes.response },
        }),
    unmapped: { cursor: context.cursor, gateway: leaf.gateway, outcome: came.outcome, usage: came.usage },
  };
}

function activityOf({ method }: Leaf): { activity: number; activityName: string } {
  const activity = ofMethod.get(method) ?? crud.other;
  return { activity, activityName: crudNames[activity] ?? method };
}

/** Who asked which API of whom. What the gateway knows of the source is the app: the key said so. */
function partiesOf(
  { leaf, names }: CrossingEvent | SettlementEvent,
  remote: { ip: string; port: number } | null = null,
): Record<string, unknown> {
  const service = `${leaf.vendor}/${leaf.service}`;
  const asked = askedOf(leaf);
  const host = asked === null ? {} : { [asked.ip ? 'ip' : 'hostname']: asked.host, port: asked.port };
  return {
    actor: { app_uid: leaf.app, app_name: names.app },
    api: {
      operation: leaf.endpoint,
      group: { name: leaf.class },
      service: { name: service },
      request: { uid: leaf.id },
    },
    src_endpoint: { uid: leaf.app, name: names.app },
    dst_endpoint: { uid: leaf.connection, name: names.connection, svc_name: service, ...host, ...remote },
    resources: [
      { type: 'connection', uid: leaf.connection, name: names.connection },
      { type: 'virtual key', uid: leaf.key },
      { type: 'data contract', uid: leaf.contract.id, version: String(leaf.contract.version) },
    ],
  };
}

function userOf(id: string): Record<string, unknown> {
  return isSystem(id) ? { uid: id, type_id: 3, type: 'System' } : { uid: id, type_id: 2, type: 'Admin' };
}

function change(event: ChangeEvent, context: ExportContext): Record<string, unknown> {
  const activity = crud[verbOf(event.act)];
  return {
    ...base(event, context, {
      of: 'entity',
      activity,
      activityName: crudNames[activity] ?? event.act,
      severity: isBreakGlass(event.act) ? 3 : 1,
      status: 1,
      // The profile that brings `actor` into this class.
      profiles: ['host'],
    }),
    actor: { user: userOf(event.actor) },
    entity: {
      type: event.subject.kind,
      uid: event.subject.id,
      ...(context.details ? { data: event.detail } : {}),
    },
    ...(context.details ? { comment: event.reason } : {}),
    unmapped: { cursor: context.cursor, act: event.act },
  };
}

/** Nobody knows who they were, and nothing of them is kept. */
function refusedSignIn(event: ChangeEvent, context: ExportContext): Record<string, unknown> {
  const refusal = refusalOf(event);
  return {
    ...base(event, context, {
      of: 'authentication',
      activity: 1,
      activityName: 'Logon',
      severity: 2,
      status: 2,
      profiles: [],
    }),
    status_code: refusal?.why,
    count: refusal?.count,
    start_time: refusal?.since,
    user: { uid: 'unknown', type_id: 0, type: 'Unknown' },
    service: { name: 'Drawbridge console' },
    unmapped: { cursor: context.cursor, act: event.act },
  };
}

function session(event: ChangeEvent, context: ExportContext): Record<string, unknown> {
  const of = sessionOf(event);
  const end = of?.end === true;
  return {
    ...base(event, context, {
      of: 'authentication',
      activity: end ? 2 : 1,
      activityName: end ? 'Logoff' : 'Logon',
      severity: 1,
      status: 1,
      profiles: [],
    }),
    actor: { user: userOf(event.actor) },
    user: userOf(of?.person ?? event.actor),
    service: { name: 'Drawbridge console' },
    session: { uid: event.subject.id },
    ...(context.details ? { status_detail: event.reason } : {}),
    unmapped: { cursor: context.cursor, act: event.act },
  };
}
