import { isIP } from 'node:net';
import type { Leaf, Settlement } from '@drawbridge/protocol';

/** Something that other systems are told of, before it is written in one of their formats. */
export type ExportEvent = CrossingEvent | SettlementEvent | ChangeEvent;

/** Where an entry stands in a gateway's journal, and what the ids in it are called. */
interface InJournal {
  origin: string;
  index: number;
  leaf: Leaf;
  names: { connection: string; app: string };
}

/** A crossing was forwarded or refused. */
export interface CrossingEvent extends InJournal {
  kind: 'crossing';
}

/** What came of a crossing that was forwarded. */
export interface SettlementEvent extends InJournal {
  kind: 'settlement';
  settlement: Settlement;
}

/** A change of the control plane, a sign-in, or the end of a session. */
export interface ChangeEvent {
  kind: 'change';
  id: string;
  /** Milliseconds since 1970. */
  at: number;
  actor: string;
  act: string;
  subject: { kind: string; id: string };
  /** Both were written by people: they go out only where that is asked for. */
  reason: string;
  detail: Readonly<Record<string, unknown>>;
}

/** What every line says beside its event. */
export interface ExportContext {
  deployment: string;
  /** Goes on after this event. */
  cursor: string;
  /** Whether reasons and details of changes go out. */
  details: boolean;
}

/** When it happened, in milliseconds since 1970 by the clock of whoever wrote it down. */
export function timeOf(event: ExportEvent): number {
  if (event.kind === 'crossing') return event.leaf.at;
  return event.kind === 'settlement' ? event.settlement.at : event.at;
}

/** The same for the same event for ever: receivers remove duplicates by it. */
export function uidOf(event: ExportEvent): string {
  return event.kind === 'change' ? event.id : `${event.origin}#${event.index}`;
}

/** What happened, in one word: `crossing.refused`, `crossing.settled`, `key.revoke`. */
export function codeOf(event: ExportEvent): string {
  if (event.kind === 'crossing') return `crossing.${event.leaf.decision}`;
  return event.kind === 'settlement' ? 'crossing.settled' : event.act;
}

/** Whether the vendor answered, and not with an error. */
export function wentWell({ outcome, status }: Settlement): boolean {
  return outcome === 'answered' && status !== null && status < 400;
}

/** A hundred days: what a gateway says beyond that is a mistake, and would not fit in nanoseconds. */
const MOST_MICROS = 100 * 24 * 3600 * 1_000_000;

/** Microseconds over all stages. */
export function durationOf(settlement: Settlement): number {
  const sum = settlement.timings.reduce((total, micros) => total + micros, 0);
  return Math.min(sum, MOST_MICROS);
}

/** Address and port connected to; null where that is not known or has another form. */
export function remoteOf({ remote }: Settlement): { ip: string; port: number } | null {
  const [, ip, port] = /^\[?([0-9a-fA-F.:]+?)\]?:(\d{1,5})$/.exec(remote ?? '') ?? [];
  return ip === undefined || isIP(ip) === 0 ? null : { ip, port: Number(port) };
}

type ChangeVerb = 'create' | 'update' | 'delete' | 'other';

const verbs: ReadonlyMap<string, ChangeVerb> = new Map([
  ['create', 'create'],
  ['enrol', 'create'],
  ['invite', 'create'],
  ['offboard', 'delete'],
  ['erase', 'delete'],
  ['remove', 'delete'],
  ['revoke', 'delete'],
]);
/** Acts that leave what they name as it was. */
const leavesAsIs = new Set([
  'session.make_link',
  'person.first_link',
  'passkey.copied',
  'projections.rebuild',
  'subject.erase_held',
  'act.refuse',
]);

/** What an act does to what it names. */
export function verbOf(act: string): ChangeVerb {
  if (leavesAsIs.has(act)) return 'other';
  return verbs.get(act.slice(act.lastIndexOf('.') + 1)) ?? 'update';
}

/** Whose session a sign-in or the end of a session speaks of; null for any other change. */
export function sessionOf(event: ChangeEvent): { person: string; end: boolean } | null {
  if (!['session.open', 'session.enrol', 'session.end'].includes(event.act)) return null;
  const { person } = event.detail;
  return { person: typeof person === 'string' ? person : event.actor, end: event.act === 'session.end' };
}

/** Sign-ins that were refused within the minute that begins at `since`, and what they came with; null for any other change. */
export function refusalOf(event: ChangeEvent): { why: string; count: number; since: number } | null {
  if (event.act !== 'session.refuse') return null;
  const { why, count, since } = event.detail;
  const begin = typeof since === 'string' ? Date.parse(since) : Number.NaN;
  return {
    why: typeof why === 'string' ? why : 'unknown',
    count: typeof count === 'number' ? count : 1,
    since: Number.isNaN(begin) ? event.at : begin,
  };
}

/** The program itself, not a person. */
export const isSystem = (actor: string): boolean => actor.startsWith('system:');

/** Changes that lift protection for a time: worth more than a line that says so. */
export const isBreakGlass = (act: string): boolean => act.startsWith('break_glass.');

/** Which host was asked for through the egress proxy; null: it went over a connection. `ip`: the host is an address. */
export function askedOf({ egress }: Leaf): { host: string; port: number; ip: boolean } | null {
  return egress === undefined ? null : { host: egress.host, port: egress.port, ip: isIP(egress.host) !== 0 };
}
