import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { link, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { PostgresError, systemErrorCode } from './errors.ts';
import { readIfThere } from './files.ts';
import { currentNamespace, identifyProcess, isRunning, type ProcessIdentity } from './processes.ts';
import { besideSocket } from './socket.ts';

export interface DirectoryLock {
  release(): Promise<void>;
}

interface LockRecord extends ProcessIdentity {
  readonly since: string;
  readonly released: boolean;
}

const nameWidth = 12;

/**
 * Lets one living process at a time into `home`.
 *
 * The lock is a folder of numbered files; its holder is whoever the highest number names, as long as that process
 * lives. Whoever finds it dead or released creates the next number, which only one can (a file appears whole, by link).
 * The highest file is never deleted, so nobody can delete a lock that was taken over in between: the race that a single
 * lock file has.
 * @throws PostgresError in_use, naming the holder's pid
 */
export async function lockDirectory(home: string, now: () => Date): Promise<DirectoryLock> {
  const folder = join(home, 'lock');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const self = await identifyProcess(process.pid);
  if (self === undefined)
    throw new PostgresError('start_failed', '/proc does not show this process; is it mounted?');
  const record: LockRecord = { ...self, since: now().toISOString(), released: false };
  for (;;) {
    const number = await highest(folder);
    await refuseIfHeld(folder, number, home);
    const taken = number + 1;
    if (!(await claim(folder, taken, record))) continue;
    await removeBelow(folder, taken);
    return { release: () => replace(folder, taken, { ...record, released: true }) };
  }
}

/**
 * Whether this number is now ours. It may have been free only because it is long past: whoever looked, slept, and comes
 * back finds higher ones, and withdraws.
 */
export async function claim(folder: string, number: number, record: object): Promise<boolean> {
  if (!(await create(folder, number, record))) return false;
  if ((await highest(folder)) === number) return true;
  await rm(pathOf(folder, number));
  return false;
}

async function refuseIfHeld(folder: string, number: number, home: string): Promise<void> {
  if (number === 0) return;
  const text = await readIfThere(pathOf(folder, number));
  const holder = text === undefined ? undefined : parseRecord(text);
  if (holder === undefined || holder.released || !(await isHolding(holder, home))) return;
  throw new PostgresError(
    'in_use',
    `The database in ${home} is in use by process ${holder.pid}, since ${holder.since}. ` +
      'Stop that process, or choose another data directory.',
  );
}

/** A process in another container can't be seen from here, but its server's socket can be tried. */
async function isHolding(holder: LockRecord, home: string): Promise<boolean> {
  if (holder.namespace === (await currentNamespace())) return isRunning(holder);
  return isListening(besideSocket(home));
}

async function isListening(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    return true;
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
    return false;
  } finally {
    socket.destroy();
  }
}

function pathOf(folder: string, number: number): string {
  return join(folder, String(number).padStart(nameWidth, '0'));
}

async function highest(folder: string): Promise<number> {
  const numbers = (await readdir(folder)).filter((name) => /^[0-9]+$/.test(name)).map(Number);
  return Math.max(0, ...numbers);
}

async function create(folder: string, number: number, record: object): Promise<boolean> {
  const draft = await writeDraft(folder, record);
  try {
    await link(draft, pathOf(folder, number));
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft);
  }
}

async function replace(folder: string, number: number, record: LockRecord): Promise<void> {
  await rename(await writeDraft(folder, record), pathOf(folder, number));
}

async function writeDraft(folder: string, record: object): Promise<string> {
  const draft = join(folder, `draft.${randomBytes(6).toString('hex')}`);
  await writeFile(draft, JSON.stringify(record), { mode: 0o644 });
  return draft;
}

async function removeBelow(folder: string, number: number): Promise<void> {
  for (const name of await readdir(folder))
    if (/^[0-9]+$/.test(name) && Number(name) < number) await rm(join(folder, name), { force: true });
}

/** Undefined for what no holder wrote, such as a file that a full disk or a power cut left empty. */
function parseRecord(text: string): LockRecord | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isLockRecord(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isLockRecord(value: unknown): value is LockRecord {
  const record = value as Partial<Record<keyof LockRecord, unknown>> | null;
  return (
    typeof record === 'object' &&
    record !== null &&
    typeof record.pid === 'number' &&
    typeof record.startTicks === 'string' &&
    typeof record.boot === 'string' &&
    typeof record.namespace === 'string' &&
    typeof record.since === 'string' &&
    typeof record.released === 'boolean'
  );
}
