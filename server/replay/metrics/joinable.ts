/** Which values a join is not made on. What is reported must say so. */
export const joinCutOffs = {
  /** Characters: shorter texts, and shorter numbers, stand in two stores by chance. */
  text: 4,
  number: 6,
  /** A value that more people have tells a group apart, not a person: constants of SDKs, generalised values. */
  most: (people: number): number => Math.max(5, Math.floor(0.01 * people)),
} as const;

/** Scalar values of a document: what an exact join can be made on. */
function scalars(value: unknown, out: Set<string>, depth = 0): void {
  if (typeof value === 'string') {
    if (value.length >= joinCutOffs.text) out.add(value);
  } else if (typeof value === 'number') {
    const text = String(value);
    if (text.length >= joinCutOffs.number) out.add(text);
  } else if (typeof value === 'object' && value !== null && depth < 12) {
    for (const one of Array.isArray(value) ? value : Object.values(value)) scalars(one, out, depth + 1);
  }
}

/** Whole values in a document, as long as the cut-offs ask. */
export function valuesOf(document: unknown): Set<string> {
  const out = new Set<string>();
  scalars(document, out);
  return out;
}

/**
 * How many people of one store can be linked with a record of another by a value that stands in both, letter by
 * letter, and that no more than `most` of the people have.
 */
export function joinable(
  people: readonly ReadonlySet<string>[],
  other: readonly ReadonlySet<string>[],
  most: number = joinCutOffs.most(people.length),
): number {
  const holders = new Map<string, number>();
  for (const values of people) for (const value of values) holders.set(value, (holders.get(value) ?? 0) + 1);
  const there = new Set<string>();
  for (const values of other) for (const value of values) there.add(value);
  const links = new Set([...there].filter((value) => (holders.get(value) ?? 0) <= most));
  return people.filter((values) => [...values].some((value) => links.has(value))).length;
}
