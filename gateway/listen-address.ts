import { isIP } from 'node:net';

/** A host to listen on as it was given, an IPv6 address without brackets; null: neither an address nor a host name. */
export function readListenHost(text: string): string | null {
  const bare = /^\[(.+)\]$/.exec(text)?.[1];
  if (bare !== undefined) return isIP(bare) === 6 ? bare : null;
  if (isIP(text) !== 0) return text;
  // Four numbers, or a colon: an address with a slip, which would be looked up as a name.
  if (/^[\d.]+$/.test(text) || text.length > 253) return null;
  const label = '[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?';
  return new RegExp(`^${label}(\\.${label})*$`).test(text) ? text : null;
}

/** Whether only programs on this machine reach what listens on the host. */
export function isLoopbackHost(host: string): boolean {
  return isLoopback(host) || host.toLowerCase() === 'localhost';
}

/** Whether an address is this machine's own. */
export function isLoopback(address: string | undefined): boolean {
  return address === '::1' || /^(?:::ffff:)?127\.\d+\.\d+\.\d+$/i.test(address ?? '');
}

/** Where programs on this machine reach what listens on the host: "any address" is reached over loopback. */
export function listenUrl(host: string, port: number, scheme: 'http' | 'https' = 'http'): string {
  const reached = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `${scheme}://${isIP(reached) === 6 ? `[${reached}]` : reached}:${port}`;
}

export interface WrongSetting {
  setting: 'host' | 'port';
  wrong: string;
  example: string;
}

/** Which setting kept a server from listening, and a good example; null when it was something else. */
export function wrongListenSetting(cause: unknown, host: string, port: number): WrongSetting | null {
  const code = cause instanceof Error && 'code' in cause ? cause.code : null;
  switch (code) {
    case 'EADDRINUSE':
      return {
        setting: 'port',
        wrong: `port ${port} of ${host} is taken by another program`,
        example: String(port + 50 > 65_535 ? port - 50 : port + 50),
      };
    case 'EACCES':
      return {
        setting: 'port',
        wrong: `port ${port} may not be opened by this user`,
        example: String(port + 4000 > 65_535 ? port : port + 4000),
      };
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
    case 'EINVAL':
      return { setting: 'host', wrong: `${host} is not an address of this machine`, example: '127.0.0.1' };
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return { setting: 'host', wrong: `the name ${host} leads to no address`, example: '127.0.0.1' };
    default:
      return null;
  }
}
