import type { Scenario } from '../scenario.ts';
import type { AiCall, Organisation, Person, Population } from './person.ts';
import { type Random, randomStream } from './random.ts';
import { type Marks, visitsOf } from './visits.ts';

const mailDomains = ['example.com', 'example.org', 'example.net'];
const aiKinds: readonly AiCall['kind'][] = ['chat', 'chat_stream', 'responses', 'embeddings'];

/** Fictional numbers: 555-0100 to 555-0199 of any area are never given out. */
function phoneOf(random: Random): string {
  const area = 200 + random.below(800);
  const line = String(random.below(100)).padStart(2, '0');
  return random.chance(0.5) ? `+1 (${area}) 555-01${line}` : `+1${area}55501${line}`;
}

/** Addresses of the documentation networks (RFC 5737, RFC 3849). */
function addressOf(random: Random): string {
  if (random.chance(0.4)) {
    const network = random.pick(['192.0.2', '198.51.100', '203.0.113']);
    return `${network}.${1 + random.below(254)}`;
  }
  const group = (): string => (1 + random.below(0xffff)).toString(16);
  return `2001:db8:${group()}:${group()}::${group()}`;
}

function makeOrganisations(scenario: Scenario, count: number): Organisation[] {
  const random = randomStream(scenario.seed, 'organisations');
  const { first, second } = scenario.organisation_names;
  return Array.from({ length: count }, (_, index) => {
    const name = `${random.pick(first)}${random.pick(second)} ${index + 1}`;
    return { id: `org-${random.token(16)}`, name, label: name.toLowerCase().replaceAll(' ', '-') };
  });
}

function nameOf(scenario: Scenario, random: Random, taken: Set<string>): { given: string; name: string } {
  const { given, family } = scenario.names;
  for (;;) {
    const chosen = random.pick(given);
    const surname = random.pick(family.first) + random.pick(family.second) + random.pick(family.third);
    const double = random.pick(family.first) + random.pick(family.third);
    const name = `${chosen} ${surname}${random.chance(0.15) ? `-${double}` : ''}`;
    if (taken.has(name)) continue;
    taken.add(name);
    return { given: chosen, name };
  }
}

function fillIn(url: string, random: Random, words: readonly string[], label: string, local: string): string {
  return url
    .replace('{org}', label)
    .replace('{local}', local)
    .replace('{words}', encodeURIComponent(random.pick(words)).replaceAll('%20', '+'))
    .replaceAll(/\{token\}/g, () => random.token(14));
}

function aiCallsOf(
  scenario: Scenario,
  random: Random,
  person: Marks & { organisation: Organisation },
): AiCall[] {
  const { ai } = scenario;
  if (!random.chance(ai.share)) return [];
  const calls: AiCall[] = [];
  do {
    const more = random.chance(ai.metadata);
    calls.push({
      kind: random.pick(aiKinds),
      prompt: random.pick(ai.prompts),
      user: random.chance(ai.user) ? person.userId : null,
      safetyIdentifier: random.chance(ai.safety_identifier) ? person.email : null,
      metadata: more ? { customer: person.email, org: person.organisation.id } : null,
    });
  } while (random.chance(1 - 1 / ai.calls) && calls.length < 20);
  return calls;
}

function hiddenPropertiesOf(scenario: Scenario, random: Random, marks: Marks): Record<string, unknown> {
  if (!random.chance(scenario.hidden.unmapped_property)) return {};
  return random.pick<Record<string, unknown>>([
    { billing_contact: marks.email },
    {
      signup_form: {
        fields: [
          { q: 'who', a: marks.name },
          { q: 'mail', a: marks.email },
        ],
      },
    },
    { debug_user: `${marks.name} <${marks.email}>` },
    { account_notes: [`asked to be called on ${marks.phone}`] },
  ]);
}

/**
 * Makes the people of a scenario: the same for the same scenario and number. `count` replaces the scenario's own.
 * The first person goes through every event once, in order.
 */
export function makePopulation(scenario: Scenario, count: number = scenario.people): Population {
  const organisations = makeOrganisations(
    scenario,
    Math.max(1, Math.round(count * scenario.organisations.per_person)),
  );
  const ranked = organisations.map((organisation, rank) => ({
    organisation,
    weight: 1 / (rank + 1) ** scenario.organisations.exponent,
  }));
  const browsers = scenario.browsers.map(({ share }, index) => ({ share, index }));
  const taken = new Set<string>();

  const people = Array.from({ length: count }, (_, index): Person => {
    const random = randomStream(scenario.seed, `person ${index}`);
    const { given, name } = nameOf(scenario, random, taken);
    const local = `${name.toLowerCase().replaceAll(/[^a-z]+/g, '.')}.${random.token(4)}`;
    const email = `${local}@${random.pick(mailDomains)}`;
    const phone = phoneOf(random);
    const userId = `user-${random.token(24)}`;
    const organisation = random.weighted(ranked, (entry) => entry.weight).organisation;
    const country = random.weighted(scenario.countries, (entry) => entry.share);
    const [city, region] = random.weighted(country.cities, (entry) => entry[2]);
    const referrer = random.weighted(scenario.referrers, (entry) => entry.share).url;
    const marks = { name, email, phone, userId };
    const first = index === 0;
    return {
      index,
      name,
      given,
      email,
      phone: random.chance(scenario.phones) ? phone : null,
      userId,
      distinctId: !first && random.chance(scenario.hidden.distinct_id) ? email : userId,
      ip: addressOf(random),
      country: country.code,
      region,
      city,
      browser: random.weighted(browsers, (entry) => entry.share).index,
      referrer: fillIn(referrer, random, scenario.search_words, organisation.label, local),
      organisation,
      plan: random.weighted(scenario.plans, (entry) => entry[1])[0],
      hiddenProperties: first ? {} : hiddenPropertiesOf(scenario, random, marks),
      visits: visitsOf(scenario, random, marks, first),
      aiCalls: aiCallsOf(scenario, random, { ...marks, organisation }),
    };
  });
  return {
    people,
    organisations,
    funnel: scenario.journey.filter((step) => step.funnel === true).map((step) => step.name),
  };
}
