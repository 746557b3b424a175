import { randomBytes } from 'node:crypto';
import Anthropic from '@anthropic-ai/sdk';
import type { ContractDocument, Settlement } from '@drawbridge/protocol';
import OpenAI from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serviceOf } from './minimise/testing/cross.ts';
import { type StartedGateway, startTestGateway } from './testing/gateway.ts';
import { answerJson } from './testing/send.ts';
import { type Answer, type StandIn, startStandIn } from './testing/standin.ts';

/** What the vendors' own SDKs get of answers in which secrets come back. Keys are made up, and made here. */
const key = `mu-proj-${randomBytes(20).toString('hex')}`;
const kept = `kept-${randomBytes(16).toString('hex')}`;
const scan = {
  rules: [{ id: 'made_up.project_key', class: 'secret.api_key' as const, forms: ['mu-proj-{hex:40}'] }],
  kept: [{ id: 'credential made-up', secret: kept }],
};
const gone = '[removed: API key]';
const said = `Use ${key}, or "${kept}". Then wait — it is fine.`;
const left = said.replace(key, gone).replace(kept, gone);
const pieces = (text: string, size: number) => text.match(new RegExp(`[\\s\\S]{1,${size}}`, 'g')) ?? [];

const head = { id: 'chatcmpl-made-up', object: 'chat.completion.chunk', created: 1, model: 'made-up-1' };
const chunk = (delta: object, finish_reason: string | null = null) => ({
  ...head,
  choices: [{ index: 0, delta, finish_reason }],
});
const call = { index: 0, id: 'call_1', type: 'function', function: { name: 'note', arguments: '' } };

let vendor: StandIn;
let answer: Answer;
const gateways: StartedGateway[] = [];
let openai: StartedGateway;
let refusing: StartedGateway;
let unread: StartedGateway;
let anthropic: StartedGateway;

const recommended = (slug: string, does?: 'pass' | 'refuse'): ContractDocument => {
  const { contracts } = serviceOf(slug);
  const { text } = contracts.recommended;
  if (text === undefined || does === undefined) return contracts.recommended;
  return { ...contracts.recommended, text: { ...text, answers: { do: does } } };
};

beforeAll(async () => {
  vendor = await startStandIn((request, response, body) => answer(request, response, body));
  const start = async (slug: string, does?: 'pass' | 'refuse') => {
    const service = serviceOf(slug);
    const gateway = await startTestGateway({
      ai: vendor.port,
      service,
      contract: recommended(slug, does),
      scan,
    });
    gateways.push(gateway);
    return gateway;
  };
  openai = await start('openai');
  refusing = await start('openai', 'refuse');
  unread = await start('openai', 'pass');
  anthropic = await start('anthropic');
});
afterAll(async () => {
  for (const gateway of gateways) await gateway.close();
  await vendor.close();
});

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
const chatStream = (size: number, bytes?: number): Answer =>
  streams(
    [
      chunk({ role: 'assistant', content: '' }),
      ...pieces(said, size).map((content) => chunk({ content })),
      chunk({ tool_calls: [call] }),
      ...pieces(JSON.stringify({ note: key, n: 1 }), size).map((each) =>
        chunk({ tool_calls: [{ index: 0, function: { arguments: each } }] }),
      ),
      chunk({}, 'tool_calls'),
      { ...head, choices: [], usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } },
      '[DONE]',
    ],
    bytes,
  );

const question = { model: 'made-up-1', messages: [{ role: 'user' as const, content: 'Hello?' }] };
const clientOf = (gateway: StartedGateway) =>
  new OpenAI({ apiKey: gateway.key, baseURL: `http://127.0.0.1:${gateway.port}/ai/v1`, maxRetries: 0 });
const settled = async (gateway: StartedGateway): Promise<Settlement | undefined> =>
  (await gateway.entries()).findLast((entry): entry is Settlement => entry.type === 'settlement');

test('chat completions: a marker stands where a secret came back, streamed and whole, and the record counts it', async () => {
  for (const [size, bytes] of [
    [3, undefined],
    [1, 11],
    [500, 700],
  ] as const) {
    answer = chatStream(size, bytes);
    const run = clientOf(openai).chat.completions.stream(question);
    const whole = await run.finalChatCompletion();
    expect(whole.choices[0]?.message.content).toBe(left);
    const [made] = whole.choices[0]?.message.tool_calls ?? [];
    expect(made?.type === 'function' && JSON.parse(made.function.arguments)).toEqual({ note: gone, n: 1 });
    await expect
      .poll(async () => settled(openai))
      .toMatchObject({ outcome: 'answered', found: { 'secret.api_key': 3 } });
  }
  const message = { role: 'assistant', content: said };
  answer = (_request, response) =>
    answerJson(response, { ...head, choices: [{ index: 0, finish_reason: 'stop', message }] });
  const plain = await clientOf(openai).chat.completions.create(question);
  expect(plain.choices[0]?.message.content).toBe(left);
  await expect.poll(async () => settled(openai)).toMatchObject({ found: { 'secret.api_key': 2 } });
  const told = openai.logged.filter((line) => 'event' in line && line.event === 'secret_in_answer');
  expect(told.at(-1)).toMatchObject({ found: { 'secret.api_key': 2 }, known: ['credential made-up'] });
  const all = JSON.stringify([openai.logged, await openai.entries()]);
  for (const secret of [key, kept]) expect(all).not.toContain(secret);
});

