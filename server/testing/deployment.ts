import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { copyCluster, fastFolder } from '@drawbridge/postgres/testing';
import { pino } from 'pino';
import { migrated } from '../../control/platform/testing.ts';
import { readConfig } from '../config.ts';
import { type Deployment, startDeployment } from '../deployment.ts';

export interface TestDeployment extends Deployment {
  dataDir: string;
  keysDir: string;
  /** All log lines of the control plane so far. */
  logged(): string;
  /** Stops it and starts it again on the same data and keys. */
  restart(): Promise<void>;
  /** Calls the API and gives the body. Throws when the status is not the expected one. */
  call<T>(method: string, path: string, body?: unknown, status?: number): Promise<T>;
  remove(): Promise<void>;
}

export interface TestDeploymentOptions {
  /** Port of the API, kept over restarts; left out: any free one, another after a restart. */
  port?: number;
  /** A PostgreSQL from outside, instead of the embedded one. */
  databaseUrl?: string;
  /** Where the gateway listens, on a free port. */
  gatewayHost?: string;
  /** Further settings, as variables. */
  env?: Record<string, string>;
  /** What the gateway writes to this process's own output; the control plane's lines are kept, see `logged`. */
  logLevel?: 'debug' | 'warn' | 'error';
}

/** A whole deployment in a throw-away folder: real database, vault and gateway processes. */
export async function testDeployment(options: TestDeploymentOptions = {}): Promise<TestDeployment> {
  const folder = await mkdtemp(join(await fastFolder(), 'drawbridge-e2e-'));
  // Passable for PostgreSQL's user: else the database would lie elsewhere, and stay when the folder is removed.
  await chmod(folder, 0o711);
  const dataDir = join(folder, 'data');
  const keysDir = join(folder, 'keys');
  let logged = '';
  const log = pino(
    { level: 'debug' },
    {
      write(line: string) {
        logged += line;
      },
    },
  );
  const config = readConfig(
    { ...options.env, DRAWBRIDGE_LOG: options.logLevel ?? 'debug', DATABASE_URL: options.databaseUrl },
    {
      data: dataDir,
      keys: keysDir,
      port: String(options.port ?? 0),
      gatewayPort: '0',
      gatewayHost: options.gatewayHost,
    },
  );
  // `drawbridge start`, from nothing, is played by what starts a process of its own.
  if (options.databaseUrl === undefined) await copyCluster(dataDir, await migrated());
  const start = () => startDeployment({ config, log });
  let running = await start();
  return {
    get apiUrl() {
      return running.apiUrl;
    },
    get gatewayUrl() {
      return running.gatewayUrl;
    },
    get dataLocation() {
      return running.dataLocation;
    },
    get warnings() {
      return running.warnings;
    },
    get broken() {
      return running.broken;
    },
    dataDir,
    keysDir,
    gatewayPid: () => running.gatewayPid(),
    firstUrl: () => running.firstUrl(),
    get consoleUrl() {
      return running.consoleUrl;
    },
    forwardedLeaves: () => running.forwardedLeaves(),
    publish: () => running.publish(),
    api: (method, path, body) => running.api(method, path, body),
    stop: () => running.stop(),
    logged: () => logged,
    async restart() {
      await running.stop();
      running = await start();
    },
    async call<T>(method: string, path: string, body?: unknown, status?: number): Promise<T> {
      const answer = await running.api(method, path, body);
      if (status === undefined ? answer.status >= 400 : answer.status !== status) {
        throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
      }
      return answer.body as T;
    },
    async remove() {
      await running.stop();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
