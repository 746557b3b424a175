import type { Context } from 'hono';

/** How browsers and programs reach the API. */
export interface Reached {
  /**
   * Origins that it answers under, as `https://drawbridge.example`; the first is where people open the console, and where
   * links lead. Asked for at each request: a port may be known only once it is listened on.
   */
  readonly origins: readonly string[];
  /** People reach it by TLS alone, its own or that of a proxy that was named. */
  readonly secure: boolean;
  /** The address that a request comes from: of a proxy that was named, the one that it says. `unknown` without a connection. */
  addressOf(c: Context): string;
}
