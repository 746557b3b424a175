import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import type { KeySource } from '@drawbridge/control';
import { GatewayConfigError, readGatewayConfig } from '@drawbridge/gateway/settings';
import { ConfigError, readHost, readPort } from './config-values.ts';
import { type ConsoleNetwork, readConsoleNetwork } from './console-network.ts';
import { keySourceSettings, readKeySource } from './key-source.ts';

export { ConfigError, readHost, readPort } from './config-values.ts';

export interface ServerConfig {
  port: number;
  /** Where the console listens, and how browsers reach it. */
  network: ConsoleNetwork;
  gatewayHost: string;
  gatewayPort: number;
  /** Where all that is not a key lies. */
  dataDir: string;
  /** Where keys lie: never inside the data directory. */
  keysDir: string;
  /** Where the key-encryption key is. */
  keySource: KeySource;
  /** An outside PostgreSQL instead of the embedded one. */
  databaseUrl: string | null;
  /** Where packs of one's own lie, or null. */
  packsDir: string | null;
  /** A file of authorities that vouch for the receiver of pushed events, or null. */
  exportCa: string | null;
  /** A file of authorities that vouch for witnesses, or null. */
  witnessCa: string | null;
  /** A file of authorities that vouch for issuers of people's and workloads' tokens, or null. */
  issuerCa: string | null;
  /** A file of authorities that vouch for the organisation's mail server, or null. */
  mailCa: string | null;
  logLevel: 'debug' | 'info' | 'warn' | 'error';
  /** How the gateway is reached: `https` where it has a certificate. */
  gatewayScheme: 'http' | 'https';
  /** Settings that are the gateway's own, as they were given: checked here, read there. */
  gatewayEnv: Readonly<Record<string, string>>;
}

export interface ConfigFlags {
  port?: string | undefined;
  /** Where the console listens, and under which name: flags of `start` alone. */
  host?: string | undefined;
  tlsCert?: string | undefined;
  tlsKey?: string | undefined;
  trustedProxy?: string | undefined;
  publicUrl?: string | undefined;
  gatewayPort?: string | undefined;
  gatewayHost?: string | undefined;
  data?: string | undefined;
  keys?: string | undefined;
}

