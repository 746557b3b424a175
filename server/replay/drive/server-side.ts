import mixpanel, { type Mixpanel } from 'mixpanel';
import type { Organisation, Person } from '../population/person.ts';
import { inParallel } from './parallel.ts';

/** Where the Node SDK sends to, and with which key. */
export interface ServerTarget {
  /** `host:port`. */
  host: string;
  /** Path of the connection, such as `/mixpanel`. */
  path: string;
  token: string;
}

type Callback = (error: Error | undefined) => void;

function done(call: (callback: Callback) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    call((error) => (error ? reject(error) : resolve()));
  });
}

function doneAll(call: (callback: (errors: Error[] | undefined) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    call((errors) => {
      const first = errors?.[0];
      if (first === undefined) resolve();
      else reject(first);
    });
  });
}

/** What a backend knows and sends along: it forwards the address of the person's own request. */
function eventsOf(person: Person, begin: number): { event: string; properties: Record<string, unknown> }[] {
  return person.visits
    .filter((visit) => visit.by === 'server')
    .map((visit) => ({
      event: visit.name,
      properties: {
        distinct_id: person.distinctId,
        time: begin + visit.at,
        ip: person.ip,
        org_id: person.organisation.id,
        plan: person.plan,
      },
    }));
}

function profileCalls(client: Mixpanel, person: Person): ((callback: Callback) => void)[] {
  const calls: ((callback: Callback) => void)[] = [];
  if (person.index % 5 === 0) {
    const known = { $email: person.email, $name: person.name };
    calls.push((callback) => client.people.set_once(person.distinctId, known, { $ip: person.ip }, callback));
  }
  // Some backends join a person's addresses to their id.
  if (person.index % 33 === 7 && person.distinctId !== person.email) {
    calls.push((callback) => client.alias(person.distinctId, person.email, callback));
  }
  return calls;
}

/**
 * Plays what the customer's backend sends through the unmodified Node SDK: events one by one (GET) and in batches
 * (POST), profiles, aliases, groups. `begin`: the scenario's beginning, seconds since 1970.
 */
export async function playServerSide(
  target: ServerTarget,
  people: readonly Person[],
  organisations: readonly Organisation[],
  begin: number,
): Promise<void> {
  const client = mixpanel.init(target.token, { host: target.host, protocol: 'http', path: target.path });
  const events = people.flatMap((person) => eventsOf(person, begin));
  const single = events.splice(0, Math.ceil(events.length / 10));
  await inParallel(single, 8, ({ event, properties }) =>
    done((callback) => client.track(event, properties, callback)),
  );
  const batches: (typeof events)[] = [];
  for (let at = 0; at < events.length; at += 40) batches.push(events.slice(at, at + 40));
  await inParallel(batches, 4, (batch) => doneAll((callback) => client.track_batch(batch, callback)));
  await inParallel(
    people.flatMap((person) => profileCalls(client, person)),
    8,
    done,
  );
  await inParallel(organisations, 8, (organisation) =>
    done((callback) =>
      client.groups.set('org_id', organisation.id, { $name: organisation.name, seats: 5 }, callback),
    ),
  );
}
