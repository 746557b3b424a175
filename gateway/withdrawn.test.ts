import type { ServerResponse } from 'node:http';
import OpenAI from 'openai';
import { afterEach, expect, test } from 'vitest';
import { type StartedGateway, startTestGateway, type TestGatewayOptions } from './testing/gateway.ts';
import { answerJson, bearer, send } from './testing/send.ts';
import { startStandIn } from './testing/standin.ts';

/** Keys and vendors that are withdrawn while answers run, with the vendor's own SDK. */

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** What the docs promise from the moment a worker has the change, in milliseconds. */
const ENDS_WITHIN_MS = 1_000;

const chunk = (content: string): string =>
  `data: ${JSON.stringify({ id: 'made-up', object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content } }] })}\n\n`;

/** A vendor that streams for ever, or with `held` answers nothing. */
async function endless(options: TestGatewayOptions = {}, held = false) {
  const open = new Set<ServerResponse>();
  let ended = 0;
  const vendor = await startStandIn((_request, response) => {
    open.add(response);
    response.on('close', () => {
      open.delete(response);
      ended += 1;
    });
    if (held) return;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const timer = setInterval(() => response.write(chunk('word ')), 5);
    response.on('close', () => clearInterval(timer));
  });
  closing.push(() => vendor.close());
  const gateway = await startTestGateway({ ai: vendor.port, ...options });
  closing.push(() => gateway.close());
  const client = (apiKey: string) =>
    new OpenAI({ apiKey, baseURL: `http://127.0.0.1:${gateway.port}/ai/v1`, maxRetries: 0 });
  return { gateway, client, open, ended: () => ended };
}

const question = { model: 'made-up-1', messages: [{ role: 'user' as const, content: 'Hello?' }] };

async function issued({ deployment, worker }: StartedGateway, spec = {}): Promise<string> {
  const key = deployment.issue({ connections: ['ai'], ...spec });
  await worker.apply(await deployment.snapshot());
  return key;
}

/** Reads on until the stream ends; what it ended with, and how long after `since`. */
async function endOf(
  stream: AsyncIterable<unknown>,
  since: () => number,
): Promise<{ error: unknown; after: number }> {
  try {
    for await (const _ of stream);
    return { error: null, after: performance.now() - since() };
  } catch (error) {
    return { error, after: performance.now() - since() };
  }
}

const withdrawals: [string, (gateway: StartedGateway, key: string) => void][] = [
  [
    'the key is revoked',
    ({ deployment }, key) => {
      deployment.keys.splice(
        deployment.keys.findIndex(({ id }) => key.includes(id)),
        1,
      );
    },
  ],
  [
    'the vendor is severed',
    ({ deployment }) => {
      for (const connection of deployment.connections) connection.state = 'severed';
    },
  ],
  [
    'the connection is closed',
    ({ deployment }) => {
      for (const connection of deployment.connections) connection.withheld = ['No DPA is in force.'];
    },
  ],
  [
    'the key is bound elsewhere',
    ({ deployment }, key) => {
      for (const each of deployment.keys) if (key.includes(each.id)) each.connections = ['conn-events'];
    },
  ],
];

test.each(withdrawals)('a stream ends when %s, and others go on', async (_, withdraw) => {
  const { gateway, client, open, ended } = await endless();
  const key = await issued(gateway);
  const other = await issued(gateway);
  const mine = await client(key).chat.completions.create({ ...question, stream: true });
  const theirs = await client(other).chat.completions.create({ ...question, stream: true });
  const iterator = theirs[Symbol.asyncIterator]();
  await iterator.next();
  let since = 0;
  const end = endOf(mine, () => since);
  await expect.poll(() => open.size).toBe(2);
  withdraw(gateway, key);
  since = performance.now();
  await gateway.worker.apply(await gateway.deployment.snapshot());
  const { error, after } = await end;
  expect(error).toBeInstanceOf(Error);
  expect(after).toBeLessThan(ENDS_WITHIN_MS);
  await expect.poll(ended).toBeGreaterThanOrEqual(1);
  const closed = gateway.deployment.connections.every(
    ({ state, withheld }) => state === 'severed' || withheld !== undefined,
  );
  if (!closed) {
    expect((await iterator.next()).done).toBe(false);
    expect(open.size).toBe(1);
  }
  await expect
    .poll(async () => (await gateway.entries()).find((entry) => entry.type === 'settlement'))
    .toMatchObject({ outcome: 'cut_off', status: 200 });
  theirs.controller.abort();
});

test('one who waits for the first byte hears why, in the vendor’s own shape', async () => {
  const { gateway, client, open } = await endless({}, true);
  const key = await issued(gateway);
  const asked = client(key).chat.completions.create(question);
  const refused = expect(asked).rejects.toMatchObject({
    status: 401,
    code: 'key_unknown',
    message: expect.stringContaining('revoked while the request was under way'),
  });
  await expect.poll(() => open.size).toBe(1);
  gateway.deployment.keys.pop();
  await gateway.worker.apply(await gateway.deployment.snapshot());
  await refused;
  await expect.poll(() => open.size).toBe(0);
});

test('a stream ends once its key has run out, though nothing was changed', async () => {
  const from = Date.now();
  let now = from;
  const { gateway, client, open } = await endless({ clock: () => now });
  const key = await issued(gateway, { expiresAt: from + 60_000 });
  const stream = await client(key).chat.completions.create({ ...question, stream: true });
  let since = 0;
  const end = endOf(stream, () => since);
  await expect.poll(() => open.size).toBe(1);
  now = from + 60_000;
  since = performance.now();
  expect((await end).after).toBeLessThan(ENDS_WITHIN_MS + 500);
});

test('a change that withdraws nothing breaks nothing off', async () => {
  const { gateway, client } = await endless();
  const key = await issued(gateway, { networks: ['127.0.0.0/8'], models: ['made-up-1'] });
  const stream = await client(key).chat.completions.create({ ...question, stream: true });
  const iterator = stream[Symbol.asyncIterator]();
  await iterator.next();
  await issued(gateway);
  for (let n = 0; n < 5; n++) expect((await iterator.next()).done).toBe(false);
  stream.controller.abort();
});

test('what is under way is forgotten when it is over', async () => {
  const vendor = await startStandIn((_request, response) => answerJson(response, { id: 'made-up' }));
  closing.push(() => vendor.close());
  const gateway = await startTestGateway({ ai: vendor.port });
  closing.push(() => gateway.close());
  const ask = () =>
    send(gateway.port, '/ai/v1/chat/completions', {
      headers: bearer(gateway.key),
      body: JSON.stringify(question),
    });
  expect((await ask()).status).toBe(200);
  gateway.deployment.keys.length = 0;
  await gateway.worker.apply(await gateway.deployment.snapshot());
  expect((await ask()).status).toBe(401);
  expect(gateway.logged).not.toContainEqual(expect.objectContaining({ event: 'cut_off' }));
});
