import { setTimeout as wait } from 'node:timers/promises';
import { type Context, Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import { type HttpEnv, type Platform, Problem } from '../platform/index.ts';
import { followCrossings } from './live.ts';
import type { Names } from './names.ts';
import { LiveQuerySchema } from './schemas.ts';

/** How often a reader is told what came, in milliseconds, and how many rows of it at most: 200 a second. */
const BATCH_MS = 250;
const ROWS_PER_BATCH = 50;
/** Readers that one control process serves at once: each is a few small questions to the database a second. */
const MOST_READERS = 40;

/**
 * `GET /crossings/live`: server-sent events `batch` (`{at, seen, rows}`), four a second, with the same filters as the
 * list. `seen` counts all that came and fit; of more than 50 the newest are in `rows`. An empty batch says that it is
 * live and nothing came. A reader that is slow gets fewer batches, each of a longer time. It ends when `mayGoOn`
 * denies it, which is asked before each batch: who signs out follows nothing any more.
 */
export function liveCrossingRoutes(
  platform: Platform,
  names: Names,
  mayGoOn: (c: Context<HttpEnv>) => Promise<boolean>,
) {
  let readers = 0;
  return new Hono<HttpEnv>().get('/crossings/live', async (c) => {
    const query = LiveQuerySchema.safeParse(c.req.query());
    if (!query.success) {
      const issue = query.error.issues[0];
      const field = issue?.path.map(String).join('.') || '(query)';
      throw new Problem(400, 'invalid_request', `${field}: ${issue?.message ?? 'not valid'}`, [
        { field, message: issue?.message ?? 'not valid' },
      ]);
    }
    if (readers >= MOST_READERS) {
      throw new Problem(
        503,
        'too_many_readers',
        'As many pages follow crossings as this control plane serves.',
      );
    }
    readers += 1;
    const ended = new AbortController();
    return streamSSE(c, async (stream) => {
      stream.onAbort(() => ended.abort());
      try {
        const look = await followCrossings(platform, names, query.data);
        while (!ended.signal.aborted && (await mayGoOn(c))) {
          const batch = await look(ROWS_PER_BATCH);
          const at = new Date(platform.clock.now()).toISOString();
          await stream.writeSSE({ event: 'batch', data: JSON.stringify({ at, ...batch }) });
          await wait(BATCH_MS, undefined, { signal: ended.signal }).catch((cause: unknown) => {
            if (!ended.signal.aborted) throw cause;
          });
        }
      } catch (error) {
        // Caught here, so that the stream ends without a word: what failed is nothing to tell a page.
        platform.log.warn({ err: error }, 'following crossings failed; the page asks again');
      } finally {
        readers -= 1;
      }
    });
  });
}
