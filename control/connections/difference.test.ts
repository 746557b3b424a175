import { type Leaf, treatmentNames } from '@drawbridge/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { madeUpCrossing } from '../crossings/testing.ts';
import { differenceOf, enforced, isDecidedByMode, treatmentIn } from './difference.ts';

const at = Date.UTC(2026, 0, 1);
const leafOf = (part: Partial<Leaf>): Leaf => madeUpCrossing(at, [], part).leaf;
const sorted = (rows: readonly (readonly unknown[])[]) => rows.map((row) => row.join(' ')).sort();
const on = { contract: 1, keysInBody: false };

const observed = leafOf({
  mode: 'observe',
  fields: [
    ['person.id', 'pass', 3],
    ['content.prompt', 'pass', 2],
    ['model.parameter', 'pass', 1],
  ],
  would: {
    fields: [
      ['person.id', 'pseudonymise', 3],
      ['content.prompt', 'refuse', 1],
    ],
    reason: 'field_refused',
  },
});

describe('what the contract does with a crossing', () => {
  test('is found again from what was done and what would have been', () => {
    expect(sorted(enforced(observed).fields)).toEqual([
      'content.prompt pass 1',
      'content.prompt refuse 1',
      'model.parameter pass 1',
      'person.id pseudonymise 3',
    ]);
    const minimised = leafOf({
      mode: 'minimise',
      fields: [['person.id', 'drop', 3]],
      would: { fields: [['person.id', 'refuse', 2]], reason: 'field_refused' },
    });
    expect(sorted(enforced(minimised).fields)).toEqual(['person.id drop 1', 'person.id refuse 2']);
  });

  test('is the same whichever mode the crossing was taken in', () => {
    const field = fc.tuple(
      fc.constantFrom('person.id' as const, 'geo.city' as const, 'secret.api_key' as const),
      fc.constantFrom(...treatmentNames),
      fc.integer({ min: 1, max: 9 }),
    );
    const contract = fc.uniqueArray(field, {
      selector: ([name, treatment]) => `${name} ${treatment}`,
      maxLength: 8,
    });
    fc.assert(
      fc.property(contract, fc.constantFrom('observe', 'minimise'), (fields, mode) => {
        const done = new Map<string, Leaf['fields'][number]>();
        const would: Leaf['fields'] = [];
        for (const [name, treatment, count] of fields) {
          const how = treatmentIn(mode, name, treatment);
          done.set(`${name} ${how}`, [name, how, (done.get(`${name} ${how}`)?.[2] ?? 0) + count]);
          if (how !== treatment) would.push([name, treatment, count]);
        }
        const leaf = leafOf({ mode, fields: [...done.values()], would: { fields: would, reason: null } });
        expect(sorted(enforced(leaf).fields)).toEqual(sorted(fields));
        const same = differenceOf([leaf], { from: mode, to: mode, ...on });
        expect(same.rows.every((row) => row.now === row.after)).toBe(true);
      }),
    );
  });
});

describe('the difference', () => {
  test('says by class what changes, over how many crossings and values, and which are behind it', () => {
    const other = leafOf({
      mode: 'observe',
      contract: { id: 'contract-1', version: 2 },
      fields: [['person.id', 'pass', 1]],
      would: { fields: [['person.id', 'pseudonymise', 1]], reason: null },
    });
    const { rows, ...rest } = differenceOf([other, observed], { from: 'observe', to: 'enforce', ...on });
    expect(rows.slice(0, 2)).toEqual([
      {
        class: 'content.prompt',
        now: 'pass',
        after: 'refuse',
        crossings: 1,
        values: 1,
        examples: [observed.id],
      },
      {
        class: 'person.id',
        now: 'pass',
        after: 'pseudonymise',
        crossings: 2,
        values: 4,
        examples: [other.id, observed.id],
      },
    ]);
    expect(rest).toMatchObject({
      crossings: 2,
      since: new Date(at).toISOString(),
      otherContracts: 1,
      refusedUnread: 0,
      refusedNow: [],
      refusedAfter: [{ reason: 'field_refused', crossings: 1, examples: [observed.id] }],
    });
  });

  test('of no crossings says that there are none', () => {
    const nothing = differenceOf([], { from: 'observe', to: 'enforce', ...on });
    expect(nothing).toMatchObject({ crossings: 0, since: null, latest: null, rows: [] });
  });

  test('lets what was refused cross where the mode would, and never a secret', () => {
    const refused = (part: Partial<Leaf>) =>
      leafOf({ decision: 'refused', stage: 'minimise', reason: 'field_refused', ...part });
    const leaves = [
      refused({ fields: [['person.id', 'refuse', 1]] }),
      refused({ fields: [['secret.api_key', 'refuse', 1]] }),
      refused({ reason: 'policy_denied', stage: 'authorise', fields: [] }),
      refused({ reason: 'body_unreadable', stage: 'inspect', fields: [] }),
    ];
    const over = (to: 'observe' | 'minimise', keysInBody: boolean) =>
      differenceOf(leaves, { from: 'enforce', to, contract: 1, keysInBody }).refusedAfter.map(
        ({ reason, crossings }) => [reason, crossings],
      );
    expect(over('observe', false)).toEqual([['field_refused', 1]]);
    expect(sorted(over('observe', true))).toEqual(['body_unreadable 1', 'field_refused 1']);
    expect(sorted(over('minimise', false))).toEqual(['body_unreadable 1', 'field_refused 1']);
    const { rows, refusedUnread } = differenceOf(leaves, { from: 'enforce', to: 'minimise', ...on });
    expect(refusedUnread).toBe(4);
    expect(rows.map((row) => `${row.class} ${row.now} ${row.after}`).sort()).toEqual([
      'person.id refuse drop',
      'secret.api_key refuse refuse',
    ]);
  });

  test('leaves out what every mode refuses', () => {
    const limited = leafOf({ decision: 'refused', reason: 'rate_limited', stage: 'admit', fields: [] });
    expect(isDecidedByMode(limited)).toBe(false);
  });
});
