import { hash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import { type BlockList, Server as NetServer, type Socket } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import type { LeaseHolder } from '@drawbridge/leases';
import { RateLimiter } from '../admit/index.ts';
import { answerBrokenRequest, sendAnswer } from '../answer.ts';
import { KeyLimits } from '../budget/index.ts';
import type { CanaryUse } from '../canary.ts';
import type { OutboundProxy } from '../config-network.ts';
import type { GatewayJournal } from '../journal/index.ts';
import { type GatewayLog, traceOf } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { type Random, RandomTexts } from '../record/index.ts';
import type { Live } from '../snapshot/index.ts';
import { isTrusted } from '../trusted-addresses.ts';
import type { Lookup } from '../upstream/index.ts';
import { nameServers } from './addresses.ts';
import { openHead, proxyProblem, refuseConnect } from './answer.ts';
import { readConnect, readPlain } from './ask.ts';
import { LedAddresses } from './led.ts';
import { runPlain } from './plain.ts';
import { runTunnel } from './tunnel.ts';
import { type Client, cutWithdrawn, type EgressHouse, walkEgress } from './walk.ts';

export interface EgressLimits {
  /** Request line and headers, bytes. */
  headerBytes: number;
  /** Milliseconds to receive the headers. */
  headersMs: number;
  /** Milliseconds to an open connection to the host. */
  connectMs: number;
  /** Milliseconds that a TLS greeting may take from its first byte on. */
  greetingMs: number;
  /** Milliseconds without a byte in either direction. */
  idleMs: number;
  /** Client connections at once, and exchanges under way of one app. */
  connections: number;
  perApp: number;
}

export const defaultEgressLimits: EgressLimits = {
  headerBytes: 16 * 1024,
  headersMs: 15_000,
  connectMs: 10_000,
  greetingMs: 10_000,
  idleMs: 300_000,
  connections: 8192,
  perApp: 512,
};

export interface EgressOptions {
  /** The gateway's id: of it a name in Via is made that does not tell it. */
  gateway: string;
  journal: Pick<GatewayJournal, 'append' | 'appendLater'>;
  live: () => Live | null;
  leases: LeaseHolder;
  metrics: Metrics;
  log: GatewayLog;
  /** Milliseconds since 1970. */
  clock: () => number;
  /** Monotonic milliseconds with fractions. */
  monotonic: () => number;
  random: Random;
  /** Base URL of the console, for links in refusals. */
  console?: string;
  /** How names are looked up; the machine's name servers if left out. */
  lookup?: Lookup;
  outboundProxy?: OutboundProxy | null;
  /** Certificate authorities beside the built-in ones, for an outbound proxy that speaks TLS. */
  ca?: string | string[];
  limits?: Partial<EgressLimits>;
  /** Certificate and key to serve HTTPS with; left out: HTTP. */
  tls?: SecureContextOptions;
  /** The only addresses, beside this machine's, whose connections are served; left out: all. */
  trustedProxies?: BlockList;
  onCanary?: (use: CanaryUse) => void;
}

export interface EgressProxy {
  readonly server: Server | TlsServer;
  /** Ends what may not go on under what is in force now. To be called after each snapshot. */
  sweep(): void;
  /** Stops accepting, lets what is under way go on for at most `graceMs`, then breaks it off and settles it. */
  close(graceMs: number): Promise<void>;
}

const SWEEP_MS = 1_000;

/** A forward proxy for workloads that use no base URL: CONNECT, and plain HTTP in absolute form. Nothing is intercepted. */
export function createEgress(options: EgressOptions): EgressProxy {
  const limits = { ...defaultEgressLimits, ...options.limits };
  const via = `drawbridge-${hash('sha256', `via\n${options.gateway}`, 'hex').slice(0, 12)}`;
  const house: EgressHouse = {
    journal: options.journal,
    live: options.live,
    keyLimits: new KeyLimits(options.leases),
    refusalRates: new RateLimiter(),
    perApp: new Map(),
    mostPerApp: limits.perApp,
    underWay: new Set(),
    metrics: options.metrics,
    log: options.log,
    clock: options.clock,
    monotonic: options.monotonic,
    random: new RandomTexts(options.random),
    dial: {
      lookup: options.lookup ?? nameServers(),
      proxy: options.outboundProxy ?? null,
      ca: options.ca,
      connectMs: limits.connectMs,
    },
    console: options.console ?? null,
    proxies: options.trustedProxies ?? null,
    onCanary: options.onCanary ?? (() => undefined),
    led: new LedAddresses(),
  };
  const { tls, trustedProxies } = options;
  const http = {
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersMs,
    // A body may take as long as it moves: what lies still is ended with its exchange.
    requestTimeout: 0,
    keepAliveTimeout: 65_000,
    connectionsCheckingInterval: Math.min(5_000, limits.headersMs),
    noDelay: true,
  };
  const server =
    tls === undefined ? createServer(http) : createTlsServer({ ...http, ...tls, ...clientRules(tls) });
  server.maxConnections = limits.connections;
  // Of more headers than a number some versions drop the rest: a length among them would frame a body that we take for
  // none. The size of the head is what bounds them here.
  server.maxHeadersCount = 0;
  const walks = new Set<Promise<void>>();
  /** Sockets that left HTTP behind: the server no longer counts them as its own. */
  const tunnels = new Set<Socket>();

  function begin(walk: Promise<void>): void {
    const one = walk.catch((cause: unknown) => {
      options.log.error(
        { event: 'request_error', ...traceOf(cause) },
        'a request to the egress proxy could not be answered',
      );
    });
    walks.add(one);
    void one.then(() => walks.delete(one));
  }

  server.on('connection', (socket: Socket) => {
    if (trustedProxies === undefined || isTrusted(socket.remoteAddress, trustedProxies)) return;
    options.metrics.refusal('untrusted_address');
    socket.destroy();
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    options.metrics.refusal('bad_request');
    answerBrokenRequest(error, socket, false);
  });
  server.on('request', plain);
  server.on('checkContinue', plain);
  server.on('connect', (request: IncomingMessage, socket: Socket, held: Buffer) => {
    // A client that resets while its host is being reached must not end the process.
    socket.on('error', () => socket.destroy());
    tunnels.add(socket);
    socket.on('close', () => tunnels.delete(socket));
    begin(walkEgress(house, request, () => readConnect(request, via), connectClient(socket, held)));
  });

  function plain(request: IncomingMessage, response: ServerResponse): void {
    response.on('error', () => response.destroy());
    begin(walkEgress(house, request, () => readPlain(request, via), plainClient(request, response)));
  }

  function connectClient(socket: Socket, held: Buffer): Client {
    return {
      get isGone() {
        return socket.destroyed;
      },
      refuse: (refusal, added, page) => refuseConnect(socket, proxyProblem(refusal, page), added),
      run({ ask, mode }, { config }, to, added) {
        socket.write(openHead(added));
        const { greetingMs, idleMs } = limits;
        const name = config.sni ? { host: ask.target.host, enforced: mode === 'enforce' } : null;
        return runTunnel(socket, to.socket, { held, name, greetingMs, idleMs, now: options.monotonic });
      },
    };
  }

  function plainClient(request: IncomingMessage, response: ServerResponse): Client {
    return {
      get isGone() {
        return response.destroyed;
      },
      refuse: (refusal, added, page) => sendAnswer(request, response, proxyProblem(refusal, page), added),
      run: ({ ask }, _egress, to, added) =>
        runPlain(ask, request, response, to.socket, { via, added, idleMs: limits.idleMs }),
    };
  }

  async function idle(): Promise<void> {
    while (walks.size > 0) await Promise.all(walks);
  }

  function sweep(): void {
    const live = options.live();
    if (live === null) return;
    house.refusalRates.retain((key) => live.keys.has(key));
    const { egress } = live;
    if (egress !== null) house.led.hold((vendor) => egress.rules.isSevered(vendor), options.monotonic());
    const count = house.underWay.size === 0 ? 0 : cutWithdrawn(house, live);
    if (count > 0)
      options.log.info({ event: 'egress_cut_off', crossings: count }, 'egress under way was ended');
  }
  const sweeping = setInterval(() => {
    sweep();
    const now = options.monotonic();
    for (const { running } of house.underWay) running?.tick(now);
  }, SWEEP_MS).unref();

  return {
    server,
    sweep,
    async close(graceMs) {
      const closed = new Promise<void>((resolve) => NetServer.prototype.close.call(server, () => resolve()));
      server.closeIdleConnections();
      const late = Promise.withResolvers<void>();
      let overdue: NodeJS.Timeout | undefined;
      const over = setTimeout(() => {
        for (const { running } of house.underWay) running?.stop('stopped');
        server.closeAllConnections();
        // What is still reaching for its host has sent nothing, and must not keep the process.
        overdue = setTimeout(late.resolve, 1_000);
      }, graceMs);
      await Promise.race([idle(), late.promise]);
      clearTimeout(over);
      clearTimeout(overdue);
      clearInterval(sweeping);
      server.closeAllConnections();
      for (const socket of tunnels) socket.destroy();
      await closed;
    },
  };
}

/** With authorities of clients named, who shows no certificate of theirs is not served. */
function clientRules({ ca }: SecureContextOptions): { requestCert?: true; rejectUnauthorized?: true } {
  return ca === undefined ? {} : { requestCert: true, rejectUnauthorized: true };
}
