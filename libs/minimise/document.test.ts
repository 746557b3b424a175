import { parse } from '@drawbridge/jsonedit';
import { describe, expect, it } from 'vitest';
import {
  type ContractRules,
  compileMap,
  type FieldMap,
  FieldRefusedError,
  KeyMixedError,
  KeyPlaceError,
  type KeySwap,
  minimiseDocument,
  Observations,
} from './index.ts';
import { keyed, mapOf, rulesOf } from './testing/keyed.ts';

function run(
  text: string,
  map: FieldMap,
  rules: ContractRules,
  options: { reveal?: string[]; key?: KeySwap; keyPaths?: string[] } = {},
) {
  const seen = new Observations(keyed, new Set(options.reveal));
  const compiled = compileMap(map, rules, { sightingKind: 'property', keyPaths: options.keyPaths ?? [] });
  const out = minimiseDocument(parse(text), compiled, seen, options.key ?? null);
  return { out, items: seen.observed(), tally: seen.tally() };
}

const people = mapOf(
  [
    { path: 'id', class: 'id', prefixes: ['$device:'] },
    { path: 'email', class: 'email' },
    { path: 'ids', class: 'id', prefixes: ['$device:'] },
    { path: 'event', class: 'name', name: true, known: ['$identify'] },
  ],
  { subjects: [{ path: 'id', kind: 'user', rank: 0, prefixes: ['$device:'] }] },
);

describe('records that may stand alone', () => {
  const rules = rulesOf({ email: { do: 'drop' } });
  const map = { ...people, records: 'batch[*] | $[*]' };
  it.each([
    ['{"sent":1,"batch":[{"email":"a","event":"$identify"}]}', '{"batch":[{"event":"$identify"}]}'],
    ['{"email":"a","event":"$identify"}', '{"event":"$identify"}'],
    ['[{"email":"a"},{"event":"$identify"}]', '[{},{"event":"$identify"}]'],
  ])('are found in %s', (text, out) => {
    expect(run(text, map, { ...rules, unmapped: { do: 'drop' } }).out).toBe(out);
  });

  it('are not looked for where the map does not say so', () => {
    const named = { ...map, records: 'batch[*]' };
    expect(run('{"event":"$identify"}', named, { ...rules, unmapped: { do: 'drop' } }).out).toBe('{}');
  });
});

