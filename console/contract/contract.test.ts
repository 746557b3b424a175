import { ContractRulesSchema } from '@drawbridge/protocol/contract';
import { type Service, ServiceSchema } from '@drawbridge/protocol/pack';
import { describe, expect, test } from 'vitest';
import { fakeServices } from '../testing/fake-packs.ts';
import { type PreviewLine, previewOf } from './preview.ts';
import {
  choiceOf,
  choicesFor,
  classesOf,
  differences,
  isContract,
  listOf,
  ruleFor,
  treatmentOf,
  withAllowedName,
  withoutProperty,
  withProperty,
  withRule,
} from './rules.ts';
import { readSample, SampleError } from './sample.ts';

const mixpanel = fakeServices['mixpanel/analytics'] as Service;
const openai = fakeServices['openai/api'] as Service;
const { recommended, as_is: asIs } = mixpanel.contracts;

test('the packs made up for tests are packs', () => {
  for (const service of Object.values(fakeServices)) expect(() => ServiceSchema.parse(service)).not.toThrow();
});

describe('rules', () => {
  test('every choice of every class makes a contract that the protocol takes, and reads back as itself', () => {
    for (const name of classesOf(mixpanel)) {
      for (const choice of choicesFor(name, ruleFor(recommended, name))) {
        const changed = withRule(recommended, name, treatmentOf(choice, ruleFor(recommended, name)));
        expect(ContractRulesSchema.parse(changed)).toEqual(changed);
        expect(choiceOf(ruleFor(changed, name))).toBe(choice);
      }
    }
  });

  test('listed values stay where they can be, and go where they cannot', () => {
    const country = ruleFor(recommended, 'geo.country');
    expect(treatmentOf('pass', country)).toMatchObject({
      do: 'pass',
      values: expect.arrayContaining(['NL']),
    });
    expect(treatmentOf('drop', country)).toEqual({ do: 'drop' });
  });

  test('differences count what changed, once each', () => {
    expect(differences(recommended, recommended)).toBe(0);
    const changed = withProperty(
      withAllowedName(withRule(recommended, 'network.ip', { do: 'pass' }), 'Key created'),
      'plan_tier',
      {
        class: 'event.property',
        treatment: { do: 'pass' },
      },
    );
    expect(differences(recommended, changed)).toBe(3);
    expect(differences(recommended, withoutProperty(changed, 'plan_tier'))).toBe(2);
    expect(ContractRulesSchema.parse(changed)).toEqual(changed);
  });

  test('a stored draft is a contract or is left out', () => {
    expect(isContract(recommended)).toBe(true);
    for (const draft of [null, 'x', {}, { ...recommended, names: 'x' }])
      expect(isContract(draft)).toBe(false);
  });

  test('lists are read from lines and commas', () => {
    expect(listOf(' NL, DE\n\nNL\nFR ')).toEqual(['NL', 'DE', 'FR']);
  });
});

function lineOf(lines: readonly PreviewLine[], name: string): PreviewLine | undefined {
  return lines.find((line) => line.before?.startsWith(`"${name}"`));
}

