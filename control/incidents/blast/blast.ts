import { fieldClasses } from '@drawbridge/protocol';
import { edgesAt } from '../../chain/index.ts';
import { journalsStoredAt, type Named, nameAll, sentTraffic } from '../../crossings/index.ts';
import { type HeldQuestion, heldBy, sendingTreatments } from '../../exposure/index.ts';
import { substitutesOf } from '../../register/index.ts';
import type { BlastDeps } from './deps.ts';
import { type Kept, keptBy } from './kept.ts';
import { mayGo, scopeOf, type Way, waysTo } from './reach.ts';
import { credentialOf, dataRows, dependentsOf, grantView, peopleOf } from './rows.ts';
import type { Blast } from './schemas.ts';
import { notSeen, unknownOf, whoseOf } from './unknown.ts';

const MOST_WAYS = 50;

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
