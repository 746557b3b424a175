export { hasStoredSnapshot, newestSnapshot, openSnapshotStore, type SnapshotStore } from './disk.ts';
export { SnapshotError, type SnapshotErrorCode } from './errors.ts';
export { answersOf, checkSuccession, type Live, placesOf, SnapshotOpener } from './open.ts';
export { type Heartbeat, type RefusedSnapshot, startHeartbeat, startSync } from './sync.ts';
