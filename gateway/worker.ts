import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import { type BlockList, Server as NetServer, type Socket } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import type { LeaseHolder } from '@drawbridge/leases';
import type { Snapshot } from '@drawbridge/protocol';
import { corsHeaders, originListed, parseTarget, preflightHeaders } from './accept/index.ts';
import { RateLimiter } from './admit/index.ts';
import { answerBrokenRequest, answerUpgrade, sendAnswer } from './answer.ts';
import { KeyLimits } from './budget/index.ts';
import type { CanaryUse } from './canary.ts';
import { Cohort } from './cohort.ts';
import type { LiveConnection } from './crossing.ts';
import type { HistoryShelf } from './history/index.ts';
import type { Held, Holds } from './hold/index.ts';
import type { House } from './house.ts';
import type { GatewayJournal } from './journal/index.ts';
import type { GatewayKeys } from './keys.ts';
import { isLoopback } from './listen-address.ts';
import { type GatewayLog, traceOf } from './log.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { type Random, RandomTexts } from './record/index.ts';
import { plainProblem, Refusal, vendorProblem } from './refusal/index.ts';
import { Breakers, walkRoute } from './route/index.ts';
import { Slices } from './scan/index.ts';
import { upgradeRefusal } from './sighting.ts';
import { checkSuccession, type Live, SnapshotOpener } from './snapshot/index.ts';
import type { ConnectionState } from './status.ts';
import { isTrusted } from './trusted-addresses.ts';
import type { Upstream } from './upstream/index.ts';
import { walk } from './walk.ts';
import { cutOff } from './withdrawn.ts';

export interface WorkerLimits {
  /** Largest request body, bytes. */
  bodyBytes: number;
  /** Request bytes that all crossings together may hold, bytes. */
  heldBytes: number;
  /** Crossings under way at once. */
  crossings: number;
  /** Request line and headers, bytes. Analytics SDKs send whole events in the query. */
  headerBytes: number;
  /** Milliseconds to receive the headers, and to receive the whole request. */
  headersMs: number;
  requestMs: number;
  /** Milliseconds that an idle client connection is kept. */
  keepAliveMs: number;
  /** Milliseconds that a client may take to read on in the middle of an answer. */
  clientStallMs: number;
}

export const defaultWorkerLimits: WorkerLimits = {
  bodyBytes: 20 * 1024 * 1024,
  heldBytes: 256 * 1024 * 1024,
  crossings: 4096,
  headerBytes: 64 * 1024,
  headersMs: 15_000,
  requestMs: 120_000,
  keepAliveMs: 65_000,
  clientStallMs: 120_000,
};

export interface WorkerOptions {
  keys: GatewayKeys;
  /** Where crossings are recorded before they go out. */
  journal: Pick<GatewayJournal, 'append' | 'appendLater' | 'healthy'>;
  /** Tokens of what vendors keep: one for all workers of a gateway. */
  history: HistoryShelf;
  upstream: Upstream;
  /** This worker's slices of the keys' caps. */
  leases: LeaseHolder;
  log: GatewayLog;
  /** Milliseconds since 1970. */
  clock: () => number;
  /** Monotonic milliseconds with fractions. */
  monotonic: () => number;
  random: Random;
  /** Base URL of the console, for links in refusals where the snapshot has none; without either they have none. */
  console?: string;
  limits?: Partial<WorkerLimits>;
  /** Certificate and key to serve HTTPS with, and the authorities whose clients alone are served; left out: HTTP. */
  tls?: SecureContextOptions;
  /** The only addresses, beside this machine's, whose connections are served; left out: all. */
  trustedProxies?: BlockList;
  /** Prometheus text of the whole gateway; left out: of this worker. */
  metricsText?: (own: Metrics) => Promise<string>;
  /** Told of each use of a planted key. */
  onCanary?: (use: CanaryUse) => void;
  /** Told after each snapshot that came in force. */
  onLive?: (live: Live) => void;
  /** What is kept for connections that take nothing now; left out: nothing is. */
  holds?: Holds;
}

