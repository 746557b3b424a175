import { parse } from '@drawbridge/jsonedit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ContractRules,
  compileFound,
  compileMap,
  FieldRefusedError,
  type Keyed,
  type Lift,
  LiftedObservations,
  minimiseDocument,
  Observations,
  type TextFinding,
  type Treatment,
} from './index.ts';
import { keyed, mapOf, rulesOf } from './testing/keyed.ts';

const asked: string[] = [];

/** Finds words in capitals: `MAIL1`, `KEY2`, `HOST3`, and what is registered; under the name `who` the whole value is one. */
function finder(text: string, name: string): TextFinding[] {
  asked.push(text);
  if (name === 'who' || text === 'registered' || text === 'letters')
    return [{ class: 'mail', start: 0, end: text.length, isUnsure: false }];
  return [...text.matchAll(/(MAIL|KEY|MAYBE|HOST)[0-9]+/g)].map((match) => ({
    class: match[1] === 'MAYBE' ? 'key' : (match[1] ?? '').toLowerCase(),
    start: match.index,
    end: match.index + match[0].length,
    isUnsure: match[1] === 'MAYBE',
  }));
}

const finding: Keyed = {
  ...keyed,
  text: finder,
  token: (fieldClass, value) => `[[${fieldClass}:${value.length}]]`,
};

const map = mapOf(
  [
    { path: 'text', class: 'prompt' },
    { path: 'text[*].type', class: 'setting' },
    { path: 'args', class: 'prompt', json: true },
    { path: 'setting', class: 'setting' },
    { path: 'tags.*', class: 'prompt', queue: true },
    { path: 'person', class: 'id' },
    { path: 'file', class: 'media' },
  ],
  { unmapped: 'prompt' },
);
const base = rulesOf({}, { unmapped: { do: 'pass' } });
const found: Record<string, Treatment> = {
  mail: { do: 'tokenise' },
  key: { do: 'refuse' },
  host: { do: 'drop' },
};

function run(text: string, change: Partial<ContractRules> = {}, lift: Lift | null = null) {
  const rules: ContractRules = { ...base, text: { found, otherwise: { do: 'drop' } }, ...change };
  const seen =
    lift === null ? new Observations(finding, new Set()) : new LiftedObservations(finding, new Set(), lift);
  const compiled = compileMap(map, rules, {
    sightingKind: 'parameter',
    found: compileFound(rules, new Set(['prompt']), (name) => `[removed ${name}]`, new Set(['media'])),
  });
  return { out: minimiseDocument(parse(text), compiled, seen, null), seen };
}

