import { crc32 } from 'node:zlib';

/**
 * A frame: u32le body length | u32le CRC-32 | u8 kind | body. The CRC covers kind and body.
 */
export const frameKinds = {
  /** JSON: what the segment is. The first frame of every segment. */
  header: 1,
  /** An entry's bytes, verbatim; it has no payload. */
  entry: 2,
  /** An entry's bytes, verbatim; its payload is the next frame. */
  entryWithPayload: 3,
  /** The sealed payload of the entry before it: nonce | ciphertext | tag. */
  payload: 4,
  /** An entry's bytes, verbatim; its payload was deleted. */
  entryPayloadDeleted: 5,
  /** u64le: the index of the next entry. Begins each batch but a segment's first: all before it is durable. */
  mark: 6,
} as const;
export type FrameKind = (typeof frameKinds)[keyof typeof frameKinds];

export const FRAME_OVERHEAD = 9;
/** The longest entry, in bytes: the limit of an entry in a C2SP tile log. */
export const ENTRY_LIMIT = 65_535;
/** The longest payload, before sealing, in bytes. */
export const PAYLOAD_LIMIT = 8 * 1024 * 1024;
const BODY_LIMIT = PAYLOAD_LIMIT + 1024;
const MARK_BYTES = 8;

export interface Frame {
  kind: FrameKind;
  body: Buffer;
  /** Where the frame begins and where the next one does, in bytes from the start of what is read. */
  start: number;
  end: number;
}

/** `torn`: the bytes end within the frame. `bad`: they are no frame, whatever follows. */
export type FrameProblem = 'torn' | 'bad';

/** Writes a frame's length, sum and kind in front of a body that already lies at `at + FRAME_OVERHEAD`. Returns its end. */
export function closeFrame(out: Buffer, at: number, kind: FrameKind, bodyLength: number): number {
  const end = at + FRAME_OVERHEAD + bodyLength;
  out.writeUInt32LE(bodyLength, at);
  out[at + 8] = kind;
  out.writeUInt32LE(crc32(out.subarray(at + 8, end)), at + 4);
  return end;
}

/** Writes a whole frame at `at`. Returns its end. */
export function putFrame(out: Buffer, at: number, kind: FrameKind, body: Uint8Array): number {
  out.set(body, at + FRAME_OVERHEAD);
  return closeFrame(out, at, kind, body.length);
}

/** A frame of its own. */
export function frame(kind: FrameKind, body: Uint8Array): Buffer {
  const out = Buffer.allocUnsafe(FRAME_OVERHEAD + body.length);
  putFrame(out, 0, kind, body);
  return out;
}

/** A mark frame: the next entry has this index. */
export function markFrame(index: number): Buffer {
  const body = Buffer.allocUnsafe(MARK_BYTES);
  body.writeBigUInt64LE(BigInt(index));
  return frame(frameKinds.mark, body);
}

/** The index that a mark gives, or null when it can be none. */
export function markedIndex(mark: Frame): number | null {
  if (mark.body.length !== MARK_BYTES) return null;
  const index = mark.body.readBigUInt64LE();
  return index <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(index) : null;
}

/** The frame that begins at `at`. Its body is a view, not a copy. */
export function frameAt(bytes: Buffer, at: number): Frame | FrameProblem {
  if (at + FRAME_OVERHEAD > bytes.length) return 'torn';
  const length = bytes.readUInt32LE(at);
  if (length > BODY_LIMIT) return 'bad';
  const end = at + FRAME_OVERHEAD + length;
  if (end > bytes.length) return 'torn';
  if (crc32(bytes.subarray(at + 8, end)) !== bytes.readUInt32LE(at + 4)) return 'bad';
  const kind = bytes[at + 8];
  if (!isKind(kind)) return 'bad';
  return { kind, body: bytes.subarray(at + FRAME_OVERHEAD, end), start: at, end };
}

/**
 * The whole frames of `bytes`, from `at` on. Returns where they end, and why: at the end of the bytes (null), within
 * a frame (`torn`: read on with more bytes from there), or at what is no frame (`bad`).
 */
export function* readFrames(
  bytes: Buffer,
  at = 0,
): Generator<Frame, { end: number; problem: FrameProblem | null }> {
  let offset = at;
  while (offset < bytes.length) {
    const next = frameAt(bytes, offset);
    if (typeof next === 'string') return { end: offset, problem: next };
    yield next;
    offset = next.end;
  }
  return { end: offset, problem: null };
}

const MARK_LENGTH = Buffer.from([MARK_BYTES, 0, 0, 0]);

/** The first whole mark frame at or after `at`, wherever it begins; null when there is none. */
export function findMark(bytes: Buffer, at: number): Frame | null {
  for (let from = bytes.indexOf(MARK_LENGTH, at); from >= 0; from = bytes.indexOf(MARK_LENGTH, from + 1)) {
    const found = frameAt(bytes, from);
    if (typeof found !== 'string' && found.kind === frameKinds.mark) return found;
  }
  return null;
}

function isKind(kind: number | undefined): kind is FrameKind {
  return kind !== undefined && kind >= frameKinds.header && kind <= frameKinds.mark;
}
