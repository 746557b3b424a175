/**
 * Which identifiers go with one when it is erased or held. The ledger counts all that were ever linked as one person;
 * for erasing that is too much: a device that two people used would drag the one in with the other.
 */
export interface LinkedIdentifier {
  pseudonym: string;
  /** user, email, device; null: only seen beside another one. */
  kind: string | null;
}

export interface Belonging {
  /** In the order given, the asked one among them. */
  together: string[];
  /** Seen beside them, but also beside somebody else. */
  shared: string[];
}

/** The better a kind, the more it is one person's own. */
const ranks = new Map<string | null, number>([
  ['user', 0],
  ['email', 1],
]);
const WORST = 2;

/**
 * User ids that were seen beside each other are one person's. An e-mail address belongs to the person beside whose user
 * ids alone it was seen; a device, or what was only seen beside others, to the person beside whose user ids and
 * addresses alone. Beside two people's it is shared, and nobody's. Those without anyone better belong to each other.
 */
export function belongingTo(
  asked: string,
  identifiers: readonly LinkedIdentifier[],
  links: readonly (readonly [string, string])[],
): Belonging {
  const rankOf = new Map(identifiers.map(({ pseudonym, kind }) => [pseudonym, ranks.get(kind) ?? WORST]));
  const near = new Map<string, Set<string>>();
  for (const [a, b] of links) {
    if (a === b || !rankOf.has(a) || !rankOf.has(b)) continue;
    near.set(a, (near.get(a) ?? new Set()).add(b));
    near.set(b, (near.get(b) ?? new Set()).add(a));
  }
  const owners = new Map<string, string>();
  const shared = new Set<string>();
  for (let rank = 0; rank <= WORST; rank++) {
    const level = identifiers.map((one) => one.pseudonym).filter((one) => rankOf.get(one) === rank);
    settle(level, near, owners, shared);
  }
  const owner = owners.get(asked) ?? asked;
  const together = identifiers
    .map((one) => one.pseudonym)
    .filter((one) => one === asked || (!shared.has(asked) && owners.get(one) === owner));
  const beside = new Set(together.flatMap((one) => [...(near.get(one) ?? [])]));
  return { together, shared: [...beside].filter((one) => !together.includes(one)).sort() };
}

type Near = ReadonlyMap<string, ReadonlySet<string>>;

/** Gives each identifier of one rank its owner, or finds it shared. All better ones have been settled. */
function settle(
  level: readonly string[],
  near: Near,
  owners: Map<string, string>,
  shared: Set<string>,
): void {
  const ownersBeside = (one: string): Set<string> =>
    new Set([...(near.get(one) ?? [])].flatMap((next) => owners.get(next) ?? []));
  const free: string[] = [];
  const found = new Map<string, string>();
  for (const one of level) {
    const [first, ...others] = ownersBeside(one);
    if (first === undefined) free.push(one);
    else if (others.length > 0) shared.add(one);
    else found.set(one, first);
  }
  for (const [one, owner] of found) owners.set(one, owner);
  for (const cluster of clustersOf(free, near)) {
    const [first, ...others] = new Set(cluster.flatMap((one) => [...ownersBeside(one)]));
    for (const one of cluster) {
      if (others.length > 0) shared.add(one);
      else owners.set(one, first ?? cluster[0] ?? one);
    }
  }
}

/** Groups of what is linked with each other within a list. */
function clustersOf(list: readonly string[], near: Near): string[][] {
  const left = new Set(list);
  const clusters: string[][] = [];
  for (const start of list) {
    if (!left.delete(start)) continue;
    const cluster = [start];
    for (const one of cluster) {
      for (const next of near.get(one) ?? []) if (left.delete(next)) cluster.push(next);
    }
    clusters.push(cluster);
  }
  return clusters;
}
