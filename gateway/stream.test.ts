import { request as httpRequest, type IncomingMessage } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { type StartedGateway, startTestGateway, type TestGatewayOptions } from './testing/gateway.ts';
import { answerJson, bearer, send } from './testing/send.ts';
import { startStandIn } from './testing/standin.ts';

/** Answers as they come, and what happens when either side goes away. */

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const chat = { model: 'made-up-1', messages: [{ role: 'user', content: 'Hello?' }], user: 'someone-42' };
const answered = { id: 'made-up', usage: { prompt_tokens: 3, completion_tokens: 5 } };

async function gateway(options: TestGatewayOptions = {}): Promise<StartedGateway> {
  const started = await startTestGateway(options);
  closing.push(() => started.close());
  return started;
}

async function standIn(
  answer: Parameters<typeof startStandIn>[0] = (_request, response) => answerJson(response, answered),
) {
  const started = await startStandIn(answer);
  closing.push(() => started.close());
  return started;
}

test('a stream passes event by event: each one is with the client before the vendor writes the next', async () => {
  const seen: string[] = [];
  let written = 0;
  let clientHas: PromiseWithResolvers<void> = Promise.withResolvers();
  const vendor = await standIn(async (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (; written < 5; written++) {
      clientHas = Promise.withResolvers();
      response.write(`data: ${written}\n\n`);
      await clientHas.promise;
    }
    response.end();
  });
  const { port, key } = await gateway({ ai: vendor.port });
  await new Promise<void>((resolve, reject) => {
    const request = httpRequest(
      { host: '127.0.0.1', port, path: '/ai/v1/chat/completions', method: 'POST', headers: bearer(key) },
      (response) => {
        response.on('data', (chunk: Buffer) => {
          seen.push(chunk.toString());
          clientHas.resolve();
        });
        response.on('end', resolve);
      },
    );
    request.on('error', reject);
    request.end(JSON.stringify({ ...chat, stream: true }));
  });
  expect(seen).toEqual([0, 1, 2, 3, 4].map((each) => `data: ${each}\n\n`));
});

test('the head of an answer does not wait for its first byte', async () => {
  const release = Promise.withResolvers<void>();
  const vendor = await standIn(async (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'x-made-up': '1' });
    response.flushHeaders();
    await release.promise;
    response.end('data: late\n\n');
  });
  const { port, key } = await gateway({ ai: vendor.port });
  const body = await new Promise<string>((resolve) => {
    const request = httpRequest(
      { host: '127.0.0.1', port, path: '/ai/v1/chat/completions', method: 'POST', headers: bearer(key) },
      async (response) => {
        expect(response.headers['x-made-up']).toBe('1');
        release.resolve();
        let text = '';
        for await (const chunk of response) text += chunk;
        resolve(text);
      },
    );
    request.end(JSON.stringify(chat));
  });
  expect(body).toBe('data: late\n\n');
});

test('a client that does not read slows the vendor down instead of filling memory', async () => {
  const chunk = Buffer.alloc(64 * 1024, 'x');
  const total = 64 * 1024 * 1024;
  let written = 0;
  const vendor = await standIn((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/octet-stream' });
    const more = (): void => {
      while (written < total) {
        written += chunk.length;
        if (!response.write(chunk)) return void response.once('drain', more);
      }
      response.end();
    };
    more();
  });
  const { port, key } = await gateway({ ai: vendor.port });
  const response = await new Promise<IncomingMessage>((resolve) => {
    const request = httpRequest(
      { host: '127.0.0.1', port, path: '/ai/v1/chat/completions', method: 'POST', headers: bearer(key) },
      resolve,
    );
    request.end(JSON.stringify(chat));
  });
  // Nobody reads: the vendor comes to a standstill when the sockets' buffers are full.
  let before = -1;
  await expect
    .poll(
      () => {
        const still = written === before;
        before = written;
        return still;
      },
      { interval: 150, timeout: 10_000 },
    )
    .toBe(true);
  expect(written).toBeLessThan(total / 2);
  let got = 0;
  for await (const part of response) got += (part as Buffer).length;
  expect(got).toBe(total);
});

test('when the client goes away in the middle, the vendor’s connection is closed and the settlement says so', async () => {
  const vendorLost = Promise.withResolvers<void>();
  const vendor = await standIn((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: 1\n\n');
    response.on('close', () => vendorLost.resolve());
  });
  const { port, key, entries } = await gateway({ ai: vendor.port });
  const request = httpRequest(
    { host: '127.0.0.1', port, path: '/ai/v1/chat/completions', method: 'POST', headers: bearer(key) },
    (response) => response.once('data', () => response.destroy()),
  );
  request.on('error', () => undefined);
  request.end(JSON.stringify(chat));
  await vendorLost.promise;
  await expect.poll(async () => (await entries())[1]).toMatchObject({ outcome: 'client_gone', status: 200 });
});

