export { type GatewayJournal, type GatewayJournalOptions, openGatewayJournal } from './open.ts';
export type { Post, ShipProblem, ShipStatus } from './shipper.ts';
export { type Durability, openDirectory } from './storage.ts';
