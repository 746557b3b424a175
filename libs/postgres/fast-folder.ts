import { access, constants, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { systemErrorCode } from './errors.ts';

const enoughMemory = 2 * 1024 ** 3;

/** Where tests put databases: memory where there is plenty of it, since what they commit need not outlive a power cut. */
export async function fastFolder(): Promise<string> {
  try {
    const { bavail, bsize } = await statfs('/dev/shm');
    await access('/dev/shm', constants.W_OK);
    return bavail * bsize >= enoughMemory ? '/dev/shm' : tmpdir();
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
    return tmpdir();
  }
}
