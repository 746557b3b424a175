import type { Known } from '../../vendors/index.ts';
import { nameKey } from './names.ts';
import type { ListRow } from './read.ts';

/** Which vendor a row is: decided by a person, known by name or domain, or to be asked. */
export type Match =
  | { by: 'decision'; vendor: string | null }
  | { by: 'name' | 'domain'; vendor: string }
  | { by: 'nobody'; vendor: null; suggestions: string[] };

const MOST_SUGGESTIONS = 5;

/**
 * Matches rows by what people decided before, else by a name that one vendor alone has, else by the domain that the row
 * links to. Where name and domain say different vendors, and where a name only begins alike, a person is asked.
 */
export function matcher(known: Known, decided: ReadonlyMap<string, string | null>): (row: ListRow) => Match {
  const byName = new Map<string, Set<string>>();
  for (const { id, name, legal_name: legal } of known.all) {
    for (const text of legal === undefined ? [name] : [name, legal.is]) {
      const key = nameKey(text);
      byName.set(key, (byName.get(key) ?? new Set()).add(id));
    }
  }
  const keys = [...byName].map(([key, ids]) => ({ key, ids: [...ids] }));
  return (row) => {
    const key = nameKey(row.name);
    const decision = decided.get(key);
    if (decision !== undefined) return { by: 'decision', vendor: decision };
    const named = [...(byName.get(key) ?? [])];
    const host = URL.parse(row.url)?.hostname ?? '';
    const hosted = known.ofHost(host)?.id;
    const [only] = named;
    if (only !== undefined && named.length === 1 && (hosted === undefined || hosted === only)) {
      return { by: 'name', vendor: only };
    }
    if (named.length === 0 && hosted !== undefined) return { by: 'domain', vendor: hosted };
    const alike = keys
      .filter((one) => begins(key, one.key) || begins(one.key, key))
      .flatMap(({ ids }) => ids);
    const all = [...new Set([...named, ...(hosted === undefined ? [] : [hosted]), ...alike])];
    return { by: 'nobody', vendor: null, suggestions: all.slice(0, MOST_SUGGESTIONS) };
  };
}

const begins = (long: string, short: string): boolean => short !== '' && long.startsWith(`${short} `);
