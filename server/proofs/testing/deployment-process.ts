import { spawn } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { callRunning, type RunningNote, readRunningNote } from '../../running.ts';
import type { Call } from './connect.ts';

/** The console may have to be built first. */
const START_MS = 150_000;
const cli = fileURLToPath(new URL('../../cli.ts', import.meta.url));

/** A deployment as `drawbridge start` runs it, in a process of its own, whose every line is kept. */
export interface DeploymentProcess {
  note: RunningNote;
  dataDir: string;
  keysDir: string;
  call: Call;
  /** All that it and its children wrote so far: what a service manager would keep. */
  logged(): string;
  /** As Ctrl-C does. Resolves with the exit code when all has ended. */
  stop(): Promise<number | null>;
  remove(): Promise<void>;
}

export async function startDeploymentProcess(): Promise<DeploymentProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'drawbridge-cli-'));
  // Passable for PostgreSQL's user: else the database would lie elsewhere, and stay when the folder is removed.
  await chmod(folder, 0o711);
  const dataDir = join(folder, 'data');
  const keysDir = join(folder, 'keys');
  const flags = ['--data', dataDir, '--keys', keysDir, '--port', '0', '--gateway-port', '0'];
  const child = spawn(process.execPath, [cli, ...flags, 'start', '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      DRAWBRIDGE_LOG: 'debug',
    },
  });
  let said = '';
  let answer = '';
  const serves = Promise.withResolvers<void>();
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString('utf8');
  });
  child.stdout.on('data', (chunk: Buffer) => {
    answer += chunk.toString('utf8');
    if (answer.includes('"apiUrl"')) serves.resolve();
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  ended.then((code) => serves.reject(new Error(`the deployment ended with ${code}: ${said}`)));
  const overdue = setTimeout(() => {
    serves.reject(new Error(`the deployment did not serve in ${START_MS / 1000} s: ${said}`));
    child.kill('SIGKILL');
  }, START_MS);
  await serves.promise.finally(() => clearTimeout(overdue));
  const note = await readRunningNote(dataDir, keysDir);
  const stop = (): Promise<number | null> => {
    if (child.exitCode === null) child.kill('SIGINT');
    return ended;
  };
  return {
    note,
    dataDir,
    keysDir,
    call: (method, path, body) => callRunning(note, method, path, body),
    logged: () => said + answer,
    stop,
    async remove() {
      await stop();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
