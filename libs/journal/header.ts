import type { KeyObject } from 'node:crypto';
import { unwrap } from '@drawbridge/envelope';

export const JOURNAL_FORMAT = 'drawbridge.journal/1';
const HEADER_LIMIT = 4096;
const ORIGIN_LIMIT = 300;

/** A data key sealed to whoever may read the payloads: base64url. */
export interface SealedDataKey {
  enc: string;
  ct: string;
}

/** The first frame of a segment whose entries have payloads. */
export interface SegmentHeader {
  format: typeof JOURNAL_FORMAT;
  /** The log's name: a URL without scheme, no spaces. */
  origin: string;
  /** Index of the segment's first entry. What an earlier segment holds from this index on is void. */
  first: number;
  /** The segment's number: it only ever rises. */
  segment: number;
  sealed: SealedDataKey;
  /** Milliseconds since 1970. */
  made_at: number;
}

/** The first frame of any segment: `sealed` is null where no entry has a payload, and is then not written. */
export type AnyHeader = Omit<SegmentHeader, 'sealed'> & { sealed: SealedDataKey | null };

export function encodeHeader({ sealed, ...rest }: AnyHeader): Buffer {
  return Buffer.from(JSON.stringify(sealed === null ? rest : { ...rest, sealed }));
}

/** Reads a header frame's body. A string says what is wrong; `unknown_format: …` when the version is another. */
export function decodeHeader(body: Uint8Array): AnyHeader | string {
  if (body.length > HEADER_LIMIT) return `the header is longer than ${HEADER_LIMIT} bytes`;
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    return 'the header is not JSON';
  }
  if (!isRecord(value)) return 'the header is not an object';
  const { format, origin, first, segment, sealed, made_at } = value;
  if (format !== JOURNAL_FORMAT) return `unknown_format: ${JSON.stringify(format)?.slice(0, 80)}`;
  if (typeof origin !== 'string' || !isOrigin(origin)) return 'the header has no "origin" that can be used';
  if (!isCount(first)) return 'the header\'s "first" is not an index';
  if (!isCount(segment)) return 'the header\'s "segment" is not a number';
  if (!isCount(made_at)) return 'the header\'s "made_at" is not a time';
  const known = { format: JOURNAL_FORMAT, origin, first, segment, made_at } as const;
  if (sealed === undefined) return { ...known, sealed: null };
  if (!isRecord(sealed) || !isBase64Url(sealed.enc) || !isBase64Url(sealed.ct)) {
    return 'the header\'s "sealed" is not a sealed key';
  }
  return { ...known, sealed: { enc: sealed.enc, ct: sealed.ct } };
}

/** Whether a text can name a log: 1 to 300 characters, no space, no control, no `+` (checkpoints forbid it). */
export function isOrigin(text: string): boolean {
  return text.length <= ORIGIN_LIMIT && /^[\x21-\x2a\x2c-\x7e]+$/.test(text);
}

/** What a segment's data key is bound to when it is sealed. */
export function dataKeyContext(origin: string, segment: number): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(['drawbridge journal data key 1', origin, segment]));
}

/** What a payload is bound to: its log and its entry's index. */
export function payloadContext(origin: string, index: number): Buffer {
  return Buffer.from(`drawbridge journal payload 1\n${origin}\n${index}`);
}

/** A payload's bytes. Throws EnvelopeError when key, log, index or bytes are not those that it was sealed with. */
export function openPayload(
  dataKey: Uint8Array | KeyObject,
  origin: string,
  index: number,
  sealed: Uint8Array,
): Buffer {
  return unwrap(dataKey, sealed, payloadContext(origin, index));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isBase64Url(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Za-z0-9_-]+$/.test(value);
}
