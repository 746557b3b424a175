import type { Fault, Operation } from '@drawbridge/journal/testing';
import { ForgetfulStorage, HandClock, seeded } from '@drawbridge/journal/testing';
import { DirectoryFiles } from './directory.ts';
import { ForgetfulDisk } from './forgetful.ts';
import {
  type Fetch,
  Frontier,
  generateKey,
  type ListedFile,
  type Log,
  type LogEvent,
  type LogOptions,
  leafHash,
  logSigner,
  logVerifier,
  MemoryFiles,
  openLog,
  type SignedStore,
  type SignedTree,
  type Signer,
  type TileFiles,
} from './index.ts';
import { Integrator } from './integrate.ts';

/** What the log's tests share: one machine's disk and memory, a key, a clock that is moved by hand. */
export const ORIGIN = 'log.example.test/made-up';
const key = generateKey(ORIGIN, Buffer.alloc(32, 7));
export const signer: Signer = logSigner(key);
export const trust = { origin: ORIGIN, log: logVerifier(key) };
export { HandClock, seeded };

export interface MachineOptions {
  seed?: number;
  fault?(operation: Operation): Fault | null;
  lies?: readonly ('sync' | 'syncDir')[];
}

/** A directory for the write-ahead and one for the log's files, which lose power together. */
export class Machine {
  readonly #options: MachineOptions & { random(): number };
  storage: ForgetfulStorage;
  disk: ForgetfulDisk;
  isDead = false;

  constructor(options: MachineOptions = {}, random = seeded(options.seed ?? 1)) {
    this.#options = { ...options, random };
    this.storage = new ForgetfulStorage(this.#faulty());
    this.disk = new ForgetfulDisk(this.#faulty(), '/log');
  }

  get files(): DirectoryFiles {
    return new DirectoryFiles(this.disk, '/log');
  }

  powerCut(): void {
    this.isDead = false;
    this.storage = this.storage.afterPowerCut(this.#faulty());
    this.disk = this.disk.afterPowerCut(this.#faulty());
  }

  kill(): void {
    this.storage = this.storage.afterKill(this.#faulty());
    this.disk = this.disk.afterKill(this.#faulty());
  }

  #faulty() {
    const { random, lies = [] } = this.#options;
    const fault = (operation: Operation): Fault | null => {
      if (this.isDead) return 'crash';
      const met = this.#options.fault?.(operation) ?? null;
      if (met === 'crash') this.isDead = true;
      return met;
    };
    return { random, fault, lies };
  }
}

export function open(
  machine: Machine,
  more: Partial<LogOptions> & { events?: LogEvent[] } = {},
): Promise<Log> {
  const { events, ...options } = more;
  return openLog({
    storage: machine.storage,
    files: machine.files,
    origin: ORIGIN,
    signer,
    clock: new HandClock(),
    limits: { segmentBytes: 4000, batchBytes: 1500, batchEntries: 6 },
    report: (event) => events?.push(event),
    ...options,
  });
}

/** The roots that the tree has at each size, 0 to all entries. */
export function rootsOf(entries: readonly Uint8Array[]): Buffer[] {
  const tree = Frontier.empty();
  const roots = [tree.root()];
  for (const entry of entries) {
    tree.append(leafHash(entry));
    roots.push(tree.root());
  }
  return roots;
}

/** Appends made-up entries and puts them under a checkpoint. */
export async function grow(log: Log, count: number, bytes = 8): Promise<SignedTree> {
  const from = log.size;
  const entries = Array.from({ length: count }, (_, at) => madeUp(from + at, bytes));
  await Promise.all(entries.map((entry) => log.append(entry)));
  return log.checkpoint();
}

export function madeUp(index: number, bytes = 8): Buffer {
  return Buffer.from(`made-up entry ${index} `.padEnd(bytes, 'x'));
}

/** A log's files as a reader finds them. */
export function fetchFrom(files: TileFiles): Fetch {
  return (path, limit) => files.read(path, limit);
}

/** A finished log in memory, made by the writer itself. `sizes`: at which it was signed, each larger. */
export async function finished(sizes: readonly number[], bytes = 8): Promise<MemoryFiles> {
  const files = new MemoryFiles();
  const integrator = await integratorOf(files);
  for (const size of sizes) {
    while (integrator.size < size) integrator.add(madeUp(integrator.size, bytes));
    await integrator.publish((await integrator.sign()).note);
  }
  return files;
}

export async function integratorOf(files: TileFiles, signed = keptSigned()): Promise<Integrator> {
  return (await Integrator.open({ files, signed, origin: ORIGIN, signer })).integrator;
}

/** A store in memory. */
export function keptSigned(): SignedStore {
  let kept: Buffer | null = null;
  return {
    load: async () => kept,
    save: async (note) => {
      kept = note;
    },
  };
}

/** All files of a place, to be changed. */
export async function contentsOf(files: MemoryFiles): Promise<Map<string, Buffer>> {
  const contents = new Map<string, Buffer>();
  for await (const { path } of files.list()) {
    const bytes = await files.read(path, Number.MAX_SAFE_INTEGER);
    if (bytes !== null) contents.set(path, bytes);
  }
  return contents;
}

/** A place with these files. */
export function servedFrom(contents: ReadonlyMap<string, Buffer>): {
  fetch: Fetch;
  list: () => AsyncGenerator<ListedFile, void, undefined>;
} {
  return {
    fetch: async (path) => contents.get(path) ?? null,
    async *list() {
      for (const path of contents.keys()) yield { path, kind: 'file' };
    },
  };
}

export function flipped(bytes: Buffer, bit: number): Buffer {
  const changed = Buffer.from(bytes);
  const at = bit >> 3;
  changed[at] = (changed[at] ?? 0) ^ (1 << (bit & 7));
  return changed;
}
