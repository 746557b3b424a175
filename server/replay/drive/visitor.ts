import type { Person } from '../population/person.ts';

/** What the page is told about one visitor. Times are seconds since 1970. */
export interface Visitor {
  /** Name of the SDK instance and of its storage. */
  key: string;
  distinctId: string;
  referrer: string;
  loginAt: number;
  organisation: string;
  /** Sent with every event: where the person is, since the vendor never sees their address. */
  place: Record<string, string>;
  /** Sent with every event once signed in. */
  account: Record<string, unknown>;
  profile: Record<string, unknown>;
  visits: {
    name: string;
    time: number;
    anonymous: boolean;
    path: string;
    title: string;
    properties: Record<string, unknown>;
  }[];
}

/** What a person's browser sends. `begin`: the scenario's beginning, seconds since 1970. */
export function visitorOf(person: Person, begin: number): Visitor {
  const visits = person.visits
    .filter((visit) => visit.by === 'browser')
    .map(({ name, at, anonymous, path, title, properties }) => ({
      name,
      time: begin + at,
      anonymous,
      path,
      title,
      properties,
    }));
  return {
    key: `person-${person.index}`,
    distinctId: person.distinctId,
    referrer: person.referrer,
    loginAt: visits.find((visit) => !visit.anonymous)?.time ?? begin,
    organisation: person.organisation.id,
    place: { $city: person.city, $region: person.region, mp_country_code: person.country },
    account: { plan: person.plan, ...person.hiddenProperties },
    profile: {
      $email: person.email,
      $name: person.name,
      $city: person.city,
      $region: person.region,
      $country_code: person.country,
      ...(person.phone === null ? {} : { $phone: person.phone }),
      organisation_name: person.organisation.name,
      plan: person.plan,
    },
    visits,
  };
}
