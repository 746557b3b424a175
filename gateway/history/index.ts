export { type Asking, type Recall, recall } from './recall.ts';
export type { CompiledHistory } from './rules.ts';
export { type HistoryOptions, HistoryShelf } from './shelf.ts';