export interface Worker {
  readonly server: Server | TlsServer;
  readonly metrics: Metrics;
  /** What is in force; null before the first snapshot. */
  live(): Live | null;
  /** How the connections are that routes went over. */
  connections(): ConnectionState[];
  /** Puts a snapshot in force, whole or not at all. Throws SnapshotError. */
  apply(snapshot: Snapshot): Promise<void>;
  /**
   * Stops accepting, lets running crossings finish for at most `graceMs`, then breaks them off. For `lingerMs` of it
   * connections that lie idle are kept: what a client is sending just then is answered, and told to go elsewhere next.
   */
  close(graceMs: number, lingerMs?: number): Promise<void>;
}

/** How often keys that ran out are looked for among crossings under way. */
const SWEEP_MS = 1_000;

/** One worker of the data plane: an HTTP server that walks every request through the ten stages. */
export function createWorker(options: WorkerOptions): Worker {
  const limits = { ...defaultWorkerLimits, ...options.limits };
  const opener = new SnapshotOpener(options.keys.privateKey);
  const budget = { held: 0, limit: limits.heldBytes };
  const refusalRates = new RateLimiter();
  let live: Live | null = null;
  let inFlight = 0;
  let closing: PromiseWithResolvers<void> | null = null;
  let applying: Promise<void> = Promise.resolve();
  /** Whether a connection's latest answer is being written: then nothing may be written in between. */
  const answering = new WeakMap<Socket, ServerResponse>();

  const breakers = new Breakers({ now: options.monotonic, random: chanceFrom(options.random) });
  const metrics = createMetrics({
    snapshotVersion: () => live?.version ?? 0,
    inFlight: () => inFlight,
    bodyBytes: () => budget.held,
    breakers: () => breakers.states(),
    held: () => options.holds?.held() ?? [],
  });
  const house: House = {
    journal: options.journal,
    history: options.history,
    upstream: options.upstream,
    keyLimits: new KeyLimits(options.leases),
    refusalRates,
    budget,
    metrics,
    log: options.log,
    clock: options.clock,
    monotonic: options.monotonic,
    random: new RandomTexts(options.random),
    cohort: new Cohort(),
    slices: new Slices(options.monotonic),
    underWay: new Set(),
    breakers,
    holds: options.holds ?? null,
    proxies: options.trustedProxies ?? null,
    onCanary: options.onCanary ?? (() => undefined),
    console: options.console ?? null,
    bodyLimit: limits.bodyBytes,
    clientStallMs: limits.clientStallMs,
  };

  const http = {
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.keepAliveMs,
    connectionsCheckingInterval: Math.min(5_000, limits.headersMs),
    noDelay: true,
  };
  const { tls, trustedProxies } = options;
  const server =
    tls === undefined ? createServer(http) : createTlsServer({ ...http, ...tls, ...clientRules(tls) });
  if (trustedProxies !== undefined) {
    server.on('connection', (socket: Socket) => {
      if (isTrusted(socket.remoteAddress, trustedProxies)) return;
      metrics.refusal('untrusted_address');
      socket.destroy();
    });
  }
  server.on('request', receive);
  server.on('checkContinue', receive);
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    const last = answering.get(socket);
    metrics.refusal('bad_request');
    answerBrokenRequest(error, socket, last?.headersSent === true && !last.writableFinished);
  });
  server.on('connect', (_request, socket: Socket) => answerUpgrade(socket, 'CONNECT'));

  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    answering.set(request.socket, response);
    // A write that comes after the client has gone is told here, and means no more than that.
    response.on('error', destroyBroken);
    if (closing !== null) response.shouldKeepAlive = false;
    inFlight += 1;
    try {
      await dispatch(request, response);
    } catch (cause) {
      options.log.error({ event: 'request_error', ...traceOf(cause) }, 'a request could not be answered');
      response.destroy();
    }
    inFlight -= 1;
    if (closing !== null && inFlight === 0) closing.resolve();
  }

  async function dispatch(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let connection: LiveConnection | undefined;
    try {
      const target = parseTarget(request.url ?? '');
      const isUpgrade = wantsUpgrade(request);
      connection = live?.connections.get(target.slug);
      const route = connection === undefined ? live?.routes.get(target.slug) : undefined;
      if (live !== null && route !== undefined) {
        connection = route.members[0]?.connection;
        if (request.method === 'OPTIONS' && connection !== undefined)
          return preflight(request, response, connection);
        if (inFlight > limits.crossings) throw overloaded();
        return await walkRoute(house, live, route, target, request, response, isUpgrade);
      }
      if (live === null || connection === undefined) {
        if (await answerOwnPage(request, response, target.slug, target.path)) return;
        throw isUpgrade ? upgradeRefusal() : live === null ? noSnapshot() : unknownConnection();
      }
      if (request.method === 'OPTIONS') return preflight(request, response, connection);
      if (inFlight > limits.crossings) throw overloaded();
      return await walk(house, live, connection, target, request, response, isUpgrade);
    } catch (cause) {
      if (!(cause instanceof Refusal)) throw cause;
      metrics.refusal(cause.code);
      if (connection === undefined) sendAnswer(request, response, plainProblem(cause));
      else {
        // Without these a page could not tell "later" from a network that is gone, and would throw its events away.
        const cors = corsHeaders(connection, request.headers.origin);
        sendAnswer(request, response, vendorProblem(cause, connection.errors), cors);
      }
    }
  }

  /** `/healthz`, `/readyz`, `/metrics`, also below `/-/`. No connection can have these names. */
  async function answerOwnPage(
    request: IncomingMessage,
    response: ServerResponse,
    slug: string,
    path: string,
  ): Promise<boolean> {
    const page = slug === '-' ? path.slice(1) : path === '/' ? slug : '';
    if (page === 'healthz') return answerText(request, response, 200, 'ok\n');
    if (page === 'readyz') {
      const why =
        live === null ? 'no snapshot yet\n' : options.journal.healthy ? null : 'journal unavailable\n';
      return answerText(request, response, why === null ? 200 : 503, why ?? 'ready\n');
    }
    if (page === 'metrics' && isLoopback(request.socket.remoteAddress)) {
      const text = await (options.metricsText?.(metrics) ?? metrics.text());
      return answerText(request, response, 200, text, metrics.contentType);
    }
    return false;
  }

  /** Ends what may not go on: at each change, and each second what has run out since. */
  function endWithdrawn(): void {
    if (live === null || house.underWay.size === 0) return;
    const count = cutOff(house.underWay, live, options.clock());
    if (count > 0) options.log.info({ event: 'cut_off', crossings: count }, 'crossings under way were ended');
  }
  const sweeping = setInterval(endWithdrawn, SWEEP_MS).unref();

  // What is kept goes on by itself as soon as a snapshot lets it.
  const holding = options.holds?.start({ ...house, live: () => live }).catch((cause: unknown) => {
    options.log.error({ event: 'hold_unreadable', ...traceOf(cause) }, 'kept requests could not be opened');
  });

  return {
    server,
    metrics,
    live: () => live,
    connections: () => connectionStates(breakers, options.holds?.held() ?? []),
    apply(snapshot) {
      const applied = applying.then(async () => {
        checkSuccession(snapshot, options.keys.id, live);
        const next = await opener.open(snapshot);
        live = next;
        endWithdrawn();
        options.holds?.poke();
        options.leases.tidy();
        refusalRates.retain((key) => next.keys.has(key));
        const ids = new Set([...next.connections.values()].map(({ config }) => config.id));
        breakers.retain((id) => ids.has(id));
        options.log.info(
          {
            event: 'snapshot_applied',
            version: next.version,
            connections: next.connections.size,
            keys: next.keys.size,
          },
          'snapshot in force',
        );
        options.onLive?.(next);
      });
      applying = applied.catch(() => undefined);
      return applied;
    },
    async close(graceMs, lingerMs = 0) {
      const idle = Promise.withResolvers<void>();
      clearInterval(sweeping);
      let overdue: NodeJS.Timeout | undefined;
      closing = idle;
      // The server's own `close` would break idle connections off at once: a client may be sending on one just now.
      const closed = new Promise<void>((resolve) => NetServer.prototype.close.call(server, () => resolve()));
      if (lingerMs > 0) {
        const lingering = setTimeout(() => server.closeIdleConnections(), lingerMs);
        void closed.then(() => clearTimeout(lingering));
      } else server.closeIdleConnections();
      if (inFlight === 0) idle.resolve();
      const deadline = setTimeout(() => {
        options.log.warn({ event: 'grace_over', inFlight }, 'running crossings are broken off');
        server.closeAllConnections();
        // Crossings end with their connections; whatever does not must not keep the process.
        overdue = setTimeout(idle.resolve, 1_000);
      }, graceMs);
      await (lingerMs > 0 ? closed : idle.promise);
      await idle.promise;
      await holding;
      await options.holds?.close();
      server.closeIdleConnections();
      await closed;
      server.close();
      clearTimeout(deadline);
      clearTimeout(overdue);
    },
  };
}

