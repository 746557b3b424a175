import {
  bodyJson,
  bodyText,
  isObject,
  type JsonObject,
  jsonOf,
  objectsIn,
  plainPath,
  sendJson,
  UnreadableBodyError,
} from '../http/json.ts';
import { type Listening, type ListenOptions, listen } from '../http/listen.ts';
import type { ReceivedRequest } from '../http/received.ts';

export interface PosthogStandinOptions extends ListenOptions {
  /** Project keys that are taken; any if left out. */
  validKeys?: readonly string[];
  /** What every person is told of feature flags. */
  flags?: Readonly<Record<string, boolean | string>>;
}

export interface PosthogEvent {
  event: string;
  distinctId: string | null;
  properties: JsonObject;
  /** The event as it came. */
  whole: JsonObject;
  /** Index of the request that brought it. */
  request: number;
}

export interface PosthogStandin extends Listening {
  events: PosthogEvent[];
  /** Bodies of questions for flags. */
  asked: JsonObject[];
}

const ingestPaths = ['/batch', '/e', '/i/v0/e', '/capture', '/track'];
const flagPaths = ['/flags', '/decide'];

function keyOf(body: unknown, records: readonly JsonObject[]): string | null {
  const [first] = records;
  const properties = isObject(first?.properties) ? first.properties : {};
  const top = isObject(body) ? (body.api_key ?? body.token) : undefined;
  const key = top ?? first?.api_key ?? first?.token ?? properties.token;
  return typeof key === 'string' ? key : null;
}

/** What browsers send as a form: JSON in base64; null where the body is none. */
function formJson(request: ReceivedRequest): unknown {
  if (!request.body.subarray(0, 5).equals(Buffer.from('data='))) return null;
  const data = new URLSearchParams(bodyText(request)).get('data') ?? '';
  return jsonOf(Buffer.from(data.replaceAll(' ', '+'), 'base64').toString('utf8'));
}

function flagOf([key, value]: [string, boolean | string]): [string, JsonObject] {
  const variant = typeof value === 'string' ? value : undefined;
  const reason = { code: 'condition_match', condition_index: 0, description: 'Matched condition set 1' };
  return [key, { key, enabled: value !== false, variant, reason, metadata: { id: 1, version: 1 } }];
}

/**
 * Starts a server that speaks PostHog's ingestion and flags protocol as its SDKs use it: events alone, in lists and in
 * batches, gzip labelled or not, the project key in the body. Events with the same `uuid` are kept once.
 */
export async function startPosthogStandin(options: PosthogStandinOptions = {}): Promise<PosthogStandin> {
  const events: PosthogEvent[] = [];
  const asked: JsonObject[] = [];
  const seen = new Set<string>();
  const flags = options.flags ?? {};

  const keep = (whole: JsonObject, request: number): void => {
    if (typeof whole.uuid === 'string') {
      if (seen.has(whole.uuid)) return;
      seen.add(whole.uuid);
    }
    const properties = isObject(whole.properties) ? whole.properties : {};
    const id = whole.distinct_id ?? properties.distinct_id;
    const event = typeof whole.event === 'string' ? whole.event : '';
    events.push({ event, distinctId: typeof id === 'string' ? id : null, properties, whole, request });
  };

  const listening = await listen(options, async (request, response) => {
    const path = plainPath(request);
    const isFlags = flagPaths.includes(path);
    if (!isFlags && !ingestPaths.includes(path)) return sendJson(response, 404, { detail: 'Not found.' });
    if (request.method !== 'POST') return sendJson(response, 405, { detail: 'Method not allowed.' });
    try {
      const body = formJson(request) ?? bodyJson(request);
      const one = isObject(body) ? [body] : [];
      const records = isObject(body) && Array.isArray(body.batch) ? objectsIn(body.batch) : objectsIn(body);
      const list = records.length > 0 ? records : one;
      const key = keyOf(body, list);
      if (key === null || options.validKeys?.includes(key) === false) {
        return sendJson(response, 401, {
          type: 'authentication_error',
          code: 'invalid_api_key',
          detail: 'Project API key invalid.',
        });
      }
      if (!isFlags) {
        for (const record of list) keep(record, request.index);
        return sendJson(response, 200, { status: 'Ok' });
      }
      asked.push(...one);
      return sendJson(response, 200, {
        errorsWhileComputingFlags: false,
        flags: Object.fromEntries(Object.entries(flags).map(flagOf)),
        featureFlags: flags,
        featureFlagPayloads: {},
        requestId: '00000000-0000-4000-8000-000000000000',
      });
    } catch (error) {
      if (!(error instanceof UnreadableBodyError)) throw error;
      return sendJson(response, 400, { type: 'validation_error', detail: error.message });
    }
  });
  return { ...listening, events, asked };
}
