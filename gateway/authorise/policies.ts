import {
  entitiesNamed,
  mayMatch,
  type PolicyDecision,
  PolicyError,
  type PolicySet,
  parse,
  type Reads,
  readsOf,
} from '@drawbridge/cedar';
import {
  type AppFacts,
  type Connection,
  jurisdictionOf,
  OTHERWISE,
  type PolicySetDocument,
  policySchema,
  policySetHash,
  type Service,
  unlisted,
  type VendorFacts,
  vendorAt,
  vendorHolds,
} from '@drawbridge/protocol';
import { SnapshotError } from '../snapshot/errors.ts';
import type { Asked } from './asked.ts';
import { DecisionCache } from './cache.ts';
import { allowedBy, type Decision, decisionOf, deniedForModel } from './decision.ts';
import { Parts } from './parts.ts';
import { constantsOf, Slice, type SliceFacts } from './slice.ts';

const CROSS = { type: 'Action', id: 'cross' } as const;

/** Opens the policies of snapshots. Policies that stay the same are not checked again when something else changes. */
export class PolicyOpener {
  #last: { hash: string; set: PolicySet } | null = null;
  readonly #specialised = new Specialised();

  /** Null: the snapshot has none. Throws SnapshotError `policies_invalid` or `inconsistent`; then what was in force stays. */
  open(document: PolicySetDocument | undefined): Policies | null {
    if (document === undefined) return null;
    const { hash, items } = document;
    if (policySetHash(items) !== hash) {
      throw new SnapshotError(
        'inconsistent',
        'The hash of the policies in the snapshot is not that of their texts.',
        undefined,
        'policies.hash',
      );
    }
    const set = this.#last?.hash === hash ? this.#last.set : read(items);
    this.#last = { hash, set };
    this.#specialised.turn();
    return new Policies(document, set, this.#specialised);
  }
}

function read(items: PolicySetDocument['items']): PolicySet {
  // The control plane has checked what they say of its own actions; here these only need to be names.
  const others = [...entitiesNamed(CROSS.type, items)].filter((id) => id !== CROSS.id);
  const schema = policySchema + others.map((id) => `action ${JSON.stringify(id)};\n`).join('');
  try {
    return parse(schema, [OTHERWISE, ...items]);
  } catch (cause) {
    if (!(cause instanceof PolicyError)) throw cause;
    const [problem] = cause.problems;
    throw new SnapshotError(
      'policies_invalid',
      `The policies in the snapshot can't be used: ${cause.message.slice(0, 1000)}`,
      cause,
      problem === undefined || problem.policy === null ? 'policies' : `policies.items.${problem.policy}`,
    );
  }
}

/**
 * Sets with the facts of an app and a connection put in, kept from snapshot to snapshot: making one takes the engine some
 * milliseconds, and most snapshots change neither policies nor facts.
 */
class Specialised {
  #current = new Map<string, PolicySet>();
  #next = new Map<string, PolicySet>();

  /** `set`: of policies whose heads match. */
  of(set: PolicySet, facts: SliceFacts): PolicySet {
    const reads = readsOf(set.policies);
    const constants = [...constantsOf(facts)].filter(([path]) => isRead(path, reads));
    const key = JSON.stringify([set.key, constants]);
    const made = this.#next.get(key) ?? this.#current.get(key) ?? set.withConstants(new Map(constants));
    this.#next.set(key, made);
    return made;
  }

  /** Forgets the sets that were not asked for since the last call but one. */
  turn(): void {
    this.#current = this.#next;
    this.#next = new Map();
  }
}

function isRead(path: string, reads: Reads): boolean {
  const [variable = '', ...attributes] = path.split('.');
  const own = attributes.join('.');
  const read =
    variable === 'principal' || variable === 'resource' || variable === 'context' ? reads[variable] : [];
  for (const each of read)
    if (each === own || each.startsWith(`${own}.`) || own.startsWith(`${each}.`)) return true;
  return false;
}

/** The policies of one snapshot, with their decisions. */
export class Policies {
  readonly #document: PolicySetDocument;
  readonly #set: PolicySet;
  readonly #specialised: Specialised;
  readonly #cache = new DecisionCache<Decision>();
  readonly #parts = new DecisionCache<PolicyDecision>();
  readonly #apps: ReadonlyMap<string, AppFacts>;
  readonly #vendors: ReadonlyMap<string, VendorFacts>;

