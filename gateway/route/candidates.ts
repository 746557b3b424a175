import { pathInDialect } from '@drawbridge/protocol';
import type { Target } from '../accept/index.ts';
import { isOver } from '../admit/index.ts';
import type { LiveConnection, LiveMember, LiveRoute } from '../crossing.ts';
import { type CompiledEndpoint, matchEndpoint } from '../inspect/index.ts';

/** Why a member is passed over before anything is tried with it. */
export type PassedOver = 'severed' | 'withheld' | 'no_credential' | 'path' | 'drill';

/** A member that could take a request, as far as that is known without its body. */
export interface Candidate {
  member: LiveMember;
  /** As this member has it. */
  path: string;
  endpoint: CompiledEndpoint;
}

export interface Candidates {
  usable: Candidate[];
  /** `endpoint`: null where it is the path that it does not have. */
  passed: (Omit<Candidate, 'endpoint'> & { endpoint: CompiledEndpoint | null; why: PassedOver })[];
}

/**
 * Which members could take a request, in the route's order. `now`: milliseconds since 1970. `lost`: the
 * vendor that a recovery drill treats as lost for it; null: none.
 */
export function candidatesOf(
  route: LiveRoute,
  method: string,
  path: Target['path'],
  now: number,
  lost: string | null = null,
): Candidates {
  const found: Candidates = { usable: [], passed: [] };
  for (const member of route.members) {
    const own = pathInDialect(path, route.bases, member.base) ?? path;
    const match = matchEndpoint(member.connection.endpoints, method, own);
    const endpoint = match === null || match === 'method' ? null : match.endpoint;
    const why = endpoint === null ? 'path' : closedBy(member.connection, now, lost);
    if (endpoint === null || why !== null)
      found.passed.push({ member, path: own, endpoint, why: why ?? 'path' });
    else found.usable.push({ member, path: own, endpoint });
    // What one vendor keeps is not at another: such requests go to the first that has the path, or nowhere.
    if (endpoint !== null && isBound(endpoint)) break;
  }
  return found;
}

function closedBy(connection: LiveConnection, now: number, lost: string | null): PassedOver | null {
  if (connection.config.state === 'severed') return 'severed';
  if (connection.config.vendor === lost) return 'drill';
  if (connection.config.withheld !== undefined || isOver(connection, now)) return 'withheld';
  return connection.credential === null ? 'no_credential' : null;
}

/** Files, batches and the like, and whatever is asked for by an id. */
function isBound({ class: kind, hasParams, modelParam }: CompiledEndpoint): boolean {
  return kind === 'files' || kind === 'admin' || (hasParams && modelParam === null && kind !== 'catalogue');
}
