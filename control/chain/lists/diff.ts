import { nameKey } from './names.ts';
import type { ListRow } from './read.ts';

export interface ListDiff {
  added: ListRow[];
  gone: ListRow[];
  changed: { was: ListRow; is: ListRow; fields: (keyof ListRow)[] }[];
}

/** What a later version of a list says that the earlier one did not. Rows are the same where their names are. */
export function diffLists(was: readonly ListRow[], is: readonly ListRow[]): ListDiff {
  const byKey = (rows: readonly ListRow[]) => new Map(rows.map((row) => [nameKey(row.name), row]));
  const [before, after] = [byKey(was), byKey(is)];
  const changed = [...after].flatMap(([key, row]) => {
    const earlier = before.get(key);
    if (earlier === undefined) return [];
    const fields = (Object.keys(row) as (keyof ListRow)[]).filter((field) => row[field] !== earlier[field]);
    return fields.length === 0 ? [] : [{ was: earlier, is: row, fields }];
  });
  return {
    added: [...after].flatMap(([key, row]) => (before.has(key) ? [] : [row])),
    gone: [...before].flatMap(([key, row]) => (after.has(key) ? [] : [row])),
    changed,
  };
}
