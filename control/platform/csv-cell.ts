/** What a formula begins with; full-width forms count in Japanese editions. */
const FORMULA = new Set('=+-@＝＋－＠');
/** After these a reader that parts cells otherwise begins one: with another separator, quotes in the middle part nothing. */
const PARTS = new Set(';\t\r\n');
const LINE = new Set('\t\r\n');

/**
 * A cell of a table (RFC 4180) that no spreadsheet computes, whichever of comma, semicolon and tab it parts cells by: an
 * apostrophe stands before what would be a formula (OWASP, "CSV Injection"), and before a tab or line end that it begins with.
 * Linear in the text. `unescapedCell` gives the text back.
 */
export function csvCell(text: string): string {
  const safe = escaped(text);
  return /[",;\r\n\t]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A line of a table, with its end. */
export const csvLine = (cells: readonly string[]): string => `${cells.map(csvCell).join(',')}\r\n`;

function escaped(text: string): string {
  const places = guardedPlaces(text);
  if (places.length === 0) return text;
  let [made, from] = ['', 0];
  for (const at of places) {
    made += `${text.slice(from, at)}'`;
    from = at;
  }
  return made + text.slice(from);
}

/** What a cell said before it was escaped. Cells of others, which were not, stay as they are but for such apostrophes. */
export function unescapedCell(cell: string): string {
  const places = guardedPlaces(cell).filter((at) => cell[at] === "'");
  let [made, from] = ['', 0];
  for (const at of places) {
    made += cell.slice(from, at);
    from = at + 1;
  }
  return made + cell.slice(from);
}

/** Where a cell begins, for some reader, that is a formula but for white space, apostrophes and quotes; in order. */
function guardedPlaces(text: string): number[] {
  const places: number[] = [];
  let leads = false;
  for (let at = text.length - 1; at >= 0; at -= 1) {
    const letter = text.charAt(at);
    if (FORMULA.has(letter)) leads = true;
    else if (letter !== "'" && letter !== '"' && letter.trim() !== '') leads = false;
    if (leads && (at === 0 || PARTS.has(text.charAt(at - 1)))) places.push(at);
  }
  if (places.at(-1) !== 0 && beginsWithLine(text)) places.push(0);
  return places.reverse();
}

function beginsWithLine(text: string): boolean {
  let at = 0;
  while (text[at] === "'") at += 1;
  return LINE.has(text.charAt(at));
}
