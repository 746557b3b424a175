import { randomBytes } from 'node:crypto';
import { mkdir, realpath } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, resolve, sep } from 'node:path';
import {
  formatSignerKey,
  generateKey,
  keyTypes,
  parseSignerKey,
  type SignerKey,
  TlogError,
} from '@drawbridge/tlog';
import { z } from 'zod';
import { ConfigError } from '../config.ts';
import { readOrMakeKeyFile } from '../key-files.ts';

const KeyFileSchema = z.object({ format: z.literal('drawbridge.witness-key/1'), key: z.string() });

/** Makes the witness's key. Throws ConfigError when the name can be no key's. */
export function newWitnessKey(name = `${hostname()}/witness`): SignerKey {
  try {
    return generateKey(name, randomBytes(32), keyTypes.cosignature);
  } catch (cause) {
    if (!(cause instanceof TlogError)) throw cause;
    throw new ConfigError('--name', cause.message, 'witness.partner.example/w1');
  }
}

/** Makes the key file's folder where it is not there. Throws ConfigError when it lies within `directory`. */
export async function makeKeyFolder(keyFile: string, directory: string): Promise<void> {
  await mkdir(dirname(keyFile), { recursive: true, mode: 0o700 });
  const folder = await realpath(dirname(resolve(keyFile)));
  const within = await realpath(directory);
  if (folder === within || folder.startsWith(`${within}${sep}`))
    throw new ConfigError(
      '--key',
      'the key must not lie inside the directory that --dir names: who copies that would have both',
      '/etc/drawbridge/witness.json',
    );
}

/** Reads the key file, or writes `made` there (mode 0600). Throws KeyFileError. */
export async function readWitnessKey(path: string, made: () => SignerKey): Promise<SignerKey> {
  const { key } = await readOrMakeKeyFile(
    path,
    (value) => {
      const read = KeyFileSchema.parse(value);
      // Its errors never quote the key.
      if (parseSignerKey(read.key).type !== keyTypes.cosignature) throw new Error('not a key of a witness');
      return read;
    },
    async () => ({ format: 'drawbridge.witness-key/1' as const, key: formatSignerKey(made()) }),
  );
  return parseSignerKey(key);
}
