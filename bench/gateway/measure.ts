import { execFile, fork } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** Linux counts processor time in hundredths of a second. */
const TICKS_PER_SECOND = 100;

export interface Started {
  port: number;
  pid: number;
  /** A virtual key, where the program takes one. */
  key: string;
  stop(): Promise<void>;
  /** Lets it end by itself, so that it can write down what it has. */
  end(): Promise<void>;
}

export interface Measured {
  requestsPerSecond: number;
  cpuMicros: number;
  p50Micros: number;
  p99Micros: number;
  rssMb: number;
  errors: number;
}

/** Runs a program of this bench on one core and waits until it says its port. */
export async function startOn(
  core: number,
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  nodeOptions: readonly string[] = [],
): Promise<Started> {
  const child = fork(file, [...args], {
    execPath: 'taskset',
    execArgv: ['-c', String(core), process.execPath, ...nodeOptions],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, ...env },
  });
  const { port, key } = await new Promise<{ port: number; key: string }>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`${file} ended with ${code} before it was ready`)));
    child.on('message', (message) => {
      if (typeof message !== 'object' || message === null || !('port' in message)) return;
      resolve({ port: Number(message.port), key: 'key' in message ? String(message.key) : 'none' });
    });
  });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    port,
    key,
    pid: child.pid ?? 0,
    async stop() {
      child.kill('SIGTERM');
      await gone;
    },
    async end() {
      child.disconnect();
      await gone;
    },
  };
}

export interface Load {
  /** Where the load generator runs. */
  core: number;
  url: string;
  key: string;
  /** Lines `Name: value`. */
  headers: string;
  /** Whose processor time and memory are read. */
  pids: readonly number[];
  seconds: number;
  connections: number;
  /** Size of a request's body, about. */
  bytes: number;
  /** The answer is asked for as a stream of events. */
  isStreamed: boolean;
}

const script = fileURLToPath(new URL('./load.lua', import.meta.url));

/** Loads a URL with wrk from one core and reads off what it cost the processes `pids`. */
export async function load(given: Load): Promise<Measured> {
  const { core, url, pids, connections, seconds } = given;
  const before = await ticks(pids);
  const wrk = ['wrk', '-t1', `-c${connections}`, `-d${seconds}s`, '--latency', '-s', script, url];
  const env = {
    ...process.env,
    BENCH_KEY: given.key,
    BENCH_HEADERS: given.headers,
    BENCH_BYTES: String(given.bytes),
    BENCH_STREAM: given.isStreamed ? 'yes' : 'no',
  };
  const { stdout } = await run('taskset', ['-c', String(core), ...wrk], { env });
  const after = await ticks(pids);
  const line = stdout.split('\n').find((each) => each.startsWith('JSON '));
  if (line === undefined) throw new Error(`wrk said nothing that can be read:\n${stdout}`);
  const result = JSON.parse(line.slice(5)) as {
    requests: number;
    seconds: number;
    p50: number;
    p99: number;
    errors: number;
  };
  return {
    requestsPerSecond: result.requests / result.seconds,
    cpuMicros: (((after - before) / TICKS_PER_SECOND) * 1e6) / Math.max(1, result.requests),
    p50Micros: result.p50,
    p99Micros: result.p99,
    rssMb: await rss(pids),
    errors: result.errors,
  };
}

async function ticks(pids: readonly number[]): Promise<number> {
  let sum = 0;
  for (const pid of pids) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    sum += Number(fields[11]) + Number(fields[12]);
  }
  return sum;
}

async function rss(pids: readonly number[]): Promise<number> {
  let sum = 0;
  for (const pid of pids) {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    sum += Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
  }
  return sum;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const high = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? high : (high + (sorted[middle - 1] ?? 0)) / 2;
}
