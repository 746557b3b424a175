import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ChainEdge } from '../api/chain-types.ts';
import { draftOf, emptyLink, readConditions, saidOf } from './link-form.ts';
import { meantBy } from './vendor-field.tsx';

const edge: ChainEdge = {
  id: 'e',
  from: 'a',
  to: 'b',
  layer: 'declared',
  scopes: ['content'],
  source: { kind: 'list', text: 'List of sub-processors, version 2' },
  firstSeenAt: '2026-01-02T10:00:00Z',
  lastSeenAt: '2026-01-02T10:00:00Z',
  validFrom: '2026-01-02T10:11:12.345Z',
  validUntil: null,
  conditions: [
    { kind: 'plan', is: 'Enterprise: gold' },
    { kind: 'region', is: 'EU' },
  ],
  conditionsText: null,
  note: 'Hosting',
};

test('a link that is opened and saved without a change says what it said, to the millisecond', () => {
  const draft = draftOf(edge);
  const read = readConditions(draft.conditions);
  expect(read).toEqual({ conditions: edge.conditions });
  expect(saidOf(draft, edge, edge.conditions)).toEqual({
    scopes: ['content'],
    source: { kind: 'evidence', text: 'List of sub-processors, version 2' },
    validFrom: edge.validFrom,
    validUntil: null,
    conditions: edge.conditions,
    conditionsText: null,
    note: 'Hosting',
  });
  expect(saidOf({ ...draft, validFrom: '2026-01-03' }, edge, []).validFrom).toBe('2026-01-03T00:00:00Z');
  expect(saidOf({ ...emptyLink, validUntil: '2026-01-03' }, null, []).validUntil).toBe(
    '2026-01-03T00:00:00Z',
  );
});

test('a line that is no condition is named by its number', () => {
  expect(readConditions('\nPlan : Enterprise \n\nEU only')).toEqual({ wrongLine: 4 });
  expect(readConditions('plan:')).toEqual({ wrongLine: 1 });
  expect(readConditions(' \n')).toEqual({ conditions: [] });
});

test('a name means the vendor that has it, else a new one with an id that the API takes', () => {
  const vendors = [
    { id: 'aws', name: 'Amazon Web Services' },
    { id: 'acme', name: 'Acme' },
  ];
  expect(meantBy(' amazon web services', vendors)).toMatchObject({ id: 'aws', isNew: false });
  expect(meantBy('aws', vendors)).toMatchObject({ name: 'Amazon Web Services', isNew: false });
  expect(meantBy('Quökka & Söhne, Inc.', vendors)).toEqual({
    id: 'quokka-sohne-inc',
    name: 'Quökka & Söhne, Inc.',
    isNew: true,
  });
  expect(meantBy('us', vendors)).toBeNull();
  fc.assert(
    fc.property(fc.string(), (text) => {
      const meant = meantBy(text, vendors);
      return meant === null || /^[a-z0-9][a-z0-9-]{0,60}$/.test(meant.id);
    }),
  );
});
