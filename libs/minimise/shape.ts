import type { Shape } from './types.ts';

/** All shapes, in a fixed order: counts are kept by index. */
export const shapeOrder = [
  'null',
  'boolean',
  'integer',
  'number',
  'string',
  'email',
  'url',
  'ip',
  'uuid',
  'time',
  'hex',
  'array',
  'object',
] as const satisfies readonly Shape[];

const LONGEST_TELLING = 300;
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
  if (URL_START.test(text)) return 'url';
  if (length > LONGEST_TELLING) return 'string';
  if (looksLikeEmail(text)) return 'email';
  if (length === 36 && UUID.test(text)) return 'uuid';
  const first = text.charCodeAt(0);
  const startsWithDigit = first >= 0x30 && first <= 0x39;
  if (startsWithDigit && TIME.test(text)) return 'time';
  if (startsWithDigit && IPV4.test(text)) return 'ip';
  if (text.includes(':') && (IPV6.test(text) || (length <= 45 && IPV6_SHORT.test(text)))) return 'ip';
  if (HEX.test(text)) return 'hex';
  return 'string';
}

/** One `@` with something before it and a dotted name behind it, no white space. */
export function looksLikeEmail(text: string): boolean {
  const at = text.indexOf('@');
  if (at < 1 || at !== text.lastIndexOf('@') || text.length > 320) return false;
  const dot = text.lastIndexOf('.');
  return dot > at + 1 && dot < text.length - 1 && !/\s/.test(text);
}

/** The shape of a number by its JSON text. */
export function shapeOfNumber(json: string): Shape {
  return /^-?\d+$/.test(json) ? 'integer' : 'number';
}
