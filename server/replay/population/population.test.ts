import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseScenario, readScenario, ScenarioError } from '../scenario.ts';
import { makePopulation } from './population.ts';

const file = fileURLToPath(new URL('../../../packs/scenarios/mixpanel-2025.yaml', import.meta.url));
const scenario = await readScenario(file);
const population = makePopulation(scenario);
const share = (test: (person: (typeof population.people)[number]) => boolean) =>
  population.people.filter(test).length / population.people.length;

describe('the population', () => {
  it('is the same for the same scenario, and another for another seed', () => {
    expect(makePopulation(scenario, 50)).toEqual(makePopulation(scenario, 50));
    expect(makePopulation({ ...scenario, seed: 1 }, 50)).not.toEqual(makePopulation(scenario, 50));
  });

  it('has 3,000 people, each with values of their own in places reserved for examples', () => {
    const { people } = population;
    expect(people).toHaveLength(3000);
    for (const key of ['email', 'name', 'userId'] as const) {
      expect(new Set(people.map((person) => person[key])).size).toBe(3000);
    }
    expect(share((person) => /@example\.(com|org|net)$/.test(person.email))).toBe(1);
    expect(share((person) => /^(192\.0\.2|198\.51\.100|203\.0\.113)\.|^2001:db8:/.test(person.ip))).toBe(1);
    expect(
      share(
        ({ referrer }) => referrer === '' || /^https:\/\/[a-z0-9.-]*example\.(com|org|net)\//.test(referrer),
      ),
    ).toBe(1);
    expect(share(({ phone }) => phone === null || /555-?01\d\d$/.test(phone))).toBe(1);
  });

  it('follows the shares that the scenario states', () => {
    expect(share((person) => person.phone !== null)).toBeCloseTo(scenario.phones, 1);
    expect(share((person) => person.distinctId === person.email)).toBeCloseTo(scenario.hidden.distinct_id, 1);
    const total = scenario.countries.reduce((sum, country) => sum + country.share, 0);
    const american = (scenario.countries.find(({ code }) => code === 'US')?.share ?? 0) / total;
    expect(share((person) => person.country === 'US')).toBeCloseTo(american, 1);
    const named = (name: string) => share(({ visits }) => visits.some((visit) => visit.name === name));
    expect(named('Console opened')).toBe(1);
    expect(named('Key page viewed')).toBeCloseTo(0.82, 1);
    expect(share(({ visits }) => visits.some(({ name }) => name.startsWith('Invited ')))).toBeCloseTo(
      0.04,
      1,
    );
  });

  it('lets the first person do everything once and in order, with nothing hidden', () => {
    const names = population.people[0]?.visits.map((visit) => visit.name);
    const all = [...scenario.journey, ...scenario.wanderings.events].map((event) => event.name);
    expect(names).toEqual(all);
  });

  it('orders each person’s events in time', () => {
    for (const { visits } of population.people) {
      expect(visits.map(({ at }) => at)).toEqual(visits.map(({ at }) => at).toSorted((a, b) => a - b));
    }
  });
});

describe('a scenario that is wrong', () => {
  it('names the file and the field', () => {
    const text = JSON.stringify({ ...scenario, people: 0, hidden: { ...scenario.hidden, path: 2 } });
    expect(() => parseScenario('made-up.yaml', text)).toThrow(
      /made-up\.yaml[\s\S]*people[\s\S]*hidden\.path/,
    );
    expect(() => parseScenario('made-up.yaml', 'a: [')).toThrow(ScenarioError);
  });
});
