import { isOneDialect, type Service } from '@drawbridge/protocol';
import { invalid } from '../platform/index.ts';
import type { NewRoute, RouteRules } from './schemas.ts';

/** A connection as far as a route has to know it. */
export interface MemberConnection {
  id: string;
  name: string;
  vendor: string;
  /** Null: no pack has it any more. */
  service: Service | null;
}

/**
 * The rules of a route as gateways get them. `connections`: all that there are, by id. Throws Problem 422 that names the field:
 * a connection twice, one that is not there, or one that does not understand requests of the first.
 */
export function checkedRules(
  { members, payTwice, firstByteMs, breaker, oneWay }: Omit<NewRoute, 'slug'>,
  connections: ReadonlyMap<string, MemberConnection>,
): RouteRules {
  const seen = new Set<string>();
  const found = members.map(({ connection: id }, index) => {
    const field = `members.${index}.connection`;
    if (seen.has(id)) throw invalid(field, 'stands in the route twice; each connection is asked once');
    seen.add(id);
    const connection = connections.get(id);
    if (connection === undefined) throw invalid(field, 'there is no such connection');
    if (connection.service === null) throw invalid(field, 'the pack of this connection is gone');
    return { ...connection, service: connection.service };
  });
  const [first] = found;
  for (const [index, member] of found.entries()) {
    if (first === undefined || isOneDialect(first, member)) continue;
    throw invalid(
      `members.${index}.connection`,
      `${member.name} does not understand requests as ${first.name} gets them: connections of one route are of one service, or of vendors whose packs name the same dialect`,
    );
  }
  for (const [index, { models }] of members.entries()) {
    const [first] = Object.entries(models ?? { x: 'x' });
    if (first === undefined)
      throw invalid(`members.${index}.models`, 'names no model, so nothing would go there; leave it out');
  }
  return {
    members: members.map(({ connection, models }) => ({
      connection,
      ...(models === undefined ? {} : { models }),
    })),
    pay_twice: payTwice,
    ...(firstByteMs === null ? {} : { first_byte_ms: firstByteMs }),
    breaker: { failures: breaker.failures, open_ms: breaker.openMs },
    ...oneWayOf(oneWay),
  };
}

/** Events that are refused are what gateways do without being told. */
function oneWayOf(given: NewRoute['oneWay']): Pick<RouteRules, 'one_way'> {
  if (given.do === 'refuse') return {};
  if (given.do === 'drop') return { one_way: { do: 'drop' } };
  const { bytes, days, inDoubt } = given;
  return { one_way: { do: 'hold', bytes, days, in_doubt: inDoubt } };
}
