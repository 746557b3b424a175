import { createHash } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import type { EvidenceFile, ReadEvidenceOptions } from '@drawbridge/evidence';
import type { Said, Work } from './read-in-worker.ts';

/** Files that are read at the same time. */
const AT_ONCE = 2;
/** A file that keeps a worker silent for so long is given up. */
const SILENT_MS = 60_000;
const LARGEST_HEAP_MB = 768;
/** Bytes that were sent to the worker and not taken yet. */
const AHEAD = 1024 * 1024;

export interface ReadFile {
  file: EvidenceFile | null;
  refused: { code: string; message: string } | null;
  sha256: Buffer;
  bytes: number;
}

/**
 * Reads a file of a stranger in a thread of its own, with bounds on memory and time, as it comes in. What can't be read is
 * told with its reason; that the sender went away is thrown.
 */
export function createReading(
  silentMs = SILENT_MS,
): (chunks: AsyncIterable<Uint8Array>, name: string, options: ReadEvidenceOptions) => Promise<ReadFile> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (chunks, name, options) => {
    if (running >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await readOne(chunks, { name, options }, silentMs);
    } finally {
      // The place goes on to who waits; else it is free.
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}

async function readOne(chunks: AsyncIterable<Uint8Array>, work: Work, silentMs: number): Promise<ReadFile> {
  const worker = new Worker(new URL('./read-in-worker.ts', import.meta.url), {
    workerData: work,
    resourceLimits: { maxOldGenerationSizeMb: LARGEST_HEAP_MB },
    // Nothing of this process's settings is a file's business.
    env: {},
  });
  const hash = createHash('sha256');
  let bytes = 0;
  let ahead = 0;
  let isSent = false;
  let wake: (() => void) | null = null;
  let timer: NodeJS.Timeout | undefined;
  let ended: Pick<ReadFile, 'file' | 'refused'> | null = null;
  const end = (result: Pick<ReadFile, 'file' | 'refused'>) => {
    ended ??= result;
    clearTimeout(timer);
    wake?.();
  };
  const refuse = (code: string, message: string) => end({ file: null, refused: { code, message } });
  /** Whoever sends may be slow; who reads what is there may not. */
  const watch = () => {
    clearTimeout(timer);
    if (ended !== null || (ahead === 0 && !isSent)) return;
    timer = setTimeout(() => {
      refuse('too_slow', `reading it came no further for ${silentMs / 1000} s`);
    }, silentMs);
  };
  const woken = () =>
    new Promise<void>((resolve) => {
      wake = resolve;
    });
  worker.on('message', (said: Said) => {
    if ('read' in said) end({ file: said.read, refused: null });
    else if ('refused' in said) end({ file: null, refused: said.refused });
    else {
      ahead -= said.took;
      watch();
      wake?.();
    }
  });
  worker.on('error', (error: Error & { code?: string }) => {
    if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') {
      refuse('too_large', `reading it takes more than ${LARGEST_HEAP_MB} MB of memory`);
    } else {
      refuse('failed', `reading it failed (${error.name}): tell us its format`);
    }
  });
  worker.on('exit', () => refuse('failed', 'reading it ended without a result'));
  try {
    for await (const chunk of chunks) {
      hash.update(chunk);
      bytes += chunk.length;
      // What was refused is read to its end all the same: its sender hears the answer, and its hash is whole.
      if (ended !== null) continue;
      ahead += chunk.length;
      worker.postMessage(chunk);
      watch();
      while (ahead > AHEAD && ended === null) await woken();
    }
    isSent = true;
    worker.postMessage(null);
    watch();
    while (ended === null) await woken();
    return { ...(ended as Pick<ReadFile, 'file' | 'refused'>), sha256: hash.digest(), bytes };
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}
