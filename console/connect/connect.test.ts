import { expect, test } from 'vitest';
import { credentialHint } from './credential-hint.ts';
import { filled, gatewayOf } from './snippet.ts';
import { upstreamOf, upstreamText } from './upstream.ts';

const connection = { gatewayUrl: 'http://127.0.0.1:4410/openai', slug: 'openai' };

test('lines for an SDK get the gateway, the connection and the key', () => {
  expect(filled("baseURL: '{gateway}/{connection}/v1', apiKey: '{key}'\n", connection, 'dbk_made_up')).toBe(
    "baseURL: 'http://127.0.0.1:4410/openai/v1', apiKey: 'dbk_made_up'",
  );
  expect(filled('{key}', connection, undefined)).toContain('dbk_');
  expect(filled('{ other: {braces} }', connection, 'k')).toBe('{ other: {braces} }');
});

test('the gateway is the address without the connection', () => {
  expect(gatewayOf(connection)).toBe('http://127.0.0.1:4410');
  expect(gatewayOf({ gatewayUrl: 'https://gw.example.com/', slug: 'openai' })).toBe('https://gw.example.com');
});

test.each([
  ['https://api.example.com', { scheme: 'https', host: 'api.example.com', port: 443, private: false }],
  ['http://127.0.0.1:8080', { scheme: 'http', host: '127.0.0.1', port: 8080, private: false }],
])('%s is an upstream', (text, upstream) => {
  expect(upstreamOf(text, false)).toEqual(upstream);
  expect(upstreamText(upstream as Parameters<typeof upstreamText>[0])).toBe(text);
});

test.each(['', 'api.example.com', 'ftp://example.com', 'https://example.com/v1', 'https://a:b@example.com'])(
  '"%s" is none',
  (text) => {
    expect(upstreamOf(text, false)).toBeNull();
  },
);

test('who signs for a vendor of AWS is told how its access key is written as one text', () => {
  const bearer = { in: 'header', name: 'authorization', prefix: 'Bearer ' } as const;
  const signed = { in: 'signature', scheme: 'aws-sigv4', service: 'bedrock' } as const;
  expect(credentialHint({ auth: [bearer, signed] })).toMatch(
    /^An access key .*ACCESS_KEY_ID:SECRET_ACCESS_KEY/,
  );
  expect(credentialHint({ auth: [bearer] })).not.toContain('ACCESS_KEY');
});
