import { stat } from 'node:fs/promises';

/**
 * Whether the key-encryption key and the data lie on one disk, so that whoever takes it has both. Compared by device
 * number: two file systems of one disk count as apart.
 */
export async function onOneDisk(keysDir: string, dataDir: string): Promise<boolean> {
  const [keys, data] = await Promise.all([stat(keysDir), stat(dataDir)]);
  return keys.dev === data.dev;
}
