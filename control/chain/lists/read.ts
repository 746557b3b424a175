import { invalid, readCsv } from '../../platform/index.ts';
import { kindsOf, rowOf } from './columns.ts';
import { linesOf, tablesOf } from './html.ts';
import { itemOf } from './items.ts';
import { markdownItems, markdownTables } from './markdown.ts';
import { nameKey } from './names.ts';

export const listFormats = ['html', 'markdown', 'csv', 'text'] as const;
export type ListFormat = (typeof listFormats)[number];

/** One sub-processor as a vendor's list names it: its words, as text; `''` where the list says nothing. */
export interface ListRow {
  name: string;
  purpose: string;
  location: string;
  data: string;
  conditions: string;
  url: string;
}

/** Characters of a list, and rows of it. The longest published one that we know has under 300. */
export const LONGEST_LIST = 1_000_000;
const MOST_ROWS = 2_000;

/**
 * The rows of a published list of sub-processors, each name once: those that stand several times are put together. Throws
 * Problem 422 that names `content` where nothing in it is a list.
 */
export function readList(content: string, asked?: ListFormat): { format: ListFormat; rows: ListRow[] } {
  if (content.length > LONGEST_LIST) {
    throw invalid('content', `is longer than ${LONGEST_LIST} characters; hand in the list alone`);
  }
  const format = asked ?? formatOf(content);
  const rows = joined(readers[format](content).filter(({ name }) => nameKey(name) !== ''));
  if (rows.length === 0) throw invalid('content', nothing[format]);
  if (rows.length > MOST_ROWS) throw invalid('content', `names more than ${MOST_ROWS} sub-processors`);
  return { format, rows };
}

const readers: Readonly<Record<ListFormat, (content: string) => ListRow[]>> = {
  html: (content) => {
    const rows = tablesOf(content).flatMap(rowsOfTable);
    return rows.length > 0 ? rows : linesOf(content).flatMap((line) => itemOf(line) ?? []);
  },
  markdown: (content) => {
    const rows = markdownTables(content).flatMap(rowsOfTable);
    return rows.length > 0 ? rows : markdownItems(content).flatMap((line) => itemOf(line) ?? []);
  },
  csv: (content) => {
    const { columns, rows } = readCsv(content, 'content');
    const cells = rows.map((row) => columns.map((column) => ({ text: row.get(column) ?? '', url: '' })));
    return rowsOfTable([columns.map((text) => ({ text, url: '' })), ...cells]);
  },
  text: (content) => content.split(/\r?\n/).flatMap((text) => itemOf({ text, url: '' }) ?? []),
};

const nothing: Readonly<Record<ListFormat, string>> = {
  html: 'has no table with a column for names, and no list; a page that needs a browser to show its list is pasted as text',
  markdown: 'has no table with a column for names, and no list',
  csv: 'has no column for names: call it "name"',
  text: 'has no line with a name',
};

/** A cell's text, and where its first link leads; `''` without one. */
export interface Cell {
  text: string;
  url: string;
}

function rowsOfTable([head, ...body]: readonly (readonly Cell[])[]): ListRow[] {
  const kinds = head === undefined ? null : kindsOf(head.map(({ text }) => text));
  return kinds === null ? [] : body.map((cells) => rowOf(cells, kinds));
}

function formatOf(content: string): ListFormat {
  const begin = content.slice(0, 20_000);
  if (/<(?:!doctype|html|body|table|ul|ol|div|p)\b/i.test(begin)) return 'html';
  if (/^ {0,3}\|?[ :]*-{3,}[ :]*\|/m.test(content) || /^ {0,3}[-*+] \S/m.test(begin)) return 'markdown';
  const first = content.trimStart().split(/\r?\n/, 1)[0] ?? '';
  // A column alone, with its head.
  if (/^(?:sub-?processor|vendor|name|company)(?:s| name)?$/i.test(first.trim())) return 'csv';
  const cells = first.split(/[,;\t]/);
  return cells.length > 1 && kindsOf(cells.map((cell) => cell.replaceAll('"', '').trim())) !== null
    ? 'csv'
    : 'text';
}

/** Rows of one name as one row, its words put together where they differ. */
function joined(rows: readonly ListRow[]): ListRow[] {
  const found = new Map<string, ListRow>();
  for (const row of rows) {
    const key = nameKey(row.name);
    const known = found.get(key);
    found.set(key, known === undefined ? row : together(known, row));
  }
  return [...found.values()];
}

const LONGEST_JOINED = 2_000;

function together(a: ListRow, b: ListRow): ListRow {
  const both = (one: string, other: string): string => {
    if (other === '' || one.split('; ').includes(other)) return one;
    return one === '' ? other : `${one}; ${other}`.slice(0, LONGEST_JOINED);
  };
  return {
    name: a.name,
    purpose: both(a.purpose, b.purpose),
    location: both(a.location, b.location),
    data: both(a.data, b.data),
    conditions: both(a.conditions, b.conditions),
    url: a.url === '' ? b.url : a.url,
  };
}