/** Every setting: its variable, its flag, what it is when nobody says, and what it is for. The help is made from it. */
export const settings = [
  { variable: 'DRAWBRIDGE_PORT', flag: '--port', fallback: '4400', text: 'console and API' },
  {
    variable: 'DRAWBRIDGE_HOST',
    flag: 'start --host',
    fallback: '127.0.0.1',
    text: 'the address the console listens on',
  },
  {
    variable: 'DRAWBRIDGE_PUBLIC_URL',
    flag: 'start --public-url',
    fallback: '(none)',
    text: 'where other machines open the console, https://…',
  },
  {
    variable: 'DRAWBRIDGE_TLS_CERT',
    flag: 'start --tls-cert',
    fallback: '(none)',
    text: 'certificate of the console, PEM',
  },
  { variable: 'DRAWBRIDGE_TLS_KEY', flag: 'start --tls-key', fallback: '(none)', text: 'its key, PEM' },
  {
    variable: 'DRAWBRIDGE_TRUSTED_PROXY',
    flag: 'start --trusted-proxy',
    fallback: '(none)',
    text: 'addresses of the proxy that ends TLS in front of the console',
  },
  {
    variable: 'DRAWBRIDGE_LOCAL_PORT',
    flag: null,
    fallback: 'any free one',
    text: 'where gateways and commands of this machine reach a console that other machines reach',
  },
  {
    variable: 'DRAWBRIDGE_GATEWAY_PORT',
    flag: '--gateway-port',
    fallback: '4410',
    text: 'the gateway, where SDKs point',
  },
  {
    variable: 'DRAWBRIDGE_GATEWAY_HOST',
    flag: '--gateway-host',
    fallback: '127.0.0.1',
    text: 'the address the gateway listens on',
  },
  {
    variable: 'DRAWBRIDGE_EGRESS_PORT',
    flag: null,
    fallback: '4411: the port behind the gateway’s; off where that is any free port',
    text: 'the egress proxy, for workloads that use HTTPS_PROXY; 0: off',
  },
  {
    variable: 'DRAWBRIDGE_EGRESS_HOST',
    flag: null,
    fallback: '127.0.0.1',
    text: 'the address the egress proxy listens on',
  },
  {
    variable: 'DRAWBRIDGE_GATEWAY_WORKERS',
    flag: null,
    fallback: '1',
    text: 'processes of the gateway, or cores for one per core',
  },
  {
    variable: 'DRAWBRIDGE_GATEWAY_TLS_CERT',
    flag: null,
    fallback: '(none)',
    text: 'certificate of the gateway, PEM',
  },
  { variable: 'DRAWBRIDGE_GATEWAY_TLS_KEY', flag: null, fallback: '(none)', text: 'its key, PEM' },
  {
    variable: 'DRAWBRIDGE_GATEWAY_TLS_CLIENT_CA',
    flag: null,
    fallback: '(none)',
    text: 'authorities of client certificates; then clients need one',
  },
  {
    variable: 'DRAWBRIDGE_GATEWAY_TRUSTED_PROXY',
    flag: null,
    fallback: '(none)',
    text: 'addresses of the proxy that ends TLS in front of the gateway',
  },
  {
    variable: 'DRAWBRIDGE_GATEWAY_OUTBOUND_PROXY',
    flag: null,
    fallback: '(none)',
    text: 'the proxy through which vendors are reached',
  },
  {
    variable: 'DRAWBRIDGE_GATEWAY_EXTRA_CA',
    flag: null,
    fallback: '(none)',
    text: 'authorities to trust beside the built-in ones, PEM',
  },
  {
    variable: 'DRAWBRIDGE_GATEWAY_DURABILITY',
    flag: null,
    fallback: 'synced',
    text: 'synced, or written: a record outlives the process only',
  },
  {
    variable: 'DRAWBRIDGE_GATEWAY_KEEP_SEGMENTS',
    flag: null,
    fallback: '7',
    text: 'days that the gateway keeps journals which the control plane has',
  },
  {
    variable: 'DRAWBRIDGE_GATEWAY_KEEP_LOG',
    flag: null,
    fallback: '184',
    text: 'days that its logs keep entries; no fewer',
  },
  {
    variable: 'DRAWBRIDGE_DATA',
    flag: '--data',
    fallback: './data',
    text: 'database, journals, logs, snapshots',
  },
  {
    variable: 'DRAWBRIDGE_KEYS',
    flag: '--keys',
    fallback: '~/.config/drawbridge',
    text: 'keys; keep it on another disk than the data',
  },
  ...keySourceSettings,
  {
    variable: 'DATABASE_URL',
    flag: null,
    fallback: '(embedded)',
    text: 'a PostgreSQL 15 or newer of your own',
  },
  {
    variable: 'DRAWBRIDGE_PACKS',
    flag: null,
    fallback: '(none)',
    text: 'a folder of packs (*.yaml) for vendors that are not shipped',
  },
  {
    variable: 'DRAWBRIDGE_EXPORT_CA',
    flag: null,
    fallback: '(built-in ones)',
    text: 'authorities that vouch for the receiver of pushed events, PEM',
  },
  {
    variable: 'DRAWBRIDGE_WITNESS_CA',
    flag: null,
    fallback: '(built-in ones)',
    text: 'authorities that vouch for the witnesses of the root log, PEM',
  },
  {
    variable: 'DRAWBRIDGE_ISSUER_CA',
    flag: null,
    fallback: '(built-in ones)',
    text: 'authorities that vouch for issuers that people sign in through and workloads have tokens of, PEM',
  },
  {
    variable: 'DRAWBRIDGE_MAIL_CA',
    flag: null,
    fallback: '(built-in ones)',
    text: 'authorities that vouch for the organisation’s mail server, PEM',
  },
  {
    variable: 'DRAWBRIDGE_LOG',
    flag: null,
    fallback: 'info; warn on a terminal',
    text: 'debug, info, warn or error',
  },
] as const;

function folder(variable: string, text: string, example: string): string {
  if (text.trim() === '' || text.includes('\0'))
    throw new ConfigError(variable, 'the folder has no name', example);
  const whole = text.startsWith('~/') ? join(homedir(), text.slice(2)) : text;
  return isAbsolute(whole) ? whole : resolve(whole);
}

function databaseUrl(text: string | undefined): string | null {
  if (text === undefined || text === '') return null;
  const example = 'postgresql://drawbridge:secret@db.internal:5432/drawbridge';
  if (!URL.canParse(text) || !/^postgres(ql)?:$/.test(new URL(text).protocol)) {
    throw new ConfigError(
      'DATABASE_URL',
      'it is not a postgresql:// address (its value is not shown, as it may hold a password)',
      example,
    );
  }
  return text;
}

/** Throws ConfigError. */
export function readLogLevel(text: string): ServerConfig['logLevel'] {
  if (text === 'debug' || text === 'info' || text === 'warn' || text === 'error') return text;
  throw new ConfigError('DRAWBRIDGE_LOG', `"${text}" is not a level`, 'info');
}

/** The gateway's own settings, which are handed on to it as they are. */
const gatewayVariables = [
  'DRAWBRIDGE_GATEWAY_WORKERS',
  'DRAWBRIDGE_GATEWAY_TLS_CERT',
  'DRAWBRIDGE_GATEWAY_TLS_KEY',
  'DRAWBRIDGE_GATEWAY_TLS_CLIENT_CA',
  'DRAWBRIDGE_GATEWAY_TRUSTED_PROXY',
  'DRAWBRIDGE_GATEWAY_OUTBOUND_PROXY',
  'DRAWBRIDGE_GATEWAY_EXTRA_CA',
  'DRAWBRIDGE_GATEWAY_DURABILITY',
  'DRAWBRIDGE_GATEWAY_KEEP_SEGMENTS',
  'DRAWBRIDGE_GATEWAY_KEEP_LOG',
  'DRAWBRIDGE_EGRESS_HOST',
  'DRAWBRIDGE_EGRESS_PORT',
] as const;

