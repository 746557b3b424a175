export { type LogOverview, LogSchema, readLogs } from './logs.ts';
export { type NewestCheckpoint, readNewestCheckpoints } from './newest.ts';
export { checkpointRoutes, contradictionRoutes } from './routes.ts';
export { watchContradictions } from './watch.ts';
