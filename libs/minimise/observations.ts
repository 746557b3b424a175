import { canonicalIdentifier, prefixOf } from './canonical.ts';
import { FieldRefusedError } from './error.ts';
import { type Action, actionFrom, type Slot, slotOf, type Template } from './treatment.ts';
import type {
  Keyed,
  ReviewSighting,
  Shape,
  SubjectRule,
  TextFinding,
  TreatedField,
  TreatedItem,
  TreatmentName,
} from './types.ts';

/** What one subject's data in one request came to, and what of it wants a person's decision. */
export interface Observed {
  item: TreatedItem;
  sightings: ReviewSighting[];
}

/** Field class, treatment, count. */
export type Tally = readonly [fieldClass: string, treatment: TreatmentName, count: number];

const nothing: readonly TextFinding[] = [];
const MOST_LINKS = 50;
/** Per request: what goes beyond is counted under `#` without a name. */
const MOST_NAMES = 300;
const LONGEST_NAME = 200;

interface Identifier {
  kind: SubjectRule['kind'];
  rank: number;
  pseudonym: string;
}

interface Sighting {
  hash: string;
  kind: ReviewSighting['kind'];
  shape: Shape;
  name: string | undefined;
}

interface Item {
  subject: string | null;
  kind: SubjectRule['kind'] | null;
  links: Set<string>;
  counts: Map<Slot, { times: number }>;
  sightings: Map<string, Sighting>;
}

/**
 * What was seen and done in one request. Records are opened and closed one after the other; each goes to the item of
 * its subject. Made per request; keyed functions are asked once per value. The contract holds: `LiftedObservations` is
 * for one that does not.
 */
export class Observations {
  private readonly keyed: Keyed;
  private readonly reveal: ReadonlySet<string>;
  private readonly items = new Map<string, Item>();
  private readonly pseudonyms = new Map<string, string>();
  private readonly subjects = new Map<string, string>();
  private readonly hashes = new Map<string, string>();
  private readonly named = new Map<string, Action>();
  private readonly beyond = new Map<Template, Action>();
  private slots: Slot[] = [];
  private identifiers: Identifier[] = [];
  private sightings: Sighting[] = [];

  /** `reveal`: review hashes whose names are to be sent along. */
  constructor(keyed: Keyed, reveal: ReadonlySet<string>) {
    this.keyed = keyed;
    this.reveal = reveal;
  }

  count(action: Action, treatment: TreatmentName, shape: Shape): void {
    this.slots.push(slotOf(action, treatment, shape));
  }

  /** A value of a class that the contract refuses. Throws FieldRefusedError. */
  refuse(action: Action, _shape: Shape): void {
    throw new FieldRefusedError(action.path, action.class);
  }

  /** Whether a value stays as it is, whatever its treatment. */
  leaves(_action: Action): boolean {
    return false;
  }

  /** Whether there are values for which `leaves` is true. */
  get changesNothing(): boolean {
    return false;
  }

  /** The vendor's pseudonym of a verbatim value. */
  pseudonym(value: string): string {
    const known = this.pseudonyms.get(value);
    if (known !== undefined) return known;
    const made = this.keyed.pseudonym(value);
    this.pseudonyms.set(value, made);
    return made;
  }

  /** What is found in a text that stands under this name. */
  find(text: string, name: string): readonly TextFinding[] {
    if (this.keyed.text === undefined) throw new Error('the contract has text looked through, by nothing');
    return this.keyed.text(text, name);
  }

  /** What is surely a secret in a text that can't be changed. */
  secrets(text: string, fieldClass: string): readonly TextFinding[] {
    return this.keyed.secrets?.(text, fieldClass) ?? nothing;
  }

  token(fieldClass: string, value: string): string {
    if (this.keyed.token === undefined) throw new Error('the contract tokenises, and there are no tokens');
    return this.keyed.token(fieldClass, value);
  }

  identify(rule: SubjectRule, value: string): void {
    const prefix = prefixOf(value, rule.prefixes ?? []);
    const pseudonym = this.subjectOf(prefix === '' ? value : value.slice(prefix.length));
    if (pseudonym === '') return;
    const isDevice = prefix !== '';
    this.identifiers.push({
      kind: isDevice ? 'device' : rule.kind,
      rank: isDevice ? Math.max(rule.rank, 5) : rule.rank,
      pseudonym,
    });
  }

  /** A name that no rule knows. */
  sight(kind: ReviewSighting['kind'], name: string, shape: Shape): void {
    if (this.hashes.size >= MOST_NAMES && !this.hashes.has(name)) return;
    const hash = this.hashOf(name);
    const shown = this.reveal.has(hash) ? name.slice(0, LONGEST_NAME) : undefined;
    this.sightings.push({ hash, kind, shape, name: shown });
  }

