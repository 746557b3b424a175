import type { StoredEvent, StoredPerson } from '@drawbridge/standins';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { heldFacts } from './held.ts';
import { joinable, valuesOf } from './joinable.ts';
import { KnownValues } from './known.ts';
import { stringsOf } from './strings.ts';
import { trajectories } from './trajectory.ts';
import { personAttributes, pseudonymTest, unicity } from './unicity.ts';

// Nobody here exists.
const event = (name: string, properties: Record<string, unknown> = {}, time = 60): StoredEvent => ({
  event: name,
  properties,
  distinctId: 'u',
  time,
  geolocatedFrom: null,
  request: 0,
});
const person = (profile: Record<string, unknown>, ...events: StoredEvent[]): StoredPerson => ({
  id: 'u',
  ids: ['u'],
  profile,
  events,
});
const pseudonym = 'AbCdEfGhIjKlMnOpQrStUv';

describe('unicity', () => {
  it('is the share of rows that stand alone', () => {
    expect(unicity(['DE Chrome', 'DE Chrome', 'IS Opera', 'US Safari'])).toBe(0.5);
    expect(unicity(['a'])).toBe(1);
    expect(unicity([])).toBe(0);
  });

  it('is 0 when each row stands twice, never rises when rows are made coarser, and ignores order', () => {
    const rows = fc.array(fc.tuple(fc.nat(20), fc.nat(5)));
    const text = (list: readonly (readonly number[])[]) => list.map((row) => JSON.stringify(row));
    fc.assert(
      fc.property(rows, (list) => {
        expect(unicity(text([...list, ...list]))).toBe(0);
        const coarse = unicity(text(list.map(([a]) => [a])));
        expect(coarse).toBeLessThanOrEqual(unicity(text(list)));
        expect(unicity(text(list.toReversed()))).toBe(unicity(text(list)));
        expect(unicity(list.map((_, index) => String(index)))).toBe(list.length === 0 ? 0 : 1);
      }),
    );
  });
});

describe('person-level attributes', () => {
  const people = [
    person({ $country_code: 'DE' }, event('A', { page: '/a', os: 'x' }), event('B', { page: '/b', os: 'x' })),
    person({ $country_code: 'DE' }, event('A', { page: '/c', os: 'x' }), event('B', { page: '/d', os: 'x' })),
    person({ $country_code: 'DE' }, event('A', { page: '/e', os: 'y' }), event('B', { page: '/f', os: 'y' })),
  ];

  it('are profiles and what stays the same within a person, and not where each went', () => {
    const attributes = personAttributes(people, () => true);
    expect(attributes.names).toEqual(['os', 'profile $country_code']);
    expect(unicity(attributes.rows)).toBeCloseTo(1 / 3);
  });

  it('leave out ids and times, and pseudonyms unless they are to be counted', () => {
    const two = [pseudonym, pseudonym.toLowerCase()].map((org) =>
      person({ org_id: org }, event('A', { distinct_id: org, time: org.length, note: `at ${org}` })),
    );
    expect(unicity(personAttributes(two, () => true).rows)).toBe(0);
    expect(unicity(personAttributes(two, null).rows)).toBe(1);
  });

  it('do not take for a pseudonym what the app sent itself', () => {
    const isPseudonym = pseudonymTest([`https://example.com/${pseudonym}/x`]);
    expect(isPseudonym(pseudonym)).toBe(false);
    expect(isPseudonym(pseudonym.toLowerCase())).toBe(true);
  });
});

