import type { JsonDocument } from '@drawbridge/jsonedit';
import { EnvelopeError } from './error.ts';
import { formatPairs, type Pair, parsePairs } from './pairs.ts';
import { percentDecode, percentEncode, percentStyleOf } from './percent.ts';

/** What needs a platform: handed in, so that the library runs anywhere. */
export interface Codec {
  /** Inflates gzip. Throws EnvelopeError `too_large` beyond `maxBytes`, `not_inflatable` for anything but whole gzip. */
  gunzip(bytes: Uint8Array, maxBytes: number): Uint8Array;
  gzip(bytes: Uint8Array): Uint8Array;
  toUtf8(text: string): Uint8Array;
  /** Standard alphabet, valid characters only. */
  fromBase64(text: string): Uint8Array;
  toBase64(bytes: Uint8Array): string;
  /** Where `needle` first stands at or behind `from`, or -1. */
  find(bytes: Uint8Array, needle: Uint8Array, from: number): number;
}

export interface EnvelopeLimits {
  /** Bytes after inflating. */
  maxBytes: number;
  /** Inflated to packed; small bodies (64 KB inflated) are free of it. */
  maxRatio: number;
}

/** A text of JSON taken out of its wrapping, and the way back in. */
export interface Opened {
  text: string;
  /** Outermost first: for telling people, never for deciding. */
  layers: readonly ('gzip' | 'form' | 'base64' | 'items' | 'lines' | 'parts')[];
  /** Other parameters of a form, with the place of the one that held the text; null when there was no form. */
  form: { pairs: readonly Pair[]; dataAt: number } | null;
  /**
   * Where the text was put together from pieces: to be called with it parsed, before anything else is done. Throws
   * EnvelopeError when a piece is not one value, and so would be read as something else than by a server.
   */
  verify?: (document: JsonDocument) => void;
  /**
   * The bytes as the client would have sent them with this text, and, in a form, these pairs around it. With nothing
   * changed, the very bytes that came.
   */
  seal(text: string, pairs?: readonly Pair[]): Uint8Array;
}

const FREE_OF_RATIO = 65_536;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Opens a body by what it is, not by what it is labelled: gzip by its magic number; within it JSON, or, where
 * `formField` is given, a form whose field of that name holds JSON or base64 of JSON. Throws EnvelopeError.
 */
export function openBody(
  bytes: Uint8Array,
  formField: string | null,
  codec: Codec,
  limits: EnvelopeLimits,
): Opened {
  const plain = inflated(bytes, codec, limits);
  const inner = openText(plain, formField, codec);
  if (plain === bytes) return inner;
  return {
    ...inner,
    layers: ['gzip', ...inner.layers],
    seal: (text, pairs) =>
      text === inner.text && (pairs === undefined || pairs === inner.form?.pairs)
        ? bytes
        : codec.gzip(inner.seal(text, pairs)),
  };
}

/** The bytes inside gzip, known by its magic number; the very same where there is none. Throws EnvelopeError. */
export function inflated(bytes: Uint8Array, codec: Codec, limits: EnvelopeLimits): Uint8Array {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const most = Math.min(limits.maxBytes, Math.max(FREE_OF_RATIO, bytes.length * limits.maxRatio));
  return codec.gunzip(bytes, most);
}

function openText(bytes: Uint8Array, formField: string | null, codec: Codec): Opened {
  const text = decodeUtf8(bytes);
  if (formField === null || startsLikeJson(text)) {
    return {
      text,
      layers: [],
      form: null,
      seal: (changed) => (changed === text ? bytes : codec.toUtf8(changed)),
    };
  }
  const pairs = parsePairs(text);
  const dataAt = dataIndex(pairs, formField);
  if (dataAt === -1) throw new EnvelopeError('no_data', `neither JSON nor a form with "${formField}"`);
  const value = openValue(pairs[dataAt]?.rawValue ?? '', codec);
  return {
    text: value.text,
    layers: ['form', ...value.layers],
    form: { pairs, dataAt },
    seal: (changed, around = pairs) => {
      if (changed === value.text && around === pairs) return bytes;
      const at = dataIndex(around, formField);
      const rawValue = value.seal(changed);
      return codec.toUtf8(
        formatPairs(around.map((pair, index) => (index === at ? { ...pair, rawValue } : pair))),
      );
    },
  };
}

