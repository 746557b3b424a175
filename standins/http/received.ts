import type { IncomingMessage } from 'node:http';

/** One request as it arrived, byte for byte: what a breach of this vendor would give away. */
export interface ReceivedRequest {
  /** Position in the order of arrival, from 0. */
  index: number;
  /** Milliseconds since 1970 at which the whole request was there. */
  at: number;
  method: string;
  /** Path without the query, not decoded. */
  path: string;
  query: URLSearchParams;
  /** The query as it stood in the request line, without `?`. */
  rawQuery: string;
  /** Header pairs as sent: name, value, name, value. */
  rawHeaders: readonly string[];
  remoteAddress: string;
  body: Buffer;
}

/** The first value of a header, by any case of its name; null if it was not sent. */
export function header(request: ReceivedRequest, name: string): string | null {
  const wanted = name.toLowerCase();
  for (let i = 0; i + 1 < request.rawHeaders.length; i += 2) {
    if (request.rawHeaders[i]?.toLowerCase() === wanted) return request.rawHeaders[i + 1] ?? null;
  }
  return null;
}

const BODY_LIMIT = 64 * 1024 * 1024;

/** A body larger than any test or replay sends: 64 MiB. */
export class StandinBodyTooLargeError extends Error {
  readonly code = 'standin_body_too_large';
  constructor() {
    super(
      `The request body is larger than ${BODY_LIMIT} bytes. Stand-ins take at most that much; send less.`,
    );
    this.name = 'StandinBodyTooLargeError';
  }
}

/** Reads a request to its end. Throws StandinBodyTooLargeError, or the socket's error when the client goes. */
export async function receive(
  message: IncomingMessage,
  index: number,
  now: () => number,
): Promise<ReceivedRequest> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message) {
    const bytes: Buffer = chunk;
    size += bytes.length;
    if (size > BODY_LIMIT) throw new StandinBodyTooLargeError();
    chunks.push(bytes);
  }
  const target = message.url ?? '/';
  const mark = target.indexOf('?');
  const rawQuery = mark === -1 ? '' : target.slice(mark + 1);
  return {
    index,
    at: now(),
    method: message.method ?? 'GET',
    path: mark === -1 ? target : target.slice(0, mark),
    query: new URLSearchParams(rawQuery),
    rawQuery,
    rawHeaders: [...message.rawHeaders],
    remoteAddress: message.socket.remoteAddress ?? '',
    body: Buffer.concat(chunks),
  };
}
