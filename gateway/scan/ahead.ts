import { ScanWork } from '@drawbridge/scan';
import { type LiveText, overBudget, refusalOfScan, type TextLimits } from './request.ts';
import type { Found } from './scanner.ts';

/** A text, and the name of the member that it stands under. */
export interface NamedText {
  text: string;
  name: string;
}

/** What was found in the texts of a long request, before they are treated. */
export class FoundAhead {
  /** What is left of the work that may be done for the request. */
  readonly work: ScanWork;
  readonly #limits: TextLimits;
  readonly #found = new Map<string, Map<string, readonly Found[]>>();
  /** What was found before it became too much: more may be in the same text. */
  cut: readonly Found[] | null = null;

  constructor(work: ScanWork, limits: TextLimits) {
    this.work = work;
    this.#limits = limits;
  }

  /** Throws Refusal for a text that was not looked through to its end. */
  get(text: string, name: string): readonly Found[] | undefined {
    const found = this.#found.get(name)?.get(text);
    if (found !== undefined && found === this.cut) throw overBudget(this.#limits);
    return found;
  }

  set({ text, name }: NamedText, found: readonly Found[]): void {
    const named = this.#found.get(name);
    if (named === undefined) this.#found.set(name, new Map([[text, found]]));
    else named.set(text, found);
  }
}

/** Looks through texts, a piece at each step. Throws Refusal as `RequestText` does. */
export function* lookAhead(
  { scanner, limits }: LiveText,
  texts: readonly NamedText[],
): Generator<undefined, FoundAhead> {
  if (texts.reduce((sum, { text }) => sum + text.length, 0) > limits.characters) throw overBudget(limits);
  const ahead = new FoundAhead(new ScanWork(limits.work), limits);
  let findings = 0;
  try {
    for (const one of texts) {
      if (ahead.get(one.text, one.name) !== undefined) continue;
      const found = yield* scanner.steps(one.text, one.name, ahead.work, limits.findings - findings);
      findings += found.length;
      ahead.set(one, found);
      // Those that are too many are refused when they are counted.
      if (findings > limits.findings) {
        ahead.cut = found;
        break;
      }
      yield;
    }
  } catch (cause) {
    throw refusalOfScan(cause, limits);
  }
  return ahead;
}
