import type { Leaf, LogEntry, Route, Settlement } from '@drawbridge/protocol';
import { afterEach, describe, expect, test } from 'vitest';
import type { TestGatewayOptions } from '../testing/gateway.ts';
import { answerJson, bearer, send } from '../testing/send.ts';
import { aiService } from '../testing/services.ts';
import type { Answer } from '../testing/standin.ts';
import { aiOf, type RoutedGateway, type RoutedVendor, startRouted } from './testing.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function start(
  vendors: readonly RoutedVendor[],
  route: Partial<Route> = {},
  options: TestGatewayOptions = {},
): Promise<RoutedGateway> {
  const gateway = await startRouted(vendors, route, options);
  closing.push(() => gateway.end());
  return gateway;
}

const question = {
  model: 'made-up-1',
  user: 'ada@example.test',
  messages: [{ role: 'user', content: 'Hi' }],
};
const ask = (gateway: RoutedGateway, body: object = question, path = '/chat/v1/chat/completions') =>
  send(gateway.port, path, { headers: bearer(gateway.key), body: JSON.stringify(body) });

const says =
  (who: string): Answer =>
  (_request, response) =>
    answerJson(response, { who });
const status =
  (code: number, headers: Record<string, string> = {}): Answer =>
  (_request, response) => {
    response.writeHead(code, { 'content-type': 'application/json', ...headers }).end('{"error":"made up"}');
  };
const breaksOff: Answer = (request) => void request.socket.destroy();
const breaksBehindHead: Answer = (request, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
  setTimeout(() => request.socket.destroy(), 20);
};
const silent: Answer = () => undefined;

const leaves = (entries: readonly LogEntry[]) =>
  entries.filter((one): one is Leaf => one.type === 'crossing');
const ends = (entries: readonly LogEntry[]) =>
  entries.filter((one): one is Settlement => one.type === 'settlement');

