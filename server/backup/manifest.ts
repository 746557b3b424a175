import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type KeyRecord, keySourceKinds } from '@drawbridge/control';
import { z } from 'zod';
import { BackupError } from './errors.ts';
import { checkListed, isMissing, writeListed } from './files.ts';

const FORMAT = 'drawbridge.backup/1';
const MANIFEST = 'manifest.json';
/** Written after all else: what has none is no backup. */
const SEAL = 'manifest.sha256';

const name = z.string().regex(/^[a-z_][a-z0-9_]{0,62}$/);
/** Below the backup's directory, and never out of it. */
const path = z
  .string()
  .regex(/^[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)*$/)
  .refine((text) => !text.split('/').includes('..'));
const base64 = z.base64();

const TableSchema = z.strictObject({
  /** `main`: the schema that the program works in. Others by their name. */
  schema: name,
  name,
  columns: z.array(name),
  rows: z.int(),
  path,
});
const LogSchema = z.strictObject({
  /** Its directory, below `logs`. */
  name: z.string().regex(/^[a-z0-9-]{1,60}$/),
  origin: z.string().min(1).max(255),
  verifierKey: z.string().min(1).max(1000),
  size: z.int(),
  /** In base64. */
  root: base64,
  /** Why its files are there as they lay on the disk, and not cut and checked; null: they are in order. */
  unfit: z.string().nullable(),
});
const KeySchema = z.strictObject({
  id: z.int().positive(),
  source: z.enum(keySourceKinds),
  label: z.string(),
  checkValue: base64,
  dataKeys: z.array(z.strictObject({ version: z.int().positive(), wrapped: base64 })),
});
const ManifestSchema = z.strictObject({
  format: z.literal(FORMAT),
  deployment: z.string().min(8).max(60),
  createdAt: z.iso.datetime(),
  madeAt: z.iso.datetime(),
  migrations: z.array(z.strictObject({ number: z.int(), name: z.string(), checksum: z.string() })),
  /** What says whether a key-encryption key is the right one: wrapped under it. One of them is needed. */
  keys: z.array(KeySchema).min(1).optional(),
  /** The same, as backups had it before there could be several: one that lies in a file. */
  key: z.strictObject({ checkValue: base64, dataKey: base64 }).optional(),
  tables: z.array(TableSchema),
  sequences: z.array(z.strictObject({ name, value: z.int() })),
  logs: z.array(LogSchema),
  files: z.array(z.strictObject({ path, bytes: z.int(), sha256: z.string() })),
});

export type Manifest = z.infer<typeof ManifestSchema>;
export type StoredTable = z.infer<typeof TableSchema>;
export type StoredLog = z.infer<typeof LogSchema>;

/** The deployment's keys, as the vault knows them. */
export function keysOf({ keys, key }: Pick<Manifest, 'keys' | 'key'>): KeyRecord[] {
  const old = key && {
    id: 1,
    source: 'file' as const,
    label: 'the key file',
    checkValue: key.checkValue,
    dataKeys: [{ version: 1, wrapped: key.dataKey }],
  };
  return [...(keys ?? []), ...(old ? [old] : [])].map((one) => ({
    ...one,
    checkValue: Buffer.from(one.checkValue, 'base64'),
    dataKeys: one.dataKeys.map(({ version, wrapped }) => ({
      version,
      wrapped: Buffer.from(wrapped, 'base64'),
    })),
  }));
}

export const newManifest = (manifest: Omit<Manifest, 'format'>): Manifest => ({
  format: FORMAT,
  ...manifest,
});

/** Ends a backup. */
export async function writeManifest(directory: string, manifest: Manifest): Promise<void> {
  const text = Buffer.from(`${JSON.stringify(manifest, null, 1)}\n`);
  await writeListed(directory, MANIFEST, text);
  await writeListed(directory, SEAL, Buffer.from(sealOf(text)));
}

const sealOf = (text: Uint8Array): string =>
  `${createHash('sha256').update(text).digest('hex')}  ${MANIFEST}\n`;

/** What a backup says that it is. Throws BackupError `no_backup`, `damaged`, `newer`. */
export async function readManifest(directory: string): Promise<Manifest> {
  const seal = await readPart(directory, SEAL);
  const text = await readPart(directory, MANIFEST);
  if (seal.toString() !== sealOf(text))
    throw new BackupError(
      'damaged',
      `${MANIFEST} in ${directory} is not what was written. Nothing was restored. Use another copy of this backup.`,
    );
  const parsed = ManifestSchema.safeParse(JSON.parse(text.toString()));
  if (parsed.success) return parsed.data;
  throw new BackupError(
    'newer',
    `${MANIFEST} in ${directory} is of another version of this program than ${FORMAT}. Use the program that made it, or a newer one.`,
    { cause: parsed.error },
  );
}

async function readPart(directory: string, part: string): Promise<Buffer> {
  try {
    return await readFile(join(directory, part));
  } catch (cause) {
    if (!isMissing(cause)) throw cause;
    throw new BackupError(
      'no_backup',
      `${directory} has no ${part}: it is no backup, or one that was interrupted. Nothing was restored.`,
      { cause },
    );
  }
}

/** Reads every file once. Throws BackupError `damaged`. */
export async function checkFiles(directory: string, { files, tables }: Manifest): Promise<void> {
  for (const file of files) await checkListed(directory, file);
  const listed = new Set(files.map((file) => file.path));
  const lost = tables.find((table) => !listed.has(table.path));
  if (lost !== undefined)
    throw new BackupError('damaged', `${MANIFEST} in ${directory} does not list ${lost.path}.`);
}
