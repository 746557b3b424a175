import { expect, test } from 'vitest';
import { whatPersists } from './persists.ts';

test.each<[number, number, string]>([
  [0, 0, 'Nothing was seen to cross'],
  [0, 2, 'named in 2 items of others'],
  [1, 2, 'What 1 vendor got'],
])(
  'with %i vendors listed and %i items of others it does not say too little',
  (vendors, remainders, said) => {
    const counts = { identifiers: 1, items: 0, remainders, crossings: 2 };
    const told = whatPersists(0, { counts, vendors, gateways: [] });
    expect(told.find(({ what }) => what === 'vendors')?.text).toContain(said);
  },
);