describe('which member answers', () => {
  test('the first, and headers say so', async () => {
    const gateway = await start([
      { slug: 'a', answer: says('a') },
      { slug: 'b', answer: says('b') },
    ]);
    const answer = await ask(gateway);
    expect(answer.body).toBe('{"who":"a"}');
    expect(answer.headers).toMatchObject({
      'x-drawbridge-route': 'chat',
      'x-drawbridge-connection': 'a',
    });
    expect(answer.headers['x-drawbridge-tried']).toBeUndefined();
    expect(gateway.vendors[1]?.received).toHaveLength(0);
  });

  test.each([
    ['500', status(500), '500'],
    ['503', status(503), '503'],
    ['429', status(429), '429'],
    ['a connection that breaks', breaksOff, 'upstream_failed'],
    ['one that breaks behind its head', breaksBehindHead, 'upstream_failed'],
    ['silence', silent, 'timed_out'],
  ])('after %s the next, and its answer alone is handed on', async (_, answer, why) => {
    const gateway = await start(
      [
        { slug: 'a', answer },
        { slug: 'b', answer: says('b') },
      ],
      { first_byte_ms: 200 },
    );
    const got = await ask(gateway);
    expect([got.status, got.body]).toEqual([200, '{"who":"b"}']);
    expect(got.headers['x-drawbridge-connection']).toBe('b');
    expect(got.headers['x-drawbridge-tried']).toBe(`a=${why}`);
  });

  test('a vendor that is not there is passed on from, whatever may be repeated', async () => {
    const gateway = await start(
      [
        { slug: 'a', answer: says('a') },
        { slug: 'b', answer: says('b') },
      ],
      { pay_twice: false },
    );
    await gateway.vendors[0]?.close();
    expect((await ask(gateway)).headers['x-drawbridge-tried']).toBe('a=connect_failed');
  });

  test.each([
    ['severed', { state: 'severed' }, 'severed'],
    ['withheld', { withheld: ['No DPA.'] }, 'withheld'],
  ])('one that is %s is passed over without a try', async (_, closed, why) => {
    const gateway = await start([
      { slug: 'a', answer: says('a') },
      { slug: 'b', answer: says('b') },
    ]);
    const first = gateway.deployment.connections.find(({ slug }) => slug === 'a');
    if (first === undefined) throw new Error('it is there');
    Object.assign(first, closed);
    await gateway.apply();
    const answer = await ask(gateway);
    expect([answer.body, answer.headers['x-drawbridge-tried']]).toEqual(['{"who":"b"}', `a=${why}`]);
    expect(leaves(await gateway.entries())).toHaveLength(1);
  });

  test('severed while it is silent, the request goes on to the next', async () => {
    const gateway = await start([
      { slug: 'a', answer: silent },
      { slug: 'b', answer: says('b') },
    ]);
    const asked = ask(gateway);
    await expect.poll(() => gateway.vendors[0]?.received.length).toBe(1);
    const first = gateway.deployment.connections.find(({ slug }) => slug === 'a');
    if (first !== undefined) first.state = 'severed';
    await gateway.apply();
    expect((await asked).body).toBe('{"who":"b"}');
  });

  test('all severed, it is refused as a connection is, in the vendor’s shape', async () => {
    const gateway = await start([
      { slug: 'a', answer: says('a') },
      { slug: 'b', answer: says('b') },
    ]);
    for (const each of gateway.deployment.connections) each.state = 'severed';
    await gateway.apply();
    const answer = await ask(gateway);
    expect(answer.status).toBe(503);
    expect(JSON.parse(answer.body).error).toMatchObject({
      code: 'connection_severed',
      type: 'drawbridge_later',
    });
  });

  test('the last member’s own error is handed on as it is', async () => {
    const gateway = await start([
      { slug: 'a', answer: status(500) },
      { slug: 'b', answer: status(503, { 'retry-after': '7' }) },
    ]);
    const answer = await ask(gateway);
    expect([answer.status, answer.body, answer.headers['retry-after']]).toEqual([
      503,
      '{"error":"made up"}',
      '7',
    ]);
  });

  test.each([400, 401, 404, 422])('%i is an answer, and not passed on from', async (code) => {
    const gateway = await start([
      { slug: 'a', answer: status(code) },
      { slug: 'b', answer: says('b') },
    ]);
    expect((await ask(gateway)).status).toBe(code);
    expect(gateway.vendors[1]?.received).toHaveLength(0);
  });
});

describe('what may be repeated', () => {
  test.each([
    ['500', status(500), 500],
    ['a break', breaksOff, 502],
    ['silence', silent, 504],
  ])('without leave to pay twice a generation ends with %s', async (_, answer, code) => {
    const gateway = await start(
      [
        { slug: 'a', answer },
        { slug: 'b', answer: says('b') },
      ],
      { pay_twice: false, first_byte_ms: 200 },
    );
    expect((await ask(gateway)).status).toBe(code);
    expect(gateway.vendors[1]?.received).toHaveLength(0);
  });

  test('429 says that nothing was done: it is passed on from all the same', async () => {
    const gateway = await start(
      [
        { slug: 'a', answer: status(429) },
        { slug: 'b', answer: says('b') },
      ],
      { pay_twice: false },
    );
    expect((await ask(gateway)).body).toBe('{"who":"b"}');
  });

  test('what the pack calls never is not repeated, though the route pays', async () => {
    const service = (id: string) =>
      aiOf(id, '/v1', {
        endpoints: aiOf(id).endpoints.map((one) => ({ ...one, repeat: 'never' as const })),
      });
    const gateway = await start([
      { slug: 'a', service: service('x'), answer: status(500) },
      { slug: 'b', service: service('y'), answer: says('b') },
    ]);
    expect((await ask(gateway)).status).toBe(500);
  });

  test('what was handed on is never sent again: a stream that breaks stays broken', async () => {
    const gateway = await start([
      {
        slug: 'a',
        answer: (request, response) => {
          response.writeHead(200, { 'content-type': 'text/event-stream' });
          response.write('data: {"n":1}\n\n');
          setTimeout(() => request.socket.destroy(), 50);
        },
      },
      { slug: 'b', answer: says('b') },
    ]);
    await expect(ask(gateway)).rejects.toThrow();
    expect(gateway.vendors[1]?.received).toHaveLength(0);
  });
});

