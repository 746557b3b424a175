export { createEgress, type Egress } from './egress.ts';
export { egressHostProjection } from './host-projection.ts';
export { hosts, type ObservedHost } from './hosts.ts';
export { egressRoutes } from './routes.ts';
