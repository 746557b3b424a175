import {
  bodyJson,
  isObject,
  type JsonObject,
  objectsIn,
  plainPath,
  sendJson,
  UnreadableBodyError,
} from '../http/json.ts';
import { type Listening, type ListenOptions, listen } from '../http/listen.ts';

export interface AmplitudeStandinOptions extends ListenOptions {
  /** API keys that are taken; any if left out. */
  validKeys?: readonly string[];
}

export interface AmplitudeEvent {
  type: string;
  /** The event as it came. */
  event: JsonObject;
  /** Index of the request that brought it. */
  request: number;
}

export interface AmplitudeStandin extends Listening {
  events: AmplitudeEvent[];
}

/**
 * Starts a server that speaks Amplitude's HTTP V2 and batch upload APIs: the API key in the body, events in a list.
 * Events with the same device and `insert_id` are kept once.
 */
export async function startAmplitudeStandin(
  options: AmplitudeStandinOptions = {},
): Promise<AmplitudeStandin> {
  const events: AmplitudeEvent[] = [];
  const seen = new Set<string>();

  const listening = await listen(options, async (request, response) => {
    const path = plainPath(request);
    if (path !== '/2/httpapi' && path !== '/batch') return sendJson(response, 404, { code: 404 });
    if (request.method !== 'POST') return sendJson(response, 405, { code: 405 });
    try {
      const body = bodyJson(request);
      if (!isObject(body)) throw new UnreadableBodyError('Invalid JSON request body');
      const { api_key: key } = body;
      if (typeof key !== 'string' || options.validKeys?.includes(key) === false) {
        return sendJson(response, 400, { code: 400, error: 'Invalid API key' });
      }
      const sent = objectsIn(body.events);
      if (sent.length === 0) {
        return sendJson(response, 400, {
          code: 400,
          error: 'Request missing required field',
          missing_field: 'events',
        });
      }
      for (const event of sent) {
        const identity = JSON.stringify([event.device_id, event.insert_id]);
        if (typeof event.insert_id === 'string' && seen.has(identity)) continue;
        seen.add(identity);
        const type = typeof event.event_type === 'string' ? event.event_type : '';
        events.push({ type, event, request: request.index });
      }
      return sendJson(response, 200, {
        code: 200,
        events_ingested: sent.length,
        payload_size_bytes: request.body.length,
        server_upload_time: request.at,
      });
    } catch (error) {
      if (!(error instanceof UnreadableBodyError)) throw error;
      return sendJson(response, 400, { code: 400, error: error.message });
    }
  });
  return { ...listening, events };
}
