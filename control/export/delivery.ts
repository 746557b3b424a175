import { OutboundError, type OutboundNetwork, postOut } from '../platform/index.ts';
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

export interface DeliveryNetwork extends OutboundNetwork {
  /** The secret by its variable's name; null where there is none. */
  secret(variable: string): Promise<ExportSecret | null>;
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
  const secret = await headerOf(target, host, network);
  const headers = { 'content-type': 'application/x-ndjson', ...secret };
  const status = await send({ url, body, headers, isPrivate: target.private, signal }, network);
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
async function send(
  outgoing: Pick<Parameters<typeof postOut>[0], 'url' | 'body' | 'headers' | 'isPrivate' | 'signal'>,
  network: DeliveryNetwork,
): Promise<number> {
  try {
    const response = await postOut({ ...outgoing, timeoutMs: TIME_MS, who: 'The receiver' }, network);
    // What else it says is of no use here, and may be endless.
    response.destroy();
    return response.statusCode ?? 0;
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error;
    throw new DeliveryError(error.code, error.message, { cause: error.cause });
  }
}
