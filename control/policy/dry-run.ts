import { setImmediate } from 'node:timers/promises';
import { readsOf } from '@drawbridge/cedar';
import { type CrossingFacts, crossingRequest, type Leaf, unlisted, vendorAt } from '@drawbridge/protocol';
import { latestDecided, type Names, nameAll } from '../crossings/index.ts';
import { type Platform, Problem } from '../platform/index.ts';
import { type Asked, crossingSet, type ReadPolicy, readPolicy } from './engine.ts';
import { readAppsFacts, readVendorFacts } from './facts.ts';
import { readGrants, type StandingGrant } from './grants.ts';
import type { DryRunEntry, DryRunResult } from './schemas.ts';
import { readActive } from './store.ts';

/** What policies may refer to of a connection, as it is now. */
export type ConnectionFacts = CrossingFacts['connection'];

export interface DryRunDeps {
  platform: Platform;
  names: Names;
  /** By id. */
  connections: () => Promise<ReadonlyMap<string, ConnectionFacts>>;
  /** Whose the virtual keys that were not revoked are, by id. */
  keyKinds: () => Promise<ReadonlyMap<string, CrossingFacts['keyKind']>>;
}

const SHOWN = 100;
const LONGEST_MS = 4_000;
const BEFORE_PAUSE = 200;
/** A leaf has no more: what is beyond is folded into its last. */
const MOST_FIELDS = 40;

/** Parts of a crossing's context that a record may not hold. */
type Unknown = 'model' | 'region' | 'classes' | 'key';

/**
 * What a policy would have done to the latest real crossings, beside those in force, by the facts and exceptions of today.
 * A crossing whose record does not hold what a policy reads is not known, unless another policy refuses it anyway. Looks
 * at no more than time allows. Throws Problem 422 `policy_invalid`.
 */
export async function dryRun(deps: DryRunDeps, given: DryRunEntry): Promise<DryRunResult> {
  const { platform } = deps;
  const candidate = expectCrossingPolicy(given);
  const now = platform.clock.now();
  const [active, appFacts, grants, connections, keyKinds, leaves] = await Promise.all([
    readActive(platform.db),
    readAppsFacts(platform.db),
    readGrants(platform.db, new Date(now)),
    deps.connections(),
    deps.keyKinds(),
    latestDecided(platform, given.limit),
  ]);
  const others = active.filter(({ name }) => name !== given.name);
  const judge = judgeOf(crossingSet(others), crossingSet([candidate]));
  const apps = new Map(appFacts.map((app) => [app.id, app]));
  // Also of those that we have no connection to any more.
  const crossedTo = [...new Set(leaves.map(({ vendor }) => vendor))];
  const vendors = new Map((await readVendorFacts(platform.db, crossedTo, now)).map((one) => [one.id, one]));
  const refused: Leaf[] = [];
  const counts = { refused: 0, refusedAnyway: 0, allowed: 0, notKnown: 0 };
  const unknowns = new Set<Unknown>();
  const began = performance.now();
  let looked = 0;
  for (const leaf of leaves) {
    const connection = connections.get(leaf.connection);
    const app = apps.get(leaf.app) ?? { ...unlisted.app, id: leaf.app, tags: [] };
    const crossing: CrossingFacts = {
      app,
      vendor: vendorAt(vendors.get(leaf.vendor) ?? { ...unlisted.vendor, id: leaf.vendor }, now),
      connection: connection ?? { id: leaf.connection, service: leaf.service, region: '', jurisdiction: '' },
      endpoint: leaf.endpoint,
      endpointClass: leaf.class,
      model: leaf.model ?? null,
      keyKind: app.holder === 'person' ? 'person' : (keyKinds.get(leaf.key) ?? 'workload'),
      fields: underContract(leaf),
      at: leaf.at,
      grants: grantsOf(grants, leaf),
    };
    const { verdict, because } = judge(
      crossing,
      unknownOf(leaf, { connection, key: app.holder === 'person' || keyKinds.has(leaf.key) }),
    );
    counts[verdict] += 1;
    for (const one of because) unknowns.add(one);
    if (verdict === 'refused' && refused.length < SHOWN) refused.push(leaf);
    looked += 1;
    if (looked % BEFORE_PAUSE === 0) {
      // Others wait for the same thread.
      await setImmediate();
      if (performance.now() - began > LONGEST_MS) break;
    }
  }
  const named = await nameAll(deps.names, refused);
  return {
    looked,
    whole: looked === leaves.length,
    from: timeOf(leaves[looked - 1]),
    to: timeOf(leaves[0]),
    ...counts,
    notKnownFor: [...unknowns].map((one) => inWords[one]).sort(),
    items: refused.map((leaf) => ({
      id: leaf.id,
      at: new Date(leaf.at).toISOString(),
      app: named.app(leaf.app),
      connection: named.connection(leaf.connection),
      endpoint: leaf.endpoint,
    })),
  };
}

const inWords: Readonly<Record<Unknown, string>> = {
  model: 'the model',
  region: 'region and jurisdiction',
  classes: 'all kinds of data',
  key: 'whose key it was',
};

const timeOf = (leaf: Leaf | undefined): string | null =>
  leaf === undefined ? null : new Date(leaf.at).toISOString();

function expectCrossingPolicy({ name, text }: DryRunEntry): ReadPolicy {
  const read = readPolicy(name, text);
  if ('problems' in read) {
    const [first] = read.problems;
    const message = first?.message ?? 'is not valid';
    throw new Problem(422, 'policy_invalid', `text: ${message}`, [{ field: 'text', message }], {
      problems: read.problems,
    });
  }
  if (read.policy.decides.crossings) return read.policy;
  const message =
    'this policy says nothing of crossings: it is about what people do here, so no crossing tries it';
  throw new Problem(422, 'no_crossings', `text: ${message}`, [{ field: 'text', message }]);
}

