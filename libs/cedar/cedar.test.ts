import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideBy } from './decide.ts';
import { engine } from './engine.ts';
import {
  type CedarRequest,
  type CedarValue,
  decide,
  format,
  mayMatch,
  type NamedPolicy,
  PolicyError,
  PolicySet,
  parse,
  readsOf,
  validate,
} from './index.ts';

const schema = `
entity Team;
entity Person in [Team] { role: String };
entity Shelf { open: Bool };
entity Book in [Shelf] { shelf: Shelf, pages: Long };
action lend appliesTo { principal: [Person], resource: [Book], context: { hour: Long, words: Set<String>, note?: String } };
action read appliesTo { principal: [Person], resource: [Book], context: {} };
`;
const anybody = { name: 'anybody', text: 'permit (principal, action, resource);' };

function one(text: string): PolicySet {
  return parse(schema, [{ name: 'the-one', text }]);
}

function request(hour: number, pages = 3, open = true): CedarRequest {
  const shelf = { type: 'Shelf', id: 's' };
  return {
    principal: { type: 'Person', id: 'p' },
    action: { type: 'Action', id: 'lend' },
    resource: { type: 'Book', id: 'b' },
    context: { hour, words: ['a'] },
    entities: [
      { uid: { type: 'Person', id: 'p' }, attrs: { role: 'reader' }, parents: [] },
      { uid: shelf, attrs: { open }, parents: [] },
      { uid: { type: 'Book', id: 'b' }, attrs: { shelf: { __entity: shelf }, pages }, parents: [shelf] },
    ],
  };
}

describe('validate', () => {
  it('says where and what, and what was meant', () => {
    const text =
      '// Üble Ü-Zeile 😀\nforbid (principal, action == Action::"lend", resource)\nwhen { "😀" == "" || context.hours > 3 };';
    const { errors } = validate(schema, [anybody, { name: 'late', text }]);
    expect(errors).toEqual([
      {
        policy: 'late',
        kind: 'type',
        message: 'attribute `hours` in context for Action::"lend" not found',
        help: 'did you mean `hour`?',
        from: { line: 3, column: 'when { "😀" == "" || '.length + 1 },
        to: { line: 3, column: 'when { "😀" == "" || context.hours'.length + 1 },
      },
    ]);
  });

  it('finds what is wrong in each of several, also where one can’t be read', () => {
    const { errors } = validate(schema, [
      { name: 'cut', text: 'permit (principal, action,\n  resource) when {' },
      { name: 'wrong', text: 'permit (principal, action, resource) when { resource.pages == "x" };' },
      { name: 'two', text: 'permit (principal, action, resource);\nforbid (principal, action, resource);' },
      { name: 'template', text: 'permit (principal == ?principal, action, resource);' },
      anybody,
    ]);
    expect(errors.map(({ policy, kind, from }) => [policy, kind, from.line, from.column])).toEqual([
      ['cut', 'syntax', 2, 19],
      ['two', 'syntax', 2, 1],
      ['template', 'syntax', 1, 22],
      ['wrong', 'type', 1, 45],
    ]);
    expect(errors[0]).toMatchObject({
      message: 'unexpected end of input',
      help: expect.stringContaining('expected'),
    });
  });

  it('warns of what can never apply, and refuses a schema that makes no sense, and one name for two', () => {
    const never = { name: 'never', text: 'forbid (principal, action, resource) when { false };' };
    expect(validate(schema, [never])).toMatchObject({ errors: [], warnings: [{ policy: 'never' }] });
    expect(() => validate('entity Book { pages: Lnog };', [])).toThrow(
      expect.objectContaining({
        code: 'schema_invalid',
        problems: [expect.objectContaining({ from: { line: 1, column: 22 } })],
      }),
    );
    expect(() => validate(schema, [never, never])).toThrow(expect.objectContaining({ code: 'name_twice' }));
  });

  it('throws nothing else, whatever the text', () => {
    const piece = fc.constantFrom(
      'permit',
      '(',
      'principal',
      ',',
      'action',
      'resource',
      ')',
      ';',
      'when',
      '{',
      '}',
      '"',
      '😀',
      '\n',
      '::',
      '@x',
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.array(piece, { maxLength: 12 }).map((all) => all.join(' ')),
    );
    fc.assert(
      fc.property(text, (tried) => {
        for (const { from, to } of validate(schema, [{ name: 'x', text: tried }]).errors) {
          const lines = tried.split('\n');
          for (const { line, column } of [from, to]) {
            expect(column).toBeLessThanOrEqual((lines[line - 1] ?? '').length + 1);
          }
        }
      }),
      { numRuns: 100 },
    );
  });
});

