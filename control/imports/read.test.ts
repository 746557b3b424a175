import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ImportError } from './error.ts';
import type { ImportKind } from './kinds.ts';
import { importKindNames } from './kinds.ts';
import { readImport } from './read.ts';
import {
  caiqRows,
  entityMap,
  gvl,
  radarFiles,
  trackerDb,
  workbook,
  workbookParts,
  zipOf,
} from './testing.ts';

const read = (kind: ImportKind, content: string | Uint8Array) =>
  readImport(kind, typeof content === 'string' ? Buffer.from(content) : content);
const refused = (kind: ImportKind, content: string | Uint8Array): ImportError => {
  try {
    read(kind, content);
  } catch (error) {
    expect(error).toBeInstanceOf(ImportError);
    return error as ImportError;
  }
  throw new Error('it was read');
};

describe('Tracker Radar', () => {
  test('gives entities with their domains; public suffixes and what is no domain are left out and counted', () => {
    const { vendors, left } = read('tracker_radar', entityMap);
    expect(vendors).toMatchObject([
      {
        key: 'Orbit Metrics, Inc.',
        name: 'Orbit Metrics',
        legalName: 'Orbit Metrics, Inc.',
        domains: ['orbit-metrics.example', 'orbitcdn.example', 'acme.herokuapp.com'],
      },
      { name: 'Plain Ads', domains: ['plainads.example'] },
    ]);
    expect(left).toEqual([
      { what: 'domains below which others are at home', count: 1 },
      { what: 'domains that are none', count: 1 },
    ]);
  });

  test('as files of entities and domains is put together by owner', () => {
    const { vendors, left } = read('tracker_radar', radarFiles);
    expect(vendors).toMatchObject([
      {
        name: 'Orbit Metrics',
        domains: ['orbit-metrics.example', 'orbitcdn.example'],
        categories: ['Analytics'],
        website: 'https://orbit-metrics.example/',
        pages: {},
      },
    ]);
    expect(left).toEqual([{ what: 'domains without an owner', count: 1 }]);
  });

  test('of one entity alone is read, and what names none is refused', () => {
    const one = JSON.stringify({ name: 'Acme', displayName: '', properties: ['acme.example'] });
    expect(read('tracker_radar', one).vendors).toMatchObject([{ name: 'Acme', legalName: null }]);
    expect(refused('tracker_radar', '{}').message).toContain('names no entity');
    expect(refused('tracker_radar', '{"a":{"properties":[7]}}').field).toMatch(/^content/);
  });
});

test('many pieces of one vendor take time that grows with their number, and no more than there may be are kept', () => {
  const owner = { name: 'One', displayName: 'One' };
  const pieces = Array.from({ length: 60_000 }, (_, n) => ({ domain: `d${n % 30_000}.example`, owner }));
  const began = performance.now();
  const { vendors, left } = read('tracker_radar', JSON.stringify(pieces));
  expect(performance.now() - began).toBeLessThan(20_000);
  expect(vendors.map(({ domains }) => domains.length)).toEqual([5_000]);
  expect(left).toEqual([{ what: 'domains of vendors with too many', count: 50_000 }]);
});

test('vendors that no name tells apart are left out, and counted', () => {
  const long = 'x'.repeat(250);
  const map = {
    [`${long}1`]: { properties: [] },
    [`${long}2`]: { properties: [] },
    '\u200b': { properties: [] },
  };
  const { vendors, left } = read('tracker_radar', JSON.stringify(map));
  expect(vendors).toHaveLength(1);
  expect(left).toEqual([{ what: 'vendors that no name tells apart', count: 2 }]);
});

test('TrackerDB gives organisations with what their patterns add; contacts are not taken', () => {
  const { vendors } = read('trackerdb', trackerDb);
  expect(vendors).toMatchObject([
    {
      key: 'orbit',
      name: 'Orbit Metrics',
      country: 'DE',
      categories: ['Site Analytics'],
      domains: ['pixel.orbit-metrics.example'],
      pages: { privacy: 'https://orbit-metrics.example/privacy' },
    },
    { key: 'pattern:loner', name: 'Loner', categories: ['constructor'], domains: ['loner.example'] },
  ]);
  expect(JSON.stringify(vendors)).not.toContain('@');
});

