import type { ServerResponse } from 'node:http';
import { type Listening, type ListenOptions, listen } from '../http/listen.ts';
import { header, type ReceivedRequest } from '../http/received.ts';
import { decodeIngestion, type Ingestion, UnreadableDataError } from './decode.ts';
import type { Properties } from './profile.ts';
import { type Arrival, MixpanelStore } from './store.ts';

export interface MixpanelStandinOptions extends ListenOptions {
  /** Project tokens that are taken; any token if left out. */
  validTokens?: readonly string[];
}

export interface MixpanelStandin extends Listening {
  store: MixpanelStore;
}

/** The vendor answers browsers of any origin, with credentials. */
function allowOrigin(request: ReceivedRequest): Record<string, string> {
  const origin = header(request, 'origin');
  return {
    'access-control-allow-origin': origin ?? '*',
    ...(origin === null ? {} : { 'access-control-allow-credentials': 'true', vary: 'Origin' }),
    'access-control-allow-methods': 'GET, POST, OPTIONS',
    'access-control-allow-headers': 'X-PINGOTHER, Content-Type, Authorization',
  };
}

function reply(
  response: ServerResponse,
  status: number,
  headers: Record<string, string>,
  body: string,
): void {
  const isJson = body.startsWith('{');
  response.writeHead(status, {
    ...headers,
    'content-type': isJson ? 'application/json' : 'text/plain; charset=utf-8',
    'cache-control': 'no-cache, no-store',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}

function tokenOf(record: Properties): string | null {
  const properties = record.properties;
  const inner = typeof properties === 'object' && properties !== null ? properties : {};
  const token = record.$token ?? ('token' in inner ? inner.token : undefined);
  return typeof token === 'string' && token !== '' ? token : null;
}

function trackRecord(store: MixpanelStore, record: Properties, arrival: Arrival): boolean {
  const { event, properties } = record;
  if (typeof event !== 'string' || event === '') return false;
  if (typeof properties !== 'object' || properties === null || Array.isArray(properties)) return false;
  store.track(event, { ...properties }, arrival);
  return true;
}

type Keep = (store: MixpanelStore, record: Properties, arrival: Arrival) => boolean;
const endpoints: Readonly<Record<string, Keep>> = {
  '/track': trackRecord,
  '/import': trackRecord,
  '/engage': (store, record, arrival) => store.engage(record, arrival),
  '/groups': (store, record) => store.group(record),
};

/**
 * Starts a server that speaks Mixpanel's ingestion protocol as the vendor's own SDKs use it, and keeps all that it
 * receives: `requests` byte for byte, `store` as the vendor would hold it. Not for use as an analytics server.
 */
export async function startMixpanelStandin(options: MixpanelStandinOptions = {}): Promise<MixpanelStandin> {
  const store = new MixpanelStore();

  const ingest = (
    keep: Keep,
    ingestion: Ingestion,
    request: ReceivedRequest,
  ): { status: number; error: string } => {
    const arrival: Arrival = {
      request: request.index,
      at: request.at,
      geolocateFrom: ingestion.geolocate ? request.remoteAddress : null,
    };
    const tokens = ingestion.records.map(tokenOf);
    const header64 = header(request, 'authorization');
    const basicToken = header64?.startsWith('Basic ')
      ? Buffer.from(header64.slice(6), 'base64').toString('utf8').split(':')[0]
      : undefined;
    const taken = (token: string | null): boolean =>
      options.validTokens === undefined || options.validTokens.includes(token ?? basicToken ?? '');
    if (options.validTokens === undefined && basicToken === undefined && tokens.includes(null)) {
      return { status: 401, error: 'token, missing or empty' };
    }
    if (!tokens.every(taken)) return { status: 401, error: 'token, not a valid project token' };
    const kept = ingestion.records.filter((record) => keep(store, record, arrival)).length;
    return { status: 200, error: kept > 0 || ingestion.records.length === 0 ? '' : 'data, no valid record' };
  };

  const listening = await listen(options, async (request, response) => {
    const cors = allowOrigin(request);
    const path = request.path.length > 1 ? request.path.replace(/\/$/, '') : request.path;
    const keep = endpoints[path];
    if (request.method === 'OPTIONS')
      return reply(response, 204, { ...cors, 'access-control-max-age': '86400' }, '');
    if (path === '/settings') return reply(response, 200, cors, '{"sdk_config":{"config":{}}}');
    if (path === '/flags') return reply(response, 200, cors, '{"flags":{}}');
    if (keep === undefined) return reply(response, 404, cors, '{"error":"not found","status":0}');
    if (request.method !== 'GET' && request.method !== 'POST') {
      return reply(response, 405, cors, '{"error":"method not allowed","status":0}');
    }
    try {
      const ingestion = decodeIngestion(request);
      const { status, error } = ingest(keep, ingestion, request);
      const ok = error === '';
      const strictImport = path === '/import' && request.query.get('strict') === '1';
      if (ok && strictImport) {
        const count = ingestion.records.length;
        return reply(response, 200, cors, `{"code":200,"num_records_imported":${count},"status":"OK"}`);
      }
      if (!ingestion.verbose) return reply(response, status, cors, ok ? '1' : '0');
      return reply(response, status, cors, JSON.stringify({ error: ok ? null : error, status: ok ? 1 : 0 }));
    } catch (error) {
      if (!(error instanceof UnreadableDataError)) throw error;
      return reply(response, 400, cors, JSON.stringify({ error: error.message, status: 0 }));
    }
  });
  return { ...listening, store };
}
