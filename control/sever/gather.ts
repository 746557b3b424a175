import type { FieldClass } from '@drawbridge/protocol';
import { appOwners } from '../apps/index.ts';
import { type Edge, edgesAt } from '../chain/index.ts';
import type { ConnectionView, CutTreatment } from '../connections/index.ts';
import { recentUse } from '../crossings/index.ts';
import { grantsOf, tracesOf } from '../discovery/index.ts';
import { hosts } from '../egress/index.ts';
import { heldBy } from '../exposure/index.ts';
import { heldKeysNaming } from '../inventory/index.ts';
import { invalid, notFound, type Platform } from '../platform/index.ts';
import { type Entry, substitutesOf } from '../register/index.ts';
import { credentialsLastUsed } from '../rotation/index.ts';
import type { Secrets } from '../vault/index.ts';
import { dependentsOf } from './dependents.ts';
import type { Facts, Target, VendorFacts } from './facts.ts';
import type { TargetKind } from './tables.ts';

/** What other rooms know of what is to be cut off. */
export interface GatherDeps {
  platform: Platform;
  connections(): Promise<readonly ConnectionView[]>;
  edges(): Promise<readonly Edge[]>;
  namesOf(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Whether anybody here knows such a vendor. */
  isKnown(vendor: string): Promise<boolean>;
  domainsOf(vendor: string): Promise<readonly string[]>;
  entry(vendor: string): Promise<Entry | null>;
  accountsHeld(vendor: string): Promise<VendorFacts['accounts']>;
  covered(vendor: string, from: number, to: number): Promise<{ isProven: boolean; text: string }>;
  secrets: Pick<Secrets, 'currentEpoch'>;
}

export interface Asked {
  kind: TargetKind;
  id: string;
  fieldClass?: FieldClass | undefined;
  treatment?: CutTreatment | undefined;
  /** Of a party: those of its dependents that are chosen; left out: all, or none is chosen yet. */
  vendors?: readonly string[] | undefined;
}

/** Whole UTC days whose crossings say what stops, today among them. */
const DAYS = 7;
const DAY_MS = 86_400_000;

/** What is asked for, as it stands. Throws Problem 404 for what is not there, and 422 that names the field. */
export async function targetOf(deps: GatherDeps, asked: Asked): Promise<Target> {
  const all = await deps.connections();
  const field = fieldOf(asked);
  if (asked.kind === 'connection') {
    const connection = all.find(({ id }) => id === asked.id);
    if (connection === undefined) throw notFound('connection');
    return {
      kind: 'connection',
      id: asked.id,
      name: connection.name,
      field,
      vendors: [connection.vendor],
      connections: [connection],
    };
  }
  if (!(await deps.isKnown(asked.id))) throw notFound('vendor');
  const vendors = asked.kind === 'party' ? await chosen(deps, asked) : [asked.id];
  const name = (await deps.namesOf([asked.id])).get(asked.id) ?? asked.id;
  const connections = all.filter(({ vendor }) => vendors.includes(vendor));
  return { kind: asked.kind, id: asked.id, name, field, vendors, connections };
}

function fieldOf({ kind, fieldClass, treatment, vendors }: Asked): Target['field'] {
  if (kind !== 'party' && vendors !== undefined)
    throw invalid('target.vendors', 'is chosen of a party alone');
  if (kind === 'field_class') {
    if (fieldClass === undefined)
      throw invalid('target.fieldClass', 'is missing: say which class is to be cut off');
    return { class: fieldClass, treatment: treatment ?? 'refuse' };
  }
  if (fieldClass !== undefined) throw invalid('target.fieldClass', 'belongs to the kind field_class alone');
  if (treatment !== undefined) throw invalid('target.treatment', 'belongs to the kind field_class alone');
  return null;
}

async function chosen(deps: GatherDeps, { id, vendors }: Asked): Promise<string[]> {
  const edges = edgesAt(await deps.edges(), deps.platform.clock.now());
  const all = dependentsOf(id, edges).map(({ vendor }) => vendor);
  if (vendors === undefined) return all;
  const strange = vendors.find((one) => !all.includes(one));
  if (strange !== undefined)
    throw invalid(
      'target.vendors',
      `${strange} is no vendor of ours behind which ${id} stands; the plan lists those that are`,
    );
  return [...new Set(vendors)].sort();
}

export async function factsOf(deps: GatherDeps, target: Target): Promise<Facts> {
  const { platform } = deps;
  const now = platform.clock.now();
  const since = new Date(now - (DAYS - 1) * DAY_MS).toISOString().slice(0, 10);
  const edges = edgesAt(await deps.edges(), now);
  const entries = new Map(
    await Promise.all(target.vendors.map(async (id) => [id, await deps.entry(id)] as const)),
  );
  const near = edges.filter(({ from }) => target.vendors.includes(from)).map(({ to }) => to);
  const substitutes = [...entries.values()].flatMap((entry) => substitutesOf(entry).map(({ id }) => id));
  const [names, recent, lastUsed, seen, people] = await Promise.all([
    deps.namesOf([...new Set([...target.vendors, ...near, ...substitutes])]),
    recentUse(platform, target.vendors, since),
    credentialsLastUsed(platform),
    hosts(platform, { since: new Date(`${since}T00:00:00Z`) }),
    pseudonymised(platform, target.vendors, now),
  ]);
  const named = (id: string): string => names.get(id) ?? id;
  const vendors = await Promise.all(
    target.vendors.map(async (id): Promise<VendorFacts> => {
      const [domains, grants, traces, heldKeys, accounts, coverage, epoch] = await Promise.all([
        deps.domainsOf(id),
        grantsOf(platform, id),
        tracesOf(platform, id),
        heldKeysNaming(platform, named(id)),
        deps.accountsHeld(id),
        deps.covered(id, Date.parse(`${since}T00:00:00Z`), now),
        deps.secrets.currentEpoch(id),
      ]);
      const entry = entries.get(id) ?? null;
      return {
        id,
        name: named(id),
        owner: entry?.vendor.owner ?? null,
        domains,
        hosts: seen.filter(({ vendor }) => vendor === id),
        grants,
        traces,
        heldKeys,
        accounts,
        coverage,
        substitutes: substitutesOf(entry).map((one) => ({ ...one, name: named(one.id) })),
        epoch,
        edges: edges.filter(({ from }) => from === id),
      };
    }),
  );
  const apps = await appOwners(platform, [...new Set(recent.map(({ app }) => app))]);
  return { target, vendors, recent, apps, named, lastUsed, people, days: DAYS };
}

/** Of how many people pseudonyms crossed to these vendors, ever. */
async function pseudonymised(platform: Platform, vendors: readonly string[], now: number): Promise<number> {
  const held = await heldBy(platform, {
    vendors,
    from: 0,
    to: now,
    deletedUntil: () => null,
    keptSince: () => null,
  });
  return held.groups
    .filter(({ kinds }) => kinds.some(({ treatment }) => treatment === 'pseudonymise'))
    .reduce((sum, group) => sum + group.people, 0);
}
