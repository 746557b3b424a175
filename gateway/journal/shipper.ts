import type { Batch, Clock, Journal, Storage } from '@drawbridge/journal';
import type { CheckpointPoster } from './checkpoint-poster.ts';
import type { Retention } from './retention.ts';
import { ShippedState } from './shipped.ts';

/** One request to the control plane. Rejects when no answer came. */
export type Post = (request: {
  path: string;
  headers: Readonly<Record<string, string>>;
  body: Buffer;
  signal: AbortSignal;
}) => Promise<{ status: number; body: string }>;

export interface ShipperLimits {
  /** Bytes of one batch, about. */
  batchBytes: number;
  /** How long new entries gather before they are sent. */
  gatherMs: number;
  /** How long to wait after a failure: doubled each time, with jitter. */
  backoffMs: readonly [least: number, most: number];
  /** How often old segments are closed and payloads deleted. */
  tidyMs: number;
  /** How long after its acknowledgement a segment's payloads are deleted. */
  keepPayloadsMs: number;
}

export const defaultShipperLimits: ShipperLimits = {
  batchBytes: 1024 * 1024,
  gatherMs: 100,
  backoffMs: [250, 30_000],
  tidyMs: 30_000,
  keepPayloadsMs: 60 * 60_000,
};

/**
 * - `away`: the control plane does not answer, or answers that it can't now.
 * - `rejected`: it answers that it will not take this; see `status`.
 * - `conflict`: it holds other bytes under the same index. One of the two is not the log it says it is.
 * - `ahead`: it holds more than this journal does: the directory is an older copy of itself.
 * - `unreadable`: the journal on disk is damaged.
 * - `removed`: it asks for entries whose segments were removed here: it was restored from a backup that is older than
 *   they are kept.
 */
export type ShipProblem = 'away' | 'rejected' | 'conflict' | 'ahead' | 'unreadable' | 'removed';

export type ShipEvent =
  | { kind: 'problem'; problem: ShipProblem; status: number | null; cause: unknown }
  | { kind: 'recovered' }
  /** The control plane asked for entries again that it had acknowledged: it was restored from a backup. */
  | { kind: 'again'; from: number; acknowledged: number }
  | { kind: 'payloads_deleted'; segment: number }
  | { kind: 'tidy_failed'; cause: unknown };

export interface ShipperOptions {
  journal: Journal;
  storage: Storage;
  post: Post;
  /** Sends checkpoints after the entries that they speak of; left out: none are sent. */
  checkpoints?: CheckpointPoster;
  /** Removes what is past its time; left out: nothing is removed. */
  retention?: Retention;
  clock: Clock;
  /** A number in [0, 1), for jitter. */
  jitter: () => number;
  report(event: ShipEvent): void;
  limits?: Partial<ShipperLimits>;
}

export interface ShipStatus {
  /** Index of the next entry of the journal; all before are durable here. */
  durable: number;
  /** All before are stored by the control plane. */
  shipped: number;
  behind: number;
  problem: ShipProblem | null;
}

const PATH = '/fleet/v1/journal';
const CONTENT_TYPE = 'application/vnd.drawbridge.journal';
const LEAST_BATCH = 64 * 1024;

/** What an answer to a batch means. */
type Verdict =
  | { do: 'goOn'; next: number }
  | { do: 'smaller' }
  | { do: 'wait'; problem: ShipProblem; status: number | null; cause: unknown };

/** Carries a journal to the control plane, in order, in batches that may be repeated. */
export class Shipper {
  readonly #options: ShipperOptions;
  readonly #limits: ShipperLimits;
  readonly #state: ShippedState;
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;
  #wake: (() => void) | null = null;
  #batchBytes: number;
  #failures = 0;
  #problem: ShipProblem | null = null;
  #tidyAt = 0;

  private constructor(options: ShipperOptions, state: ShippedState) {
    this.#options = options;
    this.#limits = { ...defaultShipperLimits, ...options.limits };
    this.#state = state;
    this.#batchBytes = this.#limits.batchBytes;
    this.#done = this.#run();
  }

  /** Begins where the last one stopped. */
  static async start(options: ShipperOptions): Promise<Shipper> {
    return new Shipper(options, await ShippedState.load(options.storage));
  }

