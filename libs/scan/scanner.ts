import { type Codes, codesOf } from './codes.ts';
import { contextualPairs, contextualSentence } from './contextual.ts';
import { Custom, customMatches } from './custom.ts';
import { ScanRuleError } from './errors.ts';
import { type Folded, fold } from './fold.ts';
import { Known } from './known.ts';
import { byPlace, merged } from './merge.ts';
import { privateKeys } from './pem.ts';
import { personalScan, personalValue } from './personal/index.ts';
import { knownPhrases, Phrases } from './phrases.ts';
import { Place } from './place.ts';
import { Rules } from './rules.ts';
import { RunSecrets } from './secrets.ts';
import { Stream } from './stream.ts';
import type { Finding, ScanLimits, Scanner, ScannerOptions, ScanStream } from './types.ts';
import { urlCredentials } from './urls.ts';
import { Work } from './work.ts';

const WORK_PER_CHARACTER = 64;
const WORK_BASE = 65_536;
/** The longest value with what it stands behind: a name, an operator, what is between them. */
export const OPEN_VALUE = 640;
const NO_BYTES = new Uint8Array(0);

function workOf({ work, maxWork }: ScanLimits, { length }: string): Work {
  return work ?? new Work(maxWork ?? length * WORK_PER_CHARACTER + WORK_BASE);
}

/**
 * Makes a scanner; once per configuration, never per text. Throws `ScanRuleError` with the first rule, pattern or
 * example that can't be taken.
 */
export function compileScanner(options: ScannerOptions): Scanner {
  return new CompiledScanner(options);
}

export class CompiledScanner implements Scanner {
  readonly #secrets: RunSecrets;
  readonly #contextual: boolean;
  readonly #phrases: Phrases | null;
  readonly personal: false | 'structured' | 'all';
  readonly customs: readonly Custom[];
  /** Registered values may hold characters that are not ASCII. */
  readonly knowsOthers: boolean;

  constructor(options: ScannerOptions) {
    this.#contextual = options.contextual ?? true;
    this.#phrases = options.phrases == null ? null : new Phrases(options.phrases);
    this.personal = options.personal ?? false;
    this.knowsOthers = options.known != null && options.known.around !== false;
    this.#secrets = new RunSecrets({
      rules: new Rules(options.rules),
      known: options.known == null ? null : new Known(options.known),
      contextual: this.#contextual,
    });
    const ids = new Set<string>();
    this.customs = (options.custom ?? []).map((detector, index) => {
      const field = `custom[${index}]`;
      if (ids.has(detector.id))
        throw new ScanRuleError('duplicate_id', `${field}.id`, `${detector.id} is there twice`);
      ids.add(detector.id);
      return new Custom(detector, field);
    });
  }

  get hasPhrases(): boolean {
    return this.#phrases !== null;
  }

  scan(text: string, limits: ScanLimits = {}): Finding[] {
    return merged(this.#all(text, workOf(limits, text)));
  }

  scanValue(name: string, value: string, limits: ScanLimits = {}): Finding[] {
    const work = workOf(limits, value);
    const finds = this.#all(value, work);
    if (this.#contextual) finds.push(...this.#named(name, value, work));
    if (this.personal !== false) {
      const place = new Place(value, NO_BYTES, 0, Number.POSITIVE_INFINITY, work);
      personalValue(name, value, place.emit);
      finds.push(...place.found);
    }
    return merged(finds);
  }

  #all(text: string, work: Work): Finding[] {
    const codes = codesOf(text);
    try {
      return this.finds(text, 0, text.length, work, 0, codes, fold(text, codes));
    } finally {
      codes.giveBack();
    }
  }

  stream(limits: ScanLimits = {}): ScanStream {
    return new Stream(this, limits.work ?? new Work(limits.maxWork ?? Number.POSITIVE_INFINITY));
  }

  /** A value that its member's name makes a secret: read as `name="value"`. */
  #named(name: string, value: string, work: Work): Finding[] {
    const head = `${name.slice(-64)}="`;
    const text = `${head}${value}"`;
    const codes = codesOf(text);
    const place = new Place(text, codes.bytes, head.length, head.length + 1, work);
    try {
      contextualPairs(place);
    } finally {
      codes.giveBack();
    }
    return place.found.map((find) => ({
      ...find,
      start: find.start - head.length,
      end: find.end - head.length,
    }));
  }

  /**
   * All finds that begin in `[from, to)`, in order, not merged. Offsets are those of `text` as it is given, whose codes
   * are handed over.
   */
  finds(
    text: string,
    from: number,
    to: number,
    work: Work,
    phase: number,
    codes: Codes,
    folded: Folded | null,
  ): Finding[] {
    const found =
      folded === null
        ? this.#read(new Place(text, codes.bytes, from, to, work))
        : this.#folded(folded, from, to, work);
    if (this.customs.length > 0) {
      const place = new Place(text, codes.bytes, from, to, work);
      customMatches(place, this.customs, phase);
      found.push(...place.found);
    }
    return found.length < 2 ? found : found.sort(byPlace);
  }

  /**
   * Where the first value of a password or an address begins in `text` that goes on to its end; infinity when none does.
   * Asked of the end of a stream, `OPEN_VALUE` characters of it: what more there is cannot be the beginning of one.
   */
  openValue(text: string): number {
    const codes = codesOf(text);
    try {
      const place = new Place(text, codes.bytes, 0, text.length, new Work(Number.POSITIVE_INFINITY));
      urlCredentials(place);
      if (this.#contextual) {
        contextualPairs(place);
        contextualSentence(place);
      }
      return place.open;
    } finally {
      codes.giveBack();
    }
  }

  #folded(folded: Folded, from: number, to: number, work: Work): Finding[] {
    work.spend(folded.text.length);
    const codes = codesOf(folded.text);
    const [start, end] = [folded.at(from), folded.at(to)];
    try {
      const found = this.#read(new Place(folded.text, codes.bytes, start, end, work, folded.limit));
      for (const find of found) {
        find.end = folded.end(find.end);
        find.start = folded.start(find.start);
      }
      return found;
    } finally {
      codes.giveBack();
    }
  }

  #read(place: Place): Finding[] {
    place.work.spend((place.to - place.from) >> 1);
    this.#secrets.scan(place);
    privateKeys(place);
    urlCredentials(place);
    if (this.#contextual) {
      contextualPairs(place);
      contextualSentence(place);
    }
    if (this.#phrases !== null) knownPhrases(place, this.#phrases);
    if (this.personal !== false) {
      place.work.spend((place.to - place.from) * 2);
      personalScan(place.text, place.from, place.to, place.emit, this.personal);
    }
    return place.found;
  }
}
