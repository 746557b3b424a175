/** Archives within archives. */
export const DEEPEST = 5;
/** Files in one archive, with those in archives within it. */
const MOST_FILES = 500_000;
/** An archive may unfold to so many times its size, and so much in any case, and never to more than `LARGEST`. */
const RATIO = 200;
const SMALL = 64 * 1024 * 1024;
const LARGEST = 64 * 1024 * 1024 * 1024;
/** An archive within an archive is held in memory, packed as it is. */
export const LARGEST_INNER = 64 * 1024 * 1024;

/** An archive that is not what it says it is, or too much. The message is what reports say. */
export class ArchiveError extends Error {
  readonly code = 'archive';
  /** Whether nothing more of the outermost archive is to be read. */
  readonly isOver: boolean;
  constructor(message: string, isOver = false) {
    super(message);
    this.name = 'ArchiveError';
    this.isOver = isOver;
  }
}

/** What an archive may still unfold to: one for a file and all archives within it. */
export class Allowance {
  #bytes: number;
  #files = MOST_FILES;

  constructor(packed: number) {
    this.#bytes = Math.min(LARGEST, Math.max(SMALL, packed * RATIO));
  }

  /** Throws ArchiveError when all is used up. */
  bytes(count: number): void {
    this.#bytes -= count;
    if (this.#bytes < 0) throw new ArchiveError(`unfolds to more than ${RATIO} times its size`, true);
  }

  file(): void {
    this.#files--;
    if (this.#files < 0) throw new ArchiveError(`has more than ${MOST_FILES} files`, true);
  }
}
