export { type Approvals, createApprovals, recordExpiredApprovals } from './approvals.ts';
export { approvalRoutes } from './routes.ts';
export { needsSecondPerson, setSecondPerson } from './second-person.ts';
