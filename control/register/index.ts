export { largestRegister } from './exchange-routes.ts';
export { type PolicyFacts, readPolicyFacts } from './policy-facts.ts';
export { pruneBlobsJob } from './prune.ts';
export { createRegister, type Entry, type Ledger, type Register } from './register.ts';
export { registerRoutes } from './routes.ts';
export type { Standing } from './standing.ts';
export type { ShownStatus, Status } from './status.ts';
export { substitutesOf } from './substitutes.ts';
export { provenUntil } from './undeleted.ts';
