export { type Audit, createAudit } from './audit.ts';
export { CONTROL_LOG, epochName, epochOrigin, type LogPlaces } from './epochs.ts';
export type { LogPlace } from './open.ts';
