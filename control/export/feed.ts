import {
  type FeedEntry,
  journalEnds,
  journalStartsAt,
  type LogEnd,
  type Names,
  nameAll,
  readJournal,
} from '../crossings/index.ts';
import { invalid, type Platform } from '../platform/index.ts';
import { placeAt, placeChanges, readChanges } from './changes.ts';
import { type Position, parsePosition } from './cursor.ts';
import type { ExportEvent } from './event.ts';

/** Up to where a reading goes: what is there when it begins. */
export interface Ends {
  logs: readonly LogEnd[];
  place: number;
}

/** An event, and the position of whoever has read it and all before. */
export interface Fed {
  event: ExportEvent;
  position: Position;
}

/** Rows held at a time, over all logs: a row is 2 KB at most. */
const ROWS_HELD = 2000;
const LEAST_ROWS = 20;

export async function endsOf(platform: Platform): Promise<Ends> {
  const place = await placeChanges(platform);
  return { logs: await journalEnds(platform), place };
}

/** Entries and changes between a position and the ends: some may be left out as too old. */
export function countBehind(position: Position, ends: Ends): number {
  const entries = ends.logs.reduce((sum, { log, end }) => sum + end - (position.logs.get(log) ?? 0), 0);
  return entries + ends.place - position.place;
}

const TIME = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/;

/** Milliseconds since 1970 of a time as it is given; a date means its first moment, UTC. Null when it is no time. */
export function readTime(text: string): number | null {
  const time = TIME.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? null : time;
}

/** Where a reading starts: at a time, after a cursor, or with nothing given at the beginning of all. Throws a Problem. */
export async function startOf(platform: Platform, since: string | undefined, ends: Ends): Promise<Position> {
  const deployment = platform.deployment.id;
  if (since === undefined) return { deployment, from: null, place: 0, logs: new Map() };
  const time = readTime(since);
  if (time !== null) {
    const logs = await journalStartsAt(platform, time);
    return { deployment, from: time, place: await placeAt(platform, time, ends.place), logs };
  }
  const position = parsePosition(since, deployment);
  const ahead =
    position.place > ends.place ||
    [...position.logs].some(([log, next]) => next > (ends.logs.find((one) => one.log === log)?.end ?? 0));
  if (ahead) {
    throw invalid(
      'since',
      'this cursor is ahead of what is stored, as after a restored backup; give a time to start from instead',
    );
  }
  return position;
}

interface Row {
  at: number;
  event: ExportEvent | null;
  /** Moves a position on over this row. */
  pass(position: Position): void;
}

/** One log, or the changes: its rows in their order. */
interface Source {
  rows: Row[];
  /** Next in `rows`. */
  next: number;
  more: boolean;
  read(limit: number): Promise<Row[]>;
}

/**
 * What lies between a position and the ends, in batches: each log and the changes in their own order, and among each
 * other by time as far as they are read. Memory is bounded, however much there is. `before` (milliseconds since 1970)
 * leaves out what is from then on or later.
 */
export async function* readFeed(
  platform: Platform,
  names: Names,
  start: Position,
  ends: Ends,
  before: number | null = null,
): AsyncGenerator<Fed[]> {
  const position: Position = { ...start, logs: new Map(start.logs) };
  const sources = [
    changeSource(platform, position, ends.place),
    ...ends.logs.map((log) => logSource(platform, names, position, log)),
  ].filter((source) => source.more);
  const limit = Math.max(LEAST_ROWS, Math.floor(ROWS_HELD / Math.max(1, sources.length)));
  while (sources.length > 0) {
    for (const source of sources) {
      if (source.next < source.rows.length) continue;
      source.rows = await source.read(limit);
      source.next = 0;
    }
    const batch: Fed[] = [];
    // Until one has to be read on, as its next row may be the oldest.
    for (;;) {
      const source = oldest(sources);
      const row = source?.rows[source.next];
      if (source === null || row === undefined) break;
      source.next += 1;
      row.pass(position);
      const { event } = row;
      if (event !== null && row.at >= (start.from ?? row.at) && (before === null || row.at < before)) {
        batch.push({ event, position: { ...position, logs: new Map(position.logs) } });
      }
      if (source.next < source.rows.length) continue;
      if (source.more) break;
      sources.splice(sources.indexOf(source), 1);
    }
    if (batch.length > 0) yield batch;
    for (const source of [...sources]) {
      if (source.next >= source.rows.length && !source.more) sources.splice(sources.indexOf(source), 1);
    }
  }
}

function oldest(sources: readonly Source[]): Source | null {
  let first: Source | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const source of sources) {
    const at = source.rows[source.next]?.at ?? Number.POSITIVE_INFINITY;
    if (at >= least) continue;
    first = source;
    least = at;
  }
  return first;
}

function changeSource(platform: Platform, position: Position, to: number): Source {
  let after = position.place;
  return {
    rows: [],
    next: 0,
    more: after < to,
    async read(limit) {
      const found = await readChanges(platform, { after, to }, limit);
      after = found.at(-1)?.place ?? to;
      this.more = found.length === limit && after < to;
      return found.map(({ place, event }) => ({
        at: event.at,
        event,
        pass(of) {
          of.place = place;
        },
      }));
    },
  };
}

function logSource(
  platform: Platform,
  names: Names,
  position: Position,
  { log, origin, end }: LogEnd,
): Source {
  let from = position.logs.get(log) ?? 0;
  return {
    rows: [],
    next: 0,
    more: from < end,
    async read(limit) {
      const found = await readJournal(platform, { log, from, to: end }, limit);
      from = (found.at(-1)?.index ?? end - 1) + 1;
      this.more = from < end;
      const leaves = found.flatMap(({ leaf }) => (leaf === null ? [] : [leaf]));
      const named = await nameAll(names, leaves);
      return found.map((entry) => ({
        at: entry.entry.at,
        event: eventOf(origin, entry, named),
        pass(of) {
          of.logs.set(log, entry.index + 1);
        },
      }));
    },
  };
}

function eventOf(
  origin: string,
  { index, entry, leaf }: FeedEntry,
  named: Awaited<ReturnType<typeof nameAll>>,
): ExportEvent | null {
  // A settlement of nothing that is known says nothing.
  if (leaf === null) return null;
  const names = { connection: named.connection(leaf.connection).name, app: named.app(leaf.app).name };
  return entry.type === 'settlement'
    ? { kind: 'settlement', origin, index, leaf, names, settlement: entry }
    : { kind: 'crossing', origin, index, leaf, names };
}

/** Position after everything up to the ends. */
export function positionAt(platform: Platform, ends: Ends): Position {
  return {
    deployment: platform.deployment.id,
    from: null,
    place: ends.place,
    logs: new Map(ends.logs.map(({ log, end }) => [log, end])),
  };
}
