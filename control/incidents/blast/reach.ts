import type { Edge, Layer, Scope } from '../../chain/index.ts';
import { carriesData, scopes as everyScope, US } from '../../chain/index.ts';

/** How data of ours gets to a party: directly, or through vendors that hand it on. */

/** Vendors from the one that we deal with to the party, which is last. */
export interface Way {
  through: readonly string[];
  /** Of the weakest link: `observed` only where every link was. */
  layer: Layer;
  /** What goes over all links; null: nobody knows, so it may be anything. */
  scopes: readonly Scope[] | null;
  /** Where the links are said or seen, in the order of the way. */
  sources: readonly string[];
}

const weakest: Readonly<Record<Layer, number>> = { observed: 0, declared: 1, inferred: 2 };
/** Of several links between the same two, the one that shows most. */
const better = (a: Edge, b: Edge): Edge => (weakest[b.layer] < weakest[a.layer] ? b : a);

/**
 * The shortest way from each vendor that we deal with. Links that carry bills alone are left out. Circles are walked once. The
 * party itself is one where we deal with it.
 */
export function waysTo(party: string, edges: readonly Edge[]): Way[] {
  const into = new Map<string, Map<string, Edge>>();
  for (const edge of edges) {
    if (!carriesData(edge)) continue;
    const from = into.get(edge.to) ?? new Map<string, Edge>();
    const there = from.get(edge.from);
    from.set(edge.from, there === undefined ? edge : better(there, edge));
    into.set(edge.to, from);
  }
  // What follows each node on its shortest way to the party; the party has none.
  const next = new Map<string, Edge | null>([[party, null]]);
  for (const at of next.keys()) {
    for (const [from, edge] of into.get(at) ?? []) if (from !== US && !next.has(from)) next.set(from, edge);
  }
  const direct = [...next.keys()].filter((vendor) => into.get(vendor)?.has(US));
  return direct.map((vendor) => wayFrom(vendor, next)).sort((a, b) => a.through.length - b.through.length);
}

function wayFrom(vendor: string, next: ReadonlyMap<string, Edge | null>): Way {
  const links: Edge[] = [];
  for (let edge = next.get(vendor); edge; edge = next.get(edge.to)) links.push(edge);
  const layer = links.reduce<Layer>(
    (worst, link) => (weakest[link.layer] > weakest[worst] ? link.layer : worst),
    'observed',
  );
  const told = links.filter((link) => link.scopes.length > 0);
  const over =
    told.length === 0
      ? null
      : everyScope.filter((scope) => told.every((link) => link.scopes.includes(scope)));
  return {
    through: [vendor, ...links.map(({ to }) => to)],
    layer,
    scopes: over,
    sources: links.map(({ source }) => source.text),
  };
}

/** Over which links data of a class goes, if they are told apart. */
export function scopeOf(fieldClass: string): Scope {
  if (fieldClass.startsWith('content.') || fieldClass.startsWith('file.')) return 'content';
  if (fieldClass === 'org.vendor_account') return 'account_metadata';
  return 'telemetry';
}

/** Whether data of a class may have gone the way. */
export const mayGo = ({ scopes }: Pick<Way, 'scopes'>, scope: Scope): boolean =>
  scopes === null || scopes.includes(scope);

/** How sure it is that data which was seen to go to the first vendor of a way came to its end. */
export function layerAtEnd(way: Way): Layer {
  if (way.through.length === 1) return 'observed';
  // The link was seen, what went over it was not.
  return way.layer === 'observed' ? 'inferred' : way.layer;
}
