import { request } from 'node:https';
import type { LookupFunction } from 'node:net';
import { isPrivateHost } from '../connections/index.ts';
import type { Target } from './target.ts';

/** Why a batch was not taken, in a code and a sentence; never with what the receiver wrote, or a secret. */
export class DeliveryError extends Error {
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DeliveryError';
    this.code = code;
  }
}

/** A secret of the server's environment, and the one host that it may be sent to. */
export interface ExportSecret {
  value: string;
  host: string;
}

type Addresses = readonly { address: string; family: number }[];

export interface DeliveryNetwork {
  /** The secret by its variable's name; null where there is none. */
  secret(variable: string): Promise<ExportSecret | null>;
  /** The addresses of a host name. */
  resolve(host: string): Promise<Addresses>;
  /** Authorities to trust instead of the built-in ones, PEM. */
  ca?: string;
}

/** For the whole of it: connecting, sending, and the answer's head. */
const TIME_MS = 30_000;

/**
 * Sends one batch of NDJSON. Resolves once the receiver answered 2xx. Redirects are not followed, certificates are
 * verified, and of the host's addresses only public ones are used unless the target says that it is private.
 * Throws DeliveryError.
 */
export async function deliver(
  target: Target,
  body: string,
  network: DeliveryNetwork,
  signal: AbortSignal,
): Promise<void> {
  const url = new URL(target.url);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (!target.private && isPrivateHost(host)) throw privateAddress(host);
  const headers = { 'content-type': 'application/x-ndjson', 'user-agent': 'drawbridge' };
  const secret = await headerOf(target, host, network);
  const status = await send(url, body, { ...headers, ...secret }, target.private, network, signal);
  if (status >= 200 && status < 300) return;
  if (status === 413) throw new DeliveryError('too_large', 'The receiver says that the batch is too large.');
  if (status >= 300 && status < 400) {
    throw new DeliveryError(
      'redirect',
      `The receiver answered ${status}; redirects are not followed. Set the address itself.`,
    );
  }
  throw new DeliveryError(`status_${status}`, `The receiver answered ${status}.`);
}

const privateAddress = (host: string): DeliveryError =>
  new DeliveryError(
    'private_address',
    `${host} is in a private network; say private: true if that is meant.`,
  );

async function headerOf(
  { header }: Target,
  host: string,
  network: DeliveryNetwork,
): Promise<Record<string, string>> {
  if (header === null) return {};
  const secret = await network.secret(header.variable);
  if (secret === null || !/^[\x20-\x7e]+$/.test(secret.value)) {
    throw new DeliveryError(
      'secret_missing',
      `${header.variable} or ${header.variable}_FILE is not set for the server, or is no header value.`,
    );
  }
  if (secret.host.toLowerCase() !== host.toLowerCase()) {
    throw new DeliveryError(
      'secret_elsewhere',
      `${header.variable}_HOST does not name ${host}: the secret is not sent there.`,
    );
  }
  return { [header.name]: secret.value };
}

/** Resolves to the status. */
function send(
  url: URL,
  body: string,
  headers: Record<string, string>,
  isPrivate: boolean,
  network: DeliveryNetwork,
  signal: AbortSignal,
): Promise<number> {
  const bytes = Buffer.from(body);
  const { promise, resolve: done, reject } = Promise.withResolvers<number>();
  const sending = request(url, {
    method: 'POST',
    agent: false,
    headers: { ...headers, 'content-length': bytes.length },
    lookup: lookupWith(network.resolve, isPrivate),
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIME_MS)]),
    ...(network.ca === undefined ? {} : { ca: network.ca }),
  });
  sending.once('response', (response) => {
    done(response.statusCode ?? 0);
    // What else it says is of no use here, and may be endless.
    response.destroy();
  });
  // Stays on: what is torn down after the answer says so once more.
  sending.on('error', (cause) => reject(unreachable(cause)));
  sending.end(bytes);
  return promise;
}

function unreachable(cause: Error): DeliveryError {
  if (cause instanceof DeliveryError) return cause;
  if (cause.name === 'AbortError' || cause.name === 'TimeoutError') {
    return new DeliveryError('timeout', `The receiver did not answer in ${TIME_MS / 1000} s.`, { cause });
  }
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : 'unknown';
  return new DeliveryError('unreachable', `The receiver could not be reached: ${code}.`, { cause });
}

/** Looks a name up at the moment of connecting, so that what was checked is what is connected to. */
function lookupWith(resolve: DeliveryNetwork['resolve'], isPrivate: boolean): LookupFunction {
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
