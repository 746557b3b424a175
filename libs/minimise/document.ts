import {
  type Edit,
  edit,
  type JsonDocument,
  JsonEditError,
  type JsonMember,
  type JsonNode,
  type JsonScalar,
  parse,
  stringValue,
} from '@drawbridge/jsonedit';
import type { State } from './automaton.ts';
import { numberAsText } from './canonical.ts';
import type { CompiledMap, CompiledNames } from './compile.ts';
import { KeyMixedError, KeyPlaceError } from './error.ts';
import type { Observations } from './observations.ts';
import type { Step } from './path.ts';
import { withReplaced, withReplacedInJson } from './replace.ts';
import { shapeOfNumber, shapeOfText } from './shape.ts';
import { guardText, nothing, SHORTEST_SECRET, treatFound, treatText } from './text.ts';
import { type Action, actionFrom, type FoundRules } from './treatment.ts';
import type { Shape } from './types.ts';

/** The key that was authenticated, and what stands in its place upstream. */
export interface KeySwap {
  found: string;
  credential: string;
  /** The key paths where the credential may stand: a key in another is refused. Absent: it may stand in all of them. */
  places?: ReadonlySet<string>;
}

/**
 * Treats a document by its map. Returns the new text: the same string when nothing changed, and otherwise with every
 * untouched byte as it was. What was seen goes to `seen`, record by record; one that lifts the contract says which of
 * its treatments are not made. Throws FieldRefusedError, KeyMixedError, KeyPlaceError.
 */
export function minimiseDocument(
  document: JsonDocument,
  map: CompiledMap,
  seen: Observations,
  key: KeySwap | null,
): string {
  const { names, records, start, around } = map.otherwise === null ? map : mapFor(document.root, map);
  const walk = seen.changesNothing
    ? new WalkWithoutChange(document, names, seen, key)
    : new Walk(document, names, seen, key);
  if (walk.records(document.root, records, 0, start, around)) return 'null';
  return edit(document, walk.edits);
}

/** The map for where this body has its records. */
function mapFor(root: JsonNode, map: CompiledMap): CompiledMap {
  const [first] = map.records;
  if (map.otherwise === null || first?.take !== 'name') return map;
  return root.members?.some(({ name }) => name === first.name) ? map : mapFor(root, map.otherwise);
}

/** Shorter numbers tell nothing that one could find, nor do fractions. */
const FEWEST_DIGITS = 7;

/** A number as it is looked through, also one that a table's column of numbers made `4111.0`; null: it tells nothing. */
function tellingNumber(text: string, { start, end }: JsonScalar): string | null {
  if (end - start < FEWEST_DIGITS) return null;
  const asText = numberAsText(text.slice(start, end));
  return asText.length >= FEWEST_DIGITS && /^-?\d+$/.test(asText) ? asText : null;
}

/** How many strings of JSON within strings of JSON are read as that; deeper ones are looked through as text. */
const MOST_DEPTH = 3;
/** Names of members are words of an API, mostly the same ones: those of letters alone are looked at once in a document. */
const MAY_TELL = /[@\d\s]|.{25}/s;
/** More are not noted. */
const MOST_NAMES = 4_096;

const ADDRESS = /^[a-z][a-z0-9+.-]{1,20}:\/\/\S*$/i;
const DATA = /^data:[^,]{0,200};base64,/i;
/** A shorter text may be an address, or a secret alone. */
const LONGEST_NO_MEDIA = 4096;
/** Of what is as long as this, the beginning tells. */
const BASE64_HEAD = /^[\w+/\r\n-]*={0,2}\s*$/;

function isMedia(text: string): boolean {
  if (ADDRESS.test(text)) return true;
  const [mark = ''] = DATA.exec(text.slice(0, 256)) ?? [];
  return BASE64_HEAD.test(text.slice(mark.length, mark.length + 256));
}

function looksLikeJson(text: string): boolean {
  return /^\s*[[{"]/.test(text) && /[\]}"]\s*$/.test(text.slice(-100));
}

/** Null when it is not JSON. */
function parsed(text: string): JsonDocument | null {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof JsonEditError) return null;
    throw error;
  }
}

/** A member's name as a piece of the text that can be replaced. */
function nameNode(text: string, { start }: JsonMember): JsonScalar {
  let end = start + 1;
  while (text.charCodeAt(end) !== 0x22) end += text.charCodeAt(end) === 0x5c ? 2 : 1;
  return { kind: 'string', start, end: end + 1, members: null, elements: null };
}

