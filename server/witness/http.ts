import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, BlockList, Socket } from 'node:net';
import type { GatewayTls } from '@drawbridge/gateway';
import { isTrusted, listenUrl, wrongListenSetting } from '@drawbridge/gateway/settings';
import {
  ADD_CHECKPOINT_LIMIT,
  parseAddCheckpoint,
  parseCheckpoint,
  parseNote,
  type Witness,
} from '@drawbridge/tlog';
import type { Logger } from 'pino';
import { ConfigError } from '../config.ts';

export interface WitnessServerOptions {
  witness: Witness;
  host: string;
  port: number;
  /** Null: plain HTTP. */
  tls: GatewayTls | null;
  /** Only they, and this machine, are served; null: whoever connects. */
  trustedProxies: BlockList | null;
  log: Logger;
  limits?: Partial<WitnessLimits>;
}

export interface WitnessLimits {
  /** Bytes of all requests together that are held, and connections. */
  heldBytes: number;
  connections: number;
  /** Milliseconds for a request's headers, and for all of it. */
  headersMs: number;
  requestMs: number;
}

const defaultLimits: WitnessLimits = {
  heldBytes: 32 * 1024 * 1024,
  connections: 512,
  headersMs: 5_000,
  requestMs: 10_000,
};

const PATH = '/add-checkpoint';
/** As Node makes them; a request's own has no need of more. */
const HEADER_BYTES = 8_192;

export interface WitnessServer {
  url: string;
  stop(): Promise<void>;
}

/** Answers `POST /add-checkpoint` and nothing else. Throws ConfigError when it can't listen there. */
export async function serveWitness(options: WitnessServerOptions): Promise<WitnessServer> {
  const { host, port, tls, trustedProxies, log } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const http = {
    maxHeaderSize: HEADER_BYTES,
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.requestMs,
    connectionsCheckingInterval: Math.min(1_000, limits.headersMs),
  };
  const desk = new Desk(options.witness, limits, log);
  const receive: RequestListener = (request, response) => void desk.receive(request, response);
  const server =
    tls === null
      ? createServer(http, receive)
      : createTlsServer({ ...http, ...tls.options, handshakeTimeout: limits.headersMs }, receive);
  server.maxConnections = limits.connections;
  if (trustedProxies !== null)
    server.on('connection', (socket: Socket) => {
      if (!isTrusted(socket.remoteAddress, trustedProxies)) socket.destroy();
    });
  await listen(server, host, port);
  server.on('error', (cause) =>
    log.error({ event: 'accept', reason: cause.message }, 'a connection was not accepted'),
  );
  if (tls !== null && 'setSecureContext' in server) tls.follow(server);
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: listenUrl(host, taken, tls === null ? 'http' : 'https'),
    async stop() {
      tls?.close();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const overdue = setTimeout(() => server.closeAllConnections(), limits.requestMs);
      await closed;
      clearTimeout(overdue);
    },
  };
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(port, host, resolve);
  try {
    await promise;
  } catch (cause) {
    const found = wrongListenSetting(cause, host, port);
    if (found === null) throw cause;
    throw new ConfigError(`--${found.setting}`, found.wrong, found.example);
  } finally {
    server.off('error', reject);
  }
}

type Body = { bytes: Buffer } | { status: 413 | 503; reason: string };

class Desk {
  readonly #witness: Witness;
  readonly #limits: WitnessLimits;
  readonly #log: Logger;
  #held = 0;

  constructor(witness: Witness, limits: WitnessLimits, log: Logger) {
    this.#witness = witness;
    this.#limits = limits;
    this.#log = log;
  }

  async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A write that comes after the client has gone is told here, and means no more than that.
    response.on('error', () => response.destroy());
    try {
      const path = (request.url ?? '').split('?', 1)[0];
      if (path !== PATH) return say(response, 404, `There is nothing but POST ${PATH} here.`);
      if (request.method !== 'POST') {
        response.setHeader('allow', 'POST');
        return say(response, 405, `${PATH} takes POST only.`);
      }
      const body = await this.#read(request);
      if (body === null) return;
      if ('reason' in body) return say(response, body.status, body.reason);
      await this.#answer(body.bytes, response);
    } catch (cause) {
      // What a disk says has no stranger's words in it.
      this.#log.error(
        { event: 'failed', reason: cause instanceof Error ? cause.message : 'unknown' },
        'nothing was cosigned',
      );
      say(
        response,
        500,
        'The witness could not keep in mind what it was to cosign, and has not cosigned it.',
      );
    }
  }

  async #answer(bytes: Buffer, response: ServerResponse): Promise<void> {
    const { status, contentType, body } = await this.#witness.addCheckpoint(bytes);
    response.writeHead(status, { 'content-type': contentType }).end(body);
    // Of a log that is known, and the key is right: the words are not a stranger's.
    if (status !== 200 && status !== 409 && status !== 422) return;
    const { old, checkpoint } = parseAddCheckpoint(bytes);
    const { origin, size } = parseCheckpoint(parseNote(checkpoint).text);
    const told = { event: 'asked', status, origin, old, size };
    const isContradiction = status === 422 || (status === 409 && !body.match(/^\d+\n$/));
    if (isContradiction)
      this.#log.warn(told, 'not shown to extend what was cosigned: was its history rewritten?');
    else this.#log.debug(told, status === 200 ? 'cosigned' : 'asked from another size');
  }

  /** Null when the client went away. What goes beyond a limit is not kept; the server's time limit ends it. */
  async #read(request: IncomingMessage): Promise<Body | null> {
    const tooLarge: Body = { status: 413, reason: `A request has at most ${ADD_CHECKPOINT_LIMIT} bytes.` };
    if (Number(request.headers['content-length'] ?? 0) > ADD_CHECKPOINT_LIMIT) return tooLarge;
    const parts: Buffer[] = [];
    let length = 0;
    try {
      for await (const part of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        if (length + part.length > ADD_CHECKPOINT_LIMIT) return tooLarge;
        if (this.#held + part.length > this.#limits.heldBytes)
          return { status: 503, reason: 'Too much is being asked at once. Ask again later.' };
        parts.push(part);
        length += part.length;
        this.#held += part.length;
      }
      return { bytes: Buffer.concat(parts) };
    } catch (cause) {
      if (request.destroyed) return null;
      throw cause;
    } finally {
      this.#held -= length;
      // The rest of what is not taken is thrown away, lest the client finds no ear before it hears the answer.
      request.resume();
    }
  }
}

function say(response: ServerResponse, status: number, reason: string): void {
  if (response.headersSent) return void response.destroy();
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${reason}\n`);
}