  constructor(document: PolicySetDocument, set: PolicySet, specialised: Specialised) {
    this.#document = document;
    this.#set = set;
    this.#specialised = specialised;
    this.#apps = new Map(document.apps.map((app) => [app.id, app]));
    this.#vendors = new Map(document.vendors.map((vendor) => [vendor.id, vendor]));
  }

  /** Those that can apply to a connection. */
  for(config: Connection, service: Service): ConnectionPolicies {
    const { hash, grants } = this.#document;
    const vendor = this.#vendors.get(config.vendor) ?? { id: config.vendor, ...unlisted.vendor };
    const connection = {
      id: config.id,
      service: config.service,
      region: config.region,
      jurisdiction: jurisdictionOf(service.regions, { region: config.region, host: config.upstream.host }),
    };
    const resource = { type: 'Connection', id: config.id };
    const above = [{ type: 'Vendor', id: config.vendor }];
    const ofConnection = this.#set.slice(
      ({ scopes }) => mayMatch(scopes.action, CROSS) && mayMatch(scopes.resource, resource, above),
    );
    return new ConnectionPolicies(hash, this.#cache, this.#parts, (id, at) => {
      const facts = {
        app: this.#apps.get(id) ?? { id, ...unlisted.app, tags: [] },
        vendor: vendorAt(vendor, at),
        connection,
        grants: grants.filter((each) => each.app === id && (each.connection ?? config.id) === config.id),
      };
      const principal = { type: 'App', id };
      const ofApp = ofConnection.slice(({ scopes }) => mayMatch(scopes.principal, principal));
      return { slice: new Slice(this.#specialised.of(ofApp, facts), facts), ...vendorHolds(vendor, at) };
    });
  }
}

/** A slice and the times from and until which what it rests on holds. */
interface Timed {
  slice: Slice;
  from: number;
  until: number;
}

/** The policies for one connection, sliced again for each app that comes. */
export class ConnectionPolicies {
  readonly #cache: DecisionCache<Decision>;
  readonly #kept: DecisionCache<PolicyDecision>;
  readonly #sliceOf: (app: string, at: number) => Timed;
  readonly #slices = new Map<string, Timed & { parts: Parts }>();
  readonly #allowed: Decision;

  /** Of decisions and of what groups of policies said, as much is kept for all connections together. */
  constructor(
    hash: string,
    cache: DecisionCache<Decision>,
    kept: DecisionCache<PolicyDecision>,
    sliceOf: (app: string, at: number) => Timed,
  ) {
    this.#cache = cache;
    this.#kept = kept;
    this.#sliceOf = sliceOf;
    this.#allowed = allowedBy(hash);
  }

  /** Decides, and fails closed. */
  decide(asked: Asked): Decision {
    const { app, at } = asked;
    const there = this.#slices.get(app);
    // An agreement or a review has run out since, or has begun.
    const { slice, parts } =
      there !== undefined && at >= there.from && at < there.until ? there : this.#add(app, at);
    if (slice.isEmpty) return this.#allowed;
    if (slice.readsModel && asked.runsModel && asked.model === null) {
      return deniedForModel(this.#allowed.policy, slice.set.policies);
    }
    const key = slice.keyOf(asked);
    const known = key === null ? undefined : this.#cache.get(key);
    if (known !== undefined) return known;
    const decision = decisionOf(this.#allowed.policy, slice.set.policies, parts.decide(asked));
    if (key !== null) this.#cache.put(key, decision);
    return decision;
  }

  /** Apps are those of the snapshot's keys, so there are not more slices than that. */
  #add(app: string, at: number): Timed & { parts: Parts } {
    const timed = this.#sliceOf(app, at);
    const added = { ...timed, parts: new Parts(timed.slice, this.#kept) };
    this.#slices.set(app, added);
    return added;
  }
}
