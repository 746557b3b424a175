import { type ConnectionMode, fieldClasses } from '@drawbridge/protocol';
import { sql } from 'kysely';
import {
  type Named,
  type Names,
  nameAll,
  sentByDay,
  type VendorTraffic,
  vendorHoldings,
  vendorTraffic,
} from '../crossings/index.ts';
import type { Platform } from '../platform/index.ts';
import { isSent, sendingTreatments } from './facts.ts';
import type { VendorRow } from './schemas.ts';

/** What is known of a vendor beside the ledger: its pack, and the state of its connections. */
export interface VendorInfo {
  vendor: string;
  name: string;
  kind: string;
  homepage: string;
  connections: number;
  state: 'open' | 'severed';
  /** Of its connections, where they are not `enforce`. */
  modes: ConnectionMode[];
}

/** All vendors that are connected, or have a pack that callers want shown. */
export type VendorDirectory = () => Promise<readonly VendorInfo[]>;

interface PeopleCount {
  vendor: string;
  about: 'person' | 'organisation';
  class: string;
  treatment: string;
  people: number;
}

/** Counts over all connections of each vendor; of one vendor where it is given. */
async function peopleCounts(platform: Platform, vendor?: string): Promise<PeopleCount[]> {
  const found = await sql<PeopleCount>`
    SELECT vendor, about, class, treatment, people FROM people_count
    WHERE connection = '' AND vendor <> '' AND people > 0
      ${vendor === undefined ? sql`` : sql`AND vendor = ${vendor}`}`.execute(platform.db);
  return found.rows;
}

/** People over all vendors, each counted once. */
export async function peopleInAll(platform: Platform): Promise<number> {
  const found = await sql<{ people: number }>`
    SELECT people FROM people_count WHERE vendor = '' AND connection = '' AND class = '' AND treatment = ''
      AND about = 'person'`.execute(platform.db);
  return found.rows[0]?.people ?? 0;
}

/** Every vendor of the directory, and those that something crossed to but the directory no longer has. */
export async function vendorRows(platform: Platform, directory: VendorDirectory): Promise<VendorRow[]> {
  const [known, traffic, counts] = await Promise.all([
    directory(),
    vendorTraffic(platform),
    peopleCounts(platform),
  ]);
  const infos = new Map(known.map((info) => [info.vendor, info]));
  for (const vendor of traffic.keys()) if (!infos.has(vendor)) infos.set(vendor, unlisted(vendor));
  const countsOf = Map.groupBy(counts, (count) => count.vendor);
  return [...infos.values()]
    .map((info) => vendorRow(info, traffic.get(info.vendor), countsOf.get(info.vendor) ?? []))
    .sort((a, b) => b.people - a.people || a.name.localeCompare(b.name, 'en'));
}

function unlisted(vendor: string): VendorInfo {
  return { vendor, name: vendor, kind: 'unknown', homepage: '', connections: 0, state: 'open', modes: [] };
}

function vendorRow(
  info: VendorInfo,
  traffic: VendorTraffic | undefined,
  counts: readonly PeopleCount[],
): VendorRow {
  const people = counts.filter((count) => count.about === 'person');
  const classes = new Map<string, VendorRow['classes'][number]>();
  // What crossed without speaking of anyone known is there too, with nobody counted.
  for (const pair of traffic?.pairs ?? []) classes.set(pairText(pair), { ...pair, people: 0 });
  for (const { class: fieldClass, treatment, people: counted } of people) {
    const pair = { class: fieldClass, treatment };
    if (fieldClass !== '') classes.set(pairText(pair), { ...pair, people: counted });
  }
  const list = [...classes.values()].sort(byReach);
  return {
    vendor: info.vendor,
    name: info.name,
    kind: info.kind,
    connections: info.connections,
    people: people.find((count) => count.class === '')?.people ?? 0,
    fieldClassesGot: new Set(list.filter((one) => isSent(one.treatment)).map((one) => one.class)).size,
    classes: list,
    crossings24h: traffic?.crossings24h ?? 0,
    crossed24h: traffic?.crossed24h ?? 0,
    refused24h: traffic?.refused24h ?? 0,
    lastCrossingAt: traffic?.lastCrossingAt.toISOString() ?? null,
    state: info.state,
    modes: info.modes,
  };
}

