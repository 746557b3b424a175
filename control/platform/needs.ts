import type { Context } from 'hono';
import { matchedRoutes } from 'hono/route';
import { type Action, actions } from './actions.ts';
import type { Clock } from './clock.ts';
import type { HttpEnv, Router } from './http.ts';
import { Problem } from './problem.ts';

/** Kinds of things that have an owner: whose `ownActions` permit something may do it to their own. */
export type OwnedKind = 'app' | 'key' | 'access_request' | 'grant';

/**
 * What a route needs of who asks, as the API document shows it: nothing (`anyone`), a person who enrols or is signed in
 * (`enrolling`; the factor is asked of who is signed in), a person who asks about themself (`self`), or a permitted action.
 */
export type Needs =
  | { of: 'anyone' }
  | { of: 'enrolling' | 'self'; stepUp: boolean }
  | { of: 'action'; action: Action; stepUp: boolean; own?: OwnedKind };

interface NeedsOptions {
  /** A factor used within five minutes, though the action is not sensitive everywhere. */
  stepUp?: true;
  /** The path's `id` is of this kind: its owner may do it with `ownActions`. */
  own?: OwnedKind;
}

/** For `x-needs` of a route. The gate refuses what has none. */
export function needs(action: Action, { stepUp, own }: NeedsOptions = {}): Needs {
  const asked = stepUp === true || actions[action].sensitive === true;
  return { of: 'action', action, stepUp: asked, ...(own === undefined ? {} : { own }) };
}
needs.anyone = { of: 'anyone' } as Needs;
needs.enrolling = { of: 'enrolling', stepUp: false } as Needs;
needs.enrollingSteppedUp = { of: 'enrolling', stepUp: true } as Needs;
needs.self = { of: 'self', stepUp: false } as Needs;
needs.selfSteppedUp = { of: 'self', stepUp: true } as Needs;

/** What the routes of an API need, by method and path as the router writes them. */
export type NeedsTable = ReadonlyMap<string, Needs>;

const keyOf = (method: string, path: string): string => `${method.toUpperCase()} ${path}`;

/**
 * Reads `x-needs` of every documented route, and adds those that are not documented: `GET /live` as a key.
 *
 * @param base what stands before the paths, such as `/api/v1`
 */
export function readNeeds(
  router: Router,
  base: string,
  undocumented: Readonly<Record<string, Needs>> = {},
): NeedsTable {
  const table = new Map<string, Needs>();
  for (const definition of router.openAPIRegistry.definitions) {
    if (definition.type !== 'route') continue;
    const {
      method,
      path,
      'x-needs': found,
    } = definition.route as typeof definition.route & {
      'x-needs'?: Needs;
    };
    if (found !== undefined) table.set(keyOf(method, base + path.replaceAll(/\{([^}]+)\}/g, ':$1')), found);
  }
  for (const [route, found] of Object.entries(undocumented)) {
    const [method = '', path = ''] = route.split(' ');
    table.set(keyOf(method, base + path), found);
  }
  return table;
}

/** What a path speaks of: the first name in it, and the word before that name. `/keys/k1/roll`: `keys`, `k1`. */
export interface Named {
  of: string;
  id: string;
}

interface Needed {
  needed: Needs;
  named: Named | null;
}

/**
 * What the route that will answer needs, and what its path speaks of: the gate stands before the router has read it.
 * Null: there is no such route, or it does not say, and is not answered.
 */
export function needsOf(c: Context, table: NeedsTable): Needed | null {
  const method = c.req.method === 'HEAD' ? 'GET' : c.req.method;
  for (const { path } of matchedRoutes(c)) {
    const needed = table.get(keyOf(method, path));
    if (needed === undefined) continue;
    return { needed, named: namedIn(path.split('/'), c.req.path.split('/')) };
  }
  return null;
}

function namedIn(route: readonly string[], path: readonly string[]): Named | null {
  const place = route.findIndex((part) => part.startsWith(':'));
  if (place < 1) return null;
  return { of: route[place - 1] ?? '', id: decoded(path[place] ?? '') };
}

/** As the router will read it: else one thing could be decided about, and another one changed. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    if (error instanceof URIError) return part;
    throw error;
  }
}

/** How long a factor counts as used just now. */
const FRESH_MS = 5 * 60_000;

/** Throws a Problem `step_up_needed` where who asks has used no factor within five minutes. */
export function expectStepUp(c: Context<HttpEnv>, { clock }: { clock: Clock }): void {
  const { steppedUpAt } = c.get('actor');
  const age = steppedUpAt === null ? Number.POSITIVE_INFINITY : clock.now() - steppedUpAt;
  // One that lies ahead is of a clock that was set back: ask again.
  if (age >= 0 && age <= FRESH_MS) return;
  throw new Problem(
    403,
    'step_up_needed',
    'This asks for a factor used within five minutes: confirm with your passkey or code, then send it again.',
  );
}
