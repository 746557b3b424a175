import { type JsonDocument, JsonEditError, type JsonNode, parse, stringValue } from '@drawbridge/jsonedit';
import { type Restored, restoreAll, type TokenIndex } from '@drawbridge/tokens';
import { Refusal } from '../refusal/index.ts';
import { type AnswerText, isMedia } from '../scan/index.ts';
import { type CompiledAnswer, type CompiledDelta, type Met, meet, memberOf } from './channels.ts';
import { type Frame, frameOf, isFramed, LONGEST_FRAME, type Shown, scalarsOf } from './frames.ts';
import { JsonStrings } from './json-strings.ts';
import { noTokens, StringText } from './string-text.ts';

/** Channels of one stream: a vendor that names more is not one that answers. */
const MOST_CHANNELS = 256;
/** Pieces of texts in one event. */
const MOST_PIECES = 512;
/** Values in one event of a stream whose texts come in pieces. */
const MOST_VALUES = 20_000;
/** Values in one line of others, such as what a batch came to: embeddings are thousands of numbers each. */
const MOST_VALUES_WHOLE = 500_000;
/** Characters of strings in one event, besides images and the like. */
const MOST_WRITTEN = 1024 * 1024;
/** What is put back at once, in one event or one chunk, adds no more characters. */
const MOST_RESTORED = 8 * 1024 * 1024;
/** An event that is no JSON is looked through up to so many characters. */
const LARGEST_UNREAD = 256 * 1024;
/** An event is kept to be sent again only up to so many characters; what a longer one holds back is let go with it. */
const LARGEST_KEPT = 64 * 1024;
/** So many kinds of events take turns in a stream, and more are read one by one. */
const MOST_FRAMES = 8;

/** One piece of a stream that is a document, in its envelope. */
export interface Enveloped {
  /** A byte per character. */
  readonly data: string;
  /** Its type as the envelope says it; '': it says none. */
  readonly type: string;
  /** Another document in the same envelope. */
  write(data: string): string;
}

interface Channel {
  rule: number;
  values: readonly string[];
  text: StringText;
  /** Its last event with all texts empty, cut in two where its own stood; null: nothing is held back. */
  again: { before: string; after: string; given: Enveloped } | null;
  /** Its last event that was read and that the next may be like. */
  shown: Shown | null;
}

interface Splice {
  start: number;
  end: number;
  text: string;
  channel: Channel | null;
}

/** Restores a stream of JSON documents whose texts come in pieces, and looks them through for secrets where `text` is not null. */
export class Documents {
  readonly #index: TokenIndex;
  readonly #answer: CompiledAnswer | null;
  readonly #counts: Restored;
  readonly #text: AnswerText | null;
  readonly #mostValues: number;
  /** For strings that are whole. */
  readonly #whole: StringText;
  readonly #channels = new Map<string, Channel>();
  /** What events of this stream look like; the last that came is the first. */
  readonly #frames: Frame<Channel>[] = [];
  /**
   * The last event, if it is no JSON and came while texts held something back: a sign of life, or the mark at the stream's end,
   * before which the texts have to be whole. It goes on with the next event, or at the end.
   */
  #behind = '';
  /** Where the slots are of the event that is looked at. */
  readonly #places: number[] = [];

  constructor(index: TokenIndex, answer: CompiledAnswer | null, counts: Restored, text: AnswerText | null) {
    this.#index = index;
    this.#answer = answer;
    this.#counts = counts;
    this.#text = text;
    this.#mostValues = answer === null || answer.deltas.length === 0 ? MOST_VALUES_WHOLE : MOST_VALUES;
    this.#whole = new StringText(index, counts, false, text);
  }

  /**
   * What goes on instead of one document with its envelope; null: it goes on as it is. Throws Refusal `restore_failed`, and
   * what `AnswerText` throws.
   */
  take(given: Enveloped): string | null {
    const behind = this.#behind;
    this.#behind = '';
    const written = this.#taken(given);
    return behind === '' ? written : behind + (written ?? given.write(given.data));
  }