it('formats, keeps comments and annotations, and is at rest with what it made', () => {
  const made = format('@title("A  title") // why\nforbid(principal,action,resource)when{context.hour<3};');
  expect(made).toContain('// why');
  expect(made).toContain('@title("A  title")');
  expect(format(made)).toBe(made);
  expect(() => format('permit (')).toThrow(PolicyError);
});

describe('what a policy looks at', () => {
  it('is told by its conditions', () => {
    const { policies } = one(`@title("T") forbid (
      principal, action in [Action::"lend"], resource in Shelf::"s"
    ) when { context has note && context.note like "a*" && [1, 2].contains(context.hour) }
      unless { resource.shelf.open || principal.role == "x" || principal in Team::"t" };`);
    const [policy] = policies;
    expect(policy?.annotations).toEqual({ title: 'T' });
    expect(policy?.effect).toBe('forbid');
    const { principal, action, resource, context } = readsOf(policies);
    expect([...context].sort()).toEqual(['hour', 'note']);
    expect([...resource]).toEqual(['shelf.open']);
    expect([...principal].sort()).toEqual(['', 'role']);
    expect([...action]).toEqual([]);
  });

  it('is told through functions, records, choices, and names that look like operators', () => {
    const { policies } = one(`forbid (principal, action == Action::"lend", resource) when {
      {"Var": context.hour, "Value": resource.pages} == {"Var": 1, "Value": 2} &&
      (if principal.role == "a" then ip("::1").isInRange(ip("::1/8")) else context.words.containsAny(["context"]))
    };`);
    const { principal, resource, context } = readsOf(policies);
    expect([[...principal], [...resource], [...context].sort()]).toEqual([
      ['role'],
      ['pages'],
      ['hour', 'words'],
    ]);
  });

  it('is all of the context where that is taken as a whole', () => {
    expect([
      ...readsOf(
        one('forbid (principal, action == Action::"read", resource) when { context == {} };').policies,
      ).context,
    ]).toEqual(['']);
  });

  it.each([
    ['principal', 'Book::"b"', true],
    ['principal, action, resource == Book::"b"', '', true],
    ['principal, action, resource == Book::"c"', '', false],
    ['principal, action, resource in Shelf::"s"', '', true],
    ['principal, action, resource in Shelf::"t"', '', false],
    ['principal, action, resource is Book in Shelf::"s"', '', true],
    ['principal, action, resource is Shelf', '', false],
  ])('its head is matched: %s', (head, _, expected) => {
    const text = head === 'principal' ? 'principal, action, resource' : head;
    const scope = one(`forbid (${text});`).policies[0]?.scopes.resource ?? { op: 'all' };
    expect(mayMatch(scope, { type: 'Book', id: 'b' }, [{ type: 'Shelf', id: 's' }])).toBe(expected);
  });
});

