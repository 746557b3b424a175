export type { Warning } from './access/index.ts';
export type { LogPlace } from './audit/index.ts';
export { type Control, type ControlOptions, createControl } from './control.ts';
export type { Erasure, ErasurePreview, Hold } from './erasure/index.ts';
export { type Enrolment, enrolGateway, hashGatewayToken } from './fleet/index.ts';
export {
  collectMigrations,
  createEvents,
  type DatabaseConfig,
  migrate,
  openDatabase,
  type Platform,
  systemClock,
  systemRandom,
} from './platform/index.ts';
export { onOneDisk, startVault } from './vault/index.ts';
export {
  fieldMapsOf,
  lintPacks,
  loadPacks,
  type PackProblem,
  problemLine,
  readPack,
} from './vendors/index.ts';
