import type { ServerResponse } from 'node:http';
import type { StreamPlan } from './listen.ts';
import { header, type ReceivedRequest } from './received.ts';

type Json = Record<string, unknown>;
type Headers = Readonly<Record<string, string>>;

/** An error in a vendor's shape: `body` is what the vendor answers. */
export class VendorError extends Error {
  readonly status: number;
  readonly body: Json;
  constructor(status: number, message: string, body: Json) {
    super(message);
    this.name = 'VendorError';
    this.status = status;
    this.body = body;
  }
}

export function sendJson(response: ServerResponse, status: number, body: unknown, headers: Headers): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    ...headers,
  });
  response.end(text);
}

/** Answers at once and whole, or as the plan says: a plain answer has no middle, so it is dropped or held altogether. */
export async function sendWhole(
  response: ServerResponse,
  body: unknown,
  plan: StreamPlan,
  headers: Headers,
): Promise<void> {
  if (plan.dropAfter !== null) {
    response.destroy();
    return;
  }
  if (plan.holdAfter !== null) await plan.released;
  sendJson(response, 200, body, headers);
}

/** Streams pieces of an answer, cut short or held as the plan says. */
export async function sendPieces(
  response: ServerResponse,
  pieces: readonly (string | Uint8Array)[],
  plan: StreamPlan,
  headers: Headers,
): Promise<void> {
  response.writeHead(200, headers);
  for (const [index, piece] of pieces.entries()) {
    if (index === plan.dropAfter) {
      response.destroy();
      return;
    }
    if (index === plan.holdAfter) await plan.released;
    if (response.destroyed) return;
    // Each piece has left before the next one, so that a stream that breaks off has a known beginning.
    await new Promise((resolve) => response.write(piece, resolve));
  }
  response.end();
}

/** A file in a form, as the vendor keeps it. */
export interface FormFile {
  name: string;
  type: string;
  text: string;
}

/** The parts of a multipart form by name (of several the last), or null where the body is none. */
export async function formBody(request: ReceivedRequest): Promise<Record<string, string | FormFile> | null> {
  const type = header(request, 'content-type') ?? '';
  let form: FormData;
  try {
    form = await new Response(Uint8Array.from(request.body), {
      headers: { 'content-type': type },
    }).formData();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return null;
  }
  const parts: Record<string, string | FormFile> = {};
  for (const [name, value] of form) {
    parts[name] =
      typeof value === 'string' ? value : { name: value.name, type: value.type, text: await value.text() };
  }
  return parts;
}

/** A body as a JSON object, or null where it is none. */
export function jsonBody(request: ReceivedRequest): Json | null {
  let value: unknown;
  try {
    value = JSON.parse(request.body.toString('utf8'));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return null;
  }
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
}
