import { randomUUID } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { replaceFile } from './key-files.ts';

const IDENTITY = 'deployment.json';
const IdentitySchema = z.object({
  format: z.literal('drawbridge.deployment/1'),
  id: z.string().min(8).max(60),
  createdAt: z.string(),
});

/** The deployment that a data directory belongs to; made at its first use. */
export async function readIdentity(dataDir: string): Promise<{ id: string }> {
  // Passable but not readable for others: as root, PostgreSQL runs as another user and must get to its own folder.
  await mkdir(dataDir, { recursive: true, mode: 0o711 });
  const known = await findIdentity(dataDir);
  if (known !== null) return known;
  const identity = { id: randomUUID(), createdAt: new Date().toISOString() };
  await writeIdentity(dataDir, identity);
  return identity;
}

export async function writeIdentity(
  dataDir: string,
  { id, createdAt }: { id: string; createdAt: string },
): Promise<void> {
  const text = JSON.stringify({ format: 'drawbridge.deployment/1', id, createdAt });
  await replaceFile(join(dataDir, IDENTITY), `${text}\n`);
}

/** As `readIdentity`, and makes nothing: null where there is no deployment. */
export async function findIdentity(dataDir: string): Promise<{ id: string } | null> {
  const text = await readFile(join(dataDir, IDENTITY), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  return text === null ? null : IdentitySchema.parse(JSON.parse(text));
}