describe('treatments', () => {
  it('passes, and leaves the bytes alone', () => {
    const text = ' { "id" : 1.50, "email":"\\u0061@example.com" , "ids": [ ] }';
    expect(run(text, people, rulesOf({})).out).toBe(text);
  });

  it('drops members and elements with their commas', () => {
    const map = mapOf([
      { path: 'list[*]', class: 'gone' },
      { path: 'keep', class: 'kept' },
      { path: 'gone', class: 'gone' },
    ]);
    const { out } = run(
      '{"gone":{"a":1},"keep":1,"list":[1,2],"gone":2}',
      map,
      rulesOf({ gone: { do: 'drop' } }),
    );
    expect(out).toBe('{"keep":1,"list":[]}');
  });

  it('pseudonymises scalars, numbers and lists; drops objects; leaves null and empty alone', () => {
    const rules = rulesOf({ id: { do: 'pseudonymise' } });
    const p = keyed.pseudonym;
    expect(run('{"id":"u"}', people, rules).out).toBe(`{"id":"${p('u')}"}`);
    expect(run('{"id":42.0}', people, rules).out).toBe(`{"id":"${p('42')}"}`);
    expect(run('{"id":true}', people, rules).out).toBe(`{"id":"${p('true')}"}`);
    expect(run('{"ids":["u",7,["v"],{"x":1},null]}', people, rules).out).toBe(
      `{"ids":["${p('u')}","${p('7')}",["${p('v')}"],null]}`,
    );
    expect(run('{"id":{"x":"u"},"email":""}', people, rules).out).toBe('{"email":""}');
    expect(run('{"id":null}', people, rules).out).toBe('{"id":null}');
    expect(run('{"id":""}', people, rules).out).toBe('{"id":""}');
  });

  it('keeps declared prefixes, and gives the rest the pseudonym of the bare id', () => {
    const rules = rulesOf({ id: { do: 'pseudonymise' } });
    const { out } = run('{"id":"$device:abc","ids":["abc","$device:","x$device:abc"]}', people, rules);
    const p = keyed.pseudonym;
    expect(out).toBe(`{"id":"$device:${p('abc')}","ids":["${p('abc')}","$device:","${p('x$device:abc')}"]}`);
  });

  it('lets listed values cross and makes others "other"', () => {
    const map = mapOf([{ path: '*', class: 'plan' }]);
    const rules = rulesOf({ plan: { do: 'pass', values: ['free', '7'] } });
    const { out, tally } = run(
      '{"a":"free","b":"secret plan","c":7,"d":8,"e":["free","x"],"f":{"g":"x"}}',
      map,
      rules,
    );
    expect(out).toBe('{"a":"free","b":"other","c":7,"d":"other","e":["free","other"]}');
    expect(tally).toEqual([
      ['plan', 'pass', 3],
      ['plan', 'generalise', 3],
      ['plan', 'drop', 1],
    ]);
  });

  it('refuses with the rule, never with the value', () => {
    const rules = rulesOf({ email: { do: 'refuse' } });
    expect.assertions(3);
    try {
      run('{"email":"anna@example.com"}', people, rules);
    } catch (error) {
      expect(error).toBeInstanceOf(FieldRefusedError);
      expect(error).toMatchObject({ path: 'email', class: 'email' });
      expect(String(error)).not.toContain('anna');
    }
  });

  it('generalises numbers to numbers where they stay numbers', () => {
    const map = mapOf([{ path: 'time', class: 'time' }]);
    const rules = rulesOf({ time: { do: 'generalise', to: 'hour' } });
    expect(run('{"time":1762942812.5}', map, rules).out).toBe('{"time":1762941600}');
    expect(run('{"time":"2025-11-12T10:20:12.5Z"}', map, rules).out).toBe('{"time":"2025-11-12T10:00:00Z"}');
  });

  it('treats JSON within a string leaf by leaf', () => {
    const map = mapOf([{ path: 'arguments', class: 'tool', json: true }]);
    const rules = rulesOf({ tool: { do: 'pseudonymise' } });
    const inner = { to: 'anna@example.com', n: [1, { deep: 'x' }] };
    const { out } = run(JSON.stringify({ arguments: JSON.stringify(inner) }), map, rules);
    const p = keyed.pseudonym;
    expect(JSON.parse(JSON.parse(out).arguments)).toEqual({ to: p(inner.to), n: [p('1'), { deep: p('x') }] });
    const broken = run('{"arguments":"{not json"}', map, rules);
    expect(JSON.parse(broken.out).arguments).toBe(p('{not json'));
  });
});

describe('names given by the app', () => {
  const rules = rulesOf({}, { names: { do: 'pseudonymise', allowed: ['Signed up'] } });

  it('pseudonymises unknown ones and queues them', () => {
    const { out, items } = run('{"event":"Opened case of Anna","id":"u"}', people, rules);
    expect(JSON.parse(out).event).toBe(keyed.pseudonym('Opened case of Anna'));
    expect(items[0]?.sightings).toEqual([
      {
        hash: keyed.reviewHash('Opened case of Anna'),
        kind: 'event_name',
        shape: 'string',
        subject: keyed.subject('u'),
      },
    ]);
  });

  it.each(['Signed up', '$identify'])('lets %s cross', (event) => {
    const text = JSON.stringify({ event });
    expect(run(text, people, rules).out).toBe(text);
  });

  it('reveals a name only when asked to', () => {
    const hash = keyed.reviewHash('Opened');
    const { items } = run('{"event":"Opened"}', people, rules, { reveal: [hash] });
    expect(items[0]?.sightings[0]?.name).toBe('Opened');
  });
});

