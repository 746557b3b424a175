import type { Shape } from './types.ts';

/** Counts are kept by index. */
export const shapeIndex: Record<Shape, number> = {
  null: 0,
  boolean: 1,
  integer: 2,
  number: 3,
  string: 4,
  email: 5,
  url: 6,
  ip: 7,
  uuid: 8,
  time: 9,
  hex: 10,
  array: 11,
  object: 12,
};
export const SHAPES = Object.keys(shapeIndex).length;

const LONGEST_TELLING = 300;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
const HYPHEN = 0x2d;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const HEX = /^[0-9a-f]{12,128}$/i;
const TIME = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?$/;
const IPV4 = /^\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}$/;
const IPV6 = /^(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}$/i;
const IPV6_SHORT = /^[0-9a-f:]{0,37}::[0-9a-f:]{0,37}(?:\.\d{1,3}){0,3}$/i;
const URL_START = /^[a-z][a-z0-9+.-]{1,20}:\/\//i;

/** What kind of text this is. Looks at short texts only; every pattern is anchored and linear. */
export function shapeOfText(text: string): Shape {
  const { length } = text;
  if (length < 2) return 'string';
  const colon = text.indexOf(':');
  if (colon > 0 && colon < 22 && URL_START.test(text)) return 'url';
  if (length > LONGEST_TELLING) return 'string';
  if (looksLikeEmail(text)) return 'email';
  if (length === 36 && UUID.test(text)) return 'uuid';
  const first = text.charCodeAt(0);
  if (first >= DIGIT_0 && first <= DIGIT_9) {
    if (text.charCodeAt(4) === HYPHEN && TIME.test(text)) return 'time';
    if (length <= 15 && IPV4.test(text)) return 'ip';
  }
  if (colon !== -1 && length <= 45 && (IPV6.test(text) || IPV6_SHORT.test(text))) return 'ip';
  return length >= 12 && HEX.test(text) ? 'hex' : 'string';
}

/** One `@` with something before it and a dotted name behind it, no white space. */
export function looksLikeEmail(text: string): boolean {
  const at = text.indexOf('@');
  if (at < 1 || text.length > 320 || at !== text.lastIndexOf('@')) return false;
  const dot = text.lastIndexOf('.');
  return dot > at + 1 && dot < text.length - 1 && !/\s/.test(text);
}

/** The shape of the number that stands in a JSON text from `start` to `end`. */
export function shapeOfNumber(text: string, start: number, end: number): Shape {
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    if ((code < DIGIT_0 || code > DIGIT_9) && code !== HYPHEN) return 'number';
  }
  return 'integer';
}
