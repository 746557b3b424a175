import { request as httpRequest } from 'node:http';
import { gzipSync } from 'node:zlib';
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { Minimised } from './crossing.ts';
import { serviceOf } from './minimise/testing/cross.ts';
import { type StartedGateway, startTestGateway } from './testing/gateway.ts';
import { answerJson, bearer, send } from './testing/send.ts';
import { type Answer, type StandIn, startStandIn } from './testing/standin.ts';

/** What the vendors' own SDKs read of answers in which tokens stand, through the whole gateway. */

const anna = '[[PERSON_7Q2K9XWM10]]';
const mail = '[[EMAIL_0123456789]]';
const given = new Map([
  [anna, 'Anna "Made-up" Berger'],
  [mail, 'anna@example.com'],
]);
const plain = (text: string) =>
  text.replaceAll(anna, 'Anna "Made-up" Berger').replaceAll(mail, 'anna@example.com');

/** The tokens that the next requests cross with: made up here, whatever the contract says. */
let tokens: ReadonlyMap<string, string> | null = given;
vi.mock('./minimise/index.ts', async (original) => {
  const real = await original<typeof import('./minimise/index.ts')>();
  return {
    ...real,
    minimise: (...args: Parameters<typeof real.minimise>): Minimised => ({
      ...real.minimise(...args),
      tokens,
    }),
  };
});

let vendor: StandIn;
let gateway: StartedGateway;
let answer: Answer;
beforeAll(async () => {
  vendor = await startStandIn((request, response, body) => answer(request, response, body));
  gateway = await startTestGateway({ ai: vendor.port });
  const upstream = { scheme: 'http' as const, host: '127.0.0.1', port: vendor.port, private: true };
  for (const slug of ['openai', 'anthropic', 'google-gemini']) {
    await gateway.deployment.connect({ slug, service: { ...serviceOf(slug), id: slug }, upstream });
  }
  key = gateway.deployment.issue({ connections: ['ai', 'openai', 'anthropic', 'google-gemini'] });
  await gateway.worker.apply(await gateway.deployment.snapshot());
});
afterAll(async () => {
  await gateway.close();
  await vendor.close();
});
beforeEach(() => {
  tokens = given;
});
let key = '';

const base = (slug: string) => `http://127.0.0.1:${gateway.port}/${slug}`;
const openai = () => new OpenAI({ apiKey: key, baseURL: `${base('openai')}/v1`, maxRetries: 0 });
const anthropic = () => new Anthropic({ apiKey: key, baseURL: base('anthropic'), maxRetries: 0 });
const gemini = () => new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: base('google-gemini') } });

/** Streams events, a few bytes at a time where so asked. */
function streams(events: readonly (object | string)[], bytes = Number.POSITIVE_INFINITY): Answer {
  const text = events
    .map((each) => {
      if (typeof each === 'string') return `data: ${each}\n\n`;
      const type = 'type' in each ? `event: ${String(each.type)}\n` : '';
      return `${type}data: ${JSON.stringify(each)}\n\n`;
    })
    .join('');
  return async (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const all = Buffer.from(text);
    for (let at = 0; at < all.length; at += Math.min(bytes, all.length)) {
      await new Promise((resolve) => response.write(all.subarray(at, at + bytes), resolve));
    }
    response.end();
  };
}

const text = `Dear **${anna}** (${mail}), see [[1]] and [[PERSON_ZZZZZZZZZZ]].`;
const args = JSON.stringify({ to: mail, name: anna });
const pieces = (whole: string, size = 3) => whole.match(new RegExp(`[\\s\\S]{1,${size}}`, 'g')) ?? [];
const question = { model: 'made-up-1', messages: [{ role: 'user' as const, content: 'Hello?' }] };

const chunk = (delta: object, finish_reason: string | null = null) => ({
  id: 'made-up',
  object: 'chat.completion.chunk',
  choices: [{ index: 0, delta, finish_reason }],
});
const chatEvents = [
  chunk({ role: 'assistant', content: '' }),
  ...pieces(text).map((content) => chunk({ content })),
  chunk({
    tool_calls: [{ index: 0, id: 'call', type: 'function', function: { name: 'send', arguments: '' } }],
  }),
  ...pieces(args).map((each) => chunk({ tool_calls: [{ index: 0, function: { arguments: each } }] })),
  chunk({}, 'tool_calls'),
  {
    id: 'made-up',
    object: 'chat.completion.chunk',
    choices: [],
    usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
  },
  '[DONE]',
];

