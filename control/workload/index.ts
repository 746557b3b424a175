export { type WorkloadReaching, workloadsReaching } from './reaching.ts';
export { exchangeRoutes, workloadRoutes } from './routes.ts';
export { createWorkloads, type Workloads } from './workloads.ts';
