import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Basis, effectOf, type Falling, type LawFacts, type Leg } from './flows.ts';
import { adequateOn, groupsOf, readTransfers, type Transfers } from './law.ts';
import { shippedTransfers, transfersFile } from './testing.ts';
import { judge, placeKinds, verdicts, worst } from './verdict.ts';

let transfers: Transfers;
let law: LawFacts;
beforeAll(async () => {
  transfers = await shippedTransfers();
  law = { groups: groupsOf(transfers), adequate: adequateOn(transfers, '2026-11-22') };
});

const kind = fc.constantFrom(...placeKinds);
const stated = fc.constantFrom(
  'EU',
  'EEA',
  'DE',
  'US',
  'GLOBAL',
  'UNKNOWN',
  'aws:eu-central-1',
  'aws:nowhere-1',
);
const seenPlace = fc.constantFrom('EU', 'DE', 'US', 'GB', 'GLOBAL', 'EDGE', 'UNKNOWN', 'aws:eu-central-1');

describe('a verdict', () => {
  test.each([
    ['processing', 'EU', 'DE', 'consistent'],
    ['processing', 'EU', 'US', 'contradicts'],
    ['storage', 'DE', 'EU', 'not_provable'],
    ['storage', 'EU', 'EDGE', 'not_provable'],
    ['storage', 'EU', 'UNKNOWN', 'unknown'],
    ['storage', 'UNKNOWN', 'DE', 'unknown'],
    ['storage', 'GLOBAL', 'US', 'not_provable'],
    ['support', 'EU', 'US', 'not_provable'],
    ['backup', 'EU', 'DE', 'not_provable'],
  ] as const)('%s in %s, seen in %s: %s', (of, place, seen, expected) => {
    expect(judge({ kind: of, place }, { place: seen }, law.groups).verdict).toBe(expected);
  });
  test('of what was not seen is unknown', () => {
    expect(judge({ kind: 'storage', place: 'EU' }, null, law.groups).verdict).toBe('unknown');
  });
  test('unknown on either side, an edge and what traffic does not show are never consistent, and never a contradiction', () => {
    fc.assert(
      fc.property(kind, stated, fc.option(seenPlace), (of, place, seen) => {
        const { verdict, says } = judge(
          { kind: of, place },
          seen === null ? null : { place: seen },
          law.groups,
        );
        expect(says).not.toBe('');
        const shows = seen !== null && !['UNKNOWN', 'EDGE', 'GLOBAL'].includes(seen);
        const said = !['UNKNOWN', 'GLOBAL', 'aws:nowhere-1'].includes(place);
        const atEndpoint = of === 'storage' || of === 'processing';
        if (!shows || !said || !atEndpoint) expect(['unknown', 'not_provable']).toContain(verdict);
      }),
    );
  });
  test('of several, the one that a person has to see comes first', () => {
    expect(worst([])).toBeNull();
    expect(worst(['consistent', 'unknown'])).toBe('unknown');
    expect(worst(verdicts)).toBe('contradicts');
  });
});

const dpf: Basis = { kind: 'dpf', certified: true, active: true, coversHr: false };
const scc: Basis = { kind: 'scc', modules: [2], assessedOn: '2026-01-01' };
const leg = (place: string, ...bases: Basis[]): Leg => ({ place, layer: 'declared', bases });
const effect = (falls: Falling, given: Leg) => effectOf(given, falls, law);

