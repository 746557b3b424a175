import type { Finding, Scanner } from '@drawbridge/scan';

/** Headings under which browsers and password managers export passwords and one-time codes as they are. */
const passwords: ReadonlySet<string> = new Set([
  'password',
  'login_password',
  'otpauth',
  'login_totp',
  'totp',
]);
/** One of these beside it tells such an export from any other table. */
const beside: ReadonlySet<string> = new Set(['url', 'username', 'login_uri', 'login_username', 'httprealm']);
const MOST_COLUMNS = 200;

/** Findings in the cells of a table with headings, each cell under its heading. Quotes are as in RFC 4180. */
export function tableFindings(text: string, separator: string, scanner: Scanner): Finding[] {
  let headings: readonly string[] | null = null;
  let isExport = false;
  const findings: Finding[] = [];
  for (const row of rows(text, separator)) {
    if (headings === null) {
      headings = row.map((cell) => text.slice(cell.start, cell.end).trim().toLowerCase());
      if (headings.length < 2 || headings.length > MOST_COLUMNS || !headings.every(isHeading)) return [];
      isExport = headings.some((name) => passwords.has(name)) && headings.some((name) => beside.has(name));
      continue;
    }
    for (const [index, { start, end }] of row.entries()) {
      const heading = headings[index];
      if (heading === undefined || start === end) continue;
      if (isExport && passwords.has(heading)) {
        findings.push({
          class: 'secret.password',
          confidence: 'certain',
          start,
          end,
          detector: 'export.password',
          why: 'password column of an export',
        });
        continue;
      }
      for (const finding of scanner.scanValue(heading, text.slice(start, end))) {
        findings.push({ ...finding, start: start + finding.start, end: start + finding.end });
      }
    }
  }
  return findings;
}

const isHeading = (name: string): boolean => /^[\p{L}_][\p{L}\p{N}_ .()-]{0,60}$/u.test(name);

/** Where a cell's text stands, without its quotes. */
interface Cell {
  start: number;
  end: number;
}

function* rows(text: string, separator: string): Generator<Cell[]> {
  let at = 0;
  while (at < text.length) {
    const row: Cell[] = [];
    for (;;) {
      let start = at;
      let end: number;
      if (text[at] === '"') {
        start = at + 1;
        end = closingQuote(text, start);
        at = end + 1;
        while (at < text.length && text[at] !== separator && text[at] !== '\n') at++;
      } else {
        while (at < text.length && text[at] !== separator && text[at] !== '\n') at++;
        end = text[at - 1] === '\r' && at > start ? at - 1 : at;
      }
      row.push({ start, end });
      if (text[at] !== separator) break;
      at++;
    }
    at++;
    yield row;
  }
}

/** Two quotes in a row are one of the text. */
function closingQuote(text: string, from: number): number {
  for (let quote = text.indexOf('"', from); quote !== -1; quote = text.indexOf('"', quote + 2)) {
    if (text[quote + 1] !== '"') return quote;
  }
  return text.length;
}