  #taken(given: Enveloped): string | null {
    const frame = this.#frameFor(given);
    if (frame !== null) return this.#framed(frame, given);
    const document = read(given.data, this.#mostValues);
    if (document === null) {
      const text = this.#unstructured(given.data);
      checkGrown(given.data.length, text.length);
      // Texts go on behind it, or end with it: what they hold back is not decided by it.
      if (given.data.length > LARGEST_KEPT || !this.#isHolding())
        return text === given.data ? null : given.write(text);
      this.#behind = given.write(text);
      return '';
    }
    checkWritten(document);
    const splices = this.#answer === null ? [] : this.#deltas(document, given.type, this.#answer);
    const ended = this.#answer === null ? [] : this.#ended(document, given.type, this.#answer);
    const pieces = splices.length;
    let ahead = '';
    for (const channel of ended) {
      const last = splices.findLast((each) => each.channel === channel);
      if (last === undefined) ahead += letGo(channel, channel.text.end());
      else last.text += channel.text.end();
      channel.again = null;
    }
    this.#others(document, splices);
    const [only] = splices;
    if (pieces === 1 && splices.length === 1 && ended.length === 0 && only !== undefined)
      this.#learn(document, given, only);
    return this.#written(given, splices, ahead);
  }

  /** What is still held back, as documents in their envelopes. */
  flush(): string {
    let out = '';
    for (const channel of this.#channels.values()) out += letGo(channel, channel.text.end());
    this.#channels.clear();
    this.#frames.length = 0;
    out += this.#behind;
    this.#behind = '';
    return out;
  }

  #isHolding(): boolean {
    for (const { text } of this.#channels.values()) if (text.held > 0) return true;
    return false;
  }

  #written(given: Enveloped, splices: readonly Splice[], ahead: string): string | null {
    keep(given, splices);
    const text = spliced(given.data, splices);
    checkGrown(given.data.length, text.length);
    return ahead === '' && text === given.data ? null : ahead + given.write(text);
  }

  #frameFor(given: Enveloped): Frame<Channel> | null {
    for (let at = 0; at < this.#frames.length; at++) {
      const frame = this.#frames[at];
      if (frame === undefined || frame.type !== given.type) continue;
      if (!isFramed(frame, given.data, this.#places)) continue;
      if (at > 0) {
        this.#frames.splice(at, 1);
        this.#frames.unshift(frame);
      }
      return frame;
    }
    return null;
  }

  /** An event that is like one that was read: only its slots are looked at. */
  #framed({ channel, slots }: Frame<Channel>, given: Enveloped): string | null {
    const { data } = given;
    const places = this.#places;
    let splices: Splice[] | null = null;
    for (let each = 0; each < slots.length; each++) {
      const slot = slots[each];
      if (slot === undefined || slot.isNumber) continue;
      const [start = 0, end = 0] = [places[2 * each], places[2 * each + 1]];
      const raw = data.slice(start, end);
      const text = slot.isOwn ? channel.text.push(raw) : this.#instead(data, start, end, raw);
      const isKept = slot.isOwn && (channel.again !== null || channel.text.held > 0);
      if (text === raw && !isKept) continue;
      splices ??= [];
      splices.push({ start, end, text, channel: slot.isOwn ? channel : null });
    }
    return splices === null ? null : this.#written(given, splices, '');
  }

  /** Remembers what an event of one piece looks like. */
  #learn(document: JsonDocument, given: Enveloped, { start: own, channel }: Splice): void {
    if (channel === null || given.data.length > LONGEST_FRAME) return;
    const fixed = new Set<number>();
    const type = memberOf(document.root, 'type');
    if (type !== undefined) fixed.add(type.start + 1);
    for (const place of this.#answer?.asIs ?? [])
      for (const { node } of meet(document, place)) fixed.add(node.start + 1);
    const scalars = scalarsOf(document);
    // A token that stands still would be counted once.
    if (scalars.some(({ start, end }) => start !== own && this.#mayBeIn(given.data, start, end))) return;
    // A copy: a part of a chunk would keep all of it.
    const shown = { data: Buffer.from(given.data, 'latin1').toString('latin1'), scalars, own };
    this.#frames.unshift(frameOf(given.type, channel, shown, channel.shown, fixed));
    if (this.#frames.length > MOST_FRAMES) this.#frames.pop();
    channel.shown = shown;
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
        if (splices.length >= MOST_PIECES)
          throw tooMuch(`more than ${MOST_PIECES} pieces of texts in one event`);
        if (node.end - node.start > MOST_WRITTEN) throw tooMuch('an event with more than 1 MB of text');
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
      for (const [name, channel] of this.#channels) if (channel.text.held === 0) this.#forget(name, channel);
    }
    if (this.#channels.size >= MOST_CHANNELS) throw tooMuch(`more than ${MOST_CHANNELS} texts at once`);
    const text = isAsIs
      ? new StringText(noTokens, { restored: 0, unknown: 0 }, isJson, this.#text)
      : new StringText(this.#index, this.#counts, isJson, this.#text);
    const channel: Channel = { rule, values, text, again: null, shown: null };
    this.#channels.set(key, channel);
    return channel;
  }

  #forget(name: string, channel: Channel): void {
    this.#channels.delete(name);
    for (let at = this.#frames.length - 1; at >= 0; at--)
      if (this.#frames[at]?.channel === channel) this.#frames.splice(at, 1);
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
      this.#forget(key, channel);
      ended.push(channel);
    }
  }

  /** Adds what tokens and secrets stand whole in all other strings. */
  #others(document: JsonDocument, splices: Splice[]): void {
    const { text } = document;
    let from = 0;
    let isAny = this.#text !== null || text.length > MOST_WRITTEN;
    for (const { start, end } of splices) {
      isAny ||= this.#mayBeIn(text, from, start);
      from = end;
    }
    if (!isAny && !this.#mayBeIn(text, from, text.length)) return;
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
    if (isMedia(given) || (this.#text === null && !this.#mayBeIn(text, start, end))) return given;
    return this.#whole.whole(given);
  }

  /** Whether a token may stand there, at any depth: only markdown's escapes look different in JSON within JSON. */
  #mayBeIn(text: string, start: number, end: number): boolean {
    if (this.#index.isIn(text, start, end, 1)) return true;
    if (this.#index.kinds.length === 0) return false;
    const slashes = text.indexOf('\\\\\\\\', start);
    return slashes >= 0 && slashes < end;
  }

  /** What could not be read as JSON, such as the mark at a stream's end; JSON beyond all bounds is known by its beginning. */
  #unstructured(data: string): string {
    if (!/^\s*(?:\{|\[\s*[{"])/.test(data)) {
      if (data.length > LARGEST_UNREAD) throw tooMuch('an event of more than 256 KB that is no JSON');
      const text = this.#text === null ? data : this.#text.whole(data, 0);
      return restoreAll(text, this.#index, 0, this.#counts).text;
    }
    if (data.length > LARGEST_KEPT)
      throw tooMuch('an event of more than 64 KB that begins as JSON and is none');
    const strings = new JsonStrings(this.#index, this.#counts, this.#text);
    return strings.push(data) + strings.end();
  }
}

/** Throws Refusal for more than can be read in good time. */
function read(data: string, most: number): JsonDocument | null {
  try {
    return parse(data, { maxNodes: most });
  } catch (error) {
    if (!(error instanceof JsonEditError)) throw error;
    if (error.code === 'too_many_nodes') throw tooMuch(`more than ${most} values in one event or line`);
    if (error.code === 'too_deep') throw tooMuch('an event that is nested too deep');
    return null;
  }
}

const tooMuch = (what: string): Refusal =>
  new Refusal('restore_failed', 'restore', `The vendor's answer has ${what}, so it was cut off.`);

/** Throws Refusal for more text than can be looked through in good time. */
function checkWritten({ text, root }: JsonDocument): void {
  if (text.length <= MOST_WRITTEN) return;
  let written = 0;
  const look = (node: JsonNode): void => {
    for (const member of node.members ?? []) look(member.value);
    for (const element of node.elements ?? []) look(element);
    if (
      (node.kind === 'string' || node.kind === 'escaped') &&
      !isMedia(text.slice(node.start + 1, node.end - 1))
    )
      written += node.end - node.start;
  };
  look(root);
  if (written > MOST_WRITTEN) throw tooMuch('an event with more than 1 MB of text');
}

/** Throws Refusal where tokens stand for so much that nobody wants to hold it. Asked before a text is written out: till then it is not one string yet. */
export function checkGrown(given: number, restored: number): void {
  if (restored > given + MOST_RESTORED) throw tooMuch('a part that grows by more than 8 MB');
}

/** Its last event once more, with what was held back. */
function letGo(channel: Channel, held: string): string {
  const { again } = channel;
  channel.again = null;
  return held === '' || again === null ? '' : again.given.write(again.before + held + again.after);
}

function typeOf(document: JsonDocument): string | null {
  const node = memberOf(document.root, 'type');
  return node?.kind === 'string' || node?.kind === 'escaped' ? stringValue(document.text, node) : null;
}

/** Keeps an event for each channel that holds something back, to send it again with what is held. */
function keep(given: Enveloped, splices: readonly Splice[]): void {
  const seen = new Set<Channel>();
  for (let at = splices.length - 1; at >= 0; at--) {
    const last = splices[at];
    const channel = last?.channel ?? null;
    if (last === undefined || channel === null || seen.has(channel)) continue;
    seen.add(channel);
    channel.again = null;
    if (channel.text.held === 0) continue;
    if (given.data.length > LARGEST_KEPT) {
      last.text += channel.text.letGo();
      continue;
    }
    const emptied = splices.map((each) => (each.channel === null ? each : { ...each, text: '' }));
    const moved = emptied.slice(at + 1).map((each) => ({
      ...each,
      start: each.start - last.end,
      end: each.end - last.end,
    }));
    channel.again = {
      before: spliced(given.data.slice(0, last.start), emptied.slice(0, at)),
      after: spliced(given.data.slice(last.end), moved),
      given,
    };
  }
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
