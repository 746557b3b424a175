import { ShipmentError } from './errors.ts';
import { type Frame, frameAt, frameKinds, markedIndex } from './frames.ts';
import { type AnyHeader, decodeHeader, type SegmentHeader } from './header.ts';
import { type Entry, readEntries } from './segment.ts';

/** More than any one shipment: the longest entry with the longest payload, and what surrounds them. */
const SHIPMENT_LIMIT = 16 * 1024 * 1024;

export interface ShippedEntry {
  index: number;
  /** Verbatim. */
  entry: Buffer;
  /** Sealed under the header's data key (`openPayload`); null when there is none, or it was deleted. */
  payload: Buffer | null;
  payloadDeleted: boolean;
}

/**
 * Reads what a journal shipped: the header frame of the segment, a mark with the index of the first entry, and whole
 * entries of that one segment. Bodies are views of `bytes`. `limit`: the most bytes taken, 16 MiB unless told.
 * Throws ShipmentError; then nothing of it is to be used.
 */
export function decodeShipment(
  bytes: Uint8Array,
  limit = SHIPMENT_LIMIT,
): { header: SegmentHeader; entries: ShippedEntry[] } {
  const { header, entries } = decodeBatch(bytes, limit);
  const { sealed } = header;
  if (sealed !== null) return { header: { ...header, sealed }, entries };
  throw new ShipmentError(
    'not_a_shipment',
    0,
    "This segment's journal takes no payloads: its key is missing",
  );
}

/** As `decodeShipment`, also of a journal without payloads. */
export function decodeBatch(
  bytes: Uint8Array,
  limit: number,
): { header: AnyHeader; entries: ShippedEntry[] } {
  if (bytes.length > limit) {
    throw new ShipmentError(
      'too_large',
      limit,
      `A shipment may be ${limit} bytes long; this one has ${bytes.length}`,
    );
  }
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerFrame = wholeFrame(buffer, 0, frameKinds.header, 'the header of a segment');
  const header = decodeHeader(headerFrame.body);
  if (typeof header === 'string') {
    const code = header.startsWith('unknown_format') ? 'unknown_format' : 'not_a_shipment';
    throw new ShipmentError(code, 0, `This shipment can't be used: ${header}`);
  }
  const mark = wholeFrame(buffer, headerFrame.end, frameKinds.mark, 'the index of the first entry');
  const first = markedIndex(mark);
  if (first === null || first < header.first) {
    throw new ShipmentError(
      'not_a_shipment',
      mark.start,
      'The index of the first entry lies before its segment',
    );
  }
  return { header, entries: wholeEntries(buffer, mark.end, first) };
}

function wholeFrame(bytes: Buffer, at: number, kind: Frame['kind'], what: string): Frame {
  const found = frameAt(bytes, at);
  if (typeof found === 'string') {
    throw new ShipmentError('bad_frame', at, `Here ${what} is needed; this is no whole frame`);
  }
  if (found.kind !== kind) {
    throw new ShipmentError(
      'not_a_shipment',
      at,
      `Here ${what} is needed; this is a frame of kind ${found.kind}`,
    );
  }
  return found;
}

function wholeEntries(bytes: Buffer, at: number, first: number): ShippedEntry[] {
  const entries: ShippedEntry[] = [];
  const reader = readEntries(bytes, at, first);
  let step = reader.next();
  while (!step.done) {
    entries.push(shipped(step.value));
    step = reader.next();
  }
  if (step.value.reason !== 'end') {
    throw new ShipmentError('bad_frame', step.value.offset, `Entry ${step.value.next} is not whole`);
  }
  return entries;
}

function shipped({ index, entry, payload, payloadDeleted }: Entry): ShippedEntry {
  return { index, entry, payload, payloadDeleted };
}
