import { looksLikeEmail } from './shape.ts';

/** Identifiers longer than this are cut before they are hashed: work stays bounded, and no real id is longer. */
const LONGEST = 1000;

/**
 * One form for all spellings of an identifier, so that the ledger counts a person once: without white space around
 * it, in Unicode NFC, e-mail addresses in lower case. Vendors' pseudonyms are of the verbatim value instead.
 */
export function canonicalIdentifier(value: string): string {
  const text = value.slice(0, LONGEST).trim().normalize('NFC');
  return looksLikeEmail(text) ? text.toLowerCase() : text;
}

/** The first of the prefixes that the value starts with, or ''. */
export function prefixOf(value: string, prefixes: readonly string[]): string {
  for (const prefix of prefixes) if (value.startsWith(prefix)) return prefix;
  return '';
}

/** A number as an identifier: 42, 42.0 and "42" are the same; what JavaScript can't hold stays as it is written. */
export function numberAsText(json: string): string {
  const value = Number(json);
  return Number.isSafeInteger(value) ? String(value) : json;
}
