import { EnvelopeError } from './error.ts';
import { percentDecode } from './percent.ts';

/** One `name=value` of a query or form, as it stands there and with its name decoded. */
export interface Pair {
  name: string;
  rawName: string;
  /** Null: there was no `=`. */
  rawValue: string | null;
}

const MOST_PAIRS = 1000;

/** Splits at `&`. Empty pieces are kept, so that joining gives the same text. */
export function parsePairs(text: string): Pair[] {
  if (text === '') return [];
  const pieces = text.split('&', MOST_PAIRS + 1);
  if (pieces.length > MOST_PAIRS) throw new EnvelopeError('too_large', `more than ${MOST_PAIRS} parameters`);
  return pieces.map((piece): Pair => {
    const equals = piece.indexOf('=');
    const rawName = equals === -1 ? piece : piece.slice(0, equals);
    return {
      name: rawName.includes('%') || rawName.includes('+') ? percentDecode(rawName, true) : rawName,
      rawName,
      rawValue: equals === -1 ? null : piece.slice(equals + 1),
    };
  });
}

export function formatPairs(pairs: readonly Pair[]): string {
  return pairs
    .map((pair) => (pair.rawValue === null ? pair.rawName : `${pair.rawName}=${pair.rawValue}`))
    .join('&');
}
