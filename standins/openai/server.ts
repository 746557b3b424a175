import type { ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { Files } from '../http/files.ts';
import { type Listening, type ListenOptions, listen, type StreamPlan } from '../http/listen.ts';
import { header, type ReceivedRequest } from '../http/received.ts';
import { formBody, sendPieces, VendorError } from '../http/reply.ts';
import { chatAnswer, chatChunks, chatCompletion } from './answers.ts';
import { Batches, openaiFile } from './batches.ts';
import { embeddings } from './embeddings.ts';
import { isOther, otherAnswer } from './others.ts';
import { ProjectKeys, type ProjectKeysOptions } from './project-keys.ts';
import { responseAnswer, responseEvents, responseObject } from './responses.ts';

type Json = Record<string, unknown>;

export interface OpenaiStandinOptions extends ListenOptions {
  /** API keys that are taken; any bearer if left out. */
  validKeys?: readonly string[];
  /** The admin API for a project's keys; those keys are taken then, and no others but `validKeys`. */
  projectKeys?: ProjectKeysOptions;
  /** What stands where OpenAI has `/v1`; `azure`: Azure's paths, `api-version` and `api-key`. Default `/v1`. */
  base?: string;
  /** Milliseconds between two events of a stream; default 0. */
  eventDelayMs?: number;
}

/** One understood request, as the vendor would keep it. */
export interface OpenaiCall {
  endpoint: 'chat' | 'responses' | 'embeddings' | 'models' | 'files' | 'batches' | 'media' | 'other';
  /** The JSON body, or the parts of a form; empty for GET. */
  body: Json;
  /** Index of the request that brought it. */
  request: number;
  /** Header pairs that say who is calling: organisation, project, user agent, SDK. */
  caller: Readonly<Record<string, string>>;
}

export interface OpenaiStandin extends Listening {
  /** Calls that were answered, in order. */
  calls: OpenaiCall[];
  /** The keys of `projectKeys`; null: there is no admin API. */
  projectKeys: ProjectKeys | null;
}

/** Errors in the vendor's shape. */
class ApiError extends Error {
  readonly status: number;
  readonly type: string;
  readonly code: string | null;
  readonly param: string | null;
  constructor(
    status: number,
    message: string,
    type: string,
    code: string | null,
    param: string | null = null,
  ) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.type = type;
    this.code = code;
    this.param = param;
  }
}

const models = ['gpt-5', 'gpt-5-mini', 'text-embedding-3-small'].map((id) => ({
  id,
  object: 'model',
  created: 1_750_000_000,
  owned_by: 'stand-in',
}));

const AZURE = /^\/openai(?:\/v1|(?:\/deployments\/[^/]+)?)(\/.*)$/;

/** The request's path as OpenAI itself has it. Throws ApiError for one that is not below this vendor's base. */
function pathOf(request: ReceivedRequest, base: string): string {
  if (base === '/v1') return request.path;
  const unknown = new ApiError(404, 'Resource not found', 'invalid_request_error', '404');
  if (base !== 'azure') {
    if (!request.path.startsWith(`${base}/`)) throw unknown;
    return `/v1${request.path.slice(base.length)}`;
  }
  const rest = AZURE.exec(request.path)?.[1];
  const isVersioned = request.path.startsWith('/openai/v1/');
  if (rest === undefined || (!isVersioned && !request.query.has('api-version'))) throw unknown;
  return `/v1${rest}`;
}

function checkKey(
  request: ReceivedRequest,
  valid: readonly string[] | undefined,
  base: string,
  keys: ProjectKeys | null,
): void {
  const bearer = /^Bearer (\S+)$/.exec(header(request, 'authorization') ?? '')?.[1];
  const found = (base === 'azure' ? header(request, 'api-key') : null) ?? bearer;
  if (found === undefined) {
    throw new ApiError(401, "You didn't provide an API key.", 'invalid_request_error', null);
  }
  if (keys?.use(found) === true) return;
  if ((valid !== undefined || keys !== null) && valid?.includes(found) !== true) {
    throw new ApiError(401, 'Incorrect API key provided.', 'invalid_request_error', 'invalid_api_key');
  }
}