const pairText = (pair: { class: string; treatment: string }): string => `${pair.class} ${pair.treatment}`;

type Reach = { class: string; treatment: string; people: number };
function byReach(a: Reach, b: Reach): number {
  return b.people - a.people || (pairText(a) < pairText(b) ? -1 : 1);
}

export interface VendorPage extends Omit<VendorRow, 'connections'> {
  homepage: string;
  organisations: number;
  holdings: {
    class: string;
    label: string;
    treatment: string;
    people: number;
    crossings: number;
    firstSeenAt: string;
    lastSeenAt: string;
    apps: Named[];
  }[];
  days: string[];
  heat: { class: string; day: string; people: number; crossings: number }[];
}

/** What a vendor holds, as observed; null for one that is neither in the directory nor in the ledger. */
export async function vendorPage(
  platform: Platform,
  deps: { names: Names; directory: VendorDirectory },
  vendor: string,
): Promise<VendorPage | null> {
  const days = lastDays(platform.clock.now());
  const [known, traffic, counts, holdings, heat] = await Promise.all([
    deps.directory(),
    vendorTraffic(platform),
    peopleCounts(platform, vendor),
    vendorHoldings(platform, vendor),
    heatOf(platform, vendor, days[0] ?? ''),
  ]);
  const listed = known.find((info) => info.vendor === vendor);
  if (listed === undefined && !traffic.has(vendor)) return null;
  const info = listed ?? unlisted(vendor);
  const named = await nameAll(
    deps.names,
    holdings.flatMap((holding) => holding.apps.map((app) => ({ app, connection: '' }))),
  );
  const { connections: _, ...row } = vendorRow(info, traffic.get(vendor), counts);
  const peopleOf = new Map(row.classes.map((one) => [pairText(one), one.people]));
  return {
    ...row,
    homepage: info.homepage,
    organisations: counts.find((count) => count.about === 'organisation' && count.class === '')?.people ?? 0,
    holdings: holdings
      .map((holding) => ({
        class: holding.class,
        label: labelOf(holding.class),
        treatment: holding.treatment,
        people: peopleOf.get(pairText(holding)) ?? 0,
        crossings: holding.crossings,
        firstSeenAt: holding.firstSeenAt.toISOString(),
        lastSeenAt: holding.lastSeenAt.toISOString(),
        apps: holding.apps.map(named.app),
      }))
      .sort(byReach),
    days,
    heat,
  };
}

const labels: Readonly<Record<string, { label: string }>> = fieldClasses;
const labelOf = (fieldClass: string): string => labels[fieldClass]?.label ?? fieldClass;

const DAY_MS = 24 * 3600_000;
const HEAT_DAYS = 30;

/** The last 30 UTC days, today last: YYYY-MM-DD. */
function lastDays(now: number): string[] {
  return Array.from({ length: HEAT_DAYS }, (_, n) =>
    new Date(now - (HEAT_DAYS - 1 - n) * DAY_MS).toISOString().slice(0, 10),
  );
}

async function heatOf(platform: Platform, vendor: string, since: string): Promise<VendorPage['heat']> {
  const [crossings, people] = await Promise.all([
    sentByDay(platform, vendor, since, sendingTreatments),
    sql<{ class: string; day: string; people: number }>`
      SELECT class, day::text, people FROM people_day
      WHERE vendor = ${vendor} AND day >= ${since}::date AND people > 0`.execute(platform.db),
  ]);
  const peopleOf = new Map(people.rows.map((row) => [`${row.class} ${row.day}`, row.people]));
  return crossings
    .map((cell) => ({ ...cell, people: peopleOf.get(`${cell.class} ${cell.day}`) ?? 0 }))
    .sort((a, b) => (`${a.class} ${a.day}` < `${b.class} ${b.day}` ? -1 : 1));
}