type Verdict = 'refused' | 'refusedAnyway' | 'allowed' | 'notKnown';
interface Judged {
  verdict: Verdict;
  because: readonly Unknown[];
}

/** Decides on crossings; those that are alike in all that policies look at once only. */
function judgeOf(
  others: Asked<CrossingFacts>,
  candidate: Asked<CrossingFacts>,
): (facts: CrossingFacts, unknown: readonly Unknown[]) => Judged {
  const keyOf = likenessOf([...others.policies, ...candidate.policies]);
  const known = new Map<string, Judged>();
  return (facts, unknown) => {
    const key = `${unknown.join(' ')}\n${keyOf(facts)}`;
    let judged = known.get(key);
    if (judged === undefined) {
      judged = judgeOne(facts, unknown, others, candidate);
      known.set(key, judged);
    }
    return judged;
  };
}

/** A text that is the same for two crossings where these policies can not tell them apart. */
function likenessOf(policies: readonly Policy[]): (facts: CrossingFacts) => string {
  const reads = readsOf(policies);
  // A head or a condition that asks who it is reads the id.
  const named = (of: 'principal' | 'resource'): boolean =>
    reads[of].has('') || policies.some(({ scopes }) => !['all', 'is'].includes(scopes[of].op));
  const isRead = (of: 'principal' | 'resource' | 'context', name: string): boolean =>
    reads[of].has('') ||
    [...reads[of]].some(
      (path) => path === name || path.startsWith(`${name}.`) || name.startsWith(`${path}.`),
    );
  const [namesApp, namesConnection] = [named('principal'), named('resource')];
  const picked = (of: 'principal' | 'resource' | 'context', value: object, under = ''): unknown[] =>
    Object.entries(value).filter(([name]) => isRead(of, `${under}${name}`));
  return (facts) => {
    const { app, connection, vendor } = facts;
    return JSON.stringify([
      namesApp ? app.id : picked('principal', app),
      namesConnection ? [connection.id, vendor.id] : [],
      picked('resource', connection),
      picked('resource', vendor, 'vendor.'),
      picked('context', crossingRequest(facts).context),
    ]);
  };
}

function judgeOne(
  facts: CrossingFacts,
  unknown: readonly Unknown[],
  others: Asked<CrossingFacts>,
  candidate: Asked<CrossingFacts>,
): Judged {
  const blind = (asked: Asked<CrossingFacts>): Unknown[] =>
    unknown.filter((one) => asked.policies.some((policy) => mayLack(policy).has(one)));
  const [blindOthers, blindCandidate] = [blind(others), blind(candidate)];
  // Policies only forbid, so one that reads nothing unknown refuses whatever the others would say.
  const sure = others.without((policy) => blindOthers.some((one) => mayLack(policy).has(one)));
  if (sure.deniedBy(facts).length > 0) return { verdict: 'refusedAnyway', because: [] };
  if (blindCandidate.length === 0 && candidate.deniedBy(facts).length > 0) {
    return { verdict: 'refused', because: [] };
  }
  const because = [...new Set([...blindOthers, ...blindCandidate])];
  return { verdict: because.length === 0 ? 'allowed' : 'notKnown', because };
}

type Policy = Asked<CrossingFacts>['policies'][number];
const read = new WeakMap<Policy, ReadonlySet<Unknown>>();

/** What of that which a record may not hold a policy reads. */
function mayLack(policy: Policy): ReadonlySet<Unknown> {
  const there = read.get(policy);
  if (there !== undefined) return there;
  const { context, resource } = policy.reads;
  const whole = context.has('');
  const found = new Set<Unknown>();
  if (whole || context.has('model')) found.add('model');
  if (whole || context.has('region') || ['', 'region', 'jurisdiction'].some((name) => resource.has(name))) {
    found.add('region');
  }
  if (whole || ['classes', 'families', 'treatments'].some((name) => context.has(name))) found.add('classes');
  if (whole || context.has('key') || context.has('key.kind')) found.add('key');
  read.set(policy, found);
  return found;
}

/** A model that is written with `*` is one of several; where no endpoint runs a model, none is a fact. */
function unknownOf(leaf: Leaf, known: { connection: ConnectionFacts | undefined; key: boolean }): Unknown[] {
  const found: Unknown[] = [];
  if (leaf.model === undefined ? runsModels(leaf.class) : leaf.model.endsWith('*')) found.push('model');
  if (known.connection === undefined) found.push('region');
  if (leaf.fields.length >= MOST_FIELDS) found.push('classes');
  if (!known.key) found.push('key');
  return found;
}

/** Endpoint classes whose requests may name a model. */
function runsModels(endpointClass: string): boolean {
  return endpointClass === 'inference' || endpointClass === 'embedding';
}

/** What the contract makes of it: where it was lifted or only watched, as it would have. */
function underContract({ fields, would }: Leaf): CrossingFacts['fields'] {
  if (would === undefined) return fields;
  const left = new Map<string, number>();
  for (const [name, , count] of would.fields) left.set(name, (left.get(name) ?? 0) + count);
  const kept = fields.filter(([name, , count]) => {
    const otherwise = Math.min(left.get(name) ?? 0, count);
    left.set(name, (left.get(name) ?? 0) - otherwise);
    return count > otherwise;
  });
  return [...kept, ...would.fields];
}

function grantsOf(grants: readonly StandingGrant[], leaf: Leaf): string[] {
  return grants
    .filter((grant) => grant.app === leaf.app && grant.connection === leaf.connection)
    .map((grant) => grant.policy);
}
