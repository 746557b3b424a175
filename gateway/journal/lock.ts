import { randomBytes } from 'node:crypto';
import { link, readFile, realpath, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { JournalLocked } from '@drawbridge/journal';

/** Who holds a directory. `born` tells a process from a later one with the same number, where the system says it. */
interface Holder {
  pid: number;
  born: string | null;
}

const LOCK = 'lock';
const TAKEOVER = 'lock.takeover';

/** Directories that this process holds: its own number in a lock file says nothing about another journal in it. */
const held = new Set<string>();

/**
 * Takes a directory for this process with a lock file, over from a holder that is no more. Throws JournalLocked.
 * Returns how to give it back.
 */
export async function lockDirectory(path: string): Promise<() => Promise<void>> {
  const directory = await realpath(path);
  if (held.has(directory)) throw new JournalLocked(path, process.pid);
  held.add(directory);
  try {
    await take(directory, path);
  } catch (cause) {
    held.delete(directory);
    throw cause;
  }
  return async () => {
    if (!held.delete(directory)) return;
    await unlink(join(directory, LOCK));
  };
}

async function take(directory: string, path: string): Promise<void> {
  const me = JSON.stringify({ pid: process.pid, born: await birthOf(process.pid) } satisfies Holder);
  for (let attempt = 0; attempt < 20; attempt++) {
    if (await claim(directory, LOCK, me)) return;
    const holder = await holderOf(directory, LOCK);
    if (holder && (await isAlive(holder))) throw new JournalLocked(path, holder.pid);
    if (holder) await clear(directory, me);
  }
  throw new JournalLocked(path, (await holderOf(directory, LOCK))?.pid ?? 0);
}

/** Makes the file with its content in one step: nobody ever sees it empty. False when it is there already. */
async function claim(directory: string, name: string, content: string): Promise<boolean> {
  const draft = join(directory, `${name}.${process.pid}.${randomBytes(6).toString('hex')}`);
  await writeFile(draft, content, { mode: 0o600, flag: 'wx' });
  try {
    await link(draft, join(directory, name));
    return true;
  } catch (cause) {
    if (hasCode(cause, 'EEXIST')) return false;
    throw cause;
  } finally {
    await unlink(draft);
  }
}

/** Removes a dead holder's lock. One at a time, lest the second removes what the first has just taken. */
async function clear(directory: string, me: string): Promise<void> {
  if (!(await claim(directory, TAKEOVER, me))) {
    const other = await holderOf(directory, TAKEOVER);
    if (other && !(await isAlive(other))) await removeIfThere(join(directory, TAKEOVER));
    return;
  }
  try {
    const holder = await holderOf(directory, LOCK);
    if (holder && !(await isAlive(holder))) await removeIfThere(join(directory, LOCK));
  } finally {
    await removeIfThere(join(directory, TAKEOVER));
  }
}

async function holderOf(directory: string, name: string): Promise<Holder | null> {
  try {
    const value: unknown = JSON.parse(await readFile(join(directory, name), 'utf8'));
    if (typeof value === 'object' && value !== null && 'pid' in value && typeof value.pid === 'number') {
      const born = 'born' in value && typeof value.born === 'string' ? value.born : null;
      return { pid: value.pid, born };
    }
    return { pid: 0, born: null };
  } catch (cause) {
    if (hasCode(cause, 'ENOENT')) return null;
    if (cause instanceof SyntaxError) return { pid: 0, born: null };
    throw cause;
  }
}

async function isAlive({ pid, born }: Holder): Promise<boolean> {
  if (pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (cause) {
    if (hasCode(cause, 'ESRCH')) return false;
    // Any other answer (EPERM) comes from a process that is there.
  }
  const now = await birthOf(pid);
  return born === null || now === null || born === now;
}

/** When a process began, on Linux: boot and clock ticks since. Containers give the same number to every next process. */
async function birthOf(pid: number): Promise<string | null> {
  try {
    const [boot, stat] = await Promise.all([
      readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
      readFile(`/proc/${pid}/stat`, 'utf8'),
    ]);
    // The second field is the name, in brackets, and may hold anything; the 22nd is the start.
    const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    return started === undefined ? null : `${boot.trim()} ${started}`;
  } catch {
    // No /proc here, or the process is gone: its number alone has to do.
    return null;
  }
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (cause) {
    if (!hasCode(cause, 'ENOENT')) throw cause;
  }
}

function hasCode(cause: unknown, code: string): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === code;
}
