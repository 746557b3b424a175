import { createSecretKey } from 'node:crypto';
import { type Bytes, encodeBatch, PayloadSealer } from './batch.ts';
import { JournalUnavailable, type JournalUnavailableCode } from './errors.ts';
import { frame, frameKinds, markFrame } from './frames.ts';
import { dataKeyContext, encodeHeader, JOURNAL_FORMAT } from './header.ts';
import type { Sealing } from './options.ts';
import { segmentName } from './segment.ts';
import { appendAll, type Storage, type StorageFile } from './storage.ts';

export interface WriterDeps {
  storage: Storage;
  origin: string;
  /** Rejects when the reader's key is not known yet. Null: no payloads. */
  sealing: Sealing | null;
  now(): number;
  /** Tidying up after a failure failed as well. Nothing depends on it: what is void is passed over when read. */
  untidy(cause: unknown): void;
}

/**
 * Writes one segment. It comes to be with its first batch, so that no segment stands empty. `usable` turns false when
 * the segment can't be trusted with more: after a failed fsync nobody knows what the page cache still holds.
 */
export class SegmentWriter {
  readonly number: number;
  readonly first: number;
  readonly name: string;
  readonly madeAt: number;
  readonly #deps: WriterDeps;
  readonly #sealer: PayloadSealer | null;
  readonly #header: Buffer;
  #file: StorageFile | null = null;
  #durable = 0;
  usable = true;

  private constructor(
    deps: WriterDeps,
    number: number,
    first: number,
    madeAt: number,
    sealer: PayloadSealer | null,
    header: Buffer,
  ) {
    this.#deps = deps;
    this.number = number;
    this.first = first;
    this.name = segmentName(number, first);
    this.madeAt = madeAt;
    this.#sealer = sealer;
    this.#header = header;
  }

  /** A segment whose first entry will be `first`. Throws JournalUnavailable `key_unavailable`. */
  static async begin(deps: WriterDeps, number: number, first: number): Promise<SegmentWriter> {
    const { origin, sealing } = deps;
    const known = { format: JOURNAL_FORMAT, origin, first, segment: number, made_at: deps.now() } as const;
    const { sealed, sealer } = sealing ? await newDataKey(sealing, origin, number) : NO_PAYLOADS;
    const header = frame(frameKinds.header, encodeHeader({ ...known, sealed }));
    return new SegmentWriter(deps, number, first, known.made_at, sealer, header);
  }

  /** Durable bytes. */
  get size(): number {
    return this.#durable;
  }

  /** One write, one fsync. When it throws (JournalUnavailable), nothing of the batch counts as written. */
  async write(first: number, batch: readonly Bytes[]): Promise<void> {
    const isNew = this.#durable === 0;
    const bytes = encodeBatch(this.#sealer, first, isNew ? this.#header : null, batch);
    const file = await this.#writeAll(bytes);
    try {
      await file.sync();
      if (isNew) await this.#deps.storage.syncDir();
    } catch (cause) {
      await this.#giveUp(file);
      throw unavailable('sync_failed', 'The disk could not promise to keep the batch', cause);
    }
    this.#durable = file.size;
  }

  async #writeAll(bytes: Buffer): Promise<StorageFile> {
    let file = this.#file;
    try {
      file ??= await this.#deps.storage.create(this.name);
      this.#file = file;
      await appendAll(file, bytes);
      return file;
    } catch (cause) {
      if (!file) this.usable = false;
      else if (this.#durable === 0) await this.#giveUp(file);
      else await this.#takeBack(file);
      throw unavailable('write_failed', 'The batch could not be written', cause);
    }
  }

  /** Cuts what a failed write left, so that the segment goes on. */
  async #takeBack(file: StorageFile): Promise<void> {
    try {
      await file.truncate(this.#durable);
    } catch (cause) {
      this.#deps.untidy(cause);
      await this.#giveUp(file);
    }
  }

  /** Leaves the segment as it was when it was last durable; the next one's `first` makes the rest void in any case. */
  async #giveUp(file: StorageFile): Promise<void> {
    this.usable = false;
    const steps =
      this.#durable === 0
        ? [() => file.close(), () => this.#deps.storage.remove(this.name), () => this.#deps.storage.syncDir()]
        : [() => file.truncate(this.#durable), () => file.sync(), () => file.close()];
    for (const step of steps) {
      try {
        await step();
      } catch (cause) {
        this.#deps.untidy(cause);
      }
    }
  }

  /** Closes the segment. With a closing mark the next start need not write it anew. */
  async close(closingMark: number | null): Promise<void> {
    const file = this.#file;
    if (!file || !this.usable) return;
    this.usable = false;
    try {
      if (closingMark !== null) {
        await appendAll(file, markFrame(closingMark));
        await file.sync();
      }
    } catch (cause) {
      this.#deps.untidy(cause);
    } finally {
      await file.close().catch((cause: unknown) => this.#deps.untidy(cause));
    }
  }
}

const NO_PAYLOADS = { sealed: null, sealer: null };

async function newDataKey({ sealDataKey, random }: Sealing, origin: string, segment: number) {
  const dataKey = random(32);
  try {
    const sealed = await sealDataKey(dataKey, dataKeyContext(origin, segment));
    return { sealed, sealer: new PayloadSealer(createSecretKey(dataKey), origin) };
  } catch (cause) {
    throw new JournalUnavailable(
      'key_unavailable',
      'The data key of a new segment could not be sealed.',
      cause,
    );
  } finally {
    dataKey.fill(0);
  }
}

function unavailable(code: JournalUnavailableCode, what: string, cause: unknown): JournalUnavailable {
  const full = isRecord(cause) && (cause.code === 'ENOSPC' || cause.code === 'EDQUOT');
  const detail = full ? 'the disk is full: free some space' : `storage says ${codeOf(cause)}`;
  return new JournalUnavailable(full ? 'disk_full' : code, `${what}: ${detail}.`, cause);
}

function codeOf(cause: unknown): string {
  if (isRecord(cause) && typeof cause.code === 'string') return cause.code;
  return cause instanceof Error ? cause.message : String(cause);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
