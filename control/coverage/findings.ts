import type { SeenHost } from '../discovery/index.ts';
import { type Cell, type Compared, type ReportDay, type SeenRow, sum, type Unit } from './cells.ts';
import { isDifference } from './share.ts';

export const findingKinds = [
  /** A key that is nobody's here was used. */
  'unknown_key',
  /** A key that is known, and no connection's, was used. */
  'held_key',
  /** More was used with a connection's key than went over the connection. */
  'connection_key',
  /** More was used than crossed, and the report does not say whose key it was. */
  'past_gateway',
  /** Crossings of a connection that the report has nothing of. */
  'not_reported',
  /** More crossed than was reported. */
  'more_than_reported',
  /** The vendor charged for a day without a crossing. */
  'charged',
  /** Somebody reached a host of the vendor's API, and it was not the gateway. */
  'host_past_gateway',
  /** Somebody reached another host of the vendor. */
  'other_host',
  /** An app reached the vendor through the egress proxy, and not over a connection. */
  'tunnel',
] as const;
export type FindingKind = (typeof findingKinds)[number];

export const strengths = ['strong', 'plain', 'weak'] as const;
export type Strength = (typeof strengths)[number];
export type Counted = Unit | 'connections' | 'lookups' | 'crossings' | 'millionths';

/** What opens what a finding rests on. */
export type FindingEvidence =
  | { kind: 'import'; import: string; line: number }
  | { kind: 'file'; source: string; file: string; lines: number[] }
  | { kind: 'crossings' };

export interface FindingDay {
  day: string;
  amount: number;
  evidence: FindingEvidence;
}

/** Something that the gateway did not see, or the vendor did not. */
export interface Finding {
  /** Kind and subject: the same thing on other days is the same finding. */
  id: string;
  kind: FindingKind;
  strength: Strength;
  /** A key's id, a connection's id, an app's id, a host, or what is reported. */
  subject: string;
  /** Where it was seen: of what report, in which source. */
  where: string;
  unit: Counted;
  days: FindingDay[];
}

export interface FindingsAsked {
  compared: readonly Compared[];
  /** Ids of keys that lists of keys name, which lie elsewhere. */
  held: ReadonlySet<string>;
  /** Reports of money, of whatever day. */
  costs: readonly ReportDay[];
  seen: readonly SeenRow[];
  tunnels: readonly { day: string; app: string; tunnels: number }[];
  hosts: readonly SeenHost[];
  /** What people said of sources: whether what the gateway sends is in them. */
  seesGateway: ReadonlyMap<string, boolean>;
  /** Whether a host is one that the vendor's API is reached at. */
  isApiHost(host: string): boolean;
}

export const strengthOf: Readonly<Record<FindingKind, Strength>> = {
  unknown_key: 'strong',
  held_key: 'plain',
  connection_key: 'strong',
  past_gateway: 'strong',
  not_reported: 'plain',
  more_than_reported: 'weak',
  charged: 'weak',
  host_past_gateway: 'plain',
  other_host: 'weak',
  tunnel: 'weak',
};

/** All that does not fit together, the strongest first. Pure: the same evidence, the same findings. */
export function findingsOf(asked: FindingsAsked): Finding[] {
  const found = new Found();
  for (const { cells, unit } of asked.compared) {
    if (unit === null) continue;
    for (const cell of cells) fromCell(found, cell, unit, asked.held);
  }
  const measuredDays = new Set(asked.compared.flatMap(({ days }) => [...days]));
  const sentOn = new Set(asked.seen.filter(({ sent }) => sent > 0).map(({ day }) => day));
  const tunnelledOn = new Set(asked.tunnels.map(({ day }) => day));
  for (const report of asked.costs) {
    const cost = sum(report.rows.map((row) => row.cost ?? 0));
    if (cost <= 0 || measuredDays.has(report.day) || sentOn.has(report.day) || tunnelledOn.has(report.day))
      continue;
    const evidence = { kind: 'import', import: report.import, line: report.line } as const;
    found.add('charged', 'costs', report.account, 'millionths', { day: report.day, amount: cost, evidence });
  }
  for (const seen of asked.hosts) fromHost(found, seen, asked, sentOn);
  for (const { day, app, tunnels } of asked.tunnels) {
    found.add('tunnel', app, '', 'crossings', { day, amount: tunnels, evidence: { kind: 'crossings' } });
  }
  return found.list();
}

