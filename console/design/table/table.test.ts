import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatSort, parseHidden, parseSort } from './columns.ts';
import { csvOf } from './csv.ts';

interface Row {
  name: string;
  people: number;
}

const columns = [
  { id: 'name', head: 'Name', cell: () => null, csv: (row: Row) => row.name },
  { id: 'people', head: 'People', cell: () => null, csv: (row: Row) => row.people },
  { id: 'act', head: 'Act', cell: () => null },
];

/** Reads RFC 4180, for the test alone. */
function readCsv(text: string): string[][] {
  const lines: string[][] = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    lines.at(-1)?.push(quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'));
    if (end === '\r\n') lines.push([]);
  }
  return lines.slice(0, -1);
}

test('CSV holds the columns that have one, whatever stands in the cells', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ name: fc.string(), people: fc.nat() })), (rows) => {
      const [head, ...lines] = readCsv(csvOf(columns, rows));
      expect(head).toEqual(['Name', 'People']);
      expect(lines.map((line) => line[0])).toEqual(
        rows.map(({ name }) =>
          name.replaceAll(/(^|[;\t\r\n])(?=[\s'"]*[=+\-@＝＋－＠])|^(?=[\t\r\n])/g, "$1'"),
        ),
      );
      expect(lines.map((line) => line[1])).toEqual(rows.map((row) => String(row.people)));
    }),
  );
});

test('a cell that a spreadsheet would run is written as text', () => {
  expect(csvOf(columns, [{ name: '=HYPERLINK("https://example.com")', people: 1 }])).toContain(
    `"'=HYPERLINK(""https://example.com"")",1`,
  );
});

test.each(['＝1', ' =1', '\tx', '\nx', 'a;=1', 'a\n@x'])('%j begins no formula for any reader', (name) => {
  expect(csvOf(columns, [{ name, people: 1 }])).not.toMatch(/(^|[;,\t\r\n"])\s*[=+\-@＝＋－＠]/m);
});

test('sorting survives the address, and an unknown column is no sorting', () => {
  expect(parseSort('people.desc', columns)).toEqual([{ id: 'people', desc: true }]);
  expect(formatSort(parseSort('name.asc', columns))).toBe('name.asc');
  expect(parseSort('shoe_size.desc', columns)).toEqual([]);
  expect(parseSort(undefined, columns)).toEqual([]);
  expect(formatSort([])).toBeUndefined();
});

test('hidden columns are a list', () => {
  expect([...parseHidden('name,people')]).toEqual(['name', 'people']);
  expect(parseHidden(undefined).size).toBe(0);
});
