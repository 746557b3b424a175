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
 * returned. Throws JsonEditError `edit_overlap` when one node is replaced twice, `unknown_member` for an index that
 * the container does not have.
 */
export function edit(document: JsonDocument, edits: readonly Edit[]): string {
  if (edits.length === 0) return document.text;
  return splice(document.text, toSplices(edits));
}

function toSplices(edits: readonly Edit[]): Splice[] {
  const splices: Splice[] = [];
  const removals = new Map<JsonContainer, Set<number>>();
  for (const one of edits) {
    if (one.do === 'replace') {
      splices.push({ start: one.node.start, end: one.node.end, text: one.json });
      continue;
    }
    const indices = removals.get(one.from);
    if (indices === undefined) removals.set(one.from, new Set([one.index]));
    else indices.add(one.index);
  }
  for (const [container, indices] of removals) cutOut(container, indices, splices);
  return splices;
}

/** A removed piece takes the comma before it, or, with nothing left before it, the one behind it. */
function cutOut(container: JsonContainer, removed: ReadonlySet<number>, splices: Splice[]): void {
  const pieces: readonly { start: number; end: number }[] =
    container.elements ?? container.members.map((member) => ({ start: member.start, end: member.value.end }));
  let kept = false;
  let previousEnd = container.start + 1;
  let found = 0;
  for (const [index, piece] of pieces.entries()) {
    if (!removed.has(index)) kept = true;
    else {
      found++;
      const next = pieces[index + 1];
      if (kept) splices.push({ start: previousEnd, end: piece.end, text: null });
      else splices.push({ start: piece.start, end: next?.start ?? piece.end, text: null });
    }
    previousEnd = piece.end;
  }
  if (found !== removed.size) {
    throw new JsonEditError(
      'unknown_member',
      container.start,
      'removal of a member or element that is not there',
    );
  }
}

function splice(text: string, splices: Splice[]): string {
  splices.sort(
    (a, b) => a.start - b.start || b.end - a.end || Number(a.text !== null) - Number(b.text !== null),
  );
  let out = '';
  let at = 0;
  let last: Splice | null = null;
  for (const one of splices) {
    if (last !== null && last.text !== null && one.start === last.start && one.end === last.end) {
      throw new JsonEditError('edit_overlap', one.start, 'two edits of one value');
    }
    // Within what is already gone.
    if (one.start < at) continue;
    out += text.slice(at, one.start) + (one.text ?? '');
    at = one.end;
    last = one;
  }
  return out + text.slice(at);
}
