import type { Cell } from './read.ts';

const RULE = /^ {0,3}\|?(?: *:?-{3,}:? *\|)* *:?-{3,}:? *\|? *$/;
const LONGEST_LINE = 20_000;

/** The tables of GitHub Flavored Markdown (spec 4.10): a head, a line of dashes, rows up to a line without a bar. */
export function markdownTables(content: string): Cell[][][] {
  const lines = content.split(/\r?\n/).map((line) => line.slice(0, LONGEST_LINE));
  const tables: Cell[][][] = [];
  for (let at = 1; at < lines.length; at += 1) {
    const [head, rule] = [lines[at - 1] ?? '', lines[at] ?? ''];
    if (!head.includes('|') || !rule.includes('|') || !RULE.test(rule)) continue;
    const rows = [cellsOf(head)];
    for (at += 1; (lines[at] ?? '').includes('|'); at += 1) rows.push(cellsOf(lines[at] ?? ''));
    tables.push(rows);
  }
  return tables;
}

/** The items of lists, one line each. */
export function markdownItems(content: string): Cell[] {
  return content.split(/\r?\n/).flatMap((line) => {
    const item = /^ *(?:[-*+]|\d{1,4}[.)]) +(\S.*)$/.exec(line.slice(0, LONGEST_LINE))?.[1];
    return item === undefined ? [] : [cellOf(item)];
  });
}

function cellsOf(line: string): Cell[] {
  const cells = line.trim().split(/(?<!\\)\|/);
  if (cells[0]?.trim() === '') cells.shift();
  if (cells.at(-1)?.trim() === '') cells.pop();
  return cells.slice(0, 50).map(cellOf);
}

/** Text without the marks of links, emphasis, code and tags, and where the first link leads. */
function cellOf(text: string): Cell {
  const url = /\]\((\S{1,500}?)(?: "[^"]{0,200}")?\)/.exec(text)?.[1] ?? '';
  return {
    url,
    text: text
      .replaceAll(/!?\[([^\]]{0,500})\]\([^)]{0,700}\)/g, '$1')
      .replaceAll(/<[^<>]{0,500}>/g, ' ')
      .replaceAll(/\\([|*_`])/g, '$1')
      .replaceAll(/\*\*|__|`/g, ''),
  };
}
