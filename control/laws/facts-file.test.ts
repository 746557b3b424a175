import { readFile } from 'node:fs/promises';
import { Clocks } from '@drawbridge/clocks';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LARGEST_FACTS, readFactsFile } from './facts-file.ts';
import { shippedClockLaw } from './testing.ts';

const whole = {
  format: 'drawbridge.deadlines/1',
  at: '2025-11-26T09:00:00+01:00',
  organisation: {
    name: 'Nordlicht',
    country: 'DE',
    zone: 'Europe/Berlin',
    countries: ['DE'],
    answers: { controller: 'yes', financial_entity: 'none' },
    competent: { GDPR: { country: 'IE' } },
    extra_holidays: ['2025-11-19'],
  },
  incident: {
    name: 'Mixpanel',
    answers: { ongoing: 'no' },
    times: { aware_personal_data: '2025-11-25T14:25:00+01:00', told_by_vendor: '2025-11-25T10:00:00Z' },
  },
  ends: {
    'gdpr-33': { submissions: [{ at: '2025-11-26T08:00:00+01:00', what: 'Initial', receipt: 'R-7' }] },
    'gdpr-34': {
      not_required: { reason: 'no high risk', decided_by: 'DPO', at: '2025-11-26T08:30:00+01:00' },
    },
  },
  reviews: { 'gdpr-33': { by: 'Counsel', on: '2025-01-10' } },
  rules: [
    {
      id: 'customer-7',
      kind: 'customer',
      clause: 'DPA, clause 7',
      title: 'Notice to the customer',
      who: 'we',
      starts: { time: 'told_by_vendor' },
      due: { within: { hours: 24 }, counting: { by: 'elapsed' } },
      recipient: 'the customer',
      as_of: '2025-01-01',
      puts_number_on: 'gdpr-33-2',
    },
  ],
};
const clocks = new Clocks(await shippedClockLaw());

/** Problems of the whole facts with one member set, `a.b.c`. */
function refused(path: string, value: unknown): string[] {
  const changed = structuredClone(whole) as Record<string, unknown>;
  const names = path.split('.');
  let at: Record<string, unknown> = changed;
  for (const name of names.slice(0, -1)) at = at[name] as Record<string, unknown>;
  at[names.at(-1) ?? ''] = value;
  const read = readFactsFile(JSON.stringify(changed));
  return 'problems' in read ? read.problems.map(({ field, message }) => `${field}: ${message}`) : [];
}

describe('a file of facts', () => {
  it('is read whole', () => {
    const read = readFactsFile(JSON.stringify(whole));
    if ('problems' in read) throw new Error(JSON.stringify(read.problems));
    expect(read.at).toBe(whole.at);
    expect(read.names).toEqual({ organisation: 'Nordlicht', incident: 'Mixpanel' });
    const result = clocks.deadlines(read.facts, Date.parse(whole.at));
    const state = (rule: string): string | undefined =>
      result.clocks.find((clock) => clock.rule === rule)?.state;
    expect(state('gdpr-33')).toBe('submitted');
    expect(state('gdpr-34')).toBe('not_required');
    expect(state('customer-7')).toBe('running');
    expect(result.clocks.find(({ rule }) => rule === 'customer-7')).toMatchObject({
      regime: 'Customer',
      source: { citation: 'DPA, clause 7', grade: 'contract' },
      due: { at: '2025-11-26T11:00:00+01:00' },
    });
  });

  it.each([
    ['organisation.what', 1, 'organisation.what: there is no such member'],
    ['organisation.country', 'Germany', 'organisation.country: is no country of two capital letters'],
    ['organisation.answers', 'yes', 'organisation.answers: Invalid input: expected record, received string'],
    ['organisation.extra_holidays', ['tomorrow'], 'organisation.extra_holidays.0: Invalid ISO date'],
    ['incident', null, 'incident: Invalid input: expected object, received null'],
    [
      'incident.times.aware_personal_data',
      1700000000,
      'incident.times.aware_personal_data: Invalid input: expected string, received number',
    ],
    [
      'ends.gdpr-33.submissions',
      [{ at: whole.at }],
      'ends.gdpr-33.submissions.0.what: Invalid input: expected string, received undefined',
    ],
    [
      'ends.gdpr-34.not_required',
      { reason: 'x' },
      'ends.gdpr-34.not_required.decided_by: Invalid input: expected string, received undefined',
    ],
    ['format', 'drawbridge.deadlines/2', 'format: Invalid input: expected "drawbridge.deadlines/1"'],
    [
      'rules',
      [{ ...whole.rules[0], kind: 'law' }],
      'rules.0.kind: Invalid option: expected one of "contract"|"insurer"|"customer"',
    ],
    [
      'rules',
      [{ ...whole.rules[0], due: { within: { hours: 'many' }, counting: { by: 'elapsed' } } }],
      'rules.0.due.within.hours: Invalid input: expected number, received string',
    ],
  ])('with a wrong %s is refused, with the member', (path, value, message) => {
    expect(refused(path, value)).toContain(message);
  });

  it('can not name members that JavaScript has of its own', () => {
    const read = readFactsFile(
      JSON.stringify(whole).replace('"controller":"yes"', '"__proto__":{"controller":"yes"}'),
    );
    expect(read).toEqual({ problems: [{ field: '(file)', message: 'has a member __proto__' }] });
  });

  it('that is no JSON, too large or too deep is refused without its content', () => {
    const message = (text: string): string => {
      const read = readFactsFile(text);
      return 'problems' in read ? read.problems.map((one) => one.message).join() : '';
    };
    expect(message('{"name": secret')).toBe('is no JSON');
    expect(message('')).toBe('is no JSON');
    expect(message(`"${'x'.repeat(LARGEST_FACTS)}"`)).toBe(`has more than ${LARGEST_FACTS} characters`);
    expect(message('['.repeat(100_000) + ']'.repeat(100_000))).toBe('nests deeper than 20');
    expect(message('null')).toContain('expected object');
  });

  it('that the documentation shows is right', async () => {
    const docs = await readFile(new URL('../../docs/deadlines.md', import.meta.url), 'utf8');
    const read = readFactsFile(/```json\n([\s\S]*?)```/.exec(docs)?.[1] ?? '');
    if ('problems' in read) throw new Error(JSON.stringify(read.problems));
    const { clocks: all } = clocks.deadlines(read.facts, Date.parse('2025-11-28T10:00:00Z'));
    expect(all.find(({ rule }) => rule === 'gdpr-33')?.state).toBe('submitted');
    expect(all.find(({ rule }) => rule === 'gdpr-33-2')?.numbers.map(({ rule }) => rule)).toEqual([
      'customer-dpa-7',
    ]);
  });

  it('that is flooded is refused within a moment', () => {
    const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`q${n}`, 'yes']));
    const began = performance.now();
    expect(refused('organisation.answers', many)).toEqual([]);
    const read = readFactsFile(JSON.stringify({ ...whole, rules: Array.from({ length: 5000 }, () => 0) }));
    expect('problems' in read && read.problems.length).toBeLessThanOrEqual(100);
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  it('whatever it holds, is read or refused', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (text) => {
        const read = readFactsFile(text);
        expect('problems' in read && read.problems.length > 0).toBe(true);
      }),
    );
  });
});