/** With authorities of clients named, who shows no certificate of theirs is not served. */
function clientRules({ ca }: SecureContextOptions): { requestCert?: true; rejectUnauthorized?: true } {
  return ca === undefined ? {} : { requestCert: true, rejectUnauthorized: true };
}

function connectionStates(breakers: Breakers, held: readonly Held[]): ConnectionState[] {
  const found = new Map<string, ConnectionState>();
  for (const { connection: id, requests, bytes, ended } of held)
    found.set(id, { id, resting: false, held: { requests, bytes }, ended: Object.fromEntries(ended) });
  for (const { connection: id, state } of breakers.states()) {
    const known = found.get(id) ?? { id, resting: false, held: { requests: 0, bytes: 0 }, ended: {} };
    found.set(id, { ...known, resting: state !== 'closed' });
  }
  return [...found.values()];
}

/** Numbers from 0 to 1, without 1, of random bytes. */
function chanceFrom(random: Random): () => number {
  return () => Buffer.from(random(4)).readUInt32LE(0) / 2 ** 32;
}

function destroyBroken(this: ServerResponse): void {
  this.destroy();
}

function preflight(request: IncomingMessage, response: ServerResponse, connection: LiveConnection): void {
  const { origin } = request.headers;
  const wanted = request.headers['access-control-request-method'];
  if (origin === undefined || wanted === undefined) {
    throw new Refusal(
      'method_not_allowed',
      'accept',
      'OPTIONS is answered for browsers only (CORS preflight).',
    );
  }
  if (!originListed(connection, origin)) {
    throw new Refusal(
      'origin_not_allowed',
      'accept',
      'This origin is not listed for the connection. Add it in Drawbridge, exactly as the browser sends it.',
    );
  }
  const methods = new Set(connection.endpoints.flatMap((endpoint) => endpoint.endpoint.methods));
  const asked = request.headers['access-control-request-headers'];
  response.writeHead(204, preflightHeaders(connection, origin, [...methods], asked));
  response.end();
}

