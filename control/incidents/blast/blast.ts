import { fieldClasses } from '@drawbridge/protocol';
import { type Edge, edgesAt, type Layer } from '../../chain/index.ts';
import type { ConnectionView } from '../../connections/index.ts';
import { journalsStoredAt, type Named, type Names, nameAll, sentTraffic } from '../../crossings/index.ts';
import type { Grant } from '../../discovery/index.ts';
import {
  type Held,
  type HeldPlace,
  type HeldQuestion,
  heldBy,
  sendingTreatments,
} from '../../exposure/index.ts';
import type { Platform } from '../../platform/index.ts';
import { type Entry, substitutesOf } from '../../register/index.ts';
import { type Kept, keptBy } from './kept.ts';
import { quotesOf } from './quotes.ts';
import { layerAtEnd, mayGo, scopeOf, type Way, waysTo } from './reach.ts';
import type { Blast } from './schemas.ts';

/** Data about people of ours who have accounts at a vendor: what it, or a party behind its console, holds. */
export interface AccountsHeld {
  vendor: string;
  /** Null: it is not known how many people the accounts are. */
  people: number | null;
  accounts: number;
  layer: Layer;
  fields: readonly { name: string; layer: Layer; source: string }[];
}

/** How far it is known that all traffic to a vendor was seen. */
export interface Covered {
  /** Whether a report of the vendor's own proves it for the whole window. */
  isProven: boolean;
  text: string;
}

/** Where a party is said to keep data, or was seen. `class`: null, all of it, or nobody knows which. */
export interface PlacedData {
  class: string | null;
  kind: string;
  place: string;
  jurisdiction: string | null;
  layer: 'declared' | 'observed';
  source: string;
}

/** What runs on a vendor beside apps over connections. `app`: null where the records name none. */
export interface Workflow {
  kind: Blast['workflows'][number]['kind'];
  id: string;
  name: string;
  detail: string | null;
  app: string | null;
  vendor: string;
  layer: Layer;
  lastSeenAt: string | null;
  source: string;
  /** The run of evidence that shows it; null: it is no evidence that was handed in. */
  run: string | null;
}

