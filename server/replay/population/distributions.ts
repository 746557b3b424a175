import type { Scenario } from '../scenario.ts';
import type { Person, Population } from './person.ts';

/** How often each value occurs among people, most frequent first. */
export interface Distribution {
  name: string;
  values: { value: string; people: number }[];
}

function countBy(people: readonly Person[], name: string, read: (person: Person) => string): Distribution {
  const counts = new Map<string, number>();
  for (const person of people) {
    const value = read(person);
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  const values = [...counts].map(([value, count]) => ({ value, people: count }));
  return { name, values: values.sort((a, b) => b.people - a.people || (a.value < b.value ? -1 : 1)) };
}

/** The browser's name in a user agent string, for people to read. */
function browserName(agent: string): string {
  if (agent.includes('Edg/')) return 'Edge';
  if (agent.includes('OPR/')) return 'Opera';
  if (agent.includes('SamsungBrowser/')) return 'Samsung Internet';
  if (agent.includes('Firefox/')) return 'Firefox';
  return agent.includes('Chrome/') ? 'Chrome' : 'Safari';
}

function systemName(agent: string): string {
  if (agent.includes('Windows')) return 'Windows';
  if (agent.includes('iPhone')) return 'iOS';
  if (agent.includes('Android')) return 'Android';
  return agent.includes('Macintosh') ? 'macOS' : 'Linux';
}

function majorVersion(agent: string): string {
  // Those that are built on Chrome name it too: their own name goes first.
  const own = /(?:Edg|OPR|SamsungBrowser|Firefox|Version)\/(\d+)/.exec(agent);
  return (own ?? /Chrome\/(\d+)/.exec(agent))?.[1] ?? '?';
}

function sizeClass(size: number): string {
  if (size === 1) return '1 person';
  if (size < 5) return '2 to 4 people';
  return size < 20 ? '5 to 19 people' : '20 people and more';
}

/** What the population is like: printed with every result, since unicity means nothing without it. */
export function distributionsOf(scenario: Scenario, population: Population): Distribution[] {
  const { people } = population;
  const agentOf = (person: Person): string => scenario.browsers[person.browser]?.agent ?? '';
  const sizes = new Map<string, number>();
  for (const { organisation } of people) sizes.set(organisation.id, (sizes.get(organisation.id) ?? 0) + 1);
  const mentions = (person: Person, text: string): boolean => JSON.stringify(person.visits).includes(text);
  return [
    countBy(people, 'Country', (person) => person.country),
    countBy(people, 'City', (person) => `${person.city}, ${person.country}`),
    countBy(people, 'Browser', (person) => browserName(agentOf(person))),
    countBy(people, 'Operating system', (person) => systemName(agentOf(person))),
    countBy(people, 'Browser, version and system', (person) => {
      const agent = agentOf(person);
      return `${browserName(agent)} ${majorVersion(agent)}, ${systemName(agent)}`;
    }),
    countBy(people, 'Organisation of', (person) => sizeClass(sizes.get(person.organisation.id) ?? 0)),
    countBy(people, 'Referrer', ({ referrer }) =>
      referrer === ''
        ? 'none'
        : `${new URL(referrer).hostname.replace(/\.[^.]+\.example\.org$/, '.{org}.example.org')} with query`,
    ),
    countBy(people, 'Phone number', (person) => (person.phone === null ? 'no' : 'yes')),
    countBy(people, 'E-mail address as distinct id', (person) =>
      person.distinctId === person.email ? 'yes' : 'no',
    ),
    countBy(people, 'Personal data hidden in a property', (person) =>
      Object.keys(person.hiddenProperties).length > 0 ? 'yes' : 'no',
    ),
    countBy(people, 'Personal data hidden in an event', (person) =>
      mentions(person, person.email) ||
      mentions(person, encodeURIComponent(person.email)) ||
      mentions(person, person.name)
        ? 'yes'
        : 'no',
    ),
    countBy(people, 'Events', ({ visits }) =>
      visits.length < 5 ? 'under 5' : visits.length < 10 ? '5 to 9' : '10 and more',
    ),
    countBy(people, 'Calls to the AI vendor', ({ aiCalls }) =>
      aiCalls.length > 2 ? '3 and more' : String(aiCalls.length),
    ),
  ];
}