describe('what no rule maps', () => {
  it('is treated as the contract says of the unmapped, and queued by hash', () => {
    const { out, items } = run('{"id":"u","secret note":{"a":"x"},"n":7}', people, rulesOf({}));
    expect(out).toBe('{"id":"u"}');
    expect(items[0]?.item.fields.map(({ path, treatment, shape }) => [path, treatment, shape])).toEqual([
      ['id', 'pass', 'string'],
      [`#${keyed.reviewHash('secret note')}`, 'drop', 'object'],
      [`#${keyed.reviewHash('n')}`, 'drop', 'integer'],
    ]);
    expect(JSON.stringify(items)).not.toContain('secret note');
  });

  it('crosses when its name was allowed, with the treatment given for it', () => {
    const rules = rulesOf({}, { properties: { plan: { class: 'plan', treatment: { do: 'pass' } } } });
    const { out, items } = run('{"plan":"team","other":1}', people, rules);
    expect(out).toBe('{"plan":"team"}');
    expect(items[0]?.sightings).toHaveLength(1);
  });

  it('includes scalars where the map knows only what is below, and what lies outside of records', () => {
    const map = mapOf([{ path: 'p.x', class: 'x' }], { records: 'batch[*]' });
    expect(run('{"sentAt":1,"batch":[{"p":{"x":1}},{"p":"text"},"text"]}', map, rulesOf({})).out).toBe(
      '{"batch":[{"p":{"x":1}},{}]}',
    );
    expect(run('["text"]', map, rulesOf({})).out).toBe('null');
  });

  it('is queued and may pass where the member name is the app\'s ("queue")', () => {
    const map = mapOf([{ path: 'metadata.*', class: 'metadata', queue: true }]);
    const rules = rulesOf({}, { properties: { team: { class: 'team', treatment: { do: 'drop' } } } });
    const { out, items } = run('{"metadata":{"note":"x","team":"y"}}', map, rules);
    expect(out).toBe('{"metadata":{"note":"x"}}');
    expect(items[0]?.sightings.map((sighting) => sighting.hash)).toEqual([keyed.reviewHash('note')]);
    expect(items[0]?.item.fields.map((field) => field.path)).toEqual(['metadata.*', 'metadata.*']);
  });
});

describe('field maps', () => {
  const classify = (fields: [string, string][], text: string): unknown[] => {
    const map = mapOf(fields.map(([path, fieldClass]) => ({ path, class: fieldClass })));
    return run(text, map, rulesOf({}, { unmapped: { do: 'pass' } })).tally.map(([fieldClass]) => fieldClass);
  };

  it.each<[string, [string, string][], string, string[]]>([
    [
      'a name wins over *',
      [
        ['a.b', 'name'],
        ['a.*', 'any'],
      ],
      '{"a":{"b":1}}',
      ['name'],
    ],
    [
      '* wins over **',
      [
        ['a.*.c', 'any'],
        ['a.**', 'rest'],
      ],
      '{"a":{"b":{"c":1,"d":2}}}',
      ['any', 'rest'],
    ],
    [
      'an early name wins over a late one',
      [
        ['a.**', 'early'],
        ['*.b', 'late'],
      ],
      '{"a":{"b":1},"x":{"b":1}}',
      ['early', 'late'],
    ],
    [
      '* steps in where the named way ends',
      [
        ['a.b.c', 'name'],
        ['*.b.d', 'any'],
      ],
      '{"a":{"b":{"c":1,"d":2}}}',
      ['name', 'any'],
    ],
    ['a rule holds for what is in it', [['a', 'a']], '{"a":{"b":[{"c":1}]}}', ['a']],
    [
      'a deeper rule wins over it',
      [
        ['a', 'a'],
        ['a[*].b', 'b'],
      ],
      '{"a":[{"b":1,"c":2},"x"]}',
      ['b', 'a'],
    ],
    ['[*] is for elements only', [['a[*]', 'a']], '{"a":{"b":1}}', ['unmapped']],
    ['names may hold brackets and spaces', [['utm [first touch]', 'a']], '{"utm [first touch]":1}', ['a']],
    ['escaped names are the names they mean', [['a', 'a']], '{"\\u0061":1}', ['a']],
    ['repeated names are each seen', [['a', 'a']], '{"a":1,"a":2,"b":3}', ['a', 'unmapped']],
    [
      'names of prototypes are names',
      [['a', 'a']],
      '{"__proto__":1,"constructor":2,"toString":3}',
      ['unmapped'],
    ],
  ])('%s', (_, fields, text, classes) => {
    expect(classify(fields, text)).toEqual(classes);
  });

  it.each([
    ['a..b', 'empty step'],
    ['', 'empty step'],
    ['a.**.b', 'last step'],
    ['a.**[*]', 'last step'],
  ])('refuses the path %j', (path, why) => {
    expect(() =>
      compileMap(mapOf([{ path, class: 'x' }]), rulesOf({}), { sightingKind: 'property' }),
    ).toThrow(why);
  });

  it('refuses two rules of one path, and wildcards without end', () => {
    const twice = mapOf([
      { path: 'a', class: 'x' },
      { path: 'a', class: 'y' },
    ]);
    expect(() => compileMap(twice, rulesOf({}), { sightingKind: 'property' })).toThrow('two rules');
    const letters = [...'abcdefghijklmnop'];
    const fields = letters.map((letter, index) => ({
      path: `${'*.'.repeat(index)}${letter}${'.*'.repeat(letters.length - index)}`,
      class: letter,
    }));
    expect(() => compileMap(mapOf(fields), rulesOf({}), { sightingKind: 'property' })).toThrow(
      /more than \d+ states/,
    );
  });
});

