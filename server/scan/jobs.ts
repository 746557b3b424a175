import { type Confidence, compileScanner, type DetectorRule } from '@drawbridge/scan';
import { Allowance } from './archive/limits.ts';
import { type BlobHash, scanFile } from './file.ts';
import type { Found, ScanContext, Skipped } from './found.ts';
import { type Blob, BlobReader } from './git.ts';
import { keptValues, marksUnder, type ReportKeys } from './marks.ts';
import { scanBuffer, scanSource } from './source.ts';
import { scanText, WHOLE } from './text.ts';
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
  /** Left out: nothing is reported. */
  report?: ReportKeys;
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

/** Of longer messages the beginning is scanned. */
const LONGEST_MESSAGE = 1024 * 1024;

const ranks: Readonly<Record<Confidence, number>> = { certain: 2, likely: 1, possible: 0 };

/** Does batches one after the other, in a thread or not. */
export class Runner {
  readonly #context: ScanContext;
  /** For messages: who wrote and signed them stands in each, and is no news. */
  readonly #secretsOnly: ScanContext;
  #outcome = emptyOutcome();
  #blobs: { folder: string; reader: BlobReader } | null = null;

  constructor({ rules, level, printKey, least, report }: Setup) {
    const lowest = ranks[least];
    const known = report === undefined ? null : keptValues(report);
    this.#context = {
      scanner: compileScanner({ rules, known, personal: level === 'secrets' ? false : level }),
      marksOf: report === undefined ? null : marksUnder(report),
      printKey: printKey === null ? null : Buffer.from(printKey),
      found: (one) => {
        if (ranks[one.confidence] >= lowest) this.#outcome.found.push(one);
      },
      skipped: (one) => this.#outcome.skipped.push(one),
      read: (bytes) => {
        this.#outcome.bytes += bytes;
      },
    };
    this.#secretsOnly =
      level === 'secrets'
        ? this.#context
        : { ...this.#context, scanner: compileScanner({ rules, known, personal: false }) };
  }

  async run(batch: Batch): Promise<Outcome> {
    this.#outcome = emptyOutcome();
    if (batch.kind === 'files') {
      for (const { path, file, hash } of batch.files) {
        this.#outcome.files++;
        const before = this.#outcome.found.length;
        try {
          const name = await scanFile(path, file, hash, this.#context);
          if (name !== null) {
            this.#outcome.names.push(name);
            this.#nameObject(name, before);
          }
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

  #nameObject(object: string, from: number): void {
    const { found } = this.#outcome;
    for (let at = from; at < found.length; at++) {
      const one = found[at];
      if (one !== undefined) one.object = object;
    }
  }

  async #blob(reader: BlobReader, { id, name, isMessage }: Blob): Promise<void> {
    this.#outcome.files++;
    const before = this.#outcome.found.length;
    const { size, pieces, close } = await reader.open(id);
    if (isMessage) {
      scanText(name, messageOf(await firstOf(pieces, LONGEST_MESSAGE)), this.#secretsOnly);
      if (size > LONGEST_MESSAGE) {
        this.#context.skipped({
          path: name,
          reason: 'has more than 1 MB: the rest was left out',
          trouble: true,
        });
      }
    } else if (size > WHOLE) {
      await scanSource(name, pieces, null, new Allowance(size), this.#context);
    } else {
      const parts: Buffer[] = [];
      for await (const piece of pieces) parts.push(piece);
      await scanBuffer(name, Buffer.concat(parts), this.#context);
    }
    await close();
    this.#nameObject(id, before);
  }
}

async function firstOf(pieces: AsyncIterable<Buffer>, most: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const piece of pieces) {
    parts.push(piece);
    size += piece.length;
    if (size >= most) break;
  }
  return Buffer.concat(parts).subarray(0, most);
}

/** What follows the head of a commit or tag, which an empty line ends. */
function messageOf(object: Buffer): Buffer {
  const end = object.indexOf('\n\n');
  return end === -1 ? Buffer.alloc(0) : object.subarray(end + 2);
}

function emptyOutcome(): Outcome {
  return { found: [], skipped: [], names: [], files: 0, bytes: 0 };
}