/** Values of one kind are dropped, or their place in the text is replaced. Methods return whether a value goes. */
class Walk {
  readonly edits: Edit[] = [];
  private readonly text: string;
  private readonly names: CompiledNames;
  protected readonly seen: Observations;
  private readonly key: KeySwap | null;
  /** For names that no rule knows, where they are looked at. */
  private readonly unmappedName: Action | null;
  /** Names in which nothing is found, with what they were looked at under. */
  private readonly cleanNames = new Map<string, Action>();

  constructor(document: JsonDocument, names: CompiledNames, seen: Observations, key: KeySwap | null) {
    this.text = document.text;
    this.names = names;
    this.seen = seen;
    this.key = key;
    const { text, guard } = names.unmapped;
    this.unmappedName = text === null && guard === null ? null : actionFrom('#', names.unmapped);
  }

  /** Goes down to the records. `around`: the rules for what lies beside the way there. */
  records(node: JsonNode, steps: readonly Step[], at: number, start: State, around: State): boolean {
    const step = steps[at];
    if (step === undefined) {
      const gone = this.value(node, start, '');
      this.seen.endRecord();
      return gone;
    }
    if (step.take === 'each') {
      // One record without a list around it is a record.
      if (node.elements === null) return this.records(node, steps, at + 1, start, around);
      for (const [index, element] of node.elements.entries()) {
        if (this.records(element, steps, at + 1, start, around.element)) {
          this.edits.push({ do: 'remove', from: node, index });
        }
      }
      return false;
    }
    if (node.members === null || step.take !== 'name') return this.beside(node, around, '');
    for (const [index, member] of node.members.entries()) {
      const beside = around.members.get(member.name) ?? around.other;
      const named = member.name === step.name ? null : (beside.action ?? this.unmappedName);
      if (named !== null && beside === around.other) this.lookAtName(member, named);
      const gone =
        member.name === step.name
          ? this.records(member.value, steps, at + 1, start, beside)
          : this.beside(member.value, beside, member.name);
      if (gone) this.edits.push({ do: 'remove', from: node, index });
    }
    return false;
  }

  private beside(node: JsonNode, state: State, name: string): boolean {
    const gone = this.value(node, state, name);
    this.seen.endRecord();
    return gone;
  }

  /** `name`: of the member that the value is, or that the array around it is. */
  private value(node: JsonNode, state: State, name: string): boolean {
    if (state.keyPath !== null && this.putKey(node, state.keyPath)) return false;
    if (state.subject !== null) this.identify(node, state);
    if (!state.deeper || (node.members === null && node.elements === null)) {
      return this.unit(node, this.actionAt(state, name, node), name);
    }
    if (node.members !== null) {
      for (const [index, member] of node.members.entries()) {
        const next = state.members.get(member.name) ?? state.other;
        const named = next.action ?? this.unmappedName;
        if (named !== null && next === state.other) this.lookAtName(member, named);
        if (this.value(member.value, next, member.name)) this.edits.push({ do: 'remove', from: node, index });
      }
      return false;
    }
    for (const [index, element] of node.elements.entries()) {
      if (this.value(element, state.element, name)) this.edits.push({ do: 'remove', from: node, index });
    }
    return false;
  }

  private actionAt(state: State, name: string, node: JsonNode): Action {
    if (state.action === null) return this.unmapped(name, node);
    if (!state.action.queue) return state.action;
    const allowed = this.names.properties.get(name);
    if (allowed !== undefined) return this.seen.namedAction(name, allowed, state.action.path);
    this.seen.sight(this.names.sightingKind, name, this.shapeOf(node));
    return state.action;
  }

  private unmapped(name: string, node: JsonNode): Action {
    const allowed = this.names.properties.get(name);
    if (allowed !== undefined) return this.seen.namedAction(name, allowed, null);
    if (name !== '') this.seen.sight(this.names.sightingKind, name, this.shapeOf(node));
    return this.seen.namedAction(name, this.names.unmapped, null);
  }

