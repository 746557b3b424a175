import { hash } from 'node:crypto';
import { replaceFile, type Storage } from '@drawbridge/journal';
import {
  formatCheckpoint,
  parseCheckpoint,
  sameHash,
  TlogError,
  type WitnessedTree,
  type WitnessStore,
} from '@drawbridge/tlog';
import { WitnessError } from './errors.ts';

/** A file holds one checkpoint's text and a digest. */
const FILE_LIMIT = 4_096;
const FILE = /^tree-[0-9a-f]{64}$/;

/**
 * What a witness has cosigned last of each log: a file per log, replaced as a whole, durable before anyone is told.
 * Everything is in memory too, and only this process may write the directory (`Storage.lock`).
 */
export class WitnessMemory implements WitnessStore {
  readonly #storage: Storage;
  readonly #trees: Map<string, WitnessedTree>;
  /** By origin: the replacement that is under way, or the last one. */
  readonly #turns = new Map<string, Promise<unknown>>();

  private constructor(storage: Storage, trees: Map<string, WitnessedTree>) {
    this.#storage = storage;
    this.#trees = trees;
  }

  /** Reads all that was cosigned. Throws WitnessError `damaged`. */
  static async open(storage: Storage): Promise<WitnessMemory> {
    const trees = new Map<string, WitnessedTree>();
    for (const name of await storage.list()) {
      if (!FILE.test(name)) continue;
      const { origin, size, root } = readTree(storage.where, name, await storage.read(name, 0, FILE_LIMIT));
      trees.set(origin, { size, root });
    }
    return new WitnessMemory(storage, trees);
  }

  /** The logs of which something was cosigned. */
  get origins(): string[] {
    return [...this.#trees.keys()];
  }

  async latest(origin: string): Promise<WitnessedTree | null> {
    return this.#trees.get(origin) ?? null;
  }

  /** One after another for each log. When it rejects, the old tree stays the latest. */
  replace(origin: string, old: WitnessedTree | null, next: WitnessedTree): Promise<boolean> {
    const before = this.#turns.get(origin) ?? Promise.resolve();
    const turn = before.then(() => this.#replace(origin, old, next));
    // Whoever asked is told of a failure; the next one's turn comes all the same.
    const ended = turn.then(
      () => undefined,
      () => undefined,
    );
    this.#turns.set(origin, ended);
    return turn;
  }

  async #replace(origin: string, old: WitnessedTree | null, next: WitnessedTree): Promise<boolean> {
    const latest = this.#trees.get(origin) ?? null;
    if (!isSame(latest, old)) return false;
    if (isSame(latest, next)) return true;
    await replaceFile(this.#storage, fileOf(origin), formatTree(origin, next));
    this.#trees.set(origin, { size: next.size, root: Buffer.from(next.root) });
    return true;
  }
}

function isSame(one: WitnessedTree | null, other: WitnessedTree | null): boolean {
  if (one === null || other === null) return one === other;
  return one.size === other.size && sameHash(one.root, other.root);
}

function fileOf(origin: string): string {
  return `tree-${hash('sha256', origin)}`;
}

function formatTree(origin: string, { size, root }: WitnessedTree): Buffer {
  const text = formatCheckpoint({ origin, size, root, extensions: [] });
  return Buffer.from(`${text}\nsha256 ${hash('sha256', text)}\n`);
}

function readTree(where: string, name: string, bytes: Buffer) {
  const [text = '', digest] = bytes.toString().split(/(?<=\n)\n/);
  try {
    const tree = parseCheckpoint(text);
    if (digest === `sha256 ${hash('sha256', text)}\n` && fileOf(tree.origin) === name) return tree;
  } catch (cause) {
    if (!(cause instanceof TlogError)) throw cause;
  }
  throw new WitnessError(
    'damaged',
    `${where}/${name} is not what was written, so it is not known what was cosigned last. Restore it if you can be sure ` +
      'that it is the newest; or begin with a new key and a new directory, and tell the logs.',
  );
}
