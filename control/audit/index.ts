export { type Audit, createAudit } from './audit.ts';
export type { LogPlace } from './open.ts';
