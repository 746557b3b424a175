import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import type { LogPlace } from '@drawbridge/control';
import { openDirectory } from '@drawbridge/gateway';
import { DirectoryFiles } from '@drawbridge/tlog';

/**
 * A log of the control plane below the data directory, made if it is not there: `logs/<name>` is the log as others may
 * copy it, `logs/<name>.journal` what is written ahead of it.
 */
export async function logPlace(dataDir: string, name: string): Promise<LogPlace> {
  const files = join(dataDir, 'logs', name);
  const storage = await openDirectory(`${files}.journal`);
  await fs.mkdir(files, { recursive: true, mode: 0o700 });
  await syncFolder(join(dataDir, 'logs'));
  return { storage, files: new DirectoryFiles(fs, files) };
}

/** Windows has no fsync of a directory; its file systems keep names with their own journal. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  await using folder = await fs.open(path, 'r');
  await folder.sync();
}
