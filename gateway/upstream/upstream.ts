import { lookup as dnsLookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { buildConnector } from 'undici';
import type { OutboundProxy } from '../config-network.ts';
import {
  keepsAddress,
  type Lookup,
  type Pin,
  PinError,
  resolveNamedPin,
  resolvePin,
  rotatePin,
} from './pins.ts';
import { requestHead } from './request-head.ts';
import { openTunnel } from './tunnel.ts';
import { type Exchange, type Wire, Wires, WireTimeout } from './wires.ts';

/** Where a connection's requests go. `host` is the configured name: it is what TLS verifies and what Host says. */
export interface UpstreamTarget {
  scheme: 'https' | 'http';
  host: string;
  port: number;
  private: boolean;
}

/** One request, complete. `headers` are raw pairs without Host and Content-Length, which come from target and body. */
export interface UpstreamRequest {
  method: string;
  /** Path and query, starting with `/`. */
  path: string;
  headers: string[];
  body: Buffer | null;
}

/** Steers a response that is under way. */
export interface UpstreamControl {
  abort(reason: Error): void;
  pause(): void;
  resume(): void;
}

/** - `forbidden`, `unresolved`, `connect`: nothing was sent. - `timeout`: sent, too slow. - `broken`: sent, then lost. */
export type UpstreamFailureKind =
  | 'forbidden'
  | 'unresolved'
  | 'connect'
  | 'connect_timeout'
  | 'timeout'
  | 'broken'
  | 'aborted';

export class UpstreamFailure extends Error {
  readonly kind: UpstreamFailureKind;
  constructor(kind: UpstreamFailureKind, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'UpstreamFailure';
    this.kind = kind;
  }
}

/** Told what becomes of a request: `started` at most once, `head` before `data`, then exactly one of `end` and `failed`. */
export interface UpstreamHandler {
  /** The request is about to be written to `remote` (address and port), unless it is aborted now. */
  started(control: UpstreamControl, remote: string): void;
  /** Final status (never 1xx) and raw header pairs. */
  head(status: number, rawHeaders: readonly string[]): void;
  data(chunk: Buffer): void;
  end(): void;
  failed(failure: UpstreamFailure): void;
}

export interface Upstream {
  /** Steers the request from now on, also while it waits for a connection. */
  dispatch(target: UpstreamTarget, request: UpstreamRequest, handler: UpstreamHandler): UpstreamControl;
  close(): Promise<void>;
}

export interface UpstreamLimits {
  /** Milliseconds to a finished TCP and TLS handshake. */
  connectMs: number;
  /** Milliseconds from sending to the response head. Models can think for minutes. */
  firstByteMs: number;
  /** Milliseconds between two chunks of a response. */
  idleMs: number;
  /** Sockets per vendor host; more requests wait. */
  sockets: number;
  /** Milliseconds after which a host is looked up again, in the background. */
  resolveMs: number;
}

const defaultUpstreamLimits: UpstreamLimits = {
  connectMs: 10_000,
  firstByteMs: 600_000,
  idleMs: 600_000,
  sockets: 512,
  resolveMs: 60_000,
};

export interface UpstreamOptions {
  /** Monotonic milliseconds. */
  now: () => number;
  /** What an operator should know: never holds a path or a body. */
  notice: (event: string, detail: Record<string, string>) => void;
  limits?: Partial<UpstreamLimits>;
  lookup?: Lookup;
  /** Certificate authorities instead of the built-in ones, PEM. */
  ca?: string | string[];
  /** What vendors are reached through; connections that are `private` go directly. */
  proxy?: OutboundProxy | null;
}

const TELL_EVERY_MS = 5_000;

/** One vendor host: its pinned address, and the pool of connections to exactly that address. */
interface Host {
  target: UpstreamTarget;
  /** As the Host header says it. */
  name: string;
  pin: Pin;
  wires: Wires;
  remote: string;
  resolving: boolean;
  /** Monotonic milliseconds of the last failed connection that was told. */
  toldAt: number;
}

async function systemLookup(host: string): Promise<readonly string[]> {
  const found = await dnsLookup(host, { all: true, order: 'verbatim' });
  return found.map((entry) => entry.address);
}

/** A resolver that hangs must not hold requests longer than a vendor that hangs. */
function inTime(lookup: Lookup, ms: number): Lookup {
  return async (host) => {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(new Error('The lookup took too long.')), ms);
    try {
      return await Promise.race([lookup(host), late.promise]);
    } finally {
      clearTimeout(timer);
    }
  };
}

