import type { ServerResponse } from 'node:http';
import { Files } from '../http/files.ts';
import { type Listening, type ListenOptions, listen, type StreamPlan } from '../http/listen.ts';
import { header, type ReceivedRequest } from '../http/received.ts';
import { formBody, jsonBody, sendJson, sendPieces, sendWhole, VendorError } from '../http/reply.ts';
import { countTokens, messageAnswer, messageEvents, messageObject } from './answers.ts';
import { type Batch, Batches } from './batches.ts';

type Json = Record<string, unknown>;

export interface AnthropicStandinOptions extends ListenOptions {
  /** API keys that are taken, as `x-api-key` or bearer; any if left out. */
  validKeys?: readonly string[];
}

/** One understood request, as the vendor would keep it. */
export interface AnthropicCall {
  endpoint: 'messages' | 'count_tokens' | 'batches' | 'models' | 'files';
  /** The JSON body, or the parts of a form; empty where there is none. */
  body: Json;
  /** Index of the request that brought it. */
  request: number;
}

export interface AnthropicStandin extends Listening {
  /** Calls that were answered, in order. */
  calls: AnthropicCall[];
}

function apiError(status: number, type: string, message: string): VendorError {
  return new VendorError(status, message, { type: 'error', error: { type, message } });
}

const models = ['claude-sonnet-4-5', 'claude-haiku-4-5', 'claude-opus-4-5'].map((id) => ({
  type: 'model',
  id,
  display_name: id,
  created_at: '2025-10-01T00:00:00Z',
}));

function checkCaller(request: ReceivedRequest, valid: readonly string[] | undefined): void {
  const bearer = /^Bearer (\S+)$/.exec(header(request, 'authorization') ?? '')?.[1];
  const key = header(request, 'x-api-key') ?? bearer;
  if (key === undefined || (valid !== undefined && !valid.includes(key))) {
    throw apiError(401, 'authentication_error', 'invalid x-api-key');
  }
  if (header(request, 'anthropic-version') === null) {
    throw apiError(400, 'invalid_request_error', 'anthropic-version: header is required');
  }
}

function bodyWith(request: ReceivedRequest, ...needed: string[]): Json {
  const body = jsonBody(request);
  if (body === null) {
    throw apiError(400, 'invalid_request_error', 'The request body is not a valid JSON object.');
  }
  for (const name of needed) {
    if (body[name] === undefined) throw apiError(400, 'invalid_request_error', `${name}: Field required`);
  }
  return body;
}

/** One page of a list by the vendor's cursors. */
function pageOf<Item extends { id: string }>(all: readonly Item[], query: URLSearchParams): Json {
  const limit = Number(query.get('limit') ?? 20);
  const after = query.get('after_id');
  const start = after === null ? 0 : all.findIndex((one) => one.id === after) + 1;
  const data = all.slice(start, start + limit);
  return {
    data,
    has_more: start + limit < all.length,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
  };
}

/**
 * Starts a server that speaks Anthropic's API for messages (plain and streamed), token counts, message batches and
 * models, and keeps all that it receives: `requests` byte for byte, `calls` understood. Answers echo the last message,
 * or call the first tool that the request offers. Batches have ended as soon as they are made.
 */
export async function startAnthropicStandin(
  options: AnthropicStandinOptions = {},
): Promise<AnthropicStandin> {
  const calls: AnthropicCall[] = [];
  const batches = new Batches();
  const files = new Files((file) => ({
    type: 'file',
    id: file.id,
    filename: file.name,
    mime_type: file.type,
    size_bytes: file.text.length,
    created_at: '2025-10-01T00:00:00Z',
    downloadable: true,
  }));

  const answer = async (
    request: ReceivedRequest,
    response: ServerResponse,
    plan: StreamPlan,
  ): Promise<void> => {
    const id = `standin${String(request.index).padStart(8, '0')}`;
    const headers = { 'request-id': `req_${id}` };
    checkCaller(request, options.validKeys);
    const keep = (endpoint: AnthropicCall['endpoint'], body: Json): void => {
      calls.push({ endpoint, body, request: request.index });
    };
    const whole = (body: unknown) => sendWhole(response, body, plan, headers);
    const route = `${request.method} ${request.path}`;
    if (route === 'POST /v1/messages') {
      const body = bodyWith(request, 'model', 'max_tokens', 'messages');
      keep('messages', body);
      const made = messageAnswer(body, id);
      if (body.stream !== true) return whole(messageObject(made, id));
      const events = messageEvents(made, id).map(
        (event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`,
      );
      return sendPieces(response, events, plan, {
        ...headers,
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-cache',
      });
    }
    if (route === 'POST /v1/messages/count_tokens') {
      const body = bodyWith(request, 'model', 'messages');
      keep('count_tokens', body);
      return whole({ input_tokens: countTokens(body) });
    }
    if (request.path.startsWith('/v1/messages/batches')) {
      const body = route === 'POST /v1/messages/batches' ? bodyWith(request, 'requests') : {};
      keep('batches', body);
      return answerBatch(request, body, id, whole, (lines) =>
        sendPieces(response, lines, plan, { ...headers, 'content-type': 'application/x-jsonl' }),
      );
    }
    if (request.path === '/v1/files' || request.path.startsWith('/v1/files/')) {
      const form = route === 'POST /v1/files' ? await formBody(request) : {};
      if (form === null) throw apiError(400, 'invalid_request_error', 'The request body is not a form.');
      keep('files', form);
      const done = files.answer(request, form, id);
      if (done === null) throw apiError(404, 'not_found_error', `${route} is not known`);
      if (done.content !== undefined) return sendPieces(response, [done.content], plan, headers);
      return whole(done.json);
    }
    if (route === 'GET /v1/models') {
      keep('models', {});
      return whole(pageOf(models, request.query));
    }
    if (request.method === 'GET' && request.path.startsWith('/v1/models/')) {
      const wanted = decodeURIComponent(request.path.slice('/v1/models/'.length));
      const model = models.find((one) => one.id === wanted);
      if (model === undefined) throw apiError(404, 'not_found_error', `model: ${wanted}`);
      keep('models', {});
      return whole(model);
    }
    throw apiError(404, 'not_found_error', `${route} is not known`);
  };

  const answerBatch = (
    request: ReceivedRequest,
    body: Json,
    id: string,
    whole: (body: unknown) => Promise<void>,
    lines: (lines: readonly string[]) => Promise<void>,
  ): Promise<void> => {
    const [name, action] = request.path.split('/').slice(4);
    if (name === undefined) {
      if (request.method === 'GET') return whole(pageOf(batches.all(), request.query));
      return whole(batches.add(body, id, listening.url));
    }
    const batch: Batch | undefined = batches.get(name);
    if (batch === undefined) throw apiError(404, 'not_found_error', `No batch ${name}`);
    if (action === 'results') return lines(batches.results(name).map((line) => `${JSON.stringify(line)}\n`));
    if (action === 'cancel' || request.method === 'GET') return whole(batch);
    batches.remove(name);
    return whole({ id: name, type: 'message_batch_deleted' });
  };

  const listening = await listen(options, async (request, response, plan) => {
    try {
      await answer(request, response, plan);
    } catch (error) {
      if (!(error instanceof VendorError)) throw error;
      sendJson(response, error.status, error.body, { 'request-id': `req_standin${request.index}` });
    }
  });
  return { ...listening, calls };
}
