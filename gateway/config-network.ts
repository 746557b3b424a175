import { BlockList } from 'node:net';
import { GatewayConfigError } from './config-error.ts';
import { isLoopbackHost } from './listen-address.ts';
import { readAddresses } from './trusted-addresses.ts';

/** How clients reach the gateway. */
export interface NetworkConfig {
  /** Paths of PEM files; null: plain HTTP. */
  tls: TlsFiles | null;
  /** Proxies that end TLS in front of the gateway: only they, and this machine, are served. Null: whoever connects. */
  trustedProxies: BlockList | null;
}

export interface TlsFiles {
  cert: string;
  key: string;
  /** Clients must show a certificate that one of these authorities signed; null: they need none. */
  clientCa: string | null;
}

/** A proxy that vendors are reached through, by CONNECT. */
export interface OutboundProxy {
  isTls: boolean;
  host: string;
  port: number;
  /** `Basic …`, never logged; null: none. */
  authorization: string | null;
}

type Environment = Readonly<Record<string, string | undefined>>;

const CERT = 'DRAWBRIDGE_GATEWAY_TLS_CERT';
const KEY = 'DRAWBRIDGE_GATEWAY_TLS_KEY';
const CLIENT_CA = 'DRAWBRIDGE_GATEWAY_TLS_CLIENT_CA';
const PROXIES = 'DRAWBRIDGE_GATEWAY_TRUSTED_PROXY';
const OUTBOUND = 'DRAWBRIDGE_GATEWAY_OUTBOUND_PROXY';
const EXTRA_CA = 'DRAWBRIDGE_GATEWAY_EXTRA_CA';

/**
 * Reads how clients reach the gateway. Beyond this machine virtual keys must not cross in clear: without TLS of its own
 * the gateway listens there only for proxies that are named. `variable`: the setting that `host` is from. Throws GatewayConfigError.
 */
export function readNetwork(
  env: Environment,
  host: string,
  variable = 'DRAWBRIDGE_GATEWAY_HOST',
): NetworkConfig {
  const tls = readTlsFiles(env);
  const trustedProxies = readProxies(env);
  if (tls === null && trustedProxies === null && !isLoopbackHost(host)) {
    throw new GatewayConfigError(
      variable,
      `${host} is reached from other machines, and virtual keys would cross the network in clear; set ${CERT} and ${KEY}, or name in ${PROXIES} the addresses of the proxy that ends TLS in front`,
      '127.0.0.1',
    );
  }
  return { tls, trustedProxies };
}

function readTlsFiles(env: Environment): TlsFiles | null {
  const cert = file(env, CERT, '/etc/drawbridge/tls/gateway.pem');
  const key = file(env, KEY, '/etc/drawbridge/tls/gateway-key.pem');
  const clientCa = file(env, CLIENT_CA, '/etc/drawbridge/tls/clients.pem');
  if (cert !== null && key !== null) return { cert, key, clientCa };
  if (cert !== null) {
    throw new GatewayConfigError(
      KEY,
      `${CERT} is set, and this is not`,
      '/etc/drawbridge/tls/gateway-key.pem',
    );
  }
  if (key !== null || clientCa !== null) {
    const other = key === null ? CLIENT_CA : KEY;
    throw new GatewayConfigError(CERT, `${other} is set, and this is not`, '/etc/drawbridge/tls/gateway.pem');
  }
  return null;
}

function readProxies(env: Environment): BlockList | null {
  const text = env[PROXIES];
  if (text === undefined || text === '') return null;
  const read = readAddresses(text);
  if (read instanceof BlockList) return read;
  throw new GatewayConfigError(PROXIES, read.wrong, '10.0.3.7,10.0.4.0/24');
}

/** Reads the proxy that vendors are reached through. Its value may hold a password: no message quotes it. */
export function readOutboundProxy(env: Environment): OutboundProxy | null {
  const text = env[OUTBOUND];
  if (text === undefined || text === '') return null;
  const example = 'http://proxy.corp.example:3128';
  if (!URL.canParse(text)) throw new GatewayConfigError(OUTBOUND, 'it is not a URL', example);
  const url = new URL(text);
  const isTls = url.protocol === 'https:';
  if (!isTls && url.protocol !== 'http:') {
    throw new GatewayConfigError(OUTBOUND, 'it must begin with http:// or https://', example);
  }
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    throw new GatewayConfigError(OUTBOUND, 'it may hold no path, query or fragment', example);
  }
  const port = url.port === '' ? (isTls ? 443 : 80) : Number(url.port);
  return {
    isTls,
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port,
    authorization: authorizationOf(url, example),
  };
}

function authorizationOf({ username, password }: URL, example: string): string | null {
  if (username === '' && password === '') return null;
  try {
    const clear = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    return `Basic ${Buffer.from(clear).toString('base64')}`;
  } catch {
    // The error would quote what could not be decoded.
    throw new GatewayConfigError(OUTBOUND, 'its user or password holds a % that begins no escape', example);
  }
}

export function readExtraCa(env: Environment): string | null {
  return file(env, EXTRA_CA, '/etc/drawbridge/tls/corporate-roots.pem');
}

function file(env: Environment, variable: string, example: string): string | null {
  const text = env[variable];
  if (text === undefined || text === '') return null;
  if (text.trim() === '' || text.includes('\0')) {
    throw new GatewayConfigError(variable, 'it is no path of a file', example);
  }
  return text;
}