test('the vendor list of the TCF gives purposes, bases, retention and kinds of data, and says which version it is', () => {
  const { version, asOf, vendors, left } = read('gvl', gvl());
  expect({ version, asOf, left }).toEqual({
    version: '42',
    asOf: '2025-10-30',
    left: [{ what: 'vendors that were taken off the list', count: 1 }],
  });
  expect(vendors).toMatchObject([
    {
      key: '8',
      name: 'Orbit Metrics, Inc.',
      domains: [],
      pages: { privacy: 'https://orbit-metrics.example/privacy' },
      purposes: [
        { name: 'Store information', basis: 'consent', days: null },
        { name: 'Measure performance', basis: 'legitimate_interest', days: 90 },
        { name: 'Ensure security', basis: 'special_purpose', days: 30 },
      ],
      data: ['IP addresses'],
      retentionDays: 365,
    },
  ]);
  const error = refused('gvl', gvl().replace('"id":8', '"id":"8"'));
  expect([error.field, error.message]).toEqual(['content.vendors.8.id', expect.stringContaining('number')]);
});

describe('an answered CAIQ', () => {
  const expected = [
    {
      question: 'A&A-01.1',
      asked: 'Is there a made-up policy?',
      answer: 'yes',
      owner: 'CSP-owned',
      explanation: 'It is <written> & kept.',
    },
    {
      question: 'IAM-14.1',
      asked: 'Is a second factor asked for?',
      answer: 'no',
      owner: 'Shared CSP and CSC',
      explanation: '',
    },
    {
      question: 'DSP-10.2',
      asked: 'Is it told where data goes?',
      answer: 'not_applicable',
      owner: '',
      explanation: '',
    },
  ];

  test('as a workbook gives the answers; what is not answered stays unknown', () => {
    const { version, answers, left } = read('caiq', workbook());
    expect(answers).toEqual(expected);
    expect(version).toBe('v4.0.3');
    expect(left).toEqual([
      { what: 'questions without an answer', count: 1 },
      { what: 'answers other than yes, no and not applicable', count: 1 },
    ]);
    expect(read('caiq', workbook(caiqRows, 'Answers')).version).toBe('v4.0.3');
  });

  test('as JSON gives the same, wherever the questions stand', () => {
    const json = {
      version: '4.0.3',
      domains: [
        {
          controls: [
            {
              id: 'A&A-01',
              questions: caiqRows.slice(2, 5).map(([id, question, answer, owner, explanation]) => ({
                ...{ id, question, answer, ssrm_control_ownership: owner },
                csp_implementation_description: explanation,
              })),
            },
          ],
        },
      ],
    };
    expect(read('caiq', JSON.stringify(json))).toMatchObject({ version: '4.0.3', answers: expected });
    const flat = expected.map(({ question, asked }, at) => ({
      'Question ID': question,
      Question: asked,
      'CSP CAIQ Answer': ['Yes', 'No', 'N/A'][at],
    }));
    expect(read('caiq', JSON.stringify(flat)).answers.map(({ answer }) => answer)).toEqual([
      'yes',
      'no',
      'not_applicable',
    ]);
  });

  test('with a question twice, without the columns, or without answers is refused', () => {
    const rows = [...caiqRows, ['IAM-14.1', '', 'Yes']];
    expect(refused('caiq', workbook(rows)).message).toContain('row 9: question IAM-14.1 stands there twice');
    expect(refused('caiq', workbook([['a', 'b']])).message).toContain('"Question ID"');
    expect(refused('caiq', workbook(caiqRows.slice(0, 2))).message).toContain('no question');
    expect(refused('caiq', '[]').message).toContain('no question');
  });
});

