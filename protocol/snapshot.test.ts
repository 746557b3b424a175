import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AuthPlacement } from './pack.ts';
import { credentialContext } from './snapshot.ts';

const text = fc.string({ minLength: 1, maxLength: 8 });
const placement: fc.Arbitrary<AuthPlacement> = fc.oneof(
  fc.record({ in: fc.constant('header' as const), name: text }),
  fc.record({ in: fc.constant('header' as const), name: text, prefix: fc.string({ maxLength: 4 }) }),
  fc.record({ in: fc.constant('basic' as const), part: fc.constantFrom('username', 'password') }),
  fc.record({ in: fc.constant('query' as const), name: text }),
  fc.record({ in: fc.constant('body' as const), path: text }),
);
const sameMembers = (a: object, b: object) =>
  JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort());
const placements = fc.uniqueArray(placement, { minLength: 1, maxLength: 5, comparator: sameMembers });
const hosts = fc.uniqueArray(text, { minLength: 1, maxLength: 3 });

const contextOf = (given: Partial<Parameters<typeof credentialContext>[0]>): string =>
  Buffer.from(
    credentialContext({
      connection: 'conn-1',
      version: 1,
      hosts: ['https://api.example.com:443'],
      placements: [{ in: 'query', name: 'key' }],
      ...given,
    }),
  ).toString('utf8');

/** The same members in another order. */
const backwards = (one: AuthPlacement): AuthPlacement =>
  Object.assign(Object.fromEntries(Object.entries(one).reverse()), one);

test('a credential’s binding does not depend on the order of hosts, placements or their members', () => {
  fc.assert(
    fc.property(hosts, placements, (hosts, placements) => {
      const turned = {
        hosts: hosts.toReversed(),
        placements: placements.toReversed().map(backwards),
      };
      expect(contextOf(turned)).toBe(contextOf({ hosts, placements }));
    }),
  );
});

test('another list of placements is another binding', () => {
  fc.assert(
    fc.property(placements, placements, (one, other) => {
      const isSame = one.length === other.length && one.every((a) => other.some((b) => sameMembers(a, b)));
      expect(contextOf({ placements: one }) === contextOf({ placements: other })).toBe(isSame);
    }),
  );
});

test('one placement more or less is another binding', () => {
  fc.assert(
    fc.property(placements, (all) => {
      const [, ...less] = all;
      expect(contextOf({ placements: less })).not.toBe(contextOf({ placements: all }));
    }),
  );
});

test.each<[string, Parameters<typeof contextOf>[0]]>([
  ['connection', { connection: 'conn-2' }],
  ['version', { version: 2 }],
  ['host', { hosts: ['https://thief.example.com:443'] }],
  ['host more', { hosts: ['https://api.example.com:443', 'https://thief.example.com:443'] }],
  ['place of the same name', { placements: [{ in: 'body', path: 'key' }] }],
  ['prefix', { placements: [{ in: 'header', name: 'key', prefix: 'Bearer ' }] }],
])('another %s is another binding', (_what, given) => {
  expect(contextOf(given)).not.toBe(contextOf({}));
});

test('a prefix that is undefined is the same as none', () => {
  const none: AuthPlacement = { in: 'header', name: 'key' };
  expect(contextOf({ placements: [{ ...none, prefix: undefined }] })).toBe(contextOf({ placements: [none] }));
});