describe('what a falling basis takes with it', () => {
  test('the framework: what was declared to rest on it, and what is in the United States without another word', () => {
    expect(effect('dpf', leg('US', dpf))).toMatchObject({ why: 'declared', fallback: null });
    expect(effect('dpf', leg('US', dpf, scc))).toMatchObject({ why: 'declared', fallback: 'scc' });
    expect(effect('dpf', leg('US'))).toMatchObject({ why: 'place', fallback: null });
    expect(effect('dpf', leg('aws:us-east-1'))).toMatchObject({ why: 'place' });
    // Declared to rest on it, wherever data is: a company of the United States reads it from there.
    expect(effect('dpf', leg('EU', dpf))).toMatchObject({ why: 'declared' });
    for (const other of [leg('US', scc), leg('EU'), leg('JP'), leg('UNKNOWN'), leg('EDGE')])
      expect(effect('dpf', other)).toBeNull();
  });
  test('clauses without an assessment carry nothing, and a derogation neither', () => {
    expect(effect('dpf', leg('US', dpf, { ...scc, assessedOn: null }))?.fallback).toBeNull();
    expect(effect('dpf', leg('US', dpf, { kind: 'derogation', letter: 'a' }))?.fallback).toBeNull();
    expect(effect('dpf', leg('US', dpf, { kind: 'bcr' }))?.fallback).toBe('bcr');
  });
  test('one country’s adequacy, and clauses in general', () => {
    expect(effect('adequacy:JP', leg('JP'))).toMatchObject({ why: 'place', fallback: null });
    expect(effect('adequacy:JP', leg('JP', { kind: 'adequacy', country: 'JP' }, scc))?.fallback).toBe('scc');
    expect(effect('adequacy:JP', leg('GB'))).toBeNull();
    expect(effect('adequacy:IN', leg('IN'))).toBeNull();
    expect(effect('scc', leg('JP', scc))?.fallback).toBe('adequacy');
    expect(effect('scc', leg('IN', scc))?.fallback).toBeNull();
  });
  test('what falls is never what carries', () => {
    const basis = fc.constantFrom<Basis>(dpf, scc, { kind: 'bcr' }, { kind: 'adequacy', country: 'JP' });
    const falling = fc.constantFrom<Falling>('dpf', 'scc', 'bcr', 'adequacy:JP');
    fc.assert(
      fc.property(
        fc.constantFrom('US', 'JP', 'IN', 'EU'),
        fc.uniqueArray(basis),
        falling,
        (place, bases, falls) => {
          const found = effect(falls, leg(place, ...bases));
          if (found === null) return;
          expect(found.fallback).not.toBe(falls);
          if (falls === 'adequacy:JP' && place === 'JP') expect(found.fallback).not.toBe('adequacy');
        },
      ),
    );
  });
});

describe('the pack of laws', () => {
  test('has the 30 states, the decisions, and the framework as one that is challenged', () => {
    expect(law.groups.EU.size).toBe(27);
    expect([...law.groups.EEA].filter((state) => !law.groups.EU.has(state)).sort()).toEqual([
      'IS',
      'LI',
      'NO',
    ]);
    expect(law.adequate).toContain('BR');
    expect(law.adequate).not.toContain('US');
    expect(law.adequate).not.toContain('CA');
    expect(transfers.adequacy.find(({ country }) => country === 'US')).toMatchObject({
      status: 'challenged',
    });
  });
  test('a decision holds from its day to its end', () => {
    expect(adequateOn(transfers, '2026-01-25')).not.toContain('BR');
    expect(adequateOn(transfers, '2032-01-01')).not.toContain('GB');
  });
  const uruguay = '{ country: UY, name: Uruguay, covers: whole,';
  test.each([
    ['a fact without a source', "IS, LI, 'NO'], from: commission", "IS, LI, 'NO']", 'states.eea.from'],
    ['a source that is not there', 'from: uk-renewal', 'from: somebody', 'sources'],
    ['a source where nothing was read', 'from: uk-renewal', 'from: brazil', 'sources.uk-renewal'],
    ['a state twice', '[AT, BE,', '[AT, AT, BE,', 'states'],
    ['a state of the area with a decision', uruguay, uruguay.replace('UY', 'DE'), 'adequacy.15.country'],
    ['a country twice', uruguay, uruguay.replace('UY', 'AD'), 'adequacy.15.country'],
    ['a part that is not said', uruguay, uruguay.replace('whole', 'part'), 'adequacy.15'],
    ['a member that there is not', uruguay, `${uruguay} colour: red,`, 'adequacy.15'],
    ['a day that is none', "'2012-08-21'", "'2012-08-41'", 'adequacy.15.valid_from'],
    ['a decision after the pack', "'2012-08-21'", "'2027-08-21'", 'adequacy.15.valid_from'],
  ])('%s is refused where it stands', async (_, before, after, field) => {
    const text = await readFile(transfersFile, 'utf8');
    expect(text).toContain(before);
    const read = readTransfers('transfers.yaml', text.replace(before, after));
    const fields = 'problems' in read ? read.problems.map((problem) => problem.field) : [];
    expect(fields).toContain(field);
    if ('problems' in read) expect(read.problems.every(({ line }) => line > 0)).toBe(true);
  });
  test('aliases and what is no YAML are refused', () => {
    expect(readTransfers('x', 'a: &a [1]\nb: *a\n')).toMatchObject({
      problems: [{ message: expect.stringContaining('aliases') }],
    });
    expect(readTransfers('x', 'a: [')).toMatchObject({ problems: [{ field: '(yaml)' }] });
  });
});