/** HTTP/0.9 has no status to refuse with, and no vendor needs it; `h2c` offers (Java's client makes one on every first request) may be ignored; others want what we don't speak. */
function wantsUpgrade(request: IncomingMessage): boolean {
  if (request.httpVersionMajor !== 1) {
    throw new Refusal('bad_request', 'accept', 'Only HTTP/1.1 and HTTP/1.0 are served.');
  }
  const { upgrade } = request.headers;
  return upgrade !== undefined && upgrade.toLowerCase() !== 'h2c';
}

function answerText(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  text: string,
  type = 'text/plain; charset=utf-8',
): true {
  const headers = ['Content-Type', type, 'Cache-Control', 'no-store'];
  sendAnswer(request, response, { status, headers, body: Buffer.from(text) });
  return true;
}

function unknownConnection(): Refusal {
  return new Refusal(
    'unknown_connection',
    'accept',
    'No connection has this path prefix. The base URL is http://<gateway>/<connection>, with a name from the console.',
  );
}

function noSnapshot(): Refusal {
  return new Refusal(
    'snapshot_missing',
    'accept',
    'This gateway has no configuration yet and waits for its control plane.',
    { retryAfterSeconds: 5 },
  );
}

function overloaded(): Refusal {
  return new Refusal(
    'overloaded',
    'accept',
    'The gateway has as many requests under way as it may. Send this one again.',
    { retryAfterSeconds: 1 },
  );
}
