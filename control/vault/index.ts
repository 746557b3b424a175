export { startVault, type Vault } from './client.ts';
export { createErrands, type Errand, ErrandError, type ErrandResult, type RunErrand } from './errand.ts';
export type { ErrandCall, ErrandPlace, ErrandValues } from './errand-messages.ts';
export { VaultError } from './errors.ts';
export { type LogKey, openLogKey } from './log-key.ts';
export { formatLogMarks, type LogMark, logMarksPath, readLogMarks } from './log-marks.ts';
export type { KeyRecord } from './messages.ts';
export { openPayloadKey, type PayloadKey } from './payload.ts';
export { onOneDisk } from './place.ts';
export { ledgerPseudonyms, type PseudonymOf } from './pseudonyms.ts';
export { readKeyRows } from './records.ts';
export { finishRotation, rotateKek } from './rotation.ts';
export { createSecrets, type Secrets, secretUses } from './secrets.ts';
export {
  type KeySource,
  type KeySourceKind,
  keyFileOf,
  keySourceKinds,
} from './sources/settings.ts';
export { vaultRoutes } from './status.ts';
export { checkKeys, type VaultOptions } from './supervise.ts';
export { vaultColumns, type WrappedColumn, wrappedColumn } from './wrapped.ts';
