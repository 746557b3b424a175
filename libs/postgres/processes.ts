import { readdir, readFile, readlink } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { systemErrorCode } from './errors.ts';

/**
 * A process that cannot be mistaken for a later one with the same number: `startTicks` is the kernel's start time
 * (clock ticks since boot), `boot` the boot's random id, `namespace` the pid namespace that the number counts in.
 */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTicks: string;
  readonly boot: string;
  readonly namespace: string;
}

export interface ProcessState {
  readonly parentPid: number;
  readonly startTicks: string;
  readonly ended: boolean;
  /** CPU time so far, in clock ticks. */
  readonly cpuTicks: number;
  /** Neither running nor waiting for a disk. */
  readonly idle: boolean;
}

/** Reads one line of `/proc/<pid>/stat`. The command name may itself hold spaces and brackets, so count from its last bracket. */
export function parseProcessState(stat: string): ProcessState | undefined {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, parentPid] = fields;
  const startTicks = fields[19];
  if (state === undefined || parentPid === undefined || startTicks === undefined) return undefined;
  return {
    parentPid: Number(parentPid),
    startTicks,
    ended: state === 'Z' || state === 'X',
    cpuTicks: Number(fields[11]) + Number(fields[12]),
    idle: state === 'S' || state === 'T',
  };
}

/** The process's state, or undefined when there is none (or it has ended and only waits to be reaped). */
export async function processState(pid: number): Promise<ProcessState | undefined> {
  const stat = await readIfThere(`/proc/${pid}/stat`);
  const state = stat === undefined ? undefined : parseProcessState(stat);
  return state === undefined || state.ended ? undefined : state;
}

export async function identifyProcess(pid: number): Promise<ProcessIdentity | undefined> {
  const [state, boot, namespace] = await Promise.all([processState(pid), currentBoot(), currentNamespace()]);
  return state && { pid, startTicks: state.startTicks, boot, namespace };
}

/** True when exactly this process still runs; a number that was given to another process does not count. */
export async function isRunning(identity: ProcessIdentity): Promise<boolean> {
  if (identity.boot !== (await currentBoot())) return false;
  return (await processState(identity.pid))?.startTicks === identity.startTicks;
}

async function currentBoot(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
}

export async function currentNamespace(): Promise<string> {
  return readlink('/proc/self/ns/pid');
}

/**
 * Pids of the PostgreSQL processes (postmaster, backends, workers) whose data directory this is. Every one of them has
 * it as its working directory, which a reused pid does not; `dataDir` must be a real path.
 */
export async function clusterProcesses(dataDir: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^[1-9][0-9]*$/.test(name)).map(Number);
  const found = await Promise.all(
    pids.map(async (pid) => ((await runsCluster(pid, dataDir)) ? pid : undefined)),
  );
  return found.filter((pid) => pid !== undefined);
}

async function runsCluster(pid: number, dataDir: string): Promise<boolean> {
  if ((await linkIfThere(`/proc/${pid}/cwd`)) !== dataDir) return false;
  const executable = await linkIfThere(`/proc/${pid}/exe`);
  // An upgrade that replaced the binary under a running server leaves " (deleted)" behind the name.
  return executable !== undefined && basename(executable).replace(/ \(deleted\)$/, '') === 'postgres';
}

/** What these processes have done so far, to be compared with a later look; undefined when one is doing something right now. */
export async function workDone(pids: readonly number[]): Promise<string | undefined> {
  const states = await Promise.all(pids.map(processState));
  if (states.some((state) => state !== undefined && !state.idle)) return undefined;
  return pids.map((pid, index) => `${pid}:${states[index]?.cpuTicks}`).join(' ');
}

/** Sends the signal; false when the process is gone. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch (error) {
    if (systemErrorCode(error) === 'ESRCH') return false;
    throw error;
  }
}

/** Asks `done` every few milliseconds; false when `milliseconds` passed without it. */
export async function waitUntil(done: () => Promise<boolean>, milliseconds: number): Promise<boolean> {
  const deadline = performance.now() + milliseconds;
  while (!(await done())) {
    if (performance.now() >= deadline) return false;
    await delay(10);
  }
  return true;
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

async function linkIfThere(path: string): Promise<string | undefined> {
  try {
    return await readlink(path);
  } catch (error) {
    // Other users' processes are none of ours: a cluster runs as ourselves, or we are root.
    if (isGone(error) || systemErrorCode(error) === 'EACCES' || systemErrorCode(error) === 'EPERM')
      return undefined;
    throw error;
  }
}

function isGone(error: unknown): boolean {
  const code = systemErrorCode(error);
  return code === 'ENOENT' || code === 'ESRCH';
}
