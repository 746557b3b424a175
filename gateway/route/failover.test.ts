import type { ServerResponse } from 'node:http';
import OpenAI from 'openai';
import { afterEach, expect, test } from 'vitest';
import { answerJson } from '../testing/send.ts';
import type { Answer } from '../testing/standin.ts';
import { type RoutedGateway, startRouted } from './testing.ts';

/** The vendor's own SDK against two stand-ins that fail at random: what had not begun to be answered is answered. */

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const REQUESTS = 400;
const AT_ONCE = 24;
const faults = ['500', '503', '429', 'break', 'break_behind_head', 'silent', 'break_in_stream'] as const;
type Fault = (typeof faults)[number];

/** A small generator with a seed, so that a failure can be played again. */
function chanceOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const chunk = (content: string): string =>
  `data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content } }] })}\n\n`;

function answerWell(response: ServerResponse, text: string, isStream: boolean): void {
  if (!isStream) {
    const message = { role: 'assistant', content: text };
    answerJson(response, { id: 'x', object: 'chat.completion', choices: [{ index: 0, message }] });
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const word of text.split(/(?<= )/)) response.write(chunk(word));
  response.end('data: [DONE]\n\n');
}

function fail(fault: Fault, response: ServerResponse): void {
  switch (fault) {
    case 'break':
      response.socket?.destroy();
      return;
    case 'break_behind_head':
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      setTimeout(() => response.socket?.destroy(), 10);
      return;
    case 'break_in_stream':
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(chunk('begun '));
      setTimeout(() => response.socket?.destroy(), 30);
      return;
    case 'silent':
      return;
    default:
      response.writeHead(Number(fault), { 'content-type': 'application/json' }).end('{"error":{}}');
  }
}

interface Asked {
  n: number;
  fault: Fault | null;
  /** Which of the two fails for this request. */
  at: 'a' | 'b';
}

test.each([1, 2, 3])('no request is lost that had not begun to be answered (seed %i)', async (seed) => {
  const chance = chanceOf(seed);
  const answered = new Map<number, number>();
  const plan = (text: string): Asked => JSON.parse(text) as Asked;
  const vendor =
    (name: 'a' | 'b'): Answer =>
    (_request, response, body) => {
      const sent = JSON.parse(body.toString()) as { stream?: boolean; messages: { content: string }[] };
      const { n, fault, at } = plan(sent.messages[0]?.content ?? '');
      if (fault !== null && at === name) fail(fault, response);
      else {
        answered.set(n, (answered.get(n) ?? 0) + 1);
        answerWell(response, `answer to ${n}`, sent.stream === true);
      }
    };
  const gateway: RoutedGateway = await startRouted(
    [
      { slug: 'a', answer: vendor('a') },
      { slug: 'b', answer: vendor('b') },
    ],
    { first_byte_ms: 6_000, breaker: { failures: 4, open_ms: 200 } },
  );
  closing.push(() => gateway.end());
  const client = new OpenAI({
    apiKey: gateway.key,
    baseURL: `http://127.0.0.1:${gateway.port}/chat/v1`,
    maxRetries: 0,
  });
  const lost: string[] = [];
  let begun = 0;
  const ask = async (n: number): Promise<void> => {
    const fault = chance() < 0.5 ? (faults[Math.floor(chance() * faults.length)] ?? null) : null;
    const asked: Asked = { n, fault, at: chance() < 0.7 ? 'a' : 'b' };
    const question = {
      model: 'made-up-1',
      messages: [{ role: 'user' as const, content: JSON.stringify(asked) }],
    };
    let text = '';
    try {
      if (chance() < 0.5) {
        const answer = await client.chat.completions.create(question);
        text = answer.choices[0]?.message.content ?? '';
      } else {
        const stream = await client.chat.completions.create({ ...question, stream: true });
        for await (const each of stream) text += each.choices[0]?.delta.content ?? '';
      }
      // A stream that was begun once is never begun again with another's words.
      if (text !== `answer to ${n}`) lost.push(`${n}: ${text}`);
    } catch (cause) {
      if (fault === 'break_in_stream') begun += 1;
      else lost.push(`${n} (${fault} at ${asked.at}): ${cause}`);
    }
  };
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < REQUESTS) await ask(next++);
  };
  const turning = (async () => {
    const [first] = gateway.deployment.connections.filter(({ slug }) => slug === 'a');
    while (next < REQUESTS && first !== undefined) {
      await new Promise((resolve) => setTimeout(resolve, 40 + chance() * 80));
      // Which of the two comes first changes while requests are under way.
      gateway.route.members.reverse();
      await gateway.apply();
    }
  })();
  await Promise.all([...Array.from({ length: AT_ONCE }, work), turning]);
  expect(lost).toEqual([]);
  expect(begun).toBeGreaterThan(0);
  expect([...answered.values()].filter((count) => count > 1)).toEqual([]);
});

test('severed and killed under load, with one vendor left standing, every request is answered', async () => {
  const held = new Set<ServerResponse>();
  const flaky: Answer = (_request, response, body) => {
    held.add(response);
    response.on('close', () => held.delete(response));
    const { stream } = JSON.parse(body.toString()) as { stream?: boolean };
    setTimeout(() => !response.destroyed && answerWell(response, 'answered', stream === true), 15);
  };
  const steady: Answer = (_request, response, body) => {
    const { stream } = JSON.parse(body.toString()) as { stream?: boolean };
    answerWell(response, 'answered', stream === true);
  };
  const gateway = await startRouted(
    [
      { slug: 'a', answer: flaky },
      { slug: 'b', answer: steady },
    ],
    { breaker: { failures: 3, open_ms: 100 } },
  );
  closing.push(() => gateway.end());
  const client = new OpenAI({
    apiKey: gateway.key,
    baseURL: `http://127.0.0.1:${gateway.port}/chat/v1`,
    maxRetries: 0,
  });
  const [first] = gateway.deployment.connections.filter(({ slug }) => slug === 'a');
  if (first === undefined) throw new Error('it is there');
  let done = 0;
  const total = 300;
  const ask = async (n: number): Promise<void> => {
    const question = { model: 'made-up-1', messages: [{ role: 'user' as const, content: 'Hi' }] };
    if (n % 2 === 0) {
      const answer = await client.chat.completions.create(question);
      expect(answer.choices[0]?.message.content).toBe('answered');
    } else {
      let text = '';
      const stream = await client.chat.completions.create({ ...question, stream: true });
      for await (const each of stream) text += each.choices[0]?.delta.content ?? '';
      expect(text).toBe('answered');
    }
    done += 1;
  };
  let next = 0;
  const breaking = (async () => {
    for (let turn = 0; next < total; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 30));
      if (turn % 2 === 0) for (const response of held) response.socket?.destroy();
      first.state = turn % 4 < 2 ? 'severed' : 'open';
      await gateway.apply();
    }
  })();
  const work = async (): Promise<void> => {
    while (next < total) await ask(next++);
  };
  await Promise.all([...Array.from({ length: 16 }, work), breaking]);
  expect(done).toBe(total);
});