describe('decide', () => {
  const early = {
    name: 'not-before-six',
    text: 'forbid (principal, action == Action::"lend", resource) when { context.hour < 6 };',
  };
  const closed = {
    name: 'closed-shelves',
    text: 'forbid (principal, action, resource) unless { resource.shelf.open };',
  };
  const set = parse(schema, [anybody, early, closed]);

  it('names the policies that decided', () => {
    expect(decide(set, request(7))).toEqual({ allowed: true, reasons: ['anybody'], errors: [] });
    expect(decide(set, request(5, 3, false))).toEqual({
      allowed: false,
      reasons: ['closed-shelves', 'not-before-six'],
      errors: [],
    });
    expect(
      decide(
        set.slice(({ name }) => name === 'not-before-six'),
        request(7),
      ),
    ).toEqual({ allowed: false, reasons: [], errors: [] });
  });

  it('allows nothing where a policy fails, which the engine would leave out', () => {
    const overflow =
      'forbid (principal, action == Action::"lend", resource) when { resource.pages * 9223372036854775807 > 0 };';
    const failing = parse(schema, [anybody, { name: 'overflow', text: overflow }]);
    expect(decide(failing, request(7, 0))).toMatchObject({ allowed: true });
    const decision = decide(failing, request(7, 5));
    expect(decision).toMatchObject({ allowed: false, reasons: [], errors: [{ policy: 'overflow' }] });
  });

  it('allows nothing where a fact is missing, or the engine takes nothing of it', () => {
    expect(decide(set, { ...request(7), context: {} })).toMatchObject({
      allowed: false,
      errors: [{ policy: 'not-before-six' }],
    });
    expect(decide(set, { ...request(7), entities: [] })).toMatchObject({
      allowed: false,
      errors: [{ policy: 'closed-shelves' }],
    });
    expect(decide(set, { ...request(7), principal: { type: 'no type', id: 'x' } })).toMatchObject({
      allowed: false,
      errors: [{ policy: null }],
    });
    expect(decide(set, { ...request(7), context: { hour: 1.5 } })).toMatchObject({
      allowed: false,
      errors: [{ policy: null }],
    });
  });

  it('allows nothing by a set that the engine does not have, nor by a policy that the set does not have', () => {
    const call = { ...request(7), preparsedPolicySetId: 'no such set' };
    expect(decideBy(call, () => true)).toMatchObject({ allowed: false, errors: [{ policy: null }] });
    decide(set, request(7));
    const known = { ...request(7), preparsedPolicySetId: 'set 0' };
    expect(decideBy(known, () => false)).toMatchObject({
      allowed: false,
      errors: [{ policy: expect.any(String) }],
    });
  });
});

describe('a set with constants', () => {
  const texts = [
    'forbid (principal, action == Action::"lend", resource) when { principal.role == "reader" && context.hour > 3 };',
    'forbid (principal, action, resource) unless { resource.shelf.open };',
    'forbid (principal, action, resource is Book in Shelf::"t");',
    'forbid (principal, action == Action::"lend", resource) when { resource has pages && resource.pages + 9007199254740993 == 9007199254740996 };',
    'forbid (principal, action == Action::"lend", resource) when { {"Value": resource.pages, "pages": principal.role} == {"Value": 7, "pages": "x"} };',
  ];
  const role = fc.constantFrom('reader', 'x');

  it('decides the same, and asks for less', () => {
    const all = parse(schema, [anybody, ...texts.map((text, at) => ({ name: `p-${at}`, text }))]);
    fc.assert(
      fc.property(role, fc.nat(8), fc.boolean(), fc.nat(6), (who, pages, open, hour) => {
        const asked = request(hour, pages, open);
        const [person, ...things] = asked.entities;
        if (person === undefined) throw new Error('there is a person');
        const entities = [{ ...person, attrs: { role: who } }, ...things];
        const constants = new Map<string, CedarValue>([
          ['principal.role', who],
          ['resource.pages', pages],
          ['resource.shelf', { __entity: { type: 'Shelf', id: 's' } }],
          ['resource.shelf.open', open],
        ]);
        // Its head does not match: who hands constants in has sorted such policies out.
        const set = all.slice(({ name }) => name !== 'p-2');
        const fixed = set.withConstants(constants);
        expect(decide(fixed, { ...asked, entities })).toEqual(decide(set, { ...asked, entities }));
        const few = fixed.slice(({ name }) => name === 'p-0' || name === 'p-1' || name === 'anybody');
        expect(readsOf(few.policies).principal.size + readsOf(few.policies).resource.size).toBe(0);
        const part = set.slice(({ name }) => name === 'p-0' || name === 'p-1' || name === 'anybody');
        expect(decide(few, { ...asked, entities: [] })).toEqual(decide(part, { ...asked, entities }));
      }),
      { numRuns: 40 },
    );
  });

  it('leaves a policy alone whose numbers JSON would change', () => {
    const set = one(texts[3] ?? '').withConstants(new Map([['resource.pages', 3]]));
    expect(set.policies[0]?.text).toBe(texts[3]);
  });
});

