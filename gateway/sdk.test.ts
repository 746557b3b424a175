import OpenAI from 'openai';
import { afterEach, expect, test } from 'vitest';
import { startTestGateway, type TestGatewayOptions } from './testing/gateway.ts';
import { answerJson } from './testing/send.ts';
import { type Answer, startStandIn } from './testing/standin.ts';

/** The vendor's own SDK, unmodified, with the gateway as its base URL. */

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function start(answer: Answer, options: TestGatewayOptions = {}) {
  const vendor = await startStandIn(answer);
  closing.push(() => vendor.close());
  const gateway = await startTestGateway({ ai: vendor.port, ...options });
  closing.push(() => gateway.close());
  let requests = 0;
  gateway.worker.server.on('request', () => {
    requests += 1;
  });
  const client = (apiKey: string): OpenAI =>
    new OpenAI({ apiKey, organization: 'org-made-up', baseURL: `http://127.0.0.1:${gateway.port}/ai/v1` });
  return { vendor, gateway, client, requests: () => requests };
}

const question = { model: 'made-up-1', messages: [{ role: 'user' as const, content: 'Hello?' }] };

test('a plain call works as before', async () => {
  const { vendor, gateway, client } = await start((_request, response) =>
    answerJson(response, {
      id: 'made-up',
      object: 'chat.completion',
      choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'Hello.' } }],
      usage: { prompt_tokens: 2, completion_tokens: 3, total_tokens: 5 },
    }),
  );
  const answer = await client(gateway.key).chat.completions.create(question);
  expect(answer.choices[0]?.message.content).toBe('Hello.');
  expect(JSON.parse(vendor.received[0]?.body.toString() ?? '')).toEqual(question);
  expect((await gateway.entries())[1]).toMatchObject({ usage: { input: 2, output: 3 } });
});

test('a streamed call works as before', async () => {
  const { gateway, client } = await start((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const content of ['Hel', 'lo', '.']) {
      const chunk = {
        id: 'made-up',
        object: 'chat.completion.chunk',
        choices: [{ index: 0, delta: { content } }],
      };
      response.write(`data: ${JSON.stringify(chunk)}\n\n`);
    }
    response.end('data: [DONE]\n\n');
  });
  let text = '';
  for await (const chunk of await client(gateway.key).chat.completions.create({
    ...question,
    stream: true,
  })) {
    text += chunk.choices[0]?.delta.content ?? '';
  }
  expect(text).toBe('Hello.');
});

test('a stream that breaks off is an error, not a short answer', async () => {
  const { gateway, client } = await start((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const chunk = {
      id: 'made-up',
      object: 'chat.completion.chunk',
      choices: [{ index: 0, delta: { content: 'Hel' } }],
    };
    response.write(`data: ${JSON.stringify(chunk)}\n\n`, () => response.destroy());
  });
  const stream = await client(gateway.key).chat.completions.create({ ...question, stream: true });
  const reading = async () => {
    for await (const _chunk of stream);
  };
  await expect(reading()).rejects.toThrow();
});

test('a refusal shows as the SDK’s own error, after exactly one attempt', async () => {
  const { vendor, gateway, client, requests } = await start((_request, response) => answerJson(response, {}));
  await expect(client('sk-made-up').chat.completions.create(question)).rejects.toMatchObject({
    status: 401,
    code: 'key_unknown',
    message: expect.stringContaining('dbk_'),
  });
  expect(requests()).toBe(1);
  const narrow = gateway.deployment.issue({ connections: ['ai'], classes: ['catalogue'] });
  await gateway.worker.apply(await gateway.deployment.snapshot());
  await expect(client(narrow).chat.completions.create(question)).rejects.toMatchObject({ status: 403 });
  expect(requests()).toBe(2);
  expect(vendor.received).toHaveLength(0);
});

test('what will pass later is tried again by the SDK, and then passes', async () => {
  let calls = 0;
  const { gateway, client, requests } = await start((_request, response) => {
    calls += 1;
    if (calls === 1) response.destroy();
    else answerJson(response, { choices: [{ message: { content: 'Hello.' } }] });
  });
  const answer = await client(gateway.key).chat.completions.create(question);
  expect(answer.choices[0]?.message.content).toBe('Hello.');
  expect(requests()).toBe(2);
});
