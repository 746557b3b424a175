import type { IncomingMessage } from 'node:http';
import { Refusal } from '../refusal/index.ts';

/** Counts the request bytes that all crossings of a worker hold in memory. */
export interface BodyBudget {
  held: number;
  readonly limit: number;
}

const nothing = Buffer.alloc(0);

/** The announced length, or -1 when the body is chunked; 0 when there is none. Throws Refusal `bad_request`. */
export function announcedLength(request: IncomingMessage): number {
  const { headers } = request;
  if (headers['transfer-encoding'] !== undefined) {
    if (headers['content-length'] !== undefined) {
      throw new Refusal('bad_request', 'accept', 'Transfer-Encoding and Content-Length exclude each other.');
    }
    return -1;
  }
  const text = headers['content-length'];
  if (text === undefined) return 0;
  const length = Number(text);
  if (!/^\d{1,15}$/.test(text) || !Number.isSafeInteger(length)) {
    throw new Refusal('bad_request', 'accept', 'Content-Length must be one whole number.');
  }
  return length;
}

/** Refuses an announced length over the limit before a byte of it is read. Throws Refusal `body_too_large`. */
export function checkLength(length: number, limit: number): void {
  if (length > limit) throw tooLarge(limit);
}

/** More than this many bytes are taken only from someone whose key is known. */
export const STRANGER_BYTES = 64 * 1024;

export interface BodyReading {
  /** The announced length, or -1. */
  announced: number;
  /** The most bytes taken. */
  limit: number;
  budget: BodyBudget;
  /** Called with what has come once it is more than `STRANGER_BYTES`; what it throws ends the reading. */
  onStart: ((start: Buffer) => void) | null;
}

/**
 * Reads the whole body into one Buffer. What it holds is counted in the budget until `releaseBody` is called. Throws
 * Refusal `body_too_large`, `overloaded`, `bad_request` (the client went away in the middle), and what `onStart` throws.
 */
export function readBody(request: IncomingMessage, reading: BodyReading): Promise<Buffer> | Buffer {
  const { announced, limit, budget } = reading;
  let { onStart } = reading;
  if (announced === 0) return nothing;
  if (announced > 0 && budget.held + announced > budget.limit) throw overloaded();
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let isDone = false;
    const stop = (refusal: unknown): void => {
      isDone = true;
      budget.held -= size;
      reject(refusal);
    };
    request.on('data', (chunk: Buffer) => {
      if (isDone) return;
      size += chunk.length;
      budget.held += chunk.length;
      if (size > limit) {
        stop(tooLarge(limit));
      } else if (budget.held > budget.limit) {
        stop(overloaded());
      } else {
        chunks.push(chunk);
        if (onStart === null || size <= STRANGER_BYTES) return;
        try {
          onStart(Buffer.concat(chunks));
          onStart = null;
        } catch (refusal) {
          stop(refusal);
        }
      }
    });
    request.on('end', () => {
      if (isDone) return;
      isDone = true;
      const [first] = chunks;
      resolve(chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks, size));
    });
    request.on('close', () => {
      if (isDone) return;
      stop(new Refusal('bad_request', 'accept', 'The client went away before its body was complete.'));
    });
  });
}

/** Gives back what `readBody` counted. */
export function releaseBody(body: Buffer, budget: BodyBudget): void {
  budget.held -= body.length;
}

function tooLarge(limit: number): Refusal {
  return new Refusal(
    'body_too_large',
    'accept',
    `The body is larger than the ${limit} bytes that may cross.`,
  );
}

function overloaded(): Refusal {
  return new Refusal(
    'overloaded',
    'accept',
    'The gateway holds as many requests as its memory allows. Send this one again in a moment.',
    { retryAfterSeconds: 1 },
  );
}
