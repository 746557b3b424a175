import { lstat } from 'node:fs/promises';
import type { BlockList } from 'node:net';
import { type DiskStorage, type GatewayTls, openDirectory } from '@drawbridge/gateway';
import { JournalLocked, replaceFile, type Storage } from '@drawbridge/journal';
import { cosigner, formatVerifierKey, type SignerKey, type Verifier, Witness } from '@drawbridge/tlog';
import type { Logger } from 'pino';
import { WitnessError } from './errors.ts';
import { serveWitness, type WitnessLimits } from './http.ts';
import { makeKeyFolder, newWitnessKey, readWitnessKey } from './key.ts';
import { WitnessMemory } from './memory.ts';

export interface WitnessSettings {
  keyFile: string;
  /** The key's, when it has to be made. */
  name?: string | undefined;
  /** Of the logs that are cosigned; a log that changes its key has two for a time. */
  logs: readonly Verifier[];
  directory: string;
  host: string;
  port: number;
  tls: GatewayTls | null;
  trustedProxies: BlockList | null;
  log: Logger;
  limits?: Partial<WitnessLimits>;
}

export interface RunningWitness {
  url: string;
  /** To be given to those who believe this witness. */
  verifierKey: string;
  stop(): Promise<void>;
}

/** Starts a witness. Throws WitnessError, KeyFileError, ConfigError; then nothing runs. */
export async function startWitness(settings: WitnessSettings): Promise<RunningWitness> {
  const storage = await openDirectory(settings.directory);
  const unlock = await lock(storage);
  try {
    const memory = await WitnessMemory.open(storage);
    const key = cosigner(await readKey(settings, storage, memory));
    const witness = new Witness({
      keysOf(origin) {
        const keys = settings.logs.filter(({ name }) => name === origin);
        return keys.length === 0 ? null : keys;
      },
      store: memory,
      cosigner: key,
      now: Date.now,
    });
    const server = await serveWitness({ ...settings, witness });
    return {
      url: server.url,
      verifierKey: key.verifierKey,
      async stop() {
        await server.stop();
        await unlock();
      },
    };
  } catch (cause) {
    await unlock();
    throw cause;
  }
}

async function lock(storage: DiskStorage): Promise<() => Promise<void>> {
  try {
    return await storage.lock();
  } catch (cause) {
    if (!(cause instanceof JournalLocked)) throw cause;
    throw new WitnessError(
      'in_use',
      `${storage.where} is in use by process ${cause.pid}. Two that do not know of each other would cosign two histories: stop that one.`,
      cause,
    );
  }
}

/** Says in the directory whose memory it is. */
const OWNER_FILE = 'key';
const OWNER_LIMIT = 1_024;

/**
 * Key and memory belong together: with the key alone, a witness would cosign anything anew. So the directory takes the
 * key's name before the key is there, and a key without its directory is refused.
 */
async function readKey(
  settings: WitnessSettings,
  storage: Storage,
  memory: WitnessMemory,
): Promise<SignerKey> {
  const { keyFile, directory, name } = settings;
  await makeKeyFolder(keyFile, directory);
  const owner = await ownerOf(storage);
  const isThere = await exists(keyFile);
  if (!isThere && memory.origins.length > 0)
    throw new WitnessError(
      'key_lost',
      `${directory} is the memory of ${owner ?? 'a key'}, and ${keyFile} is not there. Restore it; or begin with a new key and a new directory, and tell the logs.`,
    );
  if (isThere && owner === null)
    throw new WitnessError(
      'memory_lost',
      `${keyFile} has been used, and ${directory} does not hold what was cosigned with it. Name the right directory; or begin with a new key, and tell the logs.`,
    );
  if (!isThere) {
    const made = newWitnessKey(name);
    await replaceFile(storage, OWNER_FILE, Buffer.from(`${formatVerifierKey(made)}\n`));
    return readWitnessKey(keyFile, () => made);
  }
  const key = await readWitnessKey(keyFile, () => newWitnessKey(name));
  if (formatVerifierKey(key) !== owner)
    throw new WitnessError(
      'other_key',
      `${directory} is the memory of ${owner}, not of the key in ${keyFile}. Each key has a directory of its own.`,
    );
  return key;
}

async function ownerOf(storage: Storage): Promise<string | null> {
  if (!(await storage.list()).includes(OWNER_FILE)) return null;
  return (await storage.read(OWNER_FILE, 0, OWNER_LIMIT)).toString().trim();
}

async function exists(path: string): Promise<boolean> {
  const stat = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  return stat !== null;
}
