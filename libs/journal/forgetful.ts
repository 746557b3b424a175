import { JournalLocked } from './errors.ts';
import type { Storage, StorageFile } from './storage.ts';

/**
 * A directory in memory that keeps after a power cut only what was made durable, as disks do: what was written and
 * not yet fsynced, and names that were not yet directory-fsynced, survive in part, torn, with holes, or not at all.
 * For tests of anything that claims to be durable.
 */
export type Fault =
  /** Takes nothing: no space. */
  | 'enospc'
  /** Takes part of the bytes; the next write finds no space. */
  | 'short'
  /** Fails. An fsync that fails has lost what it was to keep, and the next one will not say so. */
  | 'eio'
  /** The power goes while this is under way; all that follows fails. */
  | 'crash';

export interface Operation {
  /** Counted from 1 since the directory was opened. */
  number: number;
  kind: 'create' | 'append' | 'sync' | 'truncate' | 'rename' | 'remove' | 'syncDir';
  name: string;
}

export interface ForgetfulOptions {
  /** A number in [0, 1): how much survives, where a write is torn. */
  random(): number;
  /** Decides what goes wrong. */
  fault?(operation: Operation): Fault | null;
  /** Calls that claim to have made something durable and did not: to see that a test would notice. */
  lies?: readonly ('sync' | 'syncDir')[];
}

type Change = { at: number; bytes: Buffer; isLost: boolean } | { truncate: number };

interface Inode {
  durable: Buffer;
  live: Buffer;
  pending: Change[];
}

type NameChange = (names: Map<string, Inode>) => void;

export class ForgetfulStorage implements Storage {
  readonly where = 'memory';
  readonly #options: ForgetfulOptions;
  #durableNames: Map<string, Inode>;
  #names: Map<string, Inode>;
  #pendingNames: NameChange[] = [];
  #operations = 0;
  #isDead = false;
  #isLocked = false;

  constructor(options: ForgetfulOptions, names = new Map<string, Inode>()) {
    this.#options = options;
    this.#durableNames = new Map(names);
    this.#names = names;
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  /** The directory as it is found after a power cut. This one is dead from now on. */
  afterPowerCut(options: ForgetfulOptions): ForgetfulStorage {
    this.#isDead = true;
    const names = new Map(this.#durableNames);
    for (const change of this.#survivingNameChanges()) change(names);
    for (const [name, inode] of names) {
      const survived = this.#survivorsOf(inode);
      names.set(name, { durable: survived, live: Buffer.from(survived), pending: [] });
    }
    return new ForgetfulStorage(options, names);
  }

  /** The directory as the next process finds it when only this one was killed: nothing is lost, nor made durable. */
  afterKill(options: ForgetfulOptions): ForgetfulStorage {
    this.#isDead = true;
    const next = new ForgetfulStorage(options, this.#names);
    next.#durableNames = this.#durableNames;
    next.#pendingNames = this.#pendingNames;
    return next;
  }

  /** Changes one byte on disk: damage, not a crash. */
  damage(name: string, offset: number): void {
    const inode = this.#inode(name);
    for (const bytes of [inode.durable, inode.live]) {
      if (offset < bytes.length) bytes[offset] = (bytes[offset] ?? 0) ^ 0xff;
    }
  }

  async lock(): Promise<() => Promise<void>> {
    if (this.#isLocked) throw new JournalLocked(this.where, 0);
    this.#isLocked = true;
    return async () => {
      this.#isLocked = false;
    };
  }

  async list(): Promise<string[]> {
    this.#alive();
    return [...this.#names.keys()];
  }

  async create(name: string): Promise<StorageFile> {
    if (this.#names.has(name)) throw failure('EEXIST');
    await this.#operation('create', name, () => {
      const inode: Inode = { durable: Buffer.alloc(0), live: Buffer.alloc(0), pending: [] };
      this.#rename((names) => names.set(name, inode));
    });
    return this.#file(name);
  }

  async open(name: string): Promise<StorageFile> {
    this.#alive();
    return this.#file(name);
  }

  async read(name: string, offset: number, length: number): Promise<Buffer> {
    this.#alive();
    return Buffer.from(this.#inode(name).live.subarray(offset, offset + length));
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#operation('rename', from, () => {
      const inode = this.#inode(from);
      this.#rename((names) => {
        names.delete(from);
        names.set(to, inode);
      });
    });
  }

  async remove(name: string): Promise<void> {
    await this.#operation('remove', name, () => {
      this.#inode(name);
      this.#rename((names) => names.delete(name));
    });
  }

  async syncDir(): Promise<void> {
    await this.#operation('syncDir', '', () => {
      if (this.#options.lies?.includes('syncDir')) return;
      for (const change of this.#pendingNames) change(this.#durableNames);
      this.#pendingNames = [];
    });
  }

