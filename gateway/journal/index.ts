export {
  type GatewayJournal,
  type GatewayJournalOptions,
  type JournalState,
  openGatewayJournal,
} from './open.ts';
export type { Post } from './shipper.ts';
export { type DiskStorage, type Durability, openDirectory } from './storage.ts';