describe('subjects', () => {
  const map = mapOf([{ path: '**', class: 'x' }], {
    records: '$[*]',
    subjects: [
      { path: 'user', kind: 'user', rank: 0 },
      { path: 'id', kind: 'user', rank: 1, prefixes: ['$device:'] },
      { path: 'email', kind: 'email', rank: 2 },
      { path: 'device', kind: 'device', rank: 3 },
      { path: 'org', kind: 'group', rank: 8 },
    ],
  });
  const s = keyed.subject;
  const items = (text: string) =>
    run(text, map, rulesOf({})).items.map(({ item }) => [item.subject, item.subjectKind, item.links]);

  it('takes the best-ranked identifier and links the others', () => {
    expect(items('{"device":"d","email":" Anna@Example.com ","user":"u","org":"o"}')).toEqual([
      [s('u'), 'user', [s('d'), s('anna@example.com')]],
    ]);
  });

  it('counts a prefixed id as a device, under the bare id', () => {
    expect(items('{"id":"$device:d","device":"d"}')).toEqual([[s('d'), 'device', []]]);
    expect(items('{"id":"$device:d","email":"a@example.com"}')).toEqual([
      [s('a@example.com'), 'email', [s('d')]],
    ]);
  });

  it('lets a group speak only where nobody else does, and never links it', () => {
    expect(items('{"org":"o"}')).toEqual([[s('o'), 'group', []]]);
    expect(items('[{"org":"o","user":"u"},{"org":"o","user":"v"}]')).toEqual([
      [s('u'), 'user', []],
      [s('v'), 'user', []],
    ]);
  });

  it('makes one item per subject over all records, and one for nobody', () => {
    const { items: found } = run(
      '[{"user":"u","a":1},{"user":"v"},{"user":"u","b":1},{"b":1}]',
      map,
      rulesOf({}),
    );
    expect(
      found.map(({ item }) => [item.subject, item.fields.reduce((sum, field) => sum + field.count, 0)]),
    ).toEqual([
      [s('u'), 4],
      [s('v'), 1],
      [null, 1],
    ]);
  });

  it('knows a number by its text', () => {
    expect(items('[{"user":42},{"user":"42"}]')).toEqual([[s('42'), 'user', []]]);
  });
});