  /**
   * The action for a name that has no rule of its own. `path` is the rule's that matched it, if one did; else names
   * are told apart by their hash.
   */
  namedAction(name: string, template: Template, path: string | null): Action {
    const key = `${template.class} ${path ?? ''} ${name}`;
    const known = this.named.get(key);
    if (known !== undefined) return known;
    if (this.named.size >= MOST_NAMES) return this.unnamed(template);
    const action = actionFrom(path ?? (name === '' ? '#' : `#${this.hashOf(name)}`), template);
    this.named.set(key, action);
    return action;
  }

  /** For names beyond what one request may have told apart. */
  private unnamed(template: Template): Action {
    const known = this.beyond.get(template);
    if (known !== undefined) return known;
    const action = actionFrom('#', template);
    this.beyond.set(template, action);
    return action;
  }

  /** Ends a record: what was seen since the last end goes to its subject's item. */
  endRecord(): void {
    if (this.slots.length === 0 && this.identifiers.length === 0) return;
    const people = this.identifiers.filter((one) => one.kind !== 'group');
    const candidates = people.length > 0 ? people : this.identifiers;
    const best = candidates.reduce<Identifier | null>(
      (winner, one) => (winner === null || one.rank < winner.rank ? one : winner),
      null,
    );
    const item = this.itemOf(best);
    for (const one of people) {
      if (one.pseudonym !== item.subject && item.links.size < MOST_LINKS) item.links.add(one.pseudonym);
    }
    this.moveTo(item);
  }

  /**
   * Ends what belongs to the request as a whole (headers, query, path). It is its only person's, or, where several or
   * none are spoken of, nobody's. Identifiers that records linked are one person's.
   */
  endRequest(): void {
    if (this.slots.length === 0) return;
    const subjects = [...this.items.values()].filter((item) => item.subject !== null);
    const only = subjects.find((item) =>
      subjects.every((other) => other === item || item.links.has(other.subject ?? '')),
    );
    this.moveTo(only ?? this.itemOf(null));
  }

  observed(): Observed[] {
    return [...this.items.values()].map((item) => ({
      item: {
        subject: item.subject,
        subjectKind: item.kind,
        links: [...item.links],
        fields: [...item.counts].map(
          ([slot, { times }]): TreatedField => ({
            path: slot.action.path,
            class: slot.action.class,
            treatment: slot.treatment,
            shape: slot.shape,
            count: times,
          }),
        ),
      },
      sightings: [...item.sightings.values()].map(
        ({ hash, kind, shape, name }): ReviewSighting => ({
          hash,
          kind,
          shape,
          subject: item.subject,
          ...(name === undefined ? {} : { name }),
        }),
      ),
    }));
  }

  tally(): Tally[] {
    // There are few of them, in the order of appearance: looking through them costs less than a key for each.
    const rows: [string, TreatmentName, number][] = [];
    for (const item of this.items.values()) {
      for (const [{ action, treatment }, { times }] of item.counts) {
        const row = rows.find((one) => one[0] === action.class && one[1] === treatment);
        if (row === undefined) rows.push([action.class, treatment, times]);
        else row[2] += times;
      }
    }
    return rows;
  }

  /** The ledger's pseudonym; '' for an identifier that is empty. */
  private subjectOf(value: string): string {
    const known = this.subjects.get(value);
    if (known !== undefined) return known;
    const canonical = canonicalIdentifier(value);
    const pseudonym = canonical === '' ? '' : this.keyed.subject(canonical);
    this.subjects.set(value, pseudonym);
    return pseudonym;
  }

  private hashOf(name: string): string {
    const known = this.hashes.get(name);
    if (known !== undefined) return known;
    const made = this.keyed.reviewHash(name);
    this.hashes.set(name, made);
    return made;
  }

  private itemOf(best: Identifier | null): Item {
    const key = best?.pseudonym ?? '';
    const known = this.items.get(key);
    if (known !== undefined) return known;
    const item: Item = {
      subject: best?.pseudonym ?? null,
      kind: best?.kind ?? null,
      links: new Set(),
      counts: new Map(),
      sightings: new Map(),
    };
    this.items.set(key, item);
    return item;
  }

  private moveTo(item: Item): void {
    for (const slot of this.slots) {
      const count = item.counts.get(slot);
      if (count === undefined) item.counts.set(slot, { times: 1 });
      else count.times++;
    }
    for (const sighting of this.sightings) {
      item.sightings.set(`${sighting.kind} ${sighting.shape} ${sighting.hash}`, sighting);
    }
    this.slots = [];
    this.identifiers = [];
    this.sightings = [];
  }
}
