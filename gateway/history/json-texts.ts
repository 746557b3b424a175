import type { Step } from './rules.ts';

/** How long a text may be that is looked for; longer ones are not told. A character a byte, with escapes. */
const LONGEST = 2048;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** An object or array that is open: which of the paths lead through it, and how many steps of them lie behind. */
interface Open {
  isArray: boolean;
  paths: readonly number[];
  depth: number;
}

/**
 * Reads a JSON document as it passes and tells the texts at some paths, without keeping what it read. What is no JSON tells
 * nothing, or what it seems to say; it never throws, and costs no more than a look at each byte.
 */
export class JsonTexts {
  readonly #paths: readonly (readonly Step[])[];
  /** The number of the path, and the text. */
  readonly #tell: (path: number, text: string) => void;
  /** Of what is open, the parts through which a path leads; the rest is only counted. */
  readonly #open: Open[] = [];
  #aside = 0;
  #isIn = false;
  /** The string that is being read began behind an odd number of backslashes at the end of what came before. */
  #isEscaped = false;
  /** The text so far; null: nobody asks for this one. */
  #text: string | null = null;
  /** In an object: the name whose value comes next; null: a name comes next. */
  #name: string | null = null;
  #isDone = false;

  constructor(paths: readonly (readonly Step[])[], tell: (path: number, text: string) => void) {
    this.#paths = paths;
    this.#tell = tell;
  }

  /** `text`: a byte per character. */
  push(text: string): void {
    let at = 0;
    while (at < text.length && !this.#isDone) {
      if (this.#isIn) at = this.#string(text, at);
      else this.#outside(text.charCodeAt(at++));
    }
  }

  #outside(code: number): void {
    if (code === QUOTE) {
      this.#isIn = true;
      this.#text = this.#isAskedFor() ? '' : null;
    } else if (code === 0x7b || code === 0x5b) this.#enter(code === 0x5b);
    else if (code === 0x7d || code === 0x5d) this.#leave();
    else if (code === 0x2c && this.#aside === 0) this.#name = null;
  }

  /** A name, or a text that stands at one of the paths. */
  #isAskedFor(): boolean {
    const open = this.#aside > 0 ? undefined : this.#open.at(-1);
    if (open === undefined) return false;
    return (!open.isArray && this.#name === null) || this.#endingAt(open).length > 0;
  }

  #enter(isArray: boolean): void {
    if (this.#aside > 0) {
      this.#aside++;
      return;
    }
    const outer = this.#open.at(-1);
    const paths = outer === undefined ? [...this.#paths.keys()] : this.#following(outer);
    if (paths.length === 0) this.#aside = 1;
    else this.#open.push({ isArray, paths, depth: outer === undefined ? 0 : outer.depth + 1 });
    this.#name = null;
  }

  #leave(): void {
    if (this.#aside > 0) this.#aside--;
    else {
      this.#open.pop();
      this.#isDone = this.#open.length === 0;
    }
    // What was left is a value: behind it comes a comma, or the end of what it stood in.
    if (this.#aside === 0) this.#name = '';
  }

  /** The paths that lead on from what is open to the value that comes now. */
  #following({ isArray, paths, depth }: Open): number[] {
    return paths.filter((path) => {
      const step = this.#paths[path]?.[depth];
      return isArray ? step === null : step !== undefined && step !== null && step === this.#name;
    });
  }

  #endingAt(open: Open): number[] {
    return this.#following(open).filter((path) => this.#paths[path]?.length === open.depth + 1);
  }

  #string(text: string, from: number): number {
    for (let at = from; ; ) {
      const quote = text.indexOf('"', at);
      const end = quote < 0 ? text.length : quote;
      let slashes = 0;
      while (end - slashes > from && text.charCodeAt(end - slashes - 1) === BACKSLASH) slashes++;
      const isCarried = this.#isEscaped && slashes === end - from;
      const isOdd = (slashes % 2 === 1) !== isCarried;
      if (quote < 0) {
        this.#isEscaped = isOdd;
        this.#keep(text.slice(from));
        return text.length;
      }
      if (!isOdd) {
        this.#isEscaped = false;
        this.#keep(text.slice(from, quote));
        this.#ended();
        return quote + 1;
      }
      at = quote + 1;
    }
  }

  #keep(part: string): void {
    if (this.#text === null) return;
    this.#text = this.#text.length + part.length > LONGEST ? null : this.#text + part;
  }

  #ended(): void {
    this.#isIn = false;
    const raw = this.#text;
    this.#text = null;
    const open = this.#open.at(-1);
    if (open === undefined || this.#aside > 0) return;
    if (!open.isArray && this.#name === null) {
      this.#name = raw === null ? '' : textOf(raw);
      return;
    }
    if (raw === null) return;
    for (const path of this.#endingAt(open)) this.#tell(path, textOf(raw));
  }
}

function textOf(raw: string): string {
  const text = Buffer.from(raw, 'latin1').toString('utf8');
  if (!text.includes('\\')) return text;
  try {
    return String(JSON.parse(`"${text}"`));
  } catch {
    // No JSON: nobody's id.
    return '';
  }
}