it('keeps deciding with sets that it has put away', () => {
  const [base, hourly] = parse(schema, [
    anybody,
    {
      name: 'hour',
      text: 'forbid (principal, action == Action::"lend", resource) when { context.hour == 0 };',
    },
  ]).policies;
  if (base === undefined || hourly === undefined) throw new Error('there are two policies');
  const all = Array.from(
    { length: 270 },
    (_, hour) => new PolicySet([base, { ...hourly, text: hourly.text.replace('== 0', `== ${hour}`) }]),
  );
  for (let round = 0; round < 2; round++) {
    for (const [hour, set] of all.entries()) expect(decide(set, request(hour)).reasons).toEqual(['hour']);
  }
});

it('takes names as they are', () => {
  const odd: NamedPolicy[] = ['__proto__', 'constructor', 'a b', '`x`'].map((name) => ({ ...anybody, name }));
  expect(decide(parse(schema, odd), request(7)).reasons).toEqual(['__proto__', '`x`', 'a b', 'constructor']);
});

describe('a text that would break the engine', () => {
  const wanted = 'forbid (principal, action == Action::"lend", resource) when { context.hour == 7 };';
  const bombs: [what: string, condition: string][] = [
    ['brackets in brackets', `${'('.repeat(3000)}true${')'.repeat(3000)}`],
    ['sets in sets', `${'['.repeat(900)}1${']'.repeat(900)} == []`],
    ['records in records', `${'{a:'.repeat(300)}1${'}'.repeat(300)} == {}`],
    ['conditions in conditions', `${'if true then '.repeat(300)}true${' else true'.repeat(300)}`],
    ['calls of calls', `[1]${'.contains(1)'.repeat(1500)}`],
    ['a huge set', `[${'1, '.repeat(4000)}1].contains(1)`],
    ['a long sum', `${'1 + '.repeat(5000)}1 == 1`],
    ['a pattern of stars', `context has note && context.note like "${'a*'.repeat(300)}"`],
    ['a long chain', `${'true && '.repeat(3000)}true`],
  ];

  it.each(bombs)('is refused, and the engine goes on: %s', (_, condition) => {
    const text = `forbid (principal, action == Action::"lend", resource) when { ${condition} };`;
    const { errors } = validate(schema, [{ name: 'bomb', text }]);
    expect(errors.map(({ policy, message }) => [policy, message.slice(0, 24)])).toEqual([
      ['bomb', 'has more in it than can '],
    ]);
    expect(() => format(text)).toThrow(PolicyError);
    expect(() => parse(schema, [{ name: 'bomb', text }])).toThrow(PolicyError);
    expect(decide(parse(schema, [anybody, { name: 'hour', text: wanted }]), request(7)).reasons).toEqual([
      'hour',
    ]);
  });

  it('is no text that only looks like one', () => {
    const quoted = `context.hour == 7 // ${'('.repeat(100)}\n && "${'(if . && '.repeat(200)}\\"" != ""`;
    const text = `forbid (principal, action == Action::"lend", resource) when { ${quoted} };`;
    expect(validate(schema, [{ name: 'p', text }]).errors).toEqual([]);
  });

  it('is decided without constants where it is only too long to be written again', () => {
    const many = Array.from({ length: 120 }, (_, hour) => `context.hour == ${hour}`).join(' || ');
    const text = `forbid (principal, action == Action::"lend", resource) when { resource.pages == 3 && (${many}) };`;
    const set = parse(schema, [anybody, { name: 'long', text }]);
    const fixed = set.withConstants(new Map<string, CedarValue>([['resource.pages', 3]]));
    for (const hour of [7, 119, 120])
      expect(decide(fixed, request(hour, 3))).toEqual(decide(set, request(hour, 3)));
  });
});

it('loads another engine where one broke, which knows nothing of what the first kept', () => {
  const set = parse(schema, [anybody]);
  expect(decide(set, request(7)).allowed).toBe(true);
  const deep = '['.repeat(5000) + ']'.repeat(5000);
  expect(() => engine().policyToJson(`forbid (principal, action, resource) when { ${deep} };`)).toThrow(
    PolicyError,
  );
  expect(decide(set, request(7)).allowed).toBe(true);
});