test('chat completions: text, arguments of tools and late usage, streamed and whole', async () => {
  for (const bytes of [Number.POSITIVE_INFINITY, 7]) {
    answer = streams(chatEvents, bytes);
    const run = openai().chat.completions.stream({ ...question, stream_options: { include_usage: true } });
    const whole = await run.finalChatCompletion();
    expect(whole.choices[0]?.message.content).toBe(plain(text));
    const [call] = whole.choices[0]?.message.tool_calls ?? [];
    expect(call?.type === 'function' && JSON.parse(call.function.arguments)).toEqual({
      to: plain(mail),
      name: plain(anna),
    });
    expect(whole.usage?.total_tokens).toBe(3);
  }
  const message = {
    role: 'assistant',
    content: text,
    tool_calls: [{ id: 'call', type: 'function', function: { name: 'send', arguments: args } }],
  };
  answer = (_request, response) =>
    answerJson(response, {
      id: 'm',
      object: 'chat.completion',
      choices: [{ index: 0, finish_reason: 'stop', message }],
      usage: { prompt_tokens: 2, completion_tokens: 3 },
    });
  const { choices } = await openai().chat.completions.create(question);
  expect(choices[0]?.message.content).toBe(plain(text));
  const [call] = choices[0]?.message.tool_calls ?? [];
  expect(call?.type === 'function' && JSON.parse(call.function.arguments)).toEqual({
    to: plain(mail),
    name: plain(anna),
  });
  const entries = await gateway.entries();
  expect(entries.at(-1)).toMatchObject({
    outcome: 'answered',
    usage: { input: 2, output: 3 },
    tokens: { restored: 4, unknown: 1 },
  });
  const asked = vendor.received.at(-1)?.headers ?? [];
  expect(asked[asked.findIndex((name) => name.toLowerCase() === 'accept-encoding') + 1]).toBe('identity');
});

test('responses: deltas, and the whole text behind them', async () => {
  const item = {
    id: 'msg',
    type: 'message',
    role: 'assistant',
    status: 'completed',
    content: [{ type: 'output_text', text, annotations: [] }],
  };
  const response = {
    id: 'r',
    object: 'response',
    status: 'completed',
    output: [item],
    parallel_tool_calls: true,
    tools: [],
  };
  const place = { item_id: 'msg', output_index: 0, content_index: 0 };
  answer = streams(
    [
      { type: 'response.created', response: { ...response, output: [], status: 'in_progress' } },
      { type: 'response.output_item.added', output_index: 0, item: { ...item, content: [] } },
      {
        type: 'response.content_part.added',
        ...place,
        part: { type: 'output_text', text: '', annotations: [] },
      },
      ...pieces(text, 2).map((delta) => ({ type: 'response.output_text.delta', ...place, delta })),
      { type: 'response.output_text.done', ...place, text },
      { type: 'response.output_item.done', output_index: 0, item },
      { type: 'response.completed', response },
    ],
    11,
  );
  let deltas = '';
  const run = openai().responses.stream({ model: 'made-up-1', input: 'Hello?' });
  run.on('response.output_text.delta', (event) => {
    deltas += event.delta;
  });
  const whole = await run.finalResponse();
  expect([deltas, whole.output_text]).toEqual([plain(text), plain(text)]);
});

test('messages: text and the input of tools, and a text that ends within a token', async () => {
  const message = {
    id: 'm',
    type: 'message',
    role: 'assistant',
    model: 'made-up-1',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { input_tokens: 1, output_tokens: 1 },
  };
  const cut = `${text} [[PERS`;
  answer = streams([
    { type: 'message_start', message },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'ping' },
    ...pieces(cut).map((each) => ({
      type: 'content_block_delta',
      index: 0,
      delta: { type: 'text_delta', text: each },
    })),
    { type: 'content_block_stop', index: 0 },
    {
      type: 'content_block_start',
      index: 1,
      content_block: { type: 'tool_use', id: 't', name: 'send', input: {} },
    },
    ...pieces(args).map((each) => ({
      type: 'content_block_delta',
      index: 1,
      delta: { type: 'input_json_delta', partial_json: each },
    })),
    { type: 'content_block_stop', index: 1 },
    {
      type: 'message_delta',
      delta: { stop_reason: 'tool_use', stop_sequence: null },
      usage: { output_tokens: 2 },
    },
    { type: 'message_stop' },
  ]);
  const whole = await anthropic()
    .messages.stream({ ...question, max_tokens: 9 })
    .finalMessage();
  expect(whole.content).toMatchObject([
    { type: 'text', text: plain(cut) },
    { type: 'tool_use', input: { to: plain(mail), name: plain(anna) } },
  ]);
});

test('generateContent: streamed, with a reason to stop beside the last piece, and whole', async () => {
  const answerOf = (part: object, more: object = {}) => ({
    candidates: [{ content: { role: 'model', parts: [part] }, index: 0, ...more }],
    modelVersion: 'made-up',
  });
  const cut = pieces(text, 9);
  answer = streams([
    ...cut.map((each, at) => answerOf({ text: each }, at === cut.length - 1 ? { finishReason: 'STOP' } : {})),
    {
      ...answerOf({ functionCall: { name: 'send', args: { to: mail, n: 1.5 } } }),
      usageMetadata: { promptTokenCount: 1 },
    },
  ]);
  let streamed = '';
  let called: unknown;
  for await (const each of await gemini().models.generateContentStream({
    model: 'made-up',
    contents: 'Hello?',
  })) {
    streamed += each.candidates?.[0]?.content?.parts?.[0]?.text ?? '';
    called ??= each.functionCalls?.[0]?.args;
  }
  expect([streamed, called]).toEqual([plain(text), { to: plain(mail), n: 1.5 }]);
  answer = (_request, response) => answerJson(response, answerOf({ text }));
  const whole = await gemini().models.generateContent({ model: 'made-up', contents: 'Hello?' });
  expect(whole.text).toBe(plain(text));
});

