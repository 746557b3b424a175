import type { Keyed } from '@drawbridge/minimise';
import { ScanBudgetError } from '@drawbridge/scan';
import { type Issuer, newIssuer, TokenCollisionError } from '@drawbridge/tokens';
import { Refusal } from '../refusal/index.ts';
import type { LiveAnswers } from './answer.ts';
import type { Found, TextScanner } from './scanner.ts';
import { canonicalValue, keyedTokenText, tokenKey, tokenKindOf } from './tokens.ts';

/** Free text of one connection: what it is looked through with, and what its tokens are made of. */
export interface LiveText {
  scanner: TextScanner;
  /** The vendor's secret of the epoch. */
  vendorSecret: Buffer;
  /** What answers are looked through for; null: nothing. */
  answers: LiveAnswers | null;
}

/** Characters that are looked through for one request: some hundredths of a second. */
const MOST_CHARACTERS = 8 * 1024 * 1024;
const MOST_FINDINGS = 20_000;

/** The free text of one request: what it may cost, what was found last, and the tokens that were put in. */
export class RequestText {
  readonly #live: LiveText;
  readonly #app: string;
  #issuer: Issuer | null = null;
  #characters = 0;
  #findings = 0;
  #latest: readonly Found[] = [];

  constructor(live: LiveText, app: string) {
    this.#live = live;
    this.#app = app;
  }

  /** The keyed functions of a connection, and those of this request. They throw Refusal. */
  with(keyed: Keyed): Keyed {
    return {
      pseudonym: keyed.pseudonym,
      subject: keyed.subject,
      reviewHash: keyed.reviewHash,
      text: (text, name) => this.#find(text, name),
      token: (fieldClass, value) => this.#token(fieldClass, value),
    };
  }

  /** What was put in, by token; null: nothing. */
  get tokens(): ReadonlyMap<string, string> | null {
    return this.#issuer === null || this.#issuer.issued.size === 0 ? null : this.#issuer.issued;
  }

  /** The finding of this class in the text that was looked through last: the one that a refusal is for. */
  latestOf(fieldClass: string): Found | null {
    return this.#latest.find((found) => found.class === fieldClass) ?? null;
  }

  #find(text: string, name: string): readonly Found[] {
    this.#characters += text.length;
    if (this.#characters > MOST_CHARACTERS) throw overBudget();
    try {
      this.#latest = this.#live.scanner.find(text, name);
    } catch (cause) {
      throw cause instanceof ScanBudgetError ? overBudget() : failed(cause);
    }
    this.#findings += this.#latest.length;
    if (this.#findings > MOST_FINDINGS) throw overBudget();
    return this.#latest;
  }

  #token(fieldClass: string, value: string): string {
    this.#issuer ??= issuerFor(this.#live, this.#app);
    const kind = tokenKindOf(fieldClass);
    try {
      return this.#issuer.token(kind, canonicalValue(fieldClass, value), value);
    } catch (cause) {
      throw cause instanceof TokenCollisionError ? failed(cause) : cause;
    }
  }
}

function issuerFor({ vendorSecret }: LiveText, app: string): Issuer {
  const key = tokenKey(vendorSecret, app);
  return newIssuer((kind, canonical) => keyedTokenText(key, kind, canonical));
}

function overBudget(): Refusal {
  return new Refusal(
    'scan_over_budget',
    'minimise',
    `The request holds more text than is looked through (${MOST_CHARACTERS} characters, ${MOST_FINDINGS} findings), so it was not sent. Send it in smaller pieces.`,
  );
}

function failed(cause: unknown): Refusal {
  return new Refusal(
    'scan_failed',
    'minimise',
    "The request's text could not be looked through, so it was not sent. The gateway's log says more.",
    { cause },
  );
}
