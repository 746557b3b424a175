import { type Context, Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { HttpEnv, Platform, Topic } from '../platform/index.ts';

const ALIVE_MS = 15_000;

/**
 * `GET /events`: server-sent events that say what changed (`{topic, at}`), never to what: a page asks again for what it
 * shows. A comment every 15 s keeps proxies from closing it. Changes that come faster than a reader takes them are told
 * once per topic. It ends when `mayGoOn` denies it, which is asked before each is told, every 15 s at least.
 */
export function liveRoutes(platform: Platform, mayGoOn: (c: Context<HttpEnv>) => Promise<boolean>) {
  return new Hono<HttpEnv>().get('/events', (c) =>
    streamSSE(c, async (stream) => {
      const waiting = new Set<Topic>();
      let wake: () => void = () => undefined;
      const unsubscribe = platform.events.subscribe((topic) => {
        waiting.add(topic);
        wake();
      });
      stream.onAbort(() => {
        unsubscribe();
        wake();
      });
      await stream.writeSSE({ event: 'ready', data: '{}' });
      try {
        while (!stream.aborted) {
          let slept = false;
          if (waiting.size === 0) {
            slept = await new Promise<boolean>((resolve) => {
              const timer = setTimeout(() => resolve(true), ALIVE_MS);
              wake = () => {
                clearTimeout(timer);
                resolve(false);
              };
            });
          }
          if (stream.aborted || !(await mayGoOn(c))) return;
          if (slept) await stream.write(': still here\n\n');
          const topics = [...waiting];
          waiting.clear();
          for (const topic of topics) {
            await stream.writeSSE({
              event: 'change',
              data: JSON.stringify({ topic, at: new Date(platform.clock.now()).toISOString() }),
            });
          }
        }
      } catch (error) {
        // Caught here, so that the stream ends without a word: the page asks again.
        platform.log.warn({ err: error }, 'telling what changes failed; the page asks again');
      } finally {
        unsubscribe();
      }
    }),
  );
}
