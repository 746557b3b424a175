export { runExamples } from './guard.ts';
export { createPolicies } from './policies.ts';
export { createPolicyRoom } from './policy.ts';
export {
  applyPolicyRestore,
  type FormerPolicy,
  type PolicyRestore,
  planPolicyRestores,
} from './restore.ts';
export { type PolicySnapshot, readPoliciesForSnapshot } from './snapshot.ts';
export type { PolicyFileProblem, Starter } from './starters.ts';
