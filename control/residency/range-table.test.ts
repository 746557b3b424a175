import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addressOf, rangeOf } from './address.ts';
import { RangeTableError, readRanges } from './range-table.ts';

const head = `drawbridge.ranges/1\nsource made-up 2026-11-22 ${'a'.repeat(64)} https://made-up.example/ranges\n`;
const places = ['DE', 'US', 'aws:eu-west-2', 'EDGE'] as const;
type Listed = readonly [place: string, cidr: string];

const textOf = (listed: readonly Listed[]) =>
  head + listed.map(([place, cidr]) => `at ${place} made-up ${place}\n${cidr}\n`).join('');

/** The same by looking at every range: the smallest that has the address; of two equal ones an edge, else none. */
function naive(listed: readonly Listed[], address: string): string | null {
  const at = addressOf(address);
  if (at === null) return null;
  const having = listed.flatMap(([place, cidr]) => {
    const range = rangeOf(cidr);
    return range !== null && range.family === at.family && range.from <= at.value && at.value <= range.to
      ? [{ place, bits: range.bits }]
      : [];
  });
  const bits = Math.max(...having.map((one) => one.bits));
  const smallest = new Set(having.filter((one) => one.bits === bits).map(({ place }) => place));
  if (smallest.has('EDGE')) return 'EDGE';
  return smallest.size === 1 ? ([...smallest][0] ?? null) : null;
}

/** Few addresses and many ranges, so that they lie in one another. */
const four = fc
  .tuple(fc.integer({ min: 24, max: 32 }), fc.integer({ min: 0, max: 255 }))
  .map(([bits, last]) => {
    const size = 2 ** (32 - bits);
    return `198.51.100.${Math.floor(last / size) * size}/${bits}`;
  });
const six = fc
  .tuple(fc.integer({ min: 112, max: 128 }), fc.integer({ min: 0, max: 65_535 }))
  .map(([bits, last]) => {
    const size = 2 ** (128 - bits);
    return `2001:db8::${(Math.floor(last / size) * size).toString(16)}/${bits}`;
  });
const wide = fc.constantFrom(
  '2001:db8::/32',
  '2001:db8::/64',
  '2001:db8:0:1::/64',
  '198.51.0.0/16',
  '0.0.0.0/0',
  '::/0',
);
/** IPv4 as it stands in IPv6, in both spellings. */
const mapped = four.map((cidr) => {
  const [base, bits] = cidr.split('/');
  return `::ffff:${base}/${Number(bits) + 96}`;
});
const hex = (last: number) => `::ffff:c633:64${last.toString(16).padStart(2, '0')}`;
/** Unsorted, and with the same ranges again at the same places and at others. */
const someListed = fc
  .tuple(
    fc.array(fc.tuple(fc.constantFrom(...places), fc.oneof(four, six, wide, mapped)), { maxLength: 40 }),
    fc.array(fc.tuple(fc.constantFrom(...places), fc.nat(39)), { maxLength: 20 }),
  )
  .map(([listed, again]): Listed[] => [
    ...listed,
    ...again.flatMap(([place, at]) => {
      const cidr = listed[at]?.[1];
      return cidr === undefined ? [] : [[place, cidr] as const];
    }),
  ]);
const someAddress = fc.oneof(
  fc.integer({ min: 0, max: 255 }).map((last) => `198.51.100.${last}`),
  fc.integer({ min: 0, max: 65_535 }).map((last) => `2001:db8::${last.toString(16)}`),
  fc.integer({ min: 0, max: 255 }).map((last) => `::ffff:198.51.100.${last}`),
  fc.integer({ min: 0, max: 255 }).map(hex),
  fc.constantFrom('2001:db8:0:1::5', '198.51.99.1', '255.255.255.255', '0.0.0.0', '::', 'ffff::'),
);

test('finds what looking at every range finds', () => {
  fc.assert(
    fc.property(someListed, fc.array(someAddress, { minLength: 1, maxLength: 40 }), (listed, addresses) => {
      const table = readRanges(textOf(listed));
      for (const address of addresses)
        expect(table.find(address)?.place ?? null, address).toBe(naive(listed, address));
    }),
    { numRuns: 300 },
  );
});

