import { setImmediate as breathe } from 'node:timers/promises';
import type { FieldClass } from '@drawbridge/protocol';
import { type Entry, formsOf, isRefused, keyOf } from './entry.ts';
import type { ReadList, RefusedRow } from './read.ts';
import type { Sealing } from './sealing.ts';
import { countForms, storeForms } from './stored-forms.ts';

/** An entry with what its row keeps of it beside the entry itself. */
export interface Prepared {
  entry: Entry;
  external: string;
  digest: string;
  forms: Buffer;
}

/** Between so many entries whatever else this process has to do has its turn. */
const AT_ONCE = 500;

/**
 * Hashes what was read, and refuses what has no form in which it could be found, and what is there twice. `termClass`:
 * of lists of words.
 */
export async function prepare(
  { entries, refused }: ReadList,
  termClass: FieldClass,
  { hasher }: Pick<Sealing, 'hasher'>,
): Promise<{ prepared: Prepared[]; refused: RefusedRow[]; forms: number }> {
  const prepared: Prepared[] = [];
  const wrong = [...refused];
  const lines = new Map<string, number>();
  let forms = 0;
  for (const [at, { line, entry }] of entries.entries()) {
    if (at % AT_ONCE === AT_ONCE - 1) await breathe();
    const found = formsOf(entry, termClass);
    if (isRefused(found)) {
      wrong.push({ line, ...found });
      continue;
    }
    const external = hasher.proof(`known by ${keyOf(entry)}`).toString('base64url');
    const first = lines.get(external);
    if (first !== undefined) {
      wrong.push({ line, field: 'name', message: `is the same as line ${first}` });
      continue;
    }
    lines.set(external, line);
    const stored = storeForms(hasher, found);
    forms += countForms(stored);
    const digest = hasher.proof(`says ${JSON.stringify(entry)}`).toString('base64url');
    prepared.push({ entry, external, digest, forms: stored });
  }
  return { prepared, refused: wrong.sort((a, b) => a.line - b.line), forms };
}
