export { keepTilesFilled } from './fill.ts';
export { gatewayLogRoutes } from './log-routes.ts';
export { type LogOverview, LogSchema, readLogs } from './logs.ts';
export { type NewestCheckpoint, readNewestCheckpoints } from './newest.ts';
export { checkpointRoutes, contradictionRoutes } from './routes.ts';
export { verifiedSizes } from './store.ts';
export { readPrunedHashes } from './tiles.ts';
export { watchContradictions } from './watch.ts';
