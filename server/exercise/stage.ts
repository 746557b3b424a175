import { setTimeout as wait } from 'node:timers/promises';
import type { Exercise } from '@drawbridge/control';
import { startMixpanelStandin } from '@drawbridge/standins';
import { z } from 'zod';
import { recordsOf } from '../replay/records.ts';
import type { Stops } from '../replay/stops.ts';
import type { Throwaway } from '../replay/throwaway.ts';

/** What lies at the vendor, or behind it, when an exercise begins. All people are made up. */

const TOKEN = 'stand-in-project-token-of-the-exercise';
const BATCH = 50;
const cities = ['Jena', 'Kyoto', 'Recife', 'Umeå', 'Boise'] as const;

/** Sets up what the seat of an exercise needs. `people`: how many made-up people of ours are in it. */
export async function setStage(
  throwaway: Throwaway,
  exercise: Pick<Exercise, 'seat' | 'party'>,
  people: number,
  stops: Stops,
): Promise<void> {
  const { seat, party } = exercise;
  if (party === undefined) return;
  if (party !== 'mixpanel') return dealtWith(throwaway, party);
  await (seat === 'customer' ? accountsBehind(throwaway, people) : eventsSent(throwaway, people, stops));
}

/** A vendor that we deal with, and of which nothing else is known here. */
async function dealtWith(throwaway: Throwaway, party: string): Promise<void> {
  await throwaway.call('POST', '/register', {
    id: party,
    name: party,
    purpose: 'Made up for the exercise',
    reason: 'The stage of an exercise',
  });
}

/** Our customers' events went to an analytics vendor as they were. */
async function eventsSent(throwaway: Throwaway, people: number, stops: Stops): Promise<void> {
  const mixpanel = await startMixpanelStandin({ validTokens: [TOKEN] });
  stops.add(() => mixpanel.stop());
  const connection = await throwaway.connect({
    slug: 'mixpanel',
    vendor: 'mixpanel',
    service: 'analytics',
    region: 'eu',
    upstream: { host: mixpanel.host, port: mixpanel.port },
    contract: 'as_is',
    credential: TOKEN,
  });
  const token = await throwaway.makeKey({ kind: 'secret', connections: [connection] });
  await throwaway.settled();
  const eventOf = (index: number) => ({
    event: 'Console opened',
    properties: {
      token,
      distinct_id: `user-made-up-${index}`,
      time: Math.floor(Date.now() / 1000),
      $email: `person-${index}@example.com`,
      $name: `Person ${index} Made-Up`,
      $city: cities[index % cities.length],
      $os: 'Linux',
      $browser: 'Firefox',
      $referrer: 'https://search.example.com/',
      organization_id: `org-made-up-${index % 20}`,
    },
  });
  let sent = 0;
  for (let from = 0; from < people; from += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, people - from) }, (_, at) => eventOf(from + at));
    const answer = await fetch(`${throwaway.deployment.gatewayUrl}/mixpanel/track?verbose=1`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(batch),
    });
    const text = await answer.text();
    if (!answer.ok)
      throw new Error(`The stand-in's gateway answered ${answer.status}: ${text.slice(0, 200)}`);
    sent++;
  }
  await recordsOf(throwaway, sent);
  await countedOf(throwaway, people);
}

const Counted = z.object({ people: z.object({ people: z.number() }) });
const PATIENCE_MS = 60_000;

/** Waits until the ledger has taken in what gateways recorded: the exercise is not about how quickly it does. */
async function countedOf(throwaway: Throwaway, people: number): Promise<void> {
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    const answer = Counted.parse(await throwaway.call('GET', '/blast-radius/mixpanel'));
    if (answer.people.people >= people) return;
    if (performance.now() > until)
      throw new Error(
        `The ledger counts ${answer.people.people} of ${people} people after ${PATIENCE_MS / 1000} s.`,
      );
    await wait(100);
  }
}

/** Our engineers have accounts at an AI vendor, behind whose console the party stands. */
async function accountsBehind(throwaway: Throwaway, people: number): Promise<void> {
  const today = new Date().toISOString();
  await throwaway.call('POST', '/accounts/imports', {
    vendor: 'openai',
    source: 'openai_users',
    asOf: today,
    content: JSON.stringify({
      object: 'list',
      has_more: false,
      data: Array.from({ length: people }, (_, index) => ({
        object: 'organization.user',
        id: `user-made-up-${index}`,
        name: `Person ${index} Made-Up`,
        email: `person-${index}@example.com`,
        role: 'reader',
        added_at: 1_711_471_533,
      })),
    }),
  });
  const entry = (url: string, body: object) => ({
    startedDateTime: today,
    serverIPAddress: '192.0.2.7',
    request: {
      method: 'POST',
      url,
      headers: [],
      queryString: [],
      postData: { mimeType: 'application/json', text: JSON.stringify(body) },
    },
    response: { status: 200, content: { size: 2 } },
  });
  const visit = {
    log: {
      version: '1.2',
      creator: { name: 'a made-up visit' },
      entries: [
        entry('https://platform.openai.com/v1/me', { organization: 'org-made-up' }),
        entry('https://api-js.mixpanel.com/track', { email: 'person-1@example.com', city: 'Jena' }),
      ],
    },
  };
  await throwaway.call(
    'PUT',
    `/holdings/vendors/openai/visits?name=visit.har&day=${today.slice(0, 10)}`,
    Buffer.from(JSON.stringify(visit)),
  );
}