const LAST_PORT = 65_535;

/** Checked by the gateway's own reader, so that what is wrong is said before anything is started. */
function gatewaySettings(
  env: Readonly<Record<string, string | undefined>>,
  host: string,
  port: number,
): Pick<ServerConfig, 'gatewayEnv' | 'gatewayScheme'> {
  // The port behind the gateway's, so that two deployments are not in each other's way; none beside any free port.
  const proxyPort = port === 0 || port === LAST_PORT ? 0 : port + 1;
  const gatewayEnv: Record<string, string> = { DRAWBRIDGE_EGRESS_PORT: String(proxyPort) };
  for (const variable of gatewayVariables) {
    const value = env[variable];
    if (value !== undefined && value !== '') gatewayEnv[variable] = value;
  }
  try {
    // What this program decides itself stands in for what it will be.
    const { network } = readGatewayConfig({
      ...gatewayEnv,
      DRAWBRIDGE_GATEWAY_HOST: host,
      DRAWBRIDGE_CONTROL_URL: 'http://127.0.0.1',
      DRAWBRIDGE_GATEWAY_DIR: '/data',
      DRAWBRIDGE_GATEWAY_KEYS: '/keys',
    });
    return { gatewayEnv, gatewayScheme: network.tls === null ? 'http' : 'https' };
  } catch (error) {
    if (!(error instanceof GatewayConfigError)) throw error;
    throw new ConfigError(error.variable, error.wrong, error.example);
  }
}

/** Reads flags, then environment, then defaults. Throws ConfigError for the first that can't be used. */
export function readConfig(
  env: Readonly<Record<string, string | undefined>>,
  flags: ConfigFlags = {},
  onTerminal = false,
): ServerConfig {
  const defaultKeys = join(env.XDG_CONFIG_HOME || join(homedir(), '.config'), 'drawbridge');
  const dataDir = folder('DRAWBRIDGE_DATA', flags.data ?? env.DRAWBRIDGE_DATA ?? './data', './data');
  const keysDir = folder(
    'DRAWBRIDGE_KEYS',
    flags.keys ?? env.DRAWBRIDGE_KEYS ?? defaultKeys,
    '~/.config/drawbridge',
  );
  if (keysDir === dataDir || keysDir.startsWith(`${dataDir}/`)) {
    throw new ConfigError(
      'DRAWBRIDGE_KEYS',
      'keys must not lie inside the data directory: who copies the data would have both',
      '~/.config/drawbridge',
    );
  }
  const gatewayHost = readHost(
    'DRAWBRIDGE_GATEWAY_HOST',
    flags.gatewayHost ?? env.DRAWBRIDGE_GATEWAY_HOST ?? '127.0.0.1',
  );
  const gatewayPort = readPort(
    'DRAWBRIDGE_GATEWAY_PORT',
    flags.gatewayPort ?? env.DRAWBRIDGE_GATEWAY_PORT ?? '4410',
    '4410',
  );
  const config: ServerConfig = {
    port: readPort('DRAWBRIDGE_PORT', flags.port ?? env.DRAWBRIDGE_PORT ?? '4400', '4400'),
    network: readConsoleNetwork(
      {
        DRAWBRIDGE_HOST: flags.host ?? env.DRAWBRIDGE_HOST,
        DRAWBRIDGE_PUBLIC_URL: flags.publicUrl ?? env.DRAWBRIDGE_PUBLIC_URL,
        DRAWBRIDGE_TLS_CERT: flags.tlsCert ?? env.DRAWBRIDGE_TLS_CERT,
        DRAWBRIDGE_TLS_KEY: flags.tlsKey ?? env.DRAWBRIDGE_TLS_KEY,
        DRAWBRIDGE_TRUSTED_PROXY: flags.trustedProxy ?? env.DRAWBRIDGE_TRUSTED_PROXY,
      },
      readPort('DRAWBRIDGE_LOCAL_PORT', env.DRAWBRIDGE_LOCAL_PORT || '0', '4401'),
    ),
    gatewayHost,
    ...gatewaySettings(env, gatewayHost, gatewayPort),
    gatewayPort,
    dataDir,
    keysDir,
    keySource: readKeySource(env),
    databaseUrl: databaseUrl(env.DATABASE_URL),
    packsDir: env.DRAWBRIDGE_PACKS ? folder('DRAWBRIDGE_PACKS', env.DRAWBRIDGE_PACKS, './packs') : null,
    exportCa: env.DRAWBRIDGE_EXPORT_CA || null,
    witnessCa: env.DRAWBRIDGE_WITNESS_CA || null,
    issuerCa: env.DRAWBRIDGE_ISSUER_CA || null,
    mailCa: env.DRAWBRIDGE_MAIL_CA || null,
    logLevel: readLogLevel(env.DRAWBRIDGE_LOG ?? (onTerminal ? 'warn' : 'info')),
  };
  if (config.port !== 0 && config.port === config.gatewayPort) {
    throw new ConfigError('DRAWBRIDGE_GATEWAY_PORT', `${config.port} is the console's port already`, '4410');
  }
  return config;
}
