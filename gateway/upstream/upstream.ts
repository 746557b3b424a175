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
import {
  type Destination,
  failureOf,
  Sending,
  Ticket,
  type UpstreamControl,
  UpstreamFailure,
  type UpstreamHandler,
  type UpstreamRequest,
} from './sending.ts';
import { openTunnel } from './tunnel.ts';
import { Wires } from './wires.ts';

/** Where a connection's requests go. `host` is the configured name: it is what TLS verifies and what Host says. */
export interface UpstreamTarget {
  scheme: 'https' | 'http';
  host: string;
  port: number;
  private: boolean;
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
interface Host extends Destination {
  target: UpstreamTarget;
  pin: Pin;
  resolving: boolean;
  /** Its name leads to a forbidden address by now, and a proxy would go there: it is looked up before anything is sent. */
  isBarred: boolean;
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
      isBarred: false,
      toldAt: Number.NEGATIVE_INFINITY,
    };
  }

  /** Lets running requests finish on the old address while new ones go to the new one. */
  function repin(host: Host, pin: Pin): void {
    if (isClosed) return;
    if (pin.address !== host.pin.address) {
      retire(host.wires);
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
   * bad must not move requests to a bad address, nor cut a good one off. But a proxy pins nothing.
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
        if (code === 'forbidden' && proxyFor(host.target) !== null) bar(host);
      })
      .finally(() => {
        host.resolving = false;
      });
  }

  function bar(host: Host): void {
    host.isBarred = true;
    hosts.delete(keyOf(host.target));
    retire(host.wires);
  }

  function retire(wires: Wires): void {
    retiring.add(wires);
    void wires.close().then(() => retiring.delete(wires));
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
      let host = known.get(target);
      if (host?.isBarred === true) host = undefined;
      const key = host === undefined ? keyOf(target) : '';
      host ??= hosts.get(key);
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

function keyOf(target: UpstreamTarget): string {
  return `${originOf(target)} ${target.private}`;
}

function remoteOf(address: string, port: number): string {
  return isIP(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`;
}
