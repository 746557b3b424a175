import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  collectMigrations,
  createControl,
  createEvents,
  type DatabaseConfig,
  enrolGateway,
  hasAdministrator,
  hashGatewayToken,
  migrate,
  onOneDisk,
  openDatabase,
  type Platform,
  startVault,
  systemClock,
  systemRandom,
  type Warning,
} from '@drawbridge/control';
import {
  type GatewayKeyFile,
  hasStoredSnapshot,
  newGatewayKeys,
  readGatewayKeys,
  v8Options,
} from '@drawbridge/gateway';
import { listenUrl } from '@drawbridge/gateway/settings';
import { checkServerVersion, startPostgres } from '@drawbridge/postgres';
import type { MiddlewareHandler } from 'hono';
import type { Logger } from 'pino';
import { expectFinished } from './backup/restore.ts';
import type { ServerConfig } from './config.ts';
import {
  exportNetworkFrom,
  issuerNetworkFrom,
  mailNetworkFrom,
  witnessNetworkFrom,
} from './export-network.ts';
import { readIdentity } from './identity.ts';
import { makeKeysDir, readOrMakeKeyFile } from './key-files.ts';
import { prepareListening, usablePort } from './listening.ts';
import { logPlace } from './log-place.ts';
import { systemResolver } from './messages/resolver.ts';
import { findPacks } from './own-packs.ts';
import { expectAlone, newOperatorToken, removeRunningNote, writeRunningNote } from './running.ts';
import { loadDetectors, shippedDetectors } from './scan/pack.ts';
import {
  shippedClockLaw,
  shippedExercises,
  shippedMailLists,
  shippedNotices,
  shippedPacks,
  shippedPlaybooks,
  shippedReplies,
  shippedStarters,
  shippedTransfers,
  shippedVendorFacts,
} from './shipped-packs.ts';
import { startBench } from './workbench/bench.ts';
import { type SupervisedProcess, superviseProcess } from './worker-process.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const GATEWAY_ID = 'gateway-1';
const GATEWAY_GRACE_MS = 12_000;

export interface Deployment {
  /** Where programs of this machine reach the API. */
  apiUrl: string;
  /** Where people open the console: at a name, as passkeys need one. */
  consoleUrl: string;
  gatewayUrl: string;
  /** Where the data lies, in words for people. */
  dataLocation: string;
  warnings: readonly Warning[];
  /** The gateway worker's process id: it changes when the worker is started again. */
  gatewayPid(): number | undefined;
  /** A link that lets the first administrator in, once; null where people can sign in already. */
  firstUrl(): Promise<string | null>;
  /** Crossings in the stored journals that were forwarded to a vendor: read there, not from what was computed. */
  forwardedLeaves(): Promise<number>;
  /** Publishes what was changed so far, without waiting until the change is heard of. */
  publish(): Promise<void>;
  /** Calls the API as the local administrator: status and parsed body. */
  api(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }>;
  /** Resolves when something that can't be mended ended: then stop, and say why. */
  broken: Promise<Error>;
  /** Stops everything in order; running requests may finish. */
  stop(): Promise<void>;
}

export interface DeploymentOptions {
  config: ServerConfig;
  log: Logger;
  /** Told what the gateway writes, which else goes to standard error. */
  gatewayOutput?: (text: string) => void;
  /** Says in one line what is being waited for. */
  progress?: (text: string) => void;
  /** Serves the console; without it only the API answers. */
  console?: MiddlewareHandler;
}

