import {
  BACKSLASH,
  beginsAt,
  IN_RUN,
  IN_WIDE,
  IS_DASH,
  IS_DIGIT,
  IS_LOWER,
  IS_UPPER,
  kindIn,
  SETS_APART,
} from './alphabets.ts';
import { decodedAscii, decodes } from './base64.ts';
import { codesOf } from './codes.ts';
import { contextualRun, HINTS, valueStart } from './contextual.ts';
import { MAX_LEAD, MIN_RUN } from './forms.ts';
import { beginsJson, jwtAt } from './jwt.ts';
import { Lookback } from './keywords.ts';
import type { Known } from './known.ts';
import { Place } from './place.ts';
import { type Candidate, type Hint, judge, type Rules } from './rules.ts';
import { eachRun, MAX_TOLD, type Run } from './runs.ts';
import type { Finding } from './types.ts';

/** Where a form begins that only a keyword tells: so many places of a run are tried. */
const MAX_STARTS = 8;
const MAX_KEYWORD = 64;
const MAX_ENCODED = 4096;
const MIN_ENCODED = 24;
const IS_MIXED = IS_LOWER | IS_UPPER;
const EQUALS = 61;
const DASH = 45;

export interface SecretOptions {
  rules: Rules;
  known: Known | null;
  contextual: boolean;
}

/** Secrets that stand in runs of characters, or begin shortly before one. */
export class RunSecrets {
  readonly #options: SecretOptions;
  readonly #least: number;
  readonly #starts = new Int32Array(MAX_STARTS);
  readonly #told = new Set<Candidate>();
  readonly #lists: (readonly Candidate[])[] = [[], [], []];
  /** Whether words before a run may tell of it. */
  readonly #hasHints: boolean;

  constructor(options: SecretOptions) {
    this.#options = options;
    this.#least = Math.min(MIN_RUN, options.known?.least ?? MIN_RUN);
    this.#hasHints = options.contextual || options.rules.hasKeywords;
    if (options.contextual) for (const [word, kind] of HINTS) options.rules.hints.add(word, kind, word);
  }

  scan(place: Place, isInner = false): void {
    const { text, bytes, work } = place;
    const { known } = this.#options;
    place.passed = new Int32Array(this.#options.rules.count);
    const hints = this.#hasHints ? new Lookback(this.#options.rules.hints) : null;
    /** Forms were tried up to here. */
    let tried = -1;
    // A form may begin before the run that is in it.
    const to = Math.min(text.length, place.to + MAX_LEAD);
    eachRun(bytes, text.length, place.from, to, this.#least, work, (run) => {
      known?.find(text, run, work, (finding) => place.keep(finding));
      if (run.end - run.start < MIN_RUN) return;
      const lead = leadOf(place, run);
      place.reached = -1;
      const first = tried === -1 ? untriedFrom(place, run, lead) : Math.max(lead, tried + 1);
      tried = this.#byPrefix(place, run, first);
      const hasDigit = (run.kinds & IS_DIGIT) !== 0;
      const start = hasDigit && hints !== null ? valueStart(bytes, run.start) : run.start;
      if (hasDigit && hints !== null) {
        const from = Math.max(0, Math.min(lead, start) - MAX_KEYWORD);
        work.spend(hints.read(bytes, from, run.start));
        if (!hints.isEmpty) this.#byKeyword(place, run, lead, hints);
      }
      if ((run.kinds & IS_MIXED) === IS_MIXED && !run.isCut) {
        jwt(place, run);
        if (!isInner && place.reached <= run.start) this.#encoded(place, run);
      }
      if (place.reached > run.start) return;
      if (hasDigit && hints !== null && !hints.isEmpty && this.#options.contextual)
        contextualRun(place, run, lead, start, hints);
    });
  }

  /** Tries forms where they may begin: before the run, at its beginning, after each of its dashes. */
  #byPrefix(place: Place, run: Run, from: number): number {
    const { bytes } = place;
    for (let at = from; at <= run.start; at++) this.#atPrefix(place, at);
    if (run.start > 0 && bytes[run.start - 1] === BACKSLASH) this.#atPrefix(place, run.start + 1);
    if ((run.kinds & IS_DASH) === 0 && run.end - run.start <= MAX_TOLD) return run.end;
    for (let at = Math.max(from, run.start + 1); at < run.end; at++)
      if (bytes[at - 1] === DASH) this.#atPrefix(place, at);
    return run.end;
  }

  #atPrefix(place: Place, at: number): void {
    const { rules } = this.#options;
    const { bytes, extents, passed } = place;
    if (!rules.mayBegin(bytes, at) || !beginsAt(bytes, at)) return;
    rules.at(bytes, at, this.#lists);
    for (const candidates of this.#lists) {
      if (candidates.length === 0) continue;
      place.work.spend(1 + candidates.length);
      for (const candidate of candidates) {
        if (candidate.fifth !== 0 && bytes[at + 4] !== candidate.fifth) continue;
        if (at < (passed[candidate.index] ?? 0)) continue;
        const until = candidate.form.passedUntil(at, extents);
        if (until === at) this.#try(place, candidate, at);
        else passed[candidate.index] = until;
      }
    }
  }

