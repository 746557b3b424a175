import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CsvTable, readCsv, readLongCsv } from './csv.ts';
import { Problem } from './problem.ts';

const cell = fc.string({ maxLength: 20 }).map((text) => text.replaceAll('\r', '').trim());
const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;

test('what a writer of RFC 4180 wrote is read back, whichever delimiter and line end it has', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(cell, cell, cell), { maxLength: 8 }),
      fc.constantFrom(',', ';', '\t'),
      fc.constantFrom('\n', '\r\n'),
      fc.boolean(),
      (rows, mark, end, bom) => {
        const line = (cells: readonly string[]) => cells.map(quoted).join(mark) + end;
        const text =
          (bom ? '\ufeff' : '') + ['a,b', 'c', 'd'].map(quoted).join(mark) + end + rows.map(line).join('');
        const kept = rows.filter((cells) => cells.some((one) => one !== ''));
        const read = readCsv(text, 'table').rows.map((row) => [row.get('a,b'), row.get('c'), row.get('d')]);
        expect(read).toEqual(kept);
      },
    ),
  );
});

test('any text is a table or a problem that names the field', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', ';', '\0'), maxLength: 60 }),
      (text) => {
        try {
          readCsv(text, 'table');
        } catch (error) {
          expect(error).toBeInstanceOf(Problem);
          expect((error as Problem).errors?.[0]?.field).toBe('table');
        }
      },
    ),
  );
});

test.each([
  ['', 'is empty'],
  ['a,,c\n1,2,3', 'column 2 has no name'],
  ['a,b,a\n1,2,3', 'two columns have one name'],
  ['a,b\n1,2\n\n1,"two\nlines",3', 'line 4 has 3 cells'],
  ['a,b\n1,"never', 'line 2: a quote is opened here'],
  ['a,b\n1,"x"y', 'line 2: after a closing quote'],
  ['a'.repeat(4 * 1024 * 1024 + 1), 'in parts'],
  [Array.from({ length: 201 }, (_, index) => `c${index}`).join(','), 'more than 200 columns'],
])('%#: says where it is no table', (text, words) => {
  expect(() => readCsv(text, 'table')).toThrow(words);
});

test('a row says at which line it begins', () => {
  const { rows } = readCsv('a,b\n1,"two\nlines"\n\n2,x\n', 'table');
  expect(rows.map(({ line }) => line)).toEqual([2, 5]);
});

test('what stands in a broken table is not in the message', () => {
  expect(() => readCsv('a\nada@example.com "x', 'table')).toThrow(/^(?!.*ada@)/);
});

/** How often others had their turn meanwhile. */
async function turnsDuring(work: Promise<unknown>): Promise<number> {
  let turns = 0;
  let next: NodeJS.Immediate;
  const take = (): void => {
    turns++;
    next = setImmediate(take);
  };
  next = setImmediate(take);
  await work.finally(() => clearImmediate(next));
  return turns;
}

test('a long table is read as a short one is, whatever a slice cuts through, and others have their turn', async () => {
  const cells = ({ rows }: CsvTable) => rows.map((row) => [row.line, row.get('a'), row.get('b €')]);
  for (const pad of ['', 'x', 'xx']) {
    const row = '"“Ä“\n""€""",😀\r\n';
    const text = `\ufeffa,b €\r\n${pad},1\r\n${row.repeat(8_000)}`;
    const reading = readLongCsv(text, 'table', text.length);
    expect(await turnsDuring(reading)).toBeGreaterThan(2);
    expect(cells(await reading)).toEqual(cells(readCsv(text, 'table')));
  }
});

test.each([
  [`a,b\n${'1,2\n'.repeat(50_000)}1,"x"y\n${'1,2\n'.repeat(40_000)}`, 'line 50002: after a closing quote'],
  [`a,b\n${'1,2\n'.repeat(50_000)}1,"never`, 'line 50002: a quote is opened here'],
  [`a\n${'1\n'.repeat(100_001)}`, 'more than 100000 rows'],
  ['a,b\n1,2\n1,"two\nlines",3', 'line 3 has 3 cells'],
  ['', 'is empty'],
])('%#: of a long text too it is said where it is no table', async (text, words) => {
  await expect(readLongCsv(text, 'table', 1_000_000)).rejects.toThrow(words);
});
