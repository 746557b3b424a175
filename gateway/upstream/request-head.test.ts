import { expect, test } from 'vitest';
import { RequestError, requestHead } from './request-head.ts';

const request = {
  method: 'POST',
  path: '/v1/chat?x=%20',
  headers: ['Accept', '*/*', 'X-Name', 'caf\xe9'],
  body: null,
};

test('says host and length from what is sent', () => {
  expect(requestHead('vendor.example.test', { ...request, body: Buffer.from('hi') })).toBe(
    'POST /v1/chat?x=%20 HTTP/1.1\r\nHost: vendor.example.test\r\nConnection: keep-alive\r\nAccept: */*\r\nX-Name: caf\xe9\r\nContent-Length: 2\r\n\r\n',
  );
  expect(requestHead('v', request)).toContain('Content-Length: 0\r\n');
  expect(requestHead('v', { ...request, method: 'GET' })).not.toContain('Content-Length');
});

test.each([
  ['a line break in a value', { headers: ['X-A', '1\r\nX-B: 2'] }],
  ['a line feed in a value', { headers: ['X-A', '1\n2'] }],
  ['NUL in a value', { headers: ['X-A', '\0'] }],
  ['a character beyond latin1', { headers: ['X-A', 'š'] }],
  ['a line break in a name', { headers: ['X\r\nA', '1'] }],
  ['a colon in a name', { headers: ['X:A', '1'] }],
  ['no name', { headers: ['', '1'] }],
  ['a space in the path', { path: '/a b' }],
  ['a line break in the path', { path: '/a HTTP/1.1\r\nX: 1\r\n\r\n' }],
  ['a space in the method', { method: 'GET /x' }],
])('refuses %s', (_what, change) => {
  expect(() => requestHead('v', { ...request, ...change })).toThrow(RequestError);
});
