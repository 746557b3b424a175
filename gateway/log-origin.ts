import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const FILE = 'origin';

/**
 * The name of the log in `directory`: made once, with the directory, so that a directory that was lost and made anew
 * never continues another one's log. Durable when it returns.
 */
export async function logOriginOf(
  directory: string,
  gateway: string,
  random: (bytes: number) => Buffer,
): Promise<string> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, FILE);
  const known = await readFile(path, 'utf8').catch((cause: unknown) => {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null;
    throw cause;
  });
  if (known !== null && known.trim() !== '') return known.trim();
  const origin = `gateway.drawbridge/${gateway}/${random(6).toString('hex')}`;
  const file = await open(path, 'w', 0o600);
  try {
    await file.writeFile(`${origin}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  const folder = await open(directory, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
  return origin;
}
