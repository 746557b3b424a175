import OpenAI from 'openai';
import { afterEach, expect, test } from 'vitest';
import { type StartedGateway, startTestGateway, type TestGatewayOptions } from './testing/gateway.ts';
import { answerJson, bearer, send } from './testing/send.ts';
import { startStandIn } from './testing/standin.ts';
import { readAddresses } from './trusted-addresses.ts';

/** What a virtual key is bound to, and what of it is recorded. */

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const CHAT = '/ai/v1/chat/completions';
const asking = (model: string): string => JSON.stringify({ model, messages: [] });

async function gateway(options: TestGatewayOptions = {}): Promise<StartedGateway> {
  const vendor = await startStandIn((_request, response) =>
    answerJson(response, { id: 'made-up', choices: [] }),
  );
  closing.push(() => vendor.close());
  const started = await startTestGateway({ ai: vendor.port, ...options });
  closing.push(() => started.close());
  return started;
}

type Spec = Parameters<StartedGateway['deployment']['issue']>[0];
async function issue({ deployment, worker }: StartedGateway, spec: Partial<Spec>): Promise<string> {
  const key = deployment.issue({ connections: ['ai'], ...spec });
  await worker.apply(await deployment.snapshot());
  return key;
}
const codeOf = (body: string): string => JSON.parse(body).error.code;
const proxies = (text: string) => {
  const list = readAddresses(text);
  if ('wrong' in list) throw new Error(list.wrong);
  return list;
};

test('a key that is bound to models asks for these only, and the SDK says which they are', async () => {
  const started = await gateway();
  const key = await issue(started, { models: ['made-up-small', 'made-up-2*'] });
  const client = new OpenAI({
    apiKey: key,
    baseURL: `http://127.0.0.1:${started.port}/ai/v1`,
    maxRetries: 0,
  });
  const ask = (model: string) => client.chat.completions.create({ model, messages: [] });
  await ask('made-up-small');
  await ask('made-up-2-turbo');
  await expect(ask('made-up-small-2')).rejects.toMatchObject({
    status: 403,
    code: 'model_not_allowed',
    message: expect.stringContaining('may ask for made-up-small, made-up-2* only'),
  });
  // Two models in one body: vendors take this one or that.
  const twice = `{"model":"made-up-small","messages":[],"model":"made-up-dear"}`;
  for (const body of [twice, '{"messages":[]}', '{"model":["made-up-small"]}']) {
    const answer = await send(started.port, CHAT, { headers: bearer(key), body });
    expect([answer.status, codeOf(answer.body)]).toEqual([403, 'model_not_allowed']);
  }
  const seen = (await started.entries()).filter((entry) => entry.type === 'crossing');
  expect(seen.map(({ model, reason }) => [model, reason])).toEqual([
    ['made-up-small', null],
    ['made-up-2*', null],
    [undefined, 'model_not_allowed'],
    [undefined, 'model_not_allowed'],
    [undefined, 'model_not_allowed'],
    [undefined, 'model_not_allowed'],
  ]);
});

test('what names no model needs none: a list of models, and events', async () => {
  const started = await gateway();
  const key = await issue(started, { models: ['made-up-small'] });
  const got = await send(started.port, '/ai/v1/models/made-up-dear', { method: 'GET', headers: bearer(key) });
  expect(got.status).toBe(200);
});

test('a key that is bound to networks works from these only', async () => {
  const started = await gateway();
  const here = await issue(started, { networks: ['127.0.0.0/8', '2001:db8::/32'] });
  const away = await issue(started, { networks: ['192.0.2.0/24'] });
  const ask = (key: string, headers: Record<string, string> = {}) =>
    send(started.port, CHAT, { headers: { ...bearer(key), ...headers }, body: asking('m') });
  expect((await ask(here)).status).toBe(200);
  const refused = await ask(away);
  expect([refused.status, codeOf(refused.body)]).toEqual([403, 'network_not_allowed']);
  expect(refused.body).toContain('may not be used from this network');
  // No proxy is named: what a caller says of itself is not believed.
  expect((await ask(away, { 'x-forwarded-for': '192.0.2.9' })).status).toBe(403);
});

test('behind a named proxy the caller is the last address that is none', async () => {
  const started = await gateway({ trustedProxies: proxies('127.0.0.1, 198.51.100.0/24') });
  const key = await issue(started, { networks: ['192.0.2.0/24', '2001:db8:7::/48'] });
  const from = async (forwarded?: string) => {
    const headers = { ...bearer(key), ...(forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }) };
    const answer = await send(started.port, CHAT, { headers, body: asking('m') });
    return answer.status;
  };
  expect(await from('192.0.2.9')).toBe(200);
  expect(await from('192.0.2.9, 198.51.100.4')).toBe(200);
  expect(await from('2001:db8:7::9')).toBe(200);
  expect(await from('192.0.2.9, 203.0.113.5')).toBe(403);
  expect(await from('made up')).toBe(403);
  expect(await from()).toBe(403);
});

test('the record has the network of a workload, and none of what persons hold', async () => {
  const started = await gateway({ trustedProxies: proxies('127.0.0.1'), origins: ['https://page.example'] });
  const workload = await issue(started, {});
  const laptop = await issue(started, { person: 'person-1' });
  const page = await issue(started, {
    connections: ['events'],
    kind: 'publishable',
    origins: ['https://page.example'],
    classes: ['ingest'],
  });
  const from = (address: string, headers: Record<string, string>, path = CHAT) =>
    send(started.port, path, { headers: { ...headers, 'x-forwarded-for': address }, body: asking('m') });
  await from('10.1.2.3', bearer(workload));
  await from('2001:db8:1:2::3', bearer(workload));
  await from('203.0.113.5', bearer(laptop));
  await from('203.0.113.5', { ...bearer(page), origin: 'https://page.example' }, '/events/track');
  const leaves = (await started.entries()).filter((entry) => entry.type === 'crossing');
  expect(leaves.map(({ network }) => network)).toEqual([
    '10.1.2.0/24',
    '2001:db8:1::/48',
    undefined,
    ...leaves.slice(3).map(() => undefined),
  ]);
  expect(JSON.stringify(leaves)).not.toContain('203.0.113');
});
