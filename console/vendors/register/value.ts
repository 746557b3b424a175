import type { Statement } from '../../api/register-types.ts';
import { classLabel } from '../../design/classes.ts';

/** Values of statements as one line of text: as they are shown, and as they are typed. */

type Kind = Statement['kind'];
type Parts = Readonly<Record<string, unknown>>;

const partsOf = (value: unknown): Parts =>
  typeof value === 'object' && value !== null ? (value as Parts) : {};

/** Kinds whose value has parts: the one before the semicolon, and the one after it. */
const shapes: Partial<Record<Kind, readonly [first: string, second: string]>> = {
  service: ['name', 'purpose'],
  substitute: ['days', 'note'],
  retention: ['days', 'note'],
  deletion: ['on', 'what'],
  residency: ['countries', 'note'],
  data: ['note', ''],
};

export function shownValue({ kind, value }: Pick<Statement, 'kind' | 'value'>): string {
  const shape = shapes[kind];
  if (shape === undefined) return String(value);
  const parts = partsOf(value);
  return shape
    .map((name) => parts[name])
    .filter((part) => part !== null && part !== undefined)
    .map((part) => (Array.isArray(part) ? part.join(', ') : String(part)))
    .join('; ');
}

/** What was typed, as the API takes it; what it can't be is refused there, beside the field. */
export function typedValue(kind: Kind, text: string): unknown {
  const shape = shapes[kind];
  if (shape === undefined) return kind === 'notice_hours' ? Number(text) : text.trim();
  const [first, second] = shape;
  const cut = text.indexOf(';');
  const before = (second === '' || cut < 0 ? text : text.slice(0, cut)).trim();
  const after = second === '' || cut < 0 ? '' : text.slice(cut + 1).trim();
  return {
    [first]: typedPart(first, before),
    ...(second === '' ? {} : { [second]: after === '' ? null : after }),
  };
}

function typedPart(name: string, text: string): unknown {
  if (name === 'countries') {
    return text
      .split(',')
      .map((one) => one.trim().toUpperCase())
      .filter((one) => one !== '');
  }
  if (text === '') return null;
  return name === 'days' ? Number(text) : text;
}

export const shownKey = (key: string): string => (key.includes('.') ? classLabel(key) : key);
