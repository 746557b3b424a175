import { type ForgetfulOptions, ForgetfulStorage } from '@drawbridge/journal/testing';
import type { DirectoryEntry, FileSystem, OpenFile } from './directory.ts';

/**
 * A file system in memory with directories, that keeps after a power cut only what was made durable: each directory is
 * a `ForgetfulStorage`, so that a name is kept when *its* directory was fsynced, and a directory when the one above it
 * was. For tests of what writes files with `DirectoryFiles`.
 */
export class ForgetfulDisk implements FileSystem {
  readonly #options: ForgetfulOptions;
  /** By path. One that its parent does not name is not there. */
  readonly #directories: Map<string, ForgetfulStorage>;

  /** `root`: the one directory that is there. */
  constructor(options: ForgetfulOptions, root: string, directories = new Map<string, ForgetfulStorage>()) {
    this.#options = options;
    this.#directories = directories;
    if (!directories.has(root)) directories.set(root, new ForgetfulStorage(options));
  }

  /** As it is found after a power cut. This one is dead from now on. */
  afterPowerCut(options: ForgetfulOptions): ForgetfulDisk {
    return this.#after((directory) => directory.afterPowerCut(options), options);
  }

  /** As the next process finds it when only this one was killed. */
  afterKill(options: ForgetfulOptions): ForgetfulDisk {
    return this.#after((directory) => directory.afterKill(options), options);
  }

  #after(next: (directory: ForgetfulStorage) => ForgetfulStorage, options: ForgetfulOptions): ForgetfulDisk {
    const directories = new Map([...this.#directories].map(([path, directory]) => [path, next(directory)]));
    const [root = ''] = directories.keys();
    return new ForgetfulDisk(options, root, directories);
  }

  /** The directory at a path, to damage files in it. */
  async directory(path: string): Promise<ForgetfulStorage> {
    const directory = await this.#find(path);
    if (!directory) throw failure('ENOENT');
    return directory;
  }

  async mkdir(path: string): Promise<void> {
    const { parent, name } = await this.#split(path);
    if ((await parent.list()).includes(`${name}/`)) throw failure('EEXIST');
    // Before it has its name: that may be made and no one told of it.
    this.#directories.set(path, new ForgetfulStorage(this.#options));
    await parent.create(`${name}/`);
  }

  async open(path: string, flags: string | number): Promise<OpenFile> {
    const directory = await this.#find(path);
    if (directory) return opened({ sync: () => directory.syncDir() });
    const { parent, name } = await this.#split(path);
    const isThere = (await parent.list()).includes(name);
    if (flags !== 'w') {
      if (!isThere) throw failure('ENOENT');
      return reading(parent, name);
    }
    const file = isThere ? await parent.open(name) : await parent.create(name);
    if (isThere) await file.truncate(0);
    return opened({
      async writeFile(bytes) {
        for (let rest = bytes; rest.length > 0; ) rest = rest.subarray(await file.append(rest));
      },
      datasync: () => file.sync(),
      close: () => file.close(),
    });
  }

  async opendir(path: string): Promise<AsyncIterable<DirectoryEntry>> {
    const names = await (await this.directory(path)).list();
    return entriesOf(names);
  }

  async rename(from: string, to: string): Promise<void> {
    const [source, target] = [await this.#split(from), await this.#split(to)];
    if (source.parent !== target.parent) throw failure('EXDEV');
    await source.parent.rename(source.name, target.name);
  }

  async rm(path: string): Promise<void> {
    const directory = await this.#find(path);
    if (!directory) return this.#rmFile(path);
    for (const name of await directory.list()) {
      if (name.endsWith('/')) await this.rm(`${path}/${name.slice(0, -1)}`);
      else await directory.remove(name);
    }
    const { parent, name } = await this.#split(path);
    await parent.remove(`${name}/`);
  }

  async #rmFile(path: string): Promise<void> {
    const { above, name } = split(path);
    const parent = await this.#find(above);
    if (parent && (await parent.list()).includes(name)) await parent.remove(name);
  }

  async #find(path: string): Promise<ForgetfulStorage | null> {
    const directory = this.#directories.get(path) ?? null;
    const [root] = this.#directories.keys();
    if (!directory || path === root) return directory;
    const { above, name } = split(path);
    const parent = await this.#find(above);
    return parent && (await parent.list()).includes(`${name}/`) ? directory : null;
  }

  async #split(path: string): Promise<{ parent: ForgetfulStorage; name: string }> {
    const { above, name } = split(path);
    return { parent: await this.directory(above), name };
  }
}

function split(path: string): { above: string; name: string } {
  const at = path.lastIndexOf('/');
  return { above: path.slice(0, at), name: path.slice(at + 1) };
}

function reading(directory: ForgetfulStorage, name: string): OpenFile {
  return opened({
    stat: async () => {
      const { length } = await directory.read(name, 0, Number.MAX_SAFE_INTEGER);
      return { isFile: () => true, size: length };
    },
    async read(into, offset, length, position) {
      const bytes = await directory.read(name, position, length);
      bytes.copy(into, offset);
      return { bytesRead: bytes.length };
    },
  });
}

/** What is not asked of such a file fails. */
function opened(can: Partial<OpenFile>): OpenFile {
  const no = () => Promise.reject(failure('EBADF'));
  return { stat: no, read: no, writeFile: no, datasync: no, sync: no, close: async () => undefined, ...can };
}

async function* entriesOf(names: readonly string[]): AsyncGenerator<DirectoryEntry> {
  for (const name of names) {
    const isDirectory = name.endsWith('/');
    yield {
      name: isDirectory ? name.slice(0, -1) : name,
      isDirectory: () => isDirectory,
      isFile: () => !isDirectory,
    };
  }
}

function failure(code: string): Error {
  return Object.assign(new Error(`made-up failure: ${code}`), { code });
}
