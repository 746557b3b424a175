import { gunzipSync } from 'node:zlib';
import { isObject, type JsonObject, plainPath, sendJson, UnreadableBodyError } from '../http/json.ts';
import { type Listening, type ListenOptions, listen } from '../http/listen.ts';
import type { ReceivedRequest } from '../http/received.ts';

export interface SentryStandinOptions extends ListenOptions {
  /** Public keys that are taken; any if left out. */
  validKeys?: readonly string[];
}

export interface SentryItem {
  type: string;
  header: JsonObject;
  /** The payload as JSON, or its bytes where it is none. */
  payload: unknown;
  /** The header of its envelope. */
  envelope: JsonObject;
  project: string;
  /** Index of the request that brought it. */
  request: number;
}

export interface SentryStandin extends Listening {
  items: SentryItem[];
}

function objectIn(line: Buffer): JsonObject {
  const value: unknown = JSON.parse(line.toString('utf8'));
  if (!isObject(value)) throw new UnreadableBodyError('a header is not an object');
  return value;
}

function payloadIn(bytes: Buffer, type: string): unknown {
  return type === 'attachment' ? bytes : JSON.parse(bytes.toString('utf8'));
}

/** Reads header and items, payloads by their length or to the end of their line. Throws UnreadableBodyError. */
function readEnvelope(request: ReceivedRequest): Omit<SentryItem, 'project' | 'request'>[] {
  const isGzip = request.body[0] === 0x1f && request.body[1] === 0x8b;
  let rest = isGzip ? gunzipSync(request.body) : request.body;
  const take = (length: number): Buffer => {
    const taken = rest.subarray(0, length);
    rest = rest.subarray(length + 1);
    return taken;
  };
  const line = (): Buffer => take(rest.indexOf(0x0a) === -1 ? rest.length : rest.indexOf(0x0a));
  try {
    const envelope = objectIn(line());
    const items: Omit<SentryItem, 'project' | 'request'>[] = [];
    while (rest.length > 0) {
      const header = objectIn(line());
      const type = String(header.type);
      const bytes = typeof header.length === 'number' ? take(header.length) : line();
      items.push({ type, header, payload: payloadIn(bytes, type), envelope });
    }
    return items;
  } catch (error) {
    if (error instanceof SyntaxError) throw new UnreadableBodyError('invalid envelope');
    throw error;
  }
}

/** Starts a server that speaks Sentry's envelope endpoint as its JavaScript SDKs use it: the key in the query. */
export async function startSentryStandin(options: SentryStandinOptions = {}): Promise<SentryStandin> {
  const items: SentryItem[] = [];
  const listening = await listen(options, async (request, response) => {
    const project = /^\/api\/(\d+)\/envelope$/.exec(plainPath(request))?.[1];
    if (project === undefined) return sendJson(response, 404, { detail: 'not found' });
    if (request.method !== 'POST') return sendJson(response, 405, { detail: 'method not allowed' });
    const key = request.query.get('sentry_key');
    if (key === null || options.validKeys?.includes(key) === false) {
      return sendJson(response, 403, { detail: 'event submission rejected with_reason: ProjectId' });
    }
    try {
      const read = readEnvelope(request);
      items.push(...read.map((item) => ({ ...item, project, request: request.index })));
      return sendJson(response, 200, { id: read[0]?.envelope.event_id ?? null });
    } catch (error) {
      if (!(error instanceof UnreadableBodyError)) throw error;
      return sendJson(response, 400, { detail: error.message });
    }
  });
  return { ...listening, items };
}
