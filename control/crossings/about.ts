import type { PayloadItem } from '@drawbridge/protocol';

/** What data speaks of. `nobody`: an item that identifies no one. */
export type About = 'person' | 'organisation' | 'nobody';

/** A subject as the journals name it. A person and an organisation of one pseudonym are two. */
export interface SubjectName {
  about: Exclude<About, 'nobody'>;
  /** Under the ledger key. */
  pseudonym: string;
}

/** What an item speaks of. */
export function aboutOf(item: Pick<PayloadItem, 's' | 'k'>): About {
  if (item.s === null) return 'nobody';
  return item.k === 'group' ? 'organisation' : 'person';
}

/** One text per subject, for sets. */
export const subjectText = ({ about, pseudonym }: { about: About; pseudonym: string }): string =>
  `${about} ${pseudonym}`;
