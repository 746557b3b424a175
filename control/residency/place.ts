import { regionOf } from './cloud-regions.ts';

/**
 * Where data is, as somebody says it or as was seen: a country (ISO 3166-1 alpha-2), `EU`, `EEA`, a region of a cloud
 * (`aws:eu-central-1`), `GLOBAL` (anywhere, as said), `EDGE` (a network that answers near the caller: proves nothing of where
 * data lies; only seen, never said), or `UNKNOWN`.
 */
export type Place = string;

export const PLACE = /^(?:[A-Z]{2}|EEA|GLOBAL|UNKNOWN|(?:aws|gcp|azure|oci):[a-z0-9-]{2,40})$/;

/** The states that stand behind `EU` and `EEA`, as the pack of laws lists them. */
export interface Groups {
  EU: ReadonlySet<string>;
  EEA: ReadonlySet<string>;
}

/** What one place is to another. `unclear` is never good: it says that neither can be shown. */
export type Relation = 'inside' | 'outside' | 'unclear';

/** The countries that a place can be in; null: it could be any. */
function countriesOf(place: Place, groups: Groups): ReadonlySet<string> | null {
  if (place === 'EU' || place === 'EEA') return groups[place];
  if (/^[A-Z]{2}$/.test(place)) return new Set([place]);
  const country = regionOf(place);
  return country === null ? null : new Set([country]);
}

/** Whether what is at `place` is within `bounds`. Nothing is known to be within what is unknown, nor the other way round. */
export function relation(place: Place, bounds: Place, groups: Groups): Relation {
  const at = countriesOf(place, groups);
  const allowed = countriesOf(bounds, groups);
  if (at === null || allowed === null) return 'unclear';
  const common = [...at].filter((country) => allowed.has(country)).length;
  if (common === 0) return 'outside';
  if (bounds.includes(':')) {
    if (place === bounds) return 'inside';
    // Another region of the same cloud is another place; a country says too little to tell regions apart.
    return place.includes(':') && place.split(':')[0] === bounds.split(':')[0] ? 'outside' : 'unclear';
  }
  return common === at.size ? 'inside' : 'unclear';
}

/** The one country that a place is in; null for groups, edges and what is not known. */
export function countryOf(place: Place): string | null {
  if (place === 'EU') return null;
  return /^[A-Z]{2}$/.test(place) ? place : regionOf(place);
}
