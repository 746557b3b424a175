import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readDetail } from './detail.ts';

test.each([
  [
    { before: { perMinute: 60, perDay: null }, after: { perMinute: 600, perDay: null } },
    [{ name: 'perMinute', before: '60', after: '600' }],
    [],
  ],
  [
    { owner: 'Shop team', was: { name: 'web-shop', owner: 'Platform team' } },
    [{ name: 'owner', before: 'Platform team', after: 'Shop team' }],
    [],
  ],
  [
    { changed: ['mode'], credentialDropped: false, mode: { from: 'observe', to: 'enforce' } },
    [{ name: 'mode', before: 'observe', after: 'enforce' }],
    [
      { name: 'changed', value: 'mode' },
      { name: 'credentialDropped', value: 'false' },
    ],
  ],
  [{ added: ['openai'], removed: [] }, [{ name: 'added', before: null, after: 'openai' }], []],
  [
    { breakGlass: 'bg_1', was: 'asked' },
    [],
    [
      { name: 'breakGlass', value: 'bg_1' },
      { name: 'was', value: 'asked' },
    ],
  ],
  [
    { stays: [{ subject: { kind: 'key' }, text: 'It stays revoked.' }] },
    [],
    [{ name: 'stays', value: 'It stays revoked.' }],
  ],
  [{}, [], []],
])('%j is read', (detail, differences, facts) => {
  expect(readDetail(detail)).toEqual({ differences, facts });
});

test('whatever a detail holds is read, and nothing that it says at its first level is lost', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.stringMatching(/^[a-z]{1,6}$/), fc.oneof(fc.integer(), fc.jsonValue())),
      (detail) => {
        const { differences, facts } = readDetail(detail);
        const said = JSON.stringify([differences, facts]);
        for (const value of Object.values(detail)) {
          if (typeof value === 'number') expect(said).toContain(String(value));
        }
      },
    ),
  );
});