/** What other rooms know. */
export interface BlastDeps {
  platform: Platform;
  names: Names;
  connections(): Promise<readonly ConnectionView[]>;
  edges(): Promise<readonly Edge[]>;
  entry(vendor: string): Promise<Entry | null>;
  vendorNames(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Of which people of ours have accounts, at it or at vendors behind whose consoles it stands. */
  accountsHeld(party: string): Promise<readonly AccountsHeld[]>;
  covered(vendor: string, from: number, to: number): Promise<Covered>;
  grants(vendor: string): Promise<readonly Grant[]>;
  placesOf(party: string): Promise<readonly PlacedData[]>;
  /** The people of a question by country and language; null: the people directory says neither of anybody. */
  peoplePlaces(question: HeldQuestion): Promise<HeldPlace[] | null>;
  /** Of these vendors. */
  workflows(vendors: readonly string[]): Promise<readonly Workflow[]>;
  credentialsUsed(): Promise<readonly { connection: string; version: number; lastAt: Date }[]>;
}

const MOST_GROUPS = 25;
const MOST_WAYS = 50;
const labels: Readonly<Record<string, { label: string }>> = fieldClasses;
const labelOf = (fieldClass: string): string => labels[fieldClass]?.label ?? fieldClass;

/**
 * What a party may hold of ours, about whom, and what hangs on it, if it was breached between `from` and `to` (ms): all that
 * crossed up to `to` and is not proven deleted. Nothing is taken to be unaffected for want of a record.
 */
export async function blastOf(deps: BlastDeps, party: string, from: number, to: number): Promise<Blast> {
  const { platform } = deps;
  const { edges, ways, wayFrom, senders, entries, own } = await reachOf(deps, party);

  const question = questionOf(party, wayFrom, own, from, to);
  const [held, places, traffic, connections, accounts, covered, grants, used, asOf, placed, workflows] =
    await Promise.all([
      heldBy(platform, question),
      deps.peoplePlaces(question),
      sentTraffic(platform, senders, sendingTreatments, to, gatesOf(senders, own)),
      deps.connections(),
      deps.accountsHeld(party),
      deps.covered(party, from, to),
      deps.grants(party),
      deps.credentialsUsed(),
      journalsStoredAt(platform),
      deps.placesOf(party),
      deps.workflows(senders),
    ]);
  const behind = edges.filter((edge) => edge.from === party);
  const namesOf = await deps.vendorNames([
    ...new Set([
      ...senders,
      ...ways.flatMap(({ through }) => through),
      ...behind.map(({ to: id }) => id),
      ...accounts.map(({ vendor }) => vendor),
      ...substitutesOf(entries.get(party) ?? null).map(({ id }) => id),
    ]),
  ]);
  const vendorNamed = (id: string): Named => ({ id, name: namesOf.get(id) ?? id });
  const named = await nameAll(deps.names, traffic);
  const runBy = await deps.names.apps([...new Set(workflows.flatMap(({ app }) => app ?? []))]);
  const data = dataRows({
    party,
    wayFrom,
    own,
    entries,
    held,
    traffic,
    from,
    vendorNamed,
    appNamed: named.app,
    placed,
  });
  const entry = entries.get(party) ?? null;
  const mine = connections.filter(({ vendor }) => vendor === party);
  const answer: Omit<Blast, 'unknown'> = {
    party: {
      ...vendorNamed(party),
      status: entry?.vendor.status ?? 'not_entered',
      connected: mine.length > 0,
    },
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    asOf: latest([...asOf.values()]),
    whose: whoseOf(data.length > 0, accounts.length > 0, vendorNamed(party).name),
    ways: ways.map((way) => ({
      through: way.through.map(vendorNamed),
      layer: way.layer,
      scopes: way.scopes === null ? null : [...way.scopes],
      sources: [...way.sources],
    })),
    data,
    people: { ...peopleOf(held), places },
    accounts: accounts.map((one) => ({
      ...one,
      vendor: vendorNamed(one.vendor),
      fields: one.fields.map((field) => ({ ...field })),
    })),
    credentials: [...mine.flatMap((connection) => credentialOf(connection, used)), ...grants.map(grantView)],
    dependents: dependentsOf(traffic, vendorNamed, named),
    workflows: workflows.map(({ app, vendor, ...one }) => ({
      ...one,
      app: app === null ? null : { id: app, name: runBy.get(app) ?? app },
      vendor: vendorNamed(vendor),
    })),
    substitutes: substitutesOf(entry).map(({ id, days }) => ({ ...vendorNamed(id), days })),
    chain: {
      sharedBy: ways
        .filter(({ through }) => through.length > 1)
        .map(({ through }) => vendorNamed(through[0] ?? '')),
      behind: behind.map((edge) => ({ ...vendorNamed(edge.to), layer: edge.layer })),
    },
    notAffected: notSeen(data, covered),
  };
  return { ...answer, unknown: unknownOf(answer, own, covered, connections) };
}

/** Over which ways data of ours may have come to a party, and what it is known to have deleted. */
async function reachOf(deps: Pick<BlastDeps, 'platform' | 'edges' | 'entry'>, party: string) {
  const edges = edgesAt(await deps.edges(), deps.platform.clock.now());
  const ways = waysTo(party, edges).slice(0, MOST_WAYS);
  const senders = [...new Set([party, ...ways.flatMap(({ through }) => through.slice(0, 1))])];
  const entries = new Map(
    await Promise.all(senders.map(async (vendor) => [vendor, await deps.entry(vendor)] as const)),
  );
  // Deletion and retention are the party's own: what a vendor before it deleted, the party may still have.
  const own = keptBy(entries.get(party) ?? null);
  const wayFrom = new Map(ways.map((way) => [way.through[0] ?? party, way]));
  if (!wayFrom.has(party))
    wayFrom.set(party, { through: [party], layer: 'observed', scopes: null, sources: [] });
  return { edges, ways, senders, entries, own, wayFrom };
}

/** Whose data `blastOf` counts, as a question to the ledger. */
export async function heldQuestionOf(
  deps: Pick<BlastDeps, 'platform' | 'edges' | 'entry'>,
  party: string,
  from: number,
  to: number,
): Promise<HeldQuestion> {
  const { wayFrom, own } = await reachOf(deps, party);
  return questionOf(party, wayFrom, own, from, to);
}

const latest = (times: readonly Date[]): string | null =>
  times.length === 0 ? null : new Date(Math.max(...times.map((at) => at.getTime()))).toISOString();

function questionOf(
  party: string,
  ways: ReadonlyMap<string, Way>,
  own: Kept,
  from: number,
  to: number,
): HeldQuestion {
  return {
    vendors: [...ways.keys()],
    from,
    to,
    goes(vendor, fieldClass) {
      const way = ways.get(vendor);
      return way !== undefined && (vendor === party || mayGo(way, scopeOf(fieldClass)));
    },
    deletedUntil: (_, fieldClass) => own.deletedUntil(fieldClass),
    keptSince: (_, fieldClass) => own.keptSince(fieldClass, from),
  };
}

/** What crossed before the deletion of its class was proven is not counted. */
const gatesOf = (senders: readonly string[], own: Kept) =>
  Object.keys(fieldClasses).flatMap((fieldClass) => {
    const after = own.deletedUntil(fieldClass);
    return after === null ? [] : senders.map((vendor) => ({ vendor, class: fieldClass, after }));
  });

function whoseOf(ourData: boolean, ourAccounts: boolean, name: string): Blast['whose'] {
  const texts = {
    both: `${name} got data that we sent, and holds data about people of ours who have accounts.`,
    data: `${name} got data that we sent. No accounts of our people are known behind which it stands.`,
    accounts: `We sent ${name} nothing that was seen. It holds data about people of ours who have accounts.`,
    none: `No record in the traffic that we saw, and no accounts of our people are known there. That is no proof that ${name} holds nothing.`,
  };
  const which = ourData ? (ourAccounts ? 'both' : 'data') : ourAccounts ? 'accounts' : 'none';
  return { ourData, ourAccounts, text: texts[which] };
}

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
function dataRows({
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

function peopleOf(held: Held): Omit<Blast['people'], 'places'> {
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

function credentialOf(
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

const grantView = (grant: Grant): Blast['credentials'][number] => ({
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

function dependentsOf(
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

/** What one wants to be able to say after a breach, and may only where the traffic is known to be seen whole. */
const ASKED = [
  'content.prompt',
  'content.media',
  'person.email',
  'person.name',
  'person.phone',
  'secret.api_key',
  'secret.password',
  'payment.card',
  'payment.iban',
  'person.national_id',
] as const;

function notSeen(data: Blast['data'], covered: Covered): Blast['notAffected'] {
  const there = new Set(data.map((row) => row.class));
  return ASKED.filter((one) => !there.has(one)).map((one) => ({
    class: one,
    label: labelOf(one),
    proven: covered.isProven,
    text: covered.isProven
      ? `Not among what was sent. ${covered.text}`
      : 'No record in the traffic that we saw.',
  }));
}

function unknownOf(
  answer: Omit<Blast, 'unknown'>,
  own: Kept,
  covered: Covered,
  connections: readonly ConnectionView[],
): Blast['unknown'] {
  const { party, data, accounts, asOf } = answer;
  const undeclared = data.filter((row) => row.retention === null).length;
  const unproven = data.filter((row) => own.deletedUntil(row.class) === null).length;
  const placeless = data.filter((row) => row.places.length === 0).length;
  const observing = connections.filter(({ vendor, mode }) => vendor === party.id && mode === 'observe');
  const found: readonly (readonly [string, boolean, string])[] = [
    ['no_journal', asOf === null, 'No journal came in: nothing is known of traffic.'],
    ['not_entered', party.status === 'not_entered', `${party.name} is not in the register.`],
    ['coverage', !covered.isProven, covered.text],
    [
      'retention',
      undeclared > 0,
      `For ${undeclared} of ${data.length} kinds of data nobody stated how long ${party.name} keeps them: all of it counts.`,
    ],
    [
      'deletion',
      unproven > 0,
      `For ${unproven} of ${data.length} kinds of data no proof of deletion is kept: they count as held.`,
    ],
    [
      'observe_mode',
      observing.length > 0,
      `${observing.length} ${observing.length === 1 ? 'connection lets' : 'connections let'} through what the contract would treat.`,
    ],
    [
      'places',
      placeless > 0,
      `For ${placeless} of ${data.length} kinds of data nobody stated where ${party.name} keeps them, and nothing was seen that shows it.`,
    ],
    [
      'workflows',
      answer.workflows.length === 0,
      `No workload, pipeline, deployment, workflow or agent that uses ${party.name} is in the records. That is no proof that there is none.`,
    ],
    ['accounts', accounts.length === 0, 'No accounts of our people were imported or seen for it.'],
    ['chain', answer.chain.behind.length === 0, `It is not known to whom ${party.name} hands data on.`],
  ];
  return found.flatMap(([code, isUnknown, text]) => (isUnknown ? [{ code, text }] : []));
}
