/**
 * The tree of a JSON text: kinds and spans only, no values. A span is `[start, end)` in UTF-16 code units of the
 * text. All nodes have the same members in the same order, so that engines give them one shape.
 */
export interface JsonObject {
  kind: 'object';
  start: number;
  end: number;
  /** In source order; a name that occurs twice is there twice. */
  members: JsonMember[];
  elements: null;
}
export interface JsonArray {
  kind: 'array';
  start: number;
  end: number;
  members: null;
  elements: JsonNode[];
}
export interface JsonScalar {
  /** `escaped` is a string with at least one backslash, so that its value is not simply its span. */
  kind: 'string' | 'escaped' | 'number' | 'true' | 'false' | 'null';
  start: number;
  end: number;
  members: null;
  elements: null;
}
export type JsonContainer = JsonObject | JsonArray;
export type JsonNode = JsonContainer | JsonScalar;

export interface JsonMember {
  /** Unescaped. */
  name: string;
  /** Where the name's opening quote stands; the member ends with its value. */
  start: number;
  value: JsonNode;
}

export interface JsonDocument {
  text: string;
  root: JsonNode;
  /** Whether the text went on beyond what was given (only with `prefix`). */
  cut: boolean;
}

/** The value of a string node, without quotes and escapes. */
export function stringValue(text: string, node: JsonNode): string {
  if (node.kind === 'string') return text.slice(node.start + 1, node.end - 1);
  const value: unknown = JSON.parse(text.slice(node.start, node.end));
  return String(value);
}

/** The JavaScript value, as JSON.parse gives it: of a repeated name the last one counts. */
export function toValue(text: string, node: JsonNode): unknown {
  if (node.elements !== null) return node.elements.map((element) => toValue(text, element));
  if (node.members === null) return JSON.parse(text.slice(node.start, node.end));
  const value: Record<string, unknown> = {};
  for (const member of node.members) {
    // Defined, not assigned: a member named `__proto__` must not reach the prototype.
    Object.defineProperty(value, member.name, {
      value: toValue(text, member.value),
      configurable: true,
      enumerable: true,
      writable: true,
    });
  }
  return value;
}
