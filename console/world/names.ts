import { m } from '../messages/en.ts';

const regions = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'code' });

/** What a place is called: a country by its name, a group or an unknown as the page says it. */
export function placeName(place: string): string {
  const group = m.world.groups[place];
  if (group !== undefined) return group;
  return /^[A-Z]{2}$/.test(place) ? (regions.of(place) ?? place) : place;
}