describe('free text', () => {
  it('loses what is found in it, and nothing else', () => {
    const { out, seen } = run('{ "text" : "a\\u0062 \\/ MAIL1, \\"MAIL22\\" HOST3 \\n" , "setting":"MAIL1"}');
    expect(out).toBe(
      '{ "text" : "a\\u0062 \\/ [[mail:5]], \\"[[mail:6]]\\" [removed host] \\n" , "setting":"MAIL1"}',
    );
    expect(seen.tally()).toEqual([
      ['prompt', 'pass', 1],
      ['mail', 'tokenise', 2],
      ['host', 'drop', 1],
      ['setting', 'pass', 1],
    ]);
    expect(seen.observed()[0]?.item.fields).toContainEqual({
      path: 'text',
      class: 'mail',
      treatment: 'tokenise',
      shape: 'string',
      count: 2,
    });
  });

  it('keeps its bytes where nothing is found', () => {
    const text = '{"text":["a\\u0062",{"type":"MAIL1","x":"\\/"}],"args":"{\\"a\\" : 1}"}';
    expect(run(text).out).toBe(text);
  });

  it.each([
    ['base64', '{"file":["MAIL1+/=","data:image/png;base64,MAIL1"]}'],
    ['long base64', `{"file":"${'MAIL1'.repeat(100)}"}`],
    ['an address', '{"file":"https://x.example/?a=MAIL1"}'],
    ['a fraction', '{"text":{"who":1234567.5}}'],
  ])('is not looked through in media and what tells nothing: %s', (_, text) => {
    expect(run(text).out).toBe(text);
  });

  it.each<[string, string, string]>([
    ['parts', '{"text":[{"type":"t","text":"MAIL1"}]}', '{"text":[{"type":"t","text":"[[mail:5]]"}]}'],
    ['objects in it', '{"text":{"a":{"b":["MAIL1"]}}}', '{"text":{"a":{"b":["[[mail:5]]"]}}}'],
    ['values with their names', '{"text":{"who":"Anna"}}', '{"text":{"who":"[[mail:4]]"}}'],
    [
      'JSON in a string',
      '{"args":"{\\"who\\":\\"Anna\\",\\"n\\":1}"}',
      '{"args":"{\\"who\\":\\"[[mail:4]]\\",\\"n\\":1}"}',
    ],
    [
      'JSON in JSON, said by nobody',
      '{"text":"[\\"{\\\\\\"who\\\\\\":\\\\\\"A\\\\\\"}\\"]"}',
      '{"text":"[\\"{\\\\\\"who\\\\\\":\\\\\\"[[mail:1]]\\\\\\"}\\"]"}',
    ],
    [
      'escapes in JSON in a string',
      '{"text":"{\\"a\\":\\"M\\\\u0041IL1\\"}"}',
      '{"text":"{\\"a\\":\\"[[mail:5]]\\"}"}',
    ],
    ['what no rule maps', '{"new":"MAIL1"}', '{"new":"[[mail:5]]"}'],
    ['values under names of the app', '{"tags":{"a":"MAIL1"}}', '{"tags":{"a":"[[mail:5]]"}}'],
    [
      'names of members',
      '{"text":{"x MAIL1":1},"tags":{"MAIL22 ":"a"}}',
      '{"text":{"x [[mail:5]]":1},"tags":{"[[mail:6]] ":"a"}}',
    ],
    [
      'names of letters alone, each time that they come',
      '{"text":[{"organisation":1},{"organisation":2,"registered":3},{"registered":4}]}',
      '{"text":[{"organisation":1},{"organisation":2,"[[mail:10]]":3},{"[[mail:10]]":4}]}',
    ],
    ['no names that are shorter than a secret', '{"text":{"letters":1}}', '{"text":{"letters":1}}'],
    ['a number that a table made a fraction', '{"text":{"who":12345678.0}}', '{"text":{"who":"[[mail:8]]"}}'],
    ['a document among media', '{"file":{"data":"Ask MAIL1."}}', '{"file":{"data":"Ask [[mail:5]]."}}'],
    [
      'media that is text',
      '{"file":"data:image/svg+xml,<a>MAIL1"}',
      '{"file":"data:image/svg+xml,<a>[[mail:5]]"}',
    ],
    ['text that is nearly JSON', '{"text":"{ MAIL1 }"}', '{"text":"{ [[mail:5]] }"}'],
  ])('is looked through in %s', (_, text, out) => {
    expect(run(text).out).toBe(out);
  });

  it('asks once in a document, under each rule, for a name of letters alone', () => {
    asked.length = 0;
    run(
      '{"text":[{"organisation":1},{"organisation":"MAIL1"},{"organisation":2}],"organisation":1,"tags":{"organisation":1}}',
    );
    expect(asked).toEqual(['organisation', 'MAIL1', 'organisation', 'organisation']);
  });

  it('is looked through in whole numbers', () => {
    const numbers: Keyed = {
      ...finding,
      text: (text) => [{ class: 'mail', start: 0, end: text.length, isUnsure: false }],
    };
    const rules: ContractRules = { ...base, text: { found, otherwise: { do: 'drop' } } };
    const compiled = compileMap(map, rules, {
      sightingKind: 'parameter',
      found: compileFound(rules, new Set(['prompt']), String),
    });
    const seen = new Observations(numbers, new Set());
    const text = '{"args":"{\\"a\\":4111111111111111,\\"b\\":12,\\"c\\":0.12345678901}"}';
    expect(minimiseDocument(parse(text), compiled, seen, null)).toBe(
      '{"args":"{\\"a\\":\\"[[mail:16]]\\",\\"b\\":12,\\"c\\":0.12345678901}"}',
    );
  });

  it('refuses, naming class and place', () => {
    expect(() => run('{"text":[{"x":"a KEY1"}]}')).toThrow(
      expect.objectContaining({ name: 'FieldRefusedError', class: 'key', path: 'text' }),
    );
    expect(run('{"text":"MAYBE1"}').out).toBe('{"text":"[[key:6]]"}');
  });

  it('takes every treatment', () => {
    const as = (treatment: Treatment) =>
      run('{"text":"a MAIL1 b"}', { text: { found: { mail: treatment }, otherwise: { do: 'pass' } } }).out;
    expect(as({ do: 'pass' })).toBe('{"text":"a MAIL1 b"}');
    expect(as({ do: 'drop' })).toBe('{"text":"a [removed mail] b"}');
    expect(as({ do: 'pseudonymise' })).toBe(`{"text":"a ${keyed.pseudonym('MAIL1')} b"}`);
    expect(as({ do: 'generalise', to: 'hour' })).toBe('{"text":"a [removed mail] b"}');
    expect(() => as({ do: 'refuse' })).toThrow(FieldRefusedError);
  });

  it('is looked through only where it would pass', () => {
    for (const [treatment, out] of [
      [{ do: 'drop' }, '{}'],
      [{ do: 'pseudonymise' }, `{"text":"${keyed.pseudonym('MAIL1')}"}`],
      [{ do: 'tokenise' }, '{"text":"[[prompt:5]]"}'],
    ] as const) {
      expect(run('{"text":"MAIL1"}', { classes: { prompt: treatment } }).out).toBe(out);
    }
    expect(() => run('{"text":"a"}', { classes: { prompt: { do: 'refuse' } } })).toThrow(FieldRefusedError);
    const text = '{"text":"MAIL1 KEY1"}';
    expect(run(text, { text: undefined }).out).toBe(text);
  });

  it('does not cross where the scanner fails, or says what can not be', () => {
    const broken = (text: Keyed['text']) => {
      const seen = new Observations({ ...finding, ...(text === undefined ? {} : { text }) }, new Set());
      const rules: ContractRules = { ...base, text: { found, otherwise: { do: 'drop' } } };
      const compiled = compileMap(map, rules, {
        sightingKind: 'parameter',
        found: compileFound(rules, new Set(['prompt']), String),
      });
      return () => minimiseDocument(parse('{"text":"MAIL1"}'), compiled, seen, null);
    };
    const at = (start: number, end: number): TextFinding => ({ class: 'mail', start, end, isUnsure: false });
    expect(
      broken(() => {
        throw new Error('made up');
      }),
    ).toThrow('made up');
    expect(broken(() => [at(0, 6)])).toThrow(RangeError);
    expect(broken(() => [at(0, 3), at(2, 4)])).toThrow(RangeError);
    expect(broken(() => [at(2, 2)])).toThrow(RangeError);
    const rules: ContractRules = { ...base, text: { found, otherwise: { do: 'drop' } } };
    const compiled = compileMap(map, rules, {
      sightingKind: 'parameter',
      found: compileFound(rules, new Set(['prompt']), String),
    });
    const without = () =>
      minimiseDocument(parse('{"text":"a"}'), compiled, new Observations(keyed, new Set()), null);
    expect(without).toThrow('looked through');
  });
});

