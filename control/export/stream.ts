import { setTimeout as wait } from 'node:timers/promises';
import type { Names } from '../crossings/index.ts';
import type { Platform } from '../platform/index.ts';
import type { Position } from './cursor.ts';
import { type Ends, endsOf, readFeed } from './feed.ts';
import { lineOf, type Writing } from './lines.ts';

export interface Streaming extends Writing {
  /** Leaves out what is from this time (milliseconds since 1970) on or later; null leaves out nothing. */
  before: number | null;
  /** Goes on with what comes, until `signal`, a quarter of an hour at most. */
  follow: boolean;
  /** Whether who reads it still may: asked before each look at what comes. */
  mayGoOn(): Promise<boolean>;
  signal: AbortSignal;
}

const LOOK_EVERY_MS = 500;
/** An empty line this often tells readers, and what lies between, that it is alive. */
const ALIVE_MS = 15_000;
/** Then the reader asks again from its cursor: so what it is kept by ends also where nothing comes. */
const FOLLOW_MS = 15 * 60_000;

/** Lines from a position on, in pieces of a few hundred. Reads on only as fast as the pieces are taken. */
export async function* streamLines(
  platform: Platform,
  names: Names,
  start: Position,
  ends: Ends,
  asked: Streaming,
): AsyncGenerator<string> {
  let position = start;
  let until = ends;
  const begun = performance.now();
  let said = begun;
  for (;;) {
    for await (const batch of readFeed(platform, names, position, until, asked.before)) {
      yield batch.map((fed) => lineOf(fed, asked)).join('');
      position = batch.at(-1)?.position ?? position;
      said = performance.now();
      if (asked.signal.aborted) return;
    }
    if (!asked.follow || asked.signal.aborted || performance.now() - begun > FOLLOW_MS) return;
    if (!(await asked.mayGoOn())) return;
    if (performance.now() - said > ALIVE_MS) {
      said = performance.now();
      yield '\n';
    }
    await wait(LOOK_EVERY_MS, undefined, { signal: asked.signal }).catch((cause: unknown) => {
      if (!asked.signal.aborted) throw cause;
    });
    until = await endsOf(platform);
  }
}
