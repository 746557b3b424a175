import { parse, TomlError } from 'smol-toml';
import { DEEPEST, malformed, type Tree, tooDeep } from './tree.ts';

/** A TOML text as a tree. All lines are 1: the parser tells none; `lineFinder` finds them by names. */
export function tomlTree(text: string): Tree {
  let value: unknown;
  try {
    value = parse(text, { maxDepth: DEEPEST, integersAsBigInt: 'asNeeded' });
  } catch (error) {
    // Not handed on as the cause: its message quotes the text.
    if (error instanceof TomlError) throw malformed(error.line, 'this is no TOML');
    throw error;
  }
  return treeOf(value, 0);
}

function treeOf(value: unknown, depth: number): Tree {
  if (depth > DEEPEST) throw tooDeep(1);
  if (Array.isArray(value))
    return { is: 'list', line: 1, items: value.map((item) => treeOf(item, depth + 1)) };
  if (typeof value === 'object' && value !== null && !(value instanceof Date)) {
    const members = new Map<string, Tree>();
    for (const [name, inner] of Object.entries(value)) members.set(name, treeOf(inner, depth + 1));
    return { is: 'table', line: 1, members };
  }
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return { is: 'leaf', line: 1, value };
  }
  return { is: 'leaf', line: 1, value: String(value) };
}

/**
 * Finds the first line on which a word stands by itself, after the line on which a header stands. Words are what names of
 * packages consist of. One pass over the text, whatever is asked.
 */
export function lineFinder(text: string): (word: string, after?: string) => number {
  const words = new Map<string, number[]>();
  const headers = new Map<string, number>();
  let line = 0;
  for (const row of text.split('\n')) {
    line += 1;
    const plain = row.trim();
    if (plain.startsWith('[') && plain.length < 200) {
      const header = plain.replace(/[[\]"'\s]/g, '').replace(/#.*$/, '');
      if (!headers.has(header)) headers.set(header, line);
    }
    for (const [word] of row.matchAll(/[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}/g)) {
      const found = words.get(word);
      if (found === undefined) words.set(word, [line]);
      else if (found.at(-1) !== line) found.push(line);
    }
  }
  return (word, after) => {
    const begin = after === undefined ? 0 : (headers.get(after) ?? 0);
    const lines = words.get(word);
    return lines?.find((at) => at >= begin) ?? lines?.[0] ?? Math.max(1, begin);
  };
}

/** The line of each `name = "…"` that stands in an `[[array]]` of this name, in order: what `package` in lock files is. */
export function nameLines(text: string, array: string): number[] {
  const lines: number[] = [];
  let line = 0;
  let isInside = false;
  for (const row of text.split('\n')) {
    line += 1;
    const plain = row.trim();
    if (plain.startsWith('[')) {
      isInside = plain.replace(/\s/g, '').startsWith(`[[${array}]]`);
      if (isInside) lines.push(line);
    } else if (isInside && /^name\s*=/.test(plain)) lines[lines.length - 1] = line;
  }
  return lines;
}
