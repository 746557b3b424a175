import type { TextFinding } from '@drawbridge/minimise';
import { type DetectorRule, type TextScan, virtualKeyId } from '@drawbridge/protocol';
import {
  type CustomDetector,
  compileScanner,
  type Finding,
  type KnownPhrases,
  type KnownValues,
  type Scanner,
  type ScannerOptions,
  type ScanWork,
} from '@drawbridge/scan';
import { FoundBefore } from './memo.ts';

/** A finding with what a refusal may say of it. Holds nothing of the text. */
export interface Found extends TextFinding {
  confidence: Finding['confidence'];
  detector: string;
  /** Fixed words that say what spoke for it. */
  why: string;
  /** The kept secret or virtual key that it is; null: none that is known. */
  known: string | null;
}

/** Looks through texts, as much as a contract asks for. All throw ScanBudgetError, and whatever a detector throws. */
export interface TextScanner {
  /** `name`: of the member that the text stands under, or ''. `work`: what may be done, and is counted down. */
  find(text: string, name: string, work?: ScanWork): readonly Found[];
  /** The same, a piece of the text at each step. Ends early with more than `most` findings. */
  steps(text: string, name: string, work: ScanWork, most: number): Generator<undefined, readonly Found[]>;
  /**
   * What is surely a secret in a text that crosses as it is or not at all: an id, a setting, an address. `keptOnly`: only
   * those that are known as kept here.
   */
  secrets(text: string, work?: ScanWork, keptOnly?: boolean): readonly Found[];
}

type Level = Exclude<TextScan, 'off'>;

const personal: Record<Level, NonNullable<ScannerOptions['personal']>> = {
  secrets: false,
  structured: 'structured',
  all: 'all',
};

const VIRTUAL_KEY = 'drawbridge.virtual_key';
/** What a snapshot's rules say of our own keys does not count: these are found whatever packs there are. */
const ownRules: DetectorRule[] = [
  { id: VIRTUAL_KEY, class: 'secret.api_key', forms: ['dbk_{alnum_lower:16}_{alnum_lower:59}'] },
  { id: 'drawbridge.api_token', class: 'secret.token', forms: ['dbt_{alnum_lower:16}_{alnum_lower:59}'] },
];

/** What a scanner looks for beside the forms that it knows by itself. */
export interface ScanFor {
  rules: readonly DetectorRule[];
  /** Secrets that are kept; null: none. */
  known: KnownValues | null;
  /** People, organisations, terms and marks that were registered; null: none. */
  phrases: KnownPhrases | null;
  /** Patterns of the organisation's. */
  custom: readonly CustomDetector[];
}

/** Looks through answers, for secrets and for phrases that may not come back. */
export interface SecretScanner extends Pick<Scanner, 'scan' | 'stream'> {
  /**
   * Whether an answer's first word may go on before it is known how it ends: it is written as words are, no rule's secret
   * begins so, it would show no more than a quarter of any value that is kept, and there are no phrases that may begin so.
   */
  mayOpen(word: string): boolean;
}

/** Throws ScanRuleError for a rule that can't be read. `secret`: 32 random bytes, for remembering what was found. */
export function compileTextScanner(what: ScanFor, level: Level, secret: Uint8Array): TextScanner {
  const settings = scannerOf({ ...what, phrases: null, custom: [] }, false, false);
  const shortest = Math.min(SHORTEST_FORM, ...(what.known?.lengths ?? []));
  return rememberingScanner(scannerOf(what, personal[level]), settings, secret, shortest);
}

/** `phrases`: those that may not come back. Throws ScanRuleError for a rule that can't be read. */
export function compileSecretScanner(
  rules: readonly DetectorRule[],
  known: KnownValues | null,
  phrases: KnownPhrases | null = null,
): SecretScanner {
  const scanner = scannerOf({ rules, known, phrases, custom: [] }, false);
  const beginnings = [JWT, ...[...ownRules, ...rules].flatMap(({ forms }) => forms.map(literalOf))].filter(
    (literal) => literal !== '',
  );
  const longest =
    phrases === null ? Math.min(LONGEST_WORD, ...[...(known?.lengths ?? [])].map((length) => length / 4)) : 0;
  return {
    scan: (text, limits) => scanner.scan(text, limits),
    stream: (limits) => scanner.stream(limits),
    mayOpen: (word) =>
      word.length <= longest &&
      WORD.test(word) &&
      !beginnings.some((literal) => literal.startsWith(word) || word.startsWith(literal)),
  };
}

