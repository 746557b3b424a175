import { hash } from 'node:crypto';
import type { PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import { type Reads, readsIn, type Scopes, scopesIn } from './analysis.ts';
import { type NamedPolicy, readPolicy, validate } from './check.ts';
import { engine, engineLoads } from './engine.ts';
import { PolicyError, problemText } from './errors.ts';
import { type Constants, specialised } from './specialise.ts';

/** A policy, and what can be told of it without evaluating it. */
export interface Policy extends NamedPolicy {
  effect: 'permit' | 'forbid';
  /** `@title("…")` and their like. */
  annotations: Readonly<Record<string, string>>;
  scopes: Scopes;
  reads: Reads;
  /** As the engine reads it. */
  json: PolicyJson;
}

/**
 * Policies that decide together. Their order does not count. Sets of the same policies share what the engine keeps of
 * them, and need no freeing.
 */
export class PolicySet {
  readonly policies: readonly Policy[];
  /** SHA-256 of names and texts, base64url. */
  readonly key: string;

  constructor(policies: readonly Policy[]) {
    this.policies = policies.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    this.key = hash(
      'sha256',
      JSON.stringify(this.policies.map(({ name, text }) => [name, text])),
      'base64url',
    );
  }

  /** The set of those policies that `isWanted`. */
  slice(isWanted: (policy: Policy) => boolean): PolicySet {
    return new PolicySet(this.policies.filter(isWanted));
  }

  /**
   * The same policies for requests that the heads of all of them match, and for which these paths have these values.
   * Throws PolicyError `policies_invalid`.
   */
  withConstants(constants: Constants): PolicySet {
    return new PolicySet(this.policies.map((policy) => specialised(policy, constants)));
  }
}

/** Validates policies, and makes a set of them. Throws PolicyError `schema_invalid`, `policies_invalid` or `name_twice`. */
export function parse(schema: string, policies: readonly NamedPolicy[]): PolicySet {
  const { errors } = validate(schema, policies);
  if (errors.length > 0) throw invalid(errors);
  return new PolicySet(policies.map(policyOf));
}

function policyOf({ name, text }: NamedPolicy): Policy {
  const read = readPolicy({ name, text });
  if ('problem' in read) throw invalid([read.problem]);
  const { json } = read;
  return {
    name,
    text,
    effect: json.effect,
    annotations: json.annotations ?? {},
    scopes: scopesIn(json),
    reads: readsIn(json),
    json,
  };
}

function invalid(problems: PolicyError['problems']): PolicyError {
  return new PolicyError('policies_invalid', problems.map(problemText).join('; '), problems);
}

/** Pre-parsed sets that the engine keeps: the last used. The engine can replace one, and can't forget one. */
const KEPT = 256;
/** By key of a set, the name that the engine knows it by; in the order of use. */
const kept = new Map<string, string>();
/** The engine that keeps them. */
let keeper = 0;

/** The engine's name of a set, pre-parsed. Throws PolicyError `policies_invalid`. */
export function preparsed({ key, policies }: PolicySet): string {
  // One that was loaded anew keeps nothing yet.
  const now = engine();
  if (keeper !== engineLoads()) {
    kept.clear();
    keeper = engineLoads();
  }
  const known = kept.get(key);
  if (known !== undefined) {
    kept.delete(key);
    kept.set(key, known);
    return known;
  }
  const [oldest] = kept.size < KEPT ? [] : kept;
  const name = oldest?.[1] ?? `set ${kept.size}`;
  const staticPolicies = Object.fromEntries(policies.map((policy) => [policy.name, policy.text]));
  const answer = now.preparsePolicySet(name, { staticPolicies });
  if (answer.type === 'failure') {
    throw new PolicyError('policies_invalid', answer.errors.map(({ message }) => message).join('; '));
  }
  if (oldest !== undefined) kept.delete(oldest[0]);
  kept.set(key, name);
  return name;
}
