import type { PersonRow } from '../api/identity-types.ts';

const day = 86_400_000;

/** What works in the made-up control plane. */
export const fakeSecrets = {
  cookie: 'made-up',
  firstLink: 'made-up-link-of-the-first-one',
  invitation: 'made-up-link-of-an-invitation',
  email: 'ada@example.org',
  password: 'made-up password of Ada',
  code: '123456',
  recovery: 'MADE-UPPP-CODE',
};

/** Somebody made up, of whom only what is given matters. */
export function madePerson(now: number, index: number, given: Partial<PersonRow>): PersonRow {
  return {
    id: `person_${index}`,
    name: '',
    email: null,
    roles: ['developer'],
    state: 'active',
    accessEnds: null,
    createdAt: new Date(now - (90 - index) * day).toISOString(),
    lastSeenAt: new Date(now - index * 5_400_000).toISOString(),
    factors: { passkeys: 1, totp: false, recoveryCodesLeft: 10 },
    sessions: 1,
    isYou: false,
    ...given,
  };
}

/** One of each kind; the first is who looks. */
export function madePeople(now: number): PersonRow[] {
  return [
    { name: 'Ada Example', email: fakeSecrets.email, roles: ['owner'], isYou: true },
    { name: 'Brook Sample', email: 'brook@example.org', roles: ['administrator'] },
    { name: 'Chidi Specimen', email: 'chidi@example.org', roles: ['security', 'responder'] },
    {
      name: 'Dana Mock',
      email: 'dana@example.org',
      factors: { passkeys: 0, totp: true, recoveryCodesLeft: 0 },
    },
    {
      name: 'Eli Pretend',
      email: 'eli@auditors.example',
      roles: ['auditor'],
      accessEnds: new Date(now + 20 * day).toISOString(),
    },
    {
      email: 'farah@example.org',
      roles: ['privacy_officer'],
      state: 'invited' as const,
      lastSeenAt: null,
      factors: { passkeys: 0, totp: false, recoveryCodesLeft: 0 },
      sessions: 0,
    },
    {
      name: 'Gil Former',
      email: 'gil@example.org',
      state: 'offboarded' as const,
      factors: { passkeys: 0, totp: false, recoveryCodesLeft: 0 },
      sessions: 0,
    },
  ].map((given, index) => madePerson(now, index + 1, given));
}
