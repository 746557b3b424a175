export { hasStoredSnapshot, openSnapshotStore, type SnapshotStore } from './disk.ts';
export { SnapshotError, type SnapshotErrorCode } from './errors.ts';
export { checkSuccession, type Live, placesOf, SnapshotOpener } from './open.ts';
export { type Sync, startSync } from './sync.ts';
