import type { JsonDocument, JsonNode } from '@drawbridge/jsonedit';

/** What stands at `[start, end)` of a document: within the quotes, where it is a string. */
export interface Slot {
  start: number;
  end: number;
  isNumber: boolean;
}

/** A document of a stream, and the one text of it that is a piece of a longer one. */
export interface Shown {
  data: string;
  scalars: readonly Slot[];
  /** Where the text stands. */
  own: number;
}

/** What documents of a stream have in common that differ in the piece of a text, and in a few numbers and names. */
export interface Frame<Channel> {
  /** Type of its event, as the envelope says it. */
  type: string;
  channel: Channel;
  /** What stands before each slot, and behind the last. */
  literals: readonly string[];
  slots: readonly { isNumber: boolean; isOwn: boolean }[];
}

/** Longer documents are read each time. Characters. */
export const LONGEST_FRAME = 4096;
const MOST_SLOTS = 8;

/** Strings and numbers of a document in order; names of members are none. */
export function scalarsOf(document: JsonDocument): Slot[] {
  const found: Slot[] = [];
  const look = (node: JsonNode): void => {
    for (const member of node.members ?? []) look(member.value);
    for (const element of node.elements ?? []) look(element);
    if (node.kind === 'number') found.push({ start: node.start, end: node.end, isNumber: true });
    else if (node.kind === 'string' || node.kind === 'escaped')
      found.push({ start: node.start + 1, end: node.end - 1, isNumber: false });
  };
  look(document.root);
  return found;
}

/**
 * The frame of documents like this one; with the one before it in the same channel, strings and numbers in which the two
 * differ are slots, too. `fixed`: starts of those that decide how a document is read: where they differ, the one before does not count.
 */
export function frameOf<Channel>(
  type: string,
  channel: Channel,
  shown: Shown,
  before: Shown | null,
  fixed: ReadonlySet<number>,
): Frame<Channel> {
  const differing = before === null ? null : difference(shown, before, fixed);
  const literals: string[] = [];
  const slots: { isNumber: boolean; isOwn: boolean }[] = [];
  let at = 0;
  for (const { start, end, isNumber } of shown.scalars) {
    const isOwn = start === shown.own;
    if (!isOwn && differing?.has(start) !== true) continue;
    literals.push(shown.data.slice(at, start));
    slots.push({ isNumber, isOwn });
    at = end;
  }
  literals.push(shown.data.slice(at));
  return { type, channel, literals, slots };
}

/** Where scalars differ of two documents that are the same besides; null: they are not, or differ too often. */
function difference(one: Shown, other: Shown, fixed: ReadonlySet<number>): Set<number> | null {
  if (one.scalars.length !== other.scalars.length) return null;
  const found = new Set<number>();
  let [at, otherAt] = [0, 0];
  for (const [place, mine] of one.scalars.entries()) {
    const theirs = other.scalars[place];
    if (theirs === undefined || mine.isNumber !== theirs.isNumber) return null;
    if (one.data.slice(at, mine.start) !== other.data.slice(otherAt, theirs.start)) return null;
    if (one.data.slice(mine.start, mine.end) !== other.data.slice(theirs.start, theirs.end)) {
      if (fixed.has(mine.start)) return null;
      found.add(mine.start);
    }
    [at, otherAt] = [mine.end, theirs.end];
  }
  const isSame = one.data.slice(at) === other.data.slice(otherAt);
  return isSame && found.size <= MOST_SLOTS ? found : null;
}

/** Where a document has what stands in a frame's slots, begins and ends in turn; false: it is none of these. */
export function isFramed(frame: Frame<unknown>, data: string, places: number[]): boolean {
  const { literals, slots } = frame;
  let at = 0;
  for (let each = 0; each < slots.length; each++) {
    const literal = literals[each] ?? '';
    if (!data.startsWith(literal, at)) return false;
    at += literal.length;
    const end = slots[each]?.isNumber === true ? numberEnd(data, at) : stringEnd(data, at);
    if (end < 0) return false;
    places[2 * each] = at;
    places[2 * each + 1] = end;
    at = end;
  }
  const last = literals[slots.length] ?? '';
  return data.length - at === last.length && data.endsWith(last);
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?=[\s,}\]])/y;

function numberEnd(data: string, from: number): number {
  NUMBER.lastIndex = from;
  return NUMBER.test(data) ? NUMBER.lastIndex : -1;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/** Where the closing quote of a string stands; -1: it is none of JSON. */
function stringEnd(data: string, from: number): number {
  let at = from;
  for (;;) {
    const code = data.charCodeAt(at);
    if (code === QUOTE) return at;
    if (code === BACKSLASH) {
      ESCAPE.lastIndex = at;
      if (!ESCAPE.test(data)) return -1;
      at = ESCAPE.lastIndex;
    } else if (code >= 0x20) at++;
    else return -1;
    if (at >= data.length) return -1;
  }
}
