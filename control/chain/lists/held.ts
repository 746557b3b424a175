import { nameKey } from './names.ts';
import type { ListRow } from './read.ts';

/**
 * Why a list waits for a person before it replaces the version before it: a page that lost its table shows its menu, or the
 * little that is left, and every link that the lost rows declared would end.
 *
 * `replaced`: no row is of the last version. `shrunk`: more than half of its rows are gone.
 */
export type Held = 'replaced' | 'shrunk';

export function heldBack(was: readonly ListRow[] | undefined, is: readonly ListRow[]): Held | null {
  if (was === undefined || was.length === 0) return null;
  const there = new Set(is.map(({ name }) => nameKey(name)));
  const kept = was.filter(({ name }) => there.has(nameKey(name))).length;
  if (kept === 0) return 'replaced';
  return kept * 2 < was.length ? 'shrunk' : null;
}