describe('a contract that is lifted', () => {
  const holds = (name: string): boolean => name === 'key';

  it('leaves what is found, says what would be, and makes no tokens of it', () => {
    const text = '{"text":"a\\u0062 MAIL1 HOST2","args":"{\\"who\\":\\"Anna\\"}"}';
    const { out, seen } = run(text, {}, { what: 'all', holds });
    expect(out).toBe(text);
    expect(seen.tally()).toEqual([
      ['prompt', 'pass', 2],
      ['mail', 'pass', 2],
      ['host', 'pass', 1],
    ]);
    expect((seen as LiftedObservations).would()).toEqual([
      ['mail', 'tokenise', 2],
      ['host', 'drop', 1],
    ]);
  });

  it('lets no class cross for which it holds', () => {
    expect(() => run('{"text":"KEY1"}', {}, { what: 'all', holds })).toThrow(FieldRefusedError);
    const dropped: Record<string, Treatment> = { ...found, key: { do: 'drop' } };
    const { out } = run(
      '{"text":"KEY1 MAIL1"}',
      { text: { found: dropped, otherwise: { do: 'pass' } } },
      { what: 'all', holds },
    );
    expect(out).toBe('{"text":"[removed key] MAIL1"}');
  });

  it('drops what it refuses, where that alone is lifted', () => {
    const { out, seen } = run('{"text":"KEY1 MAIL1"}', {}, { what: 'refusals', holds: () => false });
    expect(out).toBe('{"text":"[removed key] [[mail:5]]"}');
    expect((seen as LiftedObservations).would()).toEqual([['key', 'refuse', 1]]);
  });
});

it('any text crosses as it was but for what is found, however it is escaped', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'binary' }).map((text) => text.replaceAll(/[0-9A-Z]/g, 'x')),
    fc.constantFrom('MAIL1', 'HOST22', 'MAIL333'),
  );
  const escaped = (text: string, seed: number): string =>
    [...text.split('')]
      .map((unit, at) =>
        (at * 7 + seed) % 3 === 0
          ? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
          : JSON.stringify(unit).slice(1, -1),
      )
      .join('');
  fc.assert(
    fc.property(fc.array(piece), fc.nat(2), (pieces, seed) => {
      const text = pieces.join(' ');
      const { out } = run(`{"text":"${escaped(`${text}|`, seed)}"}`);
      const wanted = `${text}|`.replaceAll(/(MAIL|HOST)[0-9]+/g, (all, name: string) =>
        name === 'MAIL' ? `[[mail:${all.length}]]` : '[removed host]',
      );
      expect(JSON.parse(out).text).toBe(wanted);
    }),
    { numRuns: 100 },
  );
});