/**
 * Requests over pooled keep-alive connections. A host is resolved once and pinned; each pool speaks to one address only,
 * so that a request's remote address is known for certain. Redirects are never followed.
 */
export function createUpstream(options: UpstreamOptions): Upstream {
  const limits = { ...defaultUpstreamLimits, ...options.limits };
  const lookup = inTime(options.lookup ?? systemLookup, limits.connectMs);
  const hosts = new Map<string, Host>();
  /** The same by the snapshot's own objects, which spares spelling the key on each request. */
  const known = new WeakMap<UpstreamTarget, Host>();
  const opening = new Map<string, Promise<Host>>();
  const retiring = new Set<Wires>();
  let isClosed = false;

  function openWires(target: UpstreamTarget, address: string): Wires {
    const connect = buildConnector({
      timeout: limits.connectMs,
      allowH2: false,
      ...(options.ca === undefined ? {} : { ca: options.ca }),
    });
    // The name stays the configured one for TLS; only the address dialled is ours to choose.
    const servername = isIP(target.host) === 0 ? target.host : '';
    const dial = {
      host: target.host,
      hostname: address,
      protocol: `${target.scheme}:`,
      port: String(target.port),
    };
    const proxy = proxyFor(target);
    if (proxy === null) {
      return new Wires(
        (done) => connect({ ...dial, servername }, (cause, socket) => done(cause, socket)),
        limits,
      );
    }
    const tunnel = { proxy, timeoutMs: limits.connectMs, ca: options.ca };
    return new Wires(
      (done) =>
        openTunnel(target.host, target.port, tunnel, (cause, socket) => {
          if (cause !== null || socket === null || target.scheme === 'http') done(cause, socket);
          else connect({ ...dial, servername, httpSocket: socket }, (failed, secure) => done(failed, secure));
        }),
      limits,
    );
  }

  /** Hosts on a private network are ours: no proxy stands before them. */
  function proxyFor(target: UpstreamTarget): OutboundProxy | null {
    return target.private ? null : (options.proxy ?? null);
  }

  function pinFor(target: UpstreamTarget): Promise<Pin> {
    return proxyFor(target) === null
      ? resolvePin(target.host, target.private, lookup, options.now())
      : resolveNamedPin(target.host, lookup, options.now());
  }

  function openHost(target: UpstreamTarget, pin: Pin): Host {
    const proxy = proxyFor(target);
    // Which address the vendor's was is the proxy's to know: what we connected to is the proxy.
    const remote = proxy === null ? remoteOf(pin.address, target.port) : remoteOf(proxy.host, proxy.port);
    return {
      target,
      name: hostName(target),
      pin,
      wires: openWires(target, pin.address),
      remote,
      resolving: false,
      toldAt: Number.NEGATIVE_INFINITY,
    };
  }

  /** Lets running requests finish on the old address while new ones go to the new one. */
  function repin(host: Host, pin: Pin): void {
    if (isClosed) return;
    if (pin.address !== host.pin.address) {
      const retired = host.wires;
      retiring.add(retired);
      void retired.close().then(() => retiring.delete(retired));
      host.wires = openWires(host.target, pin.address);
      host.remote = remoteOf(pin.address, host.target.port);
      options.notice('upstream_repinned', { host: host.target.host, address: pin.address });
    }
    host.pin = pin;
  }

  async function open(key: string, target: UpstreamTarget): Promise<Host> {
    const pin = await pinFor(target);
    const host = openHost(target, pin);
    hosts.set(key, host);
    options.notice('upstream_pinned', { host: target.host, address: pin.address });
    return host;
  }

  function hostFor(key: string, target: UpstreamTarget): Promise<Host> {
    const underWay = opening.get(key);
    if (underWay !== undefined) return underWay;
    const started = open(key, target).finally(() => opening.delete(key));
    opening.set(key, started);
    return started;
  }

  /**
   * Looks the host up again. What fails here changes nothing: the pinned address was checked, and a name that turned
   * bad must not move requests to a bad address, nor cut a good one off.
   */
  function refresh(host: Host): void {
    if (host.resolving || isClosed) return;
    host.resolving = true;
    pinFor(host.target)
      .then((fresh) => {
        repin(host, keepsAddress(host.pin, fresh) ? { ...host.pin, at: fresh.at } : fresh);
      })
      .catch((cause: unknown) => {
        host.pin = { ...host.pin, at: options.now() };
        const code = cause instanceof PinError ? cause.code : 'unresolved';
        options.notice('upstream_lookup_failed', { host: host.target.host, code });
      })
      .finally(() => {
        host.resolving = false;
      });
  }

  /** The reason (a refused port, a certificate for another name) is the operator's to know, once in a while. */
  function tellConnectFailure(host: Host, failure: UpstreamFailure): void {
    if (options.now() - host.toldAt < TELL_EVERY_MS) return;
    host.toldAt = options.now();
    const { cause } = failure;
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : failure.kind;
    options.notice('upstream_connect_failed', { host: host.target.host, remote: host.remote, code });
  }

  function send(host: Host, ticket: Ticket, triesLeft: number): void {
    const { address } = host.pin;
    const failed = (failure: UpstreamFailure): void => {
      const unsent = failure.kind === 'connect' || failure.kind === 'connect_timeout';
      if (unsent && !isClosed) tellConnectFailure(host, failure);
      if (unsent && !isClosed && host.pin.address === address) {
        const next = rotatePin(host.pin);
        if (next !== null) repin(host, next);
        refresh(host);
      }
      // Nothing was sent: another address of the same host may take it.
      if (unsent && !isClosed && host.pin.address !== address && triesLeft > 0)
        send(host, ticket, triesLeft - 1);
      else ticket.handler.failed(failure);
    };
    if (isClosed) {
      ticket.handler.failed(new UpstreamFailure('connect', 'The gateway is stopping.'));
      return;
    }
    if (ticket.aborted !== null) {
      failed(failureOf(ticket.aborted, false));
      return;
    }
    try {
      ticket.sending = new Sending(host, ticket, failed);
    } catch (cause) {
      ticket.handler.failed(
        new UpstreamFailure('broken', 'The request could not be handed to the vendor.', cause),
      );
      return;
    }
    host.wires.send(ticket.sending);
  }

  return {
    dispatch(target, request, handler) {
      const ticket = new Ticket(request, handler);
      const key = known.has(target) ? '' : `${originOf(target)} ${target.private}`;
      const host = known.get(target) ?? hosts.get(key);
      if (host !== undefined) {
        if (key !== '') known.set(target, host);
        if (options.now() - host.pin.at > limits.resolveMs) refresh(host);
        send(host, ticket, 2);
        return ticket;
      }
      hostFor(key, target).then(
        (opened) => send(opened, ticket, 2),
        (cause: unknown) => {
          const kind = cause instanceof PinError ? cause.code : 'unresolved';
          const text = cause instanceof PinError ? cause.message : 'The vendor could not be reached.';
          handler.failed(new UpstreamFailure(kind, text, cause));
        },
      );
      return ticket;
    },
    async close() {
      isClosed = true;
      const wires = [...hosts.values()].map((host) => host.wires);
      hosts.clear();
      await Promise.all([...wires, ...retiring].map((each) => each.destroy()));
    },
  };
}