describe('a hostile workbook', () => {
  const withPart = (name: string, text: string) => zipOf({ ...workbookParts(caiqRows), [name]: text });

  test('that unpacks to more than people fill in is refused', () => {
    const bomb = withPart('xl/worksheets/sheet1.xml', `<worksheet>${' '.repeat(80_000_000)}</worksheet>`);
    expect(bomb.length).toBeLessThan(100_000);
    const began = performance.now();
    expect(refused('caiq', bomb).message).toContain('unpacks to more');
    expect(performance.now() - began).toBeLessThan(1_000);
  });

  test('is refused at the bound, too, where it says that it is small', () => {
    const lying = Buffer.from(
      withPart('xl/worksheets/sheet1.xml', `<worksheet>${' '.repeat(80_000_000)}</worksheet>`),
    );
    // The unpacked sizes in the list at its end (APPNOTE 4.3.12, offset 24).
    for (let at = lying.indexOf('PK\x01\x02'); at >= 0; at = lying.indexOf('PK\x01\x02', at + 4)) {
      lying.writeUInt32LE(10, at + 24);
    }
    const began = performance.now();
    expect(refused('caiq', lying).message).toContain('unpacks to more');
    expect(performance.now() - began).toBeLessThan(1_000);
  });

  test('whose parts share their bytes is bounded by what comes out of all', () => {
    const part = `<worksheet>${' '.repeat(30_000_000)}</worksheet>`;
    const both = { 'xl/worksheets/a.xml': part, 'xl/worksheets/b.xml': part };
    expect(refused('caiq', zipOf({ ...workbookParts(caiqRows), ...both })).message).toContain(
      'unpacks to more',
    );
  });

  test.each([
    ['<!DOCTYPE a [<!ENTITY b "c">]><sst>&b;</sst>', 'document type'],
    [`${'<a>'.repeat(60)}`, 'nested deeper'],
    ['<sst><si><t>a</t>', 'no workbook'],
    [`<sst>${'<si/>'.repeat(400_001)}</sst>`, 'more than 400000 texts'],
  ])('with texts %.30s is refused', (text, words) => {
    expect(refused('caiq', withPart('xl/sharedStrings.xml', text)).message).toContain(words);
  });

  test('with rows, cells and columns without end is refused or cut', () => {
    const sheet = (inner: string) =>
      withPart('xl/worksheets/sheet1.xml', `<worksheet><sheetData>${inner}</sheetData></worksheet>`);
    expect(refused('caiq', sheet('<row/>'.repeat(20_001))).message).toContain('20000 rows');
    const far = '<row r="1"><c r="ZZZ1"><v>1</v></c></row>';
    expect(refused('caiq', sheet(far)).message).toContain('"Question ID"');
  });

  test('that is cut off, or is any bytes, is refused in bounded time', () => {
    const bytes = workbook();
    fc.assert(
      fc.property(
        fc.nat(bytes.length - 1),
        fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 8 }),
        (length, changes) => {
          const broken = Buffer.from(bytes);
          for (const [at, value] of changes) if (at > 3) broken[at] = value;
          for (const one of [broken, broken.subarray(0, Math.max(2, length))]) {
            try {
              read('caiq', one);
            } catch (error) {
              expect(error).toBeInstanceOf(ImportError);
            }
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

test('any JSON of any kind is read into bounded rows, or refused with where', () => {
  const member = fc.constantFrom(
    'properties',
    'domain',
    'owner',
    'name',
    'vendors',
    'patterns',
    'organizations',
  );
  const json = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 5 },
      fc.jsonValue({ maxDepth: 1 }),
      fc.array(tie('any'), { maxLength: 4 }),
      fc.dictionary(fc.oneof(member, fc.constantFrom('__proto__', 'constructor'), fc.string()), tie('any'), {
        maxKeys: 5,
      }),
    ),
  })).any;
  fc.assert(
    fc.property(fc.constantFrom(...importKindNames), json, (kind, value) => {
      let found: ReturnType<typeof readImport>;
      try {
        found = read(kind, JSON.stringify(value));
      } catch (error) {
        expect(error).toBeInstanceOf(ImportError);
        expect((error as ImportError).field).toMatch(/^content/);
        return;
      }
      for (const { key, name } of found.vendors) {
        expect(key).not.toBe('');
        expect(name).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      }
    }),
    { numRuns: 500 },
  );
});

test('JSON that is deep is refused, and a text that is not UTF-8', () => {
  for (const kind of importKindNames) {
    expect(refused(kind, '['.repeat(1_000_000)).message).toMatch(/is not JSON/);
    expect(refused(kind, Uint8Array.of(0xff, 0x7b)).message).toContain('UTF-8');
  }
  const deep = `${'['.repeat(200_000)}{"id":"IAM-01.1","answer":"yes"}${']'.repeat(200_000)}`;
  expect(read('caiq', deep).answers).toHaveLength(1);
});
