import { BlockList } from 'node:net';
import { isLoopbackHost, readAddresses } from '@drawbridge/gateway/settings';
import { ConfigError, readHost } from './config-values.ts';

/** How people's browsers reach the console. */
export interface ConsoleNetwork {
  /** The address that it listens on. */
  host: string;
  /** Null: programs and browsers of this machine alone reach it, in clear. */
  beyond: BeyondThisMachine | null;
  /** The port on 127.0.0.1 for gateways and commands of this machine where `beyond` is set; 0: any free one. */
  localPort: number;
}

/** At least one of `tls` and `proxies` is there. */
export interface BeyondThisMachine {
  /** Where people open the console: `https://drawbridge.example`. */
  origin: string;
  /** Paths of PEM files; null: the proxies end TLS. */
  tls: { cert: string; key: string } | null;
  /** Only they are served, and what they say of whom they serve is believed; null: whoever connects. */
  proxies: BlockList | null;
}

type Environment = Readonly<Record<string, string | undefined>>;

const HOST = 'DRAWBRIDGE_HOST';
const CERT = 'DRAWBRIDGE_TLS_CERT';
const KEY = 'DRAWBRIDGE_TLS_KEY';
const PROXIES = 'DRAWBRIDGE_TRUSTED_PROXY';
const URL_SETTING = 'DRAWBRIDGE_PUBLIC_URL';
const EXAMPLES: Readonly<Record<string, string>> = {
  [CERT]: '/etc/drawbridge/tls/console.pem',
  [KEY]: '/etc/drawbridge/tls/console-key.pem',
  [URL_SETTING]: 'https://drawbridge.example',
};

/**
 * Reads how browsers reach the console. Beyond this machine sessions must not cross in clear: with a certificate of its
 * own, or behind proxies that are named, and in both cases under one name that is said. Throws ConfigError.
 */
export function readConsoleNetwork(env: Environment, localPort: number): ConsoleNetwork {
  const host = readHost(HOST, env[HOST] || '127.0.0.1');
  const tls = readFiles(env);
  const proxies = readProxies(env);
  const origin = readPublicUrl(env);
  if (tls === null && proxies === null) {
    if (!isLoopbackHost(host)) {
      throw new ConfigError(
        HOST,
        `${host} is reached from other machines, and sessions would cross the network in clear; set ${CERT} and ${KEY}, or name in ${PROXIES} the addresses of the proxy that ends TLS in front, and set ${URL_SETTING}`,
        '127.0.0.1',
      );
    }
    if (origin !== null) {
      throw new ConfigError(
        CERT,
        `${URL_SETTING} is set, and nothing here speaks TLS: set this and ${KEY}, or name the proxy in ${PROXIES}`,
        EXAMPLES[CERT] ?? '',
      );
    }
    return { host, beyond: null, localPort };
  }
  if (origin === null) {
    throw new ConfigError(
      URL_SETTING,
      'it is not set: other machines reach the console under one name only, which pages, cookies and passkeys are bound to',
      EXAMPLES[URL_SETTING] ?? '',
    );
  }
  return { host, beyond: { origin, tls, proxies }, localPort };
}

function readFiles(env: Environment): { cert: string; key: string } | null {
  const cert = env[CERT] || null;
  const key = env[KEY] || null;
  if (cert !== null && key !== null) return { cert, key };
  if (cert === null && key === null) return null;
  const [missing, there] = cert === null ? [CERT, KEY] : [KEY, CERT];
  throw new ConfigError(missing, `${there} is set, and this is not`, EXAMPLES[missing] ?? '');
}

function readProxies(env: Environment): BlockList | null {
  const text = env[PROXIES];
  if (text === undefined || text === '') return null;
  const read = readAddresses(text);
  if (read instanceof BlockList) return read;
  throw new ConfigError(PROXIES, read.wrong, '10.0.3.7,10.0.4.0/24');
}

/** The origin that is meant; what it holds beyond that is refused, as it would not be heeded. */
function readPublicUrl(env: Environment): string | null {
  const text = env[URL_SETTING];
  if (text === undefined || text === '') return null;
  const wrong = (what: string) => new ConfigError(URL_SETTING, what, EXAMPLES[URL_SETTING] ?? '');
  if (!URL.canParse(text)) throw wrong('it is not a URL');
  const url = new URL(text);
  if (url.protocol !== 'https:') throw wrong('it must begin with https://');
  if (url.username !== '' || url.password !== '' || url.pathname !== '/' || /[?#]/.test(text))
    throw wrong('it is a scheme, a host and perhaps a port: no user, path, query or fragment');
  return url.origin;
}
