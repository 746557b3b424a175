import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dns } from '../dns/index.ts';
import { EvidenceError } from '../error.ts';
import { grants } from '../grants/index.ts';
import { manifests } from '../manifests/index.ts';
import { names } from '../names/index.ts';
import { infrastructure } from '../terraform/index.ts';
import { readText } from './read-text.ts';

const all = [...manifests, ...names, ...dns, ...grants, ...infrastructure];
/** Processor time of this thread for one text: far more than any should take. */
const MOST_MS = 4000;
const spent = (): number => process.threadCpuUsage().user / 1000;

/** What was told, or the code of the error: nothing else may be thrown. */
function outcome(format: (typeof all)[number], text: string, size?: number): unknown {
  try {
    const traces = readText(format, text, size);
    return [traces.list(), traces.unread];
  } catch (error) {
    if (error instanceof EvidenceError) return `${error.code} ${error.message}`;
    throw error;
  }
}

const MEMBERS = [
  'packages',
  'dependencies',
  'devDependencies',
  'require',
  'name',
  'purl',
  'bomFormat',
  'components',
  'services',
  'value',
  'items',
  'events',
  'parameters',
  'default',
  '',
  '__proto__',
  'constructor',
  'env',
  'environment',
  'variables',
  'data',
  'kind',
  'ResourceRecordSets',
  'Value',
  'type',
  'values',
];
const json = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.oneof(fc.string(), fc.constant(null), fc.boolean(), fc.double()),
    fc.array(tie('value'), { maxLength: 4 }),
    fc
      .array(fc.tuple(fc.constantFrom(...MEMBERS), tie('value')), { maxLength: 5 })
      .map((pairs) => new Map(pairs)),
  ),
})).value;

function write(value: unknown): string {
  if (value instanceof Map) {
    return `{${[...value].map(([name, inner]) => `${JSON.stringify(name)}:${write(inner)}`).join(',\n')}}`;
  }
  if (Array.isArray(value)) return `[${value.map(write).join(',')}]`;
  return JSON.stringify(value) ?? 'null';
}

const PIECES = [
  '[[package]]\n',
  'name = "a"\n',
  '{',
  '}',
  '[',
  ']',
  '"',
  "'",
  '(',
  ')',
  '\n',
  '  ',
  ':',
  '- ',
  '=',
  '$',
  '${',
  '%{',
  '<<E\n',
  '&a ',
  '*a ',
  '<a>',
  '</a>',
  '&lt;',
  '<!--',
  '/*',
  '#',
  ';',
  '\\',
  '\0',
  '\uFEFF',
  'TXT',
  'IN ',
  'packages:',
  '@',
  'é',
  '__proto__',
];
const texts = fc.oneof(
  fc.string(),
  fc.array(fc.constantFrom(...PIECES), { maxLength: 40 }).map((parts) => parts.join('')),
);

describe('files that nobody wrote in good faith', () => {
  for (const format of all) {
    it(`${format.id}: any text and any JSON is read or refused, in pieces as at once`, () => {
      fc.assert(
        fc.property(fc.oneof(texts, json.map(write)), fc.integer({ min: 1, max: 9 }), (text, size) => {
          expect(outcome(format, text, size)).toEqual(outcome(format, text));
          expect(format.fits('some/file.yaml', text)).toBeGreaterThanOrEqual(0);
        }),
        { numRuns: 60 },
      );
    });
  }

  const bomb = `a0: &a0 [x,x,x,x,x,x,x,x,x]\n${Array.from({ length: 12 }, (_, n) => `a${n + 1}: &a${n + 1} [${`*a${n},`.repeat(9)}]\n`).join('')}`;
  const entity = `<!DOCTYPE p [<!ENTITY a "aa">${Array.from({ length: 20 }, (_, n) => `<!ENTITY a${n} "&a;&a;">`).join('')}]><project><x>&a19;</x></project>`;
  const hostile: Record<string, string> = {
    'deep lists': '['.repeat(200_000),
    'deep objects': '{"a":'.repeat(100_000),
    'deep lists hidden from a count': '[ "]", '.repeat(50_000),
    'deep blocks': '- '.repeat(50_000),
    'deep indents': Array.from({ length: 1500 }, (_, n) => `${' '.repeat(n)}a:`).join('\n'),
    'deep XML': '<a>'.repeat(100_000),
    'deep HCL': 'a {\n'.repeat(50_000),
    'deep templates': `a = "${'${"'.repeat(50_000)}`,
    'an alias bomb': bomb,
    'an alias of itself': 'a: &a [*a]',
    entities: entity,
    'one line of 3 MB': `a = "${'x'.repeat(3_000_000)}`,
    'one word of 2 MB': 'x'.repeat(2_000_000),
    'many strings': `[${'"a\\\\",'.repeat(200_000)}1]`,
    'many brackets': '('.repeat(1_000_000),
  };
  for (const [name, text] of Object.entries(hostile)) {
    it(`${name}: refused or read, soon, by every reader`, { timeout: 120_000 }, () => {
      for (const format of all) {
        const begin = spent();
        outcome(format, text);
        expect({ format: format.id, isSoon: spent() - begin < MOST_MS }).toEqual({
          format: format.id,
          isSoon: true,
        });
      }
    });
  }

  it('says what is wrong and where, and quotes nothing', () => {
    const of = (id: string, text: string) =>
      outcome(all.find((format) => format.id === id) ?? (all[0] as never), text);
    expect(of('package-lock', '{\n"packages": secret')).toBe('malformed line 2: a value is missing');
    expect(of('poetry-lock', 'a = 1\nsecret here')).toMatch(/^malformed line 2: this is no TOML$/);
    expect(of('compose', 'a: 1\nb: [secret')).toMatch(/^malformed line \d: this is no YAML/);
    expect(of('compose', bomb)).toMatch(/aliases/);
    expect(of('maven-pom', entity)).toMatch(/entity/);
    expect(of('terraform', 'a = 1\nb = "secret')).toBe('malformed line 2: a text has no end');
    expect(of('package-lock', '{"a": "\0"}')).toMatch(/^encoding line 1/);
    expect(of('package-lock', '{"packages": []}')).toEqual([
      [],
      [{ line: 1, field: 'packages', why: 'this is no object' }],
    ]);
  });
});
