export type { PostgresConnection } from './connection.ts';
export { PostgresError, type PostgresErrorCode } from './errors.ts';
export type { PostgresLocation } from './location.ts';
export { runningPostgres } from './running.ts';
export {
  type PostgresExit,
  type RestartPolicy,
  type RunningPostgres,
  type StartPostgresOptions,
  startPostgres,
} from './start.ts';
export { checkServerVersion, type Queryable } from './version.ts';