const ask = (path = '/openai/v1/chat/completions') =>
  send(gateway.port, path, {
    headers: { ...bearer(key), 'accept-encoding': 'gzip' },
    body: JSON.stringify({ ...question, stream: true }),
  });

test('a packed answer is refused, whatever it holds; without tokens it passes', async () => {
  const packed = gzipSync(JSON.stringify({ id: 'made-up' }));
  answer = (_request, response) =>
    response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(packed);
  const refused = await ask();
  expect([refused.status, JSON.parse(refused.body).error.code]).toEqual([502, 'restore_failed']);
  expect((await gateway.entries()).at(-1)).toMatchObject({
    type: 'settlement',
    outcome: 'cut_off',
    status: 200,
  });
  tokens = null;
  expect((await ask()).headers['content-length']).toBe(String(packed.length));
});

test('a vendor that never ends an event is cut off, and costs no more than one', async () => {
  let isLost = false;
  answer = (_request, response) => {
    response.on('close', () => {
      isLost = true;
    });
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const more = (): void => {
      if (!response.destroyed) response.write(Buffer.alloc(512 * 1024, 'x'), () => setImmediate(more));
    };
    more();
  };
  await expect(ask()).rejects.toThrow();
  await expect.poll(() => isLost).toBe(true);
  await expect.poll(async () => (await gateway.entries()).at(-1)).toMatchObject({ outcome: 'cut_off' });
  expect(gateway.logged).toContainEqual(
    expect.objectContaining({
      event: 'answer_cut_off',
      code: 'restore_failed',
      why: expect.stringContaining('an event of more than 8388608 bytes'),
    }),
  );
});

test('each event is with the client before the vendor writes the next, as far as it can be', async () => {
  const seen: string[] = [];
  let clientHas = Promise.withResolvers<void>();
  const parts = ['Dear ', `**${anna}**`, ' and [', 'x]'];
  answer = async (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const content of parts) {
      clientHas = Promise.withResolvers();
      response.write(`data: ${JSON.stringify(chunk({ content }))}\n\n`);
      await clientHas.promise;
    }
    response.end();
  };
  await new Promise<void>((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port: gateway.port,
      path: '/openai/v1/chat/completions',
      method: 'POST',
      headers: bearer(key),
    };
    const request = httpRequest(options, (response) => {
      response.on('data', (bytes: Buffer) => {
        seen.push(JSON.parse(bytes.toString().slice(6)).choices[0].delta.content);
        clientHas.resolve();
      });
      response.on('end', resolve);
    });
    request.on('error', reject).end(JSON.stringify(question));
  });
  expect(seen).toEqual(['Dear ', plain(`**${anna}**`), ' and ', '[x]']);
});

test('when either side goes away in the middle, the other is let go, and the settlement says so', async () => {
  const lost = Promise.withResolvers<void>();
  const start = `data: ${JSON.stringify(chunk({ content: 'a [[PER' }))}\n\n`;
  answer = (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(start);
    response.on('close', () => lost.resolve());
  };
  const options = {
    host: '127.0.0.1',
    port: gateway.port,
    path: '/openai/v1/chat/completions',
    method: 'POST',
    headers: bearer(key),
  };
  const request = httpRequest(options, (response) => response.once('data', () => response.destroy()));
  request.on('error', () => undefined).end(JSON.stringify(question));
  await lost.promise;
  await expect
    .poll(async () => (await gateway.entries()).at(-1))
    .toMatchObject({ outcome: 'client_gone', tokens: { restored: 0, unknown: 0 } });
  answer = (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(start, () => response.destroy());
  };
  await expect(ask()).rejects.toThrow();
  await expect
    .poll(async () => (await gateway.entries()).at(-1))
    .toMatchObject({ outcome: 'upstream_failed' });
});

test('a request without tokens has its answer byte for byte, with its length', async () => {
  tokens = null;
  const body = JSON.stringify({ text });
  answer = (_request, response) =>
    response
      .writeHead(200, { 'content-type': 'application/json', 'content-length': body.length, etag: '"x"' })
      .end(body);
  const passed = await ask();
  expect([passed.body, passed.headers.etag]).toEqual([body, '"x"']);
  expect((await gateway.entries()).at(-1)).not.toHaveProperty('tokens');
  tokens = given;
  const restored = await ask();
  expect([restored.body, restored.headers['content-length'], restored.headers.etag]).toEqual([
    JSON.stringify({ text: plain(text) }),
    String(Buffer.byteLength(JSON.stringify({ text: plain(text) }))),
    undefined,
  ]);
});
