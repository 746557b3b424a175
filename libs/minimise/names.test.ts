import { parse } from '@drawbridge/jsonedit';
import { expect, it } from 'vitest';
import { type ContractRules, compileMap, minimiseDocument, Observations } from './index.ts';
import { keyed, mapOf, rulesOf } from './testing/keyed.ts';

/** Which names cross as values: event names and path segments under a contract that pseudonymises unknown ones. */
const map = mapOf([
  { path: 'event', class: 'name', name: true },
  { path: 'url', class: 'url' },
]);
const p = keyed.pseudonym;

function sent(properties: ContractRules['properties']): unknown {
  const rules = rulesOf(
    { url: { do: 'generalise', to: 'origin_path' } },
    { names: { do: 'pseudonymise', allowed: ['Opened'] }, properties },
  );
  const compiled = compileMap(map, rules, { sightingKind: 'property', keyPaths: [] });
  const body = [
    { event: 'Opened', url: 'https://a.example.com/Opened' },
    { event: 'Diagnosis', url: 'https://a.example.com/Diagnosis' },
  ];
  return body.map((record) =>
    JSON.parse(
      minimiseDocument(parse(JSON.stringify(record)), compiled, new Observations(keyed, new Set()), null),
    ),
  );
}

it('a property that was allowed to pass may be named in a value too', () => {
  const allowed = { Diagnosis: { class: 'plan', treatment: { do: 'pass' } } } as const;
  expect(sent(allowed)).toEqual([
    { event: 'Opened', url: 'https://a.example.com/Opened' },
    { event: 'Diagnosis', url: 'https://a.example.com/Diagnosis' },
  ]);
});

it.each(['drop', 'pseudonymise', 'refuse'] as const)(
  'a property that the contract sets to %s lets no event name or path segment cross',
  (treatment) => {
    expect(sent({ Diagnosis: { class: 'plan', treatment: { do: treatment } } })).toEqual([
      { event: 'Opened', url: 'https://a.example.com/Opened' },
      { event: p('Diagnosis'), url: `https://a.example.com/${p('Diagnosis')}` },
    ]);
  },
);
