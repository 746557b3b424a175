import { fieldClasses, foundClasses } from '@drawbridge/protocol';
import { type Finding, ScanBudgetError, type ScanStream } from '@drawbridge/scan';
import { Refusal } from '../refusal/index.ts';
import { AnswerString, type Judge } from './answer-string.ts';
import type { Depth } from './decoded.ts';
import type { SecretScanner } from './scanner.ts';

/** What answers of one connection are looked through for. */
export interface LiveAnswers {
  scanner: SecretScanner;
  do: 'drop' | 'refuse';
  /** Classes that end or mark an answer; others are let pass. */
  classes: ReadonlySet<AnswerClass>;
  marker(fieldClass: string): string;
}

export type AnswerClass = (typeof foundClasses)[number];

/** What may not come back: secrets, and marks of confidentiality. */
export const answerClasses: readonly AnswerClass[] = foundClasses.filter(
  (name) => name.startsWith('secret.') || name === 'business.marker',
);

/** Shorter texts hold no secret that can be told. */
const SHORTEST = 8;
/** Steps of the scanner for one text that comes in pieces: enough for 25 million of the most costly characters. */
const MOST_WORK = 2 ** 30;
/** Short texts that repeat in each event, such as the model's name. */
const MOST_CLEAN = 64;
const LONGEST_CLEAN = 64;
/** What is left of a find beside tokens of this request, at least, to be one. */
const LEAST_BESIDE = 8;
/** A token as models repeat it: in any case, with markdown's escapes, without its brackets. */
const TOKEN = /(?:\\?\[){0,2} ?([A-Z]{2,10})\\?_([0-9A-Z]{8,13})(?: ?(?:\\?\]){1,2})?/gi;

/** A text is taken for an image, a sound or the like from so many characters on. */
const LEAST_MEDIA = 64 * 1024;
const MEDIA = /^(?:data:[\w.+-]{1,80}\/[\w.+-]{1,80};base64,)?[A-Za-z0-9+/_-]+={0,2}$/;

/** Whether a text, as it is written, is one long base64: it is neither looked through, nor is anything put back in it. */
export function isMedia(raw: string): boolean {
  return raw.length >= LEAST_MEDIA && MEDIA.test(raw);
}

/** Looks through the texts of one answer before tokens are put back, so that what is put back is no finding. */
export class AnswerText implements Judge {
  readonly #live: LiveAnswers;
  readonly #tokens: ReadonlyMap<string, string> | null;
  readonly #clean = new Set<string>();
  readonly #found = new Map<AnswerClass, number>();
  readonly #known = new Set<string>();

  constructor(live: LiveAnswers, tokens: ReadonlyMap<string, string> | null) {
    this.#live = live;
    this.#tokens = tokens;
  }

  /** How many of each class; null: none. */
  get found(): Partial<Record<AnswerClass, number>> | null {
    return this.#found.size === 0 ? null : Object.fromEntries(this.#found);
  }

  /** Which of the secrets that are kept were among them. */
  get known(): readonly string[] {
    return [...this.#known];
  }

  /** For a text that comes in pieces. */
  string(depth: Depth): AnswerString {
    return new AnswerString(this, depth);
  }

  /** A whole text, as it is written at this depth. Throws Refusal. */
  whole(raw: string, depth: Depth): string {
    if (raw.length < SHORTEST || this.#clean.has(raw) || isMedia(raw)) return raw;
    const text = new AnswerString(this, depth);
    const out = text.whole(raw);
    if (out === raw && raw.length <= LONGEST_CLEAN) {
      if (this.#clean.size >= MOST_CLEAN) this.#clean.clear();
      this.#clean.add(raw);
    }
    return out;
  }

  stream(): ScanStream {
    return this.#live.scanner.stream({ maxWork: MOST_WORK });
  }

  scan(text: string): Finding[] {
    return this.#live.scanner.scan(text);
  }

  mayOpen(word: string): boolean {
    return this.#live.scanner.mayOpen(word);
  }

  /** What the scanner throws, as what ends the answer. */
  failed(cause: unknown): Refusal {
    if (cause instanceof Refusal) return cause;
    if (cause instanceof ScanBudgetError) {
      return new Refusal(
        'scan_over_budget',
        'restore',
        "The vendor's answer takes longer to look through for secrets than is let, so it was cut off. Ask for it in parts.",
      );
    }
    return new Refusal(
      'scan_failed',
      'restore',
      "The vendor's answer could not be looked through for secrets, so it was cut off. The gateway's log says more.",
      { cause },
    );
  }

  /** What is put in the place of a finding in this text; null: it is left. Throws Refusal where it ends the answer. */
  instead(finding: Finding, text: string): string | null {
    const { class: name, confidence, known } = finding;
    if (confidence === 'possible' || !isAnswerClass(name, this.#live.classes)) return null;
    if (this.#isOfTokens(text)) return null;
    this.#found.set(name, (this.#found.get(name) ?? 0) + 1);
    if (known !== undefined) this.#known.add(known);
    if (this.#live.do === 'drop') return this.#live.marker(name);
    throw new Refusal(
      'secret_in_answer',
      'restore',
      `The vendor's answer holds what must not come back (${fieldClasses[name].label}), so it was cut off before it.`,
      { fieldClass: name },
    );
  }

  /** A token of this request beside a word such as "password" looks like one. */
  #isOfTokens(text: string): boolean {
    const tokens = this.#tokens;
    if (tokens === null) return false;
    const rest = text.replaceAll(TOKEN, (whole, kind: string, run: string) =>
      tokens.has(`[[${kind}_${run}]]`.toUpperCase()) ? '' : whole,
    );
    return rest.length !== text.length && rest.length < LEAST_BESIDE;
  }
}

function isAnswerClass(name: string, classes: ReadonlySet<string>): name is AnswerClass {
  return classes.has(name);
}
