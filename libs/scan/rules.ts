import { IN_WORD, kindAt } from './alphabets.ts';
import { checksumFits } from './checksum.ts';
import type { Kind } from './contextual.ts';
import { entropy, isPlaceholder } from './entropy.ts';
import { ScanRuleError } from './errors.ts';
import { hasRun, MIN_RUN, parseForm } from './forms.ts';
import { Keywords } from './keywords.ts';
import { Form } from './match.ts';
import type { Place } from './place.ts';
import type { Confidence, DetectorRule } from './types.ts';

/** One form of a rule, and what is asked of a text that has it. */
export interface Candidate {
  /** Counts the forms of all rules. */
  index: number;
  form: Form;
  rule: DetectorRule;
  /** The fifth character of its prefix, where it has one: what follows the four that it is looked up by. */
  fifth: number;
}

/** Forms whose prefixes begin with the same two characters, by those that follow. */
interface Bucket {
  two: Candidate[];
  three: Map<number, Candidate[]>;
  four: Map<number, Candidate[]>;
}

/** What a word before a value tells: a form to try, or what kind of value follows. */
export type Hint = Candidate | Kind;

const NONE: readonly Candidate[] = [];

/** All rules, as they are looked up: by the two characters that a text begins with, or by a keyword before it. */
export class Rules {
  /** Index into `buckets` for each pair of first characters; 0 is none. Characters that are not ASCII begin nothing. */
  readonly #first = new Uint16Array(129 * 128 + 1);
  readonly #buckets: Bucket[] = [];
  /** Words that stand before a value: of forms that only they tell, and of any value. */
  readonly hints = new Keywords<Hint>();
  hasKeywords = false;
  /** Number of forms. */
  count = 0;

  constructor(rules: readonly DetectorRule[]) {
    const ids = new Set<string>();
    for (const [index, rule] of rules.entries()) {
      const field = `rules[${index}]`;
      if (ids.has(rule.id))
        throw new ScanRuleError('duplicate_id', `${field}.id`, `${rule.id} is there twice`);
      ids.add(rule.id);
      for (const [at, form] of rule.forms.entries()) this.#add(rule, form, `${field}.forms[${at}]`, field);
    }
  }

  #add(rule: DetectorRule, text: string, field: string, ruleField: string): void {
    const parts = parseForm(text, field);
    if (!hasRun(parts))
      throw new ScanRuleError(
        'no_anchor',
        field,
        `a form holds ${MIN_RUN} characters of [A-Za-z0-9_-] in a row near its beginning: make a part longer`,
      );
    const form = new Form(parts);
    const fifth = form.prefix.length > 4 ? form.prefix.charCodeAt(4) : 0;
    const candidate: Candidate = { index: this.count++, form, rule, fifth };
    if (rule.keywords === undefined && form.prefix.length >= 2) {
      this.#addPrefix(candidate);
      return;
    }
    if (rule.keywords === undefined || rule.keywords.length === 0)
      throw new ScanRuleError(
        'no_anchor',
        field,
        'a form begins with two or more literal characters, or its rule has keywords',
      );
    this.hasKeywords = true;
    for (const [at, word] of rule.keywords.entries())
      this.hints.add(word, candidate, `${ruleField}.keywords[${at}]`);
  }

  #addPrefix(candidate: Candidate): void {
    const { prefix } = candidate.form;
    const key = prefix.charCodeAt(0) * 128 + prefix.charCodeAt(1);
    let index = this.#first[key] ?? 0;
    if (index === 0) {
      index = this.#buckets.push({ two: [], three: new Map(), four: new Map() });
      this.#first[key] = index;
    }
    const bucket = this.#buckets[index - 1];
    if (bucket === undefined) return;
    if (prefix.length === 2) bucket.two.push(candidate);
    else if (prefix.length === 3) listIn(bucket.three, prefix.charCodeAt(2)).push(candidate);
    else listIn(bucket.four, prefix.charCodeAt(2) * 128 + prefix.charCodeAt(3)).push(candidate);
  }

  /** Whether some form begins with the two characters at `at`. */
  mayBegin(bytes: Uint8Array, at: number): boolean {
    return (this.#first[(bytes[at] ?? 0) * 128 + (bytes[at + 1] ?? 0)] ?? 0) !== 0;
  }

  /** The forms that may begin at `at`, by its first four characters: in three lists. */
  at(bytes: Uint8Array, at: number, out: (readonly Candidate[])[]): void {
    const bucket = this.#buckets[(this.#first[(bytes[at] ?? 0) * 128 + (bytes[at + 1] ?? 0)] ?? 0) - 1];
    const third = bytes[at + 2] ?? 0;
    out[0] = bucket?.two ?? NONE;
    out[1] = bucket?.three.get(third) ?? NONE;
    out[2] = bucket?.four.get(third * 128 + (bytes[at + 3] ?? 0)) ?? NONE;
  }
}

function listIn(map: Map<number, Candidate[]>, key: number): Candidate[] {
  const list = map.get(key) ?? [];
  map.set(key, list);
  return list;
}

/** In long random text every short word stands somewhere: only its beginning is asked whether it is a placeholder. */
const MAX_TOLD = 80;

export interface Verdict {
  confidence: Confidence;
  why: string;
}

/** What a text that has a rule's form is taken for; `null`: a placeholder, or too even to be a secret. */
export function judge(candidate: Candidate, place: Place, start: number, end: number): Verdict | null {
  const { bytes, text } = place;
  const { rule, form } = candidate;
  const body = start + form.prefix.length;
  if (isPlaceholder(bytes, body, Math.min(end, body + MAX_TOLD))) return null;
  const least = rule.minEntropy ?? Math.min(2.5, Math.log2(Math.max(2, end - body)) * 0.6);
  if (entropy(bytes, body, end) < least) return null;
  if (rule.checksum !== undefined)
    return checksumFits(rule.checksum, text.slice(body, end))
      ? { confidence: 'certain', why: 'prefix and checksum' }
      : { confidence: 'possible', why: 'prefix and length, but not the checksum' };
  if (rule.keywords !== undefined) return { confidence: 'likely', why: 'keyword and form' };
  const isTelling = form.prefix.length >= 4 || (kindAt(form.prefix, form.prefix.length - 1) & IN_WORD) === 0;
  return { confidence: isTelling ? 'likely' : 'possible', why: 'prefix and form' };
}
