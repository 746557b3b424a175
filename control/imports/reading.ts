import { Worker } from 'node:worker_threads';
import { invalid } from '../platform/index.ts';
import type { ReadImport } from './entry.ts';
import type { ImportKind } from './kinds.ts';
import type { Said, Work } from './read-in-worker.ts';

const LONGEST_MS = 120_000;
const LARGEST_HEAP_MB = 768;

/** Reads a file of a stranger in a thread of its own, with bounds on time and memory. Throws Problem 422. */
export async function readApart(kind: ImportKind, bytes: Uint8Array): Promise<ReadImport> {
  const worker = new Worker(new URL('./read-in-worker.ts', import.meta.url), {
    workerData: { kind, bytes } satisfies Work,
    resourceLimits: { maxOldGenerationSizeMb: LARGEST_HEAP_MB },
    // Nothing of this process's settings is a file's business.
    env: {},
  });
  let timer: NodeJS.Timeout | undefined;
  try {
    const said = await new Promise<Said>((resolve, reject) => {
      timer = setTimeout(() => reject(invalid('content', 'takes too long to read')), LONGEST_MS);
      worker.on('message', resolve);
      worker.on('error', (error: Error & { code?: string }) => {
        const isLarge = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
        reject(
          isLarge ? invalid('content', `takes more than ${LARGEST_HEAP_MB} MB of memory to read`) : error,
        );
      });
      worker.on('exit', () => reject(new Error('reading an import ended without a result')));
    });
    if ('read' in said) return said.read;
    throw invalid(said.refused.field, said.refused.why);
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}