/** Undoes what was started, last first, whatever fails on the way. */
class Undo {
  readonly #steps: { name: string; run: () => Promise<unknown> }[] = [];
  readonly #log: Logger;
  constructor(log: Logger) {
    this.#log = log;
  }
  add(name: string, run: () => Promise<unknown>): void {
    this.#steps.push({ name, run });
  }
  async all(): Promise<void> {
    for (const step of this.#steps.splice(0).reverse()) {
      await step
        .run()
        .catch((error: unknown) => this.#log.error({ err: error, step: step.name }, 'stopping failed'));
    }
  }
}

async function startDatabase(
  config: ServerConfig,
  log: Logger,
  undo: Undo,
): Promise<{ database: DatabaseConfig; location: string; exited: Promise<Error> }> {
  if (config.databaseUrl !== null) {
    return {
      database: { connectionString: config.databaseUrl },
      location: `${config.dataDir} (journals, logs, snapshots) and the PostgreSQL of DATABASE_URL`,
      exited: new Promise(() => undefined),
    };
  }
  const postgres = await startPostgres({
    dataDir: config.dataDir,
    log: (line) => log.info({ part: 'postgres' }, line),
    restart: {},
  });
  undo.add('database', () => postgres.stop());
  const elsewhere = !postgres.location.path.startsWith(config.dataDir);
  return {
    database: postgres.connection,
    location: elsewhere ? `${config.dataDir}, the database in ${postgres.location.path}` : config.dataDir,
    exited: postgres.exited.then((exit) =>
      exit.expected
        ? new Promise<Error>(() => undefined)
        : new Error('The database ended and could not be started again. Its log lies beside the data.'),
    ),
  };
}

async function bindDeployment(platform: Platform): Promise<void> {
  const { rows } = await platform.pool.query<{ id: string }>(
    `INSERT INTO deployment (id, name, created_at) VALUES ($1, $2, now())
     ON CONFLICT (only_one) DO UPDATE SET only_one = true RETURNING id`,
    [platform.deployment.id, platform.deployment.name],
  );
  if (rows[0]?.id !== platform.deployment.id) {
    throw new Error(
      `The database belongs to deployment ${rows[0]?.id}, the data directory to ${platform.deployment.id}. Point DRAWBRIDGE_DATA and DATABASE_URL to the same deployment.`,
    );
  }
}

async function gatewayKeyFile(path: string): Promise<GatewayKeyFile> {
  const parse = (value: unknown): GatewayKeyFile => {
    readGatewayKeys(value);
    return value as GatewayKeyFile;
  };
  return readOrMakeKeyFile(path, parse, () =>
    newGatewayKeys(GATEWAY_ID, `dbg_${systemRandom.bytes(32).toString('base64url')}`, (length) =>
      systemRandom.bytes(length),
    ),
  );
}

async function placeWarnings(config: ServerConfig): Promise<Warning[]> {
  if (config.databaseUrl !== null || !(await onOneDisk(config.keysDir, config.dataDir))) return [];
  return [
    {
      code: 'keys_beside_data',
      text: `The keys (${config.keysDir}) and the data (${config.dataDir}) lie on one disk: whoever takes it has both. Set DRAWBRIDGE_KEYS to another disk.`,
    },
  ];
}

/**
 * Starts a whole deployment on this machine: database, vault, control plane, one gateway worker. Resolves once the
 * gateway serves. What was started before a failure is stopped again.
 */
export async function startDeployment(options: DeploymentOptions): Promise<Deployment> {
  const undo = new Undo(options.log);
  try {
    return await start(options, undo);
  } catch (error) {
    await undo.all();
    throw error;
  }
}

async function start(
  { config, log, progress = () => undefined, console, gatewayOutput }: DeploymentOptions,
  undo: Undo,
): Promise<Deployment> {
  expectFinished(config.dataDir);
  const identity = await readIdentity(config.dataDir);
  await makeKeysDir(config.keysDir);
  await expectAlone(config.keysDir, identity.id, config.dataDir);
  progress('Starting the database');
  const { database: reach, location, exited } = await startDatabase(config, log, undo);

  const keysPath = join(config.keysDir, `${identity.id}.${GATEWAY_ID}.json`);
  const keys = await gatewayKeyFile(keysPath);
  const gatewayPort = await usablePort(config.gatewayHost, config.gatewayPort, 'DRAWBRIDGE_GATEWAY_');
  const { network } = config;
  const localPort =
    network.beyond === null
      ? config.port
      : await usablePort('127.0.0.1', network.localPort, 'DRAWBRIDGE_LOCAL_');
  const launchGateway = (control: string): SupervisedProcess =>
    superviseProcess({
      name: GATEWAY_ID,
      file: join(root, 'gateway', 'main.ts'),
      log,
      output: gatewayOutput,
      execArgv: v8Options,
      env: {
        PATH: process.env.PATH,
        NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
        ...config.gatewayEnv,
        DRAWBRIDGE_LOG: config.logLevel,
        DRAWBRIDGE_CONTROL_URL: control,
        DRAWBRIDGE_GATEWAY_HOST: config.gatewayHost,
        DRAWBRIDGE_GATEWAY_PORT: String(gatewayPort),
        DRAWBRIDGE_GATEWAY_DIR: join(config.dataDir, GATEWAY_ID),
        DRAWBRIDGE_GATEWAY_KEYS: keysPath,
      },
    });
  // A gateway that was there before starts beside the control plane: it serves from its last snapshot anyway.
  const isKnown = localPort !== 0 && hasStoredSnapshot(join(config.dataDir, GATEWAY_ID));
  const localHost = network.beyond === null ? network.host : '127.0.0.1';
  const early = isKnown ? launchGateway(listenUrl(localHost, localPort)) : null;
  if (early !== null) undo.add('gateway that came early', () => early.stop(GATEWAY_GRACE_MS));

  const database = openDatabase(reach, (error) => log.warn({ err: error }, 'a database connection broke'));
  undo.add('database connections', () => database.close());
  if (config.databaseUrl !== null) await checkServerVersion(database.pool);
  const applied = await migrate(database.pool, await collectMigrations(join(root, 'control')));
  if (applied > 0) log.info({ applied }, 'database brought up to date');

  const platform: Platform = {
    ...database,
    clock: systemClock,
    random: systemRandom,
    log,
    events: createEvents((error) => log.error({ err: error }, 'a listener failed')),
    deployment: { id: identity.id, name: 'Drawbridge' },
  };
  await bindDeployment(platform);

  progress('Opening the vault');
  const vault = await startVault({
    ...platform,
    keysDir: config.keysDir,
    deploymentId: identity.id,
    source: config.keySource,
  });
  undo.add('vault', () => vault.stop());

  const gatewayUrl = listenUrl(config.gatewayHost, gatewayPort, config.gatewayScheme);
  const found = await findPacks(shippedPacks, config.packsDir);
  for (const { text } of found.warnings) log.warn(text);
  const warnings = [...(await placeWarnings(config)), ...found.warnings];
  const operatorToken = newOperatorToken();
  const listening = await prepareListening({
    network,
    port: config.port,
    localPort,
    hasAdministrator: await hasAdministrator(platform),
    log,
  });
  if (listening.note !== null) warnings.push(listening.note);
  const bench = startBench();
  undo.add('workbench', () => bench.stop());
  const control = await createControl({
    platform,
    vault,
    packs: found.packs,
    readFacts: shippedVendorFacts,
    detectors: await loadDetectors(shippedDetectors),
    ownPacks: found.ownPacks,
    starters: shippedStarters,
    transfers: await shippedTransfers(),
    playbooks: await shippedPlaybooks(),
    readClockLaw: shippedClockLaw,
    noticeTemplates: await shippedNotices(),
    exercises: await shippedExercises(),
    readMailLists: shippedMailLists,
    messageReplies: await shippedReplies(),
    messageResolver: systemResolver(),
    gatewayUrl,
    operatorToken,
    reached: listening.reached,
    warnings,
    readReplay: () => readReplay(config.dataDir),
    bench,
    exportNetwork: await exportNetworkFrom(process.env, config.exportCa),
    changeLog: (name) => logPlace(config.dataDir, name),
    rootLog: (name) => logPlace(config.dataDir, name),
    witnessNetwork: await witnessNetworkFrom(config.witnessCa),
    issuerNetwork: await issuerNetworkFrom(config.issuerCa),
    mailNetwork: await mailNetworkFrom(config.mailCa),
    intakeCertificate: async () => {
      const files = config.network.beyond?.tls;
      if (files == null) return null;
      const [cert, key] = await Promise.all([readFile(files.cert, 'utf8'), readFile(files.key, 'utf8')]);
      return { cert, key };
    },
    erasuresFile: join(config.keysDir, `${identity.id}.erasures`),
  });
  undo.add('control plane', () => control.stop());

  await enrolGateway(platform, {
    id: GATEWAY_ID,
    name: 'on this machine',
    publicKey: readGatewayKeys(keys).publicKey,
    tokenHash: hashGatewayToken(keys.token),
  });
  await control.start();

  if (console !== undefined) control.app.use('*', console);
  undo.add('console and API', () => listening.close());
  const { apiUrl, consoleUrl } = await listening.open(control.app);

  progress('Starting the gateway');
  const gateway = early ?? launchGateway(apiUrl);
  undo.add('gateway', () => gateway.stop(GATEWAY_GRACE_MS));
  await gateway.ready;
  await inTime(gateway.serving);

  await writeRunningNote(config.keysDir, identity.id, {
    pid: process.pid,
    apiUrl,
    consoleUrl,
    gatewayUrl,
    dataDir: config.dataDir,
    operatorToken,
  });
  undo.add('note', () => removeRunningNote(config.keysDir, identity.id));
  return {
    apiUrl,
    consoleUrl,
    gatewayUrl,
    dataLocation: location,
    warnings,
    gatewayPid: () => gateway.pid(),
    async firstUrl() {
      const token = await control.firstToken();
      return token === null ? null : `${consoleUrl}/sign-in#token=${token}`;
    },
    forwardedLeaves: () => control.forwardedLeaves(),
    publish: () => control.fleet.refresh(),
    api: (method, path, body) => callApi(apiUrl, operatorToken, method, path, body),
    broken: exited,
    stop: () => undo.all(),
  };
}

const SERVING_MS = 15_000;

/** One that has no snapshot in force in time keeps trying by itself. */
async function inTime(serving: Promise<void>): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () =>
      late.reject(new Error('The gateway did not get its configuration in time. The lines above say why.')),
    SERVING_MS,
  );
  await Promise.race([serving, late.promise]).finally(() => clearTimeout(timer));
}

async function readReplay(dataDir: string): Promise<string | null> {
  return readFile(join(dataDir, 'replays', 'latest.json'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
}

async function callApi(
  apiUrl: string,
  token: string,
  method: string,
  path: string,
  body: unknown,
): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${apiUrl}/api/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      'x-drawbridge-reason': 'asked for by a program on this machine',
      ...(body === undefined
        ? {}
        : {
            'content-type': body instanceof Uint8Array ? 'application/octet-stream' : 'application/json',
          }),
    },
    ...(body === undefined ? {} : { body: body instanceof Uint8Array ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  return { status: response.status, body: isJson ? JSON.parse(text) : text };
}
