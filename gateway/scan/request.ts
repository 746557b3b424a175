import type { Keyed } from '@drawbridge/minimise';
import { ScanBudgetError, ScanWork } from '@drawbridge/scan';
import { type Issuer, newIssuer, TokenCollisionError } from '@drawbridge/tokens';
import { Refusal } from '../refusal/index.ts';
import type { FoundAhead } from './ahead.ts';
import type { LiveAnswers } from './answer.ts';
import { countImitations } from './imitation.ts';
import type { Found, TextScanner } from './scanner.ts';
import { canonicalValue, keyedTokenText, tokenKey, tokenKindOf } from './tokens.ts';

/** Free text of one connection: what it is looked through with, and what its tokens are made of. */
export interface LiveText {
  scanner: TextScanner;
  /** The vendor's secret of the epoch. */
  vendorSecret: Buffer;
  /** What answers are looked through for; null: nothing. */
  answers: LiveAnswers | null;
  /** How much of one request is looked through. */
  limits: TextLimits;
}

/** What looking through one request may come to. More is refused. */
export interface TextLimits {
  /** UTF-16 units of text. */
  characters: number;
  /** Steps of the scanner (`ScanWork`): some nanoseconds each, up to a hundred where much is found. */
  work: number;
  findings: number;
}

const MEGA = 1024 * 1024;
/** By `text.over_budget` of a contract: some seconds of processor time at the most, in slices beside other crossings. */
export const textLimits = {
  refuse: { characters: 8 * MEGA, work: 256 * MEGA, findings: 20_000 },
  slow: { characters: 32 * MEGA, work: 1024 * MEGA, findings: 200_000 },
} as const satisfies Record<string, TextLimits>;

const MOST_KEPT = 8;
const MEDIA = 'content.media';
const ADDRESS = /^[a-z][a-z0-9+.-]{1,20}:\/\//i;

/** The free text of one request: what it may cost, what was found last, and the tokens that were put in. */
export class RequestText {
  readonly #live: LiveText;
  readonly #app: string;
  readonly #ahead: FoundAhead | null;
  readonly #work: ScanWork;
  #issuer: Issuer | null = null;
  #characters = 0;
  #findings = 0;
  #imitated = 0;
  #kept: Set<string> | null = null;
  #latest: readonly Found[] = [];

  /** `ahead`: what was looked through before, in slices. */
  constructor(live: LiveText, app: string, ahead: FoundAhead | null = null) {
    this.#live = live;
    this.#app = app;
    this.#ahead = ahead;
    this.#work = ahead?.work ?? new ScanWork(live.limits.work);
  }

  /** The keyed functions of a connection, and those of this request. They throw Refusal. */
  with(keyed: Keyed): Keyed {
    return {
      pseudonym: keyed.pseudonym,
      subject: keyed.subject,
      reviewHash: keyed.reviewHash,
      text: (text, name) => this.#find(text, name),
      secrets: (text, fieldClass) => this.#secrets(text, fieldClass),
      token: (fieldClass, value) => this.#token(fieldClass, value),
    };
  }

  /** What was put in, by token; null: nothing. */
  get tokens(): ReadonlyMap<string, string> | null {
    return this.#issuer === null || this.#issuer.issued.size === 0 ? null : this.#issuer.issued;
  }

  /** Which values that Drawbridge keeps were found: `credential …`, `virtual key …`, `canary …`; null: none. */
  get kept(): readonly string[] | null {
    return this.#kept === null ? null : [...this.#kept];
  }

  /** How many texts in the form of a token came in: the app's own, which stand for nothing. */
  get imitated(): number {
    return this.#imitated;
  }

  /** The finding of this class in the text that was looked through last: the one that a refusal is for. */
  latestOf(fieldClass: string): Found | null {
    return this.#latest.find((found) => found.class === fieldClass) ?? null;
  }

  #find(text: string, name: string): readonly Found[] {
    this.#characters += text.length;
    if (this.#characters > this.#live.limits.characters) throw overBudget(this.#live.limits);
    const found =
      this.#ahead?.get(text, name) ?? this.#looked(() => this.#live.scanner.find(text, name, this.#work));
    this.#imitated += countImitations(text);
    this.#findings += found.length;
    if (this.#findings > this.#live.limits.findings) throw overBudget(this.#live.limits);
    return this.#noted(found);
  }

  /** An address of media that is signed is meant for the vendor: in it only what is kept here counts. */
  #secrets(text: string, fieldClass: string): readonly Found[] {
    const isSigned = fieldClass === MEDIA && ADDRESS.test(text);
    return this.#noted(this.#looked(() => this.#live.scanner.secrets(text, this.#work, isSigned)));
  }

  #noted(found: readonly Found[]): readonly Found[] {
    this.#latest = found;
    for (const { known } of found) {
      if (known === null) continue;
      this.#kept ??= new Set();
      if (this.#kept.size < MOST_KEPT) this.#kept.add(known);
    }
    return found;
  }

  #looked(look: () => readonly Found[]): readonly Found[] {
    try {
      return look();
    } catch (cause) {
      throw refusalOfScan(cause, this.#live.limits);
    }
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

/** What becomes of a request whose text could not be looked through. */
export function refusalOfScan(cause: unknown, limits: TextLimits): Refusal {
  if (cause instanceof Refusal) return cause;
  return cause instanceof ScanBudgetError ? overBudget(limits) : failed(cause);
}

function issuerFor({ vendorSecret }: LiveText, app: string): Issuer {
  const key = tokenKey(vendorSecret, app);
  return newIssuer((kind, canonical) => keyedTokenText(key, kind, canonical));
}

export function overBudget({ characters, findings }: TextLimits): Refusal {
  return new Refusal(
    'scan_over_budget',
    'minimise',
    `The request holds more text than is looked through (${characters} characters, ${findings} findings, or what takes as long), so it was not sent. Send it in smaller pieces.`,
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
