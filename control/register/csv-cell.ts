/** Cells that a spreadsheet would take for a formula; those that begin so once they were escaped, too. */
const FORMULA = /^'*[=+\-@\t\r]/;

/** A cell of a table (RFC 4180) that no spreadsheet computes: an apostrophe before what would be a formula. */
export function csvCell(text: string): string {
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return /[",;\r\n\t]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** What a cell said before it was escaped. */
export const unescapedCell = (cell: string): string =>
  cell.startsWith("'") && FORMULA.test(cell) ? cell.slice(1) : cell;
