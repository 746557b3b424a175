export { type Approvals, createApprovals, recordExpiredApprovals } from './approvals.ts';
export { approvalRoutes } from './routes.ts';
