import { TlogError } from './errors.ts';
import { hasControl, parseDecimal, readText } from './text.ts';
import { TILE_WIDTH } from './tile.ts';

/**
 * Pruning (https://c2sp.org/tlog-tiles): a log may refuse full entry bundles that end at or before its *minimum index*, if
 * it states its policy. This library prunes bundles and never hash tiles, so that whoever kept an entry can still prove it.
 */

/** The file in which a log's holder states the policy, beside `checkpoint`. Nobody signs it. */
export const PRUNED_FILE = 'pruned';
export const PRUNED_LIMIT = 4096;
const FIRST_LINE = 'minimum index ';

export interface Pruning {
  /** Full bundles of entries before it may be gone. */
  minimumIndex: number;
  /** In words, on one line: what is kept how long, what is removed. */
  policy: string;
}

/** Two lines of text. Throws TlogError `bad_pruned`. */
export function formatPruned({ minimumIndex, policy }: Pruning): string {
  const text = `${FIRST_LINE}${minimumIndex}\n${policy}\n`;
  // Only what can be read again is written.
  parsePruned(text);
  return text;
}

/** Throws TlogError `bad_pruned`. */
export function parsePruned(input: Uint8Array | string): Pruning {
  const text = readText(input, PRUNED_LIMIT, 'bad_pruned', `file ${PRUNED_FILE}`);
  const [first = '', policy = '', ...more] = text.split('\n');
  const minimumIndex = first.startsWith(FIRST_LINE) ? parseDecimal(first.slice(FIRST_LINE.length)) : null;
  const isWhole = more.length === 1 && more[0] === '' && policy !== '';
  if (minimumIndex === null || !isWhole || hasControl(text))
    throw new TlogError(
      'bad_pruned',
      `The file ${PRUNED_FILE} is not a line "${FIRST_LINE}<number>" and a line with the policy.`,
    );
  return { minimumIndex, policy };
}

/** Whether a log with this minimum index may lack the bundle: it is full, and ends at or before it. */
export function mayBePruned(
  { index, width }: { index: number; width: number },
  minimumIndex: number,
): boolean {
  return width === TILE_WIDTH && (index + 1) * TILE_WIDTH <= minimumIndex;
}
