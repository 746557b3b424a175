import { type JsonDocument, JsonEditError, type JsonNode, parse, stringValue } from '@drawbridge/jsonedit';
import { type Restored, restoreAll, TokenIndex } from '@drawbridge/tokens';
import { Refusal } from '../refusal/index.ts';
import type { AnswerText } from '../scan/index.ts';
import { type CompiledAnswer, type CompiledDelta, type Met, meet, memberOf } from './channels.ts';
import { JsonStrings } from './json-strings.ts';
import { StringText } from './string-text.ts';
import { suspectOf } from './suspect.ts';

/** Channels of one stream: a vendor that names more is not one that answers. */
const MOST_CHANNELS = 256;
/** An event is kept to be sent again only up to so many characters; what a longer one holds back is let go with it. */
const LARGEST_KEPT = 64 * 1024;

/** One piece of a stream that is a document, and what stands around it. */
export interface Enveloped {
  /** A byte per character. */
  data: string;
  /** Its type as the envelope says it; '': it says none. */
  type: string;
  before: string;
  after: string;
  /** How a line break within the data is written. */
  lineBreak: string;
}

interface Channel {
  rule: number;
  values: readonly string[];
  text: StringText;
  /** Its last event with all texts empty, cut in two where its own stood; null: nothing is held back. */
  again: { before: string; after: string } | null;
}

interface Splice {
  start: number;
  end: number;
  text: string;
  channel: Channel | null;
}

/** For texts in which nothing is put back. */
const noTokens = new TokenIndex(new Map());

/** Restores a stream of JSON documents whose texts come in pieces, and looks them through for secrets where `text` is not null. */
export class Documents {
  readonly #index: TokenIndex;
  readonly #answer: CompiledAnswer | null;
  readonly #counts: Restored;
  readonly #text: AnswerText | null;
  /** For strings that are whole. */
  readonly #whole: StringText;
  readonly #channels = new Map<string, Channel>();
  readonly #suspect: RegExp | null;
  /** A text has begun, and all are idle: only what is suspect needs to be read. */
  #isIdle: boolean;

  constructor(index: TokenIndex, answer: CompiledAnswer | null, counts: Restored, text: AnswerText | null) {
    this.#index = index;
    this.#answer = answer;
    this.#counts = counts;
    this.#text = text;
    this.#whole = new StringText(index, counts, false, text);
    this.#suspect = answer === null ? null : suspectOf(answer, index.kinds);
    this.#isIdle = answer === null;
  }

