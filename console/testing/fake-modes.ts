import type { BreakGlass, ModeDifference } from '../api/mode-types.ts';
import type { Connection } from '../api/types.ts';
import type { World } from './fake-world.ts';

/** Modes and break-glass of the made-up control plane. */

/** Over its crossings so far: e-mail addresses pass while it is observed, and are dropped otherwise. */
export function fakeDifference(world: World, connection: Connection, to: string): ModeDifference {
  const mine = world.crossings.filter((row) => row.connection.id === connection.id).slice(0, 500);
  const emails = mine.filter((row) => row.fields.some(([name]) => name === 'person.email'));
  const refused = mine.filter((row) => row.decision === 'refused');
  const examples = (rows: typeof mine) => rows.slice(0, 20).map(({ id }) => id);
  const refusedIn = (one: string) =>
    one !== 'enforce' || refused.length === 0
      ? []
      : [
          {
            reason: 'field_refused',
            text: 'The data contract refuses requests that carry this class of data.',
            crossings: refused.length,
            examples: examples(refused),
          },
        ];
  const mode = to === 'observe' || to === 'minimise' ? to : 'enforce';
  const how = (one: string) => (one === 'observe' ? ('pass' as const) : ('drop' as const));
  return {
    from: connection.mode,
    to: mode,
    crossings: mine.length,
    since: mine.at(-1)?.at ?? null,
    latest: mine[0]?.at ?? null,
    otherContracts: 0,
    refusedUnread: refused.length,
    rows:
      emails.length === 0
        ? []
        : [
            {
              class: 'person.email',
              now: how(connection.mode),
              after: how(mode),
              crossings: emails.length,
              values: emails.length,
              examples: examples(emails),
            },
          ],
    refusedNow: refusedIn(connection.mode),
    refusedAfter: refusedIn(mode),
  };
}

export function beginBreakGlass(
  world: World,
  connection: Connection,
  body: Record<string, unknown>,
  tell: (topic: string) => void,
) {
  const now = Date.now();
  const made: BreakGlass = {
    id: `glass_${world.breakGlass.length + 1}`,
    connection: { id: connection.id, name: connection.name },
    state: 'in_force',
    reason: String(body.reason),
    askedAt: new Date(now).toISOString(),
    askedBy: 'Local administrator',
    until: new Date(now + Number(body.minutes) * 60_000).toISOString(),
    inForceAt: new Date(now).toISOString(),
    approvedBy: null,
    byOnePerson: true,
    endedAt: null,
    endedBy: null,
    endReason: null,
  };
  world.breakGlass.unshift(made);
  tell('connections');
  return { status: 201, body: made };
}

export function endBreakGlass(world: World, id: string, reason: string, tell: (topic: string) => void) {
  const found = world.breakGlass.find((one) => one.id === id);
  if (found === undefined) return { status: 404, body: { status: 404, title: 'Not found' } };
  found.state = 'ended';
  found.endedAt = new Date().toISOString();
  found.endedBy = 'Local administrator';
  found.endReason = reason;
  tell('connections');
  return { status: 200, body: found };
}