describe('each try is a crossing of its own', () => {
  test('with a leaf, an end, and pseudonyms, credential and contract of its connection', async () => {
    const gateway = await start([
      {
        slug: 'a',
        answer: status(500),
        credential: 'secret-of-a',
        contract: { ...aiService.contracts.as_is, classes: { 'person.id': { do: 'pseudonymise' } } },
      },
      {
        slug: 'b',
        answer: says('b'),
        credential: 'secret-of-b',
        contract: { ...aiService.contracts.as_is, classes: { 'person.id': { do: 'drop' } } },
      },
    ]);
    const answer = await ask(gateway);
    const [a, b] = gateway.vendors.map(({ received }) => received[0]);
    expect(a?.headers).toContain('Bearer secret-of-a');
    expect(b?.headers).toContain('Bearer secret-of-b');
    const [toA, toB] = [JSON.parse(a?.body.toString() ?? ''), JSON.parse(b?.body.toString() ?? '')];
    expect(toA.user).toBeTypeOf('string');
    expect(toA.user).not.toBe(question.user);
    expect(toB).not.toHaveProperty('user');
    const entries = await gateway.entries();
    const [first, second] = leaves(entries);
    expect(first).toMatchObject({
      connection: 'conn-a',
      decision: 'forwarded',
      route: { id: 'route-1', try: 1 },
    });
    expect(second).toMatchObject({
      connection: 'conn-b',
      route: { id: 'route-1', try: 2, first: first?.id },
      fields: expect.arrayContaining([['person.id', 'drop', 1]]),
    });
    expect(first?.route).not.toHaveProperty('first');
    expect(answer.headers['x-drawbridge-crossing']).toBe(second?.id);
    expect(ends(entries)).toMatchObject([
      { crossing: first?.id, outcome: 'answered', status: 500 },
      { crossing: second?.id, outcome: 'answered', status: 200 },
    ]);
  });

  test('a contract that refuses ends the request where no vendor failed: going round a rule is no failover', async () => {
    const refusing = { ...aiService.contracts.as_is, classes: { 'person.id': { do: 'refuse' as const } } };
    const gateway = await start([
      { slug: 'a', answer: says('a'), contract: refusing },
      { slug: 'b', answer: says('b') },
    ]);
    expect((await ask(gateway)).status).toBe(403);
    expect(gateway.vendors.map(({ received }) => received.length)).toEqual([0, 0]);
  });

  test('after a failure a member whose contract refuses is passed over, journalled, and the next is asked', async () => {
    const refusing = { ...aiService.contracts.as_is, classes: { 'person.id': { do: 'refuse' as const } } };
    const gateway = await start([
      { slug: 'a', answer: status(500) },
      { slug: 'b', answer: says('b'), contract: refusing },
      { slug: 'c', answer: says('c') },
    ]);
    const answer = await ask(gateway);
    expect(answer.body).toBe('{"who":"c"}');
    expect(answer.headers['x-drawbridge-tried']).toBe('a=500, b=field_refused');
    expect(leaves(await gateway.entries()).map(({ decision }) => decision)).toEqual([
      'forwarded',
      'refused',
      'forwarded',
    ]);
  });

  test('with nobody left the answer says that it may pass later', async () => {
    const refusing = { ...aiService.contracts.as_is, classes: { 'person.id': { do: 'refuse' as const } } };
    const gateway = await start([
      { slug: 'a', answer: status(429, { 'retry-after': '30' }) },
      { slug: 'b', answer: says('b'), contract: refusing },
    ]);
    const answer = await ask(gateway);
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '30']);
    expect(JSON.parse(answer.body).error.code).toBe('route_exhausted');
  });

  test('a key that may not use the second connection does not get there', async () => {
    const gateway = await start([
      { slug: 'a', answer: status(500) },
      { slug: 'b', answer: says('b') },
    ]);
    const key = gateway.deployment.issue({ connections: ['a'] });
    await gateway.apply();
    const answer = await send(gateway.port, '/chat/v1/chat/completions', {
      headers: bearer(key),
      body: JSON.stringify(question),
    });
    expect(JSON.parse(answer.body).error.code).toBe('route_exhausted');
    expect(gateway.vendors[1]?.received).toHaveLength(0);
  });

  test('another app’s key may not use the route, though it may use its connections', async () => {
    const gateway = await start([{ slug: 'a', answer: says('a') }]);
    const key = gateway.deployment.issue({ connections: ['a'], app: 'app-other' });
    await gateway.apply();
    const answer = await send(gateway.port, '/chat/v1/chat/completions', {
      headers: bearer(key),
      body: JSON.stringify(question),
    });
    expect([answer.status, JSON.parse(answer.body).error.code]).toEqual([403, 'key_not_allowed']);
    expect(gateway.vendors[0]?.received).toHaveLength(0);
  });

  test('a stranger’s long body is not read, whichever route it is sent to', async () => {
    const gateway = await start([{ slug: 'a', answer: says('a') }]);
    const answer = await send(gateway.port, '/chat/v1/chat/completions', {
      headers: bearer('dbk_made_up'),
      body: JSON.stringify(question),
    });
    expect(answer.status).toBe(401);
  });
});

