export { type ChangeHead, changesAbout } from './about.ts';
export { type Audit, createAudit, type OwnLog } from './audit.ts';
export {
  askEpoch,
  CONTROL_LOG,
  epochName,
  epochOrigin,
  freeEpoch,
  type LogPlaces,
  type LogVault,
  readEpochs,
  type StatedLog,
  statedLogs,
} from './epochs.ts';
export { fetchFrom, fetchUnder, type LogPlace, lastNote, openControlLog, signerOf, trustIn } from './open.ts';
export type { OtherLogs } from './routes.ts';
export { type Hold, type LogOverview, RootWitnessesSchema } from './schemas.ts';
export { withTimers } from './sequencer.ts';
export { keepCheckpoint, readState, writeTrouble } from './store.ts';
export { LogRefused, NotCosigned, type Trouble } from './trouble.ts';
