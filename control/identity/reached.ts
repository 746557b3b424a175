import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context } from 'hono';

/** How browsers reach the console. */
export interface Reached {
  /** Scheme, host and port as browsers write them, without a trailing slash. No other `Host` is answered. */
  readonly origins: readonly string[];
  /** Whether all that is sent there goes over TLS. */
  readonly secure: boolean;
  /** The address that a request came from: of the browser, where a proxy that is named says so. */
  addressOf(c: Context): string;
}

/** Where nothing but this machine reaches it. The port is known once it is listened on. */
export function loopbackReached(port: () => number): Reached {
  return {
    get origins() {
      return ['localhost', '127.0.0.1', '[::1]'].map((host) => `http://${host}:${port()}`);
    },
    secure: false,
    addressOf: peerOf,
  };
}

/** The other end of the connection. Empty where there is none, as in a request that no listener took in. */
function peerOf(c: Context): string {
  const env = c.env as { incoming?: unknown } | undefined;
  return env?.incoming === undefined ? '' : (getConnInfo(c).remote.address ?? '');
}

/** The origin that a request was made to; null when it is none of ours: a name that was bound to this address by others. */
export function originOf(reached: Reached, host: string | undefined): string | null {
  return reached.origins.find((origin) => origin.slice(origin.indexOf('//') + 2) === host) ?? null;
}