test('IPv6 addresses are found however they are spelled', () => {
  const spelled = fc.oneof(
    fc.ipV6(),
    fc.ipV6().map((text) => text.toUpperCase()),
    fc.ipV4().map((text) => `::ffff:${text}`),
    fc.constantFrom(
      '::',
      '::1',
      '1::',
      '::1%eth0',
      '64:ff9b::192.0.2.1',
      '::ffff:c000:201',
      '1:2:3:4:5:6:7:8',
    ),
  );
  const beginning = (address: string, bits: number): string => {
    const at = addressOf(address);
    if (at === null || at.family === 4) return '192.0.2.0/24';
    const size = 1n << BigInt(128 - bits);
    const digits = ((at.value / size) * size).toString(16).padStart(32, '0');
    return `${digits.match(/.{4}/g)?.join(':')}/${bits}`;
  };
  fc.assert(
    fc.property(
      fc.array(fc.tuple(spelled, fc.integer({ min: 0, max: 128 }), fc.constantFrom(...places)), {
        maxLength: 12,
      }),
      spelled,
      (given, other) => {
        const listed = given.map(([address, bits, place]): Listed => [place, beginning(address, bits)]);
        const table = readRanges(textOf(listed));
        for (const address of [other, ...given.map(([one]) => one)])
          expect(table.find(address)?.place ?? null, address).toBe(naive(listed, address));
      },
    ),
    { numRuns: 500 },
  );
});

test('takes about a microsecond among 60,000 ranges', () => {
  const listed = Array.from(
    { length: 60_000 },
    (_, n) => `${(n >> 8) % 200}.${n % 256}.${(n * 7) % 256}.0/24`,
  );
  const table = readRanges(`${head}at DE made-up\n${[...new Set(listed)].join('\n')}\n`);
  const addresses = Array.from(
    { length: 1000 },
    (_, n) => `${n % 200}.${(n * 13) % 256}.${(n * 91) % 256}.9`,
  );
  const found = (): number => addresses.filter((address) => table.find(address) !== null).length;
  found();
  const began = performance.now();
  for (let round = 0; round < 100; round += 1) found();
  // A loaded machine is slow, and a search of every range would take hundreds of times as long.
  expect((performance.now() - began) / 100_000).toBeLessThan(0.01);
});

test.each([
  ['::ffff:198.51.100.0/120', { family: 4, bits: 24 }],
  ['::ffff:c633:6407', { family: 4, bits: 32 }],
  ['::ffff:198.51.100.0/24', null],
  ['::ffff:198.51.100.1/120', null],
  ['198.51.100.0/33', null],
])('%s as a range', (cidr, range) => {
  const found = rangeOf(cidr);
  expect(found === null ? null : { family: found.family, bits: found.bits }).toEqual(range);
});

describe('a table that is wrong names the line and the field', () => {
  test.each([
    ['nothing', '', 1, 'format'],
    ['another format', 'drawbridge.ranges/2\n', 1, 'format'],
    ['no source', 'drawbridge.ranges/1\n', 1, 'source'],
    ['a source without a day', 'drawbridge.ranges/1\nsource x soon a https://x.example/\n', 2, 'source'],
    [
      'a source without a hash',
      'drawbridge.ranges/1\nsource x 2026-11-22 a https://x.example/\n',
      2,
      'source',
    ],
    ['a range before any place', `${head}198.51.100.0/24\n`, 3, 'range'],
    ['no range', `${head}at DE made-up\nnonsense\n`, 4, 'range'],
    ['bits behind the prefix', `${head}at DE made-up\n198.51.100.1/24\n`, 4, 'range'],
    ['a group as a place', `${head}at EU made-up\n`, 3, 'at'],
    ['a provider without a source', `${head}at DE other\n`, 3, 'at'],
    ['markup', `${head}at <b> made-up\n`, 3, 'at'],
    ['a long line', `${head}${'9'.repeat(100_000)}\n`, 3, 'range'],
  ])('%s', (_, text, line, field) => {
    expect(() => readRanges(text)).toThrow(RangeTableError);
    try {
      readRanges(text);
    } catch (error) {
      expect(error).toMatchObject({ line, field });
    }
  });
  test('more ranges than a table may have', () => {
    const many = `${head}at DE made-up\n${'198.51.100.0/24\n'.repeat(200_001)}`;
    expect(() => readRanges(many)).toThrow('line 200004: range is one more than the 200000');
  });
  test('any text is read or refused, and nothing else', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          readRanges(head + text);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeTableError);
        }
      }),
    );
  });
});
