import { confirmedByFactor } from './step-up.ts';

/** What the API answered instead of success: problem+json (RFC 9457), with the fields that were wrong. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly fields: readonly { field: string; message: string }[];
  /** In how many seconds to come again, where the answer says so. */
  readonly retryAfter: number | null;
  /** What was asked of a second person instead of doing it; null: nothing. */
  readonly approval: string | null;

  constructor(status: number, problem: Problem, retryAfter: number | null = null) {
    super(problem.detail ?? problem.title ?? `The control plane answered ${status}.`);
    this.name = 'ApiError';
    this.status = status;
    this.code = problem.code ?? 'unknown';
    this.title = problem.title ?? this.message;
    this.fields = problem.errors ?? [];
    this.retryAfter = retryAfter;
    this.approval = problem.approval ?? null;
  }

  /** The message for one field of a form, if that field or a part of it (`origins.0`) was wrong. */
  field(name: string): string | undefined {
    return this.fields.find((error) => error.field === name || error.field.startsWith(`${name}.`))?.message;
  }
}

/** Nothing came back: no network, or the control plane is not running. */
export class UnreachableError extends Error {
  constructor(cause: unknown) {
    super('The control plane did not answer.', { cause });
    this.name = 'UnreachableError';
  }
}

/** A factor was asked for and not given: nothing was sent again, and nothing was changed. */
export class NotConfirmedError extends Error {
  constructor(cause: unknown) {
    super('It was not confirmed with a factor.', { cause });
    this.name = 'NotConfirmedError';
  }
}

interface Problem {
  title?: string;
  code?: string;
  detail?: string;
  errors?: { field: string; message: string }[];
  approval?: string;
}

export type Query = Readonly<Record<string, string | number | undefined>>;

interface Call {
  query?: Query | undefined;
  body?: unknown;
  /** Sent as it is, in place of a body; the reason goes in a header. */
  file?: Blob | undefined;
  /** Why: goes on record with the change. 3 to 500 characters. */
  reason?: string | undefined;
  /** The same key for the same attempt: a repeated POST is answered, not done twice. */
  idempotencyKey?: string | undefined;
  ifMatch?: string | undefined;
  signal?: AbortSignal | undefined;
}

const prefix = '/api/v1';

function address(path: string, query: Query = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') parameters.set(name, String(value));
  }
  const text = parameters.toString();
  return `${prefix}${path}${text === '' ? '' : `?${text}`}`;
}

function headersOf(method: string, call: Call): Headers {
  const headers = new Headers({ accept: 'application/json' });
  if (method !== 'GET') headers.set('x-drawbridge-csrf', '1');
  if (call.body !== undefined) headers.set('content-type', 'application/json');
  if (call.file !== undefined) headers.set('content-type', call.file.type || 'application/octet-stream');
  // A header carries no letters beyond Latin-1: the reason goes percent-encoded only where it must.
  if (call.reason !== undefined && call.body === undefined) {
    headers.set('x-drawbridge-reason', encodeURIComponent(call.reason));
  }
  if (call.idempotencyKey !== undefined) headers.set('idempotency-key', call.idempotencyKey);
  if (call.ifMatch !== undefined) headers.set('if-match', call.ifMatch);
  return headers;
}

function bodyOf(call: Call): string | Blob | null {
  if (call.file !== undefined) return call.file;
  if (call.body === undefined) return null;
  const reason = call.reason === undefined ? {} : { reason: call.reason };
  return JSON.stringify({ ...(call.body as object), ...reason });
}

async function problemOf(response: Response): Promise<Problem> {
  const type = response.headers.get('content-type') ?? '';
  if (!type.includes('json')) return {};
  return (await response.json()) as Problem;
}

async function send(method: string, path: string, call: Call): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(address(path, call.query), {
      method,
      headers: headersOf(method, call),
      body: bodyOf(call),
      signal: call.signal ?? null,
    });
  } catch (cause) {
    if (call.signal?.aborted) throw cause;
    throw new UnreachableError(cause);
  }
  if (!response.ok) throw new ApiError(response.status, await problemOf(response), waitOf(response));
  return response;
}

/** Seconds of `retry-after`; null where it is absent or a date. */
function waitOf(response: Response): number | null {
  const text = response.headers.get('retry-after');
  return text !== null && /^\d+$/.test(text) ? Number(text) : null;
}

/** Sends; where a factor must be used first, asks for it and sends the same again, once. */
async function sendConfirmed(method: string, path: string, call: Call): Promise<Response> {
  try {
    return await send(method, path, call);
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'step_up_needed') throw error;
    if (!(await confirmedByFactor())) throw new NotConfirmedError(error);
  }
  return send(method, path, call);
}

/** GET: the answer as `Answer`. Throws ApiError or UnreachableError. */
export async function read<Answer>(path: string, query?: Query, signal?: AbortSignal): Promise<Answer> {
  const response = await send('GET', path, { query, signal });
  return (await response.json()) as Answer;
}

/**
 * GET of a file: its bytes, null when there is none. Reading ends behind `limit` bytes, whatever comes. Throws like `read`.
 */
export async function readBytes(
  path: string,
  limit: number,
  signal: AbortSignal,
): Promise<Uint8Array | null> {
  let response: Response;
  try {
    response = await send('GET', path, { signal });
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = response.body?.getReader();
  while (reader !== undefined && length <= limit) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    length += value.length;
  }
  await reader?.cancel();
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** GET of a text. Throws like `read`. */
export async function readText(path: string, signal?: AbortSignal): Promise<string> {
  return (await send('GET', path, { signal })).text();
}

/**
 * POST, PUT, PATCH or DELETE: the answer as `Answer`, null when there is none. What asks for a factor is sent again once
 * it was given. Throws like `read`, and NotConfirmedError where it was not given.
 */
export async function write<Answer>(
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  call: Omit<Call, 'query'>,
): Promise<Answer> {
  const response = await sendConfirmed(method, path, call);
  return response.status === 204 ? (null as Answer) : ((await response.json()) as Answer);
}