  /** Treats a value as one: a scalar, or a container that no rule reaches into. */
  protected unit(node: JsonNode, action: Action, name: string): boolean {
    if (action.text !== null) return this.freeText(node, action, name);
    if (node.members === null && node.elements === null) return this.scalar(node, action);
    const { treatment } = action;
    if (treatment.do === 'refuse') return this.refused(node, action);
    if (action.passesAll || treatment.do === 'drop') {
      this.seen.count(action, treatment.do, node.kind);
      if (action.passesAll && action.guard !== null) this.guard(node, action, action.guard);
      return !action.passesAll;
    }
    if (node.elements !== null) {
      for (const [index, element] of node.elements.entries()) {
        if (this.unit(element, action, name)) this.edits.push({ do: 'remove', from: node, index });
      }
      return false;
    }
    // Neither a pseudonym nor a coarse form of an object means anything: it does not cross.
    this.seen.count(action, 'drop', 'object');
    return true;
  }

  /** What passes but for what is found in it. It is one value, however much text is in it. */
  private freeText(node: JsonNode, action: Action, name: string): false {
    this.seen.count(action, 'pass', this.shapeOf(node));
    this.look(node, action, name, 0);
    return false;
  }

  /** `depth`: how many strings around are JSON themselves. */
  private look(node: JsonNode, action: Action, name: string, depth: number): void {
    if (node.members !== null) {
      for (const member of node.members) {
        this.lookAtName(member, action);
        this.look(member.value, action, member.name, depth);
      }
    } else if (node.elements !== null) {
      for (const element of node.elements) this.look(element, action, name, depth);
    } else if (node.kind === 'string' || node.kind === 'escaped') this.lookAtText(node, action, name, depth);
    else if (node.kind === 'number') {
      const asText = tellingNumber(this.text, node);
      if (asText === null) return;
      const replaced = treatFound(asText, name, action, this.seen);
      if (replaced.length > 0)
        this.edits.push({ do: 'replace', node, json: JSON.stringify(withReplaced(asText, replaced)) });
    }
  }

  private lookAtText(node: JsonScalar, action: Action, name: string, depth: number): void {
    const value = stringValue(this.text, node);
    if (action.text?.media.has(action.class) === true && isMedia(value)) {
      if (value.length < LONGEST_NO_MEDIA || ADDRESS.test(value))
        guardText(value, action, action.text, this.seen);
      return;
    }
    const document = depth < MOST_DEPTH && looksLikeJson(value) ? parsed(value) : null;
    if (document !== null) {
      const walk = new Walk(document, this.names, this.seen, null);
      walk.look(document.root, action, name, depth + 1);
      if (walk.edits.length > 0)
        this.edits.push({ do: 'replace', node, json: JSON.stringify(edit(document, walk.edits)) });
      return;
    }
    const replaced = treatFound(value, name, action, this.seen);
    if (replaced.length === 0) return;
    const json = withReplacedInJson(this.text.slice(node.start, node.end), replaced);
    this.edits.push({ do: 'replace', node, json });
  }

  /** Apps use what they know of people as names of members, too. */
  private lookAtName(member: JsonMember, action: Action): void {
    if (action.text === null && action.guard === null) return;
    const { name } = member;
    const isWord = !MAY_TELL.test(name);
    if (isWord && (name.length < SHORTEST_SECRET || this.cleanNames.get(name) === action)) return;
    const isClean = action.guard === null || guardText(name, action, action.guard, this.seen);
    const replaced = treatFound(name, '', action, this.seen);
    if (isWord && isClean && replaced === nothing && this.cleanNames.size < MOST_NAMES)
      this.cleanNames.set(name, action);
    if (replaced.length === 0) return;
    const json = JSON.stringify(withReplaced(name, replaced));
    this.edits.push({ do: 'replace', node: nameNode(this.text, member), json });
  }

  private scalar(node: JsonScalar, action: Action): boolean {
    // What crosses or goes whatever it is need not be read.
    if (action.passesAll || action.treatment.do === 'drop') {
      this.seen.count(action, action.treatment.do, this.shapeOf(node));
      if (action.passesAll && action.guard !== null) this.guard(node, action, action.guard);
      return !action.passesAll;
    }
    switch (node.kind) {
      case 'null':
        return this.nothing(node, action);
      case 'true':
      case 'false':
        return this.put(node, treatText(node.kind, 'boolean', action, this.seen), node.kind);
      case 'number': {
        const asText = numberAsText(this.text.slice(node.start, node.end));
        return this.put(node, treatText(asText, this.shapeOf(node), action, this.seen), asText);
      }
      default: {
        const value = stringValue(this.text, node);
        if (action.json && this.inner(node, value, action)) return false;
        return this.put(node, treatText(value, shapeOfText(value), action, this.seen), value);
      }
    }
  }

