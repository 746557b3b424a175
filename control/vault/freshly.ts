import { VaultError } from './errors.ts';

/**
 * Does something with wrapped bytes that are kept in memory, and with those in the database where they were wrapped anew
 * since and their data key is gone. They are not read each time: who asks may hold the last connection.
 */
export function freshly<Asked, Answer>(
  wrapped: Buffer,
  read: () => Promise<{ wrapped: Buffer } | undefined>,
  work: (wrapped: Buffer, asked: Asked) => Promise<Answer>,
): (asked: Asked) => Promise<Answer> {
  let kept = wrapped;
  return async (asked) => {
    try {
      return await work(kept, asked);
    } catch (error) {
      if (!(error instanceof VaultError) || error.code !== 'key_unknown') throw error;
      kept = (await read())?.wrapped ?? kept;
      return work(kept, asked);
    }
  };
}
