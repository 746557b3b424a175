import { constants, inflateRawSync } from 'node:zlib';
import { tracesOf } from './encodings.ts';
import { Matcher } from './matcher.ts';

/** A value that must be nowhere. `name` is what findings call it. */
export interface Needle {
  name: string;
  value: string | Buffer;
}

export interface Finding {
  needle: string;
  /** Through which layers, outermost first, such as `gzip > plain, base64`. */
  how: string;
  /** What was searched, as the caller named it. */
  where: string;
  /** Byte offset within the innermost layer. */
  at: number;
}

export type Search = (where: string, bytes: Buffer | string) => Finding[];

/** Layers within layers that are opened. */
const DEEPEST = 4;
/** Bytes that one layer may unfold to. */
const LARGEST_LAYER = 64 * 1024 * 1024;
/** A run of hex that is worth decoding: the shortest gzip stream is longer. */
const HEX_RUN = /(?:[0-9a-f]{2}){24,}|(?:[0-9A-F]{2}){24,}/g;
const BASE64_GZIP = /H4sI[A-Za-z0-9+/_-]{16,}/g;
const ESCAPED = /%[0-9A-Fa-f]{2}/;
const GZIP = Buffer.from([0x1f, 0x8b, 0x08]);

/**
 * Builds a search for all needles in all encodings, also within gzip streams (which may themselves stand in hex or
 * base64), hex and percent-encoding. The search throws RangeError when a stream unfolds to more than 64 MiB.
 */
export function searchFor(needles: readonly Needle[]): Search {
  const matcher = new Matcher(
    needles.flatMap(({ name, value }) =>
      tracesOf(value).map(({ how, bytes }) => ({ bytes, of: { needle: name, how } })),
    ),
  );
  const within = (bytes: Buffer, layers: readonly string[]): Omit<Finding, 'where'>[] => {
    const here = matcher
      .find(bytes)
      .map(({ at, of }) => ({ needle: of.needle, how: [...layers, of.how].join(' > '), at }));
    if (layers.length === DEEPEST) return here;
    const deeper = unfold(bytes).flatMap(({ layer, inside }) => within(inside, [...layers, layer]));
    return [...here, ...deeper];
  };
  return (where, bytes) =>
    within(typeof bytes === 'string' ? Buffer.from(bytes, 'utf8') : bytes, []).map((found) => ({
      ...found,
      where,
    }));
}

interface Layer {
  layer: string;
  inside: Buffer;
}

function unfold(bytes: Buffer): Layer[] {
  const layers: Layer[] = gzipStreams(bytes).map((inside) => ({ layer: 'gzip', inside }));
  const text = bytes.toString('latin1');
  if (ESCAPED.test(text)) layers.push({ layer: 'percent', inside: percentDecoded(text) });
  for (const [run] of text.matchAll(HEX_RUN)) layers.push({ layer: 'hex', inside: Buffer.from(run, 'hex') });
  for (const [run] of text.matchAll(BASE64_GZIP)) {
    layers.push({ layer: 'base64', inside: Buffer.from(run, 'base64') });
  }
  return layers;
}

function gzipStreams(bytes: Buffer): Buffer[] {
  const streams: Buffer[] = [];
  for (let at = bytes.indexOf(GZIP); at >= 0; at = bytes.indexOf(GZIP, at + 1)) {
    const inside = inflated(bytes.subarray(at));
    if (inside !== null) streams.push(inside);
  }
  return streams;
}

const FIXED_HEADER = 10;
const HAS_CHECKSUM = 2;
const HAS_EXTRA = 4;
const HAS_NAME = 8;
const HAS_COMMENT = 16;

/** Where the compressed bytes of a gzip stream begin (RFC 1952, 2.3). */
function endOfHeader(stream: Buffer): number {
  const flags = stream[3] ?? 0;
  let at = FIXED_HEADER;
  if ((flags & HAS_EXTRA) !== 0) at += 2 + (stream[at] ?? 0) + 256 * (stream[at + 1] ?? 0);
  for (const text of [HAS_NAME, HAS_COMMENT]) {
    if ((flags & text) === 0) continue;
    const end = stream.indexOf(0, at);
    at = end < 0 ? stream.length : end + 1;
  }
  return (flags & HAS_CHECKSUM) === 0 ? at : at + 2;
}

/** What a gzip stream holds, as far as it goes: other bytes may follow it, and its end may be missing. */
function inflated(stream: Buffer): Buffer | null {
  try {
    return inflateRawSync(stream.subarray(endOfHeader(stream)), {
      finishFlush: constants.Z_SYNC_FLUSH,
      maxOutputLength: LARGEST_LAYER,
    });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') throw error;
    // Three bytes that only look like the beginning of a stream.
    return null;
  }
}

function percentDecoded(text: string): Buffer {
  const decoded = text.replace(/%([0-9A-Fa-f]{2})/g, (_escape, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(decoded, 'latin1');
}