function readBody(request: ReceivedRequest): Json {
  let value: unknown;
  try {
    value = JSON.parse(request.body.toString('utf8'));
  } catch {
    throw new ApiError(
      400,
      'We could not parse the JSON body of your request.',
      'invalid_request_error',
      null,
    );
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ApiError(400, 'The request body must be a JSON object.', 'invalid_request_error', null);
  }
  return { ...value };
}

async function formOf(request: ReceivedRequest): Promise<Json> {
  const form = await formBody(request);
  if (form === null) {
    throw new ApiError(400, 'Could not parse multipart form.', 'invalid_request_error', null);
  }
  return form;
}

function need(body: Json, name: string): void {
  if (body[name] === undefined) {
    const text = `Missing required parameter: '${name}'.`;
    throw new ApiError(400, text, 'invalid_request_error', 'missing_required_parameter', name);
  }
}

const callerHeaders = /^(user-agent|openai-.*|x-stainless-.*|referer|origin|x-forwarded-.*|cookie)$/i;

function callerOf(request: ReceivedRequest): Record<string, string> {
  const caller: Record<string, string> = {};
  for (let i = 0; i + 1 < request.rawHeaders.length; i += 2) {
    const name = request.rawHeaders[i] ?? '';
    if (callerHeaders.test(name)) caller[name.toLowerCase()] = request.rawHeaders[i + 1] ?? '';
  }
  return caller;
}

/**
 * Starts a server that speaks OpenAI's API for chat completions, responses, embeddings and models, and keeps all
 * that it receives: `requests` byte for byte, `calls` understood. Answers echo the last message, or call the first
 * tool that the request offers.
 */
