import { brotliCompressSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { bearer, send, sendRaw } from '../testing/http.ts';
import { ask, type House } from './house.ts';

/** Input that means harm, at the gateway's port of a whole deployment: a clear answer, and nothing is forwarded. */
export function hostileToGateway(house: () => House): void {
  /** Nothing came to either vendor meanwhile, and both planes do their work. */
  async function expectNothingForwarded(work: () => Promise<void>): Promise<void> {
    const { openai, mixpanel, drawbridge } = house();
    const before = [openai.requests.length, mixpanel.requests.length];
    await work();
    expect([openai.requests.length, mixpanel.requests.length]).toEqual(before);
    expect((await ask(house())).status).toBe(200);
    for (const url of [drawbridge.apiUrl, drawbridge.gatewayUrl]) {
      expect((await send(`${url}/readyz`, { method: 'GET' })).status).toBe(200);
    }
  }

  const chat = JSON.stringify({ model: 'gpt-5', messages: [{ role: 'user', content: 'Hello' }] });
  const post = (key: string, rest: string) =>
    `POST /ai/v1/chat/completions HTTP/1.1\r\nHost: gateway.example.org\r\nAuthorization: Bearer ${key}\r\n${rest}`;
  const smuggled = (key: string) =>
    `GET /ai/v1/models HTTP/1.1\r\nHost: gateway.example.org\r\nAuthorization: Bearer ${key}\r\n\r\n`;

  describe('requests whose framing is ambiguous', () => {
    it.each<[string, (key: string) => string, RegExp]>([
      [
        'two lengths',
        (key) => post(key, `Content-Length: 2\r\nContent-Length: 90\r\n\r\n{}${smuggled(key)}`),
        /400/,
      ],
      [
        'a length and chunks, with a request behind',
        (key) =>
          post(key, `Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled(key)}`),
        /400/,
      ],
      [
        'chunks and a length, with a request behind',
        (key) =>
          post(key, `Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n${smuggled(key)}`),
        /400/,
      ],
      [
        'a disguised transfer encoding',
        (key) => post(key, `Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`),
        /400|501/,
      ],
      ['a negative length', (key) => post(key, 'Content-Length: -5\r\n\r\n'), /400/],
      [
        'a chunk whose size overflows',
        (key) => post(key, 'Transfer-Encoding: chunked\r\n\r\n10000000000000000\r\n'),
        /400/,
      ],
      ['bare line feeds', (key) => `${smuggled(key).replaceAll('\r\n', '\n')}`, /400/],
      ['headers of 70 KB', (key) => post(key, `X-Pad: ${'a'.repeat(70_000)}\r\n\r\n`), /431/],
      ['2,000 header lines', (key) => post(key, `${'X-Many: 1\r\n'.repeat(2_100)}\r\n`), /4\d\d/],
      ['a body that announces 99 GB', (key) => post(key, 'Content-Length: 99999999999\r\n\r\n'), /413/],
      ['no HTTP at all', () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03made up\r\n\r\n', /400/],
    ])('%s', async (_what, request, status) => {
      await expectNothingForwarded(async () => {
        const answer = await sendRaw(house().drawbridge.gatewayUrl, request(house().key.key));
        expect(answer.split('\r\n')[0]).toMatch(new RegExp(`^HTTP/1\\.1 (${status.source}) `));
        expect(answer).not.toContain(house().key.key);
      });
    });
  });

  describe('paths that lead elsewhere', () => {
    it.each([
      'http://vendor.example.com/ai/v1/models',
      '//vendor.example.com/v1/models',
      '/ai/../events/track',
      '/ai/%2e%2e/events/track',
      '/ai/%252e%252e/events/track',
      '/ai/v1/models/..%2f..%2fadmin',
      '/ai/v1/models/..;/admin',
      '/ai/v1\\models',
      '/ai//v1/models',
      '/ai/v1/models%00',
      '/ai/v1/admin/keys',
      '/api/v1/overview',
      '/fleet/v1/snapshot',
      '/',
      '*',
    ])('%s', async (path) => {
      await expectNothingForwarded(async () => {
        const request = `GET ${path} HTTP/1.1\r\nHost: gateway.example.org\r\nAuthorization: Bearer ${house().key.key}\r\n\r\n`;
        const answer = await sendRaw(house().drawbridge.gatewayUrl, request);
        expect(answer.split('\r\n')[0]).toMatch(/^HTTP\/1\.1 40[04] /);
      });
    });
  });

  describe('bodies that must be read, and can’t be', () => {
    const deep = '['.repeat(200_000);
    it.each<[string, string | Buffer, Record<string, string>?]>([
      ['no JSON', '{"model":"gpt-5"'],
      ['two values', `${chat}${chat}`],
      ['JSON 200,000 deep', `{"messages":${deep}${deep.replaceAll('[', ']')}}`],
      [
        'not UTF-8',
        Buffer.concat([Buffer.from('{"model":"'), Buffer.of(0xc3, 0x28, 0xff), Buffer.from('"}')]),
      ],
      ['a gzip bomb of 1 GB', bomb(), { 'content-encoding': 'gzip' }],
      ['the same, not said to be gzip', bomb()],
      ['gzip cut short', gzipSync(chat).subarray(0, 25), { 'content-encoding': 'gzip' }],
      ['compressed in a way that nobody reads here', brotliCompressSync(chat), { 'content-encoding': 'br' }],
      ['21 MB', Buffer.alloc(21 * 1024 * 1024, 'x')],
      ['21 MB in chunks', Buffer.alloc(21 * 1024 * 1024, 'x'), { 'transfer-encoding': 'chunked' }],
    ])('%s', async (_what, body, headers = {}) => {
      await expectNothingForwarded(async () => {
        const { drawbridge, key } = house();
        const answer = await send(`${drawbridge.gatewayUrl}/ai/v1/chat/completions`, {
          headers: { ...bearer(key.key), ...headers },
          body,
        });
        expect(answer.status).toBeGreaterThanOrEqual(400);
        expect(answer.status).toBeLessThan(500);
        // In the vendor's own shape, with its sign that trying again is no use.
        expect(JSON.parse(answer.body)).toMatchObject({
          error: { code: expect.stringMatching(/^body_/), message: expect.any(String) },
        });
        expect(answer.headers['x-should-retry']).toBe('false');
      });
    });

    it('a batch of events with two keys is refused whole', async () => {
      const { drawbridge, key, browserKey } = house();
      await expectNothingForwarded(async () => {
        const events = [key, browserKey].map(({ key: token }) => ({
          event: 'made up',
          properties: { token },
        }));
        const answer = await send(`${drawbridge.gatewayUrl}/events/track`, { body: JSON.stringify(events) });
        expect([answer.status, JSON.parse(answer.body)]).toMatchObject([400, { code: 'key_mixed' }]);
      });
    });
  });

  /** A little that unfolds to much. Made by hand of many members, as one alone would take long to make. */
  function bomb(): Buffer {
    const member = gzipSync(Buffer.alloc(64 * 1024 * 1024, ' '), { level: 1 });
    return Buffer.concat(Array.from({ length: 16 }, () => member));
  }
}