  /** @param beyond what it has to reach into. */
  #try(place: Place, candidate: Candidate, at: number, beyond = at): void {
    const { bytes, extents, work } = place;
    const end = candidate.form.match(bytes, at, extents, work);
    if (end === -1 || end <= beyond || end > place.limit(at)) return;
    work.spend(end - at);
    const verdict = judge(candidate, place, at, end);
    if (verdict === null) return;
    place.add(candidate.rule.class, verdict.confidence, at, end, candidate.rule.id, verdict.why);
  }

  /** Forms without a telling prefix, where one of their keywords stands before the run. */
  #byKeyword(place: Place, run: Run, lead: number, hints: Lookback<Hint>): void {
    const { bytes } = place;
    this.#told.clear();
    hints.each(Math.max(0, lead - MAX_KEYWORD), lead, (hint) => {
      if (typeof hint !== 'string') this.#told.add(hint);
    });
    if (this.#told.size === 0) return;
    let count = 0;
    const until = Math.min(run.end, run.start + MAX_KEYWORD);
    for (let at = lead; at < until && count < MAX_STARTS; at++) {
      const isStart = at === lead || (at <= run.start ? beginsAt(bytes, at) : bytes[at - 1] === DASH);
      if (isStart && !(at === run.start && run.isCut)) this.#starts[count++] = at;
    }
    place.work.spend(count * this.#told.size);
    for (const candidate of this.#told) {
      for (let at = 0; at < count; at++) {
        const start = this.#starts[at] ?? 0;
        // What ends before the run is another run's to find: else what comes later had a say in it.
        if (beginsAt(bytes, start)) this.#try(place, candidate, start, Math.max(start, run.start));
      }
    }
  }

  /** Base64 of text in which a secret stands is as good as the secret. Decoded once, never what came of it again. */
  #encoded(place: Place, run: Run): void {
    const { bytes } = place;
    if (run.end - run.start < MIN_ENCODED || (run.kinds & IS_UPPER) === 0) return;
    // Twelve characters tell nearly always that it is none.
    if (decodes(bytes, run.start, run.start + 12) === -1) return;
    const limit = Math.min(place.limit(run.start), run.start + MAX_ENCODED);
    let end = run.end;
    while (end < limit && (kindIn(bytes, end) & IN_WIDE) !== 0 && bytes[end] !== EQUALS) end++;
    place.work.spend(2 * (end - run.start));
    const decoded = decodedAscii(bytes, run.start, Math.min(end, limit));
    if (decoded === null) return;
    const best = this.#inside(decoded, place) ?? basicCredential(place, run, decoded);
    if (best === null) return;
    for (let pad = 0; pad < 2 && bytes[end] === EQUALS; pad++) end++;
    place.keep({ ...best, start: run.start, end, why: `base64 of: ${best.why}` });
  }

  #inside(decoded: string, { work }: Place): Finding | null {
    const codes = codesOf(decoded);
    try {
      const inner = new Place(decoded, codes.bytes, 0, decoded.length, work);
      this.scan(inner, true);
      return inner.found.find(({ confidence }) => confidence !== 'possible') ?? inner.found[0] ?? null;
    } finally {
      codes.giveBack();
    }
  }
}

/** `Authorization: Basic` and base64 of `name:password`. */
function basicCredential(place: Place, run: Run, decoded: string): Finding | null {
  if (!/basic\s{1,4}$/i.test(place.text.slice(Math.max(0, run.start - 10), run.start))) return null;
  if (!/^[^\s:]{0,128}:[^\s]{4,256}$/.test(decoded)) return null;
  return {
    class: 'secret.password',
    confidence: 'likely',
    start: 0,
    end: 0,
    detector: 'secret.basic_auth',
    why: 'name and password',
  };
}

function jwt(place: Place, run: Run): void {
  const { bytes } = place;
  const start =
    run.start > 0 && bytes[run.start - 1] === BACKSLASH && !beginsJson(bytes, run.start)
      ? run.start + 1
      : run.start;
  if (!beginsJson(bytes, start) || !beginsAt(bytes, start)) return;
  const token = jwtAt(place, start, run.end);
  if (token === null) return;
  place.keep({
    class: 'secret.token',
    confidence: token.hasSignature ? 'certain' : 'likely',
    start,
    end: token.end,
    detector: 'secret.jwt',
    why: 'decoded JSON Web Token',
    ...(token.expires === null ? {} : { expires: token.expires }),
  });
}

/** Where what a run stands in begins: after white space, a quote or a bracket, at most `MAX_LEAD` before it. */
function leadOf(place: Place, run: Run): number {
  const { bytes } = place;
  if (run.isCut) return run.start;
  const floor = Math.max(0, run.start - MAX_LEAD);
  let at = run.start;
  while (at > floor) {
    if ((kindIn(bytes, at - 1) & SETS_APART) !== 0) break;
    at--;
  }
  place.work.spend(run.start - at);
  return at;
}

/**
 * Where forms of the first run that is visited are tried from. What is found before the stretch begins was given before;
 * but that it was found has a say in what the run is taken for.
 */
function untriedFrom({ bytes, from }: Place, run: Run, lead: number): number {
  if (run.start < from) return Math.max(lead, from);
  for (let at = Math.min(from, run.start); at > lead; at--) {
    let start = at;
    while (start > 0 && at - start < MIN_RUN && (kindIn(bytes, start - 1) & IN_RUN) !== 0) start--;
    // They were tried with the run that ends here.
    if (at - start === MIN_RUN) return at + 1;
    if (start < at) at = start + 1;
  }
  return lead;
}
