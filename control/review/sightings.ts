import type { PayloadItem } from '@drawbridge/protocol';
import type { ProjectedEntry } from '../crossings/index.ts';

export type ReviewKind = PayloadItem['r'][number]['k'];
export type Shape = PayloadItem['r'][number]['s'];

/** A name under review: where it was seen and as what. The name itself is known by its keyed hash. */
export interface NameKey {
  connection: string;
  kind: ReviewKind;
  hash: string;
}

/** What is known of a name. Times in milliseconds since 1970. */
export interface NameRecord extends NameKey {
  /** The one that says least about the values; all of them are in `shapes`, in order of their names. */
  shape: Shape;
  shapes: Shape[];
  /** The smallest ids of the apps that sent it, at most `APPS_REMEMBERED`. */
  apps: string[];
  /** Crossings in which it was seen. */
  seen: number;
  first: number;
  last: number;
  /** The smallest pseudonyms of who sent it, at most `SUBJECTS_REMEMBERED`: who they are is asked when it is read. */
  subjects: string[];
  name: string | null;
}

/** A name that so many have sent is no one's secret: it may be shown. Linked subjects are one. */
export const SENDERS_NEEDED = 5;

/** More than are needed, as several may turn out to be one person. */
const SUBJECTS_REMEMBERED = 50;

const APPS_REMEMBERED = 20;

/** Where values of one name had several shapes, the one that says least about them holds. */
const vaguestFirst: readonly Shape[] = [
  'object',
  'array',
  'string',
  'url',
  'email',
  'uuid',
  'hex',
  'ip',
  'time',
  'number',
  'integer',
  'boolean',
  'null',
];

export const nameText = (key: NameKey): string => JSON.stringify([key.connection, key.kind, key.hash]);

/** The names that a batch of entries speaks of. */
export function namesSeen(entries: readonly ProjectedEntry[]): Map<string, NameRecord> {
  const names = new Map<string, NameRecord>();
  for (const { entry: leaf, items } of entries) {
    if (leaf.type !== 'crossing') continue;
    const inCrossing = new Map<string, NameRecord>();
    for (const item of items) {
      for (const { h: hash, k: kind, s: shape, n } of item.r) {
        mergeInto(inCrossing, {
          connection: leaf.connection,
          kind,
          hash,
          shape,
          shapes: [shape],
          apps: [leaf.app],
          seen: 1,
          first: leaf.at,
          last: leaf.at,
          subjects: item.s === null ? [] : [item.s],
          name: n === undefined ? null : storable(n),
        });
      }
    }
    for (const record of inCrossing.values()) mergeInto(names, { ...record, seen: 1 });
  }
  return names;
}

function mergeInto(names: Map<string, NameRecord>, record: NameRecord): void {
  const key = nameText(record);
  const there = names.get(key);
  names.set(key, there === undefined ? record : merged(there, record));
}

/** Two records of one name as one: the same in whatever order and groups they are merged. */
export function merged(a: NameRecord, b: NameRecord): NameRecord {
  const vaguest = Math.min(vaguestFirst.indexOf(a.shape), vaguestFirst.indexOf(b.shape));
  const names = [a.name, b.name].filter((name) => name !== null).sort();
  return {
    connection: a.connection,
    kind: a.kind,
    hash: a.hash,
    shape: vaguestFirst[vaguest] ?? a.shape,
    shapes: union(a.shapes, b.shapes),
    apps: union(a.apps, b.apps).slice(0, APPS_REMEMBERED),
    seen: a.seen + b.seen,
    first: Math.min(a.first, b.first),
    last: Math.max(a.last, b.last),
    subjects: union(a.subjects, b.subjects).slice(0, SUBJECTS_REMEMBERED),
    name: names[0] ?? null,
  };
}

const union = <Item extends string>(a: readonly Item[], b: readonly Item[]): Item[] =>
  [...new Set([...a, ...b])].sort();

/** Names come from apps' requests and may hold what a text column can't. */
function storable(name: string): string {
  return name.replaceAll('\u0000', '\ufffd').toWellFormed();
}
