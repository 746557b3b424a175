export { type BlastRouteDeps, blastRoutes } from './blast/routes.ts';
export type { Blast, Weakest } from './blast/schemas.ts';
export { weakestLinks } from './blast/weakest.ts';
