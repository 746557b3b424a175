import type { Work } from './work.ts';

/** How sure a finding is: a checksum or an exact match; a telling form; a hint. */
export type Confidence = 'certain' | 'likely' | 'possible';

/** What stands where in a text. Never holds the value. */
export interface Finding {
  /** `secret.api_key`, `person.email`, … The scanner knows only those of its own rules; others come with theirs. */
  class: string;
  confidence: Confidence;
  /** UTF-16 offsets in the text as it was given; `end` is exclusive. */
  start: number;
  end: number;
  /** A rule's id, `personal.iban`, `known`, `phrase`, `custom.<id>`. */
  detector: string;
  /** Fixed words that say what spoke for it: `prefix and checksum`. */
  why: string;
  /** The registered value or phrase that it is, or that stands in it. */
  known?: string;
  /** When a token ends by what it says of itself, in seconds since 1970 (JSON Web Tokens). */
  expires?: number;
}

/** Hands over one find. Offsets are those of the text that was given to the detector. */
export type Emit = (
  cls: string,
  confidence: Confidence,
  start: number,
  end: number,
  detector: string,
  why: string,
) => void;

/**
 * How a form ends with a checksum. `crc32_base62`: the last six characters are the CRC-32 of what stands between the
 * literal prefix and them, in base62 (`0-9A-Za-z`, zeros before it).
 */
export type Checksum = 'crc32_base62';

/** One kind of secret, as data. */
export interface DetectorRule {
  id: string;
  class: string;
  /**
   * Literals and `{alphabet:N}` or `{alphabet:MIN-MAX}`; a literal `{` is `{{`. Alphabets: `digit hex HEX hex_any
   * lower upper alpha alnum_lower alnum_upper base32 base58 base62 base64 base64url word unreserved`.
   */
  forms: readonly string[];
  /** For forms without a telling prefix: one of these must stand within 64 characters before, in any case. */
  keywords?: readonly string[];
  checksum?: Checksum;
  /** Bits per character that the text of the alphabets must have at least. */
  minEntropy?: number;
}

/** Values that somebody keeps, known by keyed hash only. */
export interface KnownValues {
  /** Lengths of the values' runs (`knownRun`) in UTF-16 units: nothing else is hashed. */
  lengths: ReadonlySet<number>;
  /**
   * The value with exactly this run. Where the value is longer than its run, `around` says by how much before and
   * after it, and the whole is asked for once more.
   */
  lookup(candidate: string): KnownValue | null;
  /**
   * A quick look before a lookup: `fingerprint(run, seed)` of each value's run. Without it every run of such a length,
   * and every piece of one, is looked up.
   */
  filter?: { seed: number; has(fingerprint: number): boolean };
  /** `false`: no value is longer than its run. A stream then holds back less of what is written without white space. */
  around?: false;
}

/** A value that somebody registered. */
export interface KnownValue {
  id: string;
  class: string;
  around?: { before: number; after: number };
}

/** People, organisations, project names, labels: known by keyed hashes of `phraseWords` only. */
export interface KnownPhrases {
  /** How many words phrases that begin with this word have; null when none does. */
  begins(firstWord: string): readonly number[] | null;
  /** The phrase with exactly these words, joined by single spaces. */
  lookup(words: string): { id: string; class: string } | null;
}

/** A pattern that an organisation adds. Runs line by line, in linear time. */
export interface CustomDetector {
  id: string;
  class: string;
  pattern: string;
  /** `i` for any case. */
  flags?: string;
  confidence: Confidence;
  /** Tried when the scanner is compiled: every text of `finds` must hold a match, none of `passes` may. */
  examples?: { finds: readonly string[]; passes: readonly string[] };
}

export interface ScannerOptions {
  rules: readonly DetectorRule[];
  custom?: readonly CustomDetector[];
  known?: KnownValues | null;
  phrases?: KnownPhrases | null;
  /** A keyword, an operator, a value: `password = …`. Default true. */
  contextual?: boolean;
  /** Personal data of a form of its own (`structured`), or also what only its context tells (`all`). Default false. */
  personal?: false | 'structured' | 'all';
}

export interface ScanLimits {
  /** Characters that may be looked at, counted as they are. Default 64 for each character of the text and 65,536 more. */
  maxWork?: number;
  /** A count that several scans share; instead of `maxWork`. */
  work?: Work;
}

export interface Scanner {
  /**
   * Findings in order of their start, not overlapping: of two, the longer wins, then the more certain, and what is left
   * of the other is kept beside it. Throws `ScanBudgetError` when the work passes `maxWork`.
   */
  scan(text: string, limits?: ScanLimits): Finding[];
  /** One value under a name of its own (a JSON member): the name is its context. Offsets are the value's. */
  scanValue(name: string, value: string, limits?: ScanLimits): Finding[];
  stream(limits?: ScanLimits): ScanStream;
}

/** Text that is decided: it leaves with its findings, whose offsets are those of the whole text. */
export interface Scanned {
  text: string;
  findings: Finding[];
}

/** The findings are those of `scan` of the whole text, wherever the pieces are cut. */
export interface ScanStream {
  push(chunk: string): Scanned;
  /** Releases the rest. */
  end(): Scanned;
  /** Characters that are held back now; at most `STREAM_HOLD`. */
  readonly held: number;
}
