export { pruneJob } from './prune.ts';
export { retentionRoutes } from './routes.ts';
