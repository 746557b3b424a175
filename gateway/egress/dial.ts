import { connect, type Socket } from 'node:net';
import type { Authority } from '@drawbridge/protocol';
import type { OutboundProxy } from '../config-network.ts';
import type { LiveEgress } from '../crossing.ts';
import { Refusal } from '../refusal/index.ts';
import { type Lookup, openTunnel } from '../upstream/index.ts';
import { addressesOf } from './addresses.ts';

export interface DialOptions {
  lookup: Lookup;
  /** Null: the gateway reaches the world itself. */
  proxy: OutboundProxy | null;
  ca: string | string[] | undefined;
  /** Milliseconds to an open connection, over all addresses. */
  connectMs: number;
}

/** An open connection and where it leads, as settlements write it. */
export interface Dialled {
  socket: Socket;
  remote: string;
  /** What it rests on: the address that was connected to; behind an outbound proxy all that the name led to here. */
  reached: readonly string[];
}

/**
 * Connects to a host: names are looked up once, every answer is checked, and one of those addresses is connected to.
 * Behind an outbound proxy the proxy looks up: what the name leads to here is checked all the same, and a name that leads
 * nowhere here is the proxy's to know. `onFound` is told all addresses of the host before one is tried. Throws Refusal.
 */
export async function dial(
  target: Authority,
  egress: LiveEgress,
  options: DialOptions,
  onFound: (addresses: readonly string[]) => void,
): Promise<Dialled> {
  const { proxy, ca, connectMs } = options;
  if (proxy === null) {
    const addresses = await addressesOf(target.host, egress.networks, options.lookup);
    onFound(addresses);
    return connectFirst(addresses.slice(0, MOST_ADDRESSES), target.port, connectMs);
  }
  let reached: readonly string[] = [];
  try {
    reached = await addressesOf(target.host, egress.networks, options.lookup);
    onFound(reached);
  } catch (cause) {
    if (!(cause instanceof Refusal) || cause.code !== 'egress_unresolved') throw cause;
  }
  const opened = Promise.withResolvers<Socket>();
  openTunnel(target.host, target.port, { proxy, ca, timeoutMs: connectMs }, (cause, socket) => {
    if (socket === null) return opened.reject(isLate(cause) ? late() : unreachable());
    socket.on('error', heard);
    socket.allowHalfOpen = true;
    opened.resolve(socket);
  });
  return { socket: await opened.promise, remote: written(proxy.host, proxy.port), reached };
}

/** Tries of one host, in the order of the answer. */
const MOST_ADDRESSES = 4;

async function connectFirst(addresses: readonly string[], port: number, connectMs: number): Promise<Dialled> {
  const deadline = performance.now() + connectMs;
  let last: Refusal = unreachable();
  for (const [at, address] of addresses.entries()) {
    const left = deadline - performance.now();
    if (left <= 0) break;
    try {
      // What is left is shared among the addresses to come, so that one that is silent does not take it all.
      const socket = await connectTo(address, port, left / (addresses.length - at));
      return { socket, remote: written(address, port), reached: [address] };
    } catch (cause) {
      if (!(cause instanceof Refusal)) throw cause;
      last = cause;
    }
  }
  throw last;
}

function connectTo(host: string, port: number, ms: number): Promise<Socket> {
  const opened = Promise.withResolvers<Socket>();
  const socket = connect({ host, port, allowHalfOpen: true, noDelay: true });
  const timer = setTimeout(() => {
    socket.destroy();
    opened.reject(late());
  }, ms);
  socket.on('error', () => {
    clearTimeout(timer);
    opened.reject(unreachable());
  });
  socket.once('connect', () => {
    clearTimeout(timer);
    opened.resolve(socket);
  });
  return opened.promise;
}

/** Whoever uses the connection listens too: an error between the two must not end the process. */
function heard(this: Socket): void {
  this.destroy();
}

function isLate(cause: Error | null): boolean {
  return cause !== null && 'code' in cause && cause.code === 'UND_ERR_CONNECT_TIMEOUT';
}

function late(): Refusal {
  return new Refusal('upstream_timeout', 'forward', 'The host did not take the connection in time.');
}

function unreachable(): Refusal {
  return new Refusal('upstream_unreachable', 'forward', 'The host could not be reached.');
}

function written(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