describe('what is held about a person', () => {
  const known = new KnownValues([
    ['name', 'Anna Brelaberg'],
    ['city', 'Oslo'],
    ['email', 'anna@example.com'],
    ['email', 'ben@example.com'],
  ]);
  const facts = (...held: Parameters<typeof person>) => [...heldFacts(person(...held), known).facts].sort();

  it.each([
    ['in an event name', person({}, event('Invited anna@example.com'))],
    ['in a property name', person({ 'seat:anna@example.com': true })],
    ['nested', person({ form: { fields: [{ a: 'anna@example.com' }] } })],
    ['percent-encoded', person({ url: '/x?by=anna%40example.com' })],
    ['in base64', person({ state: Buffer.from('{"mail":"anna@example.com"}').toString('base64') })],
    ['as an id', { ...person({}), ids: ['anna@example.com'] }],
    ['of somebody unknown', person({ cc: 'who@another.example.org' })],
    ['as a phone number', person({ note: 'call +1 (212) 555-0123 today' })],
  ])('finds a way to reach them %s', (_, held) => {
    expect(heldFacts(held, known).reachable).toBe(true);
  });

  it('does not find one where there is none', () => {
    const held = person(
      { $country_code: 'NO', org: pseudonym },
      event(pseudonym, { time: 1_762_000_000, id: '2125550123' }),
    );
    expect(heldFacts(held, known)).toEqual({ reachable: false, facts: new Set(['time of last visit']) });
  });

  it('names what could be quoted: long values anywhere, short ones only whole', () => {
    expect(facts({ a: 'Keys of Anna Brelaberg', b: 'Oslo' })).toEqual(['city', 'name']);
    expect(facts({ b: 'Oslobru' })).toEqual([]);
    expect(facts({ $browser: 'Chrome', $os: 'other' })).toEqual(['browser']);
  });

  it('finds each of many values that begin alike, wherever it stands', () => {
    const value = fc.string({ minLength: 8, maxLength: 20 });
    fc.assert(
      fc.property(fc.uniqueArray(value, { minLength: 1 }), fc.string(), fc.nat(), (values, around, which) => {
        const index = new KnownValues(values.map((one) => ['user id', `https://${one}`]));
        const sought = `https://${values[which % values.length]}`;
        expect([...index.find(around + sought + around)]).toEqual(['user id']);
        expect([...index.find(sought.slice(1))]).toEqual([]);
      }),
    );
  });

  it('undoes encodings in encodings', () => {
    const inner = Buffer.from('https://example.com/?u=anna%40example.com').toString('base64');
    expect([...stringsOf({ a: inner })]).toContain('https://example.com/?u=anna@example.com');
  });
});

describe('joinable', () => {
  const people = (count: number, value: (index: number) => unknown) =>
    Array.from({ length: count }, (_, index) => valuesOf(value(index)));

  it('counts people who share a value with the other store, letter by letter', () => {
    const there = [valuesOf({ user: 'user-1' }), valuesOf({ metadata: { customer: 'user-3' } })];
    expect(
      joinable(
        people(10, (index) => ({ id: `user-${index}` })),
        there,
      ),
    ).toBe(2);
    expect(
      joinable(
        people(10, (index) => ({ id: `USER-${index}` })),
        there,
      ),
    ).toBe(0);
  });

  it('does not take a value for a link that many share', () => {
    const there = [valuesOf({ country: 'Norway', plan: 'plus' })];
    expect(
      joinable(
        people(100, () => ({ country: 'Norway', lang: 'no' })),
        there,
      ),
    ).toBe(0);
    expect(
      joinable(
        people(100, (index) => ({ country: index < 5 ? 'Norway' : 'Chile' })),
        there,
      ),
    ).toBe(5);
  });

  it('is symmetric in reach: nobody when the stores share nothing, everybody when ids are kept', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.uuid(), { minLength: 1, maxLength: 30 }), (ids) => {
        const here = ids.map((id) => valuesOf({ distinct_id: id }));
        expect(
          joinable(
            here,
            ids.map((id) => valuesOf({ user: id })),
          ),
        ).toBe(ids.length);
        expect(
          joinable(
            here,
            ids.map((id) => valuesOf({ user: `${id}!` })),
          ),
        ).toBe(0);
      }),
    );
  });
});

describe('trajectories', () => {
  it('tell people apart by order, and more of them by time; the vendor’s own events aside', () => {
    const same = () => person({}, event('$identify', {}, 1), event('A', {}, 60), event('B', {}, 120));
    expect(trajectories([same(), same()])).toEqual({ sequence: 0, timed: 0 });
    const later = person({}, event('A', {}, 60), event('B', {}, 999));
    expect(trajectories([same(), same(), later])).toEqual({ sequence: 0, timed: 1 / 3 });
    const other = person({}, event('B', {}, 60), event('A', {}, 120));
    expect(trajectories([same(), same(), other]).sequence).toBe(1 / 3);
  });
});
