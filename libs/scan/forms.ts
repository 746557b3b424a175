import { ALPHABETS, type Alphabet, IN_RUN, kindAt } from './alphabets.ts';
import { ScanRuleError } from './errors.ts';

export type Part = { literal: string } | { alphabet: Alphabet; min: number; max: number };

/** Longest text that a form may stand for; the stream looks ahead so far. */
export const MAX_FORM = 2200;
/** Every text of a form holds at least so many characters of `[A-Za-z0-9_-]` in a row: they are what is looked for. */
export const MIN_RUN = 16;

const PLACE = /\{\{|\{(\w+):(\d+)(?:-(\d+))?\}/y;

/** The parts of a form. Throws `ScanRuleError` with what is wrong. */
export function parseForm(form: string, field: string): Part[] {
  const parts: Part[] = [];
  let literal = '';
  for (let at = 0; at < form.length; ) {
    const character = form.charAt(at);
    if (character !== '{') {
      if (character <= ' ' || character > '~')
        throw new ScanRuleError('bad_form', field, 'a form is of ASCII characters without white space');
      literal += character;
      at++;
      continue;
    }
    PLACE.lastIndex = at;
    const match = PLACE.exec(form);
    if (match === null)
      throw new ScanRuleError('bad_form', field, 'write {alphabet:N}, {alphabet:MIN-MAX}, or {{ for a brace');
    at += match[0].length;
    if (match[0] === '{{') {
      literal += '{';
      continue;
    }
    const name = match[1] ?? '';
    if (!Object.hasOwn(ALPHABETS, name))
      throw new ScanRuleError('bad_form', field, `no alphabet ${name}: ${Object.keys(ALPHABETS).join(', ')}`);
    if (literal !== '') parts.push({ literal });
    literal = '';
    const min = Number(match[2]);
    const max = Number(match[3] ?? match[2]);
    if (min > max || max === 0)
      throw new ScanRuleError('bad_form', field, `${match[0]}: the least comes before the most`);
    parts.push({ alphabet: name as Alphabet, min, max });
  }
  if (literal !== '') parts.push({ literal });
  const longest = lengthOf(parts).max;
  if (longest === 0 || longest > MAX_FORM)
    throw new ScanRuleError('bad_form', field, `a form stands for 1 to ${MAX_FORM} characters`);
  return parts;
}

export function lengthOf(parts: readonly Part[]): { min: number; max: number } {
  let [min, max] = [0, 0];
  for (const part of parts) {
    min += 'literal' in part ? part.literal.length : part.min;
    max += 'literal' in part ? part.literal.length : part.max;
  }
  return { min, max };
}

/** Of so many characters of base64 nearly always 16 in a row are none of `+` and `/`. */
const MIN_MIXED = 30;

/** Texts are looked for around runs of characters; so far before one a form may begin. */
export const MAX_LEAD = 128;

/**
 * Whether every text of this form holds a run of at least `MIN_RUN` characters of `[A-Za-z0-9_-]` that begins at most
 * `MAX_LEAD` after its own beginning. Base64 is taken to hold one in 32 characters: of random ones nearly all do.
 */
export function hasRun(parts: readonly Part[]): boolean {
  /** Most characters before the run that goes on, and least characters in it. */
  let before = 0;
  let run = 0;
  for (const part of parts) {
    if ('literal' in part) {
      for (const one of part.literal) {
        if ((kindAt(one, 0) & IN_RUN) !== 0) run++;
        else {
          before += run + 1;
          run = 0;
        }
        if (run >= MIN_RUN && before <= MAX_LEAD) return true;
      }
    } else if (part.alphabet === 'base64' || part.alphabet === 'unreserved') {
      if (part.min >= MIN_MIXED && before + run <= MAX_LEAD / 2) return true;
      before += run + part.max;
      run = 0;
    } else {
      run += part.min;
      if (run >= MIN_RUN && before <= MAX_LEAD) return true;
      before += part.max - part.min;
    }
  }
  return false;
}