describe('dialects and models', () => {
  test('another vendor gets the path as it has it, and the model under its name, all else byte for byte', async () => {
    const gateway = await start([
      { slug: 'a', answer: status(503) },
      {
        slug: 'b',
        service: aiOf('far', '/openai/v1'),
        answer: says('b'),
        models: { 'made-up-1': 'far/large "x"' },
      },
    ]);
    const text = '{ "messages":[{"role":"user","content":"Hi  \\u00e9"}],\n "model" : "made-up-1" }';
    await send(gateway.port, '/chat/v1/chat/completions', { headers: bearer(gateway.key), body: text });
    const [sent] = gateway.vendors[1]?.received ?? [];
    expect(sent?.url).toBe('/openai/v1/chat/completions');
    expect(sent?.body.toString()).toBe(text.replace('"made-up-1"', '"far/large \\"x\\""'));
    expect(gateway.vendors[0]?.received[0]?.body.toString()).toBe(text);
  });

  test('a member that does not have the model is passed over; * is for all others', async () => {
    const gateway = await start([
      { slug: 'a', answer: says('a'), models: { other: 'other' } },
      { slug: 'b', answer: says('b'), models: { '*': 'any' } },
    ]);
    const answer = await ask(gateway);
    expect([answer.body, answer.headers['x-drawbridge-tried']]).toEqual([
      '{"who":"b"}',
      'a=model_not_routed',
    ]);
    expect(JSON.parse(gateway.vendors[1]?.received[0]?.body.toString() ?? '').model).toBe('any');
    expect(leaves(await gateway.entries())).toHaveLength(1);
  });

  test('a model that nobody has is refused for good', async () => {
    const gateway = await start([{ slug: 'a', answer: says('a'), models: { other: 'other' } }]);
    const answer = await ask(gateway);
    expect([answer.status, JSON.parse(answer.body).error.code]).toEqual([400, 'model_not_routed']);
  });

  test('a key that is bound to models is held to the name that goes out', async () => {
    const gateway = await start([
      { slug: 'a', answer: status(503) },
      { slug: 'b', answer: says('b'), models: { 'made-up-1': 'dear' } },
    ]);
    const key = gateway.deployment.issue({ connections: ['a', 'b'], models: ['made-up-1'] });
    await gateway.apply();
    const answer = await send(gateway.port, '/chat/v1/chat/completions', {
      headers: bearer(key),
      body: JSON.stringify(question),
    });
    expect(JSON.parse(answer.body).error.code).toBe('route_exhausted');
    expect(gateway.vendors[1]?.received).toHaveLength(0);
  });

  test('a service of another dialect is in no route, whatever the snapshot says', async () => {
    const gateway = await start([
      { slug: 'a', answer: status(503) },
      {
        slug: 'b',
        service: aiOf('alien', '/v1', { dialect: { family: 'other', base: '/v1' } }),
        answer: says('b'),
      },
    ]);
    expect((await ask(gateway)).status).toBe(503);
    expect(gateway.vendors[1]?.received).toHaveLength(0);
  });

  test('what an id names is asked for at the first member alone', async () => {
    const withFiles = (id: string) =>
      aiOf(id, '/v1', {
        endpoints: [
          ...aiOf(id).endpoints,
          {
            id: 'file',
            class: 'files',
            methods: ['GET'],
            path: '/v1/files/{file}',
            body: 'none',
            query: [],
            path_params: { file: 'event.id' },
          },
        ],
      });
    const gateway = await start([
      { slug: 'a', service: withFiles('x'), answer: status(503) },
      { slug: 'b', service: withFiles('y'), answer: says('b') },
    ]);
    const answer = await send(gateway.port, '/chat/v1/files/file-1', {
      method: 'GET',
      headers: bearer(gateway.key),
    });
    expect(answer.status).toBe(503);
    expect(gateway.vendors[1]?.received).toHaveLength(0);
  });
});

