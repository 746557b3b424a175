import type { Clock } from '@drawbridge/journal';
import { CheckpointAnswerSchema, type CheckpointPost } from '@drawbridge/protocol';
import { z } from 'zod';
import type { PublishedCheckpoint } from './log-keeper.ts';
import type { Post } from './shipper.ts';

export type CheckpointEvent =
  /** The control plane answers that it will not take this checkpoint; see `code`. */
  { kind: 'checkpoint_refused'; status: number; code: string | null } | { kind: 'checkpoint_taken_again' };

export interface CheckpointPosterOptions {
  origin: string;
  verifierKey: string;
  /** The newest that is published; null while there is none. */
  latest: () => PublishedCheckpoint | null;
  post: Post;
  clock: Clock;
  /** How long to wait after a failure: doubled each time. */
  backoffMs: readonly [least: number, most: number];
  report(event: CheckpointEvent): void;
}

const PATH = '/fleet/v1/checkpoint';
const ProblemSchema = z.looseObject({
  code: z.string().max(60).nullable().catch(null),
  next: z.int().min(0).nullable().catch(null),
});

/**
 * Tells the control plane the log's newest checkpoint, once it has the entries. Those in between are skipped: the
 * newest speaks for them. A failure keeps no entry from being shipped.
 */
export class CheckpointPoster {
  readonly #options: CheckpointPosterOptions;
  #taken = 0;
  #retryAt = 0;
  #failures = 0;
  #isRefused = false;

  constructor(options: CheckpointPosterOptions) {
    this.#options = options;
  }

  get isRefused(): boolean {
    return this.#isRefused;
  }

  /** The control plane has verified a checkpoint of so many entries. */
  get taken(): number {
    return this.#taken;
  }

  /** When to post next, in milliseconds since 1970, if entries before `shipped` are stored; Infinity: not before there is something new. */
  dueAt(shipped: number): number {
    const size = this.#options.latest()?.size ?? 0;
    return size > this.#taken && size <= shipped ? this.#retryAt : Number.POSITIVE_INFINITY;
  }

  /** Posts what is due. Returns from which entry on the control plane wants the log again; null when it wants nothing. */
  async post(shipped: number, signal: AbortSignal): Promise<number | null> {
    const { latest, clock, post } = this.#options;
    const checkpoint = latest();
    if (checkpoint === null || this.dueAt(shipped) > clock.now()) return null;
    try {
      const body = Buffer.from(JSON.stringify(this.#document(checkpoint)));
      const headers = { 'content-type': 'application/json' };
      return this.#heed(await post({ path: PATH, headers, body, signal }), checkpoint.size);
    } catch {
      // That it is away is told by whoever ships entries, with the reason.
      this.#wait();
      return null;
    }
  }

  #document({ note, signedAt }: PublishedCheckpoint): CheckpointPost {
    const { origin, verifierKey } = this.#options;
    return { v: 1, origin, verifierKey, note, signedAt };
  }

  #heed({ status, body }: { status: number; body: string }, size: number): number | null {
    const { clock, report, backoffMs } = this.#options;
    if (status === 200) {
      this.#taken = size;
      this.#failures = 0;
      this.#retryAt = 0;
      if (this.#isRefused) report({ kind: 'checkpoint_taken_again' });
      this.#isRefused = false;
      return null;
    }
    const answer = parsed(body);
    if (status === 202 && CheckpointAnswerSchema.safeParse(answer).success) {
      this.#retryAt = clock.now() + backoffMs[0];
      return null;
    }
    const { code, next } = ProblemSchema.catch({ code: null, next: null }).parse(answer);
    this.#wait();
    if (status === 409 && code === 'journal_gap' && next !== null) return next;
    // 404: a control plane of an earlier version, which knows no checkpoints.
    if (status === 404 || status >= 500 || status === 429 || status === 408) return null;
    if (!this.#isRefused) report({ kind: 'checkpoint_refused', status, code });
    this.#isRefused = true;
    return null;
  }

  #wait(): void {
    const [least, most] = this.#options.backoffMs;
    this.#retryAt = this.#options.clock.now() + Math.min(most, least * 2 ** Math.min(this.#failures++, 30));
  }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // An answer that is no JSON says nothing that we know: its status decides.
    return null;
  }
}
