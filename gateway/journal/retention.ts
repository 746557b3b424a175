import { type Clock, type Journal, replaceFile, type Storage } from '@drawbridge/journal';
import type { Pruned, Pruning } from '@drawbridge/tlog';
import type { KeepDays } from './keep-days.ts';

const DAY_MS = 24 * 3600_000;
const FILE = 'kept.json';
const FILE_LIMIT = 1024 * 1024;
/** Segments removed at a time: shipping waits for it. */
const SEGMENTS = 16;

export interface RetentionOptions {
  journal: Journal;
  storage: Storage;
  clock: Clock;
  keep: KeepDays;
  /** The control plane has verified a checkpoint of so many entries against what it has stored. */
  verified: () => number;
  /** Prunes some bundles of the log; null while there is no log that could be. */
  prune(pruning: Pruning): Promise<Pruned | null>;
}

/** Since when it is known that the control plane has them: milliseconds since 1970, by this machine's clock. */
interface Known {
  /** By segment. */
  segments: Map<number, number>;
  /** One a day: so many entries were verified then. The oldest first. */
  marks: [at: number, size: number][];
}

/**
 * Removes what the control plane has and is past its time. Only what is shipped, and under a checkpoint that the control
 * plane has verified, goes: the oldest first, some at a time, each step durable before the next, so that a crash in any
 * of them leaves a journal and a log that go on.
 */
export class Retention {
  readonly #options: RetentionOptions;
  #known: Known | null = null;
  #saved = '';
  /** Entries before are pruned from the log, as far as this process knows. */
  #pruned = 0;

  constructor(options: RetentionOptions) {
    this.#options = options;
  }

  /** One portion. `shipped`: the control plane has acknowledged all entries before. Rejects with what the disk rejects with. */
  async tidy(shipped: number): Promise<void> {
    const { clock, storage, verified } = this.#options;
    const now = clock.now();
    if (this.#known === null) {
      this.#known = await load(storage);
      this.#saved = textOf(this.#known);
    }
    const safe = Math.min(shipped, verified());
    await this.#removeSegments(this.#known, { shipped, safe }, now);
    await this.#pruneLog(this.#known, safe, now);
    await this.#save(this.#known);
  }

  async #removeSegments(
    { segments: since }: Known,
    { shipped, safe }: { shipped: number; safe: number },
    now: number,
  ): Promise<void> {
    const { journal, keep } = this.#options;
    const there = journal.segments();
    // What is asked for again is not there any more. What is verified is not known yet when the process has just begun.
    for (const number of since.keys())
      if (!there.some((segment) => segment.number === number && segment.end <= shipped)) since.delete(number);
    for (const { number, end, isOpen } of there) {
      const at = since.get(number) ?? Number.POSITIVE_INFINITY;
      // A clock that was set back begins anew.
      if (!isOpen && end <= safe && at > now) since.set(number, now);
    }
    let before = 0;
    for (const { number, end } of there.slice(0, SEGMENTS)) {
      const at = since.get(number);
      if (at === undefined || end > safe || now - at < keep.segments * DAY_MS) break;
      before = end;
    }
    if (before > 0) await journal.removeBefore(before);
  }

  async #pruneLog(known: Known, safe: number, now: number): Promise<void> {
    const { keep, prune } = this.#options;
    known.marks = known.marks.filter(([at]) => at <= now);
    const [lastAt] = known.marks.at(-1) ?? [Number.NEGATIVE_INFINITY];
    if (safe > 0 && now - lastAt >= DAY_MS) known.marks.push([now, safe]);
    const old = known.marks.findLastIndex(([at]) => now - at >= keep.log * DAY_MS);
    const minimumIndex = Math.min(known.marks[old]?.[1] ?? 0, safe);
    if (minimumIndex <= this.#pruned) return;
    const done = await prune({ minimumIndex, policy: policyOf(keep) });
    if (done?.isDone !== true) return;
    this.#pruned = minimumIndex;
    // The newest that is old enough says what those before it say.
    known.marks.splice(0, old);
  }

  async #save(known: Known): Promise<void> {
    const text = textOf(known);
    if (text === this.#saved) return;
    await replaceFile(this.#options.storage, FILE, Buffer.from(text));
    this.#saved = text;
  }
}

function policyOf({ log }: KeepDays): string {
  return `Entries are kept for at least ${log} days after the control plane has verified a checkpoint that holds them; then their bundles are removed. All hash tiles are kept.`;
}

function textOf({ segments, marks }: Known): string {
  return JSON.stringify({ v: 1, segments: Object.fromEntries(segments), marks });
}

async function load(storage: Storage): Promise<Known> {
  const nothing: Known = { segments: new Map(), marks: [] };
  if (!(await storage.list()).includes(FILE)) return nothing;
  const text = (await storage.read(FILE, 0, FILE_LIMIT)).toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Damaged: as if it were not there. All is kept for as long again.
    return nothing;
  }
  if (typeof value !== 'object' || value === null || !('v' in value) || value.v !== 1) return nothing;
  const segments = 'segments' in value && isRecord(value.segments) ? Object.entries(value.segments) : [];
  const marks = 'marks' in value && Array.isArray(value.marks) ? value.marks : [];
  return {
    segments: new Map(
      segments.flatMap(([number, at]) => (typeof at === 'number' ? [[Number(number), at] as const] : [])),
    ),
    marks: marks.filter(isMark),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isMark(value: unknown): value is [number, number] {
  return Array.isArray(value) && value.length === 2 && value.every((one) => Number.isSafeInteger(one));
}