export async function startOpenaiStandin(options: OpenaiStandinOptions = {}): Promise<OpenaiStandin> {
  const calls: OpenaiCall[] = [];
  const now = options.now ?? Date.now;
  const files = new Files(openaiFile);
  const batches = new Batches(files);
  const projectKeys = options.projectKeys === undefined ? null : new ProjectKeys(options.projectKeys, now);

  const json = (response: ServerResponse, id: string, status: number, body: Json): void => {
    const text = JSON.stringify(body);
    response.writeHead(status, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
      'x-request-id': `req_${id}`,
      'openai-version': '2020-10-01',
      'openai-processing-ms': '1',
    });
    response.end(text);
  };

  const stream = async (
    response: ServerResponse,
    id: string,
    lines: readonly string[],
    plan: StreamPlan,
  ): Promise<void> => {
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
      'x-request-id': `req_${id}`,
      'openai-version': '2020-10-01',
    });
    for (const [index, line] of lines.entries()) {
      if (index === plan.dropAfter) {
        response.destroy();
        return;
      }
      if (index === plan.holdAfter) await plan.released;
      if (response.destroyed) return;
      // Each event has left before the next one, so that a stream that breaks off has a known beginning.
      await new Promise((resolve) => response.write(line, resolve));
      if (options.eventDelayMs !== undefined && options.eventDelayMs > 0) await wait(options.eventDelayMs);
    }
    response.end();
  };

  const answer = async (
    request: ReceivedRequest,
    response: ServerResponse,
    plan: StreamPlan,
  ): Promise<void> => {
    const id = `standin${String(request.index).padStart(8, '0')}`;
    const stamp = { id, created: Math.floor(now() / 1000) };
    const base = options.base ?? '/v1';
    if (projectKeys?.isAdmin(request.path) === true)
      return json(response, id, 200, projectKeys.answer(request));
    checkKey(request, options.validKeys, base, projectKeys);
    const path = pathOf(request, base);
    const keep = (endpoint: OpenaiCall['endpoint'], body: Json): void => {
      calls.push({ endpoint, body, request: request.index, caller: callerOf(request) });
    };
    const plain = async (body: Json): Promise<void> => {
      if (plan.dropAfter !== null) {
        response.destroy();
        return;
      }
      if (plan.holdAfter !== null) await plan.released;
      json(response, id, 200, body);
    };
    const route = `${request.method} ${path}`;
    if (route === 'GET /v1/models') {
      keep('models', {});
      return plain({ object: 'list', data: models });
    }
    if (request.method === 'GET' && path.startsWith('/v1/models/')) {
      const wanted = decodeURIComponent(path.slice('/v1/models/'.length));
      const model = models.find((one) => one.id === wanted);
      if (model === undefined) {
        throw new ApiError(
          404,
          'The requested model does not exist.',
          'invalid_request_error',
          'model_not_found',
          'model',
        );
      }
      keep('models', {});
      return plain(model);
    }
    if (route === 'POST /v1/chat/completions') {
      const body = readBody(request);
      need(body, 'model');
      need(body, 'messages');
      keep('chat', body);
      const made = chatAnswer(body, id);
      if (body.stream !== true) return plain(chatCompletion(made, stamp));
      const wish = body.stream_options;
      const includeUsage =
        typeof wish === 'object' && wish !== null && 'include_usage' in wish && wish.include_usage === true;
      const lines = chatChunks(made, stamp, includeUsage).map(
        (chunk) => `data: ${JSON.stringify(chunk)}\n\n`,
      );
      return stream(response, id, [...lines, 'data: [DONE]\n\n'], plan);
    }
    if (route === 'POST /v1/responses') {
      const body = readBody(request);
      need(body, 'model');
      keep('responses', body);
      const made = responseAnswer(body, id);
      if (body.stream !== true) return plain(responseObject(made, stamp));
      const lines = responseEvents(made, stamp).map(
        (event) => `event: ${String(event.type)}\ndata: ${JSON.stringify(event)}\n\n`,
      );
      return stream(response, id, lines, plan);
    }
    if (route === 'POST /v1/embeddings') {
      const body = readBody(request);
      need(body, 'model');
      need(body, 'input');
      keep('embeddings', body);
      return plain(embeddings(body));
    }
    if (path === '/v1/files' || path.startsWith('/v1/files/')) {
      const form = route === 'POST /v1/files' ? await formOf(request) : {};
      keep('files', form);
      const done = files.answer({ ...request, path }, form, id);
      if (done?.content !== undefined) return sendPieces(response, [done.content], plan, {});
      if (done !== null) return plain(done.json);
    }
    if (path === '/v1/batches' || path.startsWith('/v1/batches/')) {
      const body = route === 'POST /v1/batches' ? readBody(request) : {};
      keep('batches', body);
      const done = batches.answer(request.method, path.split('/').slice(3), body, id);
      if (done !== null) return plain(done);
    }
    if (route === 'POST /v1/audio/transcriptions' || route === 'POST /v1/images/edits') {
      keep('media', await formOf(request));
      return plain(
        path.startsWith('/v1/audio')
          ? { text: 'You said something.' }
          : { created: 1, data: [{ b64_json: 'AA==' }] },
      );
    }
    if (request.method === 'POST' && isOther(path)) {
      const body = readBody(request);
      keep('other', body);
      return plain(otherAnswer(path, body, id));
    }
    throw new ApiError(404, `Invalid URL (${route})`, 'invalid_request_error', null);
  };

  const listening = await listen(options, async (request, response, plan) => {
    try {
      await answer(request, response, plan);
    } catch (error) {
      if (error instanceof VendorError)
        return json(response, `standin${request.index}`, error.status, error.body);
      if (!(error instanceof ApiError)) throw error;
      const { message, type, param, code } = error;
      json(response, `standin${request.index}`, error.status, { error: { message, type, param, code } });
    }
  });
  return { ...listening, calls, projectKeys };
}
