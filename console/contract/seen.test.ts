import type { ContractDocument } from '@drawbridge/protocol/contract';
import type { Service } from '@drawbridge/protocol/pack';
import { describe, expect, test } from 'vitest';
import type { SeenField, SeenShapes, Shape } from '../api/types.ts';
import { classNames } from '../design/classes.ts';
import { fakeServices } from '../testing/fake-packs.ts';
import { previewKeyed } from './keyed.ts';
import { madeUpValue } from './made-up.ts';
import { withoutProperty, withProperty, withRule } from './rules.ts';
import { type SeenRow, seenCounts, seenUnder } from './seen.ts';

const mixpanel = fakeServices['mixpanel/analytics'] as Service;
const { recommended, as_is: asIs } = mixpanel.contracts;
const keyed = previewKeyed();

function field(part: Partial<SeenField>): SeenField {
  return {
    path: 'properties.$email',
    name: null,
    waiting: false,
    class: 'person.email',
    shape: 'email',
    treatment: 'drop',
    crossings: 1,
    values: 1,
    firstSeenAt: '2026-01-01T00:00:00.000Z',
    lastSeenAt: '2026-01-01T00:00:00.000Z',
    ...part,
  };
}
function shapes(fields: SeenField[]): SeenShapes {
  return {
    crossings: 1,
    limit: 200,
    since: null,
    latest: null,
    lifted: 0,
    items: { read: 1, erased: 0, missing: 0, unread: 0 },
    leftOff: 0,
    endpoints: [{ endpoint: 'track', class: 'ingest', crossings: 1, fields }],
  };
}
function under(part: Partial<SeenField>, rules: ContractDocument, inForce = recommended): SeenRow {
  const row = seenUnder(mixpanel, shapes([field(part)]), inForce, rules, keyed)[0]?.rows[0];
  if (row === undefined) throw new Error('no row');
  return row;
}

const email = {};
const person = {
  path: 'properties.distinct_id',
  class: 'person.id',
  shape: 'string',
  treatment: 'pseudonymise',
} as const;
const country = {
  path: 'properties.mp_country_code',
  class: 'geo.country',
  shape: 'string',
  treatment: 'generalise',
} as const;
const event = { path: 'event', class: 'event.name', shape: 'string', treatment: 'pass' } as const;
const time = { path: 'properties.time', class: 'event.time', shape: 'time', treatment: 'pass' } as const;
const unknown = { path: '#abcdefgh', class: 'event.unmapped', shape: 'string', treatment: 'drop' } as const;

describe('under the rules in force nothing differs from what crossed', () => {
  test.each([
    ['an address that is dropped', email, null],
    ['an id that becomes a pseudonym', person, expect.stringMatching(/^"[\w-]{22}"$/)],
    ['a country', country, '"NL"'],
    ['an event name that was allowed', event, '"Made-up name"'],
    [
      'an event name that was not',
      { ...event, treatment: 'pseudonymise' },
      expect.stringMatching(/^"[\w-]{22}"$/),
    ],
    ['a name that no rule maps', unknown, null],
    [
      'an unlisted header',
      { path: 'header:*', class: 'event.unmapped', shape: 'string', treatment: 'drop' },
      null,
    ],
    ['what is empty', { ...person, shape: 'null' }, 'null'],
  ] satisfies [string, Partial<SeenField>, unknown][])('%s', (_name, part, got) => {
    expect(under(part, recommended)).toMatchObject({ change: 'same', would: field(part).treatment, got });
  });
});

