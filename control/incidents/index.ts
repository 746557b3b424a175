export { blastOf, heldQuestionOf } from './blast/blast.ts';
export { type BlastRouteDeps, blastRoutes } from './blast/routes.ts';
export type { Blast, Weakest } from './blast/schemas.ts';
export { weakestLinks } from './blast/weakest.ts';
export type { IncidentBook, IncidentHead } from './room/book.ts';
export { incidentsFrom } from './room/index.ts';
export { type Playbook, readPlaybook } from './room/playbooks.ts';
export type { IncidentView, LineView } from './room/schemas.ts';
