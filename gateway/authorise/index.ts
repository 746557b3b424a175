export type { Asked } from './asked.ts';
export type { Decision } from './decision.ts';
export { type ConnectionPolicies, PolicyOpener } from './policies.ts';
export { regionProblem } from './region.ts';
