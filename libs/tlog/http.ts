import type { Clock } from '@drawbridge/journal';
import { TlogError } from './errors.ts';
import type { Fetch } from './fetch.ts';
import { tooLarge } from './files.ts';
import { reasonOf } from './witnessing.ts';

export interface HttpOptions {
  /** The platform's, which is handed in: the library does no I/O of its own. */
  fetch: typeof globalThis.fetch;
  /** The log's prefix: what stands before `/checkpoint` and `/tile/…`. */
  url: string;
  clock: Clock;
  /** How long each file may take, to its last byte: milliseconds, 30,000 unless told. */
  timeoutMs?: number;
}

const TIMEOUT_MS = 30_000;

/**
 * Reads a log over HTTP from a server that nobody vouches for. No redirect is followed; what is longer than it may be,
 * also once it was unpacked, is left where that shows. 404 and 410 say that a file is not there. Throws TlogError
 * `too_large`, `gave_up` when a file takes too long, and an Error for any other answer, or none.
 */
export function fetchOver({ fetch, url, clock, timeoutMs = TIMEOUT_MS }: HttpOptions): Fetch {
  const prefix = url.replace(/\/+$/, '');
  return async (path, limit) => {
    const given = new AbortController();
    const cancel = clock.after(timeoutMs, () => {
      given.abort(new TlogError('gave_up', `${path} was not there within ${timeoutMs} ms.`));
    });
    try {
      const answer = await fetch(`${prefix}/${path}`, { signal: given.signal, redirect: 'error' });
      if (answer.status !== 200) await answer.body?.cancel();
      if (answer.status === 404 || answer.status === 410) return null;
      if (answer.status !== 200) throw new Error(`the server answered ${answer.status}`);
      return await readBody(answer, path, limit);
    } catch (cause) {
      if (given.signal.aborted) throw given.signal.reason;
      if (cause instanceof TlogError) throw cause;
      throw new Error(`${path} could not be fetched: ${reasonOf(cause)}.`, { cause });
    } finally {
      cancel();
    }
  };
}

async function readBody(answer: Response, path: string, limit: number): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of answer.body ?? []) {
    length += part.length;
    // Leaving the loop lets go of the rest.
    if (length > limit) throw tooLarge(path, limit);
    parts.push(part);
  }
  return Buffer.concat(parts);
}
