import { type ContractDocument, ContractRulesSchema } from '@drawbridge/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Fields } from '../crossing.ts';
import { nothingLeft, restOf } from './rest.ts';

const treatments = ['pass', 'drop', 'pseudonymise', 'tokenise', 'refuse'] as const;
const classes = ['person.id', 'person.email', 'event.time', 'event.name', 'event.unmapped'] as const;
const treatment = fc.constantFrom(...treatments).map((name) => ({ do: name }));
const contract: fc.Arbitrary<ContractDocument> = fc
  .record({
    classes: fc.dictionary(fc.constantFrom(...classes), treatment),
    otherwise: treatment,
    unmapped: treatment,
    names: fc.record({
      do: fc.constantFrom('pass' as const, 'pseudonymise' as const),
      allowed: fc.constant([]),
    }),
    properties: fc.dictionary(
      fc.constantFrom('plan', 'team'),
      fc.record({ class: fc.constantFrom(...classes), treatment }),
    ),
  })
  .map((given) => ContractRulesSchema.parse(given));
const done = fc.array(
  fc.tuple(fc.constantFrom(...classes), fc.constantFrom(...treatments), fc.nat(9)),
) as fc.Arbitrary<Fields>;

test('the rest is never laxer than the contract in force, but where all of a class was so treated already', () => {
  fc.assert(
    fc.property(contract, done, (inForce, fields) => {
      const rest = restOf(inForce, fields);
      const all = (name: string) => fields.filter(([one]) => one === name).map(([, how]) => how as string);
      const isAllowed = (name: string, was: { do: string }, is: { do: string }) => {
        if (was.do === is.do) return true;
        const known = all(name);
        const isRepeated = was.do === 'pseudonymise' || was.do === 'tokenise';
        return is.do === 'pass' && isRepeated && known.length > 0 && known.every((how) => how === was.do);
      };
      for (const name of classes) {
        const [was, is] = [inForce, rest].map((one) => one.classes[name] ?? one.otherwise);
        expect(was !== undefined && is !== undefined && isAllowed(name, was, is)).toBe(true);
      }
      for (const [name, { class: fieldClass, treatment: was }] of Object.entries(inForce.properties)) {
        const is = rest.properties[name]?.treatment;
        expect(is !== undefined && isAllowed(fieldClass, was, is)).toBe(true);
      }
      expect(isAllowed('event.unmapped', inForce.unmapped, rest.unmapped)).toBe(true);
      expect(isAllowed('event.name', inForce.names, rest.names)).toBe(true);
    }),
  );
});

test('what was treated in one place only is treated again', () => {
  const inForce = { ...nothingLeft, classes: { 'person.id': { do: 'pseudonymise' as const } } };
  const partly: Fields = [
    ['person.id', 'pseudonymise', 1],
    ['person.id', 'pass', 1],
  ];
  expect(restOf(inForce, partly).classes['person.id']).toEqual({ do: 'pseudonymise' });
  expect(restOf(inForce, partly.slice(0, 1)).classes['person.id']).toEqual({ do: 'pass' });
});
