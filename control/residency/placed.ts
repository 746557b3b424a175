import type { Stand } from './where.ts';

/** Where a vendor is said to keep data, or was seen. */
export interface Placed {
  /** Kind of data; null: all that it has, or, of what was seen, nobody knows which. */
  class: string | null;
  /** What is done there: `storage`, `processing`, `support` …; `reached`: an endpoint of it answered from there. */
  kind: string;
  /** A country, or a group of them, as residency names places. */
  place: string;
  /** The country whose law binds who controls the vendor; null: unknown. */
  jurisdiction: string | null;
  layer: 'declared' | 'observed';
  source: string;
}

/** Places that prove nothing of where data lies. */
const NOWHERE: ReadonlySet<string> = new Set(['EDGE', 'UNKNOWN']);
const MOST = 200;

/** Each place once: what was said first, then what was seen in the last days. */
export function placedOf({ statements, seen }: Stand): Placed[] {
  const declared = statements
    .map(({ statement }) => statement)
    .filter(({ withdrawn }) => !withdrawn)
    .map(
      (one): Placed => ({
        class: one.class,
        kind: one.kind,
        place: one.place,
        jurisdiction: one.jurisdiction,
        layer: 'declared',
        source: one.source,
      }),
    );
  const observed = seen
    .filter(({ found }) => !NOWHERE.has(found.place))
    .map(
      ({ found }): Placed => ({
        class: null,
        kind: 'reached',
        place: found.place,
        jurisdiction: null,
        layer: 'observed',
        source: found.says,
      }),
    );
  const once = new Map(
    [...declared, ...observed].map((one) => [
      [one.layer, one.class, one.kind, one.place, one.jurisdiction].join(' '),
      one,
    ]),
  );
  return [...once.values()].slice(0, MOST);
}
