import { z } from 'zod';
import { accountColumns, type Columns, type Holders, holdersOf } from '../accounts/index.ts';
import { type Edge, edgesAt, US } from '../chain/index.ts';
import { decodeCursor, type Platform, page } from '../platform/index.ts';
import type { Known } from '../vendors/index.ts';
import { behindOf } from './behind.ts';
import type {
  BehindView,
  FieldView,
  PartyHolding,
  PartySummary,
  PeopleView,
  VendorHolding,
} from './schemas.ts';
import { partiesOf, type SeenDetail, seenDetails, seenHosts, visitDays } from './seen.ts';
import type { HoldingTables } from './tables.ts';

export interface HoldingDeps {
  platform: Platform;
  known(): Promise<Known>;
  /** The chain's edges, ours too. */
  edges(): Promise<readonly Edge[]>;
  namesOf(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

/** Data about people of ours who have accounts at a vendor: what it, or a party behind its console, holds. */
export interface HeldAt {
  vendor: string;
  people: number | null;
  accounts: number;
  layer: 'observed' | 'declared';
  fields: { name: string; layer: FieldView['layer']; source: string }[];
}

const NOBODY: Holders = { people: 0, accounts: 0, unnamed: 0 };

/** What a vendor holds of those of ours who have accounts there, and who stands behind its console. */
export async function ofVendor(deps: HoldingDeps, vendor: string): Promise<VendorHolding> {
  const { platform } = deps;
  const [known, hosts, days, details, columns, statements, holders, edges] = await Promise.all([
    deps.known(),
    seenHosts(platform, [vendor]),
    visitDays(platform),
    seenDetails(platform, [vendor]),
    accountColumns(platform, vendor),
    statementsOf(platform, vendor),
    holdersOf(platform, new Map([[vendor, [vendor]]])),
    deps.edges(),
  ]);
  const parties = partiesOf(hosts, known);
  const declaring = declaringEdges(edges, platform.clock.now()).filter(({ from }) => from === vendor);
  const ids = [vendor, ...parties.map(({ party }) => party), ...declaring.map(({ to }) => to)];
  const names = await deps.namesOf([...new Set(ids)]);
  const behind = behindOf({ vendor, parties, declaring, days: days.get(vendor), details, names });
  const visits = days.get(vendor);
  const name = names.get(vendor) ?? vendor;
  const held = holders.get(vendor) ?? NOBODY;
  return {
    vendor,
    name,
    holders: held,
    visits: { count: visits?.count ?? 0, first: visits?.first ?? null, last: visits?.last ?? null },
    fields: [...observedFields(details, known), ...statements, ...inferredFields(columns)],
    behind: behind.filter(({ party }) => party !== vendor),
    unknown: [
      ...(visits === undefined
        ? [
            {
              code: 'no_visit',
              text: `No visit to the console of ${name} is recorded: what it collects, and who stands behind it, was not observed.`,
            },
          ]
        : []),
      ...(statements.length === 0
        ? [{ code: 'not_declared', text: 'Nobody stated which fields it collects.' }]
        : []),
      ...unknownHolders(held, [vendor]),
      ...behind
        .filter(({ firstParty }) => firstParty === null)
        .slice(0, 1)
        .map(() => ({ code: 'hosts', text: 'Of some hosts it is not known whose they are.' })),
    ],
  };
}

function unknownHolders({ accounts, unnamed }: PeopleView, vendors: readonly string[]) {
  if (vendors.length > 0 && accounts === 0)
    return [{ code: 'no_accounts', text: 'No export names accounts of our people there.' }];
  if (unnamed === 0) return [];
  return [{ code: 'unnamed', text: `Of ${unnamed} of ${accounts} accounts it is not known whose they are.` }];
}

function observedFields(details: readonly SeenDetail[], known: Known): FieldView[] {
  const fields = details.filter(({ kind }) => kind === 'field');
  return [...Map.groupBy(fields, ({ value }) => value)]
    .map(([name, some]): FieldView => {
      const days = some.flatMap(({ first, last }) => [first, last]).sort();
      const [since = null, last = null] = [days[0], days.at(-1)];
      return {
        name,
        layer: 'observed',
        source: since === last ? `The visit of ${since}` : `Visits from ${since} to ${last}`,
        since,
        last,
        receivers: [...new Set(some.map(({ host }) => known.ofHost(host)?.id ?? host))].sort(),
        statement: null,
      };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Whoever has an account somewhere gave what the vendor's own exports show of accounts. */
function inferredFields({ accounts, first, last, ...some }: Columns): FieldView[] {
  if (accounts === 0) return [];
  const of = [
    ['account.id', accounts, 'Each account has one'],
    ['account.name', accounts, 'Whoever opens an account gives a name'],
    ['account.email', some.email, null],
    ['account.role', some.role, null],
    ['account.last_active', some.lastActive, null],
    ['account.second_factor', some.secondFactor, null],
  ] as const;
  return of
    .filter(([, count]) => count > 0)
    .map(([name, count, why]) => ({
      name,
      layer: 'inferred',
      source: why ?? `Exports show it of ${count} of ${accounts} accounts`,
      since: first?.toISOString().slice(0, 10) ?? null,
      last: last?.toISOString().slice(0, 10) ?? null,
      receivers: [],
      statement: null,
    }));
}

async function statementsOf(platform: Platform, vendor: string): Promise<FieldView[]> {
  const rows = await platform.db
    .withTables<HoldingTables>()
    .selectFrom('console_field')
    .selectAll()
    .where('vendor', '=', vendor)
    .where('withdrawn_at', 'is', null)
    .orderBy('field')
    .execute();
  return rows.map((row) => ({
    name: row.field,
    layer: 'declared',
    source: row.source,
    since: row.as_of,
    last: row.as_of,
    receivers: [],
    statement: row.id,
  }));
}

/** Edges that say a vendor hands data of accounts on. One that does not say what for may be. */
function declaringEdges(edges: readonly Edge[], now: number): Edge[] {
  return edgesAt(edges, now).filter(
    ({ from, layer, scopes }) =>
      from !== US && layer === 'declared' && (scopes.length === 0 || scopes.includes('account_metadata')),
  );
}

/** All vendors behind whose consoles each party stands, by party. */
async function links(deps: HoldingDeps, only?: string) {
  const { platform } = deps;
  const [known, hosts, days, edges] = await Promise.all([
    deps.known(),
    seenHosts(platform),
    visitDays(platform),
    deps.edges(),
  ]);
  const isIt = (party: string): boolean => only === undefined || party === only;
  const parties = partiesOf(hosts, known).filter(
    ({ party, firstParty }) => firstParty !== true && isIt(party),
  );
  const declaring = declaringEdges(edges, platform.clock.now()).filter(({ to }) => isIt(to));
  const vendors = [...new Set([...parties.map((one) => one.vendor), ...declaring.map(({ from }) => from)])];
  const details =
    only === undefined
      ? []
      : await seenDetails(
          platform,
          vendors,
          parties.flatMap((one) => one.hosts),
        );
  const ids = [...vendors, ...parties.map(({ party }) => party), ...declaring.map(({ to }) => to)];
  const names = await deps.namesOf([...new Set(only === undefined ? ids : [...ids, only])]);
  const found = vendors.toSorted().flatMap((vendor) =>
    behindOf({
      vendor,
      parties: parties.filter((one) => one.vendor === vendor),
      declaring: declaring.filter(({ from }) => from === vendor),
      days: days.get(vendor),
      details: details.filter((one) => one.vendor === vendor),
      names,
    }).map((link) => ({ vendor, link })),
  );
  return { found, names, known };
}

/** Behind which vendors' consoles a party stands, and how many people of ours that touches, each once. */
export async function ofParty(deps: HoldingDeps, party: string): Promise<PartyHolding> {
  const { found, names, known } = await links(deps, party);
  const vendors = found.map(({ vendor }) => vendor);
  const groups = new Map(vendors.map((vendor) => [vendor, [vendor]]));
  const held = await holdersOf(deps.platform, new Map([...groups, [ALL, vendors]]));
  const holders = held.get(ALL) ?? NOBODY;
  return {
    party,
    name: names.get(party) ?? party,
    known: known.get(party) !== undefined,
    holders,
    vendors: found.map(({ vendor, link }) => ({
      vendor,
      name: names.get(vendor) ?? vendor,
      holders: held.get(vendor) ?? NOBODY,
      link,
    })),
    unknown: [
      ...(found.some(({ link }) => link.layer === 'observed')
        ? []
        : [
            {
              code: 'not_observed',
              text: 'No recorded visit shows it. That is no proof that it stands behind no console.',
            },
          ]),
      ...unknownHolders(holders, vendors),
    ],
  };
}

/** No vendor's id: those have no dot. */
const ALL = '.';

/** Parties behind consoles, those that touch the most people first. */
export async function listParties(
  deps: HoldingDeps,
  { cursor, limit }: { cursor?: string | undefined; limit: number },
): Promise<{ items: PartySummary[]; next: string | null }> {
  const { found, names } = await links(deps);
  const byParty = Map.groupBy(found, ({ link }) => link.party);
  const held = await holdersOf(
    deps.platform,
    new Map([...byParty].map(([party, some]) => [party, some.map(({ vendor }) => vendor)])),
  );
  const rows = [...byParty]
    .map(([party, some]) => summary(party, some, held.get(party) ?? NOBODY, names))
    .sort(inOrder);
  const after = cursor === undefined ? null : decodeCursor(cursor, z.tuple([z.int(), z.int(), z.string()]));
  const rest =
    after === null
      ? rows
      : rows.filter((row) => inOrder(row, { people: after[0], accounts: after[1], party: after[2] }) > 0);
  return page(
    rest.slice(0, limit + 1),
    limit,
    ({ people, accounts, party }) => [people, accounts, party],
    (row) => row,
  );
}

type Ordered = Pick<PartySummary, 'people' | 'accounts' | 'party'>;
const inOrder = (a: Ordered, b: Ordered): number =>
  b.people - a.people || b.accounts - a.accounts || (a.party < b.party ? -1 : a.party > b.party ? 1 : 0);

function summary(
  party: string,
  some: readonly { vendor: string; link: BehindView }[],
  holders: Holders,
  names: ReadonlyMap<string, string>,
): PartySummary {
  const by = (layer: BehindView['layer']) =>
    some.filter(({ link }) => link.layer === layer).map(({ vendor }) => vendor);
  const last = some.flatMap(({ link }) => (link.lastSeen === null ? [] : [link.lastSeen])).sort();
  return {
    party,
    name: names.get(party) ?? party,
    known: some.some(({ link }) => link.known),
    ...holders,
    observed: by('observed'),
    declared: by('declared'),
    lastSeen: last.at(-1) ?? null,
  };
}

/**
 * What a breach at a party touches of those who have accounts: at itself, and at vendors behind whose consoles it stands. Accounts
 * of which it is not known whose they are count as a person each: fewer are never said than may be.
 */
export async function heldAt(deps: HoldingDeps, party: string): Promise<HeldAt[]> {
  const [own, behind] = await Promise.all([ofVendor(deps, party), ofParty(deps, party)]);
  const count = ({ people, accounts, unnamed }: PeopleView) => ({ people: people + unnamed, accounts });
  const itself: HeldAt[] =
    own.holders.accounts === 0
      ? []
      : [
          {
            vendor: party,
            ...count(own.holders),
            layer: 'declared',
            fields: own.fields.map(({ name, layer, source }) => ({ name, layer, source })),
          },
        ];
  const others = behind.vendors
    // Nobody of ours is touched where nobody has an account; where it is not known, the vendor is named.
    .filter(({ vendor }) => vendor !== party)
    .map(
      ({ vendor, holders, link }): HeldAt => ({
        vendor,
        ...count(holders),
        ...(holders.accounts === 0 ? { people: null } : {}),
        layer: link.layer,
        fields: link.fields.map((name) => ({ name, layer: 'observed', source: link.source })),
      }),
    );
  return [...itself, ...others];
}
