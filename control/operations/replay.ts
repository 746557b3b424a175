import { Hono } from 'hono';
import { type HttpEnv, Problem } from '../platform/index.ts';

/** Reads what the last `npm run replay` found, as JSON text; null when none was played with this data directory. */
export type ReadReplay = () => Promise<string | null>;

/** `GET /replay`: the last replay's result. */
export function replayRoutes(read: ReadReplay) {
  return new Hono<HttpEnv>().get('/replay', async (c) => {
    const text = await read();
    if (text === null) {
      throw new Problem(
        404,
        'no_replay',
        'No replay was played yet. Run "npm run replay" in the folder of Drawbridge.',
      );
    }
    return c.body(text, 200, { 'content-type': 'application/json' });
  });
}