function fromCell(found: Found, cell: Cell, unit: Unit, held: ReadonlySet<string>): void {
  const { of, day, place, reported, low, high, keys, connections } = cell;
  const evidence = { kind: 'import', ...cell.evidence } as const;
  const add = (kind: FindingKind, subject: string, amount: number) =>
    found.add(kind, subject, of, unit, { day, amount, evidence });
  const past = reported - high;
  if (isDifference(past, reported, high, unit)) {
    if (place !== '') add('connection_key', place, past);
    else {
      let named = 0;
      for (const [key, used] of keys) {
        // At least so much of it can't have been ours, whichever of the keys is a connection's.
        const least = used - high;
        if (key === '' || !isDifference(least, used, high, unit)) continue;
        add(held.has(key) ? 'held_key' : 'unknown_key', key, least);
        named += 1;
      }
      if (named === 0) add('past_gateway', of, past);
    }
  }
  if (low > 0 && reported === 0) {
    for (const [connection, amount] of connections) add('not_reported', connection, amount);
  } else if (low > reported && isDifference(low - reported, reported, low, unit)) {
    add('more_than_reported', place === '' ? of : place, low - reported);
  }
}

export const countedBy = (via: string): Counted =>
  /dns|route53/.test(via) ? 'lookups' : via === 'har' || /http/.test(via) ? 'requests' : 'connections';

function fromHost(found: Found, seen: SeenHost, asked: FindingsAsked, sentOn: ReadonlySet<string>): void {
  const { source, file, lines, host, via, days } = seen;
  const evidence = { kind: 'file', source, file, lines } as const;
  const isApi = asked.isApiHost(host);
  for (const { day, count } of days) {
    // What the gateway sends may be in it: only on a day without a crossing it can't have been the gateway.
    const maybeOurs = isApi && asked.seesGateway.get(source) !== false && sentOn.has(day);
    if (maybeOurs) continue;
    const kind = isApi ? 'host_past_gateway' : 'other_host';
    found.add(kind, host, source, countedBy(via), { day, amount: count, evidence });
  }
}

/** Findings by what they are of; of several pieces of evidence of one day, the amounts add up and the first one opens. */
class Found {
  readonly #byId = new Map<string, Finding>();

  add(kind: FindingKind, subject: string, where: string, unit: Counted, day: FindingDay): void {
    const id = JSON.stringify([kind, subject, where, unit]);
    const finding = this.#byId.get(id) ?? {
      id,
      kind,
      strength: strengthOf[kind],
      subject,
      where,
      unit,
      days: [],
    };
    const there = finding.days.find((one) => one.day === day.day);
    if (there === undefined) finding.days.push(day);
    else there.amount += day.amount;
    this.#byId.set(id, finding);
  }

  list(): Finding[] {
    const rank = ({ strength }: Finding) => strengths.indexOf(strength);
    const last = ({ days }: Finding) => days.at(-1)?.day ?? '';
    for (const { days } of this.#byId.values()) days.sort((a, b) => (a.day < b.day ? -1 : 1));
    return [...this.#byId.values()].sort(
      (a, b) => rank(a) - rank(b) || (last(a) < last(b) ? 1 : last(a) > last(b) ? -1 : a.id < b.id ? -1 : 1),
    );
  }
}

/** What of a finding nobody settled yet. `known`: how much of each day was known when somebody did. */
export function openDays(finding: Finding, known: Readonly<Record<string, number>>): FindingDay[] {
  return finding.days.filter(
    ({ day, amount }) => amount > (Object.hasOwn(known, day) ? (known[day] ?? 0) : -1),
  );
}
