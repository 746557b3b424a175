import { expect, test } from 'vitest';
import { requestHeaders } from './request-headers.ts';
import { responseHead } from './response-headers.ts';
import { readUsage } from './usage.ts';

const raw = (...pairs: string[]): string[] => pairs;

test('client addresses, cookies and hop-by-hop headers do not go to the vendor', () => {
  const sent = requestHeaders([
    'Host',
    'gateway.example.org',
    'X-Forwarded-For',
    '192.0.2.7',
    'Cookie',
    'a=b',
    'CONNECTION',
    'keep-alive',
    'Accept',
    'application/json',
    'X-Real-IP',
    '192.0.2.7',
    'Forwarded',
    'for=192.0.2.7',
    'Upgrade',
    'h2c',
    'Transfer-Encoding',
    'chunked',
    'Content-Length',
    '3',
    'authorization',
    'Bearer made-up',
  ]);
  expect(sent).toEqual(['Accept', 'application/json', 'authorization', 'Bearer made-up']);
});

test('a vendor can’t set cookies, CORS, transport or reporting rules for the gateway’s origin', () => {
  const head = responseHead(
    raw(
      'Content-Type',
      'application/json',
      'Set-Cookie',
      'id=1',
      'Access-Control-Allow-Origin',
      '*',
      'Strict-Transport-Security',
      'max-age=1',
      'Alt-Svc',
      'h3=":443"',
      'NEL',
      '{}',
      'Report-To',
      '{}',
      'Clear-Site-Data',
      '"*"',
      'X-Drawbridge-Crossing',
      'forged',
      'Content-Length',
      '12',
      'X-Request-Id',
      'r1',
    ),
    ['Vary', 'Origin'],
  );
  expect(head.headers).toEqual(['Content-Type', 'application/json', 'X-Request-Id', 'r1', 'Vary', 'Origin']);
  expect(head.length).toBe(12);
});

test('headers that the vendor’s Connection header names are hop-by-hop', () => {
  const head = responseHead(raw('X-Hop', '1', 'Connection', 'close, X-Hop', 'X-Stay', '2'), []);
  expect(head.headers).toEqual(['X-Stay', '2']);
  expect(head.length).toBe(-1);
});

test.each([
  [
    '{"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":12,"total_tokens":21}}',
    { input: 9, output: 12 },
  ],
  ['{"usage":{"input_tokens": 3,"output_tokens": 4}}', { input: 3, output: 4 }],
  ['{"usage":{"prompt_tokens":5,"total_tokens":5}}', { input: 5, output: 0 }],
  [
    '{"candidates":[],"usageMetadata":{"promptTokenCount":7,"candidatesTokenCount":8,"totalTokenCount":15}}',
    { input: 7, output: 8 },
  ],
  ['{"usageMetadata":{"totalTokenCount":15}}', null],
  ['{"text":"\\"usage\\" is a word","object":"x"}', null],
  ['1', null],
  ['', null],
])('usage of %s', (body, usage) => {
  expect(readUsage(Buffer.from(body))).toEqual(usage);
});