/** Where the one parameter of this name stands, or -1. Throws EnvelopeError `repeated_data` when there are two. */
export function dataIndex(pairs: readonly Pair[], name: string): number {
  const at = pairs.findIndex((pair) => pair.name === name);
  if (at !== -1 && pairs.some((pair, index) => index > at && pair.name === name)) {
    throw new EnvelopeError('repeated_data', `two parameters "${name}"`);
  }
  return at;
}

/** A query or form value that holds JSON, or base64 of JSON. */
export interface OpenedValue {
  text: string;
  layers: readonly 'base64'[];
  seal(text: string): string;
}

/** Opens a percent-encoded value. Throws EnvelopeError `bad_escape`, `bad_base64`, `not_utf8`. */
export function openValue(raw: string, codec: Codec): OpenedValue {
  // In base64 a plus is a plus: some clients do not escape it. In JSON it is a space, as in any form.
  if (MAYBE_BASE64.test(raw)) return openBase64(raw, unescapeBase64(raw), codec);
  const verbatim = percentDecode(raw, false);
  if (!startsLikeJson(verbatim)) return openBase64(raw, verbatim, codec);
  const text = percentDecode(raw, true);
  return {
    text,
    layers: [],
    seal(changed) {
      if (changed === text) return raw;
      const style = percentStyleOf(raw);
      return percentEncode(changed, style, style.plusIsSpace);
    },
  };
}

/** What is base64 if it is anything: JSON would have other characters or escapes. */
const MAYBE_BASE64 = /^[A-Za-z0-9+/_-]{4,}(?:%2[BF][A-Za-z0-9+/_-]*)*(?:=|%3D){0,2}$/i;

function unescapeBase64(raw: string): string {
  return raw.includes('%') ? raw.replace(/%2b/gi, '+').replace(/%2f/gi, '/').replace(/%3d/gi, '=') : raw;
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
const BASE64_URL = /^[A-Za-z0-9_-]*={0,2}$/;

function openBase64(raw: string, verbatim: string, codec: Codec): OpenedValue {
  const isUrl = !BASE64.test(verbatim);
  if (isUrl && !BASE64_URL.test(verbatim)) {
    throw new EnvelopeError('bad_base64', 'neither JSON nor base64');
  }
  const standard = isUrl ? verbatim.replaceAll('-', '+').replaceAll('_', '/') : verbatim;
  const text = decodeUtf8(codec.fromBase64(standard));
  return {
    text,
    layers: ['base64'],
    seal(changed) {
      if (changed === text) return raw;
      let encoded = codec.toBase64(codec.toUtf8(changed));
      // A text that needed no padding does not tell; most clients pad the standard alphabet and not the other.
      const toldPadding = verbatim.length % 4 !== 0 || verbatim.endsWith('=');
      const padded = toldPadding ? verbatim.endsWith('=') : !isUrl;
      if (!padded) encoded = encoded.replace(/={1,2}$/, '');
      if (isUrl) encoded = encoded.replaceAll('+', '-').replaceAll('/', '_');
      return encoded.replace(/[+/=]/g, base64Escapes(raw));
    },
  };
}

/** How this client writes the three characters of base64 that forms and queries give a meaning to. */
function base64Escapes(raw: string): (char: string) => string {
  const escapesNothing = !raw.includes('%') && /[+/=]/.test(raw);
  const lower = /%(?:2b|2f|3d)/.test(raw);
  const written = new Map(
    ['+', '/', '='].map((char): [string, string] => {
      const escaped = encodeURIComponent(char);
      return [char, escapesNothing || raw.includes(char) ? char : lower ? escaped.toLowerCase() : escaped];
    }),
  );
  return (char) => written.get(char) ?? char;
}

function startsLikeJson(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) continue;
    return code === 0x7b || code === 0x5b;
  }
  return false;
}

export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) throw new EnvelopeError('not_utf8', 'bytes that are not UTF-8');
    throw error;
  }
}
