import type { DayBudget, Endpoint, Service } from '@drawbridge/protocol';
import { type ConnectionView, checkedOrigins } from '../connections/index.ts';
import { invalid } from '../platform/index.ts';
import { checkedExpiry } from './lifetime.ts';
import type { KeyLifetime, NewKey } from './schemas.ts';

type EndpointClass = Endpoint['class'];

/** What a key may do, decided before it is made. */
export interface KeyPlan {
  kind: 'secret' | 'publishable';
  connections: string[];
  classes: EndpointClass[];
  origins: string[];
  perMinute: number | null;
  perDay: DayBudget | null;
  expiresAt: Date | null;
  models: string[] | null;
  networks: string[] | null;
  person: string | null;
}

/** One connection that the key shall hold for, with its service as the pack says it. */
export interface Reach {
  connection: ConnectionView;
  service: Service;
}

/**
 * Decides what a new key may do. A publishable key is readable by whoever opens the page: it calls ingest endpoints
 * only, from named origins, capped. Throws Problem 422 that names the field.
 */
export function planKey(given: NewKey, reach: readonly Reach[], lifetime: KeyLifetime, now: number): KeyPlan {
  const origins = checkedOrigins(given.origins ?? []);
  if (given.kind === 'publishable') checkPublishable(given, origins, reach);
  else if (origins.length > 0) {
    throw invalid(
      'origins',
      'a secret key is for servers, which send no origin; make a publishable key for browsers',
    );
  }
  return {
    kind: given.kind,
    connections: [...new Set(given.connections)],
    classes: given.classes === undefined ? defaultClasses(given.kind, reach) : [...new Set(given.classes)],
    origins,
    perMinute: given.perMinute ?? null,
    perDay: checkedBudget(given.perDay, reach),
    expiresAt: checkedExpiry(
      given.expiresAt,
      given.person === undefined ? lifetime.workload : lifetime.person,
      now,
    ),
    models: unique(given.models),
    networks: checkedNetworks(given.networks),
    person: given.person ?? null,
  };
}

export const unique = <T>(values: readonly T[] | null | undefined): T[] | null =>
  values == null ? null : [...new Set(values)];

/** Networks without repetition. Throws Problem 422 for one that is all there are, which would bind nothing. */
export function checkedNetworks(networks: readonly string[] | null | undefined): string[] | null {
  const all = networks?.findIndex((network) => network.endsWith('/0')) ?? -1;
  if (all >= 0)
    throw invalid(`networks.${all}`, 'is every address; leave networks out to bind the key to none');
  return unique(networks);
}

export function checkPublishable(given: NewKey, origins: readonly string[], reach: readonly Reach[]): void {
  if (given.person !== undefined) {
    throw invalid(
      'person',
      'a publishable key can be read by anyone, so it is nobody’s own; make a secret key',
    );
  }
  if (given.networks != null) {
    throw invalid(
      'networks',
      'a publishable key is used from the networks of whoever opens the page; leave the field out',
    );
  }
  if (given.classes?.some((name) => name !== 'ingest') === true) {
    throw invalid('classes', 'a publishable key calls ingest endpoints only; leave the field out');
  }
  if (origins.length === 0)
    throw invalid('origins', 'a publishable key needs the exact origins of its pages');
  if (given.perMinute === undefined) {
    throw invalid('perMinute', 'a publishable key needs a cap: anyone who opens the page can use it');
  }
  for (const { connection, service } of reach) {
    if (!service.browser || !service.endpoints.some((endpoint) => endpoint.class === 'ingest')) {
      throw invalid('connections', `"${connection.name}" is of a service that browsers must not call`);
    }
    const missing = origins.find((origin) => !connection.origins.includes(origin));
    if (missing !== undefined) {
      throw invalid(
        'origins',
        `${missing} is not among the origins of "${connection.name}", from which browsers are answered; add it there first`,
      );
    }
  }
}

/**
 * A budget without a single limit is none. One in money needs a price for each service in its currency: what has no price
 * is refused by gateways, so that such a key would be of no use there. Throws Problem 422.
 */
export function checkedBudget(
  given: DayBudget | null | undefined,
  reach: readonly Reach[],
): DayBudget | null {
  if (given === null || given === undefined) return null;
  const { requests, tokens, money } = given;
  if (requests === null && tokens === null && money === null) return null;
  for (const { connection, service } of reach) {
    if (money === null || service.prices?.some(({ currency }) => currency === money.currency)) continue;
    throw invalid(
      'perDay.money',
      `no price in ${money.currency} is known for what "${connection.name}" offers; give this key requests or tokens per day, or leave the connection to another key`,
    );
  }
  return given;
}

/** A budget in words, to stand before "a day": `100 requests, 7 tokens`. */
export function budgetText({ requests, tokens, money }: DayBudget): string {
  return [
    ...(requests === null ? [] : [`${requests} ${requests === 1 ? 'request' : 'requests'}`]),
    ...(tokens === null ? [] : [`${tokens} ${tokens === 1 ? 'token' : 'tokens'}`]),
    ...(money === null ? [] : [`${moneyText(money.micros)} ${money.currency}`]),
  ].join(', ');
}

const MICROS = 1_000_000;

/** Millionths of a unit as a decimal number: two places, or as many as it needs. */
function moneyText(micros: number): string {
  const rest = String(micros % MICROS).padStart(6, '0');
  return `${Math.floor(micros / MICROS)}.${rest.slice(0, 2)}${rest.slice(2).replace(/0+$/, '')}`;
}

/** All that the services offer but administration, which a key must be given by name. */
function defaultClasses(kind: KeyPlan['kind'], reach: readonly Reach[]): EndpointClass[] {
  if (kind === 'publishable') return ['ingest'];
  const offered = reach.flatMap(({ service }) => service.endpoints.map((endpoint) => endpoint.class));
  return [...new Set(offered)].filter((name) => name !== 'admin').sort();
}
