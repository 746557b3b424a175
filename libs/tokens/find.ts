import { TOKEN_ALPHABET, tokenKinds } from './issue.ts';

/** Texts lie at most so many JSON strings deep, one within the other: each of them doubles what escapes take. */
export const DEEPEST = 6;

/** A token in a text, `[start, end)`; `core` is null where it was not issued. */
export interface Span {
  start: number;
  end: number;
  core: string | null;
  isPercent: boolean;
}

const KINDS: ReadonlySet<string> = new Set(tokenKinds);
const LONGEST_KIND = Math.max(...tokenKinds.map((kind) => kind.length));
const SHORTEST_RUN = 8;
const LONGEST_RUN = 13;
const UNDERSCORE = 0x5f;
const SPACE = 0x20;
const PERCENT_OPEN = '%5B%5B';

/** A character's part in tokens, by its code: bits. */
const LETTER = 1;
const UPPER = 2;
const DIGIT32 = 4;
const table = new Uint8Array(128);
for (let code = 0x41; code <= 0x5a; code++) {
  table[code] = LETTER | UPPER;
  table[code + 0x20] = LETTER;
}
for (const each of TOKEN_ALPHABET + TOKEN_ALPHABET.toLowerCase()) {
  table[each.charCodeAt(0)] = (table[each.charCodeAt(0)] ?? 0) | DIGIT32;
}
const is = (code: number, part: number): boolean => code < 128 && ((table[code] ?? 0) & part) !== 0;

/** Brackets as they may stand in a text at some depth; and markdown's escape there. */
export interface Forms {
  slash: string;
  opens: readonly string[];
  closes: readonly string[];
  /** A whole token, issued or not. */
  whole: RegExp;
  /** No token is longer than so many characters: what is held back is shorter. */
  longest: number;
}

function formsAt(slash: string): Forms {
  const opens = ['[[', `${slash}[${slash}[`, PERCENT_OPEN];
  const closes = [']]', `${slash}]${slash}]`, '%5D%5D'];
  const any = (texts: readonly string[]): string => `(?:${texts.map(literal).join('|')})`;
  const kind = `(?:${tokenKinds.join('|')})(?:${literal(slash)})?_`;
  return {
    slash,
    opens,
    closes,
    whole: new RegExp(
      `^${any(opens)} ?${kind}[${TOKEN_ALPHABET}]{${SHORTEST_RUN},${LONGEST_RUN}} ?${any(closes)}`,
      'i',
    ),
    longest:
      2 * Math.max(PERCENT_OPEN.length, 2 * slash.length + 2) + 3 + LONGEST_KIND + slash.length + LONGEST_RUN,
  };
}

const literal = (text: string): string => text.replaceAll(/[\\[\]]/g, '\\$&');

const forms: readonly Forms[] = Array.from({ length: DEEPEST + 1 }, (_, depth) =>
  formsAt('\\'.repeat(2 ** depth)),
);

/** In a text that lies so many JSON strings deep, as it is written there. Throws RangeError beyond `DEEPEST`. */
export function formsOf(depth: number): Forms {
  const found = forms[depth];
  if (found === undefined) throw new RangeError(`a text lies from 0 to ${DEEPEST} JSON strings deep`);
  return found;
}

/**
 * The tokens that were issued, made ready to be found. `encode`: how texts are written where they are put back (such as
 * UTF-8 in a string of bytes), after escaping. Throws RangeError for what is no token.
 */
export class TokenIndex {
  readonly #originals = new Map<string, string>();
  readonly #cores: readonly string[];
  /** Characters that a token may begin with. */
  readonly #starts = new Uint8Array(128);
  /** What the issued tokens stand for, sorted. */
  readonly kinds: readonly string[];
  readonly #encode: ((text: string) => string) | null;
  /** What came back before: whoever repeats a token pays for it once. */
  readonly #written = new Map<string, string>();

