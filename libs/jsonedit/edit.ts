import { JsonEditError } from './error.ts';
import type { JsonContainer, JsonDocument, JsonNode } from './tree.ts';

/** `replace`: `json` (JSON text, written as it is) stands where the node stood. `remove`: the member or element goes. */
export type Edit =
  | { do: 'replace'; node: JsonNode; json: string }
  | { do: 'remove'; from: JsonContainer; index: number };

interface Splice {
  start: number;
  end: number;
  /** What stands there instead; null: nothing, and what was said about the inside is void. */
  text: string | null;
}

/**
 * The text with the edits made; every other character stays as it was. Removed members and elements take their commas
 * with them. An edit inside something that is removed or replaced has no effect. Without edits the same string is
 * returned. Quickest when edits come in the order of the text. Throws JsonEditError `edit_overlap` when one node is
 * replaced twice, `unknown_member` for an index that the container does not have.
 */
export function edit(document: JsonDocument, edits: readonly Edit[]): string {
  if (edits.length === 0) return document.text;
  const splices = toSplices(edits);
  if (!isInOrder(splices)) splices.sort(inTextOrder);
  return splice(document.text, splices);
}

function toSplices(edits: readonly Edit[]): Splice[] {
  const splices: Splice[] = [];
  const removed = removedIndices(edits);
  for (const one of edits) {
    if (one.do === 'replace') splices.push({ start: one.node.start, end: one.node.end, text: one.json });
    else {
      const cut = cutOut(one.from, one.index, removed.get(one.from));
      splices.push(cut);
    }
  }
  return splices;
}

/** For each container with removals: how many of its first pieces all go. */
function removedIndices(edits: readonly Edit[]): Map<JsonContainer, number> {
  const leading = new Map<JsonContainer, number>();
  const later = new Map<JsonContainer, Set<number>>();
  for (const one of edits) {
    if (one.do === 'replace') continue;
    let first = leading.get(one.from) ?? 0;
    if (one.index > first) {
      const known = later.get(one.from);
      if (known === undefined) later.set(one.from, new Set([one.index]));
      else known.add(one.index);
    } else if (one.index === first) {
      first++;
      const known = later.get(one.from);
      while (known?.has(first)) first++;
    }
    leading.set(one.from, first);
  }
  return leading;
}

/** A removed piece takes the comma before it, or, with nothing left before it, the one behind it. */
function cutOut(container: JsonContainer, index: number, leading = 0): Splice {
  const { members, elements } = container;
  const start = members !== null ? members[index]?.start : elements[index]?.start;
  const end = members !== null ? members[index]?.value.end : elements[index]?.end;
  if (start === undefined || end === undefined) {
    throw new JsonEditError(
      'unknown_member',
      container.start,
      'removal of a member or element that is not there',
    );
  }
  if (index >= leading) {
    const before = members !== null ? members[index - 1]?.value.end : elements[index - 1]?.end;
    return { start: before ?? start, end, text: null };
  }
  const next = members !== null ? members[index + 1]?.start : elements[index + 1]?.start;
  return { start, end: next ?? end, text: null };
}

function inTextOrder(a: Splice, b: Splice): number {
  return a.start - b.start || b.end - a.end || Number(a.text !== null) - Number(b.text !== null);
}

function isInOrder(splices: readonly Splice[]): boolean {
  for (let at = 1; at < splices.length; at++) {
    const [one, two] = [splices[at - 1], splices[at]];
    if (one !== undefined && two !== undefined && inTextOrder(one, two) > 0) return false;
  }
  return true;
}

function splice(text: string, splices: readonly Splice[]): string {
  let out = '';
  let at = 0;
  let last: Splice | null = null;
  for (const one of splices) {
    const same = last !== null && one.start === last.start && one.end === last.end;
    if (same && last?.text !== null)
      throw new JsonEditError('edit_overlap', one.start, 'two edits of one value');
    // Within what is already gone.
    if (one.start < at) continue;
    out += text.slice(at, one.start) + (one.text ?? '');
    at = one.end;
    last = one;
  }
  return out + text.slice(at);
}
