import { randomBytes } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** What `drawbridge` commands need to speak to a deployment that runs: kept beside the keys, as it lets one in. */
export interface RunningNote {
  pid: number;
  /** Where programs of this machine reach the API. */
  apiUrl: string;
  /** Where people open the console. */
  consoleUrl: string;
  gatewayUrl: string;
  dataDir: string;
  operatorToken: string;
}

/** No deployment runs with these settings. */
export class NotRunningError extends Error {
  readonly code = 'not_running';
  constructor(dataDir: string) {
    super(
      `No deployment with its data in ${dataDir} is running. Start it with "npm start", or name its data with --data.`,
    );
    this.name = 'NotRunningError';
  }
}

const notePath = (keysDir: string, deploymentId: string): string =>
  join(keysDir, `${deploymentId}.running.json`);

const OPERATOR = 'dbo_';

/** Whether a request comes with what is, or looks like, the token of the command on this machine. */
export const isByOperator = (headers: Headers): boolean =>
  new RegExp(`^Bearer ${OPERATOR}`, 'i').test(headers.get('authorization') ?? '');

export const newOperatorToken = (): string => `${OPERATOR}${randomBytes(32).toString('base64url')}`;

export async function writeRunningNote(
  keysDir: string,
  deploymentId: string,
  note: RunningNote,
): Promise<void> {
  const path = notePath(keysDir, deploymentId);
  await writeFile(`${path}.new`, `${JSON.stringify(note)}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

export async function removeRunningNote(keysDir: string, deploymentId: string): Promise<void> {
  await rm(notePath(keysDir, deploymentId), { force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Reads the note of the deployment whose data lies in `dataDir`. Throws NotRunningError. */
export async function readRunningNote(dataDir: string, keysDir: string): Promise<RunningNote> {
  const identity = await readFile(join(dataDir, 'deployment.json'), 'utf8').catch(missing);
  if (identity === null) throw new NotRunningError(dataDir);
  const { id } = JSON.parse(identity) as { id: string };
  const note = await findRunning(keysDir, id);
  if (note === null) throw new NotRunningError(dataDir);
  return note;
}

/** The note of the deployment with this id; null when none runs. */
export async function findRunning(keysDir: string, deploymentId: string): Promise<RunningNote | null> {
  const text = await readFile(notePath(keysDir, deploymentId), 'utf8').catch(missing);
  if (text === null) return null;
  const note = JSON.parse(text) as RunningNote;
  return isAlive(note.pid) ? note : null;
}

/** The keys are in use by this deployment's other data. Nothing was started. */
class KeysInUseError extends Error {
  readonly code = 'keys_in_use';
  constructor(note: RunningNote, keysDir: string, path: string) {
    super(
      `The keys in ${keysDir} are in use by process ${note.pid}, with the data in ${note.dataDir}: two of one deployment would continue the same logs. Stop it first, or start that data. If process ${note.pid} is another program, delete ${path}.`,
    );
    this.name = 'KeysInUseError';
  }
}

/**
 * Throws KeysInUseError while this deployment runs on other data, as after a restore beside what is still there. That one
 * data directory is used once its database sees to.
 */
export async function expectAlone(keysDir: string, deploymentId: string, dataDir: string): Promise<void> {
  const note = await findRunning(keysDir, deploymentId);
  if (note === null || note.pid === process.pid || resolve(note.dataDir) === resolve(dataDir)) return;
  throw new KeysInUseError(note, keysDir, notePath(keysDir, deploymentId));
}

const missing = (error: NodeJS.ErrnoException): null => {
  if (error.code === 'ENOENT') return null;
  throw error;
};

/**
 * Calls the running deployment's API as the local administrator. A body of bytes is sent as it is, with `reason` beside it.
 * Throws with the problem's own words.
 */
export async function callRunning<T>(
  note: RunningNote,
  method: string,
  path: string,
  body?: unknown,
  reason?: string,
): Promise<T> {
  const isFile = body instanceof Uint8Array;
  const type = isFile ? 'application/octet-stream' : 'application/json';
  const response = await fetch(`${note.apiUrl}/api/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${note.operatorToken}`,
      ...(body === undefined ? {} : { 'content-type': type }),
      ...(reason === undefined ? {} : { 'x-drawbridge-reason': encodeURIComponent(reason) }),
    },
    ...(body === undefined ? {} : { body: isFile ? new Uint8Array(body) : JSON.stringify(body) }),
  });
  const text = await response.text();
  if (response.ok) return (text === '' ? undefined : JSON.parse(text)) as T;
  const problem = JSON.parse(text) as { detail?: string; code?: string };
  throw new Error(`${method} ${path}: ${problem.detail ?? response.statusText}`);
}

/** The running deployment refused what was asked of it, in its own words. */
class RefusedError extends Error {
  readonly code = 'refused';
}

/**
 * Asks for an answer that goes on for long, and returns once it begins. Throws with the problem's own words, and `code`
 * `refused` where asking again would be refused again.
 */
export async function streamRunning(note: RunningNote, path: string, signal: AbortSignal): Promise<Response> {
  const response = await fetch(`${note.apiUrl}/api/v1${path}`, {
    headers: { authorization: `Bearer ${note.operatorToken}` },
    signal,
  });
  if (response.ok) return response;
  const problem = JSON.parse(await response.text()) as { detail?: string };
  const text = problem.detail ?? response.statusText;
  throw response.status < 500 ? new RefusedError(text) : new Error(text);
}
