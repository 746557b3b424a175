import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Codec } from '../envelope.ts';
import type { ContractRules, FieldMap, Keyed, Treatment } from '../types.ts';

function digest(use: string): (value: string) => string {
  return (value) => createHash('sha256').update(`${use}\n${value}`).digest('base64url').slice(0, 22);
}

/** Keyed functions for tests: stable, told apart by use, and without a secret. */
export const keyed: Keyed = {
  pseudonym: digest('vendor'),
  subject: digest('ledger'),
  reviewHash: digest('review'),
};

export const codec: Codec = {
  gunzip: (bytes, maxBytes) => gunzipSync(bytes, { maxOutputLength: maxBytes }),
  gzip: (bytes) => gzipSync(bytes),
  toUtf8: (text) => Buffer.from(text, 'utf8'),
  fromBase64: (text) => Buffer.from(text, 'base64'),
  toBase64: (bytes) => Buffer.from(bytes).toString('base64'),
  find: (bytes, needle, from) =>
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(needle, from),
};

export function rulesOf(
  classes: Record<string, Treatment>,
  more: Partial<Omit<ContractRules, 'classes'>> = {},
): ContractRules {
  return {
    classes,
    otherwise: { do: 'pass' },
    unmapped: { do: 'drop' },
    names: { do: 'pass', allowed: [] },
    properties: {},
    ...more,
  };
}

export function mapOf(fields: FieldMap['fields'], more: Partial<Omit<FieldMap, 'fields'>> = {}): FieldMap {
  return { records: '$', subjects: [], unmapped: 'unmapped', fields, ...more };
}
