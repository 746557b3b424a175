import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import {
  EvidenceError,
  type EvidenceFile,
  type ReadEvidenceOptions,
  readEvidence,
} from '@drawbridge/evidence';

/** What the worker is told: pieces of the file, then null at its end. */
export type Piece = Uint8Array | null;
/** What it says: that it took a piece; then how it ended. */
export type Said =
  | { took: number }
  | { read: EvidenceFile }
  | { refused: { code: string; message: string; line: number | null; field: string | null } };

export interface Work {
  name: string;
  options: ReadEvidenceOptions;
}

if (!isMainThread && parentPort !== null) await read(parentPort, workerData as Work);

/** Reads one file that comes in pieces, apart from the thread that answers people: a hostile file costs that thread nothing. */
async function read(port: NonNullable<typeof parentPort>, { name, options }: Work): Promise<void> {
  const waiting: Piece[] = [];
  let wake: (() => void) | null = null;
  port.on('message', (piece: Piece) => {
    waiting.push(piece);
    wake?.();
  });
  async function* pieces(): AsyncGenerator<Uint8Array> {
    while (true) {
      while (waiting.length === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      const piece = waiting.shift();
      if (piece === null || piece === undefined) return;
      yield piece;
      port.postMessage({ took: piece.length } satisfies Said);
    }
  }
  try {
    port.postMessage({ read: await readEvidence(name, pieces(), options) } satisfies Said);
  } catch (error) {
    if (!(error instanceof EvidenceError)) throw error;
    const { code, message, line, field } = error;
    port.postMessage({ refused: { code, message, line, field } } satisfies Said);
  } finally {
    port.close();
  }
}
