import { type Confidence, compileScanner, type DetectorRule } from '@drawbridge/scan';
import { Allowance } from './archive/limits.ts';
import { type BlobHash, scanFile } from './file.ts';
import type { Found, ScanContext, Skipped } from './found.ts';
import { type Blob, BlobReader } from './git.ts';
import { scanBuffer, scanSource } from './source.ts';
import { WHOLE } from './text.ts';
import { reasonOf } from './walk.ts';

/** What is looked for: secrets; with personal data of a form of its own; with what only its context tells. */
export const levels = ['secrets', 'structured', 'all'] as const;
export type Level = (typeof levels)[number];

/** What every worker is given at its start; it can be sent to a thread. */
export interface Setup {
  rules: readonly DetectorRule[];
  level: Level;
  printKey: Uint8Array | null;
  /** Findings that are less certain are left out. */
  least: Confidence;
}

/** Work for one turn of a worker. */
export type Batch =
  | { kind: 'files'; files: readonly { path: string; file: string; hash: BlobHash | null }[] }
  | { kind: 'blobs'; folder: string; blobs: readonly Blob[] };

export interface Outcome {
  found: Found[];
  skipped: Skipped[];
  /** Names that git has for what was scanned. */
  names: string[];
  files: number;
  bytes: number;
}

const ranks: Readonly<Record<Confidence, number>> = { certain: 2, likely: 1, possible: 0 };

/** Does batches one after the other, in a thread or not. */
export class Runner {
  readonly #context: ScanContext;
  #outcome = emptyOutcome();
  #blobs: { folder: string; reader: BlobReader } | null = null;

  constructor({ rules, level, printKey, least }: Setup) {
    const lowest = ranks[least];
    this.#context = {
      scanner: compileScanner({ rules, personal: level === 'secrets' ? false : level }),
      printKey: printKey === null ? null : Buffer.from(printKey),
      found: (one) => {
        if (ranks[one.confidence] >= lowest) this.#outcome.found.push(one);
      },
      skipped: (one) => this.#outcome.skipped.push(one),
      read: (bytes) => {
        this.#outcome.bytes += bytes;
      },
    };
  }

  async run(batch: Batch): Promise<Outcome> {
    this.#outcome = emptyOutcome();
    if (batch.kind === 'files') {
      for (const { path, file, hash } of batch.files) {
        this.#outcome.files++;
        try {
          const name = await scanFile(path, file, hash, this.#context);
          if (name !== null) this.#outcome.names.push(name);
        } catch (error) {
          this.#context.skipped({ path, reason: reasonOf(error), trouble: true });
        }
      }
    } else {
      const reader = await this.#readerOf(batch.folder);
      for (const blob of batch.blobs) await this.#blob(reader, blob);
    }
    return this.#outcome;
  }

  async end(): Promise<void> {
    await this.#blobs?.reader.end();
    this.#blobs = null;
  }

  async #readerOf(folder: string): Promise<BlobReader> {
    if (this.#blobs?.folder === folder) return this.#blobs.reader;
    await this.end();
    const reader = new BlobReader(folder);
    this.#blobs = { folder, reader };
    return reader;
  }

  async #blob(reader: BlobReader, { id, name }: Blob): Promise<void> {
    this.#outcome.files++;
    const { size, pieces, close } = await reader.open(id);
    if (size > WHOLE) {
      await scanSource(name, pieces, null, new Allowance(size), this.#context);
    } else {
      const parts: Buffer[] = [];
      for await (const piece of pieces) parts.push(piece);
      await scanBuffer(name, Buffer.concat(parts), this.#context);
    }
    await close();
  }
}

function emptyOutcome(): Outcome {
  return { found: [], skipped: [], names: [], files: 0, bytes: 0 };
}
