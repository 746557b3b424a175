import {
  type Action,
  type Observations,
  type Pair,
  percentDecode,
  type Shape,
  shapeOfText,
  treatFound,
  treatText,
  withReplaced,
} from '@drawbridge/minimise';
import type { FoundKey } from '../crossing.ts';
import type { EndpointContract } from './contract.ts';

/**
 * Query or form parameters as the vendor gets them. Listed ones are set or treated by their class, the key's place
 * gets the credential, others are unmapped. Returns the very same list when nothing changed.
 */
export function minimisePairs(
  pairs: readonly Pair[],
  contract: EndpointContract,
  bodyParameter: string | null,
  keys: { found: readonly FoundKey[]; credential: string | null },
  seen: Observations,
): readonly Pair[] {
  const out: Pair[] = [];
  let changed = false;
  for (const pair of pairs) {
    const kept = pair.name === bodyParameter ? pair : treatPair(pair, contract, keys, seen);
    if (kept !== pair) changed = true;
    if (kept !== null) out.push(kept);
  }
  return changed ? out : pairs;
}

/** Parameters that the pack sets and the client left out. */
export function missingPairs(pairs: readonly Pair[], contract: EndpointContract): Pair[] {
  const missing: Pair[] = [];
  for (const [name, { set }] of contract.query) {
    if (set !== null && !pairs.some((pair) => pair.name === name)) {
      missing.push({ name, rawName: encodeURIComponent(name), rawValue: encodeURIComponent(set) });
    }
  }
  return missing;
}

function treatPair(
  pair: Pair,
  contract: EndpointContract,
  keys: { found: readonly FoundKey[]; credential: string | null },
  seen: Observations,
): Pair | null {
  if (pair.rawName === '' && pair.rawValue === null) return pair;
  const value = percentDecode(pair.rawValue ?? '', true);
  const place = keys.found.find(({ placement }) => placement.in === 'query' && placement.name === pair.name);
  if (place !== undefined) {
    return place.key === value && keys.credential !== null ? withValue(pair, keys.credential) : null;
  }
  // Whatever the contract says of it: the key must not cross in a place that is not its own.
  if (keys.found.some(({ key }) => value.includes(key) || pair.name.includes(key))) return null;
  const listed = contract.query.get(pair.name);
  if (listed?.set != null) {
    return value === listed.set || seen.changesNothing ? pair : withValue(pair, listed.set);
  }
  const shape = shapeOfText(value);
  if (listed !== undefined) return treatedPair(pair, value, shape, listed.action, seen);
  const allowed = contract.names.properties.get(pair.name);
  if (allowed === undefined) seen.sight(contract.names.sightingKind, pair.name, shape);
  const action = seen.namedAction(pair.name, allowed ?? contract.names.unmapped, null);
  return treatedPair(withNameLookedAt(pair, action, seen), value, shape, action, seen);
}

/** A name that no rule knows is the app's own text. */
function withNameLookedAt(pair: Pair, action: Action, seen: Observations): Pair {
  const replaced = treatFound(pair.name, '', action, seen);
  if (replaced.length === 0) return pair;
  const name = withReplaced(pair.name, replaced);
  return { ...pair, name, rawName: encodeURIComponent(name) };
}

function treatedPair(
  pair: Pair,
  value: string,
  shape: Shape,
  action: Action,
  seen: Observations,
): Pair | null {
  const treated = treatText(value, shape, action, seen);
  if (treated === value || seen.leaves(action)) return pair;
  return treated === null ? null : withValue(pair, treated);
}

function withValue(pair: Pair, value: string): Pair {
  return { ...pair, rawValue: encodeURIComponent(value) };
}
