import type { NewVirtualKey } from '../api/types.ts';
import type { Answer, Asked } from './fake-routes.ts';
import type { World } from './fake-world.ts';

export function newKey(
  world: World,
  appId: string,
  body: Record<string, unknown>,
  tell: Asked['tell'],
): Answer | null {
  const app = world.apps.find((candidate) => candidate.id === appId);
  if (app === undefined) return null;
  const key: NewVirtualKey = {
    id: `q${'w'.repeat(14)}${world.keys.length}`.slice(0, 16),
    app: { id: app.id, name: app.name },
    kind: body.kind === 'publishable' ? 'publishable' : 'secret',
    connections: body.connections as string[],
    classes: [],
    origins: [],
    models: (body.models as string[] | undefined) ?? null,
    networks: (body.networks as string[] | undefined) ?? null,
    person: typeof body.person === 'string' ? { id: body.person, name: 'Ada Example' } : null,
    perMinute: (body.perMinute as number | undefined) ?? null,
    perDay: (body.perDay as NewVirtualKey['perDay'] | undefined) ?? null,
    createdAt: new Date().toISOString(),
    createdBy: 'Local administrator',
    expiresAt: typeof body.expiresAt === 'string' ? body.expiresAt : null,
    revokedAt: null,
    replaces: null,
    replacedBy: null,
    firstUsedAt: null,
    lastUsedAt: null,
    crossings24h: 0,
    refused24h: 0,
    key: `dbk_${'madeupkey234567a'}_${'a'.repeat(59)}`,
  };
  world.keys.unshift(key);
  tell('keys');
  return { status: 201, body: key };
}

/** What changes a key; null where the path is none of a key. */
export function writeKey(
  world: World,
  { method, path, tell }: Asked,
  body: Record<string, unknown>,
): Answer | null {
  const [, id, act] = /^\/keys\/([^/]+)\/?(.*)$/.exec(path) ?? [];
  const key = world.keys.find((candidate) => candidate.id === id);
  if (key === undefined) return null;
  tell('keys');
  if (method === 'DELETE') {
    key.revokedAt = new Date().toISOString();
    return { status: 204 };
  }
  if (method === 'PATCH' && act === 'bounds') {
    const { reason: _reason, ...bounds } = body;
    Object.assign(key, bounds);
    return { status: 200, body: key };
  }
  if (method === 'PATCH') {
    const { perMinute, perDay } = body as Pick<NewVirtualKey, 'perMinute' | 'perDay'>;
    Object.assign(key, { perMinute, perDay });
    return { status: 200, body: key };
  }
  if (act === 'connections') {
    key.connections = body.connections as string[];
    return { status: 200, body: key };
  }
  const next = { ...key, id: `r${key.id.slice(1)}`, replaces: key.id, lastUsedAt: null, firstUsedAt: null };
  world.keys.unshift({ ...next, crossings24h: 0, refused24h: 0 });
  key.replacedBy = next.id;
  key.expiresAt = new Date(Date.now() + Number(body.overlapHours) * 3600_000).toISOString();
  return { status: 201, body: { ...next, key: `dbk_${next.id}_${'a'.repeat(59)}` } };
}

/** Where the made-up requests of an app went. */
export function placesOfUse(world: World, app: string): object[] {
  const items = [
    ...Map.groupBy(
      world.crossings.filter((row) => row.app.id === app),
      (row) => row.connection.id,
    ),
  ];
  return items.map(([, rows]) => ({
    vendor: rows[0]?.vendor,
    connection: rows[0]?.connection,
    endpoint: rows[0]?.endpoint,
    class: rows[0]?.class,
    crossings: rows.length,
    refused: rows.filter((row) => row.decision === 'refused').length,
    firstAt: rows.at(-1)?.at,
    lastAt: rows[0]?.at,
  }));
}
