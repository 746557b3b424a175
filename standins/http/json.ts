import type { ServerResponse } from 'node:http';
import { gunzipSync } from 'node:zlib';
import type { ReceivedRequest } from './received.ts';

/** A body that the vendor could not read. */
export class UnreadableBodyError extends Error {
  readonly code = 'unreadable_body';
  constructor(message: string) {
    super(message);
    this.name = 'UnreadableBodyError';
  }
}

export type JsonObject = Record<string, unknown>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The objects of a list; what is none is left out. */
export function objectsIn(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** The body as text, inflated by what it is rather than by its label. Throws UnreadableBodyError. */
export function bodyText(request: ReceivedRequest): string {
  const { body } = request;
  if (body[0] !== 0x1f || body[1] !== 0x8b) return body.toString('utf8');
  try {
    return gunzipSync(body, { maxOutputLength: 64 * 1024 * 1024 }).toString('utf8');
  } catch (error) {
    throw new UnreadableBodyError(
      `gzip can't be inflated: ${error instanceof Error ? error.message : 'unknown'}`,
    );
  }
}

/** The body as JSON. Throws UnreadableBodyError. */
export function bodyJson(request: ReceivedRequest): unknown {
  return jsonOf(bodyText(request));
}

/** JSON in a text that came. Throws UnreadableBodyError. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw new UnreadableBodyError('the body is not JSON');
    throw error;
  }
}

/** The path without a slash at its end. */
export function plainPath(request: ReceivedRequest): string {
  return request.path.length > 1 ? request.path.replace(/\/$/, '') : request.path;
}

/** The user name of an HTTP basic credential; null when there is none. */
export function basicUser(authorization: string | null): string | null {
  if (authorization?.startsWith('Basic ') !== true) return null;
  return Buffer.from(authorization.slice(6), 'base64').toString('utf8').split(':')[0] ?? null;
}

export function sendJson(
  response: ServerResponse,
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  const body = JSON.stringify(value);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...headers,
  });
  response.end(body);
}
