import type { JsonDocument } from '@drawbridge/jsonedit';
import {
  compileField,
  Observations,
  shapeOfText,
  type Treatment,
  treatText,
  withReplaced,
} from '@drawbridge/minimise';
import { type ContractDocument, contractRules } from '@drawbridge/protocol';
import type { LiveConnection } from '../crossing.ts';
import { markerOf } from '../minimise/index.ts';
import { type Found, RequestText } from '../scan/index.ts';
import { Locator, type Span } from './raw.ts';
import { type Watched, watched } from './watched.ts';

/** One thing that was found in a request's texts. Holds nothing of the text but what stands for it. */
export interface WorkbenchFinding {
  class: string;
  confidence: Found['confidence'];
  detector: string;
  /** What spoke for it, and which list or kept value it is of. */
  why: string;
  treatment: Treatment['do'];
  /** What is written in its place; null: it crosses as it is, or nothing crosses for it. */
  stands: string | null;
  /** Where its text stands (`messages[1].content`); null: not in the body, or not as it is. */
  path: string | null;
  /** Within the document that the gateway reads, by UTF-16 units; null as above. */
  span: Span | null;
  /** Within the string that it stands in, without the quotes and escapes of the document; null where it is none. */
  inString: Span | null;
}

/** A text that was looked through. */
interface Looked {
  text: string;
  /** An id or a setting, and no text of people's. */
  isSetting: boolean;
  findings: readonly WorkbenchFinding[];
  /** The text as it crosses. */
  crosses: string;
}

/** Of one request: what its texts held, each where it stands. */
export class Recorder {
  /** The connection, whose scanner tells here what it finds. */
  readonly live: LiveConnection;
  readonly looked: Looked[] = [];
  readonly #judge: Judge;
  #watched: Watched | null = null;
  #locator: Locator | null = null;

  constructor(live: LiveConnection, rules: ContractDocument, app: string) {
    this.#judge = new Judge(live, rules, app);
    const { text } = live;
    if (text === null) {
      this.live = live;
      return;
    }
    const { scanner } = text;
    const find: typeof scanner.find = (...given) => {
      const found = scanner.find(...given);
      this.#take(given[0], false, found, (one, value) => this.#judge.of(one, value));
      return found;
    };
    const secrets: typeof scanner.secrets = (...given) => {
      const found = scanner.secrets(...given);
      this.#take(given[0], true, found, (one) => this.#judge.guarded(one));
      return found;
    };
    this.live = { ...live, text: { ...text, scanner: { ...scanner, find, secrets } } };
  }

  /** The same document, which tells what of it is looked through. */
  watch(document: JsonDocument): JsonDocument {
    this.#watched = watched(document);
    this.#locator = new Locator(document.text);
    return this.#watched.document;
  }

  get findings(): WorkbenchFinding[] {
    return this.looked.flatMap(({ findings }) => findings);
  }

  #take(
    text: string,
    isSetting: boolean,
    found: readonly Found[],
    judged: (one: Found, value: string) => Judged,
  ): void {
    const place = this.#watched?.last() ?? null;
    // Asked for each text, found in or not: those within one string are told apart by their order.
    const located = place === null ? null : (this.#locator?.locate(place, text) ?? null);
    const replaced: { start: number; end: number; text: string }[] = [];
    const findings = found.map((one): WorkbenchFinding => {
      const piece = { start: one.start, end: one.end };
      const { treatment, stands } = judged(one, text.slice(one.start, one.end));
      if (stands !== null) replaced.push({ ...piece, text: stands });
      return {
        class: one.class,
        confidence: one.confidence,
        detector: one.detector,
        why: one.known === null ? one.why : `${one.why} (${one.known})`,
        treatment,
        stands,
        path: located?.path ?? null,
        span: located?.inDocument(piece) ?? null,
        inString: located?.inString?.(piece) ?? null,
      };
    });
    this.looked.push({ text, isSetting, findings, crosses: withReplaced(text, replaced) });
  }
}

interface Judged {
  treatment: Treatment['do'];
  stands: string | null;
}

/** What a contract does with what is found, and what then stands for it: as the walk does it. */
class Judge {
  readonly #rules: ReturnType<typeof contractRules>;
  readonly #seen: Observations;

  constructor(live: LiveConnection, rules: ContractDocument, app: string) {
    this.#rules = contractRules(rules);
    const keyed = live.text === null ? live.keyed : new RequestText(live.text, app).with(live.keyed);
    this.#seen = new Observations(keyed, live.reveal);
  }

  /** In an id or a setting nothing can be put in its place. */
  guarded({ class: name }: Found): Judged {
    return { treatment: this.#wanted(name).do === 'pass' ? 'pass' : 'refuse', stands: null };
  }

  of(found: Found, value: string): Judged {
    const wanted = this.#wanted(found.class);
    // What is unsure refuses nothing.
    const treatment: Treatment = wanted.do === 'refuse' && found.isUnsure ? { do: 'tokenise' } : wanted;
    if (treatment.do === 'refuse') return { treatment: 'refuse', stands: null };
    const action = compileField('', found.class, { ...this.#rules, classes: { [found.class]: treatment } });
    const treated = treatText(value, shapeOfText(value), action, this.#seen);
    if (treated === value) return { treatment: treatment.do, stands: null };
    const isGone = treated === null || treated === OTHER;
    return { treatment: treatment.do, stands: isGone ? markerOf(found.class) : treated };
  }

  #wanted(name: string): Treatment {
    const { text } = this.#rules;
    return text?.found[name] ?? text?.otherwise ?? { do: 'pass' };
  }
}

/** What a value comes to that a contract lists not. */
const OTHER = 'other';
