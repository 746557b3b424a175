import {
  basicUser,
  bodyJson,
  isObject,
  type JsonObject,
  objectsIn,
  plainPath,
  sendJson,
  UnreadableBodyError,
} from '../http/json.ts';
import { type Listening, type ListenOptions, listen } from '../http/listen.ts';
import { header } from '../http/received.ts';

export interface TrackingStandinOptions extends ListenOptions {
  /** Write keys that are taken; any if left out. */
  validKeys?: readonly string[];
}

/** One message as the vendor got it, and what stood beside it in its batch. */
export interface TrackedMessage {
  type: string;
  message: JsonObject;
  /** The members beside `batch`; empty for a message sent alone. */
  beside: JsonObject;
  /** Index of the request that brought it. */
  request: number;
}

export interface TrackingStandin extends Listening {
  messages: TrackedMessage[];
}

const calls = ['track', 'identify', 'page', 'screen', 'group', 'alias'];

/**
 * Starts a server that speaks Segment's HTTP tracking API, which RudderStack's data plane speaks too: the write key as
 * user name, messages alone or in batches, gzip or not. Messages with the same `messageId` are kept once.
 */
export async function startTrackingStandin(options: TrackingStandinOptions = {}): Promise<TrackingStandin> {
  const messages: TrackedMessage[] = [];
  const seen = new Set<string>();

  const keep = (type: unknown, message: JsonObject, beside: JsonObject, request: number): void => {
    const { messageId } = message;
    if (typeof messageId === 'string') {
      if (seen.has(messageId)) return;
      seen.add(messageId);
    }
    messages.push({ type: typeof type === 'string' ? type : '', message, beside, request });
  };

  const listening = await listen(options, async (request, response) => {
    const call = /^\/v1\/([a-z]+)$/.exec(plainPath(request))?.[1];
    if (call === undefined || (call !== 'batch' && !calls.includes(call))) {
      return sendJson(response, 404, { success: false, message: 'not found' });
    }
    if (request.method !== 'POST') return sendJson(response, 405, { success: false });
    try {
      const body = bodyJson(request);
      if (!isObject(body)) throw new UnreadableBodyError('the body is not an object');
      const inBody = typeof body.writeKey === 'string' ? body.writeKey : null;
      const key = basicUser(header(request, 'authorization')) ?? inBody;
      if (key === null || options.validKeys?.includes(key) === false) {
        return sendJson(response, 401, { success: false, message: 'invalid write key' });
      }
      const { batch, ...beside } = body;
      if (call !== 'batch') keep(call, body, {}, request.index);
      else for (const message of objectsIn(batch)) keep(message.type, message, beside, request.index);
      return sendJson(response, 200, { success: true });
    } catch (error) {
      if (!(error instanceof UnreadableBodyError)) throw error;
      return sendJson(response, 400, { success: false, message: error.message });
    }
  });
  return { ...listening, messages };
}
