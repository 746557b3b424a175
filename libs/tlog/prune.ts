import type { Trust } from './checkpoint.ts';
import { contradiction } from './edge.ts';
import { TlogError } from './errors.ts';
import type { TileFiles } from './files.ts';
import { formatPruned, PRUNED_FILE, PRUNED_LIMIT, type Pruning, parsePruned } from './pruned.ts';
import { openReader } from './reader.ts';
import { bundlePath, TILE_WIDTH } from './tile.ts';
import { isSize } from './tree.ts';

export interface PruneOptions extends Pick<Trust, 'origin' | 'log'>, Pruning {
  files: TileFiles;
}

export interface Pruned {
  /** What the log states from now on: a whole number of bundles, at most what was asked for. */
  minimumIndex: number;
  /** False: call again, there is more. */
  isDone: boolean;
}

/** Bundles removed in one call, and so many before them are looked for again: a crash may have left some of those. */
const PORTION = 16;

/**
 * Removes a portion of the full entry bundles that end at or before an index, and keeps all hash tiles. A bundle goes only
 * if its entries and their tile were found in the published tree: what is left then proves them. The file that states
 * the policy is durable before the first of its bundles goes, and these removals before it states more, so that after a
 * crash in any step the same call finishes the work. Nothing else may write `files` meanwhile. Throws TlogError:
 * `out_of_range` for what is under no published checkpoint, `contradiction` when that file is damaged, what a Reader
 * throws for what does not fit (then nothing of the portion was removed), or what the files reject with.
 */
export async function prune(options: PruneOptions): Promise<Pruned> {
  const { files, origin, log, policy } = options;
  const reader = await openReader({ origin, log, fetch: (path, limit) => files.read(path, limit) });
  const { size } = reader.checkpoint.checkpoint;
  const wanted = options.minimumIndex - (options.minimumIndex % TILE_WIDTH);
  if (!isSize(options.minimumIndex) || options.minimumIndex > size)
    throw new TlogError(
      'out_of_range',
      `Entries before ${options.minimumIndex} can't be pruned: the published tree of ${origin} has ${size}.`,
    );
  const stated = await readStated(files, size);
  const from = stated?.minimumIndex ?? 0;
  const minimumIndex = Math.max(from, Math.min(wanted, from + PORTION * TILE_WIDTH));
  for (let first = from; first < minimumIndex; first += TILE_WIDTH)
    for await (const _ of reader.entries(first, first + TILE_WIDTH));
  if (stated?.minimumIndex !== minimumIndex || stated.policy !== policy) {
    files.write(PRUNED_FILE, Buffer.from(formatPruned({ minimumIndex, policy })));
    await files.sync();
  }
  for (let first = Math.max(0, from - PORTION * TILE_WIDTH); first < minimumIndex; first += TILE_WIDTH) {
    const path = bundlePath({ index: first / TILE_WIDTH, width: TILE_WIDTH });
    await files.remove(path);
    await files.removeAll(`${path}.p`);
  }
  await files.sync();
  return { minimumIndex, isDone: minimumIndex >= wanted };
}

async function readStated(files: TileFiles, size: number): Promise<Pruning | null> {
  const bytes = await files.read(PRUNED_FILE, PRUNED_LIMIT);
  if (bytes === null) return null;
  let stated: Pruning;
  try {
    stated = parsePruned(bytes);
  } catch (cause) {
    throw contradiction(files, `the file ${PRUNED_FILE} is damaged`, cause);
  }
  const { minimumIndex } = stated;
  if (minimumIndex % TILE_WIDTH === 0 && minimumIndex <= size) return stated;
  throw contradiction(files, `the file ${PRUNED_FILE} says ${minimumIndex}, which no tree of ${size} pruned`);
}
