import type { IncomingMessage } from 'node:http';
import { type Authority, readAuthority } from '@drawbridge/protocol';
import { Refusal } from '../refusal/index.ts';

/** What a client asks of the proxy: read, and refused where it could be read in two ways. */
export interface Ask {
  via: 'connect' | 'http';
  method: string;
  target: Authority;
  /** Of plain HTTP: what the origin gets in the request line, as it was written. Empty for CONNECT. */
  path: string;
}

/** How long a Via header may grow. */
const LONGEST_VIA = 2048;

/** Reads a CONNECT request. Throws Refusal `bad_request`, `egress_host`, `egress_loop`. */
export function readConnect(request: IncomingMessage, via: string): Ask {
  const { headers } = request;
  refuseLoop(headers.via, via);
  refuseTwice(request.rawHeaders);
  const hasLength = headers['content-length'] !== undefined && headers['content-length'] !== '0';
  if (hasLength || headers['transfer-encoding'] !== undefined) {
    throw bad(
      'A CONNECT has no body: what follows it belongs to the tunnel. Leave out Content-Length and Transfer-Encoding.',
    );
  }
  const target = readAuthority(request.url ?? '', null);
  if (target === null) {
    throw new Refusal(
      'egress_host',
      'accept',
      'CONNECT names a host and a port, such as api.example.com:443.',
    );
  }
  agree(headers.host, target, target.port);
  return { via: 'connect', method: 'CONNECT', target, path: '' };
}

/** Reads a request in absolute form (RFC 9112, 3.2.2). Throws Refusal `bad_request`, `egress_host`, `egress_loop`, `upgrade_not_supported`. */
export function readPlain(request: IncomingMessage, via: string): Ask {
  const url = request.url ?? '';
  const { headers } = request;
  if (request.httpVersionMajor !== 1) throw bad('Only HTTP/1.1 and HTTP/1.0 are served.');
  refuseLoop(headers.via, via);
  refuseTwice(request.rawHeaders);
  const parts = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)([^#]*)(#.*)?$/i.exec(url);
  if (parts === null) {
    throw bad(
      'This is a forward proxy: it takes CONNECT, and requests whose target is a whole URL (http://host/path). Is it set as HTTPS_PROXY or HTTP_PROXY?',
    );
  }
  const [, scheme = '', authority = '', path = '', fragment] = parts;
  if (scheme.toLowerCase() !== 'http')
    throw bad('Only http:// is asked for in this way; for https:// use CONNECT.');
  if (authority.includes('@'))
    throw bad('The URL holds a user or password. Send them in an Authorization header.');
  if (fragment !== undefined) throw bad('The URL holds a fragment (#), which is never sent.');
  const target = readAuthority(authority, 80);
  if (target === null) throw new Refusal('egress_host', 'accept', 'The URL names no host that can be asked.');
  agree(headers.host, target, 80);
  if (headers.upgrade !== undefined && headers.upgrade.toLowerCase() !== 'h2c') {
    throw new Refusal('upgrade_not_supported', 'accept', 'Upgrades are not served here. Use CONNECT.');
  }
  const rest = path === '' || path.startsWith('?') ? `/${path}` : path;
  return { via: 'http', method: request.method ?? '', target, path: rest };
}

/** Two names for where a request goes are how it is smuggled: whoever reads the other one is led astray. */
function agree(host: string | undefined, target: Authority, port: number): void {
  if (host === undefined || host === '') return;
  const named = readAuthority(host, port);
  // Some clients leave the port of a CONNECT out of Host.
  if (named !== null && named.host === target.host && named.port === target.port) return;
  throw bad('The Host header names another host than the request line.');
}

const once = new Set(['host', 'proxy-authorization', 'content-length', 'transfer-encoding']);

/** Of two the parser keeps the first, and who comes after it may keep the last. */
function refuseTwice(raw: readonly string[]): void {
  const seen = new Set<string>();
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at]?.toLowerCase() ?? '';
    if (!once.has(name)) continue;
    if (seen.has(name)) throw bad(`The request has two headers ${name}.`);
    seen.add(name);
  }
}

function refuseLoop(found: string | undefined, own: string): void {
  if (found === undefined) return;
  if (found.length > LONGEST_VIA) throw bad('The Via header is too long.');
  if (!found.split(',').some((hop) => hop.trim().split(/\s+/)[1] === own)) return;
  throw new Refusal(
    'egress_loop',
    'accept',
    'This request came through this proxy before: its proxies point at each other.',
  );
}

function bad(message: string): Refusal {
  return new Refusal('bad_request', 'accept', message);
}
