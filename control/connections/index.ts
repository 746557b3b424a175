export { adoptionRoutes } from './adoption-routes.ts';
export {
  type BreakGlass,
  createBreakGlass,
  readBreakGlassForSnapshot,
  recordExpired,
} from './break-glass.ts';
export { type Connections, createConnections } from './connections.ts';
export { type ContractScan, readContractScans } from './contract-scans.ts';
export { type Contracts, createContracts } from './contracts.ts';
export {
  type CredentialBinding,
  checkedCredential,
  enterNextCredential,
  eraseCredential,
  nextBinding,
  shareNextCredential,
  switchCredential,
} from './credentials.ts';
export { type Cut, insertCuts, liftCuts, severedVendors } from './cuts.ts';
export { type VaultKey, vaultKeysOf } from './keys-of.ts';
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
export { expectHostApproved } from './second-person.ts';
export { checkedSlug } from './slug.ts';
export {
  type BesideCredential,
  type ConnectionRow,
  lockConnection,
  packUses,
  readBeside,
  readConnection,
  readForSnapshot,
  type SnapshotConnection,
  selectConnections,
  upstreamOf,
  writeConnection,
} from './store.ts';
export type { CutTreatment } from './tables.ts';
export { checkedUpstream } from './upstream.ts';
export { credentialColumn } from './wrapped.ts';
