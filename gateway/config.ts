import { availableParallelism } from 'node:os';
import { GatewayConfigError } from './config-error.ts';
import {
  type NetworkConfig,
  type OutboundProxy,
  readExtraCa,
  readNetwork,
  readOutboundProxy,
} from './config-network.ts';
import type { Durability } from './journal/index.ts';
import { type KeepDays, LEAST_LOG_DAYS } from './journal/keep-days.ts';
import { readListenHost } from './listen-address.ts';

export { GatewayConfigError } from './config-error.ts';

const levels = ['debug', 'info', 'warn', 'error', 'silent'] as const;

export interface GatewayConfig {
  host: string;
  /** 0 takes any free port. */
  port: number;
  /** Base URL of the control plane, without a trailing slash. */
  control: string;
  /** Where journal and snapshot lie. */
  directory: string;
  /** Path of the gateway's key file, outside `directory`. */
  keys: string;
  logLevel: (typeof levels)[number];
  /** Largest request body, in bytes. */
  bodyLimit: number;
  /** Request bytes that all crossings together may hold in memory. */
  memoryLimit: number;
  /** How long running requests may take to finish when the process is told to stop, in milliseconds. */
  graceMs: number;
  /** Processes that share the port. */
  workers: number;
  durability: Durability;
  keep: KeepDays;
  network: NetworkConfig;
  outboundProxy: OutboundProxy | null;
  /** Where the egress proxy listens; null: nowhere. */
  egress: { host: string; port: number } | null;
  /** Path of a PEM file with certificate authorities beside the built-in ones; null: none. */
  extraCa: string | null;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const MOST_WORKERS = 128;
const MOST_DAYS = 36_500;

/** Reads the gateway's settings. Throws GatewayConfigError for the first that can't be used. */
export function readGatewayConfig(env: Environment): GatewayConfig {
  const directory = path(env, 'DRAWBRIDGE_GATEWAY_DIR', '/var/lib/drawbridge/gateway-1');
  const keys = path(env, 'DRAWBRIDGE_GATEWAY_KEYS', '/etc/drawbridge/gateway-1.json');
  if (keys.startsWith(`${directory}/`)) {
    throw new GatewayConfigError(
      'DRAWBRIDGE_GATEWAY_KEYS',
      'the key file must not lie in the data directory: who copies the data would have both',
      '/etc/drawbridge/gateway-1.json',
    );
  }
  const listens = host(env, 'DRAWBRIDGE_GATEWAY_HOST');
  return {
    host: listens,
    port: whole(env, 'DRAWBRIDGE_GATEWAY_PORT', 4410, 0, 65_535),
    control: control(env),
    directory,
    keys,
    logLevel: level(env),
    bodyLimit: whole(env, 'DRAWBRIDGE_GATEWAY_BODY_LIMIT', 20 * 1024 * 1024, 1024, 1024 ** 3),
    memoryLimit: whole(env, 'DRAWBRIDGE_GATEWAY_MEMORY', 256 * 1024 * 1024, 1024 * 1024, 64 * 1024 ** 3),
    graceMs: whole(env, 'DRAWBRIDGE_GATEWAY_GRACE', 10_000, 0, 600_000),
    workers: workers(env),
    durability: durability(env),
    keep: {
      segments: whole(env, 'DRAWBRIDGE_GATEWAY_KEEP_SEGMENTS', 7, 1, MOST_DAYS),
      log: whole(env, 'DRAWBRIDGE_GATEWAY_KEEP_LOG', LEAST_LOG_DAYS, LEAST_LOG_DAYS, MOST_DAYS),
    },
    network: readNetwork(env, listens),
    outboundProxy: readOutboundProxy(env),
    egress: readEgress(env),
    extraCa: readExtraCa(env),
  };
}

/** 0 turns it off. Keys come to it as they come to the gateway: beyond this machine it wants the same. */
function readEgress(env: Environment): GatewayConfig['egress'] {
  const variable = 'DRAWBRIDGE_EGRESS_HOST';
  const port = whole(env, 'DRAWBRIDGE_EGRESS_PORT', 4411, 0, 65_535);
  if (port === 0) return null;
  const listens = host(env, variable);
  readNetwork(env, listens, variable);
  return { host: listens, port };
}

function host(env: Environment, variable: 'DRAWBRIDGE_GATEWAY_HOST' | 'DRAWBRIDGE_EGRESS_HOST'): string {
  const text = env[variable] || '127.0.0.1';
  const found = readListenHost(text);
  if (found !== null) return found;
  throw new GatewayConfigError(
    variable,
    `"${text.slice(0, 40)}" is no address and no host name`,
    '127.0.0.1',
  );
}

function whole(env: Environment, variable: string, fallback: number, least: number, most: number): number {
  const text = env[variable];
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (/^\d{1,12}$/.test(text) && value >= least && value <= most) return value;
  throw new GatewayConfigError(
    variable,
    `"${text.slice(0, 40)}" is not a whole number from ${least} to ${most}`,
    String(fallback),
  );
}

function workers(env: Environment): number {
  const variable = 'DRAWBRIDGE_GATEWAY_WORKERS';
  return env[variable] === 'cores'
    ? Math.min(MOST_WORKERS, availableParallelism())
    : whole(env, variable, 1, 1, MOST_WORKERS);
}

function durability(env: Environment): Durability {
  const variable = 'DRAWBRIDGE_GATEWAY_DURABILITY';
  const text = env[variable] || 'synced';
  if (text === 'synced' || text === 'written') return text;
  throw new GatewayConfigError(variable, `"${text.slice(0, 40)}" is neither synced nor written`, 'synced');
}

function path(env: Environment, variable: string, example: string): string {
  const text = env[variable];
  if (text === undefined || text.trim() === '')
    throw new GatewayConfigError(variable, 'it is not set', example);
  if (text.includes('\0')) throw new GatewayConfigError(variable, 'it holds a NUL character', example);
  return text;
}

function control(env: Environment): string {
  const variable = 'DRAWBRIDGE_CONTROL_URL';
  const example = 'http://127.0.0.1:4400';
  const text = env[variable];
  if (text === undefined || text === '') throw new GatewayConfigError(variable, 'it is not set', example);
  if (!URL.canParse(text)) throw new GatewayConfigError(variable, 'it is not a URL', example);
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new GatewayConfigError(variable, 'it must begin with http:// or https://', example);
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new GatewayConfigError(variable, 'it may hold no user, password, query or fragment', example);
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

function level(env: Environment): GatewayConfig['logLevel'] {
  const text = env.DRAWBRIDGE_LOG || 'info';
  const found = levels.find((each) => each === text);
  if (found !== undefined) return found;
  throw new GatewayConfigError(
    'DRAWBRIDGE_LOG',
    `"${text.slice(0, 40)}" is not one of ${levels.join(', ')}`,
    'info',
  );
}
