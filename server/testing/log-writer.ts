import { writeSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import { openDirectory } from '@drawbridge/gateway';
import {
  DirectoryFiles,
  formatVerifierKey,
  generateKey,
  type Log,
  type LogOptions,
  logSigner,
  openLog,
} from '@drawbridge/tlog';

/**
 * The writer of logs as it is used, in directories of this machine's disk: `log` for others to read, `private` for its
 * write-ahead. Entries are made up, each from its index alone, so that whoever reads can say what it has to be.
 *
 * As a process it appends until it is killed, and says on its standard output what was acknowledged, one index a line.
 * Arguments: directory, up to which size, how often it signs in milliseconds.
 */
const ORIGIN = 'log.example.test/real';
const key = generateKey(ORIGIN, Buffer.alloc(32, 5));
export const logVkey = formatVerifierKey(key);

/** Of many lengths: number 1 is empty, number 2 as long as an entry may be. */
export function entryAt(index: number): Buffer {
  if (index === 1) return Buffer.alloc(0);
  return Buffer.from(`made-up entry ${index} `.repeat(index === 2 ? 4096 : 1 + (index % 9))).subarray(
    0,
    65_535,
  );
}

export async function openLogIn(directory: string, more: Partial<LogOptions> = {}): Promise<Log> {
  const path = join(directory, 'log');
  await fs.mkdir(path, { recursive: true });
  return openLog({
    storage: await openDirectory(join(directory, 'private')),
    files: new DirectoryFiles(fs, path),
    origin: ORIGIN,
    signer: logSigner(key),
    clock: {
      now: Date.now,
      after(ms, run) {
        const timer = setTimeout(run, ms);
        return () => clearTimeout(timer);
      },
    },
    limits: { segmentBytes: 256 * 1024 },
    report: (event) => {
      if (event.kind === 'unavailable') throw event.error;
      if (event.kind === 'checkpoint_failed') throw event.cause;
    },
    ...more,
  });
}

const AT_ONCE = 300;

/** Appends entries up to that size. */
export async function growTo(log: Log, size: number, told?: (index: number) => void): Promise<void> {
  let next = log.size;
  const work = async () => {
    while (next < size) {
      const { index } = await log.append(entryAt(next++));
      told?.(index);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

if (import.meta.main) {
  const [directory = '', size = '0', checkpointEveryMs = '1000'] = process.argv.slice(2);
  const log = await openLogIn(directory, { checkpointEveryMs: Number(checkpointEveryMs) });
  await growTo(log, Number(size), (index) => writeSync(1, `${index}\n`));
  writeSync(1, 'done\n');
}