  constructor(issued: ReadonlyMap<string, string>, encode: ((text: string) => string) | null = null) {
    this.#encode = encode;
    for (const [token, original] of issued) {
      const core = token.slice(2, -2);
      const [kind = '', run = ''] = core.split('_');
      if (token !== `[[${core}]]` || !KINDS.has(kind) || !RUN.test(run)) {
        throw new RangeError('the map of issued tokens holds a key that is no token');
      }
      this.#originals.set(core, original);
      this.#starts[core.charCodeAt(0)] = 1;
    }
    this.#cores = [...this.#originals.keys()].sort();
    this.kinds = [...new Set(this.#cores.map((core) => core.slice(0, core.indexOf('_'))))];
    for (const start of '[\\%') this.#starts[start.charCodeAt(0)] = 1;
  }

  /** What comes back for a token, escaped once for each JSON string that it lies in. */
  original(core: string, depth: number, isPercent: boolean): string {
    const key = `${isPercent ? '%' : ''}${depth} ${core}`;
    const known = this.#written.get(key);
    if (known !== undefined) return known;
    const text = this.#write(core, depth, isPercent);
    this.#written.set(key, text);
    return text;
  }

  #write(core: string, depth: number, isPercent: boolean): string {
    let text = this.#originals.get(core) ?? '';
    if (isPercent) text = encodeURIComponent(text.toWellFormed());
    for (let each = 0; each < depth; each++) text = inJson(text);
    return this.#encode === null ? text : this.#encode(text);
  }

  /**
   * The token whose `_` stands at `at`. Nothing before `floor` belongs to it; `before` is the code of the character that
   * came before the text. Looks at no more than a token's length around `at`.
   */
  spanAt(text: string, at: number, floor: number, before: number, forms: Forms): Span | null {
    let end = at + 1;
    while (end - at <= LONGEST_RUN + 1 && is(text.charCodeAt(end), DIGIT32)) end++;
    const length = end - at - 1;
    if (length < SHORTEST_RUN || length > LONGEST_RUN) return null;
    const kindEnd = text.startsWith(forms.slash, at - forms.slash.length) ? at - forms.slash.length : at;
    if (kindEnd <= floor) return null;
    const upper = kindStart(text, kindEnd, floor, UPPER);
    const isBare =
      KINDS.has(text.slice(upper, kindEnd)) &&
      (isPercentOpen(text, upper) || !is(upper === 0 ? before : text.charCodeAt(upper - 1), UPPER));
    const start = isBare ? upper : kindStart(text, kindEnd, floor, LETTER);
    const kind = text.slice(start, kindEnd).toUpperCase();
    if (!KINDS.has(kind)) return null;
    const open = openBefore(text, start, floor, forms);
    const close = open < 0 ? -1 : closeBehind(text, end, forms);
    const run = text.slice(at + 1, end);
    const core = `${kind}_${open < 0 ? run : run.toUpperCase()}`;
    const isKnown = (open >= 0 || isBare) && this.#originals.has(core);
    if (close < 0) return isKnown ? { start, end, core, isPercent: false } : null;
    const isPercent = text.charCodeAt(open) === 0x25;
    return { start: open, end: close, core: isKnown ? core : null, isPercent };
  }

  /** Whether a token stands somewhere in `[from, to)` of a text, issued or not. */
  isIn(text: string, from: number, to: number, depth: number): boolean {
    const forms = formsOf(depth);
    for (let at = text.indexOf('_', from); at >= 0 && at < to; at = text.indexOf('_', at + 1)) {
      if (this.spanAt(text, at, from, 0, forms) !== null) return true;
    }
    return false;
  }

  /** Where what has to be held back begins: from there to its end, the text may be a token's beginning. */
  holdFrom(text: string, before: number, forms: Forms): number {
    for (let at = Math.max(0, text.length - forms.longest); at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code >= 128 || this.#starts[code] === 0) continue;
      if (is(code, UPPER) && is(at === 0 ? before : text.charCodeAt(at - 1), UPPER)) continue;
      if (this.mayBegin(text, at, forms, true)) return at;
    }
    return text.length;
  }

  /** Whether from `at` to its end the text is the beginning of a token: of an issued one, or of any in brackets. */
  mayBegin(text: string, from: number, forms: Forms, isIssued: boolean): boolean {
    const { length } = text;
    let at = from;
    const isBare = is(text.charCodeAt(at), UPPER);
    if (isBare && !isIssued) return false;
    if (!isBare) {
      const open = forms.opens.find((each) => begins(text, at, each));
      if (open === undefined) return false;
      at += open.length;
      if (text.charCodeAt(at) === SPACE) at++;
      if (at >= length) return !isIssued || this.#cores.length > 0;
    }
    const part = isBare ? UPPER : LETTER;
    const kindAt = at;
    while (at < length && at - kindAt <= LONGEST_KIND && is(text.charCodeAt(at), part)) at++;
    const kind = text.slice(kindAt, at).toUpperCase();
    if (at >= length)
      return isIssued ? this.#hasBeginning(kind) : tokenKinds.some((each) => each.startsWith(kind));
    if (text.charCodeAt(at) !== UNDERSCORE) {
      const separator = `${forms.slash}_`;
      if (!begins(text, at, separator)) return false;
      if (at + separator.length > length) return isIssued ? this.#hasBeginning(`${kind}_`) : KINDS.has(kind);
      at += separator.length - 1;
    }
    const runAt = ++at;
    while (at < length && at - runAt <= LONGEST_RUN && is(text.charCodeAt(at), DIGIT32)) at++;
    const run = text.slice(runAt, at);
    const core = `${kind}_${isBare ? run : run.toUpperCase()}`;
    if (at >= length)
      return isIssued ? this.#hasBeginning(core) : KINDS.has(kind) && run.length <= LONGEST_RUN;
    if (isBare || (isIssued ? !this.#originals.has(core) : run.length < SHORTEST_RUN)) return false;
    if (text.charCodeAt(at) === SPACE) at++;
    return at >= length || forms.closes.some((each) => at + each.length > length && begins(text, at, each));
  }

  #hasBeginning(beginning: string): boolean {
    const cores = this.#cores;
    let low = 0;
    let high = cores.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((cores[middle] ?? '') < beginning) low = middle + 1;
      else high = middle;
    }
    return cores[low]?.startsWith(beginning) === true;
  }
}

const RUN = new RegExp(`^[${TOKEN_ALPHABET}]{${SHORTEST_RUN},${LONGEST_RUN}}$`);

/** A text as it stands within the quotes of a JSON string. */
function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** Whether from `at` on the text is `expected`, or ends before it is another. Brackets in percent code in any case. */
function begins(text: string, at: number, expected: string): boolean {
  const end = Math.min(text.length, at + expected.length);
  for (let each = at; each < end; each++) {
    let code = text.charCodeAt(each);
    if (code >= 0x61 && code <= 0x7a) code -= 0x20;
    if (code !== expected.charCodeAt(each - at)) return false;
  }
  return true;
}

/** Where the letters begin that end at `end`; what belongs to a bracket in percent code is none of them. */
function kindStart(text: string, end: number, floor: number, part: number): number {
  let start = end;
  while (start > floor && end - start <= LONGEST_KIND && is(text.charCodeAt(start - 1), part)) {
    if (isPercentOpen(text, start)) break;
    start--;
  }
  return start;
}

function isPercentOpen(text: string, end: number): boolean {
  const from = end - PERCENT_OPEN.length;
  return from >= 0 && text.charCodeAt(from) === 0x25 && begins(text, from, PERCENT_OPEN);
}

/** Where the brackets begin that end at `end`, with a space or without; -1: there are none. */
function openBefore(text: string, end: number, floor: number, { opens }: Forms): number {
  const edge = end > floor && text.charCodeAt(end - 1) === SPACE ? end - 1 : end;
  let found = -1;
  for (const open of opens) {
    const from = edge - open.length;
    if (from >= floor && begins(text, from, open) && (found < 0 || from < found)) found = from;
  }
  return found;
}

/** Where the brackets end that begin at `start`, with a space or without; -1: there are none. */
function closeBehind(text: string, start: number, { closes }: Forms): number {
  const edge = text.charCodeAt(start) === SPACE ? start + 1 : start;
  for (const close of closes) {
    if (edge + close.length <= text.length && begins(text, edge, close)) return edge + close.length;
  }
  return -1;
}
