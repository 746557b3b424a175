import { ScanWork } from '@drawbridge/scan';
import { type LiveText, overBudget, refusalOfScan } from './request.ts';
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
  readonly #found = new Map<string, Map<string, readonly Found[]>>();

  constructor(work: ScanWork) {
    this.work = work;
  }

  get(text: string, name: string): readonly Found[] | undefined {
    return this.#found.get(name)?.get(text);
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
  const ahead = new FoundAhead(new ScanWork(limits.work));
  let findings = 0;
  try {
    for (const one of texts) {
      if (ahead.get(one.text, one.name) !== undefined) continue;
      const found = yield* scanner.steps(one.text, one.name, ahead.work, limits.findings - findings);
      findings += found.length;
      ahead.set(one, found);
      // Those that are too many are refused when they are counted.
      if (findings > limits.findings) break;
      yield;
    }
  } catch (cause) {
    throw refusalOfScan(cause, limits);
  }
  return ahead;
}
