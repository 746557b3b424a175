import { type ForgetfulOptions, ForgetfulStorage } from '@drawbridge/journal/forgetful';
import { DirectoryFiles, generateKey, logSigner, MemoryFiles, type Signer } from '@drawbridge/tlog';
import { ForgetfulDisk } from '@drawbridge/tlog/forgetful';
import { recordChange } from '../platform/index.ts';
import type { TestPlatform } from '../platform/testing.ts';
import type { Epoch } from './epochs.ts';
import type { LogPlace } from './open.ts';

/** A machine's disk with the log's two directories, which lose power together. */
export class LogDisk {
  storage: ForgetfulStorage;
  disk: ForgetfulDisk;
  /** The operation, counted from now, in which the machine dies; null: none. */
  #left: number | null = null;
  isDead = false;

  constructor() {
    this.storage = new ForgetfulStorage(this.#options());
    this.disk = new ForgetfulDisk(this.#options(), '/log');
  }

  /** Another each time: one that a sequencer has of its own. */
  place(): LogPlace {
    return { storage: this.storage, files: new DirectoryFiles(this.disk, '/log') };
  }

  dieAt(operation: number): void {
    this.#left = operation;
  }

  /** Power and processes are back; what was not durable is gone in part. */
  powerCut(): void {
    this.#revive();
    this.storage = this.storage.afterPowerCut(this.#options());
    this.disk = this.disk.afterPowerCut(this.#options());
  }

  /** As if only the process had been killed. */
  kill(): void {
    this.#revive();
    this.storage = this.storage.afterKill(this.#options());
    this.disk = this.disk.afterKill(this.#options());
  }

  #revive(): void {
    this.isDead = false;
    this.#left = null;
  }

  #options(): ForgetfulOptions {
    return {
      random: () => 0.5,
      fault: () => {
        if (this.#left !== null && this.#left-- <= 1) this.isDead = true;
        return this.isDead ? 'crash' : null;
      },
    };
  }
}

/** A log's place in memory. */
export function memoryPlace(): LogPlace {
  return new LogDisk().place();
}

/** A made-up key, in this process. */
export function testSigner(origin: string): Signer {
  return logSigner(generateKey(origin, Buffer.alloc(32, 7)));
}

/** Writes a made-up change and commits it. */
export async function makeChange(platform: TestPlatform, name: string): Promise<void> {
  await platform.db.transaction().execute((tx) =>
    recordChange(tx, platform, {
      actor: { id: 'person:ada', name: 'Ada Example' },
      reason: `Because of ${name}`,
      act: 'app.create',
      subject: { kind: 'app', id: name },
      detail: { name: `Named ${name}` },
    }),
  );
}

/** A log's place as it is now, as a copy. */
export async function copyOf(place: LogPlace): Promise<LogPlace> {
  const files = new MemoryFiles();
  for await (const { path } of place.files.list()) {
    const bytes = await place.files.read(path, 1e6);
    if (bytes !== null) files.write(path, bytes);
  }
  const storage = new ForgetfulStorage({ random: () => 0.5 });
  for (const name of await place.storage.list()) {
    if (name.endsWith('/')) continue;
    const file = await storage.create(name);
    await file.append(await place.storage.read(name, 0, 1e6));
    await file.sync();
    await file.close();
  }
  await storage.syncDir();
  return { storage, files };
}

/** The log of changes without a second epoch, and without a vault. */
export function onlyEpoch(place: LogPlace, signer: Signer): { current(): Promise<Epoch> } {
  const mark = async () => null;
  return { current: async () => ({ number: 1, name: 'control', place, signer, mark, begins: null }) };
}
