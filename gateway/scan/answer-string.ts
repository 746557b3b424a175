import type { Finding, ScanStream } from '@drawbridge/scan';
import type { Refusal } from '../refusal/index.ts';
import { BARE, BETWEEN, Decoder, type Depth, type Part, TEXT } from './decoded.ts';

/** More is not held back of what is written with white space. */
const LONG = 512;
const SPACE = /\s/;

/** Says what becomes of findings. */
export interface Judge {
  stream(): ScanStream;
  scan(text: string): Finding[];
  instead(finding: Finding, text: string): string | null;
  /** Whether a text's first word may go on before it is known how it ends. */
  mayOpen(word: string): boolean;
  failed(cause: unknown): Refusal;
}

/**
 * One text of an answer as it is written, in pieces, a byte a character. What goes on is byte for byte what came, but for
 * findings. Holds back what the scanner holds back (`STREAM_HOLD` characters at most), and of a stretch without white space an
 * eighth more, and a character that is not whole.
 */
export class AnswerString {
  readonly #judge: Judge;
  readonly #depth: Depth;
  #decoder: Decoder;
  #stream: ScanStream | null = null;
  /** What was read and is held back: as it is written, the bytes of each character, and its part. Null: one each, text. */
  #held = '';
  #widths: number[] | null = null;
  #parts: Part[] | null = null;
  /** Read, and not given to the scanner yet. */
  #waiting = '';
  /** Not read yet: the beginning of a character. */
  #rest = '';
  /** Characters that are decided. */
  #released = 0;
  /** Nothing but white space and the beginning of a first word went on. */
  #isOpening = true;
  /** Bytes of what is held back that went on all the same. */
  #ahead = 0;

  constructor(judge: Judge, depth: Depth) {
    this.#judge = judge;
    this.#depth = depth;
    this.#decoder = new Decoder(depth);
  }

  /** Bytes held back. */
  get held(): number {
    return this.#held.length - this.#ahead + this.#rest.length;
  }

  /** The text turns out to be JSON itself. */
  deepen(): void {
    this.#decoder.deepen();
  }

  /** What can go on. Throws Refusal. */
  push(raw: string): string {
    return raw === '' ? '' : this.#take(raw, false);
  }

  /** What was held back. Afterwards another text may begin. Throws Refusal. */
  end(): string {
    const out = this.#stream === null && this.#rest === '' ? '' : this.#take('', true);
    this.#decoder = new Decoder(this.#depth);
    this.#stream = null;
    this.#released = 0;
    this.#isOpening = true;
    return out;
  }

  /** A text that is there at once. Throws Refusal. */
  whole(raw: string): string {
    const { text, widths, parts } = this.#decoder.read(raw, true);
    let findings: Finding[];
    try {
      findings = this.#judge.scan(text);
    } catch (cause) {
      throw this.#judge.failed(cause);
    }
    if (findings.length === 0) return raw;
    [this.#held, this.#widths, this.#parts] = [raw, widths, parts];
    return this.#release(text, findings);
  }

  /** A long stretch without white space is looked at again each time: then several pieces are taken together. */
  #isPatient(text: string): boolean {
    const held = this.#stream === null ? 0 : this.#stream.held;
    return held > LONG && text.length < held / 8 && !SPACE.test(text);
  }

  #take(piece: string, isEnd: boolean): string {
    const raw = this.#rest === '' ? piece : this.#rest + piece;
    const { text: read, widths, parts, used } = this.#decoder.read(raw, isEnd);
    this.#rest = raw.slice(used);
    this.#keep(used === raw.length ? raw : raw.slice(0, used), read.length, widths, parts);
    const text = this.#waiting + read;
    if (!isEnd && this.#isPatient(text)) {
      this.#waiting = text;
      return '';
    }
    this.#waiting = '';
    let out = '';
    let findings: Finding[] = [];
    try {
      this.#stream ??= this.#judge.stream();
      const pushed = this.#stream.push(text);
      out = pushed.text;
      findings = pushed.findings;
      if (isEnd) {
        const ended = this.#stream.end();
        out += ended.text;
        findings = [...findings, ...ended.findings];
      }
    } catch (cause) {
      throw this.#judge.failed(cause);
    }
    const passed = this.#release(out, findings);
    return this.#isOpening && !isEnd ? passed + this.#opened(out) : passed;
  }

  /** What of a first word goes on before its end has come: who waits for an answer sees that it begins. */
  #opened(decided: string): string {
    if (this.#held === '' && decided.trim() === '') return '';
    const isFirst = decided.trim() === '' && this.#widths === null && this.#rest === '';
    if (!isFirst || !this.#judge.mayOpen(this.#held.trimStart())) {
      this.#isOpening = false;
      return '';
    }
    const ahead = this.#held.slice(this.#ahead);
    this.#ahead = this.#held.length;
    return ahead;
  }

  #keep(raw: string, count: number, widths: number[] | null, parts: Part[] | null): void {
    if (widths !== null || this.#widths !== null) {
      this.#widths = [
        ...(this.#widths ?? Array<number>(this.#held.length).fill(1)),
        ...(widths ?? Array<number>(count).fill(1)),
      ];
      this.#parts = [
        ...(this.#parts ?? Array<Part>(this.#widths.length - count).fill(TEXT)),
        ...(parts ?? Array<Part>(count).fill(TEXT)),
      ];
    }
    this.#held += raw;
  }

  /** Lets the first characters go on, with what is put in the place of findings in them. */
  #release(text: string, findings: readonly Finding[]): string {
    let out = '';
    let [at, raw] = [0, 0];
    const pass = (end: number): string => {
      const from = Math.max(raw, this.#ahead);
      raw = this.#rawEnd(at, raw, end);
      at = end;
      return from < raw ? this.#held.slice(from, raw) : '';
    };
    for (const finding of findings) {
      const [start, end] = [finding.start - this.#released, finding.end - this.#released];
      const instead = this.#judge.instead(finding, text.slice(start, end));
      if (instead === null) continue;
      out += pass(start);
      while (at < end) {
        const part = this.#parts?.[at] ?? TEXT;
        let until = at + 1;
        while (until < end && (this.#parts?.[until] ?? TEXT) === part) until++;
        const written = pass(until);
        // In a JSON text what holds its values together stays.
        if (part === BETWEEN) out += written;
        else out += part === BARE ? `\\"${instead}\\"` : instead;
      }
    }
    out += pass(text.length);
    this.#held = this.#held.slice(raw);
    this.#ahead = Math.max(0, this.#ahead - raw);
    if (this.#widths !== null) {
      this.#widths = this.#held === '' ? null : this.#widths.slice(text.length);
      this.#parts = this.#held === '' ? null : (this.#parts?.slice(text.length) ?? null);
    }
    this.#released += text.length;
    return out;
  }

  #rawEnd(at: number, raw: number, end: number): number {
    const widths = this.#widths;
    if (widths === null) return raw + end - at;
    let sum = raw;
    for (let each = at; each < end; each++) sum += widths[each] ?? 0;
    return sum;
  }
}
