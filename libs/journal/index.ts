export {
  EntryTooLarge,
  JournalCorrupt,
  type JournalCorruptCode,
  JournalLocked,
  JournalUnavailable,
  type JournalUnavailableCode,
  ShipmentError,
  type ShipmentErrorCode,
} from './errors.ts';
export {
  ENTRY_LIMIT,
  type Frame,
  type FrameProblem,
  frameKinds,
  PAYLOAD_LIMIT,
  readFrames,
} from './frames.ts';
export {
  dataKeyContext,
  isOrigin,
  JOURNAL_FORMAT,
  openPayload,
  payloadContext,
  type SealedDataKey,
  type SegmentHeader,
} from './header.ts';
export { type Journal, openJournal } from './journal.ts';
export {
  type Clock,
  defaultLimits,
  type JournalEvent,
  type JournalLimits,
  type JournalOptions,
  type JournalStatus,
} from './options.ts';
export type { Batch } from './reader.ts';
export type { Segment } from './recover.ts';
export { decodeShipment, type ShippedEntry } from './shipment.ts';
export { replaceFile, type Storage, type StorageFile } from './storage.ts';
