import { createServer as createTlsServer } from 'node:https';
import { createServer } from 'node:net';
import type { Reached, Warning } from '@drawbridge/control';
import { type GatewayTls, openTls } from '@drawbridge/gateway';
import { GatewayConfigError, listenUrl, wrongListenSetting } from '@drawbridge/gateway/settings';
import { serve } from '@hono/node-server';
import type { Hono } from 'hono';
import type { Logger } from 'pino';
import { ConfigError } from './config-values.ts';
import type { ConsoleNetwork } from './console-network.ts';
import { createReached, type Door, localDoor, publicDoor } from './reached.ts';

/** A year, in seconds: browsers do not speak to the host in clear again. */
const HSTS = 'max-age=31536000';
const HEADERS_MS = 10_000;
const REQUEST_MS = 60_000;

const anyone: Door = { refuse: () => null };

interface Listener {
  host: string;
  port: number;
  /** What its settings begin with, for what is said where it can't listen. */
  settings: 'DRAWBRIDGE_' | 'DRAWBRIDGE_LOCAL_';
  door: Door;
  tls: GatewayTls | null;
  hsts: boolean;
}

/** Where the control plane will answer: decided before it is made, opened when it is. */
export interface Listening {
  reached: Reached;
  note: Warning | null;
  open(app: Hono): Promise<{ apiUrl: string; consoleUrl: string }>;
  close(): Promise<void>;
}

export interface ListeningOptions {
  network: ConsoleNetwork;
  port: number;
  /** Where gateways and commands of this machine reach it, when other machines do; not 0. */
  localPort: number;
  /** Whether someone can sign in. Until then there is nobody to defend it, and it stays on this machine. */
  hasAdministrator: boolean;
  log: Logger;
}

/** Throws ConfigError for a certificate that is no good. */
export async function prepareListening(options: ListeningOptions): Promise<Listening> {
  const { network, localPort, log } = options;
  const beyond = options.hasAdministrator ? network.beyond : null;
  const tls = beyond?.tls == null ? null : await consoleTls(beyond.tls, log);
  const host = network.beyond !== null && beyond === null ? '127.0.0.1' : network.host;
  const local: Listener = {
    host: '127.0.0.1',
    port: localPort,
    settings: 'DRAWBRIDGE_LOCAL_',
    door: beyond === null ? anyone : localDoor(beyond.origin),
    tls: null,
    hsts: false,
  };
  const main: Listener = {
    host,
    port: options.port,
    settings: 'DRAWBRIDGE_',
    door: beyond === null ? anyone : publicDoor(beyond.proxies),
    tls,
    hsts: beyond !== null,
  };
  let port = options.port;
  const closing: (() => Promise<void>)[] = [];
  const localNames = (of: number): string[] =>
    ['localhost', '127.0.0.1', '[::1]'].map((name) => `http://${name}:${of}`);
  return {
    reached: createReached({
      origins: () => [
        ...(beyond === null ? localNames(port) : [beyond.origin]),
        ...(network.beyond === null ? [] : localNames(localPort)),
      ],
      secure: beyond !== null,
      proxies: beyond?.proxies ?? null,
    }),
    note: network.beyond !== null && beyond === null ? notYetNote(network.beyond.origin) : null,
    async open(app) {
      if (network.beyond !== null) closing.push((await listen(app, local)).close);
      const opened = await listen(app, main);
      closing.push(opened.close);
      if (tls !== null) {
        tls.follow(opened.server);
        closing.push(async () => tls.close());
      }
      port = opened.port;
      return {
        apiUrl: network.beyond === null ? listenUrl(host, port) : listenUrl('127.0.0.1', localPort),
        consoleUrl: beyond === null ? `http://localhost:${port}` : beyond.origin,
      };
    },
    async close() {
      for (const close of closing.splice(0).reverse()) await close();
    },
  };
}

function notYetNote(origin: string): Warning {
  return {
    code: 'console_not_yet_beyond',
    text: `Nobody can sign in yet, so the console is on this machine only. Enrol the first administrator by the link, then start Drawbridge again: it will answer at ${origin}. A passkey works only under the name it was made under: enrol a password and an authenticator app now, and a passkey at ${origin} later.`,
  };
}

async function consoleTls(files: { cert: string; key: string }, log: Logger): Promise<GatewayTls> {
  try {
    const settings = { cert: 'DRAWBRIDGE_TLS_CERT', key: 'DRAWBRIDGE_TLS_KEY', clientCa: '' };
    return await openTls({ ...files, clientCa: null }, log, settings);
  } catch (cause) {
    if (!(cause instanceof GatewayConfigError)) throw cause;
    throw new ConfigError(cause.variable, cause.wrong, '/etc/drawbridge/tls/console.pem');
  }
}

async function listen(app: Hono, { host, port, settings, door, tls, hsts }: Listener) {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const limits = { headersTimeout: HEADERS_MS, requestTimeout: REQUEST_MS };
  const server = serve(
    {
      fetch: (request, env) => door.refuse(request, env) ?? app.fetch(request, env),
      hostname: host,
      port,
      ...(tls === null
        ? { serverOptions: limits }
        : { createServer: createTlsServer, serverOptions: { ...limits, ...tls.options } }),
    },
    (address) => resolve(address.port),
  );
  server.once('error', (error) => reject(listenProblem(error, host, port, settings) ?? error));
  if (hsts) {
    server.prependListener('request', (_, response) => response.setHeader('strict-transport-security', HSTS));
  }
  const listened = await promise;
  return {
    port: listened,
    server: server as ReturnType<typeof createTlsServer>,
    async close() {
      if ('closeAllConnections' in server) server.closeAllConnections();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}

/**
 * A port that can be listened on, known before it is. Throws ConfigError when it can't be, while there is someone to
 * tell. `settings`: what the settings of host and port begin with.
 */
export async function usablePort(host: string, port: number, settings: string): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once('error', reject);
    probe.listen(port, host, resolve);
  }).catch((cause: unknown) => {
    throw listenProblem(cause, host, port, settings) ?? cause;
  });
  const address = probe.address();
  await new Promise<void>((resolve) => probe.close(() => resolve()));
  if (address === null || typeof address === 'string') throw new Error('no free port was given');
  return address.port;
}

/** What can't be listened on, as the setting that says so; null when it was no setting. */
function listenProblem(cause: unknown, host: string, port: number, settings: string): ConfigError | null {
  const found = wrongListenSetting(cause, host, port);
  return found === null
    ? null
    : new ConfigError(`${settings}${found.setting === 'host' ? 'HOST' : 'PORT'}`, found.wrong, found.example);
}
