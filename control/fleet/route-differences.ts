import type { Route } from '@drawbridge/protocol';
import type { Difference, NameOf } from './differences.ts';

/** What differs of a route. */
export function ofRoute(before: Route | undefined, after: Route | undefined, name: NameOf): Difference[] {
  const now = after ?? before;
  if (now === undefined) return [];
  const say = (code: string, text: string): Difference => ({
    code: `route.${code}`,
    subject: { kind: 'app', id: now.app },
    text: `Route ${now.slug} of ${name.app(now.app)} ${text}`,
  });
  const order = ({ members }: Route) =>
    members.map(({ connection }) => name.connection(connection)).join(', ');
  if (before === undefined) return [say('new', `was made: ${order(now)}.`)];
  if (after === undefined) return [say('gone', 'was removed.')];
  if (order(before) !== order(after)) return [say('order', `asks ${order(after)}; it was ${order(before)}.`)];
  return [say('rules', 'goes on to the next connection by other rules.')];
}
