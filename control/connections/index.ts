export { type Connections, createConnections } from './connections.ts';
export { type Contracts, createContracts } from './contracts.ts';
export { checkedOrigins } from './origin.ts';
export {
  applyConnectionRestore,
  type ConnectionRestore,
  type FormerSettings,
  planConnectionRestores,
} from './restore.ts';
export { connectionRoutes } from './routes.ts';
export { type Allowance, ConnectionSchema, type ConnectionView } from './schemas.ts';
export { readForSnapshot, type SnapshotConnection } from './store.ts';
