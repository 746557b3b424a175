import { type SeenHost, seenHosts, type TrafficSource, trafficSources } from '../discovery/index.ts';
import { heldLabels } from '../inventory/index.ts';
import { invalid, type Platform } from '../platform/index.ts';
import type { Known, VendorFacts } from '../vendors/index.ts';
import { dayOf } from './by-day.ts';
import { type Compared, compare, type Kind, standing, sum } from './cells.ts';
import { countedBy, type Finding, findingsOf, openDays } from './findings.ts';
import { ALL } from './imports.ts';
import {
  type DatedDay,
  readAccounts,
  readReports,
  readSaid,
  readSeen,
  readTunnels,
  type Window,
} from './read.ts';
import { type CoverageView, type FindingView, MOST_DAYS, type SourceView } from './schemas.ts';
import { standingOf } from './sentence.ts';
import { comparable, daysOf, TOLERANCE, total } from './share.ts';

export interface CoverageDeps {
  platform: Platform;
  known: () => Promise<Known>;
  /** All connections: whose they are, what they are called, and which host they talk to. */
  connections: () => Promise<readonly { id: string; name: string; vendor: string; host: string }[]>;
  appNames: (ids: readonly string[]) => Promise<ReadonlyMap<string, string>>;
}

const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 30;

/** The time asked for; 30 days until yesterday unless said. Throws Problem 422. */
export function windowOf(now: number, asked: { from?: string | undefined; to?: string | undefined }): Window {
  const to = asked.to ?? dayOf(now - DAY_MS);
  const from = asked.from ?? dayOf(Date.parse(to) - (DEFAULT_DAYS - 1) * DAY_MS);
  if (from > to) throw invalid('from', 'is after the last day');
  if (daysIn({ from, to }).length > MOST_DAYS)
    throw invalid('from', `lies more than ${MOST_DAYS} days before the last day`);
  return { from, to };
}

export function daysIn({ from, to }: Window): string[] {
  const days: string[] = [];
  for (let at = Date.parse(from); at <= Date.parse(to) && days.length <= MOST_DAYS; at += DAY_MS)
    days.push(dayOf(at));
  return days;
}

/** Everything that is known of how much of the traffic to a vendor we can account for. */
export async function readCoverage(
  deps: CoverageDeps,
  vendor: string,
  window: Window,
): Promise<CoverageView> {
  const { platform } = deps;
  const [reports, accounts, seen, tunnels, hosts, traffic, said, known, all] = await Promise.all([
    readReports(platform, vendor, window),
    readAccounts(platform, vendor),
    readSeen(platform, vendor, window),
    readTunnels(platform, vendor, window),
    seenHosts(platform, vendor, window),
    trafficSources(platform, window),
    readSaid(platform, vendor),
    deps.known(),
    deps.connections(),
  ]);
  const facts = known.get(vendor);
  const connections = all.filter((connection) => connection.vendor === vendor);
  const kinds = kindsOf(facts, accounts);
  const reportsThatStand = standing(reports);
  const compared = compare({
    reports: reportsThatStand,
    seen,
    kinds,
    links: new Map(said.keys.map(({ key, connection }) => [key, connection])),
    tunnelled: new Set(tunnels.map(({ day }) => day)),
    accounts: accountsBy(accounts),
  });
  const reportedKeys = keysOf(compared);
  const held = await heldLabels(platform, [...reportedKeys.keys()]);
  const seesGateway = new Map(said.sources.map((one) => [one.source, one.sees_gateway]));
  const findings = findingsOf({
    compared,
    held: new Set(held.keys()),
    costs: reportsThatStand.filter(({ of }) => kinds.find((kind) => kind.of === of)?.endpoints?.length === 0),
    seen,
    tunnels,
    hosts,
    seesGateway,
    isApiHost: apiHosts(
      facts,
      connections.map(({ host }) => host),
    ),
  });
  const names = new Map(connections.map(({ id, name }) => [id, name]));
  const apps = await deps.appNames([...new Set(tunnels.map(({ app }) => app))]);
  const { share, unit, reported, more, of } = total(compared);
  const days = daysIn(window);
  const provable = kinds.filter(({ endpoints }) => endpoints === null || endpoints.length > 0);
  const wholeOf = (kind: Kind) => compared.find((one) => one.of === kind.of)?.days ?? new Set<string>();
  const wholeDays = days.filter(
    (day) => provable.length > 0 && provable.every((kind) => wholeOf(kind).has(day)),
  ).length;
  const missing = provable
    .filter((kind) => days.some((day) => !wholeOf(kind).has(day)))
    .map((kind) => kind.of);
  const uncompared = compared
    .filter((kind) => kind.days.size > 0 && !of.includes(kind.of))
    .map((kind) => kind.of);
  const batch = sum(compared.map((kind) => kind.batch));
  const missingAll = [...new Set([...missing, ...uncompared])];
  return {
    vendor,
    ...window,
    share,
    unit,
    reported: share === 'unknown' && reported === 0 ? null : reported,
    more: of.length === 0 ? null : more,
    batch,
    of,
    missing: missingAll,
    wholeDays,
    standing: standingOf({
      ...window,
      share,
      unit,
      reported,
      days: days.length,
      wholeDays,
      missing: missingAll,
      batch,
    }),
    tolerance: TOLERANCE,
    days: dayViews(days, compared, provable.map(wholeOf), seen),
    sources: [
      ...reportSources(reportsThatStand, kinds, compared),
      ...trafficViews(traffic, hosts, seesGateway),
      proxySource(tunnels, seen.length > 0 || tunnels.length > 0),
    ],
    keys: keyViews(reportedKeys, said.keys, names, held),
    findings: findings.map((finding) => findingView(finding, said.settled, { names, held, apps })),
  };
}

