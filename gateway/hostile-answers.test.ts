import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serviceOf } from './minimise/testing/cross.ts';
import { hostileEvents } from './restore/testing/hostile.ts';
import { type StartedGateway, startTestGateway } from './testing/gateway.ts';
import { bearer, send } from './testing/send.ts';
import { type StandIn, startStandIn } from './testing/standin.ts';

/** Answers that were made to keep a worker from its other crossings. */

/** A worker stands still for so long at most, on a machine that does other things besides. Milliseconds. */
const LONGEST = 1_500;

let vendor: StandIn;
let gateway: StartedGateway;
let answer = Buffer.alloc(0);
beforeAll(async () => {
  vendor = await startStandIn((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(answer);
  });
  gateway = await startTestGateway({
    ai: vendor.port,
    service: serviceOf('openai'),
    contract: 'recommended',
    scan: { rules: [{ id: 'made_up.key', class: 'secret.api_key', forms: ['sk-{base62:40}'] }] },
  });
});
afterAll(async () => {
  await gateway.close();
  await vendor.close();
});

/** Those that cost the most; the rest in soak runs. */
const worst = [
  'deltas of one text',
  'short strings without an end',
  'a text of JSON that goes deeper',
  'a text of keys',
];
const events = hostileEvents(8 * 1024 * 1024 - 64).filter(
  ({ name }) => process.env.DRAWBRIDGE_SOAK === '1' || worst.includes(name),
);

test.each(events.map(({ name, event }) => [name, event] as const))(
  'an event of %s, 8 MB of it, holds nobody up',
  async (_, event) => {
    for (const size of [event.length, 1024 * 1024]) {
      answer = Buffer.from(size === event.length ? event : `${event.slice(0, size)}\n\n`);
      const delay = monitorEventLoopDelay({ resolution: 5 });
      delay.enable();
      const body = JSON.stringify({
        model: 'made-up-1',
        stream: true,
        messages: [{ role: 'user', content: 'I am anna@example.com' }],
      });
      const asked = send(gateway.port, '/ai/v1/chat/completions', { headers: bearer(gateway.key), body });
      await asked.catch(() => undefined);
      delay.disable();
      expect(delay.max / 1e6).toBeLessThan(LONGEST);
    }
    const { outcome, reason = null } = (await gateway.entries()).at(-1) as {
      outcome: string;
      reason?: string;
    };
    expect([outcome, reason]).toEqual(
      outcome === 'answered' ? ['answered', null] : ['cut_off', expect.any(String)],
    );
  },
  30_000,
);
