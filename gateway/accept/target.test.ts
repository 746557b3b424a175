import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseTarget } from './target.ts';

test('takes the connection off the path and leaves the rest as it was sent', () => {
  expect(parseTarget('/ai-eu/v1/models/gpt%2D4?limit=2&q=%2F..')).toEqual({
    slug: 'ai-eu',
    path: '/v1/models/gpt%2D4',
    query: 'limit=2&q=%2F..',
  });
  expect(parseTarget('/ai-eu')).toEqual({ slug: 'ai-eu', path: '/', query: '' });
  expect(parseTarget('/mp/track/?data=e30%3D')).toEqual({
    slug: 'mp',
    path: '/track/',
    query: 'data=e30%3D',
  });
});

test.each([
  'http://vendor.example.com/v1/models',
  '//vendor.example.com/v1',
  '*',
  '',
  'ai/v1',
  '/ai/../other/v1',
  '/ai/./v1',
  '/ai/v1/..',
  '/ai/%2e%2e/other',
  '/ai/%2E./other',
  '/ai/.%2e/other',
  '/ai/%252e%252e/other',
  '/ai/v1%2f..%2fadmin',
  '/ai/v1%5cadmin',
  '/ai/v1%255cadmin',
  '/ai/v1\\admin',
  '/ai/v1/..;/admin',
  '/ai/v1/%2e.%3b/admin',
  '/ai//v1',
  '/ai/v1//models',
  '/ai/v1/%00',
  '/ai/v1/a b',
  '/ai/v1/\u00e9',
  '/ai/v1/#top',
  '/ai/v1/models?q=a b',
  '/ai/v1/models?q=\u0000',
  '/ai/v1/models#x',
])('%s is refused', (url) => {
  expect(() => parseTarget(url)).toThrow(expect.objectContaining({ code: 'bad_request', stage: 'accept' }));
});

test('whatever passes resolves to itself under the rules of URLs', () => {
  const piece = fc.constantFrom(
    'a',
    '.',
    '..',
    '/',
    '%2e',
    '%2f',
    '%25',
    '\\',
    '%5c',
    '%00',
    ';',
    'v1',
    '%',
    '~',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const url = `/ai/${pieces.join('')}`;
      let target: ReturnType<typeof parseTarget>;
      try {
        target = parseTarget(url);
      } catch {
        return;
      }
      expect(new URL(`http://vendor.example.com${target.path}`).pathname).toBe(target.path);
    }),
    { numRuns: 2000 },
  );
});