/** What reports of a vendor count: what is known of it, and what was handed in of kinds that nobody knows. */
export function kindsOf(
  facts: VendorFacts | undefined,
  accounts: readonly { of: string; shape: string }[],
): Kind[] {
  const known = new Map((facts?.usage_reports ?? []).map((kind) => [kind.of, kind.endpoints]));
  const kinds: Kind[] = [...known].map(([of, endpoints]) => ({ of, endpoints }));
  const hasTable = accounts.some(({ of }) => of === ALL);
  for (const { of } of accounts) {
    if (known.has(of) || kinds.some((kind) => kind.of === of)) continue;
    kinds.push({ of, endpoints: of === 'costs' ? [] : null });
  }
  const isMoney = ({ endpoints }: Kind) => endpoints?.length === 0;
  const hasParts = accounts.some(({ of }) => (known.get(of)?.length ?? 0) > 0);
  // A table of all use stands for the whole; beside reports of its parts it would count them twice.
  if (hasParts) return kinds.filter(({ of }) => of !== ALL);
  if (hasTable) return kinds.filter((kind) => kind.of === ALL || isMoney(kind));
  // Of several whose endpoints nobody knows each would be held against all crossings.
  const unknown = kinds.filter(({ endpoints }) => endpoints === null);
  return unknown.length > 1 ? kinds.filter(({ endpoints }) => endpoints !== null) : kinds;
}

function accountsBy(accounts: readonly { of: string; account: string }[]): Map<string, string[]> {
  const groups = Map.groupBy(accounts, ({ of }) => of);
  return new Map([...groups].map(([of, rows]) => [of, [...new Set(rows.map(({ account }) => account))]]));
}

/** Hosts that the API is reached at: those of connections, and those that facts give a service. */
function apiHosts(facts: VendorFacts | undefined, own: readonly string[]): (host: string) => boolean {
  const patterns = (facts?.hosts ?? []).filter(({ service }) => service !== undefined).map(({ is }) => is);
  const exact = new Set([...own, ...patterns]);
  const wild = patterns
    .filter((is) => is.includes('*'))
    .map((is) => new RegExp(`^${is.replaceAll('.', '\\.').replaceAll('*', '[^.]+')}$`));
  return (host) => exact.has(host) || wild.some((pattern) => pattern.test(host));
}

function keysOf(compared: readonly Compared[]): Map<string, number> {
  const amounts = new Map<string, number>();
  for (const { cells } of comparable(compared).kinds) {
    for (const { keys } of cells) {
      for (const [key, amount] of keys) if (key !== '') amounts.set(key, (amounts.get(key) ?? 0) + amount);
    }
  }
  return amounts;
}

const MOST_KEYS = 500;

function keyViews(
  amounts: ReadonlyMap<string, number>,
  said: readonly { key: string; connection: string }[],
  names: ReadonlyMap<string, string>,
  held: ReadonlyMap<string, string>,
): CoverageView['keys'] {
  const linked = new Map(said.map(({ key, connection }) => [key, connection]));
  const unused = [...linked.keys()].filter((key) => !amounts.has(key));
  return [...amounts, ...unused.map((key): [string, number] => [key, 0])]
    .sort(([a, used], [b, other]) => other - used || (a < b ? -1 : 1))
    .slice(0, MOST_KEYS)
    .map(([key, amount]) => {
      const connection = linked.get(key) ?? null;
      const name = connection === null ? null : (names.get(connection) ?? null);
      return { key, connection, name, held: held.get(key) ?? null, amount };
    });
}

