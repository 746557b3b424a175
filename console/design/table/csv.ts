import { saveAs } from '../save.ts';
import type { Column } from './columns.ts';

/** A cell that a spreadsheet would run as a formula is written as text; quotes are doubled (RFC 4180). */
function cell(value: string | number): string {
  const text = typeof value === 'number' ? String(value) : value.replace(/^(?=[=+\-@\t\r])/, "'");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
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
