import type { IncidentBook } from '../incidents/index.ts';
import { type By, Problem, type Tx } from '../platform/index.ts';

/** What an incident may answer that must not keep anything cut off, or open, for want of a line. */
const NO_MORE_LINES = new Set(['incident_merged', 'incident_full', 'not_found']);

/** Adds a line about a severance that is there already. Returns whether there is one now: an incident may be merged, or full. */
export async function tellLater(
  tx: Tx,
  book: IncidentBook,
  row: { id: string; incident: string | null },
  text: string,
  by: By,
): Promise<boolean> {
  if (row.incident === null) return false;
  try {
    await book.tell(tx, row.incident, { kind: 'severance', text, about: row.id }, by);
    return true;
  } catch (error) {
    if (error instanceof Problem && NO_MORE_LINES.has(error.code)) return false;
    throw error;
  }
}
