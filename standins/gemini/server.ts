import type { ServerResponse } from 'node:http';
import { type Listening, type ListenOptions, listen, type StreamPlan } from '../http/listen.ts';
import { header, type ReceivedRequest } from '../http/received.ts';
import { jsonBody, sendJson, sendPieces, sendWhole, VendorError } from '../http/reply.ts';
import { countOf, embeddingOf, generated, generatedPieces } from './answers.ts';

type Json = Record<string, unknown>;

export interface GeminiStandinOptions extends ListenOptions {
  /** API keys that are taken, in `x-goog-api-key` or `?key=`; any if left out. */
  validKeys?: readonly string[];
}

/** One understood request, as the vendor would keep it. */
export interface GeminiCall {
  /** The verb after the model's name; `models` for the catalogue. */
  endpoint: string;
  /** API version: `v1` or `v1beta`. */
  version: string;
  model: string;
  /** The JSON body; empty for GET. */
  body: Json;
  /** Index of the request that brought it. */
  request: number;
}

export interface GeminiStandin extends Listening {
  /** Calls that were answered, in order. */
  calls: GeminiCall[];
}

function apiError(code: number, status: string, message: string): VendorError {
  return new VendorError(code, message, { error: { code, message, status } });
}

const models = ['gemini-2.5-flash', 'gemini-2.5-pro', 'gemini-embedding-001'].map((id) => ({
  name: `models/${id}`,
  version: '001',
  displayName: id,
  inputTokenLimit: 1_000_000,
  outputTokenLimit: 65_536,
  supportedGenerationMethods: ['generateContent', 'countTokens'],
}));

function checkKey(request: ReceivedRequest, valid: readonly string[] | undefined): void {
  const key = header(request, 'x-goog-api-key') ?? request.query.get('key');
  if (key === null) {
    throw apiError(403, 'PERMISSION_DENIED', "Method doesn't allow unregistered callers.");
  }
  if (valid !== undefined && !valid.includes(key)) {
    throw apiError(400, 'INVALID_ARGUMENT', 'API key not valid. Please pass a valid API key.');
  }
}

function bodyWith(request: ReceivedRequest, needed: string): Json {
  const body = jsonBody(request);
  if (body === null) throw apiError(400, 'INVALID_ARGUMENT', 'Invalid JSON payload received.');
  if (body[needed] === undefined) throw apiError(400, 'INVALID_ARGUMENT', `* ${needed}: is not specified`);
  return body;
}

const ROUTE = /^\/(v1|v1beta)\/models(?:\/([^/:]+)(?::([A-Za-z]+))?)?$/;

/**
 * Starts a server that speaks the Gemini API for content (plain and streamed), token counts, embeddings and models, in
 * both of its versions, and keeps all that it receives: `requests` byte for byte, `calls` understood. Answers echo the
 * last turn, or call the first function that the request declares.
 */
export async function startGeminiStandin(options: GeminiStandinOptions = {}): Promise<GeminiStandin> {
  const calls: GeminiCall[] = [];

  const answer = async (
    request: ReceivedRequest,
    response: ServerResponse,
    plan: StreamPlan,
  ): Promise<void> => {
    checkKey(request, options.validKeys);
    const route = ROUTE.exec(request.path);
    if (route === null) throw apiError(404, 'NOT_FOUND', `${request.method} ${request.path} is not known`);
    const [, version = '', rawModel, verb] = route;
    const model = decodeURIComponent(rawModel ?? '');
    const keep = (body: Json): Json => {
      calls.push({ endpoint: verb ?? 'models', version, model, body, request: request.index });
      return body;
    };
    const whole = (body: unknown) => sendWhole(response, body, plan, {});
    const id = `standin${String(request.index).padStart(8, '0')}`;
    switch (`${request.method} ${verb ?? ''}`) {
      case 'GET ':
        return whole(catalogue(model, request.query, keep));
      case 'POST generateContent':
        return whole(generated(keep(bodyWith(request, 'contents')), model, id));
      case 'POST streamGenerateContent': {
        const parts = generatedPieces(keep(bodyWith(request, 'contents')), model, id);
        return request.query.get('alt') === 'sse'
          ? sendPieces(response, parts.map(eventOf), plan, { 'content-type': 'text/event-stream' })
          : sendPieces(response, asList(parts), plan, { 'content-type': 'application/json' });
      }
      case 'POST countTokens':
        return whole({ totalTokens: countOf(keep(bodyWith(request, 'contents'))) });
      case 'POST embedContent':
        return whole({ embedding: embeddingOf(keep(bodyWith(request, 'content'))) });
      case 'POST batchEmbedContents': {
        const { requests } = keep(bodyWith(request, 'requests'));
        return whole({ embeddings: Array.isArray(requests) ? requests.map(embeddingOf) : [] });
      }
      default:
        throw apiError(404, 'NOT_FOUND', `${request.method} ${request.path} is not known`);
    }
  };

  const listening = await listen(options, async (request, response, plan) => {
    try {
      await answer(request, response, plan);
    } catch (error) {
      if (!(error instanceof VendorError)) throw error;
      sendJson(response, error.status, error.body, {});
    }
  });
  return { ...listening, calls };
}

/** All models in pages, or the one that is named. */
function catalogue(model: string, query: URLSearchParams, keep: (body: Json) => Json): Json {
  const found = models.find((one) => one.name === `models/${model}`);
  if (model !== '' && found === undefined) {
    throw apiError(404, 'NOT_FOUND', `models/${model} is not found for API version v1beta.`);
  }
  keep({});
  if (found !== undefined) return found;
  const start = Number(query.get('pageToken') ?? 0);
  const end = start + Number(query.get('pageSize') ?? 50);
  const page = { models: models.slice(start, end) };
  return end < models.length ? { ...page, nextPageToken: String(end) } : page;
}

const eventOf = (part: Json) => `data: ${JSON.stringify(part)}\r\n\r\n`;

/** What the API streams without `alt=sse`: a JSON list, element by element. */
function asList(parts: readonly Json[]): string[] {
  return parts.map((part, index) => {
    const end = index === parts.length - 1 ? ']' : '';
    return `${index === 0 ? '[' : ',\r\n'}${JSON.stringify(part)}${end}`;
  });
}
