import { JsonEditError, type JsonNode, parse, stringValue } from '@drawbridge/jsonedit';
import { nameEnd, type Place, pathOf } from './watched.ts';

/** From, and up to but not including, by UTF-16 units. */
export interface Span {
  start: number;
  end: number;
}

/** A text within a document, and how its units lie in the document as it is written. */
export interface Located {
  path: string;
  /** Of a piece of the text, in the document. */
  inDocument(piece: Span): Span;
  /** Of a piece of the text, in the outermost string around it; null: it stands in none. */
  inString: ((piece: Span) => Span) | null;
}

/** Strings of JSON within strings of JSON that walks read as that. */
const MOST_DEPTH = 3;

/** Finds texts of one document, in the order in which a walk looks through them. */
export class Locator {
  readonly #json: string;
  /** The texts within the string that was looked at last, and how many of them were told. */
  #inside: { start: number; texts: readonly Within[]; told: number } | null = null;
  #outer: { start: number; inDocument: (piece: Span) => Span } | null = null;

  constructor(json: string) {
    this.#json = json;
  }

  /** `text` is `place` itself, or stands in the JSON that `place` is. Null: it does not stand there as it is. */
  locate(place: Place, text: string): Located | null {
    const path = pathOf(place.steps);
    if (this.#outer?.start !== place.start) {
      this.#outer = {
        start: place.start,
        inDocument: unitsIn(this.#json, place.start, place.isString),
      };
    }
    const outer = this.#outer.inDocument;
    if (place.text === text) return { path, inDocument: outer, inString: place.isString ? asIs : null };
    if (!place.isString) {
      // A number that is looked through in another form than it is written in.
      return { path, inDocument: () => ({ start: place.start, end: place.end }), inString: null };
    }
    if (this.#inside?.start !== place.start) {
      this.#inside = { start: place.start, texts: textsWithin(place.text, 1), told: 0 };
    }
    const inside = this.#inside;
    let at = inside.told;
    while (at < inside.texts.length && inside.texts[at]?.text !== text) at++;
    const inner = inside.texts[at];
    if (inner === undefined) return null;
    inside.told = at + 1;
    return {
      path: `${path} → ${inner.path}`,
      inString: inner.span,
      inDocument: (piece) => outer(inner.span(piece)),
    };
  }
}

const asIs = (piece: Span): Span => piece;

interface Within {
  text: string;
  path: string;
  /** Of a piece of the text, in the outermost text. */
  span: (piece: Span) => Span;
}

/** All texts of a text that is JSON, in order. */
function textsWithin(json: string, depth: number): Within[] {
  const root = parsed(json);
  if (root === null) return [];
  const found: Within[] = [];
  const go = (node: JsonNode, steps: readonly (string | number)[]): void => {
    if (node.members !== null) {
      for (const { name, start, value } of node.members) {
        const inner = [...steps, name];
        const span = unitsIn(json.slice(0, nameEnd(json, start)), start, true);
        found.push({ text: name, path: pathOf(inner), span });
        go(value, inner);
      }
    } else if (node.elements !== null) {
      for (const [at, element] of node.elements.entries()) go(element, [...steps, at]);
    } else {
      const isString = node.kind === 'string' || node.kind === 'escaped';
      const text = isString ? stringValue(json, node) : json.slice(node.start, node.end);
      const span = unitsIn(json, node.start, isString);
      const path = pathOf(steps);
      found.push({ text, path, span });
      if (!isString || depth >= MOST_DEPTH) return;
      for (const inner of textsWithin(text, depth + 1)) {
        found.push({
          text: inner.text,
          path: `${path} → ${inner.path}`,
          span: (piece) => span(inner.span(piece)),
        });
      }
    }
  };
  go(root, []);
  return found;
}

function parsed(json: string): JsonNode | null {
  if (!/^\s*[[{"]/.test(json)) return null;
  try {
    return parse(json).root;
  } catch (error) {
    if (error instanceof JsonEditError) return null;
    throw error;
  }
}

/** From units of a value to units of the text that it is written in, at `start`; a string with quotes and escapes. */
function unitsIn(json: string, start: number, isString: boolean): (piece: Span) => Span {
  if (!isString) return (piece) => ({ start: start + piece.start, end: start + piece.end });
  // Grows as far as it is asked for: where each unit of the value begins.
  const places: number[] = [start + 1];
  const at = (units: number): number => {
    while (places.length <= units) {
      const place = places[places.length - 1] ?? start + 1;
      const width = json.charCodeAt(place) !== 0x5c ? 1 : json.charCodeAt(place + 1) === 0x75 ? 6 : 2;
      places.push(place + width);
    }
    return places[units] ?? start;
  };
  return (piece) => ({ start: at(piece.start), end: at(piece.end) });
}
