import { request as httpRequest, type IncomingMessage } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serviceOf } from './minimise/testing/cross.ts';
import { type StartedGateway, startTestGateway } from './testing/gateway.ts';
import { bearer } from './testing/send.ts';
import { type StandIn, startStandIn } from './testing/standin.ts';

/** A stream of many minutes, with tokens, secrets and texts that begin and end; in soak runs. */

const isSoak = process.env.DRAWBRIDGE_SOAK === '1';
const MINUTES = Number(process.env.DRAWBRIDGE_STREAM_MINUTES ?? 5);
/** A vendor that ends a choice begins another: these many take turns. */
const CHOICES = 40;
const ALLOWED = 16 * 1024 * 1024;

const key = ['mu', 'proj', '9f3b81c04d7e26a5', 'e1d05b7c'].join('-');

const event = (index: number, content: string, finish_reason: string | null): string =>
  `data: ${JSON.stringify({ id: 'made-up', choices: [{ index, delta: { content }, finish_reason }] })}\n\n`;
const wordsOf = (token: string): string[] =>
  `Dear ${token}, the key is ${key} — and so on.\n`.match(/.{1,4}/gsu) ?? [];

let vendor: StandIn;
let gateway: StartedGateway;
let isOver = false;
beforeAll(async () => {
  vendor = await startStandIn(async (_request, response, body) => {
    const [token = ''] = /\[\[EMAIL_\w{10}\]\]/.exec(String(body)) ?? [];
    const words = wordsOf(token);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (let index = 0; !isOver && !response.destroyed; index++) {
      const choice = index % CHOICES;
      const text = words.map((word) => event(choice, word, null)).join('') + event(choice, '', 'stop');
      if (!response.write(text)) await new Promise((resolve) => response.once('drain', resolve));
    }
    response.end('data: [DONE]\n\n');
  });
  gateway = await startTestGateway({
    ai: vendor.port,
    service: serviceOf('openai'),
    contract: 'recommended',
    scan: {
      rules: [{ id: 'made_up.project_key', class: 'secret.api_key', forms: ['mu-proj-{hex:16}-{hex:8}'] }],
    },
  });
});
afterAll(async () => {
  await gateway.close();
  await vendor.close();
});

test.runIf(isSoak)(
  `memory is flat over a stream of ${MINUTES} minutes`,
  async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const heap = (): number => {
      collect();
      return process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
    };
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const { port } = gateway;
      const path = '/ai/v1/chat/completions';
      const request = httpRequest({ port, path, method: 'POST', headers: bearer(gateway.key) }, resolve);
      request.on('error', reject);
      request.end(
        JSON.stringify({
          model: 'made-up-1',
          stream: true,
          messages: [{ role: 'user', content: 'I am anna@example.com' }],
        }),
      );
    });
    const until = Date.now() + MINUTES * 60_000;
    const heaps: number[] = [];
    let bytes = 0;
    let last = '';
    let next = Date.now() + 5_000;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      last = chunk.toString('latin1');
      expect(last).not.toMatch(/9f3b81c04d|\[\[EMAIL/);
      if (Date.now() >= next) {
        next = Date.now() + 10_000;
        heaps.push(heap());
        isOver ||= Date.now() >= until;
      }
    }
    const [first = 0] = heaps;
    expect(last).toContain('[DONE]');
    expect(bytes).toBeGreaterThan(MINUTES * 1024 * 1024);
    expect(Math.max(...heaps) - first).toBeLessThan(ALLOWED);
  },
  (MINUTES + 2) * 60_000,
);
