export { type BlastRouteDeps, blastRoutes } from './blast/routes.ts';
export type { Blast, Weakest } from './blast/schemas.ts';
export { weakestLinks } from './blast/weakest.ts';
export type { BareLine, IncidentBook, IncidentHead } from './room/book.ts';
export { incidentsFrom } from './room/index.ts';
export { type Playbook, readPlaybook } from './room/playbooks.ts';
export { claimKinds } from './room/schemas.ts';
export { confidences, entryKinds } from './room/tables.ts';
