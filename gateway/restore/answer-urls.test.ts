import { parsePath } from '@drawbridge/minimise';
import { describe, expect, it } from 'vitest';
import { answerUrls } from './answer-urls.ts';

const connection = {
  slug: 'acme-eu',
  upstream: { scheme: 'https' as const, host: 'api.acme.test', port: 443, private: false },
};
const rewrite = (text: string, headers: Record<string, string> = { host: 'gw.example.com:4410' }) =>
  answerUrls([parsePath('results_url'), parsePath('data[*].url')], connection, headers, false)
    ?.rewrite(Buffer.from(text))
    .toString();

describe('addresses in an answer', () => {
  it('lead through the gateway where they are at the connection’s own upstream; all else keeps its bytes', () => {
    const answer = (one: string, two: string) =>
      `{ "results_url":"${one}",\n "other":"https://api.acme.test/x", "data":[{"url" : "${two}"},{"url":null}] }`;
    expect(rewrite(answer('https://api.acme.test/v1/a?b=c#d', 'https:\\/\\/api.acme.test:443\\/e'))).toBe(
      answer('http://gw.example.com:4410/acme-eu/v1/a?b=c#d', 'http://gw.example.com:4410/acme-eu/e'),
    );
  });

  it.each([
    'https://files.acme.test/v1/a',
    'http://api.acme.test/v1/a',
    'https://api.acme.test:8443/v1/a',
    'https://api.acme.test.example.com/v1/a',
    'https://user:made-up@api.acme.test/v1/a',
    '/v1/a',
    'not an address',
  ])('stay as they are at another place: %s', (url) => {
    const text = `{"results_url":"${url}"}`;
    expect(rewrite(text)).toBe(text);
  });

  it.each(['', 'no JSON', '{"results_url":', '[]', '{"results_url":{"a":1}}'])(
    'stay in an answer of %j',
    (text) => expect(rewrite(text)).toBe(text),
  );

  it('name the host as the client, or the proxy before us, says it; nothing that is no host', () => {
    const text = '{"results_url":"https://api.acme.test/a"}';
    const proxied = {
      host: 'inner:1',
      'x-forwarded-host': 'gw.example.com',
      'x-forwarded-proto': 'https, http',
    };
    expect(rewrite(text, proxied)).toBe('{"results_url":"https://gw.example.com/acme-eu/a"}');
    expect(rewrite(text, { host: '[::1]:4410' })).toContain('http://[::1]:4410/acme-eu/a');
    for (const host of ['a/b', 'a b', 'user@a', '"', '']) expect(rewrite(text, { host })).toBeUndefined();
    expect(rewrite(text, {})).toBeUndefined();
  });
});
