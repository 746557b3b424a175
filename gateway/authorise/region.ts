import type { Connection } from '@drawbridge/protocol';

/** Places that say nothing of where a host is. */
const SILENT: readonly string[] = ['UNKNOWN', 'EDGE'];

/**
 * Why a connection's host may not be used, for who asked; null: nothing is demanded, or the host is where it has to be. What is
 * not known to be there is refused.
 */
export function regionProblem({ residency, upstream }: Connection, service: string): string | null {
  if (residency === undefined || residency.within) return null;
  const { demands, place, instead } = residency;
  const where = SILENT.includes(place)
    ? `nothing shows where its host ${upstream.host} is`
    : `its host ${upstream.host} is in ${place}`;
  const todo =
    instead === undefined
      ? `No host of ${service} is known to be there.`
      : `${service} has a host in ${instead.place}: ${instead.host}.`;
  return `This connection has to be in ${demands}, and ${where}, so nothing was sent. ${todo} Whoever looks after the connection in Drawbridge can change its host.`;
}