  #file(name: string): StorageFile {
    const inode = this.#inode(name);
    return {
      get size() {
        return inode.live.length;
      },
      append: (bytes) => this.#append(name, inode, bytes),
      sync: async () => {
        const fault = await this.#operation('sync', name, () => this.#keep(inode));
        if (fault === 'eio') for (const change of inode.pending) if ('bytes' in change) change.isLost = true;
        if (fault) throw failure('EIO');
      },
      truncate: async (length) => {
        await this.#operation('truncate', name, () => change(inode, { truncate: length }));
      },
      close: async () => this.#alive(),
    };
  }

  async #append(name: string, inode: Inode, bytes: Uint8Array): Promise<number> {
    let taken = bytes.length;
    const fault = await this.#operation('append', name, (met) => {
      // What is under way when the power goes may have reached the disk in part, like what was written before.
      if (met === 'short') taken = Math.min(this.#upTo(bytes.length), bytes.length - 1);
      const part = Buffer.from(bytes.subarray(0, taken));
      change(inode, { at: inode.live.length, bytes: part, isLost: false });
    });
    if (fault === 'short' && taken === 0) throw failure('ENOSPC');
    return taken;
  }

  /** Does what was asked unless a fault keeps it from that. A `crash` does it and then tells no one. */
  async #operation(
    kind: Operation['kind'],
    name: string,
    apply: (fault: Fault | null) => void,
  ): Promise<Fault | null> {
    this.#alive();
    // Real I/O returns in a later turn: leave others the time to come between.
    for (let turn = 0; turn < 3; turn++) await null;
    this.#alive();
    const fault = this.#options.fault?.({ number: ++this.#operations, kind, name }) ?? null;
    if (fault === 'crash') {
      if (kind !== 'sync' && kind !== 'syncDir') apply(fault);
      this.#isDead = true;
      throw failure('EIO');
    }
    if (fault === 'enospc') throw failure('ENOSPC');
    if (fault === 'eio') {
      if (kind === 'sync') return fault;
      throw failure('EIO');
    }
    apply(fault);
    return fault === 'short' && kind === 'append' ? fault : null;
  }

  #rename(change: NameChange): void {
    change(this.#names);
    this.#pendingNames.push(change);
  }

  #keep(inode: Inode): void {
    if (this.#options.lies?.includes('sync')) return;
    for (const change of inode.pending) inode.durable = applied(inode.durable, change);
    inode.pending = [];
  }

  /** The first so many, as a journalling file system keeps them, or any of them: POSIX promises no order. */
  #survivingNameChanges(): NameChange[] {
    if (this.#options.random() < 0.5)
      return this.#pendingNames.slice(0, this.#upTo(this.#pendingNames.length));
    return this.#pendingNames.filter(() => this.#options.random() < 0.5);
  }

  /** What was durable, and of what came after a part: up to some change, that one torn, perhaps with a hole. */
  #survivorsOf(inode: Inode): Buffer {
    const count = this.#upTo(inode.pending.length);
    let bytes: Buffer = inode.durable;
    for (const [at, change] of inode.pending.slice(0, count).entries()) {
      const isLast = at === count - 1;
      bytes = applied(bytes, isLast && 'bytes' in change ? this.#torn(change) : change);
    }
    return Buffer.from(bytes);
  }

  #torn(change: { at: number; bytes: Buffer; isLost: boolean }): Change {
    const bytes = Buffer.from(change.bytes.subarray(0, this.#upTo(change.bytes.length)));
    if (this.#options.random() < 0.3) {
      const from = this.#upTo(bytes.length);
      bytes.fill(0, from, from + this.#upTo(bytes.length - from));
    }
    return { ...change, bytes };
  }

  /** A whole number from 0 to `most`, both likely. */
  #upTo(most: number): number {
    const draw = this.#options.random();
    if (draw < 0.2) return 0;
    if (draw > 0.6) return most;
    return Math.floor(((draw - 0.2) / 0.4) * (most + 1));
  }

  #inode(name: string): Inode {
    const inode = this.#names.get(name);
    if (!inode) throw failure('ENOENT');
    return inode;
  }

  #alive(): void {
    if (this.#isDead) throw failure('EIO');
  }
}

function change(inode: Inode, made: Change): void {
  inode.live = applied(inode.live, 'bytes' in made ? { ...made, isLost: false } : made);
  inode.pending.push(made);
}

function applied(bytes: Buffer, change: Change): Buffer {
  if ('truncate' in change) {
    if (change.truncate <= bytes.length) return bytes.subarray(0, change.truncate);
    return Buffer.concat([bytes, Buffer.alloc(change.truncate - bytes.length)]);
  }
  const end = change.at + change.bytes.length;
  const grown = Buffer.concat([bytes, Buffer.alloc(Math.max(0, end - bytes.length))]);
  grown.set(change.isLost ? Buffer.alloc(change.bytes.length) : change.bytes, change.at);
  return grown;
}

function failure(code: string): Error {
  return Object.assign(new Error(`made-up failure: ${code}`), { code });
}
