import { parse } from '@drawbridge/jsonedit';
import { describe, expect, it } from 'vitest';
import { compileMap, minimiseDocument, Observations } from './index.ts';
import { keyed, mapOf, rulesOf } from './testing/keyed.ts';

describe('records at one of several places', () => {
  const map = mapOf(
    [
      { path: 'email', class: 'email' },
      { path: '$.key', class: 'technical' },
    ],
    {
      records: 'batch[*] | $[*]',
      subjects: [{ path: 'email', kind: 'email', rank: 0 }],
    },
  );
  const compiled = compileMap(map, rulesOf({ email: { do: 'pseudonymise' } }), { sightingKind: 'property' });
  const email = (name: string) => keyed.pseudonym(name);
  const crossing = (body: unknown) => {
    const seen = new Observations(keyed, new Set());
    const text = minimiseDocument(parse(JSON.stringify(body)), compiled, seen, null);
    return [JSON.parse(text), seen.observed().filter(({ item }) => item.subject !== null).length];
  };

  it.each([
    [
      { key: 'k', batch: [{ email: 'a' }, { email: 'b' }] },
      { key: 'k', batch: [{ email: email('a') }, { email: email('b') }] },
      2,
    ],
    [[{ email: 'a' }, { email: 'b', x: 1 }], [{ email: email('a') }, { email: email('b') }], 2],
    [{ key: 'k', email: 'a', x: 1 }, { key: 'k', email: email('a') }, 1],
    [{ key: 'k', batch: 'x', email: 'a' }, { key: 'k' }, 0],
  ])('%j', (body, expected, people) => expect(crossing(body)).toEqual([expected, people]));

  it('must each be names and elements', () => {
    for (const records of ['batch[*] | *', '$ | a.**', ' | $']) {
      expect(() => compileMap({ ...map, records }, rulesOf({}), { sightingKind: 'property' })).toThrow();
    }
  });
});
