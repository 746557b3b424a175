import type { IncomingMessage } from 'node:http';
import { type BlockList, isIP } from 'node:net';
import type { Reached } from '@drawbridge/control';
import { bareAddress, isNamed } from '@drawbridge/gateway/settings';
import type { Context } from 'hono';
import { getPath } from 'hono/utils/url';
import { isByOperator } from './running.ts';

/** Hops that are looked through: behind more, whoever is nearest is taken. */
const MOST_HOPS = 32;

/** Who of those that are asked answers, and what it is told of who asks. */
export interface Door {
  /** What keeps a request out; null: it may come in. */
  refuse(request: Request, env: unknown): Response | null;
}

/** For what a page of the console or a health check needs no door: it is answered on all of them. */
const isHealth = (path: string): boolean => path === '/healthz' || path === '/readyz';
const isForThisMachine = (path: string): boolean => path.startsWith('/fleet/') || path === '/metrics';

/**
 * The door that other machines come to. Where proxies are named, nobody else comes in, and no browser whose own
 * connection was in clear. What is for gateways and measuring of this machine is not there, nor is its command, whose token
 * is of no use to who reads it and is elsewhere.
 */
export function publicDoor(proxies: BlockList | null): Door {
  return {
    refuse(request, env) {
      if (proxies !== null) {
        if (!isNamed(socketAddress(env) ?? undefined, proxies)) {
          return refusal(
            403,
            'not_through_proxy',
            'This port answers the proxies that DRAWBRIDGE_TRUSTED_PROXY names, and nobody else.',
          );
        }
        const path = getPath(request);
        if (!isHealth(path) && !saysTls(request.headers.get('x-forwarded-proto'))) {
          return refusal(
            403,
            'not_over_tls',
            'The proxy does not say that it was spoken to over TLS. It has to send "x-forwarded-proto: https", and to lead clear requests to https.',
          );
        }
      }
      return isForThisMachine(getPath(request)) || isByOperator(request.headers)
        ? refusal(404, 'not_found', 'This is answered on the machine itself only.')
        : null;
    },
  };
}

/** The door for gateways and commands of this machine, where people come by another one: sessions are none of its. */
export function localDoor(consoleAt: string): Door {
  return {
    refuse(request) {
      const path = getPath(request);
      const isProgram = /^Bearer ./.test(request.headers.get('authorization') ?? '');
      return isProgram || isForThisMachine(path) || isHealth(path)
        ? null
        : refusal(403, 'console_elsewhere', `This port is for programs. The console is at ${consoleAt}.`);
    },
  };
}

/** Every proxy on the way was spoken to over TLS, as far as they say. */
function saysTls(header: string | null): boolean {
  return header?.split(',').every((scheme) => scheme.trim().toLowerCase() === 'https') ?? false;
}

function refusal(status: number, code: string, detail: string): Response {
  const title = status === 404 ? 'Not found' : 'Not allowed';
  return new Response(
    JSON.stringify({ type: `urn:drawbridge:problem:${code}`, title, status, code, detail }),
    { status, headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store' } },
  );
}

/** Where a request comes from, and the names under which it may have come. */
export function createReached(options: {
  origins: () => readonly string[];
  secure: boolean;
  proxies: BlockList | null;
}): Reached {
  const { proxies } = options;
  return {
    get origins() {
      return options.origins();
    },
    secure: options.secure,
    addressOf(c: Context): string {
      const address = socketAddress(c.env);
      if (address === null) return 'unknown';
      if (proxies === null || !isNamed(address, proxies)) return address;
      return forwardedFor(c.req.header('x-forwarded-for') ?? '', proxies) ?? address;
    },
  };
}

function socketAddress(env: unknown): string | null {
  const { incoming } = (env ?? {}) as { incoming?: IncomingMessage };
  const address = incoming?.socket.remoteAddress;
  return address === undefined ? null : bareAddress(address);
}

/**
 * Who a proxy speaks for: of what the header lists, the last that is no proxy of ours. What stands before it was written
 * by strangers. Null where it lists none that can be read.
 */
export function forwardedFor(header: string, proxies: BlockList): string | null {
  let nearest: string | null = null;
  for (const hop of header.split(',').slice(-MOST_HOPS).reverse()) {
    const address = readHop(hop.trim());
    if (address === null) return nearest;
    nearest = address;
    if (!isNamed(address, proxies)) return address;
  }
  return nearest;
}

/** An address, perhaps with the port that some proxies add; null: it is none. */
function readHop(text: string): string | null {
  const inBrackets = /^\[([^\]]{2,60})\](?::\d{1,5})?$/.exec(text)?.[1];
  const bare = bareAddress(inBrackets ?? text.replace(/^(\d+\.\d+\.\d+\.\d+):\d{1,5}$/, '$1'));
  return isIP(bare) === 0 ? null : bare;
}
