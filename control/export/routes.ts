import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Names } from '../crossings/index.ts';
import {
  createRouter,
  type HttpEnv,
  invalid,
  needs,
  type Platform,
  Problem,
  problemResponses,
} from '../platform/index.ts';
import { formatPosition } from './cursor.ts';
import { endsOf, readTime, startOf } from './feed.ts';
import { exportFormats } from './lines.ts';
import { streamLines } from './stream.ts';

/** Readers that one control process serves at once. */
const MOST_READERS = 10;
/** A cursor grows with the number of logs. */
const LONGEST_CURSOR = 8_000;

const flag = z.enum(['true', 'false']).default('false');

const read = createRoute({
  method: 'get',
  path: '/export',
  'x-needs': needs('export.read'),
  summary: 'Crossings, sign-ins and changes as NDJSON for other systems, from a time or a cursor on',
  description:
    'Each line carries the cursor that goes on after it; the header x-drawbridge-cursor is where the answer starts. Order: each gateway log and the changes in their own order, among each other by time as far as they are read. With `follow` an empty line says that nothing came; after a quarter of an hour the answer ends, and the last cursor goes on. An answer that breaks off ends without its last chunk.',
  request: {
    query: z.strictObject({
      format: z.enum(exportFormats),
      since: z.string().min(1).max(LONGEST_CURSOR).optional().openapi({
        description: 'A time (ISO 8601 with a zone, or a date) or a cursor; else all there is',
      }),
      until: z.string().max(40).optional().openapi({ description: 'A time; not with `follow`' }),
      follow: flag.openapi({ description: 'Go on with what comes' }),
      details: flag.openapi({ description: 'With reasons and details of changes, which people wrote' }),
    }),
  },
  responses: {
    200: { description: 'application/x-ndjson: one event per line' },
    ...problemResponses,
  },
});

/**
 * Hands on what happened, as a stream that is read as fast as it is taken. Who follows hears no more once `mayGoOn` denies
 * it, which is asked before each look.
 */
export function exportRoutes(
  platform: Platform,
  names: Names,
  mayGoOn: (c: Context<HttpEnv>) => Promise<boolean>,
) {
  let readers = 0;
  return createRouter().openapi(read, async (c) => {
    const asked = c.req.valid('query');
    const follow = asked.follow === 'true';
    const before = asked.until === undefined ? null : readTime(asked.until);
    if (asked.until !== undefined && before === null) {
      throw invalid('until', 'is not a time, such as 2026-03-01 or 2026-03-01T08:00:00Z');
    }
    if (follow && before !== null) throw invalid('until', 'is not for `follow`, which has no end');
    if (readers >= MOST_READERS) {
      throw new Problem(503, 'too_many_readers', 'As many exports run as this control plane serves.');
    }
    const ends = await endsOf(platform);
    const start = await startOf(platform, asked.since, ends);
    const ended = new AbortController();
    const lines = streamLines(platform, names, start, ends, {
      format: asked.format,
      deployment: platform.deployment.id,
      details: asked.details === 'true',
      before,
      follow,
      mayGoOn: () => mayGoOn(c),
      signal: ended.signal,
    });
    readers += 1;
    let counted = true;
    const over = () => {
      if (counted) readers -= 1;
      counted = false;
    };
    const encoder = new TextEncoder();
    const body = new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          try {
            const next = await lines.next();
            if (next.done !== true) return controller.enqueue(encoder.encode(next.value));
            over();
            controller.close();
          } catch (error) {
            over();
            platform.log.warn(
              { err: error },
              'an export broke off; whoever reads it goes on from its cursor',
            );
            controller.error(error);
          }
        },
        cancel() {
          ended.abort();
          over();
        },
      },
      { highWaterMark: 0 },
    );
    c.header('content-type', 'application/x-ndjson');
    c.header('x-drawbridge-cursor', formatPosition(start));
    return c.body(body, 200);
  });
}
