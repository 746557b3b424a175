import type { ContractDocument } from '@drawbridge/protocol/contract';
import { ApiError, write } from '../api/client.ts';
import type { App, Connection, NewVirtualKey, Upstream } from '../api/types.ts';

export interface ConnectRequest {
  name: string;
  vendor: string;
  service: string;
  region: string;
  upstream: Upstream | undefined;
  contract: 'recommended' | 'as_is' | ContractDocument;
  credential: string;
  placement: number;
  app: { id: string } | { name: string; owner: string };
  kind: 'secret' | 'publishable';
  origins: string[];
  perMinute: number | undefined;
  reason: string;
}

/** What has been made so far: a second try goes on from here, and nothing is made twice. */
export interface Progress {
  attempt: string;
  connection?: Connection;
  app?: { id: string };
}

export function newProgress(): Progress {
  return { attempt: crypto.randomUUID() };
}

/** Makes the connection, the app if it is new, and the key. Throws ApiError; `progress` keeps what was made. */
export async function connect(
  request: ConnectRequest,
  progress: Progress,
): Promise<{ connection: Connection; key: NewVirtualKey }> {
  try {
    return await makeAll(request, progress);
  } catch (error) {
    // An answered step was not done, and will be asked differently; only one without an answer may be repeated.
    if (error instanceof ApiError) progress.attempt = crypto.randomUUID();
    throw error;
  }
}

async function makeAll(
  request: ConnectRequest,
  progress: Progress,
): Promise<{ connection: Connection; key: NewVirtualKey }> {
  const { reason, origins } = request;
  const step = (name: string) => ({ reason, idempotencyKey: `${progress.attempt}-${name}` });

  progress.connection ??= await write<Connection>('POST', '/connections', {
    ...step('connection'),
    body: {
      name: request.name,
      vendor: request.vendor,
      service: request.service,
      region: request.region,
      contract: request.contract,
      ...(request.upstream === undefined ? {} : { upstream: request.upstream }),
      ...(origins.length === 0 ? {} : { origins }),
      ...(request.credential === '' ? {} : { credential: request.credential, placement: request.placement }),
    },
  });
  progress.app ??=
    'id' in request.app
      ? request.app
      : await write<App>('POST', '/apps', { ...step('app'), body: request.app });
  const key = await write<NewVirtualKey>('POST', `/apps/${encodeURIComponent(progress.app.id)}/keys`, {
    ...step('key'),
    body: {
      kind: request.kind,
      connections: [progress.connection.id],
      ...(request.kind === 'publishable'
        ? { classes: ['ingest'], origins, perMinute: request.perMinute ?? 600 }
        : {}),
    },
  });
  return { connection: progress.connection, key };
}
