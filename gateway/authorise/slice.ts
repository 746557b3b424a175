import {
  type CedarEntity,
  type CedarRequest,
  type CedarValue,
  decide,
  type Policy,
  type PolicyDecision,
  PolicySet,
  readsOf,
} from '@drawbridge/cedar';
import {
  type AppFacts,
  type CrossingFacts,
  crossingEntities,
  crossingRequest,
  type Grant,
  OTHERWISE,
  policyTime,
} from '@drawbridge/protocol';
import type { Asked } from './asked.ts';
import { readsModel } from './decision.ts';

/** A model's name longer than this is looked at each time: an app could fill the memory with them. */
const LONGEST_KEPT = 200;

/** What a snapshot says of an app on a connection: the same for all their crossings. */
export interface SliceFacts {
  app: AppFacts;
  vendor: CrossingFacts['vendor'];
  connection: CrossingFacts['connection'];
  /** Of this app on this connection, also those that are over. */
  grants: readonly Grant[];
}

/** What policies may read of them, by the paths with which they do. */
export function constantsOf(facts: SliceFacts): Map<string, CedarValue> {
  const [app, vendor, connection] = crossingEntities(facts);
  const under = (path: string, attrs: Record<string, CedarValue>): [string, CedarValue][] =>
    Object.entries(attrs).map(([name, value]) => [`${path}.${name}`, value]);
  return new Map([
    ...under('principal', app.attrs),
    ...under('resource', connection.attrs),
    ...under('resource.vendor', vendor.attrs),
    ['context.region', facts.connection.region],
  ]);
}

/** The policies for one app on one connection: what they look at, and so what a decision depends on. */
export class Slice {
  /** No policy can apply: everything is permitted. */
  readonly isEmpty: boolean;
  readonly readsModel: boolean;
  readonly set: PolicySet;
  readonly #facts: SliceFacts;
  readonly #prefix: string;
  readonly #parts: readonly ((asked: Asked) => string)[];
  readonly #context: readonly string[] | null;
  readonly #entities: CedarEntity[];

  /** `set`: with the constants of these facts in it. */
  constructor(set: PolicySet, facts: SliceFacts) {
    this.#facts = facts;
    this.set = set;
    this.isEmpty = set.policies.every(({ name }) => name === OTHERWISE.name);
    const { principal, resource, context } = readsOf(set.policies);
    this.readsModel = readsModel(context);
    this.#parts = this.#partsFor(context);
    this.#context = context.has('') ? null : [...firstOf(context)];
    // Something is looked at as a whole: who it is, what it is below.
    const isBelow = set.policies.some(
      ({
        scopes: {
          resource: { op },
        },
      }) => op === 'in' || op === 'is in',
    );
    const whole = [
      principal.size > 0 || context.has(''),
      // The region is the connection's, and still read where a policy could not be specialised.
      resource.size > 0 || context.has('') || context.has('region') || isBelow,
    ] as const;
    this.#entities = whole.includes(true) ? crossingEntities(facts) : [];
    const { app, connection, vendor } = facts;
    // What holds of a vendor changes with time alone, under one snapshot.
    const resourceKey = whole[1] ? [connection.id, vendor.agreements, vendor.reviewInDate] : null;
    this.#prefix = JSON.stringify([set.key, whole[0] ? app.id : null, resourceKey]);
  }

  /**
   * One text for all crossings that these policies can't tell apart; null: not to be kept. What an app writes stands at
   * the end, so that it can't be taken for anything before it.
   */
  keyOf(asked: Asked): string | null {
    let key = this.#prefix;
    for (const part of this.#parts) key += `\n${part(asked)}`;
    if (!this.readsModel || asked.model === null) return key;
    return asked.model.length > LONGEST_KEPT ? null : `${key}\n${asked.model}`;
  }

  /**
   * The same policies, by what they look at of a crossing: what one group says does not depend on what only another looks
   * at. Each has the permission below all policies with it.
   */
  groups(): Slice[] {
    const groups = new Map<string, Policy[]>();
    for (const policy of this.set.policies) {
      if (policy.name === OTHERWISE.name) continue;
      const reads = [...firstOf(readsOf([policy]).context)].sort().join(' ');
      const group = groups.get(reads);
      if (group === undefined) groups.set(reads, [policy]);
      else group.push(policy);
    }
    const below = this.set.policies.filter(({ name }) => name === OTHERWISE.name);
    return [...groups.values()].map((group) => new Slice(new PolicySet([...below, ...group]), this.#facts));
  }

  /** Asks the engine. Never throws. */
  ask(asked: Asked): PolicyDecision {
    return decide(this.set, this.#request(asked));
  }

  #request(asked: Asked): CedarRequest {
    const whole = crossingRequest({
      ...this.#facts,
      endpoint: asked.endpoint,
      endpointClass: asked.endpointClass,
      model: asked.model,
      keyKind: this.#keyKind(asked),
      fields: asked.fields,
      at: asked.at,
      grants: this.#grants(asked.at),
    });
    return { ...whole, context: picked(whole.context, this.#context), entities: this.#entities };
  }

  #keyKind({ isPersons }: Asked): AppFacts['holder'] {
    return isPersons ? 'person' : this.#facts.app.holder;
  }

  /** Policies that this app is excepted from on this connection at a time. */
  #grants(at: number): string[] {
    const names: string[] = [];
    for (const { policy, until } of this.#facts.grants) {
      if (at < until && !names.includes(policy)) names.push(policy);
    }
    return names;
  }

  /** For each attribute of the context that is read and differs between crossings: how it stands in a key. */
  #partsFor(reads: ReadonlySet<string>): ((asked: Asked) => string)[] {
    const all: Record<string, (asked: Asked) => string> = {
      classes: ({ fields }) => readable(fields),
      families: ({ fields }) => readable(fields),
      treatments: ({ fields }) => treated(fields),
      endpoint: ({ endpoint }) => endpoint,
      endpointClass: ({ endpointClass }) => endpointClass,
      hour: ({ at }) => String(policyTime(at).hour),
      weekday: ({ at }) => policyTime(at).weekday,
      key: (asked) => this.#keyKind(asked),
      grants: ({ at }) => this.#grants(at).join(' '),
    };
    const first = firstOf(reads);
    return Object.entries(all).flatMap(([name, part]) => (first.has(name) || first.has('') ? [part] : []));
  }
}

function readable(fields: Asked['fields']): string {
  let text = '';
  for (const [name, treatment] of fields) {
    if (treatment === 'pass' || treatment === 'generalise') text += `${name} `;
  }
  return text;
}

function treated(fields: Asked['fields']): string {
  let text = '';
  for (const [name, treatment] of fields) text += `${name}:${treatment} `;
  return text;
}

/** `names`: null for all. */
function picked<T>(from: Record<string, T>, names: readonly string[] | null): Record<string, T> {
  if (names === null) return from;
  const to: Record<string, T> = {};
  for (const name of names) {
    const value = from[name];
    if (value !== undefined) to[name] = value;
  }
  return to;
}

/** The attributes that paths begin with. */
function firstOf(paths: ReadonlySet<string>): Set<string> {
  return new Set([...paths].map((path) => path.split('.')[0] ?? ''));
}
