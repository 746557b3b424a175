export { type LogOverview, LogSchema, readLogs } from './logs.ts';
export { checkpointRoutes, contradictionRoutes } from './routes.ts';
export { verifiedSizes } from './store.ts';
export { watchContradictions } from './watch.ts';