/** The port is said where it is not the scheme's own (RFC 9110, 7.2). */
function hostName({ scheme, host, port }: UpstreamTarget): string {
  const name = isIP(host) === 6 ? `[${host}]` : host;
  return port === (scheme === 'https' ? 443 : 80) ? name : `${name}:${port}`;
}

function originOf(target: UpstreamTarget): string {
  const host = isIP(target.host) === 6 ? `[${target.host}]` : target.host;
  return `${target.scheme}://${host}:${target.port}`;
}

function remoteOf(address: string, port: number): string {
  return isIP(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`;
}

/** A request from when it is handed over until it is answered, whatever connections are tried for it. */
class Ticket implements UpstreamControl {
  readonly request: UpstreamRequest;
  readonly handler: UpstreamHandler;
  sending: Sending | null = null;
  aborted: Error | null = null;

  constructor(request: UpstreamRequest, handler: UpstreamHandler) {
    this.request = request;
    this.handler = handler;
  }

  abort(reason: Error): void {
    this.aborted = reason;
    this.sending?.abort(reason);
  }

  pause(): void {
    this.sending?.wire?.pause();
  }

  resume(): void {
    this.sending?.wire?.resume();
  }
}

/** One request on one connection: what the connection says of it, said to whoever handles it. */
class Sending implements Exchange {
  readonly method: string;
  readonly head: string;
  readonly body: Buffer | null;
  wire: Wire | null = null;
  /** Of the connections that it waits for: the host may move to another address meanwhile. */
  readonly #remote: string;
  readonly #wires: Wires;
  readonly #ticket: Ticket;
  readonly #failed: (failure: UpstreamFailure) => void;

  constructor(host: Host, ticket: Ticket, failed: (failure: UpstreamFailure) => void) {
    const { request } = ticket;
    this.method = request.method;
    this.head = requestHead(host.name, request);
    this.body = request.body;
    this.#remote = host.remote;
    this.#wires = host.wires;
    this.#ticket = ticket;
    this.#failed = failed;
  }

  abort(reason: Error): void {
    if (this.wire !== null) this.wire.abort(reason);
    else if (this.#wires.forget(this)) this.#failed(failureOf(reason, false));
  }

  started(wire: Wire): boolean {
    const { handler, aborted } = this.#ticket;
    if (aborted === null) handler.started(this.#ticket, this.#remote);
    if (this.#ticket.aborted !== null) {
      this.#failed(failureOf(this.#ticket.aborted, false));
      return false;
    }
    this.wire = wire;
    return true;
  }

  answered(status: number, rawHeaders: string[]): void {
    this.#ticket.handler.head(status, rawHeaders);
  }

  data(chunk: Buffer): void {
    this.#ticket.handler.data(chunk);
  }

  end(): void {
    this.wire = null;
    this.#ticket.handler.end();
  }

  failed(cause: Error, sent: boolean): void {
    this.wire = null;
    this.#failed(failureOf(cause, sent));
  }
}

function failureOf(error: Error, sent: boolean): UpstreamFailure {
  if ('code' in error && error.code === 'UND_ERR_CONNECT_TIMEOUT') {
    return new UpstreamFailure('connect_timeout', 'The vendor did not accept a connection in time.', error);
  }
  if (error instanceof ClientGone) return new UpstreamFailure('aborted', 'The caller went away.', error);
  if (!sent) return new UpstreamFailure('connect', 'No connection to the vendor could be made.', error);
  if (error instanceof WireTimeout) {
    return new UpstreamFailure('timeout', 'The vendor did not answer in time.', error);
  }
  return new UpstreamFailure('broken', 'The vendor broke the connection off.', error);
}

/** The reason with which a request is aborted when its client is gone. */
export class ClientGone extends Error {
  constructor() {
    super('The client closed its connection.');
    this.name = 'ClientGone';
  }
}
