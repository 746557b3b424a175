import type { Connection, SeenField, SeenShapes } from '../api/types.ts';
import type { World } from './fake-world.ts';

/** What the made-up crossings of a connection were made of, as the control plane puts it together. */
export function fakeShapes(world: World, connection: Connection): SeenShapes {
  const mine = world.crossings
    .filter((row) => row.connection.id === connection.id && row.decision === 'forwarded')
    .slice(0, 200);
  const fields = new Map<string, SeenField>();
  for (const row of mine) {
    for (const { path, class: name, shape, treatment, count } of row.items.flatMap((item) => item.fields)) {
      const key = `${path} ${name} ${shape} ${treatment}`;
      const known = fields.get(key);
      const queued = world.review.find(({ hash }) => path === `#${hash}`);
      fields.set(key, {
        path,
        name: queued?.name ?? null,
        waiting: queued !== undefined,
        class: name,
        shape,
        treatment,
        crossings: (known?.crossings ?? 0) + 1,
        values: (known?.values ?? 0) + count,
        firstSeenAt: row.at,
        lastSeenAt: known?.lastSeenAt ?? row.at,
      });
    }
  }
  const first = mine[0];
  return {
    crossings: mine.length,
    limit: 200,
    since: mine.at(-1)?.at ?? null,
    latest: first?.at ?? null,
    lifted: 0,
    items: { read: mine.length, erased: 0, missing: 0, unread: 0 },
    leftOff: 0,
    endpoints:
      first === undefined
        ? []
        : [
            {
              endpoint: first.endpoint,
              class: first.class,
              crossings: mine.length,
              fields: [...fields.values()],
            },
          ],
  };
}
