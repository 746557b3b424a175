import { messageText } from '../platform/index.ts';
import {
  askedOf,
  type ChangeEvent,
  type CrossingEvent,
  codeOf,
  durationOf,
  type ExportContext,
  type ExportEvent,
  refusalOf,
  remoteOf,
  type SettlementEvent,
  sessionOf,
  timeOf,
  uidOf,
  verbOf,
  wentWell,
} from './event.ts';

/** Fields are used as this version has them (https://www.elastic.co/docs/reference/ecs); ours are under `drawbridge`. */
const ECS_VERSION = '8.17.0';

interface Kind {
  dataset: string;
  category: readonly string[];
  type: readonly string[];
  outcome: 'success' | 'failure';
}

/** One event as ECS fields. Holds no personal data but the id of whoever acted; `details` adds what people wrote. */
export function toEcs(event: ExportEvent, context: ExportContext): Record<string, unknown> {
  if (event.kind === 'crossing') return crossing(event, context);
  if (event.kind === 'settlement') return settlement(event, context);
  return refusalOf(event) === null ? change(event, context) : refusedSignIn(event, context);
}

function base(event: ExportEvent, kind: Kind, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    '@timestamp': new Date(timeOf(event)).toISOString(),
    ecs: { version: ECS_VERSION },
    event: {
      id: uidOf(event),
      kind: 'event',
      category: kind.category,
      type: kind.type,
      outcome: kind.outcome,
      action: codeOf(event),
      module: 'drawbridge',
      provider: 'drawbridge',
      dataset: `drawbridge.${kind.dataset}`,
      ...more,
    },
  };
}

function crossing(event: CrossingEvent, context: ExportContext): Record<string, unknown> {
  const { leaf } = event;
  const refused = leaf.decision === 'refused';
  const kind: Kind = {
    dataset: 'crossing',
    category: ['api'],
    type: ['access', refused ? 'denied' : 'allowed'],
    outcome: refused ? 'failure' : 'success',
  };
  const why =
    leaf.reason === null
      ? {}
      : { code: leaf.reason, reason: messageText(`refusal.${leaf.reason}`) ?? leaf.reason };
  return {
    ...base(event, kind, { sequence: event.index, ...why }),
    ...partiesOf(event),
    ...destinationOf(leaf, null),
    http: { request: { id: leaf.id, method: leaf.method, body: { bytes: leaf.bytes.sent } } },
    drawbridge: {
      cursor: context.cursor,
      deployment: context.deployment,
      ...crossingOf(event),
      stage: leaf.stage,
      mode: leaf.mode ?? 'enforce',
      break_glass: leaf.break_glass ?? null,
      contract: leaf.contract,
      policy: leaf.policy,
      snapshot: leaf.snapshot,
      fields: leaf.fields.map(([fieldClass, treatment, count]) => ({ class: fieldClass, treatment, count })),
      bytes_received: leaf.bytes.received,
    },
  };
}

function settlement(event: SettlementEvent, context: ExportContext): Record<string, unknown> {
  const { leaf, settlement: came } = event;
  const remote = remoteOf(came);
  const kind: Kind = {
    dataset: 'settlement',
    category: ['api'],
    type: ['end'],
    outcome: wentWell(came) ? 'success' : 'failure',
  };
  const timed = { sequence: event.index, code: came.outcome, duration: durationOf(came) * 1000 };
  return {
    ...base(event, kind, timed),
    ...partiesOf(event),
    http: {
      request: { id: leaf.id, method: leaf.method },
      response: {
        ...(came.status === null ? {} : { status_code: came.status }),
        body: { bytes: came.bytes.response },
      },
    },
    ...destinationOf(leaf, remote),
    drawbridge: {
      cursor: context.cursor,
      deployment: context.deployment,
      ...crossingOf(event),
      usage: came.usage,
    },
  };
}

function crossingOf({ origin, leaf, names }: CrossingEvent | SettlementEvent): Record<string, unknown> {
  return {
    log: origin,
    crossing: leaf.id,
    vendor: leaf.vendor,
    service: leaf.service,
    connection: { id: leaf.connection, name: names.connection },
    key: leaf.key,
    endpoint: leaf.endpoint,
    class: leaf.class,
  };
}

/** Through the egress proxy the host that was asked for; where it is known, the address that was connected to. */
function destinationOf(
  leaf: CrossingEvent['leaf'],
  remote: { ip: string; port: number } | null,
): Record<string, unknown> {
  const asked = askedOf(leaf);
  if (asked === null && remote === null) return {};
  const ip = remote?.ip ?? (asked?.ip === true ? asked.host : null);
  return {
    destination: {
      address: asked?.host ?? remote?.ip,
      ...(asked === null || asked.ip ? {} : { domain: asked.host }),
      ...(ip === null ? {} : { ip }),
      port: remote?.port ?? asked?.port,
    },
    ...(ip === null ? {} : { related: { ip: [ip] } }),
  };
}

/** The app is the service that calls, the vendor's service its target. */
function partiesOf({ leaf, names }: CrossingEvent | SettlementEvent): Record<string, unknown> {
  return {
    service: { id: leaf.app, name: names.app, target: { name: `${leaf.vendor}/${leaf.service}` } },
    observer: { vendor: 'Drawbridge', product: 'Drawbridge', type: 'gateway', name: leaf.gateway },
  };
}

/** Nobody knows who they were, and nothing of them is kept. */
function refusedSignIn(event: ChangeEvent, context: ExportContext): Record<string, unknown> {
  const refusal = refusalOf(event);
  const kind: Kind = {
    dataset: 'session',
    category: ['authentication'],
    type: ['start'],
    outcome: 'failure',
  };
  const start = new Date(refusal?.since ?? event.at).toISOString();
  return {
    ...base(event, kind, { code: refusal?.why, start }),
    observer: { vendor: 'Drawbridge', product: 'Drawbridge', type: 'control plane' },
    drawbridge: { cursor: context.cursor, deployment: context.deployment, count: refusal?.count },
  };
}

const changeTypes = { create: 'creation', update: 'change', delete: 'deletion', other: 'info' } as const;

function change(event: ChangeEvent, context: ExportContext): Record<string, unknown> {
  const session = sessionOf(event);
  const person = session?.person ?? event.actor;
  const kind: Kind =
    session === null
      ? {
          dataset: 'change',
          category: ['configuration'],
          type: [changeTypes[verbOf(event.act)]],
          outcome: 'success',
        }
      : {
          dataset: 'session',
          category: ['authentication', 'session'],
          type: [session.end ? 'end' : 'start'],
          outcome: 'success',
        };
  return {
    ...base(event, kind, context.details ? { reason: event.reason } : {}),
    user: { id: person },
    related: { user: [...new Set([person, event.actor])] },
    observer: { vendor: 'Drawbridge', product: 'Drawbridge', type: 'control plane' },
    drawbridge: {
      cursor: context.cursor,
      deployment: context.deployment,
      actor: event.actor,
      subject: event.subject,
      ...(context.details ? { detail: event.detail } : {}),
    },
  };
}
