import { z } from 'zod';
import { type Blobs, defineJob } from '../platform/index.ts';

/** Forgets files that nothing needs. */
export function pruneBlobsJob(blobs: Pick<Blobs, 'prune'>) {
  return defineJob({
    kind: 'prune_blobs',
    input: z.strictObject({}),
    maxAttempts: 5,
    leaseMs: 5 * 60_000,
    run: async () => ({ pruned: await blobs.prune() }),
  });
}
