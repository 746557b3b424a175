import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
} from 'yaml';
import { EvidenceError } from '../error.ts';
import { DEEPEST, malformed, type Tree, tooDeep } from './tree.ts';

const LONGEST_YAML = 4 * 1024 * 1024;
/** Nodes that aliases may add, over all. */
const MOST_FROM_ALIASES = 20_000;

/** The documents of a YAML text, with lines. Aliases are followed, and what they add is bounded. Values of tags are texts. */
export function yamlTrees(text: string): Tree[] {
  if (text.length > LONGEST_YAML) {
    throw new EvidenceError('too_large', `YAML is read up to ${LONGEST_YAML / 1024 ** 2} MiB: split it`);
  }
  boundDepth(text);
  const lines = new LineCounter();
  return parsed(text, lines).flatMap((document) => {
    const [error] = document.errors;
    if (error !== undefined) {
      throw malformed(
        lines.linePos(error.pos[0]).line,
        `this is no YAML (${error.code.toLowerCase().replaceAll('_', ' ')})`,
      );
    }
    return document.contents === null ? [] : [new YamlWalk(lines).tree(document.contents, 0, 1)];
  });
}

/** The parser calls itself for each level: text made to nest deeper than any stack ends here. */
function parsed(text: string, lines: LineCounter): readonly Document[] {
  const options = { lineCounter: lines, uniqueKeys: false, logLevel: 'silent' } as const;
  try {
    const documents = parseAllDocuments(text, options);
    return 'empty' in documents ? [] : documents;
  } catch (error) {
    if (error instanceof RangeError) throw tooDeep(1);
    throw error;
  }
}

class YamlWalk {
  readonly #lines: LineCounter;
  /** By anchor, the last that was met: an alias means that one. */
  readonly #anchored = new Map<string, Node>();
  #inAlias = 0;
  #fromAliases = 0;

  constructor(lines: LineCounter) {
    this.#lines = lines;
  }

  tree(node: unknown, depth: number, above: number): Tree {
    const line = this.#lineOf(node) ?? above;
    if (depth > DEEPEST) throw tooDeep(line);
    if (this.#inAlias > 0) {
      this.#fromAliases += 1;
      if (this.#fromAliases > MOST_FROM_ALIASES) throw malformed(line, 'its aliases unfold to too much');
    }
    if (isAlias(node)) {
      const target = this.#anchored.get(node.source);
      if (target === undefined) return { is: 'leaf', line, value: null };
      this.#inAlias += 1;
      const tree = this.tree(target, depth + 1, line);
      this.#inAlias -= 1;
      return { ...tree, line };
    }
    if (this.#inAlias === 0 && isNode(node) && 'anchor' in node && typeof node.anchor === 'string') {
      this.#anchored.set(node.anchor, node);
    }
    if (isSeq(node)) {
      return { is: 'list', line, items: node.items.map((item) => this.tree(item, depth + 1, line)) };
    }
    if (!isMap(node)) return { is: 'leaf', line, value: isScalar(node) ? plain(node.value) : null };
    const members = new Map<string, Tree>();
    for (const { key, value } of node.items) {
      const keyLine = this.#lineOf(key) ?? line;
      const name = isScalar(key) ? String(key.value) : '';
      const tree = this.tree(value, depth + 1, keyLine);
      if (name === '<<') {
        for (const part of tree.is === 'list' ? tree.items : [tree]) {
          if (part.is !== 'table') continue;
          for (const [inner, of] of part.members) if (!members.has(inner)) members.set(inner, of);
        }
      } else members.set(name, { ...tree, line: keyLine });
    }
    return { is: 'table', line, members };
  }

  #lineOf(node: unknown): number | undefined {
    const offset = isNode(node) ? node.range?.[0] : undefined;
    return offset === undefined ? undefined : this.#lines.linePos(offset).line;
  }
}

function plain(value: unknown): string | number | boolean | null {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return value === null || value === undefined ? null : String(value);
}

/** Refuses what nests far deeper than is read before the parser sees it; what slips through here ends its recursion. */
function boundDepth(text: string): void {
  let line = 0;
  let flow = 0;
  /** Without what stands in quotes: a closing bracket there closes nothing. */
  let unquoted = 0;
  for (const row of text.split('\n')) {
    line += 1;
    for (const [bracket] of row.matchAll(/[[\]{}]/g)) {
      flow = bracket === '[' || bracket === '{' ? flow + 1 : Math.max(0, flow - 1);
      if (flow > 10 * DEEPEST) throw tooDeep(line);
    }
    for (const [piece] of row.matchAll(/"(?:[^"\\]|\\.)*"|'[^']*'|[[\]{}]/g)) {
      if (piece.length > 1) continue;
      unquoted = piece === '[' || piece === '{' ? unquoted + 1 : Math.max(0, unquoted - 1);
      if (unquoted > 10 * DEEPEST) throw tooDeep(line);
    }
    const compact = /^\s*(?:[-?:]\s+){2,}/.exec(row)?.[0].replace(/\s/g, '').length ?? 0;
    const indent = row.length - row.trimStart().length;
    if (compact > DEEPEST || (indent > 10 * DEEPEST && indent < row.length)) throw tooDeep(line);
  }
}
