import { expect, test } from 'vitest';
import type { PersonRow } from '../api/identity-types.ts';
import { factorsText, fitsSearch, personState } from './state.ts';

const now = Date.parse('2026-03-01T12:00:00Z');
const person: PersonRow = {
  id: 'p1',
  name: 'Ada Example',
  email: 'ada@example.org',
  roles: ['auditor'],
  state: 'active',
  accessEnds: null,
  createdAt: '2026-01-01T00:00:00Z',
  lastSeenAt: null,
  factors: { passkeys: 0, totp: false, recoveryCodesLeft: 0 },
  sessions: 0,
  isYou: false,
};

test('access that ended by its date is told apart from access that was taken away', () => {
  expect(personState(person, now)).toBe('active');
  expect(personState({ ...person, accessEnds: '2026-03-01T12:00:00Z' }, now)).toBe('ended');
  expect(personState({ ...person, accessEnds: '2026-03-01T12:00:01Z' }, now)).toBe('active');
  expect(personState({ ...person, state: 'offboarded', accessEnds: '2026-01-02T00:00:00Z' }, now)).toBe(
    'offboarded',
  );
});

test('a search takes words in any order, from the name and the address', () => {
  expect(fitsSearch(person, 'example.org ada')).toBe(true);
  expect(fitsSearch(person, 'ada example.com')).toBe(false);
});

test('somebody without a factor is said to have none', () => {
  expect(factorsText(person)).toBe('none');
  expect(factorsText({ ...person, factors: { passkeys: 2, totp: true, recoveryCodesLeft: 9 } })).toBe(
    '2 passkeys, password and app',
  );
});
