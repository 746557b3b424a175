export { type FormedRecord, formRecord, type RecordInput } from './leaf.ts';
export { type Random, RandomTexts } from './random.ts';
export { type RecordJournal, record } from './record.ts';
