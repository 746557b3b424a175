import type { LeakKind } from './tables.ts';

const SHOWN_OF_PLACE = 160;

/** The end of a place, which tells the most. */
export const shownPlace = (place: string): string =>
  place.length > SHOWN_OF_PLACE ? `…${place.slice(-SHOWN_OF_PLACE)}` : place;

/** What an alarm says of a key of ours that lies somewhere. `what`: what to do; else what is to be done with its kind. */
export const leakText = (
  kind: LeakKind,
  of: { name: string; owner: string },
  where: string,
  what: string = whatToDo[kind],
): string => `${whatOf[kind]} ${of.name} (owner: ${of.owner}) lies in ${where}. ${what}`;

const whatOf = {
  virtual_key: 'A virtual key of',
  credential: 'The vendor’s credential of',
  api_token: 'The API token of',
  canary: 'The canary key of',
  registered_secret: 'The registered secret',
  unknown: 'A key of',
} as const;
const whatToDo = {
  virtual_key: 'Make its successor, then revoke it.',
  credential: 'Rotate it now.',
  api_token: 'Revoke it, and make another one.',
  canary: '',
  registered_secret: 'Put another one in its place, and take it back where it was given out.',
  unknown: '',
} as const;
