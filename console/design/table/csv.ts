import { saveAs } from '../save.ts';
import type { Column } from './columns.ts';

/** What a spreadsheet would run begins so, at the cell's beginning or after what other readers part cells by. */
const FORMULA = /(^|[;\t\r\n])(?=[\s'"]*[=+\-@＝＋－＠])|^(?=[\t\r\n])/g;

/** A cell that a spreadsheet would run as a formula is written as text, as the API's tables do; quotes are doubled (RFC 4180). */
function cell(value: string | number): string {
  const text = typeof value === 'number' ? String(value) : value.replaceAll(FORMULA, "$1'");
  return /[",;\r\n\t]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** CSV of exactly the rows and columns given, with a head line. */
export function csvOf<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const written = columns.filter((column) => column.csv !== undefined);
  const head = written.map((column) => cell(column.head)).join(',');
  const lines = rows.map((row) => written.map((column) => cell(column.csv?.(row) ?? '')).join(','));
  return `${[head, ...lines].join('\r\n')}\r\n`;
}

export function saveCsv(name: string, text: string): void {
  saveAs(`${name}.csv`, [text], 'text/csv');
}
