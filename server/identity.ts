import { randomUUID } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { replaceFile } from './key-files.ts';

const IdentitySchema = z.object({
  format: z.literal('drawbridge.deployment/1'),
  id: z.string().min(8).max(60),
  createdAt: z.string(),
});

/** The deployment that a data directory belongs to; made at its first use. */
export async function readIdentity(dataDir: string): Promise<{ id: string }> {
  // Passable but not readable for others: as root, PostgreSQL runs as another user and must get to its own folder.
  await mkdir(dataDir, { recursive: true, mode: 0o711 });
  const path = join(dataDir, 'deployment.json');
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (text !== null) return IdentitySchema.parse(JSON.parse(text));
  const identity = {
    format: 'drawbridge.deployment/1',
    id: randomUUID(),
    createdAt: new Date().toISOString(),
  };
  await replaceFile(path, `${JSON.stringify(identity)}\n`);
  return identity;
}
