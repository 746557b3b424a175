import { type Entry, provenUntil } from '../../register/index.ts';

/** How long a vendor keeps data, as it declared, and what is proven to be deleted there: read off the register. */

const DAY_MS = 24 * 3_600_000;
const ALL = 'all';

export interface Retention {
  /** Null: it said that it keeps the data without an end. */
  days: number | null;
  source: string;
  asOf: string;
}

export interface Deletion {
  /** YYYY-MM-DD, UTC. */
  on: string;
  /** Whether a proof is kept. One that is only said counts for nothing. */
  isProven: boolean;
  source: string;
}

export interface Kept {
  retentionOf(fieldClass: string): Retention | null;
  deletionOf(fieldClass: string): Deletion | null;
  /** Up to when deletion is proven, in ms: the end of the day that is named; null: nothing is. */
  deletedUntil(fieldClass: string): number | null;
  /** Since when it still had data at `from` (ms) if it kept to what it declared; null: it declared nothing that ends. */
  keptSince(fieldClass: string, from: number): number | null;
}

/** `entry`: null, where the vendor is not in the register: nothing is declared and nothing proven. */
export function keptBy(entry: Pick<Entry, 'statements'> | null): Kept {
  const retentions = new Map<string, Retention>();
  const deletions: (Deletion & { class: string })[] = [];
  for (const { kind, key, value, source, asOf, files } of entry?.statements ?? []) {
    if (kind === 'retention') retentions.set(key, { days: numberIn(value, 'days'), source, asOf });
    if (kind === 'deletion') {
      deletions.push({ class: key, on: textIn(value, 'on'), isProven: files.length > 0, source });
    }
  }
  const retentionOf = (fieldClass: string): Retention | null =>
    retentions.get(fieldClass) ?? retentions.get(ALL) ?? null;
  const deletionsOf = (fieldClass: string) =>
    deletions
      .filter((one) => one.class === fieldClass || one.class === ALL)
      .sort((a, b) => Number(b.isProven) - Number(a.isProven) || (a.on < b.on ? 1 : -1));
  return {
    retentionOf,
    deletionOf(fieldClass) {
      const [latest] = deletionsOf(fieldClass);
      return latest === undefined
        ? null
        : { on: latest.on, isProven: latest.isProven, source: latest.source };
    },
    deletedUntil(fieldClass) {
      return provenUntil(deletions, fieldClass);
    },
    keptSince(fieldClass, from) {
      const days = retentionOf(fieldClass)?.days ?? null;
      return days === null ? null : from - days * DAY_MS;
    },
  };
}

/** Of values that were checked when they were stated. */
function numberIn(value: unknown, name: string): number | null {
  const found = typeof value === 'object' && value !== null ? Reflect.get(value, name) : null;
  return typeof found === 'number' ? found : null;
}
function textIn(value: unknown, name: string): string {
  return typeof value === 'object' && value !== null ? String(Reflect.get(value, name)) : '';
}
