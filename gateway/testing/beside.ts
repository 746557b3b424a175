import { setTimeout as wait } from 'node:timers/promises';
import { bearer, send } from './send.ts';

/** Milliseconds that each of many small requests took while one long request was under way. */
export interface Beside {
  /** Milliseconds of the long one, and its status. */
  long: number;
  status: number;
  small: number[];
}

/** Between two small ones: they are not to take the machine for themselves. */
const BETWEEN_MS = 10;
const PATH = '/ai/v1/chat/completions';
const bodyOf = (content: string): string =>
  JSON.stringify({ model: 'made-up-1', messages: [{ role: 'user', content }] });

/** Sends a long text, and until it is answered small ones, one after the other. */
export async function besideOf(port: number, key: string, text: string): Promise<Beside> {
  const headers = bearer(key);
  const small: number[] = [];
  await send(port, PATH, { headers, body: bodyOf('warm') });
  const begun = performance.now();
  let long: Pick<Beside, 'long' | 'status'> | null = null;
  const sending = send(port, PATH, { headers, body: bodyOf(text) }).then(({ status }) => {
    long = { long: performance.now() - begun, status };
  });
  while (long === null) {
    const at = performance.now();
    await send(port, PATH, { headers, body: bodyOf(`small ${small.length}`) });
    small.push(performance.now() - at);
    await wait(BETWEEN_MS);
  }
  await sending;
  return { ...(long as Pick<Beside, 'long' | 'status'>), small };
}
