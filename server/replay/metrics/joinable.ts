/** Scalar values of a document: what an exact join can be made on. */
function scalars(value: unknown, out: Set<string>, depth = 0): void {
  if (typeof value === 'string') {
    if (value.length >= 4) out.add(value);
  } else if (typeof value === 'number') {
    const text = String(value);
    if (text.length >= 6) out.add(text);
  } else if (typeof value === 'object' && value !== null && depth < 12) {
    for (const one of Array.isArray(value) ? value : Object.values(value)) scalars(one, out, depth + 1);
  }
}

/** Whole values in a document, strings from 4 characters and numbers from 6 digits. */
export function valuesOf(document: unknown): Set<string> {
  const out = new Set<string>();
  scalars(document, out);
  return out;
}

/**
 * How many people of one store can be linked with a record of another by a value that stands in both, letter by
 * letter. A value that more than `shared` of the people have (default 1 %, at least 5 people) tells a group apart,
 * not a person, and does not count: constants of SDKs, generalised values.
 */
export function joinable(
  people: readonly ReadonlySet<string>[],
  other: readonly ReadonlySet<string>[],
  shared = 0.01,
): number {
  const holders = new Map<string, number>();
  for (const values of people) for (const value of values) holders.set(value, (holders.get(value) ?? 0) + 1);
  const limit = Math.max(5, shared * people.length);
  const there = new Set<string>();
  for (const values of other) for (const value of values) there.add(value);
  const links = new Set([...there].filter((value) => (holders.get(value) ?? 0) <= limit));
  return people.filter((values) => [...values].some((value) => links.has(value))).length;
}
