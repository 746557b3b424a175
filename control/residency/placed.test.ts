import { expect, test } from 'vitest';
import { placedOf } from './placed.ts';
import type { Stand } from './where.ts';

const said = (given: object) => ({
  statement: {
    class: null,
    kind: 'storage',
    place: 'EU',
    jurisdiction: 'US',
    source: 'a contract',
    withdrawn: false,
    ...given,
  },
});
const seen = (place: string) => ({ found: { place, by: 'host_rule', says: `a host in ${place}` } });
const stand = (statements: object[], endpoints: object[]) =>
  ({ vendor: 'acme', name: 'Acme', verdict: 'unknown', statements, seen: endpoints }) as unknown as Stand;

test('what is said comes with its kind and law, what was seen with neither, each once', () => {
  const placed = placedOf(
    stand(
      [said({}), said({ class: 'person.email', jurisdiction: null }), said({})],
      [seen('US'), seen('US')],
    ),
  );
  expect(placed).toEqual([
    {
      class: null,
      kind: 'storage',
      place: 'EU',
      jurisdiction: 'US',
      layer: 'declared',
      source: 'a contract',
    },
    {
      class: 'person.email',
      kind: 'storage',
      place: 'EU',
      jurisdiction: null,
      layer: 'declared',
      source: 'a contract',
    },
    {
      class: null,
      kind: 'reached',
      place: 'US',
      jurisdiction: null,
      layer: 'observed',
      source: 'a host in US',
    },
  ]);
});

test('what was withdrawn, and places that prove nothing, are left out', () => {
  expect(placedOf(stand([said({ withdrawn: true })], [seen('EDGE'), seen('UNKNOWN')]))).toEqual([]);
});
