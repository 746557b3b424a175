import {
  type CedarEntity,
  type CedarRequest,
  decide,
  type PolicySet,
  type Reads,
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
import { type Decision, decisionOf, readsModel } from './decision.ts';

/** A model's name longer than this is looked at each time: an app could fill the memory with them. */
const LONGEST_KEPT = 200;

export interface SliceInput {
  /** The policies that can apply to this app on this connection. */
  set: PolicySet;
  /** Hash of the whole set. */
  policy: string;
  app: AppFacts;
  vendor: CrossingFacts['vendor'];
  connection: CrossingFacts['connection'];
  /** Of this app on this connection, also those that are over. */
  grants: readonly Grant[];
}

/** The policies for one app on one connection: what they look at, and so what a decision depends on. */
export class Slice {
  /** No policy can apply: everything is permitted. */
  readonly isEmpty: boolean;
  readonly readsModel: boolean;
  readonly set: PolicySet;
  readonly #input: SliceInput;
  readonly #prefix: string;
  readonly #parts: readonly ((asked: Asked) => string)[];
  readonly #context: readonly string[] | null;
  readonly #entities: CedarEntity[];

  constructor(input: SliceInput) {
    const { set, app, connection } = input;
    this.#input = input;
    this.set = set;
    this.isEmpty = set.policies.every(({ name }) => name === OTHERWISE.name);
    const reads = readsOf(set.policies);
    this.readsModel = readsModel(reads.context);
    this.#parts = contextParts(reads.context, (at) => this.#grants(at).join(' '));
    this.#context = reads.context.has('') ? null : [...firstOf(reads.context)];
    this.#entities = entitiesFor(input, reads);
    // What a snapshot says of an app and a connection holds as long as the cache does.
    const ofConnection = reads.resource.size > 0 || hasAny(reads.context, 'region', 'grants');
    const ofApp = reads.principal.size > 0 || hasAny(reads.context, 'key', 'grants');
    this.#prefix = JSON.stringify([set.key, ofConnection ? connection.id : null, ofApp ? app.id : null]);
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

  /** Asks the engine. */
  decide(asked: Asked): Decision {
    const { policy } = this.#input;
    return decisionOf(policy, this.set.policies, decide(this.set, this.#request(asked)));
  }

  #request(asked: Asked): CedarRequest {
    const { app, vendor, connection } = this.#input;
    const whole = crossingRequest({
      app,
      vendor,
      connection,
      endpoint: asked.endpoint,
      endpointClass: asked.endpointClass,
      model: asked.model,
      keyKind: asked.isPersons ? 'person' : app.holder,
      fields: asked.fields,
      at: asked.at,
      grants: this.#grants(asked.at),
    });
    return { ...whole, context: picked(whole.context, this.#context), entities: this.#entities };
  }

  /** Policies that this app is excepted from on this connection at a time. */
  #grants(at: number): string[] {
    const names: string[] = [];
    for (const { policy, until } of this.#input.grants)
      if (at < until && !names.includes(policy)) names.push(policy);
    return names;
  }
}

/** For each attribute of the context that is read and differs between crossings: how it stands in a key. */
function contextParts(
  reads: ReadonlySet<string>,
  grants: (at: number) => string,
): ((asked: Asked) => string)[] {
  const all: Record<string, (asked: Asked) => string> = {
    classes: ({ fields }) => readable(fields),
    families: ({ fields }) => readable(fields),
    treatments: ({ fields }) => treated(fields),
    endpoint: ({ endpoint }) => endpoint,
    endpointClass: ({ endpointClass }) => endpointClass,
    hour: ({ at }) => String(policyTime(at).hour),
    weekday: ({ at }) => policyTime(at).weekday,
    key: ({ isPersons }) => (isPersons ? 'person' : ''),
    grants: ({ at }) => grants(at),
  };
  const first = firstOf(reads);
  // Both are told by the same classes.
  if (first.has('classes') || first.has('')) first.delete('families');
  return Object.entries(all).flatMap(([name, part]) => (first.has(name) || first.has('') ? [part] : []));
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

/** Only the facts that policies can look at: the engine's time goes by what it is handed, and most of it there (measured). */
function entitiesFor(
  { set, app, vendor, connection }: SliceInput,
  { principal, resource }: Reads,
): CedarEntity[] {
  const [ofApp, ofVendor, ofConnection] = crossingEntities({ app, vendor, connection });
  const isBelow =
    resource.has('') ||
    set.policies.some(({ scopes }) => scopes.resource.op === 'in' || scopes.resource.op === 'is in');
  const entities: CedarEntity[] = [];
  if (principal.size > 0) entities.push(withOnly(ofApp, principal));
  if (resource.size > 0 || isBelow) {
    entities.push({ ...withOnly(ofConnection, resource), parents: isBelow ? ofConnection.parents : [] });
  }
  if (resource.has('') || firstOf(resource).has('vendor')) entities.push(ofVendor);
  return entities;
}

function withOnly(entity: CedarEntity, reads: ReadonlySet<string>): CedarEntity {
  return { ...entity, attrs: picked(entity.attrs, reads.has('') ? null : [...firstOf(reads)]) };
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

function hasAny(paths: ReadonlySet<string>, ...names: string[]): boolean {
  const first = firstOf(paths);
  return first.has('') || names.some((name) => first.has(name));
}
