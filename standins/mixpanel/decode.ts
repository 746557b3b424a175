import { gunzipSync } from 'node:zlib';
import type { ReceivedRequest } from '../http/received.ts';

/** A body that the vendor could not read. `message` is what it says in its verbose answer. */
export class UnreadableDataError extends Error {
  readonly code = 'unreadable_data';
  constructor(message: string) {
    super(message);
    this.name = 'UnreadableDataError';
  }
}

/** What one request to an ingestion endpoint carries. */
export interface Ingestion {
  /** Events or profile updates, decoded; always a list. */
  records: Record<string, unknown>[];
  /** `verbose=1`: a JSON answer is wanted. */
  verbose: boolean;
  /** `ip=1`: the vendor is asked to geolocate the caller's address. */
  geolocate: boolean;
}

function inflate(body: Buffer): Buffer {
  if (body.length < 2 || body[0] !== 0x1f || body[1] !== 0x8b) return body;
  try {
    return gunzipSync(body, { maxOutputLength: 64 * 1024 * 1024 });
  } catch {
    throw new UnreadableDataError('data, gzip could not be inflated');
  }
}

/** JSON as such, or base64 of JSON. The Node SDK does not percent-encode base64, so `+` arrives as a space. */
function parseData(text: string): unknown {
  const plain = text.trimStart();
  const json =
    plain.startsWith('{') || plain.startsWith('[')
      ? plain
      : Buffer.from(text.replaceAll(' ', '+'), 'base64').toString('utf8');
  try {
    return JSON.parse(json);
  } catch {
    throw new UnreadableDataError('data, not valid JSON or base64 of JSON');
  }
}

function newlineDelimited(text: string): unknown[] | null {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  if (lines.length < 2 || !lines.every((line) => line.trimStart().startsWith('{'))) return null;
  return lines.map((line) => parseData(line));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Reads GET with `data` in the query, forms with `data=`, JSON and newline-delimited JSON bodies, gzip or not, by
 * what they are rather than by their label (browsers' beacons are labelled text/plain).
 * Throws UnreadableDataError.
 */
export function decodeIngestion(request: ReceivedRequest): Ingestion {
  const text = inflate(request.body).toString('utf8');
  const isJson = /^\s*[[{]/.test(text);
  const form = isJson ? new URLSearchParams() : new URLSearchParams(text);
  const parameter = (name: string): string | null => request.query.get(name) ?? form.get(name);
  const data = parameter('data');
  const value = isJson ? (newlineDelimited(text) ?? parseData(text)) : data === null ? null : parseData(data);
  if (value === null) throw new UnreadableDataError('data, missing or empty');
  const records = Array.isArray(value) ? value : [value];
  if (!records.every(isRecord)) throw new UnreadableDataError('data, must be an object or a list of objects');
  return { records, verbose: parameter('verbose') === '1', geolocate: parameter('ip') === '1' };
}
