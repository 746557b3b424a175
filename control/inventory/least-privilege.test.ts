import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { within } from './cidr.ts';
import { effectOf, findingsOf, type KeyFacts, proposalFor, type Used, unusedOf } from './least-privilege.ts';

const key: KeyFacts = {
  kind: 'secret',
  isPersons: false,
  age: 60,
  connections: ['a', 'b'],
  classes: ['inference', 'embedding', 'files'],
  models: null,
  networks: null,
};
const use = (given: Partial<Used> = {}): Used => ({
  connection: 'a',
  class: 'inference',
  model: 'm-1*',
  network: '10.1.2.0/24',
  crossings: 10,
  ...given,
});

test('a key that used less than it may is tightened to what it used', () => {
  const used = [use(), use({ class: 'files', model: '-' })];
  expect(unusedOf(key, used)).toEqual({ connections: ['b'], classes: ['embedding'], models: [] });
  expect(proposalFor(key, used)).toEqual({
    connections: ['a'],
    classes: ['inference', 'files'],
    models: ['m-1*'],
    networks: ['10.1.2.0/24'],
  });
});

describe('nothing is proposed', () => {
  test.each<[string, KeyFacts, Used[]]>([
    ['for a key that was not used', key, []],
    ['for a key that is too young', { ...key, age: 13 }, [use()]],
    [
      'where it is as tight as it can be',
      { ...key, connections: ['a'], classes: ['inference'], models: ['m-1*'], networks: ['10.1.2.0/24'] },
      [use()],
    ],
    [
      'where it is bound to a part of the network already',
      { ...key, connections: ['a'], classes: ['inference'], models: ['m-1*'], networks: ['10.1.2.4/32'] },
      [use()],
    ],
  ])('%s', (_, facts, used) => {
    expect(proposalFor(facts, used)).toBeNull();
  });
});

test('what records do not say is not guessed', () => {
  expect(proposalFor(key, [use(), use({ model: '' })])).not.toHaveProperty('models');
  expect(proposalFor(key, [use(), use({ network: '' })])).not.toHaveProperty('networks');
  expect(proposalFor(key, [use(), use({ network: '10.9.9.0/24' })])).not.toHaveProperty('networks');
  expect(proposalFor({ ...key, isPersons: true }, [use()])).not.toHaveProperty('networks');
  const publishable = { ...key, kind: 'publishable' as const };
  expect(proposalFor(publishable, [use()])).toEqual({ connections: ['a'] });
});

test.each<[string, Partial<KeyFacts>, [number, number]]>([
  ['another connection', { connections: ['b'] }, [10, 0]],
  ['another class', { classes: ['files'] }, [10, 0]],
  ['the same model', { models: ['m-1*'] }, [0, 0]],
  ['a wider one', { models: ['m*'] }, [0, 0]],
  ['a narrower one, which the record can not tell', { models: ['m-1-large'] }, [0, 10]],
  ['another model', { models: ['n-1'] }, [10, 0]],
  ['the network', { networks: ['10.1.0.0/16'] }, [0, 0]],
  ['a part of it, which the record can not tell', { networks: ['10.1.2.128/25'] }, [0, 10]],
  ['another network', { networks: ['10.2.0.0/16', '2001:db8::/32'] }, [10, 0]],
])('bound to %s, of ten crossings so many are refused or unknown', (_, bounds, [refused, unknown]) => {
  expect(effectOf([use()], bounds)).toEqual({ crossings: 10, refused, unknown });
});

const uses = fc.array(
  fc.record({
    connection: fc.constantFrom('a', 'b'),
    class: fc.constantFrom('inference', 'embedding', 'files'),
    model: fc.constantFrom('m-1*', 'm-1', 'n-2', '', '-'),
    network: fc.constantFrom('10.1.2.0/24', '10.1.3.0/24', '2001:db8:1::/48', ''),
    crossings: fc.integer({ min: 1, max: 1000 }),
  }),
  { maxLength: 12 },
);

test('what is proposed would have refused nothing, and leaves nothing to propose', () => {
  fc.assert(
    fc.property(uses, (used) => {
      const proposal = proposalFor(key, used);
      if (proposal === null) return;
      const { refused, unknown } = effectOf(used, proposal);
      expect(refused + unknown).toBe(0);
      expect(proposalFor({ ...key, ...proposal }, used)).toBeNull();
    }),
  );
});

test('findings: idle, never used, more than it needs, one network, no end, old', () => {
  const facts = { ...key, expiresAt: null };
  expect(findingsOf({ ...facts, age: 200 }, [], 40, 30)).toEqual(['idle', 'no_end', 'old']);
  expect(findingsOf({ ...facts, expiresAt: '2026-01-01' }, [], null, 30)).toEqual(['never_used']);
  expect(findingsOf(facts, [use()], 0, 30)).toEqual(['unused_grants', 'one_network', 'no_end']);
});

test('how networks lie to each other', () => {
  expect(within('10.1.2.0/24', ['10.1.2.0/24'])).toBe('all');
  expect(within('10.1.2.0/24', ['10.1.2.9/32', '10.1.0.0/16'])).toBe('all');
  expect(within('::1/128', ['::/16'])).toBe('all');
  expect(within('2001:db8:1::/48', ['2001:db8:1:2::/64'])).toBe('some');
  expect(within('64:ff9b::192.0.2.0/120', ['64:ff9b::/96'])).toBe('all');
  expect(within('10.1.2.0/24', ['::/0'])).toBe('none');
});
