import { z } from 'zod';
import type { Endpoint, Service } from './pack.ts';

/** Routes of apps: connections in an order, of which the first that can take a request gets it. */

const Id = z.string().min(1).max(60);
const Model = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[^\s\p{Cc}]+$/u, 'has no spaces');

export const MOST_MEMBERS = 8;
/** Stands for every model that a member's map does not name. */
export const ANY_MODEL = '*';

export const RouteMemberSchema = z.strictObject({
  connection: Id,
  /**
   * What a model that the app asks for is called here. A model that is not in it, and no `*`: this member is passed over.
   * Left out: models pass under the names that they came with.
   */
  models: z.record(Model, Model).optional(),
});

export const RouteSchema = z.strictObject({
  id: Id,
  /** The path prefix on the gateway, as connections have theirs; no connection has the same. */
  slug: z.string().regex(/^[a-z][a-z0-9-]{0,40}$/),
  /** Whose keys may use it. */
  app: Id,
  members: z.array(RouteMemberSchema).min(1).max(MOST_MEMBERS),
  /**
   * A request that may have reached a vendor, and that the vendor would charge again, goes on to the next member. Only as
   * long as nothing of an answer was handed on.
   */
  pay_twice: z.boolean(),
  /** Milliseconds until the first byte of an answer's body; then the next member is asked. Left out: as without a route. */
  first_byte_ms: z.int().min(50).max(600_000).optional(),
  /** After so many failures in a row a member rests for so many milliseconds, and longer each time that it fails then. */
  breaker: z.strictObject({
    failures: z.int().min(1).max(100),
    open_ms: z.int().min(100).max(600_000),
  }),
  /**
   * What becomes of events that are handed in while no member takes them: `drop`: they are taken and forgotten; `hold`:
   * taken, kept on the gateway's disk and sent later. Left out: they are refused, and the app keeps them.
   */
  one_way: z
    .discriminatedUnion('do', [
      z.strictObject({ do: z.literal('drop') }),
      z.strictObject({
        do: z.literal('hold'),
        /** The most that each worker keeps for one connection; more is refused. */
        bytes: z.int().min(1_000_000).max(1_000_000_000_000),
        /** What was not sent after so many days is thrown away. */
        days: z.int().min(1).max(365),
        /**
         * What becomes of a request that may have reached the vendor, where the vendor does not remove duplicates of it:
         * `repeat`: it is sent again; `lose`: it is not.
         */
        in_doubt: z.enum(['repeat', 'lose']),
      }),
    ])
    .optional(),
});
export type RouteMember = z.infer<typeof RouteMemberSchema>;
export type OneWay = NonNullable<z.infer<typeof RouteSchema>['one_way']>;
export type Route = z.infer<typeof RouteSchema>;

export const repeatRules = ['safe', 'pays_twice', 'never'] as const;
export type RepeatRule = (typeof repeatRules)[number];

/**
 * Whether a request that a vendor may have acted on may be sent once more, to it or to another: as the pack says, and
 * where it says nothing only what HTTP calls safe (RFC 9110, 9.2.1), which requests that hand events in are not.
 */
export function repeatRule(endpoint: Pick<Endpoint, 'class' | 'repeat'>, method: string): RepeatRule {
  if (endpoint.repeat !== undefined) return endpoint.repeat;
  return method === 'GET' && endpoint.class !== 'ingest' ? 'safe' : 'never';
}

interface Spoken {
  vendor: string;
  service: Pick<Service, 'id' | 'dialect'>;
}

/** Whether two services can stand in one route: they are one service, or their packs say that they speak one dialect. */
export function isOneDialect(a: Spoken, b: Spoken): boolean {
  if (a.vendor === b.vendor && a.service.id === b.service.id) return true;
  return a.service.dialect !== undefined && a.service.dialect.family === b.service.dialect?.family;
}

/**
 * A path as another member of the same dialect has it: what stands before the dialect's own part differs from vendor to
 * vendor (`/v1/…`, `/openai/v1/…`). `bases`: those of all members; the longest that the path begins with counts. Null: the
 * path lies outside the dialect, and only its own service has it.
 */
export function pathInDialect(path: string, bases: readonly string[], base: string): string | null {
  let own: string | null = null;
  for (const each of bases) {
    const isWithin = path.startsWith(each) && (path.length === each.length || path[each.length] === '/');
    if (isWithin && (own === null || each.length > own.length)) own = each;
  }
  return own === null ? null : base + path.slice(own.length);
}
