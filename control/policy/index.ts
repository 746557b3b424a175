export { accessRoutes } from './access-routes.ts';
export { type ActPolicies, createActPolicies } from './acts.ts';
export type { ConnectionFacts } from './dry-run.ts';
export { createGrants } from './grants.ts';
export { runExamples } from './guard.ts';
export { createPolicies } from './policies.ts';
export {
  applyPolicyRestore,
  type FormerPolicy,
  type PolicyRestore,
  planPolicyRestores,
} from './restore.ts';
export { policyRoutes } from './routes.ts';
export { type PolicySnapshot, readPoliciesForSnapshot } from './snapshot.ts';
export { type PolicyFileProblem, readPolicyFolder, type Starter } from './starters.ts';
