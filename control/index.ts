export { askEpoch, CONTROL_LOG, type LogPlace, type StatedLog, statedLogs } from './audit/index.ts';
export { type Control, createControl } from './control.ts';
export type { Erasure, ErasurePreview, Hold } from './erasure/index.ts';
export { EXERCISE_FORMAT, type Exercise, readExercise } from './exercises/index.ts';
export { type Enrolment, enrolGateway, hashGatewayToken } from './fleet/index.ts';
export { hasAdministrator, type Reached, type Warning } from './identity/index.ts';
export type { Blast } from './incidents/index.ts';
export type { ControlOptions } from './options.ts';
export {
  collectMigrations,
  createEvents,
  type DatabaseConfig,
  inTransaction,
  launcher,
  migrate,
  openDatabase,
  type Platform,
  systemClock,
  systemRandom,
} from './platform/index.ts';
export { runExamples } from './policy/index.ts';
export type { Severance, SeverancePlan } from './sever/index.ts';
export {
  checkKeys,
  finishRotation,
  formatLogMarks,
  type KeyRecord,
  type KeySource,
  type KeySourceKind,
  keyFileOf,
  keySourceKinds,
  type LogMark,
  logMarksPath,
  onOneDisk,
  readKeyRows,
  readLogMarks,
  rotateKek,
  startVault,
} from './vault/index.ts';
export type { Bench, LookedFor, MadeUpText, MakeUp, Tried, Try } from './workbench/index.ts';
export { wrappedColumns } from './wrapped.ts';
