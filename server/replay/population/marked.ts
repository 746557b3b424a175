import type { Scenario } from '../scenario.ts';
import type { Population } from './person.ts';

/** Every made-up value that must not be found where it does not belong, by kind. No value is shorter than 7 characters. */
export interface MarkedValues {
  emails: string[];
  names: string[];
  phones: string[];
  ips: string[];
  /** User ids and organisation ids. */
  ids: string[];
  /** Whole referrers, those without a query excluded. */
  referrers: string[];
  userAgents: string[];
}

/** The values to search data directories, dumps, logs and answers for. */
export function markedValues(scenario: Scenario, population: Population): MarkedValues {
  const { people, organisations } = population;
  return {
    emails: people.map((person) => person.email),
    names: people.map((person) => person.name),
    phones: people.flatMap((person) => (person.phone === null ? [] : [person.phone])),
    ips: people.map((person) => person.ip),
    ids: [...people.map((person) => person.userId), ...organisations.map((one) => one.id)],
    referrers: people.map((person) => person.referrer).filter((url) => url.includes('?')),
    userAgents: scenario.browsers.map((browser) => browser.agent),
  };
}
