import type { Connection } from '@drawbridge/protocol';
import { expect, test } from 'vitest';
import type { Minimised } from '../crossing.ts';
import { signerOf } from './signer.ts';

const placement = { in: 'signature' as const, scheme: 'aws-sigv4' as const, service: 'made-up' };
const config: Connection = {
  id: 'c',
  slug: 'c',
  vendor: 'v',
  service: 's',
  region: 'eu-central-1',
  upstream: { scheme: 'https', host: 'vendor.example.test', port: 443, private: false },
  state: 'open',
  credential: null,
  contract: {
    id: 'k',
    version: 1,
    rules: {
      classes: {},
      otherwise: { do: 'pass' },
      unmapped: { do: 'pass' },
      names: { do: 'pass', allowed: [] },
      properties: {},
    },
  },
  origins: [],
};

function sign(headers: string[], credential = 'MADEUPID:made-up-secret'): string[] {
  const signer = signerOf(placement, config, credential);
  if (typeof signer === 'string') throw new Error(signer);
  const request: Minimised = {
    method: 'POST',
    path: '/model/m/invoke',
    query: '',
    headers,
    body: Buffer.from('{}'),
    items: [],
    fields: [],
    would: null,
    kept: null,
    imitated: 0,
    tokens: null,
  };
  return signer.sign(request, Date.UTC(2026, 0, 1)).headers;
}

const named = (headers: string[], name: string): string[] =>
  headers.filter((_, at) => at % 2 === 1 && headers[at - 1]?.toLowerCase() === name);

test('what a client says of signatures of its own does not go beside ours', () => {
  const headers = sign([
    'X-Amz-Date',
    '20200101T000000Z',
    'x-amz-security-token',
    'made-up-token-of-the-app',
    'Authorization',
    'AWS4-HMAC-SHA256 Credential=OTHER',
    'X-Amz-Content-Sha256',
    'UNSIGNED-PAYLOAD',
    'X-Amzn-Trace',
    'kept',
  ]);
  expect(named(headers, 'x-amz-date')).toEqual(['20260101T000000Z']);
  expect(named(headers, 'x-amz-security-token')).toEqual([]);
  expect(named(headers, 'x-amz-content-sha256')).toEqual([]);
  expect(named(headers, 'x-amzn-trace')).toEqual(['kept']);
  expect(named(headers, 'authorization')).toEqual([
    expect.stringMatching(/^AWS4-HMAC-SHA256 Credential=MADEUPID\//),
  ]);
  expect(headers.join()).not.toContain('made-up-secret');
});

test.each(['', 'ID', 'ID:', ':secret', 'a:b:c:d'])(
  'a credential that is none of AWS is unusable: %j',
  (text) => {
    expect(signerOf(placement, config, text)).toBe('credential_unusable');
  },
);
