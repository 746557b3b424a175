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
import { heldBy } from './held.ts';
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

/** Of vendors of which some deletion is proven: up to when that of a class is, in ms; null: it is not. */
export type ProvenDeletions = () => Promise<ReadonlyMap<string, (fieldClass: string) => number | null>>;

/** A holding is exposure less what is proven to be deleted: of vendors of which something is, people are counted again. */
async function heldCounts(
  platform: Platform,
  counts: readonly PeopleCount[],
  proven: Awaited<ReturnType<ProvenDeletions>>,
): Promise<PeopleCount[]> {
  // What did not go out as it was is held by nobody, deleted or not.
  const kept = counts.filter(
    (one) => !proven.has(one.vendor) || (one.class !== '' && !isSent(one.treatment)),
  );
  const spoken = [...new Set(counts.map(({ vendor }) => vendor))];
  for (const vendor of spoken) {
    const deletedUntil = proven.get(vendor);
    if (deletedUntil === undefined) continue;
    const held = await heldBy(platform, {
      vendors: [vendor],
      from: 0,
      // A gateway's clock may be ahead.
      to: platform.clock.now() + DAY_MS,
      deletedUntil: (_, fieldClass) => deletedUntil(fieldClass),
      keptSince: () => null,
    });
    const all = { vendor, class: '', treatment: '' };
    kept.push(
      { ...all, about: 'person', people: held.people },
      { ...all, about: 'organisation', people: held.organisations },
      ...held.kinds.map(
        ({ class: fieldClass, treatment, people }): PeopleCount => ({
          vendor,
          about: 'person',
          class: fieldClass,
          treatment,
          people,
        }),
      ),
    );
  }
  return kept;
}

/** Every vendor of the directory, and those that something crossed to but the directory no longer has. */
export async function vendorRows(
  platform: Platform,
  directory: VendorDirectory,
  proven: ProvenDeletions,
): Promise<VendorRow[]> {
  const [known, traffic, got, deleted] = await Promise.all([
    directory(),
    vendorTraffic(platform),
    peopleCounts(platform),
    proven(),
  ]);
  const counts = await heldCounts(platform, got, deleted);
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
  deps: { names: Names; directory: VendorDirectory; proven: ProvenDeletions },
  vendor: string,
): Promise<VendorPage | null> {
  const days = lastDays(platform.clock.now());
  const [known, traffic, got, deleted, holdings, heat] = await Promise.all([
    deps.directory(),
    vendorTraffic(platform),
    peopleCounts(platform, vendor),
    deps.proven(),
    vendorHoldings(platform, vendor),
    heatOf(platform, vendor, days[0] ?? ''),
  ]);
  const counts = await heldCounts(platform, got, deleted);
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
