import { VIRTUAL_KEY_PATTERN } from '@drawbridge/protocol';
import { invalid } from '../platform/index.ts';

/** A key that is held elsewhere, as a list of its vendor or cloud says it. Never the key itself. */
export interface HeldKey {
  /** What the source calls it; stable over imports. */
  externalId: string;
  label: string;
  /** What kind of key it is: `access_key`, `api_key`, `deploy_key`, … */
  kind: string;
  owner: string | null;
  /** Where it is stored, as far as the source says. */
  place: string | null;
  scopes: string[];
  madeAt: Date | null;
  /** When it was last made anew, where the source tells that from its making. */
  rotatedAt: Date | null;
  lastUsedAt: Date | null;
  /** Whether the source says last uses: without that, no last use means nothing. */
  tellsUse: boolean;
  expiresAt: Date | null;
  active: boolean;
}

/** A row that was not taken in, and where: it holds what looks like a whole key. */
export interface RefusedRow {
  /** From 1; of a list in JSON the item's number. */
  line: number;
  column: string;
  message: string;
}

export interface ReadList {
  keys: HeldKey[];
  refused: RefusedRow[];
}

export const MOST_KEYS = 20_000;
const LONGEST = 300;
const MOST_SCOPES = 50;

const FORMS = [
  VIRTUAL_KEY_PATTERN,
  /sk-(?:proj|svcacct|admin|ant|or)-?[\w-]{20,}/,
  /\bsk-[A-Za-z0-9]{20,}/,
  /\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{40,})/,
  /\b(?:gsk|rk_live|sk_live|xox[abpr]|glpat|hf|npm|pypi)[-_][\w-]{16,}/,
  /\bAIza[\w-]{30,}/,
  /-----BEGIN [A-Z ]*PRIVATE KEY/,
  /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\./,
];
const PUBLIC_KEY = /^(?:ssh|ecdsa|sk-ssh|sk-ecdsa)-\S+ [A-Za-z0-9+/=]+/;
const SECRET_NAME = /secret|passw|token$|credential|private|^(?:api_?)?key$|key_?value|^value$/i;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const TIME = /^\d{4}-\d\d-\d\d[T ]?[\d:.+Z-]*$/;
const RUN = /^[A-Za-z0-9+/_=-]{32,}$/;

/**
 * Whether a text looks like a whole key. What lists show of keys is cut (`sk-…a1b2`) and passes, ids and public keys pass,
 * a long run of letters of both cases and digits does not: better one row too few than a secret in a table.
 */
export function looksLikeKey(column: string, text: string): boolean {
  if (
    TIME.test(text) ||
    PUBLIC_KEY.test(text) ||
    UUID.test(text) ||
    /^https?:\/\//.test(text) ||
    /\.\.\.|…|\*\*/.test(text)
  )
    return false;
  if (FORMS.some((form) => form.test(text))) return true;
  if (SECRET_NAME.test(column) && /^\S{20,}$/.test(text)) return true;
  return (
    RUN.test(text) &&
    /[a-z]/.test(text) &&
    /[A-Z]/.test(text) &&
    /\d/.test(text) &&
    !/^(?:arn|key_|apikey_)/.test(text)
  );
}

/** Checks all texts of a row or item for whole keys, at most some levels deep. Null: there is none. */
export function keyIn(row: unknown, line: number, column = '', depth = 0): RefusedRow | null {
  if (typeof row === 'string') {
    return looksLikeKey(column.split('.').at(-1) ?? column, row)
      ? { line, column: column.slice(0, 100), message: 'looks like a whole key: this row was not taken in' }
      : null;
  }
  if (typeof row !== 'object' || row === null) return null;
  if (depth > 6)
    return { line, column: column.slice(0, 100), message: 'is nested deeper than lists of keys are' };
  for (const [name, value] of Object.entries(row)) {
    const found = keyIn(value, line, column === '' ? name : `${column}.${name}`, depth + 1);
    if (found !== null) return found;
  }
  return null;
}

/** A time as lists say it: seconds since 1970, or RFC 3339, or a day. Throws Problem 422 that names line and column. */
export function timeIn(value: unknown, line: number, column: string): Date | null {
  if (value === null || value === undefined || value === '') return null;
  const isText =
    typeof value === 'string' &&
    /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d| UTC)?)?$/.test(value);
  const at =
    typeof value === 'number' && Number.isSafeInteger(value)
      ? new Date(value * 1000)
      : isText
        ? new Date(zoned(value))
        : null;
  if (at === null || Number.isNaN(at.getTime()) || at.getUTCFullYear() > 9999)
    throw wrongAt(line, column, 'is no time: write it as 2026-01-31 or 2026-01-31T12:00:00Z');
  return at;
}

/** A time without a zone is one of UTC, whatever this machine's is. */
function zoned(text: string): string {
  const plain = text.replace(' UTC', 'Z').replace(' ', 'T');
  return /T/.test(plain) && !/(?:Z|[+-]\d\d:?\d\d)$/.test(plain) ? `${plain}Z` : plain;
}

export const wrongAt = (line: number, column: string, message: string) =>
  invalid('content', `line ${line}, ${column}: ${message}`);

/** A text that is shown: one line, at most 300 characters; null where it is empty. */
export function textIn(value: unknown): string | null {
  if (typeof value !== 'string' && typeof value !== 'number') return null;
  const text = String(value)
    .replaceAll(/[\p{Cc}\p{Cf}]/gu, ' ')
    .trim()
    .slice(0, LONGEST);
  return text === '' ? null : text;
}

export function scopesIn(values: readonly unknown[]): string[] {
  return [...new Set(values.map(textIn).filter((scope) => scope !== null))].slice(0, MOST_SCOPES);
}
