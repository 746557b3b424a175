import { type IncomingMessage, request as requestInClear } from 'node:http';
import { request } from 'node:https';
import type { LookupFunction } from 'node:net';
import { isPrivateHost } from './private-host.ts';

/** Why there is no answer, in a code and a sentence. */
export class OutboundError extends Error {
  readonly code: 'private_address' | 'timeout' | 'unreachable' | 'too_large';
  constructor(code: OutboundError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'OutboundError';
    this.code = code;
  }
}

/** What reaching others needs from this machine. */
export interface OutboundNetwork {
  /** The addresses of a host name. */
  resolve(host: string): Promise<readonly { address: string; family: number }[]>;
  /** Authorities to trust instead of the built-in ones, PEM. */
  ca?: string;
}

export interface Outgoing {
  /** `https:`; or `http:`, where whoever set it was let. */
  url: URL;
  body: string;
  headers: Readonly<Record<string, string>>;
  /** Whether addresses in private networks may be connected to. */
  isPrivate: boolean;
  /** For connecting, sending, and the answer's head. */
  timeoutMs: number;
  signal: AbortSignal;
  /** Who is called, to begin a sentence with: "The receiver". */
  who: string;
}

/** Sends a POST, as `callOut` does. */
export const postOut = (outgoing: Outgoing, network: OutboundNetwork): Promise<IncomingMessage> =>
  callOut({ ...outgoing, method: 'POST' }, network);

/**
 * Sends a request and resolves with the answer, whose body is the caller's to read or to destroy. Redirects are not
 * followed, certificates are verified, and of the host's addresses only public ones are used unless `isPrivate`.
 * Throws OutboundError.
 */
export async function callOut(
  outgoing: Outgoing & { method: 'GET' | 'POST' },
  network: OutboundNetwork,
): Promise<IncomingMessage> {
  const { url, method, isPrivate, timeoutMs, who } = outgoing;
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (!isPrivate && isPrivateHost(host)) throw privateAddress(host);
  const body = Buffer.from(outgoing.body);
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const options = {
    method,
    agent: false as const,
    headers: {
      'user-agent': 'drawbridge',
      ...outgoing.headers,
      ...(method === 'GET' ? {} : { 'content-length': body.length }),
    },
    lookup: lookupWith(network.resolve, isPrivate),
    signal: AbortSignal.any([outgoing.signal, AbortSignal.timeout(timeoutMs)]),
  };
  const sending =
    url.protocol === 'http:'
      ? requestInClear(url, options)
      : request(url, { ...options, ...(network.ca === undefined ? {} : { ca: network.ca }) });
  sending.once('response', resolve);
  // Stays on: what is torn down after the answer says so once more.
  sending.on('error', (cause) => reject(unreachable(cause, who, timeoutMs)));
  sending.end(body);
  return promise;
}

/** An answer's whole body. Throws OutboundError `too_large` beyond `most` bytes, or `unreachable` where it breaks off. */
export async function readOut(answer: IncomingMessage, most: number, who: string): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  try {
    for await (const part of answer as AsyncIterable<Buffer>) {
      length += part.length;
      if (length > most)
        throw new OutboundError('too_large', `${who} answered with more than ${most} bytes.`);
      parts.push(part);
    }
  } catch (cause) {
    if (cause instanceof OutboundError) throw cause;
    throw new OutboundError('unreachable', `${who} broke its answer off.`, { cause });
  } finally {
    answer.destroy();
  }
  return Buffer.concat(parts);
}

const privateAddress = (host: string): OutboundError =>
  new OutboundError(
    'private_address',
    `${host} is in a private network; say private: true if that is meant.`,
  );

function unreachable(cause: Error, who: string, timeoutMs: number): OutboundError {
  if (cause instanceof OutboundError) return cause;
  if (cause.name === 'AbortError' || cause.name === 'TimeoutError') {
    return new OutboundError('timeout', `${who} did not answer in ${timeoutMs / 1000} s.`, { cause });
  }
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : 'unknown';
  return new OutboundError('unreachable', `${who} could not be reached: ${code}.`, { cause });
}

/** Looks a name up at the moment of connecting, so that what was checked is what is connected to. */
function lookupWith(resolve: OutboundNetwork['resolve'], isPrivate: boolean): LookupFunction {
  return (host, options, answer) => {
    resolve(host).then(
      (found) => {
        const allowed = isPrivate ? found : found.filter(({ address }) => !isPrivateHost(address));
        const [first] = allowed;
        if (first === undefined) answer(privateAddress(host), '');
        else if (options.all === true) answer(null, [...allowed]);
        else answer(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => answer(error, ''),
    );
  };
}
