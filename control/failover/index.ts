export { createFailover, type Failover } from './failover.ts';
export { failoverRoutes } from './routes.ts';
