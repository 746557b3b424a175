export { type Audit, createAudit } from './audit.ts';
export { askEpoch, CONTROL_LOG, type LogPlaces, type StatedLog, statedLogs } from './epochs.ts';
export type { LogPlace } from './open.ts';