const LONGEST_WORD = 12;
const WORD = /^[A-Z]?[a-z]*$/;
const JWT = 'eyJ';
/** What every text of a form begins with; '': only a word before it tells it, and an answer begins with none. */
const literalOf = (form: string): string => form.slice(0, `${form}{`.indexOf('{'));

function scannerOf(
  { rules, known, phrases, custom }: ScanFor,
  people: NonNullable<ScannerOptions['personal']>,
  contextual = true,
): Scanner {
  const others = rules.filter(({ id }) => !ownRules.some((own) => own.id === id));
  return compileScanner({
    rules: [...ownRules, ...others].map(({ min_entropy, ...rule }) => ({
      ...(rule as Omit<ScannerOptions['rules'][number], 'minEntropy'>),
      ...(min_entropy === undefined ? {} : { minEntropy: min_entropy }),
    })),
    known,
    phrases,
    custom,
    personal: people,
    contextual,
  });
}

/**
 * Characters of a text that are looked through in one step: at most some milliseconds, whatever they are. Of a longer text its
 * member's name says nothing.
 */
const STEP = 8 * 1024;

/** No secret that a rule tells is shorter; one that is kept may be. */
const SHORTEST_FORM = 16;

/** `settings` looks through what is not free text, of `shortest` characters and more. */
export function rememberingScanner(
  scanner: Pick<Scanner, 'scan' | 'scanValue' | 'stream'>,
  settings: Pick<Scanner, 'scan'>,
  secret: Uint8Array,
  shortest = SHORTEST_FORM,
): TextScanner {
  const before = new FoundBefore(secret);
  return {
    find(text, member, work) {
      if (isNoValue(text, member)) return none;
      const name = nameFor(text, member);
      const key = before.keyOf(text, name);
      const known = key === null ? undefined : before.get(key);
      if (known !== undefined) return known;
      const limits = work === undefined ? {} : { work };
      const findings = name === '' ? scanner.scan(text, limits) : scanner.scanValue(name, text, limits);
      const found = findings.length === 0 ? none : findings.map((one) => foundIn(text, one));
      if (key !== null) before.set(key, found);
      return found;
    },
    *steps(text, member, work, most) {
      if (text.length <= STEP) return this.find(text, member, work);
      const name = nameFor(text, member);
      const key = before.keyOf(text, name);
      const known = key === null ? undefined : before.get(key);
      if (known !== undefined) return known;
      yield;
      const stream = scanner.stream({ work });
      const found: Found[] = [];
      const take = (findings: readonly Finding[]): void => {
        for (const one of findings) found.push(foundIn(text, one));
      };
      for (let at = 0; at < text.length; at += STEP) {
        take(stream.push(text.slice(at, at + STEP)).findings);
        if (found.length > most) return found;
        yield;
      }
      take(stream.end().findings);
      if (key !== null) before.set(key, found);
      return found;
    },
    secrets(text, work, keptOnly = false) {
      if (text.length < shortest) return none;
      const findings = settings.scan(text, work === undefined ? {} : { work });
      return findings.length === 0
        ? none
        : findings
            .map((one) => foundIn(text, one))
            .filter(({ isUnsure, known }) => !isUnsure && (known !== null || !keptOnly));
    },
  };
}

const none: readonly Found[] = [];

const nameFor = (text: string, member: string): string => (text.length > STEP ? '' : member);

/** Words that say what kind of value is wanted, as schemas and examples have them: nobody's name. */
const KINDS = new Set(
  (
    'any array bool boolean char date datetime decimal double enum false float int integer list long map nil none null number object optional ' +
    'required str string struct text true tuple undefined union unknown uuid varchar void'
  ).split(' '),
);
const LONGEST_KIND = 9;

function isNoValue(text: string, name: string): boolean {
  return name !== '' && text.length <= LONGEST_KIND && KINDS.has(text.toLowerCase());
}

function foundIn(text: string, finding: Finding): Found {
  const { class: name, start, end, confidence, detector, why, known } = finding;
  const key = detector === VIRTUAL_KEY ? virtualKeyId(text.slice(start, end)) : null;
  return {
    class: name,
    start,
    end,
    isUnsure: confidence === 'possible',
    confidence,
    detector,
    why,
    known: known ?? (key === null ? null : `virtual key ${key}`),
  };
}
