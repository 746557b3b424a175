import { type Groups, type Place, relation } from './place.ts';

/** What is said of a vendor's service: where it keeps, processes, looks into or copies data, or hands it on. */
export const placeKinds = [
  'storage',
  'processing',
  'support',
  'backup',
  'sub_processors',
  'telemetry',
] as const;
export type PlaceKind = (typeof placeKinds)[number];

export const verdicts = ['contradicts', 'unknown', 'not_provable', 'consistent'] as const;
export type Verdict = (typeof verdicts)[number];

export interface Judged {
  verdict: Verdict;
  /** Why, as one sentence. */
  says: string;
}

/** What data goes through the endpoint that we see: of the others it shows nothing. */
const seenAtEndpoint: readonly PlaceKind[] = ['storage', 'processing'];

/**
 * A statement held against what was seen. Only the end of our own connection is seen: that it is where it should be is
 * consistent with the statement, and proves no more. Unknown on either side is never consistent.
 */
export function judge(
  statement: { kind: PlaceKind; place: Place },
  seen: { place: Place } | null,
  groups: Groups,
): Judged {
  if (statement.place === 'UNKNOWN') return { verdict: 'unknown', says: 'Nobody said where it is.' };
  if (seen === null) return { verdict: 'unknown', says: 'Nothing of it was seen.' };
  if (!seenAtEndpoint.includes(statement.kind))
    return { verdict: 'not_provable', says: 'Traffic shows the endpoint, and nothing of this.' };
  if (seen.place === 'UNKNOWN')
    return { verdict: 'unknown', says: 'Where the endpoint is could not be found out.' };
  if (seen.place === 'EDGE' || seen.place === 'GLOBAL')
    return { verdict: 'not_provable', says: 'The endpoint answers near the caller: it proves nothing.' };
  if (statement.place === 'GLOBAL')
    return {
      verdict: 'not_provable',
      says: 'It may be anywhere, so no place contradicts it and none bears it out.',
    };
  switch (relation(seen.place, statement.place, groups)) {
    case 'inside':
      return { verdict: 'consistent', says: `The endpoint is in ${seen.place}, as said.` };
    case 'outside':
      return { verdict: 'contradicts', says: `Said: ${statement.place}. The endpoint is in ${seen.place}.` };
    case 'unclear':
      return {
        verdict: 'not_provable',
        says: `The endpoint is in ${seen.place}, which may or may not be ${statement.place}.`,
      };
  }
}

/** The verdict that a person has to see first. */
export function worst(given: readonly Verdict[]): Verdict | null {
  return verdicts.find((verdict) => given.includes(verdict)) ?? null;
}