describe('keys in bodies', () => {
  const map = mapOf([{ path: 'p.token', class: 'key' }], { records: '$[*]' });
  const key = { found: 'virtual', credential: 'real "key"' };
  const options = { key, keyPaths: ['p.token'] };

  it('puts the credential into every record and counts none', () => {
    const { out, tally } = run(
      '[{"p":{"token":"virtual"}},{"p":{"token":"\\u0076irtual"}}]',
      map,
      rulesOf({}),
      options,
    );
    expect(JSON.parse(out)).toEqual([{ p: { token: key.credential } }, { p: { token: key.credential } }]);
    expect(tally).toEqual([]);
  });

  it.each(['"another"', '7', '["virtual"]'])('refuses %s beside it', (token) => {
    const text = `[{"p":{"token":"virtual"}},{"p":{"token":${token}}}]`;
    expect(() => run(text, map, rulesOf({}), options)).toThrow(KeyMixedError);
  });

  it('refuses a key where the credential may not stand, and serves the other places', () => {
    const keyPaths = ['p.token', 'p.key'];
    const narrow = { key: { ...key, places: new Set(['p.token']) }, keyPaths };
    const late = '[{"p":{"token":"virtual"}},{"p":{"key":"virtual"}}]';
    expect(() => run(late, map, rulesOf({}), narrow)).toThrow(KeyPlaceError);
    expect(() => run(late, map, rulesOf({}), { key, keyPaths })).not.toThrow();
    const { out } = run('[{"p":{"token":"virtual"}}]', map, rulesOf({}), narrow);
    expect(JSON.parse(out)).toEqual([{ p: { token: key.credential } }]);
  });
});

describe('paths from the root', () => {
  const map = mapOf(
    [
      { path: 'id', class: 'id' },
      { path: '$.sentAt', class: 'time' },
      { path: '$.context.library', class: 'time' },
    ],
    { records: 'batch[*]', subjects: [{ path: 'id', kind: 'user', rank: 0 }] },
  );
  const rules: ContractRules = {
    ...rulesOf({ id: { do: 'pseudonymise' }, time: { do: 'pass' } }),
    unmapped: { do: 'drop' },
  };
  const key: KeySwap = { found: 'virtual', credential: 'real', places: new Set(['$.key']) };

  it('say what holds beside the records, and hold nothing within them', () => {
    const text =
      '{"sentAt": "t", "more":1, "context":{"library":"x","ip":"y"},"batch":[{"id":"a","sentAt":"b"},{"id":"c"}]}';
    const { out, items } = run(text, map, rules);
    const p = keyed.pseudonym;
    expect(out).toBe(
      `{"sentAt": "t", "context":{"library":"x"},"batch":[{"id":"${p('a')}"},{"id":"${p('c')}"}]}`,
    );
    expect(items.filter(({ item }) => item.subjectKind === 'user')).toHaveLength(2);
  });

  it('swap a key that stands beside the records, and no other', () => {
    const keyPaths = ['$.key'];
    const { out } = run('{"key":"virtual","batch":[{"key":"virtual","id":""}]}', map, rules, {
      key,
      keyPaths,
    });
    expect(out).toBe('{"key":"real","batch":[{"id":""}]}');
    expect(() => run('{"key":"another","batch":[]}', map, rules, { key, keyPaths })).toThrow(KeyMixedError);
  });

  it('are paths within the record where the body, or each element of it, is one', () => {
    for (const records of ['$', '$[*]']) {
      const { out } = run('{"key":"virtual","id":""}', { ...map, records }, rules, {
        key,
        keyPaths: ['$.key'],
      });
      expect(out).toBe('{"key":"real","id":""}');
    }
  });

  it('give way there to a path that says so, and so one list of rules serves batches and single messages', () => {
    const both = mapOf([
      { path: '$.sentAt', class: 'beside' },
      { path: 'sentAt', class: 'within' },
    ]);
    const drops = rulesOf({ within: { do: 'drop' } });
    const batch = '{"sentAt":1,"batch":[{"sentAt":2}]}';
    expect(run(batch, { ...both, records: 'batch[*]' }, drops).out).toBe('{"sentAt":1,"batch":[{}]}');
    expect(run('{"sentAt":1}', both, drops, { keyPaths: ['$.key', 'key'] }).out).toBe('{}');
  });
});
