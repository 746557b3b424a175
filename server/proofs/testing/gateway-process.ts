import { type ChildProcess, fork } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../../gateway/main.ts', import.meta.url));

interface GatewayOptions {
  controlUrl: string;
  /** Path of its key file. */
  keys: string;
  /** Where its journal and snapshot lie. */
  directory: string;
}

/** A gateway that is no child of a deployment: it runs on when the control plane ends. */
export interface LoneGateway {
  url: string;
  pid(): number | undefined;
  /** What it wrote so far, all runs together. */
  logged(): string;
  /** Kills it as it is (-9) and starts it again on the same directory and port. */
  killAndStart(): Promise<void>;
  /** Lets it finish. */
  stop(): Promise<void>;
}

/** A port of the loopback address that is free now. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise<void>((resolve) => probe.close(() => resolve()));
  if (address === null || typeof address === 'string') throw new Error('no free port was given');
  return address.port;
}

/** Starts a gateway by its environment, as docs/gateway.md says it. Resolves when it listens. */
export async function startLoneGateway(options: GatewayOptions): Promise<LoneGateway> {
  const port = await freePort();
  let logged = '';
  let child: ChildProcess;
  let ended: Promise<void>;

  const start = async (): Promise<void> => {
    const started = fork(main, {
      env: {
        PATH: process.env.PATH,
        NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
        DRAWBRIDGE_CONTROL_URL: options.controlUrl,
        DRAWBRIDGE_GATEWAY_PORT: String(port),
        DRAWBRIDGE_EGRESS_PORT: '0',
        DRAWBRIDGE_GATEWAY_DIR: options.directory,
        DRAWBRIDGE_GATEWAY_KEYS: options.keys,
        DRAWBRIDGE_LOG: 'debug',
      },
      execArgv: [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [started.stdout, started.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        logged += chunk.toString('utf8');
      });
    }
    child = started;
    ended = new Promise((resolve) => started.once('exit', () => resolve()));
    await new Promise<void>((resolve, reject) => {
      started.once('message', () => resolve());
      started.once('exit', (code) => reject(new Error(`the gateway ended with ${code}: ${logged}`)));
    });
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await ended;
  };

  await start();
  return {
    url: `http://127.0.0.1:${port}`,
    pid: () => child.pid,
    logged: () => logged,
    async killAndStart() {
      await end('SIGKILL');
      await start();
    },
    stop: () => end('SIGTERM'),
  };
}