  /** Whether an event, as it came, can go on without being read. */
  passes(piece: string): boolean {
    // What is looked through needs all that came before it.
    if (this.#text !== null || !this.#isIdle || this.#suspect?.test(piece) === true) return false;
    return !this.#index.isIn(piece, 0, piece.length, 'json');
  }

  /** What goes on instead of one document with its envelope; null: it goes on as it is. Throws Refusal `restore_failed`. */
  take(given: Enveloped): string | null {
    const document = read(given.data);
    if (document === null) {
      const ahead = this.flush();
      const text = this.#unstructured(given.data);
      return ahead === '' && text === given.data ? null : ahead + written(given, text);
    }
    const splices = this.#answer === null ? [] : this.#deltas(document, given.type, this.#answer);
    const ended = this.#answer === null ? [] : this.#ended(document, given.type, this.#answer);
    let ahead = '';
    for (const channel of ended) {
      const last = splices.findLast((each) => each.channel === channel);
      if (last === undefined) ahead += this.#letGo(channel);
      else last.text += channel.text.end();
      channel.again = null;
    }
    this.#others(document, splices);
    for (const splice of splices) if (splice.channel !== null) keep(splice.channel, given, splices);
    this.#isIdle = this.#answer === null || this.#channels.size > 0;
    for (const { text } of this.#channels.values()) this.#isIdle &&= text.isIdle;
    const text = spliced(given.data, splices);
    return ahead === '' && text === given.data ? null : ahead + written(given, text);
  }

  /** What is still held back, as documents in their envelopes. */
  flush(): string {
    let out = '';
    for (const channel of this.#channels.values()) out += this.#letGo(channel);
    this.#channels.clear();
    return out;
  }

  #letGo(channel: Channel): string {
    const held = channel.text.end();
    const { again } = channel;
    channel.again = null;
    return held === '' || again === null ? '' : again.before + held + again.after;
  }

  #deltas(document: JsonDocument, type: string, answer: CompiledAnswer): Splice[] {
    const splices: Splice[] = [];
    let own: string | null = null;
    for (const rule of answer.deltas) {
      if (rule.isAsIs && this.#text === null) continue;
      if (rule.event !== null) {
        own ??= typeOf(document) ?? type;
        if (rule.event !== own) continue;
      }
      for (const { node, values } of meet(document, rule)) {
        if (node.kind !== 'string' && node.kind !== 'escaped') continue;
        const channel = this.#channel(rule, values);
        const [start, end] = [node.start + 1, node.end - 1];
        splices.push({ start, end, text: channel.text.push(document.text.slice(start, end)), channel });
      }
    }
    return splices.length > 1 ? splices.sort((a, b) => a.start - b.start) : splices;
  }

  #channel({ id: rule, isJson, isAsIs }: CompiledDelta, values: readonly string[]): Channel {
    const key = `${rule} ${values.join(' ')}`;
    const known = this.#channels.get(key);
    if (known !== undefined) return known;
    if (this.#channels.size >= MOST_CHANNELS) {
      for (const [name, channel] of this.#channels) if (channel.text.isIdle) this.#channels.delete(name);
    }
    if (this.#channels.size >= MOST_CHANNELS) {
      throw new Refusal(
        'restore_failed',
        'restore',
        `The vendor's answer has more than ${MOST_CHANNELS} texts at once, so it was cut off.`,
      );
    }
    const text = isAsIs
      ? new StringText(noTokens, { restored: 0, unknown: 0 }, isJson, this.#text)
      : new StringText(this.#index, this.#counts, isJson, this.#text);
    const channel: Channel = { rule, values, text, again: null };
    this.#channels.set(key, channel);
    return channel;
  }

  /** The channels that this event ends. They are forgotten. */
  #ended(document: JsonDocument, type: string, answer: CompiledAnswer): Channel[] {
    if (this.#channels.size === 0) return [];
    const ended: Channel[] = [];
    let own: string | null = null;
    for (const rule of answer.ends) {
      if (rule.events !== null) {
        own ??= typeOf(document) ?? type;
        if (!rule.events.has(own)) continue;
      }
      for (const met of meet(document, rule)) if (met.node.kind !== 'null') this.#end(met, ended);
    }
    return ended;
  }

  #end({ values }: Met, ended: Channel[]): void {
    for (const [key, channel] of this.#channels) {
      if (!values.every((value, at) => channel.values[at] === value)) continue;
      this.#channels.delete(key);
      ended.push(channel);
    }
  }

  /** Adds what tokens and secrets stand whole in all other strings. */
  #others(document: JsonDocument, splices: Splice[]): void {
    const { text } = document;
    let from = 0;
    let isAny = this.#text !== null;
    for (const { start, end } of splices) {
      isAny ||= this.#index.isIn(text, from, start, 'json');
      from = end;
    }
    if (!isAny && !this.#index.isIn(text, from, text.length, 'json')) return;
    const known = new Set(splices.map(({ start }) => start));
    const asIs = new Set<number>();
    for (const place of this.#answer?.asIs ?? []) {
      for (const { node } of meet(document, place)) asIs.add(node.start + 1);
    }
    const look = (node: JsonNode): void => {
      for (const member of node.members ?? []) look(member.value);
      for (const element of node.elements ?? []) look(element);
      if ((node.kind !== 'string' && node.kind !== 'escaped') || known.has(node.start + 1)) return;
      const [start, end] = [node.start + 1, node.end - 1];
      const given = text.slice(start, end);
      const put = asIs.has(start)
        ? (this.#text?.whole(given, 1) ?? given)
        : this.#instead(text, start, end, given);
      if (put !== given) splices.push({ start, end, text: put, channel: null });
    };
    look(document.root);
    splices.sort((a, b) => a.start - b.start);
  }

  #instead(text: string, start: number, end: number, given: string): string {
    return this.#text === null && !this.#index.isIn(text, start, end, 'json')
      ? given
      : this.#whole.whole(given);
  }

  /** What could not be read as JSON, such as the mark at a stream's end; JSON beyond all bounds is known by its beginning. */
  #unstructured(data: string): string {
    if (!/^\s*(?:\{|\[\s*[{"])/.test(data)) {
      const text = this.#text === null ? data : this.#text.whole(data, 0);
      return restoreAll(text, this.#index, 'none', this.#counts).text;
    }
    const strings = new JsonStrings(this.#index, this.#counts, this.#text);
    return strings.push(data) + strings.end();
  }
}

function read(data: string): JsonDocument | null {
  try {
    return parse(data);
  } catch (error) {
    if (error instanceof JsonEditError) return null;
    throw error;
  }
}

function typeOf(document: JsonDocument): string | null {
  const node = memberOf(document.root, 'type');
  return node?.kind === 'string' || node?.kind === 'escaped' ? stringValue(document.text, node) : null;
}

/** Keeps an event of a channel that holds something back, to send it again with what is held. */
function keep(channel: Channel, given: Enveloped, splices: readonly Splice[]): void {
  channel.again = null;
  if (channel.text.held === 0) return;
  const last = splices.findLast((each) => each.channel === channel);
  if (last === undefined) return;
  if (given.data.length > LARGEST_KEPT) {
    last.text += channel.text.end();
    return;
  }
  const emptied = splices.map((each) => (each.channel === null ? each : { ...each, text: '' }));
  const at = splices.indexOf(last);
  const before = spliced(given.data.slice(0, last.start), emptied.slice(0, at));
  const after = given.data.slice(last.end);
  const moved = emptied.slice(at + 1).map((each) => ({
    ...each,
    start: each.start - last.end,
    end: each.end - last.end,
  }));
  channel.again = {
    before: given.before + broken(before, given),
    after: broken(spliced(after, moved), given) + given.after,
  };
}

function spliced(text: string, splices: readonly Splice[]): string {
  let out = '';
  let at = 0;
  for (const { start, end, text: put } of splices) {
    out += text.slice(at, start) + put;
    at = end;
  }
  return at === 0 ? text : out + text.slice(at);
}

function written(given: Enveloped, data: string): string {
  return given.before + broken(data, given) + given.after;
}

function broken(data: string, { lineBreak }: Enveloped): string {
  return lineBreak === '' || !data.includes('\n') ? data : data.replaceAll('\n', lineBreak);
}
