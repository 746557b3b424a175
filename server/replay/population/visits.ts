import type { Scenario } from '../scenario.ts';
import type { Visit } from './person.ts';
import type { Random } from './random.ts';

/** What the hidden places are filled from. */
export interface Marks {
  name: string;
  email: string;
  phone: string;
  userId: string;
}

/** The span over which people come, and the longest pause within one visit. Seconds. */
const SPAN = 3 * 24 * 3600;
const PAUSE = 900;

type Placed = Omit<Visit, 'at'>;

function placed(
  event: { name: string; path?: string | undefined; title?: string | undefined },
  more: Partial<Placed> = {},
): Placed {
  return {
    name: event.name,
    path: event.path ?? '/',
    title: event.title ?? '',
    by: 'browser',
    anonymous: false,
    properties: {},
    ...more,
  };
}

/** How many wanderings: geometric with the given mean, so that most have few and some have many. */
function howMany(random: Random, mean: number): number {
  let count = 0;
  while (count < 40 && random.chance(mean / (mean + 1))) count += 1;
  return count;
}

function journeyOf(scenario: Scenario, random: Random, whole: boolean): Placed[] {
  const visits: Placed[] = [];
  for (const step of scenario.journey) {
    if (!whole && !random.chance(step.chance)) break;
    visits.push(placed(step, { by: step.by ?? 'browser', anonymous: step.anonymous ?? false }));
  }
  return visits;
}

/** Personal data in event names, paths, titles, queries, property names, free text and encoded values. */
function hide(visits: Placed[], scenario: Scenario, random: Random, marks: Marks): void {
  const { hidden } = scenario;
  const seen = visits.filter((visit) => visit.by === 'browser' && !visit.anonymous);
  const one = (): Placed => (seen.length > 0 ? random.pick(seen) : placed({ name: 'unused' }));
  const { email, name, phone } = marks;
  if (random.chance(hidden.path)) one().path = `/members/${encodeURIComponent(email)}/keys`;
  if (random.chance(hidden.page_title)) one().title = `Keys of ${name}`;
  if (random.chance(hidden.query))
    one().path += `?invited_by=${encodeURIComponent(email)}&utm_content=${random.token(10)}`;
  if (random.chance(hidden.property_name)) one().properties[`seat:${email}`] = true;
  if (random.chance(hidden.free_text)) {
    one().properties.feedback = `Please call me back, ${name}, on ${phone}`;
  }
  if (random.chance(hidden.encoded)) {
    const inner = Buffer.from(JSON.stringify({ mail: email, uid: marks.userId })).toString('base64');
    one().properties.state = inner;
  }
  if (random.chance(hidden.event_name)) {
    visits.push(placed({ name: `Invited ${email}`, path: '/settings/members', title: 'Members' }));
  }
}

/**
 * What one person does, in order. `whole`: every event of the scenario once and in the scenario's order, nothing
 * hidden: the journey by which an organisation that knows its own test user reads the vendor's names.
 */
export function visitsOf(scenario: Scenario, random: Random, marks: Marks, whole: boolean): Visit[] {
  const journey = journeyOf(scenario, random, whole);
  const events = scenario.wanderings.events;
  if (whole) {
    journey.push(...events.map((event) => placed(event)));
  } else {
    const signedIn = journey.findIndex((visit) => !visit.anonymous) + 1;
    for (let left = howMany(random, scenario.wanderings.per_person); left > 0; left--) {
      const event = random.weighted(events, (entry) => entry.share);
      const visit = placed(event);
      if (event.path.endsWith('/search')) visit.properties.search_query = random.pick(scenario.search_words);
      const at = signedIn + random.below(journey.length - signedIn + 1);
      journey.splice(signedIn === 0 ? journey.length : at, 0, visit);
    }
    hide(journey, scenario, random, marks);
  }
  let at = random.below(SPAN - journey.length * PAUSE);
  return journey.map((visit) => {
    at += 1 + random.below(PAUSE);
    return { ...visit, at };
  });
}