  status(): ShipStatus {
    const durable = this.#options.journal.status().next;
    const shipped = Math.min(this.#state.next, durable);
    return { durable, shipped, behind: durable - shipped, problem: this.#problem };
  }

  /** There is a newer checkpoint. */
  poke(): void {
    this.#wake?.();
  }

  /** Stops after what is under way, or breaks that off. The journal is not closed. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#wake?.();
    await this.#done;
  }

  async #run(): Promise<void> {
    const { journal, clock } = this.#options;
    const stopListening = journal.onDurable(() => this.#wake?.());
    while (!this.#stop.signal.aborted) {
      if (clock.now() >= this.#tidyAt) await this.#tidy();
      await this.#postCheckpoint();
      if (this.#state.next >= journal.status().next) {
        const until = Math.min(this.#tidyAt, this.#options.checkpoints?.dueAt(this.#state.next) ?? Infinity);
        await this.#pause(Math.max(1, until - clock.now()), true);
        await this.#pause(this.#limits.gatherMs, false);
        continue;
      }
      const wait = await this.#ship();
      if (wait > 0) await this.#pause(wait, false);
    }
    stopListening();
    await this.#save();
  }

  async #postCheckpoint(): Promise<void> {
    const from = this.#state.next;
    const next = await this.#options.checkpoints?.post(from, this.#stop.signal);
    if (next === undefined || next === null || next >= from) return;
    this.#options.report({ kind: 'again', from: next, acknowledged: from });
    this.#state.acknowledge(next);
  }

  /** Sends one batch. Returns for how many milliseconds to wait before the next. */
  async #ship(): Promise<number> {
    const { journal } = this.#options;
    const first = journal.segments()[0]?.first ?? 0;
    // What was removed was acknowledged, even if that was not written down.
    const from = Math.max(first, Math.min(this.#state.next, journal.status().next));
    const batch = await this.#read(from);
    const verdict = batch instanceof Error ? unreadable(batch) : await this.#send(batch, from);
    if (this.#stop.signal.aborted) return 0;
    if (verdict.do === 'smaller') {
      this.#batchBytes = Math.max(LEAST_BATCH, this.#batchBytes >> 1);
      return 0;
    }
    if (verdict.do === 'goOn' && verdict.next < first)
      return this.#failed({ do: 'wait', problem: 'removed', status: null, cause: 'journal_gap' });
    if (verdict.do === 'goOn') return this.#acknowledged(verdict.next, from);
    return this.#failed(verdict);
  }

  async #read(from: number): Promise<Batch | Error> {
    try {
      const batch = await this.#options.journal.readBatch(from, this.#batchBytes);
      return batch ?? new Error(`Entry ${from} is not in the journal.`);
    } catch (cause) {
      return cause instanceof Error ? cause : new Error('The journal could not be read.', { cause });
    }
  }

  async #send(batch: Batch, from: number): Promise<Verdict> {
    const { journal, post } = this.#options;
    try {
      const headers = { 'content-type': CONTENT_TYPE, 'x-drawbridge-origin': journal.origin };
      const answer = await post({ path: PATH, headers, body: batch.bytes, signal: this.#stop.signal });
      const isSmallest = this.#batchBytes <= LEAST_BATCH;
      return verdictOn(answer, { from, durable: journal.status().next, isSmallest });
    } catch (cause) {
      return { do: 'wait', problem: 'away', status: null, cause };
    }
  }

  #acknowledged(next: number, from: number): number {
    const { report, jitter } = this.#options;
    const isProgress = next > from;
    if (isProgress) {
      this.#failures = 0;
      this.#batchBytes = this.#limits.batchBytes;
    } else if (next < from) {
      report({ kind: 'again', from: next, acknowledged: from });
    }
    if (this.#problem) report({ kind: 'recovered' });
    this.#problem = null;
    this.#state.acknowledge(next);
    // Who asks for the same again and again is waited for as if it were away.
    return isProgress ? 0 : this.#backoff(jitter());
  }

  #failed({ problem, status, cause }: Extract<Verdict, { do: 'wait' }>): number {
    if (this.#problem !== problem) this.#options.report({ kind: 'problem', problem, status, cause });
    this.#problem = problem;
    const [, most] = this.#limits.backoffMs;
    return problem === 'away' || problem === 'rejected' ? this.#backoff(this.#options.jitter()) : most;
  }

  #backoff(jitter: number): number {
    const [least, most] = this.#limits.backoffMs;
    const full = Math.min(most, least * 2 ** Math.min(this.#failures++, 30));
    return full / 2 + (full / 2) * jitter;
  }

  /** Closes an old segment, deletes payloads that were acknowledged long enough ago, writes down how far we are. */
  async #tidy(): Promise<void> {
    const { journal, clock, report } = this.#options;
    this.#tidyAt = clock.now() + this.#limits.tidyMs;
    try {
      await journal.closeOldSegment();
      this.#state.note(journal.segments(), clock.now());
      for (const segment of this.#state.acknowledgedBefore(clock.now() - this.#limits.keepPayloadsMs)) {
        await journal.stripPayloads(segment);
        this.#state.stripped(segment);
        report({ kind: 'payloads_deleted', segment });
      }
      await this.#options.retention?.tidy(this.#state.next);
    } catch (cause) {
      report({ kind: 'tidy_failed', cause });
    }
    await this.#save();
  }

  async #save(): Promise<void> {
    try {
      await this.#state.save(this.#options.storage);
    } catch (cause) {
      this.#options.report({ kind: 'tidy_failed', cause });
    }
  }

  /** Waits for a time, for the end, or, if `wakeable`, for new entries. */
  #pause(ms: number, wakeable: boolean): Promise<void> {
    if (this.#stop.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(ms, () => end());
      const end = () => {
        cancel();
        this.#wake = null;
        resolve();
      };
      this.#wake = () => {
        if (wakeable || this.#stop.signal.aborted) end();
      };
    });
  }
}

function unreadable(cause: Error): Verdict {
  return { do: 'wait', problem: 'unreadable', status: null, cause };
}

function verdictOn(
  answer: { status: number; body: string },
  known: { from: number; durable: number; isSmallest: boolean },
): Verdict {
  const { status } = answer;
  const { next, code } = parsed(answer.body);
  const wait = (problem: ShipProblem): Verdict => ({ do: 'wait', problem, status, cause: code });
  const takesIt = status === 200 || (status === 409 && code === 'journal_gap');
  if (takesIt && next !== null) return next > known.durable ? wait('ahead') : { do: 'goOn', next };
  if (status === 409) return wait('conflict');
  if (status === 413 && !known.isSmallest) return { do: 'smaller' };
  return wait(status >= 500 || status === 429 || status === 408 ? 'away' : 'rejected');
}

function parsed(body: string): { next: number | null; code: string | null } {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value !== 'object' || value === null) return { next: null, code: null };
    const next = 'next' in value && Number.isSafeInteger(value.next) ? (value.next as number) : null;
    const code = 'code' in value && typeof value.code === 'string' ? value.code.slice(0, 60) : null;
    return { next: next !== null && next >= 0 ? next : null, code };
  } catch {
    // An answer that is no JSON says nothing that we know: its status decides.
    return { next: null, code: null };
  }
}
