import { SaxesParser } from 'saxes';
import { ImportError, unreadable } from '../error.ts';
import { noWorkbook, unpack } from './zip.ts';

/** One sheet as texts. Formulas count for nothing: what a cell last showed is read. */
export interface Sheet {
  name: string;
  rows: { number: number; cells: string[] }[];
}

const MOST_SHEETS = 50;
const MOST_ROWS = 20_000;
const MOST_COLUMNS = 100;
const MOST_CELLS = 400_000;
const MOST_STRINGS = 400_000;
const LONGEST_TEXT = 32_767;
const DEEPEST = 40;

/** The sheets of a workbook (ECMA-376, SpreadsheetML), in its order. Bounded in time and memory. Throws ImportError. */
export function readWorkbook(bytes: Uint8Array): Sheet[] {
  const parts = unpack(
    bytes,
    (name) =>
      name === 'xl/workbook.xml' ||
      name === 'xl/_rels/workbook.xml.rels' ||
      name === 'xl/sharedStrings.xml' ||
      /^xl\/worksheets\/[^/]+\.xml$/.test(name),
  );
  const part = (name: string) => parts.get(name);
  const workbook = part('xl/workbook.xml');
  if (workbook === undefined) throw noWorkbook();
  const targets = new Map<string, string>();
  walk(part('xl/_rels/workbook.xml.rels'), {
    open: (name, at) => {
      if (name === 'Relationship') targets.set(at.Id ?? '', at.Target ?? '');
    },
  });
  const listed: { name: string; target: string }[] = [];
  walk(workbook, {
    open: (name, at) => {
      if (name !== 'sheet') return;
      if (listed.length >= MOST_SHEETS) throw unreadable(`has more than ${MOST_SHEETS} sheets`);
      const target = (targets.get(at['r:id'] ?? '') ?? '').replace(/^\/?(?:xl\/)?/, 'xl/');
      listed.push({ name: (at.name ?? '').slice(0, 100), target });
    },
  });
  const strings = sharedStrings(part('xl/sharedStrings.xml'));
  const count = { cells: 0 };
  return listed.map(({ name, target }) => ({ name, rows: rowsOf(part(target), strings, count) }));
}

/** The texts that cells refer to by number. What a reading aid says beside one (`rPh`) is none of it. */
function sharedStrings(xml: Uint8Array | undefined): string[] {
  const strings: string[] = [];
  let [text, isText, aside] = ['', false, 0];
  walk(xml, {
    open: (name) => {
      if (name === 'si') text = '';
      if (name === 'rPh') aside += 1;
      isText = name === 't' && aside === 0;
    },
    text: (more) => {
      if (isText && text.length < LONGEST_TEXT) text += more.slice(0, LONGEST_TEXT);
    },
    close: (name) => {
      isText = false;
      if (name === 'rPh') aside -= 1;
      if (name !== 'si') return;
      if (strings.length >= MOST_STRINGS) throw unreadable(`has more than ${MOST_STRINGS} texts`);
      strings.push(text);
    },
  });
  return strings;
}

function rowsOf(
  xml: Uint8Array | undefined,
  strings: readonly string[],
  count: { cells: number },
): Sheet['rows'] {
  const rows: Sheet['rows'] = [];
  let row: Sheet['rows'][number] | null = null;
  let cell: { column: number; type: string; text: string } | null = null;
  let isText = false;
  walk(xml, {
    open: (name, at) => {
      if (name === 'row') {
        if (rows.length >= MOST_ROWS) throw unreadable(`a sheet has more than ${MOST_ROWS} rows`);
        const said = Number(at.r);
        row = { number: Number.isSafeInteger(said) && said > 0 ? said : rows.length + 1, cells: [] };
        rows.push(row);
      } else if (name === 'c' && row !== null) {
        count.cells += 1;
        if (count.cells > MOST_CELLS) throw unreadable(`has more than ${MOST_CELLS} cells`);
        cell = { column: columnOf(at.r) ?? row.cells.length, type: at.t ?? 'n', text: '' };
      }
      isText = name === 'v' || name === 't';
    },
    text: (more) => {
      if (isText && cell !== null && cell.text.length < LONGEST_TEXT)
        cell.text += more.slice(0, LONGEST_TEXT);
    },
    close: (name) => {
      isText = false;
      if (name !== 'c' || cell === null || row === null) return;
      const { column, type, text } = cell;
      cell = null;
      if (column >= MOST_COLUMNS) return;
      while (row.cells.length < column) row.cells.push('');
      row.cells[column] = type === 's' ? (strings[Number(text)] ?? '') : text;
    },
  });
  return rows;
}

/** The place of a column from 0, of a cell's address such as `AB12`; null where it has none. */
function columnOf(address: string | undefined): number | null {
  const letters = /^([A-Z]{1,3})\d/.exec(address ?? '')?.[1];
  if (letters === undefined) return null;
  return [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1;
}

interface Visitor {
  /** `name`: without its prefix. */
  open(name: string, attributes: Readonly<Record<string, string>>): void;
  text?(text: string): void;
  close?(name: string): void;
}

/** Walks through XML. A document type is refused: it could define texts that grow without end. */
function walk(xml: Uint8Array | undefined, { open, text, close }: Visitor): void {
  if (xml === undefined) return;
  const parser = new SaxesParser({ xmlns: false, position: false });
  let depth = 0;
  const local = (name: string) => name.slice(name.indexOf(':') + 1);
  parser.on('doctype', () => {
    throw unreadable('a part of it has a document type, which no workbook needs');
  });
  parser.on('error', () => {
    throw noWorkbook();
  });
  parser.on('opentag', ({ name, attributes }) => {
    depth += 1;
    if (depth > DEEPEST) throw unreadable(`is nested deeper than ${DEEPEST} elements`);
    open(local(name), attributes);
  });
  parser.on('text', (more) => text?.(more));
  parser.on('cdata', (more) => text?.(more));
  parser.on('closetag', ({ name }) => {
    depth -= 1;
    close?.(local(name));
  });
  let decoded: string;
  try {
    decoded = new TextDecoder('utf-8', { fatal: true }).decode(xml);
  } catch (error) {
    if (error instanceof TypeError) throw noWorkbook();
    throw error;
  }
  try {
    for (let at = 0; at < decoded.length; at += SLICE) parser.write(decoded.slice(at, at + SLICE));
    parser.close();
  } catch (error) {
    if (error instanceof ImportError) throw error;
    // The parser throws what it can't read as plain errors, too.
    throw noWorkbook();
  }
}

/** Characters. */
const SLICE = 256 * 1024;
