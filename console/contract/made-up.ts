import type { FieldClass } from '@drawbridge/protocol/vocabulary';
import type { Shape } from '../api/types.ts';

/** Texts of classes whose coarser forms depend on what the text says. None is anyone's: addresses are RFC 5737's. */
const texts: Partial<Record<FieldClass, string>> = {
  'device.user_agent': 'Mozilla/5.0 (Macintosh) AppleWebKit/605.1 Version/18.0 Safari/605.1',
  'device.browser': 'Firefox 144',
  'device.os': 'Mac OS X 15',
  'event.name': 'Made-up name',
  'geo.country': 'NL',
  'geo.city': 'Madeuptown',
  'person.name': 'Made Up',
};

const values: Record<Shape, unknown> = {
  null: null,
  boolean: true,
  integer: 42,
  number: 4.2,
  string: 'made-up text',
  email: 'made-up@example.com',
  url: 'https://www.example.com/made-up/4711?from=x',
  ip: '192.0.2.17',
  uuid: '00000000-0000-4000-8000-000000004711',
  time: '2026-01-02T03:04:05Z',
  hex: '0123456789abcdef',
  array: ['made-up text'],
  object: { 'made-up': 'text' },
};

/** A value of this shape that nobody ever sent. */
export function madeUpValue(fieldClass: FieldClass, shape: Shape): unknown {
  if (shape === 'integer' && fieldClass === 'event.time') return 1_767_323_045;
  return shape === 'string' ? (texts[fieldClass] ?? values.string) : values[shape];
}
