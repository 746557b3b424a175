import { readFileSync } from 'node:fs';
import { request as requestInClear } from 'node:http';
import { request } from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';
import { VaultFailure } from '../failure.ts';

const ANSWER_LIMIT = 64 * 1024;
const PAUSES_MS = [200, 800];
/** What the same request, sent again, may well not get: throttling, and a service that is not up. */
export const PASSING: ReadonlySet<number> = new Set([429, 500, 502, 503, 504]);

export interface Post {
  url: URL;
  /** Asked for at each try: a signature has a time. */
  headers: () => Readonly<Record<string, string>>;
  body: Uint8Array;
  /** PEM file of authorities to trust instead of the built-in ones. */
  caFile: string | null;
  timeoutMs: number;
  /** Who is called, to begin a sentence with. */
  who: string;
}

export interface PostAnswer {
  status: number;
  /** Null: no JSON object. */
  body: Readonly<Record<string, unknown>> | null;
}

/**
 * Sends a POST whose repetition does no harm, up to three times where it got no answer or `isPassing` one. No redirect is
 * followed. Throws VaultFailure `kek_unavailable`, `kek_unreadable` where the file of authorities can't be read.
 */
export async function post(call: Post, isPassing: (answer: PostAnswer) => boolean): Promise<PostAnswer> {
  const ca = call.caFile === null ? undefined : readText(call.caFile);
  for (let tried = 0; ; tried++) {
    const wait = PAUSES_MS[tried];
    try {
      const answer = await once(call, ca);
      if (wait === undefined || !isPassing(answer)) return answer;
    } catch (error) {
      if (!(error instanceof Error) || error instanceof VaultFailure) throw error;
      if (wait === undefined) throw unreachable(call, error);
    }
    await pause(wait);
  }
}

async function once(call: Post, ca: string | undefined): Promise<PostAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<PostAnswer>();
  const options = {
    method: 'POST',
    agent: false as const,
    headers: { ...call.headers(), 'content-length': call.body.length },
    // For all of it: connecting, sending, and the whole answer.
    signal: AbortSignal.timeout(call.timeoutMs),
  };
  const sending =
    call.url.protocol === 'http:'
      ? requestInClear(call.url, options)
      : request(call.url, { ...options, ...(ca === undefined ? {} : { ca }) });
  sending.once('error', reject);
  sending.once('response', (response) => {
    const parts: Buffer[] = [];
    let length = 0;
    response.on('data', (part: Buffer) => {
      length += part.length;
      if (length > ANSWER_LIMIT) sending.destroy(new Error(`an answer of more than ${ANSWER_LIMIT} bytes`));
      else parts.push(part);
    });
    response.once('error', reject);
    response.once('end', () => {
      const bytes = Buffer.concat(parts);
      resolve({ status: response.statusCode ?? 0, body: objectIn(bytes.toString('utf8')) });
      // What was opened for us is in it.
      for (const part of [...parts, bytes]) part.fill(0);
    });
  });
  sending.end(call.body);
  return promise;
}

function objectIn(text: string): PostAnswer['body'] {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Throws VaultFailure `kek_unreadable`. */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new VaultFailure('kek_unreadable', `${path} can not be read (${why}). Check its path and owner.`);
  }
}

function unreachable({ who, url, timeoutMs }: Post, error: Error): VaultFailure {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.message;
  const isLate = error.name === 'TimeoutError' || error.name === 'AbortError';
  const why = isLate ? `did not answer within ${timeoutMs / 1000} s` : `can not be reached (${code})`;
  return new VaultFailure(
    'kek_unavailable',
    `${who} at ${url.origin} ${why}, tried three times. Without it no secret can be opened; nothing was changed.`,
  );
}
