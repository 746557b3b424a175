import { copyFile, type FileHandle, open, stat, truncate } from 'node:fs/promises';

const largestLog = 4 * 1024 * 1024;
const checkEvery = 30_000;

/**
 * PostgreSQL's log: it writes there by itself, so that nothing of it is lost when we are killed. Two files of at most
 * 4 MB (and what half a minute adds): at the limit the first is copied to `<path>.1` and cut.
 */
export interface LogFile {
  /** To be given to the server as its standard output and error. */
  readonly fd: number;
  /** The last lines since it was opened, without time stamps' pids. */
  lastLines(count: number): Promise<string>;
  close(): Promise<void>;
}

export async function openLogFile(path: string): Promise<LogFile> {
  const file = await open(path, 'a+', 0o600);
  await rotate(path, file);
  let start = (await file.stat()).size;
  let rotating = false;
  const look = async () => {
    if (rotating) return;
    rotating = true;
    if (await rotate(path, file)) start = 0;
    rotating = false;
  };
  const timer = setInterval(() => {
    look().catch(() => {
      // A full disk: the log may grow on until the next look; the database itself will report it.
      rotating = false;
    });
  }, checkEvery);
  timer.unref();
  return {
    fd: file.fd,
    lastLines: async (count) => {
      const { size } = await stat(path);
      const length = Math.min(size - Math.min(start, size), 16_384);
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
      return buffer.toString('utf8', 0, bytesRead).trim().split('\n').slice(-count).join('\n');
    },
    close: async () => {
      clearInterval(timer);
      await file.close();
    },
  };
}

async function rotate(path: string, file: FileHandle): Promise<boolean> {
  if ((await file.stat()).size < largestLog) return false;
  await copyFile(path, `${path}.1`);
  // Everybody appends, so a file that was cut goes on at its new end.
  await truncate(path, 0);
  return true;
}
