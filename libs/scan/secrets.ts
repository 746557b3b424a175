import {
  BACKSLASH,
  beginsAt,
  IN_WIDE,
  IS_DASH,
  IS_DIGIT,
  IS_LOWER,
  IS_UPPER,
  kindAt,
  SETS_APART,
} from './alphabets.ts';
import { decodedAscii } from './base64.ts';
import { contextualRun } from './contextual.ts';
import { MAX_LEAD, MIN_RUN } from './forms.ts';
import { jwtAt } from './jwt.ts';
import type { Known } from './known.ts';
import { Place } from './place.ts';
import { type Candidate, judge, type Rules } from './rules.ts';
import { eachRun, MAX_TOLD, type Run } from './runs.ts';

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

  constructor(options: SecretOptions) {
    this.#options = options;
    this.#least = Math.min(MIN_RUN, options.known?.least ?? MIN_RUN);
  }

  scan(place: Place, isInner = false): void {
    /** Forms were tried up to here. */
    let tried = place.from - 1;
    // A form may begin before the run that is in it.
    const to = Math.min(place.text.length, place.to + MAX_LEAD);
    eachRun(place.text, place.from, to, this.#least, place.work, (run) => {
      this.#options.known?.find(place.text, run, place.work, (finding) => place.keep(finding));
      if (run.end - run.start < MIN_RUN) return;
      const lead = leadOf(place, run);
      const found = place.found.length;
      tried = this.#byPrefix(place, run, Math.max(lead, tried + 1));
      const hasDigit = (run.kinds & IS_DIGIT) !== 0;
      if (hasDigit && this.#options.rules.hasKeywords) this.#byKeyword(place, run, lead);
      if ((run.kinds & IS_MIXED) === IS_MIXED && !run.isCut) {
        jwt(place, run);
        if (!isInner && place.found.length === found) this.#encoded(place, run);
      }
      if (place.found.length > found) return;
      if (hasDigit && this.#options.contextual) contextualRun(place, run, lead);
    });
  }

  /** Tries forms where they may begin: before the run, at its beginning, after each of its dashes. */
  #byPrefix(place: Place, run: Run, from: number): number {
    const { text } = place;
    for (let at = from; at <= run.start; at++) this.#atPrefix(place, at);
    if (run.start > 0 && text.charCodeAt(run.start - 1) === BACKSLASH) this.#atPrefix(place, run.start + 1);
    if ((run.kinds & IS_DASH) === 0 && run.end - run.start <= MAX_TOLD) return run.end;
    for (let at = Math.max(from, run.start + 1); at < run.end; at++)
      if (text.charCodeAt(at - 1) === DASH) this.#atPrefix(place, at);
    return run.end;
  }

  #atPrefix(place: Place, at: number): void {
    const { text } = place;
    const bucket = this.#options.rules.at(text, at);
    if (bucket === null || !beginsAt(text, at)) return;
    const third = text.charCodeAt(at + 2);
    const fourth = text.charCodeAt(at + 3);
    place.work.spend(bucket.length);
    for (const candidate of bucket) {
      if (candidate.third !== -1 && candidate.third !== third) continue;
      if (candidate.fourth !== -1 && candidate.fourth !== fourth) continue;
      this.#try(place, candidate, at);
    }
  }

  #try(place: Place, candidate: Candidate, at: number): void {
    const { text, extents, work } = place;
    const end = candidate.form.match(text, at, extents, work);
    if (end === -1 || end > place.limit(at)) return;
    work.spend(end - at);
    const verdict = judge(candidate, text, at, end);
    if (verdict === null) return;
    place.add(candidate.rule.class, verdict.confidence, at, end, candidate.rule.id, verdict.why);
  }

  /** Forms without a telling prefix, where one of their keywords stands before the run. */
  #byKeyword(place: Place, run: Run, lead: number): void {
    const { text } = place;
    this.#told.clear();
    place.work.spend(MAX_KEYWORD);
    this.#options.rules.byKeyword.find(text, Math.max(0, lead - MAX_KEYWORD), lead, (candidate) => {
      this.#told.add(candidate);
    });
    if (this.#told.size === 0) return;
    let count = 0;
    const until = Math.min(run.end, run.start + MAX_KEYWORD);
    for (let at = lead; at < until && count < MAX_STARTS; at++) {
      const isStart = at === lead || (at <= run.start ? beginsAt(text, at) : text.charCodeAt(at - 1) === 45);
      if (isStart && !(at === run.start && run.isCut)) this.#starts[count++] = at;
    }
    place.work.spend(count * this.#told.size);
    for (const candidate of this.#told)
      for (let at = 0; at < count; at++) this.#try(place, candidate, this.#starts[at] ?? 0);
  }

  /** Base64 of text in which a secret stands is as good as the secret. Decoded once, never what came of it again. */
  #encoded(place: Place, run: Run): void {
    const { text } = place;
    if (run.end - run.start < MIN_ENCODED || (run.kinds & IS_UPPER) === 0) return;
    // Twelve characters tell nearly always that it is none.
    if (decodedAscii(text, run.start, run.start + 12) === null) return;
    const limit = Math.min(place.limit(run.start), run.start + MAX_ENCODED);
    let end = run.end;
    while (end < limit && (kindAt(text, end) & IN_WIDE) !== 0 && text.charCodeAt(end) !== EQUALS) end++;
    place.work.spend(2 * (end - run.start));
    const decoded = decodedAscii(text, run.start, Math.min(end, limit));
    if (decoded === null) return;
    const inner = new Place(decoded, 0, decoded.length, place.work);
    this.scan(inner, true);
    const credential = basicCredential(place, run, decoded);
    const best =
      inner.found.find(({ confidence }) => confidence !== 'possible') ?? inner.found[0] ?? credential;
    if (best === undefined || best === null) return;
    for (let pad = 0; pad < 2 && text.charCodeAt(end) === EQUALS; pad++) end++;
    place.keep({ ...best, start: run.start, end, why: `base64 of: ${best.why}` });
  }
}

/** `Authorization: Basic` and base64 of `name:password`. */
function basicCredential(place: Place, run: Run, decoded: string): Place['found'][number] | null {
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
  const { text } = place;
  const start =
    run.start > 0 && text.charCodeAt(run.start - 1) === BACKSLASH && !text.startsWith('eyJ', run.start)
      ? run.start + 1
      : run.start;
  if (!text.startsWith('eyJ', start) || !beginsAt(text, start)) return;
  const token = jwtAt(text, start, run.end, place.limit(start), place.work);
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
  const { text } = place;
  if (run.isCut) return run.start;
  const floor = Math.max(0, run.start - MAX_LEAD);
  let at = run.start;
  while (at > floor) {
    if ((kindAt(text, at - 1) & SETS_APART) !== 0) break;
    at--;
  }
  place.work.spend(run.start - at);
  return at;
}
