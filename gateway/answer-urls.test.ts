import { get } from 'node:https';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { certificate } from './testing/certificate.ts';
import { type StartedGateway, startTestGateway } from './testing/gateway.ts';
import { bearer, send } from './testing/send.ts';
import { type Answer, type StandIn, startStandIn } from './testing/standin.ts';

/** Addresses in answers lead through the gateway, or the answer passes as it is. */

let vendor: StandIn;
let gateway: StartedGateway;
let answer: Answer;
beforeAll(async () => {
  vendor = await startStandIn((request, response, body) => answer(request, response, body));
  gateway = await startTestGateway({ ai: vendor.port });
});
afterAll(async () => {
  await gateway.close();
  await vendor.close();
});

const at = (filler = '') =>
  JSON.stringify({ card_url: `http://127.0.0.1:${vendor.port}/cards/1?a=b`, filler });
const answers = (type: string, bytes: string | Buffer, more: Record<string, string> = {}, status = 200) => {
  answer = (_request, response) => response.writeHead(status, { 'content-type': type, ...more }).end(bytes);
};
const ask = () => {
  const headers = { ...bearer(gateway.key), 'accept-encoding': 'gzip, br' };
  return send(gateway.port, '/ai/v1/models/one', { method: 'GET', headers });
};

test('an address at the vendor leads through the gateway, in an answer that is not packed', async () => {
  answers('application/json; charset=utf-8', at());
  const { status, body, headers } = await ask();
  const through = `http://127.0.0.1:${gateway.port}/ai/cards/1?a=b`;
  expect([status, JSON.parse(body)]).toEqual([200, { card_url: through, filler: '' }]);
  expect(headers['content-length']).toBe(String(Buffer.byteLength(body)));
  const asked = vendor.received.at(-1)?.headers ?? [];
  expect(asked[asked.findIndex((name) => name.toLowerCase() === 'accept-encoding') + 1]).toBe('identity');
});

test('an answer of more than 1 MB, of another type, or that is no success passes as it is', async () => {
  const large = at('x'.repeat(1_100_000));
  answers('application/json', large);
  expect((await ask()).body === large).toBe(true);
  answers('text/plain', at());
  expect((await ask()).body).toBe(at());
  answers('application/json', at(), {}, 404);
  expect((await ask()).body).toBe(at());
});

test('an answer that is packed all the same passes as it is', async () => {
  const packed = gzipSync(at());
  answers('application/json', packed, { 'content-encoding': 'gzip' });
  const { headers } = await ask();
  expect([headers['content-encoding'], headers['content-length']]).toEqual(['gzip', String(packed.length)]);
});

test('a vendor that breaks off while its answer is held is a vendor that could not be reached', async () => {
  answer = (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '500' });
    response.write('{"card_url":', () => response.destroy());
  };
  expect((await ask()).status).toBe(502);
});

test('asked over TLS, addresses lead through TLS again, whatever a client says of a proxy', async () => {
  const secure = await startTestGateway({ ai: vendor.port, tls: certificate });
  answers('application/json', at());
  const ask = (more: Record<string, string>): Promise<string> =>
    new Promise((resolve, reject) => {
      const headers = { ...bearer(secure.key), ...more };
      const path = '/ai/v1/models/one';
      get({ port: secure.port, path, headers, rejectUnauthorized: false, agent: false }, (response) => {
        response.setEncoding('utf8').on('data', (text: string) => resolve(JSON.parse(text).card_url));
      }).on('error', reject);
    });
  const through = `https://localhost:${secure.port}/ai/cards/1?a=b`;
  expect(await ask({})).toBe(through);
  expect(await ask({ 'x-forwarded-proto': 'http' })).toBe(through);
  await secure.close();
});