describe('under edited rules', () => {
  test('a value that passed is dropped', () => {
    expect(under(time, withRule(recommended, 'event.time', { do: 'drop' }))).toMatchObject({
      change: 'treatment',
      would: 'drop',
      sent: '"2026-01-02T03:04:05Z"',
      got: null,
    });
  });

  test('a value that was dropped passes, by its class or because all does', () => {
    const passed = { change: 'treatment', would: 'pass', got: '"made-up@example.com"' };
    expect(under(email, withRule(recommended, 'person.email', { do: 'pass' }))).toMatchObject(passed);
    expect(under(email, asIs)).toMatchObject(passed);
    expect(under(unknown, asIs)).toMatchObject({ change: 'treatment', would: 'pass', unmapped: true });
  });

  test('headers that never cross do not, whatever the rules say', () => {
    const header = { path: 'header:*', class: 'event.unmapped', shape: 'string', treatment: 'drop' } as const;
    expect(under(header, asIs)).toMatchObject({ change: 'same', would: 'drop', got: null });
  });

  test('what a class refuses is refused', () => {
    expect(under(email, withRule(recommended, 'person.email', { do: 'refuse' }))).toMatchObject({
      would: 'refuse',
      got: null,
    });
  });

  test('what only becomes coarser in another way is told from what stays', () => {
    const ip = { path: 'properties.ip', class: 'network.ip', shape: 'ip', treatment: 'generalise' } as const;
    const coarse = withRule(recommended, 'network.ip', { do: 'generalise', to: 'network' });
    expect(under(ip, coarse, coarse)).toMatchObject({ change: 'same', got: '"192.0.2.0"' });
    const listed = withRule(coarse, 'network.ip', { do: 'generalise', to: 'network', values: ['x'] });
    expect(under(ip, listed, coarse)).toMatchObject({ change: 'form', would: 'generalise', got: '"other"' });
  });

  test('what hangs on the value is not claimed', () => {
    const listed = withRule(recommended, 'event.time', { do: 'pass', values: ['2026-01-01'] });
    expect(under(time, listed)).toMatchObject({ change: 'value', would: 'pass' });
    const names = { ...recommended, names: { do: 'pseudonymise', allowed: ['Sign up'] } } as const;
    expect(under(event, { ...names, names: { ...names.names, allowed: ['Sign up'] } })).toMatchObject({
      change: 'value',
    });
  });

  test('an unmapped name that is known meets its own rule, a hidden one does not', () => {
    const rules = withProperty(recommended, 'plan_tier', {
      class: 'event.property',
      treatment: { do: 'pass' },
    });
    expect(under({ ...unknown, name: 'plan_tier' }, rules)).toMatchObject({ would: 'pass', unmapped: false });
    expect(under(unknown, rules)).toMatchObject({ change: 'same', would: 'drop', unmapped: true });
    const was = { ...unknown, name: 'plan_tier', class: 'event.property', treatment: 'pass' } as const;
    expect(under(was, rules, rules)).toMatchObject({ change: 'same', got: '"made-up text"' });
    expect(under(was, withoutProperty(rules, 'plan_tier'), rules)).toMatchObject({
      change: 'treatment',
      would: 'drop',
    });
  });

  test('an object of which only part could be treated does not cross', () => {
    const object = { ...unknown, shape: 'object' } as const;
    expect(under(object, { ...recommended, unmapped: { do: 'pseudonymise' } })).toMatchObject({
      would: 'drop',
    });
  });
});

test('what the vendor would get most of comes first; counts are of values, by class', () => {
  const all = shapes([
    field({ values: 3 }),
    field({ ...time, values: 2 }),
    field(person),
    field({ ...event, values: 9 }),
  ]);
  const [endpoint] = seenUnder(mixpanel, all, recommended, recommended, keyed);
  expect(endpoint?.rows.map((row) => row.field.path)).toEqual([
    'event',
    'properties.time',
    'properties.distinct_id',
    'properties.$email',
  ]);
  expect(seenCounts(mixpanel, all).inFields.get('person.email')).toBe(3);
});

test('every class and shape that a record can hold has a row', () => {
  const every = (
    [
      'null',
      'boolean',
      'integer',
      'number',
      'string',
      'email',
      'url',
      'ip',
      'uuid',
      'time',
      'hex',
      'array',
      'object',
    ] satisfies Shape[]
  ).flatMap((shape) =>
    classNames.flatMap((name) =>
      (['pass', 'drop'] as const).map((treatment) =>
        field({ path: `at.${name}`, class: name, shape, treatment }),
      ),
    ),
  );
  for (const rules of [recommended, asIs]) {
    expect(seenUnder(mixpanel, shapes(every), recommended, rules, keyed)[0]?.rows).toHaveLength(every.length);
  }
  expect(madeUpValue('event.time', 'integer')).toBe(1_767_323_045);
});

describe('what was found in texts', () => {
  const openai = fakeServices['openai/api'] as Service;
  const rules = openai.contracts.recommended;
  const found = (part: Partial<SeenField>): SeenField =>
    field({ path: 'messages[*].content', class: 'secret.api_key', shape: 'string', ...part });
  const seenAt = (fields: SeenField[]): SeenShapes => {
    const all = shapes(fields);
    return { ...all, endpoints: all.endpoints.map((one) => ({ ...one, endpoint: 'chat' })) };
  };

  test('is counted apart from what stood in a field of its own', () => {
    const counts = seenCounts(
      openai,
      seenAt([
        found({ class: 'content.prompt', treatment: 'pass', values: 2 }),
        found({ class: 'person.email', treatment: 'tokenise', values: 5 }),
        found({ path: 'user', class: 'person.id', treatment: 'pseudonymise', values: 1 }),
      ]),
    );
    expect(Object.fromEntries(counts.inFields)).toEqual({ 'content.prompt': 2, 'person.id': 1 });
    expect(Object.fromEntries(counts.inTexts)).toEqual({ 'person.email': 5 });
  });

  test('a hint that became a token under a contract that refuses is no change', () => {
    const hint = seenAt([found({ treatment: 'tokenise' })]);
    const row = seenUnder(openai, hint, rules, rules, keyed)[0]?.rows[0];
    expect(row).toMatchObject({ would: 'tokenise', change: 'same' });
    expect(row?.got).toMatch(/^"\[\[/);
    const passing = { ...rules, text: rules.text && { ...rules.text, scan: 'off' as const } };
    expect(seenUnder(openai, hint, rules, passing, keyed)[0]?.rows[0]).toMatchObject({
      would: 'pass',
      change: 'treatment',
    });
  });
});
