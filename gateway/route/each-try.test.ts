import type { Leaf } from '@drawbridge/protocol';
import { afterEach, describe, expect, test } from 'vitest';
import { heldService } from '../hold/testing.ts';
import { answerJson, bearer, send } from '../testing/send.ts';
import type { Answer } from '../testing/standin.ts';
import { type RoutedGateway, type RoutedVendor, startRouted } from './testing.ts';

/** Severing under load, and what each try of a request is held to by itself. */

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function start(vendors: readonly RoutedVendor[]): Promise<RoutedGateway> {
  const gateway = await startRouted(vendors, { breaker: { failures: 100, open_ms: 1000 } });
  closing.push(() => gateway.end());
  return gateway;
}

const question = JSON.stringify({ model: 'made-up-1', messages: [{ role: 'user', content: 'Hi' }] });
const ask = (gateway: RoutedGateway, key = gateway.key, headers: Record<string, string> = {}) =>
  send(gateway.port, '/chat/v1/chat/completions', {
    headers: { ...bearer(key), ...headers },
    body: question,
  });
const says =
  (who: string): Answer =>
  (_request, response) =>
    answerJson(response, { who });
const fails: Answer = (_request, response) => void response.writeHead(500).end('{}');
const leaves = async (gateway: RoutedGateway) =>
  (await gateway.entries()).filter((one): one is Leaf => one.type === 'crossing');
function connectionOf({ deployment }: RoutedGateway, slug: string) {
  const found = deployment.connections.find((one) => one.slug === slug);
  if (found === undefined) throw new Error(`there is no ${slug}`);
  return found;
}

describe('a first member that is severed and reopened while requests run', () => {
  test('costs no request: those that wait go on, none reaches it meanwhile, and it answers again after', async () => {
    let isSevered = false;
    const reached: boolean[] = [];
    const slowly =
      (who: string): Answer =>
      (_request, response) => {
        if (who === 'a') reached.push(isSevered);
        setTimeout(() => {
          if (!response.destroyed) answerJson(response, { who });
        }, 40);
      };
    const gateway = await start([
      { slug: 'a', answer: slowly('a') },
      { slug: 'b', answer: slowly('b') },
    ]);
    const asked: Promise<{ status: number; body: string }>[] = [];
    const turn = async (state: 'open' | 'severed', requests: number) => {
      if (state === 'open') isSevered = false;
      connectionOf(gateway, 'a').state = state;
      await gateway.apply();
      // What was on its way to it has arrived, or was ended.
      await new Promise((resolve) => setImmediate(resolve));
      isSevered = state === 'severed';
      const these = Array.from({ length: requests }, () => ask(gateway));
      asked.push(...these);
      // In force again while they are under way.
      if (these.length > 0) await Promise.race(these);
    };
    for (let round = 0; round < 4; round++) {
      await turn('open', 20);
      await turn('severed', 20);
    }
    await turn('open', 0);
    const answers = await Promise.all(asked);
    expect(answers.map(({ status }) => status).filter((status) => status !== 200)).toEqual([]);
    expect(reached.filter(Boolean)).toEqual([]);
    expect(answers.filter(({ body }) => body === '{"who":"a"}').length).toBeGreaterThan(0);
    expect(answers.filter(({ body }) => body === '{"who":"b"}').length).toBeGreaterThanOrEqual(80);
    expect((await ask(gateway)).body).toBe('{"who":"a"}');
  });
});

describe('each try by itself', () => {
  const outside = { demands: 'EU', place: 'US', within: false };

  test('is held to the place of its connection: the first one’s refusal is the answer', async () => {
    const gateway = await start([
      { slug: 'a', answer: says('a') },
      { slug: 'b', answer: says('b') },
    ]);
    connectionOf(gateway, 'a').residency = outside;
    await gateway.apply();
    const answer = await ask(gateway);
    expect([answer.status, JSON.parse(answer.body).error?.code ?? answer.body]).toEqual([
      403,
      expect.stringContaining('region_not_allowed'),
    ]);
    expect(gateway.vendors.map(({ received }) => received.length)).toEqual([0, 0]);
  });

  test('and after a vendor failed, one that is elsewhere is passed over, on the record', async () => {
    const gateway = await start([
      { slug: 'a', answer: fails },
      { slug: 'b', answer: says('b') },
      { slug: 'c', answer: says('c') },
    ]);
    connectionOf(gateway, 'b').residency = outside;
    await gateway.apply();
    expect((await ask(gateway)).body).toBe('{"who":"c"}');
    expect(gateway.vendors[1]?.received).toEqual([]);
    expect((await leaves(gateway)).map(({ connection, reason }) => [connection, reason])).toEqual([
      ['conn-a', null],
      ['conn-b', 'region_not_allowed'],
      ['conn-c', null],
    ]);
  });

  test('takes from the key’s budget: where that ends between two tries, the app is told to come later', async () => {
    const gateway = await start([
      { slug: 'a', answer: fails },
      { slug: 'b', answer: says('b') },
    ]);
    const key = gateway.deployment.issue({
      connections: ['a', 'b'],
      perDay: { requests: 3, tokens: null, money: null },
    });
    await gateway.apply();
    expect((await ask(gateway, key)).body).toBe('{"who":"b"}');
    const second = await ask(gateway, key);
    expect([second.status, second.body]).toEqual([503, expect.stringContaining('budget_exhausted')]);
    expect((await ask(gateway, key)).status).toBe(429);
    expect(gateway.vendors.map(({ received }) => received.length)).toEqual([2, 1]);
  });

  test('answers browsers by the origins of the connection that it went to, and by no other’s', async () => {
    const origin = 'https://shop.example';
    const busy: Answer = (_request, response) => void response.writeHead(429).end();
    const takes: Answer = (_request, response) => void response.end('1');
    const gateway = await start([
      { slug: 'a', service: heldService, answer: busy },
      { slug: 'b', service: heldService, answer: takes },
    ]);
    const key = gateway.deployment.issue({
      connections: ['a', 'b'],
      kind: 'publishable',
      classes: ['ingest'],
      origins: [origin],
      perMinute: 100,
    });
    const track = async (a: string[], b: string[]) => {
      connectionOf(gateway, 'a').origins = a;
      connectionOf(gateway, 'b').origins = b;
      await gateway.apply();
      const { status, headers } = await send(gateway.port, '/chat/track', {
        headers: { 'content-type': 'application/json', origin },
        body: JSON.stringify([{ event: 'Seen', properties: { token: key, distinct_id: 'ada', time: 1 } }]),
      });
      return [status, headers['access-control-allow-origin'] ?? null];
    };
    expect(await track([origin], [origin])).toEqual([200, origin]);
    // The first one's rule is an answer; nothing goes round it.
    expect((await track([], [origin]))[0]).toBe(403);
    expect((await track([origin], []))[0]).toBe(503);
    expect(gateway.vendors.map(({ received }) => received.length)).toEqual([2, 1]);
  });
});
