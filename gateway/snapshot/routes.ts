import { isOneDialect, type Snapshot } from '@drawbridge/protocol';
import type { LiveConnection, LiveMember, LiveRoute } from '../crossing.ts';
import { SnapshotError } from './errors.ts';

/** A snapshot's routes, by their path prefixes. Throws SnapshotError `inconsistent`. */
export function routesOf(
  { routes }: Pick<Snapshot, 'routes'>,
  connections: ReadonlyMap<string, LiveConnection>,
): ReadonlyMap<string, LiveRoute> {
  const found = new Map<string, LiveRoute>();
  if (routes === undefined) return found;
  const byId = new Map([...connections.values()].map((connection) => [connection.config.id, connection]));
  for (const config of routes) {
    if (connections.has(config.slug) || found.has(config.slug)) {
      throw new SnapshotError(
        'inconsistent',
        `Two connections or routes have the path prefix "${config.slug}".`,
        undefined,
        `routes.${config.id}.slug`,
      );
    }
    const members = config.members.flatMap(({ connection: id, models }): LiveMember[] => {
      const connection = byId.get(id);
      if (connection === undefined) return [];
      const base = connection.service.dialect?.base ?? '';
      return [{ connection, models: models === undefined ? null : new Map(Object.entries(models)), base }];
    });
    const [first] = members;
    // A pack may have changed since the route was made: what speaks otherwise now gets nothing, and the others go on.
    const speaking = members.filter((member) => isOneDialect(spoken(first ?? member), spoken(member)));
    const bases = [...new Set(speaking.map(({ base }) => base))];
    found.set(config.slug, { config, members: speaking, bases });
  }
  return found;
}

const spoken = ({ connection }: LiveMember) => ({
  vendor: connection.config.vendor,
  service: connection.service,
});