describe('before and after', () => {
  const { lines, names, bytes } = previewOf(mixpanel, 'track', recommended, mixpanel.sample.body);

  test.each([
    ['$email', 'drop', null],
    ['ip', 'drop', null],
    ['plan_tier', 'drop', null],
    ['mp_country_code', 'pass', '"mp_country_code": "NL"'],
    ['time', 'pass', '"time": 1762600000'],
  ])('%s meets %s', (name, treatment, after) => {
    expect(lineOf(lines, name)).toMatchObject({ treatment, after });
  });

  test('identifiers become pseudonyms, addresses become patterns, the key is swapped', () => {
    expect(lineOf(lines, 'distinct_id')).toMatchObject({
      treatment: 'pseudonymise',
      after: expect.stringMatching(/^"distinct_id": "[\w-]{22}"$/),
    });
    expect(lineOf(lines, '$current_url')?.treatment).toBe('generalise');
    expect(lineOf(lines, '$current_url')?.after).not.toContain('ada');
    expect(lineOf(lines, 'token')).toMatchObject({
      treatment: null,
      after: expect.not.stringContaining('dbk_'),
    });
  });

  test('nothing of a person is left on the right', () => {
    const right = lines.map((line) => line.after ?? '').join('\n');
    for (const value of [
      'ada@example.com',
      'Ada Example',
      '203.0.113.9',
      'Utrecht',
      'user-4711',
      'org-example-77',
    ]) {
      expect(mixpanel.sample.body).toContain(value);
      expect(right).not.toContain(value);
    }
    expect(bytes.after).toBeLessThan(bytes.before);
  });

  test('names that no rule knows are found; once allowed they cross', () => {
    expect(names).toContainEqual({ name: 'plan_tier', kind: 'property' });
    expect(names).toContainEqual({ name: 'Key created', kind: 'event_name' });
    const allowed = withAllowedName(
      withProperty(recommended, 'plan_tier', { class: 'event.property', treatment: { do: 'pass' } }),
      'Key created',
    );
    const after = previewOf(mixpanel, 'track', allowed, mixpanel.sample.body);
    expect(lineOf(after.lines, 'plan_tier')).toMatchObject({
      treatment: 'pass',
      after: '"plan_tier": "team"',
    });
    expect(lineOf(after.lines, 'event')).toMatchObject({ treatment: 'pass' });
    expect(after.names.map((one) => one.name)).not.toContain('plan_tier');
  });

  test('as is, all of it passes but the key', () => {
    const fates = new Set(
      previewOf(mixpanel, 'track', asIs, mixpanel.sample.body).lines.map((line) => line.treatment),
    );
    expect([...fates].sort()).toEqual([null, 'pass'].sort());
  });

  test('a class that is refused refuses the request, and says which', () => {
    const strict = withRule(recommended, 'person.email', { do: 'refuse' });
    const preview = previewOf(mixpanel, 'track', strict, mixpanel.sample.body);
    expect(preview.refused).toContain('person.email');
    expect(preview.lines.every((line) => line.after === null)).toBe(true);
  });

  test('a dropped property named like something of every object is dropped on the right as well', () => {
    const sample = '{"event":"a","properties":{"constructor":"x","toString":"y","__proto__":"z"}}';
    const preview = previewOf(mixpanel, 'track', recommended, sample);
    for (const name of ['constructor', 'toString', '__proto__']) {
      expect(lineOf(preview.lines, name)).toMatchObject({ treatment: 'drop', after: null });
    }
  });

  test('a batch with two keys is said to be refused', () => {
    const batch = '[{"event":"a","properties":{"token":"one"}},{"event":"b","properties":{"token":"two"}}]';
    expect(() => previewOf(mixpanel, 'track', recommended, batch)).toThrow(SampleError);
  });

  test('lists keep their places: what stays stands beside what it was', () => {
    const { lines: chat } = previewOf(openai, 'chat', openai.contracts.recommended, openai.sample.body);
    expect(chat.filter((line) => line.before?.startsWith('"content"')).map((line) => line.treatment)).toEqual(
      ['pass', 'pass'],
    );
  });
});

describe('pasted samples', () => {
  const json = '{"event":"a é"}';
  const base64 = Buffer.from(json).toString('base64');

  test.each([
    ['JSON', `  ${json}\n`],
    ['a form', `data=${encodeURIComponent(json)}&verbose=1`],
    ['a form with base64', `verbose=1&data=${encodeURIComponent(base64)}`],
    ['an address', `https://api.example.com/track?ip=0&data=${encodeURIComponent(base64)}`],
    ['base64', base64],
  ])('%s is read', (_kind, pasted) => {
    expect(JSON.parse(readSample(pasted))).toEqual(JSON.parse(json));
  });

  test('JSON that mentions data= is JSON, and no form', () => {
    const pasted = '{"event":"a","properties":{"$current_url":"https://a.example/?data=1"}}';
    expect(readSample(pasted)).toBe(pasted);
  });

  test.each(['', 'hello', '{"event":', 'data=%25', 'data=%zz', 'https://a.example/track?data=%'])(
    '"%s" is told to be none',
    (pasted) => {
      expect(() => readSample(pasted)).toThrow(SampleError);
    },
  );
});

test('the words of stages and treatments cover the protocol', async () => {
  const { stages, treatmentNames, shapes, fieldClasses } = await import('@drawbridge/protocol/vocabulary');
  const { m } = await import('../messages/en.ts');
  expect(Object.keys(m.crossings.one.stages)).toEqual([...stages]);
  expect(Object.keys(m.crossings.one.shapes).sort()).toEqual([...shapes].sort());
  for (const name of treatmentNames) expect(m.treatment[name].got).toBeTruthy();
  for (const name of Object.keys(fieldClasses))
    expect(m.overview.groups).toHaveProperty([name.split('.')[0] ?? '']);
});
