import type { ConnectionView } from '../../connections/index.ts';
import type { Named, sentTraffic } from '../../crossings/index.ts';
import type { Grant } from '../../discovery/index.ts';
import type { Held } from '../../exposure/index.ts';
import type { Entry } from '../../register/index.ts';
import type { BlastDeps, PlacedData } from './deps.ts';
import type { Kept } from './kept.ts';
import { labelOf } from './labels.ts';
import { quotesOf } from './quotes.ts';
import { layerAtEnd, mayGo, scopeOf, type Way } from './reach.ts';
import type { Blast } from './schemas.ts';

/** What is held, about whom, by which keys, and what hangs on it: the rows of the answer. */

const MOST_GROUPS = 25;

interface RowsFrom {
  party: string;
  wayFrom: ReadonlyMap<string, Way>;
  own: Kept;
  entries: ReadonlyMap<string, Entry | null>;
  held: Held;
  traffic: Awaited<ReturnType<typeof sentTraffic>>;
  from: number;
  vendorNamed(id: string): Named;
  appNamed(id: string): Named;
  placed: readonly PlacedData[];
}

/** What was seen to go, with what it may have reached; then what is only declared. */
export function dataRows({
  party,
  wayFrom,
  own,
  entries,
  held,
  traffic,
  vendorNamed,
  appNamed,
  placed,
}: RowsFrom): Blast['data'] {
  const placesOf = (fieldClass: string): Blast['data'][number]['places'] =>
    placed
      .filter((one) => one.class === null || one.class === fieldClass)
      .map(({ class: _, ...place }) => place);
  const keyOf = (one: { vendor: string; class: string; treatment: string }) =>
    `${one.vendor} ${one.class} ${one.treatment}`;
  const counted = new Map(held.kinds.map((kind) => [keyOf(kind), kind]));
  const seen = [...Map.groupBy(traffic, keyOf).values()].flatMap((rows): Blast['data'] => {
    const [first] = rows;
    const way = first && wayFrom.get(first.vendor);
    if (first === undefined || way === undefined) return [];
    const isDirect = first.vendor === party;
    if (!isDirect && !mayGo(way, scopeOf(first.class))) return [];
    const last = Math.max(...rows.map(({ lastSeenAt }) => lastSeenAt.getTime()));
    const count = counted.get(keyOf(first));
    return [
      {
        vendor: vendorNamed(first.vendor),
        class: first.class,
        label: labelOf(first.class),
        treatment: first.treatment,
        layer: isDirect ? 'observed' : layerAtEnd(way),
        people: count?.people ?? 0,
        peopleInWindow: count?.peopleInWindow ?? 0,
        peopleAsDeclared: count?.peopleAsDeclared ?? 0,
        organisations: count?.organisations ?? 0,
        crossings: rows.reduce((sum, { crossings }) => sum + crossings, 0),
        apps: [...new Set(rows.map(({ app }) => app))].map(appNamed),
        firstSeenAt: new Date(
          Math.min(...rows.map(({ firstSeenAt }) => firstSeenAt.getTime())),
        ).toISOString(),
        lastSeenAt: new Date(last).toISOString(),
        retention: own.retentionOf(first.class),
        deletion: own.deletionOf(first.class),
        source: isDirect ? 'Crossings at the gateway' : way.sources.join(', then '),
        places: placesOf(first.class),
      },
    ];
  });
  const known = new Set(seen.map((row) => row.class));
  const declared = (entries.get(party)?.statements ?? []).flatMap(({ kind, key, source }): Blast['data'] =>
    kind !== 'data' || known.has(key)
      ? []
      : [
          {
            vendor: vendorNamed(party),
            class: key,
            label: labelOf(key),
            treatment: 'unknown',
            layer: 'declared',
            people: null,
            peopleInWindow: null,
            peopleAsDeclared: null,
            organisations: null,
            crossings: null,
            apps: [],
            firstSeenAt: null,
            lastSeenAt: null,
            retention: own.retentionOf(key),
            deletion: own.deletionOf(key),
            source,
            places: placesOf(key),
          },
        ],
  );
  return [
    ...seen.sort((a, b) => (b.people ?? 0) - (a.people ?? 0) || (a.class < b.class ? -1 : 1)),
    ...declared,
  ];
}

export function peopleOf(held: Held): Omit<Blast['people'], 'places'> {
  const groups = held.groups.map(({ people, kinds }) => ({
    people,
    classes: kinds.map((kind) => ({
      class: kind.class,
      label: labelOf(kind.class),
      treatment: kind.treatment,
    })),
    ...shownQuotes(quotesOf(kinds)),
  }));
  const { people, peopleInWindow, peopleAsDeclared, organisations } = held;
  return {
    people,
    peopleInWindow,
    peopleAsDeclared,
    organisations,
    groups: groups.slice(0, MOST_GROUPS),
    moreGroups: Math.max(0, groups.length - MOST_GROUPS),
  };
}

const shownQuotes = ({ facts, phishability }: ReturnType<typeof quotesOf>) => ({
  quotes: facts.map((fact) => ({ ...fact })),
  phishability,
});

export function credentialOf(
  connection: ConnectionView,
  used: Awaited<ReturnType<BlastDeps['credentialsUsed']>>,
): Blast['credentials'] {
  const { credential } = connection;
  if (credential === null) return [];
  const last = used.find((one) => one.connection === connection.id && one.version === credential.version);
  return [
    {
      kind: 'connection',
      id: connection.id,
      name: `${connection.name}, version ${credential.version}`,
      layer: 'observed',
      scopes: [],
      since: credential.enteredAt,
      lastUsedAt: last?.lastAt.toISOString() ?? null,
      ours: true,
      doText: 'Rotate it: the vendor checks it, and may have kept it.',
    },
  ];
}

export const grantView = (grant: Grant): Blast['credentials'][number] => ({
  kind: 'grant',
  id: grant.id,
  name: grant.app,
  layer: 'observed',
  scopes: grant.scopes,
  since: grant.firstAt?.toISOString() ?? null,
  lastUsedAt: grant.lastAt?.toISOString() ?? null,
  ours: false,
  doText: 'Revoke the grant where it was given: its tokens let the vendor into accounts of ours.',
});

export function dependentsOf(
  traffic: RowsFrom['traffic'],
  vendorNamed: RowsFrom['vendorNamed'],
  named: { app(id: string): Named; connection(id: string): Named },
): Blast['dependents'] {
  return [...Map.groupBy(traffic, ({ app, vendor }) => `${vendor} ${app}`).values()]
    .map((rows) => ({
      app: named.app(rows[0]?.app ?? ''),
      vendor: vendorNamed(rows[0]?.vendor ?? ''),
      connections: [...new Set(rows.map(({ connection }) => connection))].map(named.connection),
      // Rows are per kind of data, and a crossing has several.
      crossings: Math.max(...rows.map(({ crossings }) => crossings)),
      lastSeenAt: new Date(Math.max(...rows.map((row) => row.lastSeenAt.getTime()))).toISOString(),
    }))
    .sort((a, b) => b.crossings - a.crossings);
}
