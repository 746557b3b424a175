export { type EntityId, mayMatch, type Reads, readsOf, type Scope, type Scopes } from './analysis.ts';
export { entitiesNamed, type Findings, format, type NamedPolicy, validate } from './check.ts';
export {
  type CedarEntity,
  type CedarRequest,
  type CedarValue,
  type DecisionError,
  decide,
  type PolicyDecision,
} from './decide.ts';
export {
  PolicyError,
  type PolicyErrorCode,
  type PolicyProblem,
  type Position,
  problemText,
} from './errors.ts';
export { type Policy, PolicySet, parse } from './policy-set.ts';
export type { Constants } from './specialise.ts';
