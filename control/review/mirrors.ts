import type { Service } from '@drawbridge/protocol';

/** Paths that are named of one property: enough to see where it may stand. */
const MOST_PATHS = 12;

/**
 * Where a property that no rule knows may stand in a service's requests, as dot paths: beside every member that the
 * field maps name. A contract's rule for its name holds in all of these places. Shortest first, at most 12.
 */
export function mirrorsOf(service: Service, name: string): string[] {
  const paths = new Set<string>();
  for (const { fields: map } of service.endpoints) {
    if (map === undefined) continue;
    const rules = new Map(map.fields.map((rule) => [rule.path, rule]));
    const isUnknownAt = (parent: string): boolean =>
      ['*', '**'].every((wildcard) => {
        const rule = rules.get(parent === '' ? wildcard : `${parent}.${wildcard}`);
        return rule === undefined || rule.queue === true || rule.class === map.unmapped;
      });
    for (const path of rules.keys()) {
      const parent = path.slice(0, Math.max(0, path.lastIndexOf('.')));
      const there = parent === '' ? name : `${parent}.${name}`;
      // What lies beside the records of a batch (`$.`) is no place for properties of people.
      if (parent.startsWith('$.') || parent === '$' || /\*/.test(parent)) continue;
      if (!rules.has(there) && isUnknownAt(parent)) paths.add(there);
    }
  }
  return [...paths]
    .sort((a, b) => a.split('.').length - b.split('.').length || (a < b ? -1 : 1))
    .slice(0, MOST_PATHS);
}
