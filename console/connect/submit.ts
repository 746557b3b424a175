import type { ContractDocument } from '@drawbridge/protocol/contract';
import { ApiError, read, write } from '../api/client.ts';
import type { App, Connection, NewVirtualKey, Upstream } from '../api/types.ts';

export interface ConnectRequest {
  name: string;
  vendor: string;
  service: string;
  region: string;
  upstream: Upstream | undefined;
  contract: 'recommended' | 'as_is' | ContractDocument;
  credential: string;
  app: { id: string } | { name: string; owner: string };
  kind: 'secret' | 'publishable';
  origins: string[];
  perMinute: number | undefined;
  reason: string;
}

/**
 * What has been made so far: a second try goes on from here, also after a reload, and nothing is made twice. What is
 * in it is no longer taken from the request.
 */
export interface Progress {
  attempt: string;
  connection?: Connection;
  app?: { id: string; name: string };
}

export function newProgress(): Progress {
  return { attempt: crypto.randomUUID() };
}

/**
 * Makes the connection, the app if it is new, and the key. `keep` is told of every step, before it is asked for and
 * after it was answered. Throws ApiError.
 */
export async function connect(
  request: ConnectRequest,
  before: Progress,
  keep: (progress: Progress) => void,
): Promise<{ connection: Connection; key: NewVirtualKey }> {
  let progress = before;
  function made(more: Partial<Progress>): void {
    progress = { ...progress, ...more };
    keep(progress);
  }
  made({});
  try {
    return await makeAll(request, () => progress, made);
  } catch (error) {
    // An answered step was not done, and will be asked differently; only one without an answer may be repeated.
    if (error instanceof ApiError) made({ attempt: crypto.randomUUID() });
    throw error;
  }
}

async function makeAll(
  request: ConnectRequest,
  progress: () => Progress,
  made: (more: Partial<Progress>) => void,
): Promise<{ connection: Connection; key: NewVirtualKey }> {
  const { reason, origins } = request;
  const step = (name: string) => ({ reason, idempotencyKey: `${progress().attempt}-${name}` });

  const known = progress().connection;
  const connection =
    known === undefined
      ? await write<Connection>('POST', '/connections', {
          ...step('connection'),
          body: connectionOf(request),
        })
      : await withOrigins(known.id, request);
  made({ connection });

  const app = progress().app ?? (await appOf(request, step('app')));
  // One that was there before was not made here: another may still be chosen.
  if (!('id' in request.app)) made({ app });

  const key = await write<NewVirtualKey>('POST', `/apps/${encodeURIComponent(app.id)}/keys`, {
    ...step('key'),
    body: {
      kind: request.kind,
      connections: [connection.id],
      ...(request.kind === 'publishable'
        ? { classes: ['ingest'], origins, perMinute: request.perMinute ?? 600 }
        : {}),
    },
  });
  return { connection, key };
}

function connectionOf(request: ConnectRequest): object {
  const { name, vendor, service, region, contract, upstream, origins, credential } = request;
  return {
    name,
    vendor,
    service,
    region,
    contract,
    ...(upstream === undefined ? {} : { upstream }),
    ...(origins.length === 0 ? {} : { origins }),
    ...(credential === '' ? {} : { credential }),
  };
}

/** Browsers may call from origins that the connection and the key both list: those added since are added to both. */
async function withOrigins(id: string, { origins, reason }: ConnectRequest): Promise<Connection> {
  const path = `/connections/${encodeURIComponent(id)}`;
  const connection = await read<Connection>(path);
  const missing = origins.filter((origin) => !connection.origins.includes(origin.replace(/\/$/, '')));
  if (missing.length === 0) return connection;
  return write<Connection>('PATCH', path, {
    reason,
    ifMatch: connection.etag,
    body: { origins: [...connection.origins, ...missing] },
  });
}

async function appOf(
  { app }: ConnectRequest,
  step: { reason: string; idempotencyKey: string },
): Promise<{ id: string; name: string }> {
  if ('id' in app) return { id: app.id, name: app.id };
  const { id, name } = await write<App>('POST', '/apps', { ...step, body: app });
  return { id, name };
}
