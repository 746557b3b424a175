export { adoptionRoutes } from './adoption-routes.ts';
export {
  type BreakGlass,
  createBreakGlass,
  readBreakGlassForSnapshot,
  recordExpired,
} from './break-glass.ts';
export { type Connections, createConnections } from './connections.ts';
export { type Contracts, createContracts } from './contracts.ts';
export { checkedOrigins } from './origin.ts';
export {
  applyConnectionRestore,
  type ConnectionRestore,
  type FormerSettings,
  modeText,
  planConnectionRestores,
} from './restore.ts';
export { connectionRoutes } from './routes.ts';
export { type Allowance, ConnectionSchema, type ConnectionView } from './schemas.ts';
export { needsSecondPerson, setSecondPerson } from './second-person.ts';
export { packUses, readForSnapshot, type SnapshotConnection } from './store.ts';
export { credentialColumn } from './wrapped.ts';
