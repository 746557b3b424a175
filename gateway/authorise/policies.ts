import { entitiesNamed, mayMatch, PolicyError, type PolicySet, parse, prepare } from '@drawbridge/cedar';
import {
  type AppFacts,
  type Connection,
  OTHERWISE,
  type PolicySetDocument,
  policySchema,
  policySetHash,
  type Service,
  unlisted,
  type VendorFacts,
} from '@drawbridge/protocol';
import { SnapshotError } from '../snapshot/errors.ts';
import type { Asked } from './asked.ts';
import { DecisionCache } from './cache.ts';
import { allowedBy, type Decision, deniedForModel } from './decision.ts';
import { Slice } from './slice.ts';

const CROSS = { type: 'Action', id: 'cross' } as const;

/** Opens the policies of snapshots. Policies that stay the same are not checked again when something else changes. */
export class PolicyOpener {
  #last: { hash: string; set: PolicySet } | null = null;

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
    return new Policies(document, set);
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

/** The policies of one snapshot, with their decisions. */
export class Policies {
  readonly #document: PolicySetDocument;
  readonly #set: PolicySet;
  readonly #cache = new DecisionCache();
  readonly #apps: ReadonlyMap<string, AppFacts>;
  readonly #vendors: ReadonlyMap<string, VendorFacts>;

  constructor(document: PolicySetDocument, set: PolicySet) {
    this.#document = document;
    this.#set = set;
    this.#apps = new Map(document.apps.map((app) => [app.id, app]));
    this.#vendors = new Map(document.vendors.map((vendor) => [vendor.id, vendor]));
  }

  /** Those that can apply to a connection. The engine has read them when this returns. */
  for(config: Connection, service: Service): ConnectionPolicies {
    const vendor = { type: 'Vendor', id: config.vendor };
    const resource = { type: 'Connection', id: config.id };
    const set = this.#set.slice(
      ({ scopes }) => mayMatch(scopes.action, CROSS) && mayMatch(scopes.resource, resource, [vendor]),
    );
    prepare(set);
    const { hash, grants } = this.#document;
    const region = service.regions.find(({ id }) => id === config.region);
    const connection = {
      id: config.id,
      service: config.service,
      region: config.region,
      jurisdiction: region?.jurisdiction ?? '',
    };
    return new ConnectionPolicies(
      hash,
      this.#cache,
      set,
      (app, ofApp) =>
        new Slice({
          set: ofApp,
          policy: hash,
          app: this.#apps.get(app) ?? { id: app, ...unlisted.app, tags: [] },
          vendor: this.#vendors.get(config.vendor) ?? { id: config.vendor, ...unlisted.vendor },
          connection,
          grants: grants.filter((each) => each.app === app && (each.connection ?? config.id) === config.id),
        }),
    );
  }
}

/** The policies for one connection, sliced again for each app that comes. */
export class ConnectionPolicies {
  readonly #cache: DecisionCache;
  readonly #set: PolicySet;
  readonly #sliceOf: (app: string, set: PolicySet) => Slice;
  readonly #slices = new Map<string, Slice>();
  readonly #allowed: Decision;

  constructor(
    hash: string,
    cache: DecisionCache,
    set: PolicySet,
    sliceOf: (app: string, set: PolicySet) => Slice,
  ) {
    this.#cache = cache;
    this.#set = set;
    this.#sliceOf = sliceOf;
    this.#allowed = allowedBy(hash);
  }

  /** Decides, and fails closed. Never throws. */
  decide(asked: Asked): Decision {
    const slice = this.#slices.get(asked.app) ?? this.#add(asked.app);
    if (slice.isEmpty) return this.#allowed;
    if (slice.readsModel && asked.runsModel && asked.model === null) {
      return deniedForModel(this.#allowed.policy, slice.set.policies);
    }
    const key = slice.keyOf(asked);
    const known = key === null ? undefined : this.#cache.get(key);
    if (known !== undefined) return known;
    const decision = slice.decide(asked);
    if (key !== null) this.#cache.put(key, decision);
    return decision;
  }

  /** Apps are those of the snapshot's keys, so there are not more slices than that. */
  #add(app: string): Slice {
    const principal = { type: 'App', id: app };
    const isForSome = this.#set.policies.some(({ scopes }) => !mayMatch(scopes.principal, principal));
    const set = isForSome
      ? this.#set.slice(({ scopes }) => mayMatch(scopes.principal, principal))
      : this.#set;
    const slice = this.#sliceOf(app, set);
    this.#slices.set(app, slice);
    return slice;
  }
}
