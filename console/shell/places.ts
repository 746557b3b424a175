import { m } from '../messages/en.ts';

/** The rail, in the order of the questions people come with. `key` follows `g` on the keyboard. */
export const places = [
  { to: '/', name: m.rail.overview, key: 'o' },
  { to: '/vendors', name: m.rail.vendors, key: 'v' },
  { to: '/crossings', name: m.rail.crossings, key: 'c' },
  { to: '/apps', name: m.rail.apps, key: 'a' },
  { to: '/accounts', name: m.rail.accounts, key: 't' },
  { to: '/keys', name: m.rail.keysEverywhere, key: 'k' },
  { to: '/policies', name: m.rail.policies, key: 'l' },
  { to: '/review', name: m.rail.review, key: 'r' },
  { to: '/replay', name: m.rail.replay, key: 'p' },
  { to: '/audit', name: m.rail.audit, key: 'u' },
  { to: '/people', name: m.rail.people, key: 'e' },
  { to: '/settings', name: m.rail.settings, key: 's' },
] as const;

export type Place = (typeof places)[number];