function dayViews(
  days: readonly string[],
  compared: readonly Compared[],
  whole: readonly ReadonlySet<string>[],
  seen: readonly { day: string; sent: number }[],
): CoverageView['days'] {
  const totals = new Map(daysOf(compared).map(({ day, ...counts }) => [day, counts]));
  const sent = new Map<string, number>();
  for (const row of seen) sent.set(row.day, (sent.get(row.day) ?? 0) + row.sent);
  return days.map((day) => {
    const counts = totals.get(day);
    const kinds = whole.filter((of) => of.has(day)).length;
    return {
      day,
      state: kinds === 0 ? 'unknown' : kinds === whole.length ? 'whole' : 'part',
      crossings: sent.get(day) ?? 0,
      reported: counts?.reported ?? null,
      seen: counts?.seen ?? null,
      past: counts?.past ?? null,
      unsure: counts?.unsure ?? null,
      more: counts?.more ?? null,
    };
  });
}

function reportSources(
  reports: readonly DatedDay[],
  kinds: readonly Kind[],
  compared: readonly Compared[],
): SourceView[] {
  const groups = Map.groupBy(reports, ({ of, account }) => JSON.stringify([of, account]));
  const there = [...groups.values()].map((group): SourceView => {
    const [{ of, account } = { of: '', account: '' }] = group;
    const whole = group.filter((report) => report.whole);
    const days = whole.map(({ day }) => day).sort();
    const rows = whole.flatMap((report) => report.rows);
    const isMoney = kinds.find((kind) => kind.of === of)?.endpoints?.length === 0;
    const unit = isMoney ? 'millionths' : (compared.find((kind) => kind.of === of)?.unit ?? null);
    const member = unit === 'millionths' ? 'cost' : unit;
    return {
      kind: 'usage_report',
      name: of,
      detail: account,
      measured: days.length > 0,
      days: days.length,
      first: days[0] ?? null,
      last: days.at(-1) ?? null,
      counts: unit,
      amount: member === null || days.length === 0 ? null : sum(rows.map((row) => row[member] ?? 0)),
      seesGateway: null,
    };
  });
  const absent = kinds
    .filter(({ of }) => !there.some(({ name }) => name === of))
    .map(
      (kind): SourceView => ({
        kind: 'usage_report',
        name: kind.of,
        detail: '',
        measured: false,
        days: 0,
        first: null,
        last: null,
        counts: null,
        amount: null,
        seesGateway: null,
      }),
    );
  return [...there, ...absent].sort((a, b) =>
    a.name < b.name ? -1 : a.name > b.name ? 1 : a.detail < b.detail ? -1 : 1,
  );
}

function trafficViews(
  sources: readonly TrafficSource[],
  hosts: readonly SeenHost[],
  seesGateway: ReadonlyMap<string, boolean>,
): SourceView[] {
  return sources.map(({ source, via, days }) => ({
    kind: 'traffic',
    name: source,
    detail: via,
    measured: true,
    days: days.length,
    first: days[0] ?? null,
    last: days.at(-1) ?? null,
    counts: countedBy(via),
    amount: sum(
      hosts
        .filter((host) => host.source === source && host.via === via)
        .flatMap((host) => host.days.map(({ count }) => count)),
    ),
    seesGateway: seesGateway.get(source) ?? null,
  }));
}

function proxySource(tunnels: readonly { day: string; tunnels: number }[], measured: boolean): SourceView {
  const days = [...new Set(tunnels.map(({ day }) => day))].sort();
  return {
    kind: 'egress_proxy',
    name: '',
    detail: '',
    measured,
    days: days.length,
    first: days[0] ?? null,
    last: days.at(-1) ?? null,
    counts: 'crossings',
    amount: measured ? sum(tunnels.map((one) => one.tunnels)) : null,
    seesGateway: null,
  };
}

interface FindingNames {
  names: ReadonlyMap<string, string>;
  held: ReadonlyMap<string, string>;
  apps: ReadonlyMap<string, string>;
}

function findingView(
  finding: Finding,
  settled: readonly {
    finding: string;
    days: Record<string, number>;
    reason: string;
    by_name: string;
    at: Date;
  }[],
  { names, held, apps }: FindingNames,
): FindingView {
  const said = settled.find((one) => one.finding === finding.id);
  const open = said === undefined ? finding.days : openDays(finding, said.days);
  const isSettled = said !== undefined && open.length === 0;
  const days = isSettled ? finding.days : open;
  return {
    id: finding.id,
    kind: finding.kind,
    strength: finding.strength,
    subject: finding.subject,
    name: names.get(finding.subject) ?? held.get(finding.subject) ?? apps.get(finding.subject) ?? null,
    where: finding.where,
    unit: finding.unit,
    amount: sum(days.map(({ amount }) => amount)),
    days,
    state: isSettled ? 'settled' : 'open',
    reopened: said !== undefined && !isSettled,
    settled: said === undefined ? null : { reason: said.reason, by: said.by_name, at: said.at.toISOString() },
  };
}