describe('breakers', () => {
  test('a vendor that keeps failing is left alone, then probed, then used again', async () => {
    let now = 0;
    let isWell = false;
    const gateway = await start(
      [
        { slug: 'a', answer: (...given) => (isWell ? says('a') : status(503))(...given) },
        { slug: 'b', answer: says('b') },
      ],
      { breaker: { failures: 3, open_ms: 10_000 } },
      { monotonic: () => now },
    );
    for (let n = 0; n < 6; n++) expect((await ask(gateway)).body).toBe('{"who":"b"}');
    expect(gateway.vendors[0]?.received).toHaveLength(3);
    expect((await ask(gateway)).headers['x-drawbridge-tried']).toBe('a=resting');
    expect(await gateway.worker.metrics.text()).toContain(
      'drawbridge_route_breaker_open{connection="conn-a"} 1',
    );
    isWell = true;
    now = 13_000;
    expect((await ask(gateway)).body).toBe('{"who":"a"}');
    expect((await ask(gateway)).body).toBe('{"who":"a"}');
    expect(await gateway.worker.metrics.text()).toContain(
      'drawbridge_route_breaker_open{connection="conn-a"} 0',
    );
  });

  test('where all rest, the first is asked all the same', async () => {
    let isWell = false;
    const gateway = await start(
      [
        { slug: 'a', answer: (...given) => (isWell ? says('a') : status(503))(...given) },
        { slug: 'b', answer: status(503) },
      ],
      { breaker: { failures: 1, open_ms: 600_000 } },
    );
    expect((await ask(gateway)).status).toBe(503);
    isWell = true;
    expect((await ask(gateway)).body).toBe('{"who":"a"}');
  });

  test('a client that goes away gives its probe back', async () => {
    let now = 0;
    const gateway = await start(
      [
        { slug: 'a', answer: (...given) => (now === 0 ? status(503) : silent)(...given) },
        { slug: 'b', answer: says('b') },
      ],
      { breaker: { failures: 1, open_ms: 1_000 } },
      { monotonic: () => now },
    );
    await ask(gateway);
    now = 2_000;
    const gone = fetch(`http://127.0.0.1:${gateway.port}/chat/v1/chat/completions`, {
      method: 'POST',
      headers: bearer(gateway.key),
      body: JSON.stringify(question),
      signal: AbortSignal.timeout(150),
    });
    await expect(gone).rejects.toThrow();
    await expect
      .poll(async () => ends(await gateway.entries()).map(({ outcome }) => outcome))
      .toContain('client_gone');
    const other = fetch(`http://127.0.0.1:${gateway.port}/chat/v1/chat/completions`, {
      method: 'POST',
      headers: bearer(gateway.key),
      body: JSON.stringify(question),
      signal: AbortSignal.timeout(150),
    });
    await expect(other).rejects.toThrow();
    expect(gateway.vendors[0]?.received).toHaveLength(3);
  });
});