test('when the client goes away before the vendor answers, the vendor’s connection is closed', async () => {
  const arrived = Promise.withResolvers<void>();
  const vendorLost = Promise.withResolvers<void>();
  const vendor = await standIn((_request, response) => {
    response.on('close', () => vendorLost.resolve());
    arrived.resolve();
  });
  const { port, key, entries } = await gateway({ ai: vendor.port });
  const request = httpRequest({
    host: '127.0.0.1',
    port,
    path: '/ai/v1/chat/completions',
    method: 'POST',
    headers: bearer(key),
  });
  request.on('error', () => undefined);
  request.end(JSON.stringify(chat));
  await arrived.promise;
  request.destroy();
  await vendorLost.promise;
  await expect.poll(async () => (await entries())[1]).toMatchObject({ outcome: 'client_gone', status: null });
});

test('when the vendor breaks off in the middle, the client’s connection breaks too', async () => {
  const vendor = await standIn((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: 1\n\n', () => response.destroy());
  });
  const { port, key, entries } = await gateway({ ai: vendor.port });
  await expect(
    send(port, '/ai/v1/chat/completions', { headers: bearer(key), body: JSON.stringify(chat) }),
  ).rejects.toThrow();
  await expect.poll(async () => (await entries())[1]).toMatchObject({ outcome: 'upstream_failed' });
});

test('a vendor that is away, silent, or not HTTP: the vendor’s own error shape, and the SDK may try again', async () => {
  const silent = await standIn(() => undefined);
  const broken = createTcpServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.once('data', () => socket.end('made-up nonsense\r\n\r\n'));
  });
  broken.listen(0, '127.0.0.1');
  await new Promise((resolve) => broken.once('listening', resolve));
  closing.push(() => new Promise((resolve) => broken.close(resolve)));
  const cases: [number, number, string, string][] = [
    [1, 502, 'upstream_unreachable', 'connect_failed'],
    [silent.port, 504, 'upstream_timeout', 'timed_out'],
    [(broken.address() as AddressInfo).port, 502, 'upstream_unreachable', 'upstream_failed'],
  ];
  for (const [vendorPort, status, code, outcome] of cases) {
    const { port, key, entries } = await gateway({ ai: vendorPort, upstreamLimits: { firstByteMs: 200 } });
    const answer = await send(port, '/ai/v1/chat/completions', {
      headers: bearer(key),
      body: JSON.stringify(chat),
    });
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body).error).toMatchObject({ code, type: 'drawbridge_later' });
    expect((await entries())[1]).toMatchObject({ outcome, status: null });
  }
});

test('clients that go away at any moment leave nothing behind and bring nothing down', async () => {
  const rounds = process.env.DRAWBRIDGE_SOAK === '1' ? 1_000 : 150;
  const vendor = await standIn((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    let left = 20;
    const more = (): void => {
      if (left-- === 0) response.end();
      else if (!response.destroyed) response.write('data: made up\n\n', () => setImmediate(more));
    };
    more();
  });
  const { port, key, worker, entries } = await gateway({ ai: vendor.port });
  const one = (turns: number): Promise<void> =>
    new Promise((resolve) => {
      const options = {
        host: '127.0.0.1',
        port,
        path: '/ai/v1/chat/completions',
        method: 'POST',
        agent: false,
      };
      const request = httpRequest({ ...options, headers: bearer(key) }, (response) => response.resume());
      request.on('error', () => undefined).on('close', () => resolve());
      request.end(JSON.stringify(chat));
      const wait = (left: number): void =>
        void (left === 0 ? request.destroy() : setImmediate(wait, left - 1));
      wait(turns);
    });
  for (let n = 0; n < rounds; n += 10) {
    await Promise.all(Array.from({ length: 10 }, (_, each) => one((n * 7 + each * 13) % 90)));
  }
  const settled = async (): Promise<boolean> => {
    const all = await entries();
    return all.filter((each) => each.type === 'crossing').length * 2 === all.length;
  };
  await expect.poll(settled).toBe(true);
  const metrics = await send(port, '/metrics', { method: 'GET' });
  expect(metrics.body).toContain('drawbridge_crossings_in_flight 1');
  expect(metrics.body).toContain('drawbridge_body_bytes 0');
  expect(worker.live()?.version).toBe(1);
}, 240_000);
