import { describe, expect, it } from 'vitest';
import { compileScanner, type DetectorRule, fingerprint, ScanBudgetError, ScanWork } from './index.ts';
import { crafted, exampleOf, seeded } from './testing/index.ts';

const forms = [
  ...['sk-{base64url:20-200}', 'sk-proj-{base64url:74}T3{base64url:74}', 'sk-ant-api03-{base64url:93}AA'],
  ...['sk-{hex:32}', 'sk-or-v1-{hex:64}', 'ghp_{base62:36}', 'ghs_{base62:36-200}x', 'eyJ{base64:70-400}=='],
];
const rules: DetectorRule[] = [
  ...forms.map((form, at) => ({ id: `made.rule${at}`, class: 'secret.api_key', forms: [form] })),
  ...['datadog', 'twilio', 'pinecone', 'mistral'].map((word) => ({
    id: `made.${word}`,
    class: 'secret.api_key',
    forms: ['{hex:32}', '{base62:40}', '{hex:8}-{hex:4}-{hex:4}-{hex:4}-{hex:12}', '{base64:86}=='],
    keywords: [word],
  })),
];
const random = seeded(9);
const known = Array.from({ length: 40 }, (_, at) => exampleOf(`{base62:${20 + at}}`, random));
const prints = new Set(known.map((one) => fingerprint(one, 31)));
const scanner = compileScanner({
  rules,
  known: {
    lengths: new Set(known.map((one) => one.length)),
    lookup: (one) => (known.includes(one) ? { id: 'made-up', class: 'secret.api_key' } : null),
    filter: { seed: 31, has: (print) => prints.has(print) },
  },
  phrases: { begins: (word) => (word === 'ann' ? [1, 2, 8] : null), lookup: () => null },
  personal: 'all',
});

describe('work', () => {
  /** Steps for each character: what a text of any length may cost. */
  const PER_CHARACTER = 40;

  it.each(crafted(16 * 1024).map(({ name, text }) => [name, text]))(
    'is bounded by the length: %s',
    (_, text) => {
      scanner.scan(text, { maxWork: PER_CHARACTER * text.length });
      const twice = text + text;
      scanner.scan(twice, { maxWork: PER_CHARACTER * twice.length });
    },
  );

  it('is bounded by the length also where all pieces of a run may be a registered value', () => {
    const asked: string[] = [];
    const planted = compileScanner({
      rules: [],
      contextual: false,
      known: {
        lengths: new Set(Array.from({ length: 241 }, (_, at) => at + 16)),
        around: false,
        lookup: (one) => {
          asked.push(one);
          return one === 'made_up-0123456789abcdef' ? { id: 'made up', class: 'secret.api_key' } : null;
        },
      },
    });
    for (const { text } of crafted(16 * 1024)) planted.scan(text, { maxWork: 200 * text.length });
    asked.length = 0;
    planted.scan(`a table\n| ${'-'.repeat(300)} | ${'_'.repeat(300)} | ${'-'.repeat(40)} |`);
    expect(asked).toEqual([]);
    const found = planted.scan('x_made_up-0123456789abcdef-and-more')[0];
    expect(found).toMatchObject({ start: 2, end: 26, known: 'made up' });
  });

  it('is counted over several scans', () => {
    const text = known.slice(0, 20).join(' ');
    const work = new ScanWork(4 * 64 * text.length);
    expect(scanner.scan(text, { work })).toHaveLength(20);
    expect(() => {
      for (let turn = 0; turn < 100; turn++) scanner.scan(text, { work });
    }).toThrow(ScanBudgetError);
    expect(() => scanner.stream({ work }).push(text)).toThrow(ScanBudgetError);
  });

  it('that passes what is allowed ends with an error that says how much, and is the same each time', () => {
    const text = known.slice(0, 20).join(' ');
    expect(() => scanner.scan(text, { maxWork: 100 })).toThrow(ScanBudgetError);
    expect(() => scanner.scan(text, { maxWork: 100 })).toThrow(
      expect.objectContaining({ code: 'scan_budget', maxWork: 100 }),
    );
    const least = (() => {
      let [low, high] = [0, 100_000];
      while (low < high) {
        const middle = (low + high) >> 1;
        try {
          scanner.scan(text, { maxWork: middle });
          high = middle;
        } catch (error) {
          if (!(error instanceof ScanBudgetError)) throw error;
          low = middle + 1;
        }
      }
      return low;
    })();
    for (let turn = 0; turn < 3; turn++) {
      expect(scanner.scan(text, { maxWork: least })).toHaveLength(20);
      expect(() => scanner.scan(text, { maxWork: least - 1 })).toThrow(ScanBudgetError);
    }
    const stream = scanner.stream({ maxWork: 100 });
    expect(() => stream.push(`${text} `)).toThrow(ScanBudgetError);
  });
});