  /** Whatever crosses as it is, settings and ids too, may hold no secret. */
  protected guard(node: JsonNode, action: Action, rules: FoundRules): void {
    if (node.members !== null) {
      for (const { name, value } of node.members) {
        guardText(name, action, rules, this.seen);
        this.guard(value, action, rules);
      }
    } else if (node.elements !== null) {
      for (const element of node.elements) this.guard(element, action, rules);
    } else if (node.kind === 'string' || node.kind === 'escaped') {
      guardText(stringValue(this.text, node), action, rules, this.seen);
    }
  }

  /** It goes where refusals are lifted; else this does not return. */
  private refused(node: JsonNode, action: Action): true {
    this.seen.refuse(action, this.shapeOf(node));
    return true;
  }

  /** Null says nothing about anyone, and stays what it is. */
  private nothing(node: JsonNode, action: Action): boolean {
    const { do: doing } = action.treatment;
    if (doing === 'refuse') return this.refused(node, action);
    this.seen.count(action, doing, 'null');
    return false;
  }

  /** Writes what stands for a value. Numbers that stay numbers are written as numbers. */
  private put(node: JsonNode, treated: string | null, was: string): boolean {
    if (treated === null) return true;
    if (treated === was) return false;
    const staysNumber = node.kind === 'number' && /^\d{1,16}$/.test(treated);
    this.edits.push({ do: 'replace', node, json: staysNumber ? treated : JSON.stringify(treated) });
    return false;
  }

  /** A string that is JSON itself is treated leaf by leaf. Returns false when it is not JSON, or needs no change. */
  private inner(node: JsonNode, value: string, action: Action): boolean {
    if (action.treatment.do === 'refuse') return false;
    const document = parsed(value);
    if (document === null) return false;
    const walk = new Walk(document, this.names, this.seen, null);
    walk.leaves(document.root, action);
    const treated = edit(document, walk.edits);
    if (treated !== value) this.edits.push({ do: 'replace', node, json: JSON.stringify(treated) });
    return true;
  }

  private leaves(node: JsonNode, action: Action): void {
    if (node.members !== null) for (const member of node.members) this.leaves(member.value, action);
    else if (node.elements !== null) for (const element of node.elements) this.leaves(element, action);
    else this.scalar(node, { ...action, json: false });
  }

  private identify(node: JsonNode, state: State): void {
    if (state.subject === null) return;
    if (node.elements !== null) for (const element of node.elements) this.identify(element, state);
    else if (node.kind === 'string' || node.kind === 'escaped') {
      this.seen.identify(state.subject, stringValue(this.text, node));
    } else if (node.kind === 'number') {
      this.seen.identify(state.subject, numberAsText(this.text.slice(node.start, node.end)));
    }
  }

  /** Puts the credential where the key stands. An absent key (null, empty) is left to the field map. */
  private putKey(node: JsonNode, path: string): boolean {
    if (node.kind === 'null') return false;
    if (node.kind !== 'string' && node.kind !== 'escaped') throw new KeyMixedError(path);
    const value = stringValue(this.text, node);
    if (value === '') return false;
    if (value !== this.key?.found) throw new KeyMixedError(path);
    if (this.key.places?.has(path) === false) throw new KeyPlaceError(path);
    this.edits.push({ do: 'replace', node, json: JSON.stringify(this.key.credential) });
    return true;
  }

  private shapeOf(node: JsonNode): Shape {
    switch (node.kind) {
      case 'string':
      case 'escaped':
        return shapeOfText(stringValue(this.text, node));
      case 'number':
        return shapeOfNumber(this.text, node.start, node.end);
      case 'true':
      case 'false':
        return 'boolean';
      default:
        return node.kind;
    }
  }
}

/** Takes note of every treatment and makes none but those that hold all the same; the key is put in as ever. */
class WalkWithoutChange extends Walk {
  protected override unit(node: JsonNode, action: Action, name: string): boolean {
    // Of free text each finding says for itself whether it stays.
    if (action.text !== null || !this.seen.leaves(action)) return super.unit(node, action, name);
    const before = this.edits.length;
    super.unit(node, action, name);
    this.edits.length = before;
    // What was not treated crosses after all.
    if (!action.passesAll && action.guard !== null) this.guard(node, action, action.guard);
    return false;
  }
}
