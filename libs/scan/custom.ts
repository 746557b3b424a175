import { RE2JS, RE2JSException, RE2JSSyntaxException } from 're2js';
import { ScanRuleError } from './errors.ts';
import type { Place } from './place.ts';
import type { CustomDetector } from './types.ts';

/** A pattern sees so much of a line at once; longer lines are seen in windows that overlap by half. */
const WINDOW = 1024;
const STEP = WINDOW / 2;
/** Instructions that a pattern may compile to: what each character of a text can cost. */
const MAX_PROGRAM = 512;
/** What a character costs of `maxWork`, per pattern. */
const WORK = 4;

/** One pattern of an organisation's, shown to run in linear time. */
export class Custom {
  readonly detector: CustomDetector;
  readonly #pattern: RE2JS;

  /** Throws `ScanRuleError`, also when the pattern does not do what its own examples say. */
  constructor(detector: CustomDetector, field: string) {
    this.detector = detector;
    this.#pattern = compiled(detector, field);
    for (const [at, text] of (detector.examples?.finds ?? []).entries())
      if (!this.#finds(text))
        throw new ScanRuleError(
          'bad_example',
          `${field}.examples.finds[${at}]`,
          'the pattern does not find it',
        );
    for (const [at, text] of (detector.examples?.passes ?? []).entries())
      if (this.#finds(text))
        throw new ScanRuleError(
          'bad_example',
          `${field}.examples.passes[${at}]`,
          'the pattern finds something in it',
        );
  }

  #finds(text: string): boolean {
    let found = false;
    eachWindow(text, 0, text.length, 0, (from, to) => {
      this.each(text.slice(from, to), () => {
        found = true;
      });
    });
    return found;
  }

  each(window: string, found: (start: number, end: number) => void): void {
    const matcher = this.#pattern.matcher(window);
    while (matcher.find()) if (matcher.end() > matcher.start()) found(matcher.start(), matcher.end());
  }
}

function compiled({ pattern, flags }: CustomDetector, field: string): RE2JS {
  if (flags !== undefined && !/^i?$/.test(flags))
    throw new ScanRuleError('bad_pattern', `${field}.flags`, 'only i (any case) can be asked for');
  let made: RE2JS;
  try {
    made = RE2JS.compile(pattern, flags === 'i' ? RE2JS.CASE_INSENSITIVE : 0);
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    const isJs = isJsPattern(pattern);
    throw new ScanRuleError(
      isJs ? 'not_linear' : 'bad_pattern',
      `${field}.pattern`,
      isJs
        ? `look-around, back references and large repeats can take any time: say it without them${where(error, pattern)}`
        : `this is no regular expression (RE2 syntax)${where(error, pattern)}`,
    );
  }
  if (made.programSize() > MAX_PROGRAM)
    throw new ScanRuleError(
      'not_linear',
      `${field}.pattern`,
      'too much for every character: make repeats smaller',
    );
  if (made.matcher('').find())
    throw new ScanRuleError(
      'bad_pattern',
      `${field}.pattern`,
      'it matches the empty text: ask for a character',
    );
  return made;
}

/** What the parser met, and at which character of the pattern. */
function where(error: RE2JSException, pattern: string): string {
  if (!(error instanceof RE2JSSyntaxException)) return '';
  const at = pattern.indexOf(error.input ?? '');
  return `; at character ${Math.max(0, at) + 1}: ${error.error}`;
}

function isJsPattern(pattern: string): boolean {
  try {
    new RegExp(pattern, 'u');
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

/**
 * Runs patterns over the text as it was given, line by line. `phase`: where in a line longer than a window the text
 * begins, so that windows lie where they lie in the whole text.
 */
export function customMatches(place: Place, customs: readonly Custom[], phase: number): void {
  const { text } = place;
  eachWindow(text, place.from, place.to, phase, (from, to) => {
    const window = text.slice(from, to);
    place.work.spend((to - from) * WORK * customs.length);
    for (const custom of customs) {
      const { class: cls, confidence, id } = custom.detector;
      custom.each(window, (start, end) => {
        place.add(cls, confidence, from + start, from + end, `custom.${id}`, 'pattern of the organisation');
      });
    }
  });
}

/** Windows that hold a character of `[from, to)`. */
function eachWindow(
  text: string,
  from: number,
  to: number,
  phase: number,
  visit: (from: number, to: number) => void,
): void {
  let line = text.lastIndexOf('\n', from - 1) + 1;
  if (from === 0) line = 0;
  while (line < to) {
    const newline = text.indexOf('\n', line);
    const end = newline === -1 ? text.length : newline;
    // Where the line's windows begin: at its own start, or before what is here of it.
    let start = line === 0 ? -(phase % STEP) : line;
    for (; start < end; start += STEP) {
      if (start + WINDOW > from && start < to && start >= 0) visit(start, Math.min(end, start + WINDOW));
      if (start + WINDOW >= end) break;
    }
    line = end + 1;
  }
}

/** The first place from which on windows are not whole yet. */
export function openWindow(text: string, phase: number): number {
  const line = text.lastIndexOf('\n') + 1;
  const origin = line === 0 ? -(phase % STEP) : line;
  const whole = Math.floor((text.length - origin - WINDOW) / STEP);
  return Math.max(0, whole < 0 ? origin : origin + (whole + 1) * STEP);
}
