import { type Document, isCollection, isMap, isPair, isScalar, type LineCounter, type Node } from 'yaml';

/** A place in a file, both counted from 1. */
export interface Position {
  line: number;
  column: number;
}

/**
 * Where the value at a path stands in a YAML document. Where a part of the path is missing, the nearest thing above
 * it that is there.
 */
export function positionOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): Position {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const step of path) {
    if (!isCollection(node)) break;
    const found = childAt(node, step);
    if (found === null) break;
    offset = found.offset ?? offset;
    node = found.node;
  }
  return place(lines, offset);
}

/** Where a member's name stands: for names that should not be there. */
export function positionOfName(
  document: Document,
  lines: LineCounter,
  path: readonly PropertyKey[],
  name: string,
): Position {
  const parent = path.length === 0 ? document.contents : document.getIn(path.map(String), true);
  if (isMap(parent)) {
    const pair = parent.items.find((item) => isScalar(item.key) && String(item.key.value) === name);
    const offset = startOf(pair?.key);
    if (offset !== null) return place(lines, offset);
  }
  return positionOf(document, lines, path);
}

function childAt(parent: Node, step: PropertyKey): { node: unknown; offset: number | null } | null {
  if (isMap(parent)) {
    const pair = parent.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step));
    // The name is what a person looks for, also where the value is a block on the next line.
    return isPair(pair) ? { node: pair.value, offset: startOf(pair.key) } : null;
  }
  if (!isCollection(parent)) return null;
  const node: unknown = parent.items[Number(step)];
  return node === undefined ? null : { node, offset: startOf(node) };
}

function startOf(node: unknown): number | null {
  if (typeof node !== 'object' || node === null || !('range' in node)) return null;
  const range: unknown = node.range;
  return Array.isArray(range) && typeof range[0] === 'number' ? range[0] : null;
}

function place(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}
