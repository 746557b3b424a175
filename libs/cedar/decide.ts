import type { CedarValueJson, StatefulAuthorizationCall } from '@cedar-policy/cedar-wasm/nodejs';
import type { EntityId } from './analysis.ts';
import { engine } from './engine.ts';
import { type PolicySet, preparsed } from './policy-set.ts';

/** A value of Cedar in JSON; of an entity: `{__entity: {type, id}}`. */
export type CedarValue = CedarValueJson;

/** An entity: who it is, what is known of it, and what it is below. */
export interface CedarEntity {
  uid: EntityId;
  attrs: Record<string, CedarValue>;
  parents: EntityId[];
}

/** May this principal do this to that, under these circumstances? */
export interface CedarRequest {
  principal: EntityId;
  action: EntityId;
  resource: EntityId;
  context: Record<string, CedarValue>;
  /** Those of which policies may read an attribute, or what they are below. */
  entities: CedarEntity[];
}

export interface DecisionError {
  /** The policy that failed; null: none in particular. */
  policy: string | null;
  /** It may quote a value of the request. */
  message: string;
}

export interface PolicyDecision {
  allowed: boolean;
  /** Names of the policies that decided, sorted: those that permit, or those that forbid. None: nothing permitted. */
  reasons: string[];
  /** With any of these nothing is allowed. */
  errors: DecisionError[];
}

/**
 * Decides, and fails closed: where any policy fails on the request (the engine would leave it out, also a `forbid`), and
 * where the engine does, nothing is allowed. Never throws.
 */
export function decide(set: PolicySet, request: CedarRequest): PolicyDecision {
  let call: StatefulAuthorizationCall;
  try {
    call = { ...request, preparsedPolicySetId: preparsed(set) };
    return decideBy(call, (name) => set.policies.some((policy) => policy.name === name));
  } catch (error) {
    return denied([{ policy: null, message: error instanceof Error ? error.message : 'the engine failed' }]);
  }
}

/** What the engine answers to a call, read closed. `isKnown`: whether a set has a policy of this name. */
export function decideBy(
  call: StatefulAuthorizationCall,
  isKnown: (name: string) => boolean,
): PolicyDecision {
  const answer = engine().statefulIsAuthorized(call);
  if (answer.type === 'failure')
    return denied(answer.errors.map(({ message }) => ({ policy: null, message })));
  const { decision, diagnostics } = answer.response;
  const errors: DecisionError[] = diagnostics.errors.map(({ policyId, error }) => ({
    policy: policyId,
    message: error.message,
  }));
  for (const name of diagnostics.reason) {
    if (!isKnown(name))
      errors.push({ policy: name, message: `the engine named a policy that is not in the set` });
  }
  if (errors.length > 0) return denied(errors);
  return { allowed: decision === 'allow', reasons: diagnostics.reason.toSorted(), errors };
}

function denied(errors: DecisionError[]): PolicyDecision {
  return { allowed: false, reasons: [], errors };
}
