export { type FormedRecord, formRecord, type RecordInput } from './leaf.ts';
export { pooledRandom, type Random, uuidv7 } from './random.ts';
export { type RecordJournal, record } from './record.ts';
