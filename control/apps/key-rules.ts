import type { DayBudget, Endpoint, Service } from '@drawbridge/protocol';
import { type ConnectionView, checkedOrigins } from '../connections/index.ts';
import { invalid } from '../platform/index.ts';
import type { NewKey } from './schemas.ts';

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
export function planKey(given: NewKey, reach: readonly Reach[], now: number): KeyPlan {
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
    expiresAt: checkedExpiry(given.expiresAt, now),
  };
}

function checkPublishable(given: NewKey, origins: readonly string[], reach: readonly Reach[]): void {
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

function checkedExpiry(text: string | undefined, now: number): Date | null {
  if (text === undefined) return null;
  const at = new Date(text);
  if (at.getTime() <= now) throw invalid('expiresAt', 'lies in the past');
  return at;
}