test('messages: text and a tool’s input come without it', async () => {
  const start = { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } };
  const tool = { type: 'tool_use', id: 'toolu_1', name: 'note', input: {} };
  const delta = (index: number, each: object) => ({ type: 'content_block_delta', index, delta: each });
  answer = streams([
    {
      type: 'message_start',
      message: {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        model: 'made-up-1',
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { input_tokens: 1, output_tokens: 1 },
      },
    },
    start,
    ...pieces(said, 2).map((text) => delta(0, { type: 'text_delta', text })),
    { type: 'content_block_stop', index: 0 },
    { type: 'content_block_start', index: 1, content_block: tool },
    ...pieces(JSON.stringify({ note: key }), 5).map((partial_json) =>
      delta(1, { type: 'input_json_delta', partial_json }),
    ),
    { type: 'content_block_stop', index: 1 },
    { type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 9 } },
    { type: 'message_stop' },
  ]);
  const client = new Anthropic({
    apiKey: anthropic.key,
    baseURL: `http://127.0.0.1:${anthropic.port}/ai`,
    maxRetries: 0,
  });
  const { content } = await client.messages.stream({ ...question, max_tokens: 99 }).finalMessage();
  expect(content[0]).toMatchObject({ type: 'text', text: left });
  expect(content[1]).toMatchObject({ type: 'tool_use', input: { note: gone } });
  await expect.poll(async () => settled(anthropic)).toMatchObject({ found: { 'secret.api_key': 3 } });
});

test('a contract that refuses ends the answer before it: with an error where nothing has gone out, else by breaking off', async () => {
  answer = chatStream(3);
  let got = '';
  const run = (async () => {
    for await (const each of await clientOf(refusing).chat.completions.create({
      ...question,
      stream: true,
    })) {
      got += each.choices[0]?.delta.content ?? '';
    }
  })();
  await expect(run).rejects.toThrow();
  expect('Use ').toContain(got);
  await expect
    .poll(async () => settled(refusing))
    .toMatchObject({ outcome: 'cut_off', reason: 'secret_in_answer', found: { 'secret.api_key': 1 } });
  const message = { role: 'assistant', content: said };
  answer = (_request, response) =>
    answerJson(response, { ...head, choices: [{ index: 0, finish_reason: 'stop', message }] });
  await expect(clientOf(refusing).chat.completions.create(question)).rejects.toMatchObject({
    status: 502,
    code: 'secret_in_answer',
  });
});

test('a contract that lets answers pass has them byte for byte', async () => {
  answer = chatStream(3);
  const whole = await clientOf(unread).chat.completions.stream(question).finalChatCompletion();
  expect(whole.choices[0]?.message.content).toBe(said);
  await expect.poll(async () => settled(unread)).toMatchObject({ outcome: 'answered' });
  expect(await settled(unread)).not.toHaveProperty('found');
});

test('the first words pass while the vendor is still at the next', async () => {
  let goOn = (): void => undefined;
  answer = async (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(`data: ${JSON.stringify(chunk({ content: 'It is fi' }))}\n\n`);
    await new Promise<void>((resolve) => {
      goOn = resolve;
    });
    response.end(`data: ${JSON.stringify(chunk({ content: 'ne.' }, 'stop'))}\n\ndata: [DONE]\n\n`);
  };
  const got: string[] = [];
  for await (const each of await clientOf(openai).chat.completions.create({ ...question, stream: true })) {
    const content = each.choices[0]?.delta.content ?? '';
    if (got.length === 0) goOn();
    got.push(content);
  }
  expect(got).toEqual(['It is ', 'fine.']);
});

test('the first word of an answer is with the app before the vendor says the next', async () => {
  const seen = Promise.withResolvers<void>();
  answer = async (_request, response) => {
    const write = (value: object) => response.write(`data: ${JSON.stringify(value)}\n\n`);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    write(chunk({ role: 'assistant', content: '' }));
    write(chunk({ content: 'Certainly' }));
    await seen.promise;
    write(chunk({ content: `: ${key}.` }, 'stop'));
    response.end('data: [DONE]\n\n');
  };
  let text = '';
  for await (const { choices } of await clientOf(openai).chat.completions.create({
    ...question,
    stream: true,
  })) {
    text += choices[0]?.delta.content ?? '';
    if (text === 'Certainly') seen.resolve();
  }
  expect(text).toBe(`Certainly: ${gone}.`);
});
