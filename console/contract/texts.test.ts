import { type ContractDocument, ContractRulesSchema, textScans } from '@drawbridge/protocol/contract';
import type { Service } from '@drawbridge/protocol/pack';
import { foundClasses } from '@drawbridge/protocol/vocabulary';
import { describe, expect, test } from 'vitest';
import { m } from '../messages/en.ts';
import { fakeServices } from '../testing/fake-packs.ts';
import { choicesFor, differences, isContract, treatmentOf } from './rules.ts';
import {
  foundByTreatment,
  foundRule,
  groupOf,
  isLookedFor,
  lookedThrough,
  recommendedText,
  type TextRulesDocument,
  textDifferences,
  textLevels,
} from './texts.ts';

const openai = fakeServices['openai/api'] as Service;
const mixpanel = fakeServices['mixpanel/analytics'] as Service;
const { recommended } = openai.contracts;
const text = recommended.text as TextRulesDocument;
const withText = (part: Partial<TextRulesDocument>): ContractDocument => ({
  ...recommended,
  text: { ...text, ...part },
});

describe('levels', () => {
  test('are those of the protocol, and each looks for what the one below it does', () => {
    expect([...textLevels].sort()).toEqual([...textScans].sort());
    const counts = textScans.map((level) => {
      const looked = foundClasses.filter((name) => isLookedFor(name, level));
      return looked.filter((name) => groupOf(name) !== 'own').length;
    });
    expect(counts).toEqual([0, 4, 12, 16]);
    for (const [at, level] of textScans.entries()) {
      const below = textScans[at - 1];
      for (const name of foundClasses)
        if (below !== undefined && isLookedFor(name, below)) expect(isLookedFor(name, level)).toBe(true);
    }
  });

  test('without the words around, no name is found, and an e-mail address is', () => {
    expect(isLookedFor('person.name', 'structured')).toBe(false);
    expect(isLookedFor('person.email', 'structured')).toBe(true);
    expect(isLookedFor('person.email', 'secrets')).toBe(false);
  });
});

test('what the sentence says of each class is what the contract does with it, and has a word', () => {
  const byTreatment = foundByTreatment({ ...text, scan: 'structured' });
  expect(byTreatment.get('refuse')).toEqual(['secret.api_key', 'secret.token', 'secret.private_key']);
  expect(byTreatment.get('pass')).toEqual(['network.ip', 'network.mac', 'web.url']);
  expect(byTreatment.get('tokenise')).toContain('person.email');
  expect(byTreatment.get('tokenise')).not.toContain('person.name');
  for (const name of [...foundByTreatment(text).values()].flat())
    expect(m.texts.things).toHaveProperty([name]);
});

test('only texts that pass whatever they are are looked through', () => {
  const classes = ['content.prompt', 'content.metadata', 'model.parameter'] as const;
  expect(lookedThrough(recommended, classes)).toEqual(['content.prompt']);
});

describe('turning it on', () => {
  test('begins with what the pack recommends, else with taking out what is found', () => {
    expect(recommendedText(openai)).toBe(text);
    const { text: started } = ContractRulesSchema.parse({ ...recommended, text: recommendedText(mixpanel) });
    expect(started).toMatchObject({ scan: 'all', otherwise: { do: 'drop' } });
  });

  test('every choice of every class makes a contract that the protocol takes', () => {
    for (const name of foundClasses) {
      const choices = choicesFor(name, foundRule(text, name));
      expect(choices).toEqual(expect.arrayContaining(['pass', 'tokenise', 'refuse']));
      for (const choice of choices) {
        const treatment = treatmentOf(choice, { do: 'drop' });
        const changed = { ...recommended, text: { ...text, found: { ...text.found, [name]: treatment } } };
        expect(ContractRulesSchema.parse(changed)).toEqual(changed);
      }
    }
  });
});

describe('differences', () => {
  test('name the level and each class once; off and nothing said are the same', () => {
    const { text: _, ...silent } = recommended;
    expect(textDifferences(text, text)).toEqual([]);
    expect(textDifferences(undefined, text)).toEqual([{ what: 'level', before: 'off', after: 'all' }]);
    expect(differences(silent, withText({ scan: 'off' }))).toBe(0);
    const changed = withText({
      scan: 'secrets',
      found: { ...text.found, 'person.email': { do: 'pass' } },
    });
    expect(textDifferences(text, changed.text)).toEqual([
      { what: 'level', before: 'all', after: 'secrets' },
      { what: 'found', name: 'person.email', before: { do: 'tokenise' }, after: { do: 'pass' } },
    ]);
    expect(differences(recommended, changed)).toBe(2);
  });

  test('a stored draft whose rules for texts do not read is left out', () => {
    expect(isContract(recommended)).toBe(true);
    for (const broken of [null, 'all', {}, { ...text, scan: 'most' }, { ...text, found: null }])
      expect(isContract({ ...recommended, text: broken })).toBe(false);
  });
});
