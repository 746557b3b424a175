import { readFile, writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';

/** What the vendor, or the network to it, does while an SDK calls. In the order of the table's columns. */
const weathers = {
  fine: 'fine',
  slow: 'slow',
  refused: '4xx',
  busy: '429 and 503 that pass',
  failing: '5xx that stays',
  often: '503 three times',
  dropped: 'dropped connection',
  broken: 'breaks off',
  stranger: 'unknown key',
  severed: 'severed, then open',
} as const;
export type Weather = keyof typeof weathers;

const contractWords = { asIs: 'as is', recommended: 'recommended' } as const;

/** One cell of the table: a call of an SDK, under a contract, in a weather. */
export interface Cell {
  call: string;
  contract: keyof typeof contractWords;
  weather: Weather;
}

/** What the SDK gave its user, in few words without numbers that change from run to run, and how often it asked. */
export interface Seen {
  gave: string;
  attempts: number;
}

const document = new URL('../docs/conformance.md', import.meta.url);

/** Whether all cells are run: in the soak, and when the table is written. Else the slow ones are left to those. */
export const isThorough =
  process.env.DRAWBRIDGE_SOAK === '1' || process.env.DRAWBRIDGE_WRITE_CONFORMANCE === '1';

/** In a table that was seen: a cell that this run left out. */
const LEFT_OUT = '(left out)';

/**
 * The part of `docs/conformance.md` that one test file vouches for. Suites declare cells when they are collected and
 * fill them as they run; the last test compares the document with what was seen, or writes it (`npm run conformance`).
 */
export class ConformanceTable {
  readonly #section: string;
  readonly #sheets: Sheet[] = [];

  constructor(section: string) {
    this.#section = section;
  }

  /** The sheet of one SDK. `at`: the vendor, where one SDK is used at several. */
  sdk(name: string, at?: string): Sheet {
    const sheet = new Sheet(name, at ?? null);
    this.#sheets.push(sheet);
    return sheet;
  }

  /** To be called last in a test file: one test, that the document says what was seen, no more and no less. */
  compared(): void {
    it('the table in docs/conformance.md says what was seen', async () => {
      const begin = `<!-- ${this.#section}: begin -->\n`;
      const end = `<!-- ${this.#section}: end -->`;
      const text = await readFile(document, 'utf8');
      const from = text.indexOf(begin);
      const to = text.indexOf(end);
      expect(from >= 0 && to > from, `docs/conformance.md has no part "${this.#section}"`).toBe(true);
      const seen = `${(await Promise.all(this.#sheets.map((sheet) => sheet.lines()))).join('\n')}\n`;
      if (process.env.DRAWBRIDGE_WRITE_CONFORMANCE === '1') {
        await writeFile(document, text.slice(0, from) + begin + seen + text.slice(to));
        return;
      }
      const written = text.slice(from + begin.length, to);
      expect(withLeftOut(seen, written), 'run "npm run conformance" to write the table anew').toBe(written);
    });
  }
}

/** What was seen, with the document's word for each cell that was left out. */
function withLeftOut(seen: string, written: string): string {
  const lines = written.split('\n');
  return seen
    .split('\n')
    .map((line, row) => {
      const cells = lines[row]?.split(' | ') ?? [];
      return line
        .split(' | ')
        .map((cell, column) => (cell.startsWith(LEFT_OUT) ? (cells[column] ?? cell) : cell))
        .join(' | ');
    })
    .join('\n');
}

/** The rows of one SDK. */
export class Sheet {
  readonly #sdk: string;
  readonly #at: string | null;
  readonly #cells = new Map<string, Cell & { seen: Seen | null }>();

  constructor(sdk: string, at: string | null) {
    this.#sdk = sdk;
    this.#at = at;
  }

  /** Declares a cell that this run leaves out: the document says what was seen in it. */
  leaveOut(cell: Cell): void {
    this.cell(cell)({ gave: LEFT_OUT, attempts: 0 });
  }

  /** Declares a cell; the function that comes back fills it. Throws Error when the cell is declared twice. */
  cell(cell: Cell): (seen: Seen) => void {
    const name = JSON.stringify([cell.call, cell.contract, cell.weather]);
    if (this.#cells.has(name)) throw new Error(`the cell ${name} of ${this.#sdk} is declared twice`);
    const kept: Cell & { seen: Seen | null } = { ...cell, seen: null };
    this.#cells.set(name, kept);
    return (seen) => {
      kept.seen = seen;
    };
  }

  async lines(): Promise<string> {
    const cells = [...this.#cells.values()];
    const columns = (Object.keys(weathers) as Weather[]).filter((weather) =>
      cells.some((cell) => cell.weather === weather),
    );
    const rows = Map.groupBy(cells, ({ call, contract }) => `| \`${call}\` | ${contractWords[contract]}`);
    const table = [...rows].map(([head, row]) => {
      const texts = columns.map((weather) => textOf(row.find((cell) => cell.weather === weather)));
      return `${head} | ${texts.join(' | ')} |`;
    });
    return [
      `### ${this.#sdk} ${await versionOf(this.#sdk)}${this.#at === null ? '' : `, at ${this.#at}`}`,
      '',
      `| call | contract | ${columns.map((weather) => weathers[weather]).join(' | ')} |`,
      `|---|---|${columns.map(() => '---').join('|')}|`,
      ...table,
      '',
    ].join('\n');
  }
}

function textOf(cell: (Cell & { seen: Seen | null }) | undefined): string {
  if (cell === undefined) return '';
  if (cell.seen === null) throw new Error(`${cell.call}, ${cell.contract}: ${cell.weather} was not run`);
  return `${cell.seen.gave} · ${cell.seen.attempts}`;
}

async function versionOf(sdk: string): Promise<string> {
  const file = new URL(`../node_modules/${sdk}/package.json`, import.meta.url);
  const { version }: { version: string } = JSON.parse(await readFile(file, 'utf8'));
  return version;
}

/** What an SDK throws, in words for the table: the vendor's status where the SDK gives it. */
export function wordsFor(error: unknown): string {
  for (const part of [error, inside(error, 'lastError'), inside(error, 'cause')]) {
    const status = inside(part, 'status') ?? inside(part, 'statusCode') ?? httpStatus(part);
    if (typeof status === 'number') return `error ${status}`;
  }
  return 'error';
}

function httpStatus(error: unknown): unknown {
  return inside(inside(error, '$metadata'), 'httpStatusCode');
}

function inside(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
