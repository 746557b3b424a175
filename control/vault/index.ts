export { startVault, type Vault } from './client.ts';
export { VaultError } from './errors.ts';
export { type LogKey, openLogKey } from './log-key.ts';
export { formatLogMarks, type LogMark, logMarksPath, readLogMarks } from './log-marks.ts';
export { openPayloadKey, type PayloadKey } from './payload.ts';
export { onOneDisk } from './place.ts';
export { ledgerPseudonyms, type PseudonymOf } from './pseudonyms.ts';
export { createSecrets, type Secrets } from './secrets.ts';
export { checkKeys, type VaultOptions } from './supervise.ts';
