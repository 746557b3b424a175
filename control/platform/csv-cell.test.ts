import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readCsv } from './csv.ts';
import { csvCell, csvLine, unescapedCell } from './csv-cell.ts';

const hostile = fc.string({
  unit: fc.constantFrom(...'=+-@＝＋－＠\'";,\t\r\n ab1\u00a0\u3000|'),
  maxLength: 30,
});
const any = fc.oneof(hostile, fc.string({ unit: 'grapheme' }));

/** Cells as a reader sees them that parts by `mark`; quotes count where a cell begins with one. For the test alone. */
function cellsBy(mark: string, line: string): string[] {
  const cells: string[] = [];
  for (let at = 0; at <= line.length; ) {
    let cell = '';
    if (line[at] === '"') {
      for (at += 1; at < line.length; at += 1) {
        if (line[at] !== '"') cell += line[at];
        else if (line[at + 1] === '"') {
          cell += '"';
          at += 1;
        } else {
          at += 1;
          break;
        }
      }
    }
    while (at < line.length && line[at] !== mark && line[at] !== '\r' && line[at] !== '\n')
      cell += line[at++];
    cells.push(cell);
    at += 1;
  }
  return cells;
}

test('no reader sees a formula in a line of a table, whether it parts cells by comma, semicolon or tab', () => {
  fc.assert(
    fc.property(
      fc.array(any, { minLength: 1, maxLength: 4 }),
      fc.constantFrom(',', ';', '\t'),
      (cells, mark) => {
        for (const cell of cellsBy(mark, csvLine(cells))) expect(cell).not.toMatch(/^\s*[=+\-@＝＋－＠]/);
      },
    ),
    { numRuns: 3_000 },
  );
});

test('a text comes back as it was, also one that looks escaped already', () => {
  fc.assert(
    fc.property(any, (text) => {
      // Our own reader: what it trims, and ends of lines that it takes for one another, are not the escape's.
      const said = text.replaceAll('\r', '').trim();
      const [row] = readCsv(`a,b\r\n${csvLine([said, 'x'])}`, 'table').rows;
      expect(unescapedCell(row?.get('a') ?? '')).toBe(said);
    }),
    { numRuns: 3_000 },
  );
});

describe('a cell', () => {
  test.each([
    ['=1+1', "'=1+1"],
    ['＝1', "'＝1"],
    ['＋1', "'＋1"],
    ['－1', "'－1"],
    ['＠x', "'＠x"],
    [' =1', "' =1"],
    ['a;"=1', `"a;'""=1"`],
    ['\tx', `"'\tx"`],
    ['\nx', `"'\nx"`],
    ['\rx', `"'\rx"`],
    ["'=1", "''=1"],
    ['a;=1', `"a;'=1"`],
    ['a\n=1', `"a\n'=1"`],
    ['a-1 = b', 'a-1 = b'],
    ["it's", "it's"],
    ['a; b', '"a; b"'],
  ])('%j is %j', (text, cell) => {
    expect(csvCell(text)).toBe(cell);
  });

  test('takes time that grows with its length', () => {
    const began = performance.now();
    csvCell('\t'.repeat(2_000_000));
    csvCell(`${"';".repeat(1_000_000)}=`);
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});
