import {
  type By,
  invalid,
  notFound,
  type Platform,
  Problem,
  recordChange,
  type Tx,
} from '../platform/index.ts';
import type { Edge } from './graph.ts';
import type { ChainExport, EdgeAsked, EdgeChange } from './schemas.ts';
import {
  edgesOfPair,
  enterNames,
  findEdge,
  insertEdge,
  insertEdges,
  lockChain,
  readEdges,
  updateEdge,
} from './store.ts';

type NewEdge = Omit<Edge, 'id'>;

/** Times at which a pair had a link of one layer: each new one is held against all of them. */
const MOST_OF_PAIR = 1_000;

/** Edges as people enter them. Each is a change. */
export function createEdges(platform: Platform) {
  const now = () => new Date(platform.clock.now());
  return {
    /** Throws Problem 409 where the pair has one in that layer at that time, 422. */
    async enter(asked: EdgeAsked, by: By): Promise<Edge> {
      const edge = newEdge(asked, now());
      const id = await platform.db.transaction().execute(async (tx) => {
        await lockChain(tx);
        expectFree(edge, await edgesOfPair(tx, edge));
        await enterNames(tx, asked.names, by.actor, now());
        const made = await insertEdge(tx, platform, edge);
        await recordEdge(tx, platform, 'chain_edge.enter', made, edge, by);
        return made;
      });
      platform.events.publish('chain');
      return { ...edge, id };
    },

    /** Says anew what an edge is; its ends and its layer stay. Throws Problem 404, 409, 422. */
    async change(id: string, asked: EdgeChange, by: By): Promise<Edge> {
      const edge = await platform.db.transaction().execute(async (tx) => {
        await lockChain(tx);
        const was = await findEdge(tx, id);
        if (was === undefined) throw notFound('edge');
        const is = checked({
          ...was,
          ...said(asked),
          lastSeenAt: asked.lastSeenAt === undefined ? was.lastSeenAt : new Date(asked.lastSeenAt),
        });
        const others = (await edgesOfPair(tx, was)).filter((one) => one.id !== id);
        expectFree(is, others);
        await updateEdge(tx, id, is);
        await recordEdge(tx, platform, 'chain_edge.change', id, is, by);
        return is;
      });
      platform.events.publish('chain');
      return edge;
    },

    /**
     * Takes an export in: what is there already, and what this deployment computes itself (`computed`), is left as it is.
     * Throws Problem 409, 422.
     */
    async takeExport(
      given: ChainExport,
      computed: readonly Edge[],
      isPreview: boolean,
      by: By,
    ): Promise<{ edges: number; added: number; known: number; vendors: number }> {
      const own = new Set(computed.map(pairText));
      const edges = given.edges
        .map((one): NewEdge => newEdge(one, now()))
        .filter((one) => !own.has(pairText(one)));
      const added = await platform.db.transaction().execute(async (tx) => {
        await lockChain(tx);
        // All at once: one by one, a large chain would hold up everyone else for seconds.
        const there = Map.groupBy<string, NewEdge>(await readEdges({ db: tx }), pairText);
        const fresh: NewEdge[] = [];
        for (const edge of edges) {
          const pair = pairText(edge);
          const others = there.get(pair) ?? [];
          if (others.some((one) => isSame(one, edge))) continue;
          if (others.length >= MOST_OF_PAIR)
            throw invalid(
              'export',
              `has more than ${MOST_OF_PAIR} links of one layer from ${edge.from} to ${edge.to}`,
            );
          expectFree(edge, others);
          fresh.push(edge);
          others.push(edge);
          there.set(pair, others);
        }
        const count = fresh.length;
        if (isPreview) return count;
        await insertEdges(tx, platform, fresh);
        const names = Object.fromEntries(given.vendors.map(({ id, name }) => [id, name]));
        await enterNames(tx, names, by.actor, now());
        await recordChange(tx, platform, {
          ...by,
          act: 'chain.import',
          subject: { kind: 'chain', id: 'chain' },
          detail: { edges: given.edges.length, added: count, vendors: given.vendors.length },
        });
        return count;
      });
      if (!isPreview) platform.events.publish('chain');
      const all = given.edges.length;
      return { edges: all, added, known: all - added, vendors: given.vendors.length };
    },
  };
}
export type Edges = ReturnType<typeof createEdges>;

const pairText = ({ from, to, layer }: Pick<Edge, 'from' | 'to' | 'layer'>): string =>
  `${from}\n${to}\n${layer}`;

const timeOf = (text: string | null): Date | null => (text === null ? null : new Date(text));

const said = (asked: EdgeChange | EdgeAsked | ChainExport['edges'][number]) => ({
  scopes: [...new Set(asked.scopes)],
  source: asked.source,
  validFrom: timeOf(asked.validFrom),
  validUntil: timeOf(asked.validUntil),
  conditions: asked.conditions,
  conditionsText: asked.conditionsText,
  note: asked.note,
});

function newEdge(asked: EdgeAsked | ChainExport['edges'][number], now: Date): NewEdge {
  const firstSeenAt = asked.firstSeenAt === undefined ? now : new Date(asked.firstSeenAt);
  const lastSeenAt = asked.lastSeenAt === undefined ? firstSeenAt : new Date(asked.lastSeenAt);
  const { from, to, layer } = asked;
  return checked({ from, to, layer, firstSeenAt, lastSeenAt, ...said(asked) });
}

function checked<Checked extends NewEdge>(edge: Checked): Checked {
  if (edge.from === edge.to) throw invalid('to', 'is where it begins; nobody stands behind themself');
  if (edge.lastSeenAt < edge.firstSeenAt) throw invalid('lastSeenAt', 'lies before it was first seen');
  if (edge.validUntil !== null && edge.validUntil <= (edge.validFrom ?? edge.firstSeenAt)) {
    throw invalid('validUntil', 'lies before it began');
  }
  return edge;
}

const beginOf = (edge: NewEdge): number => (edge.validFrom ?? edge.firstSeenAt).getTime();
const endOf = (edge: NewEdge): number => edge.validUntil?.getTime() ?? Number.POSITIVE_INFINITY;

/** A pair has one edge per layer at a time. */
function expectFree(edge: NewEdge, others: readonly NewEdge[]): void {
  const other = others.find((one) => beginOf(one) < endOf(edge) && beginOf(edge) < endOf(one));
  if (other === undefined) return;
  throw new Problem(
    409,
    'edge_exists',
    `From ${edge.from} to ${edge.to} there is an edge that was ${edge.layer} at that time. Change that one, or end it first.`,
  );
}

const isSame = (one: NewEdge, other: NewEdge): boolean =>
  beginOf(one) === beginOf(other) && endOf(one) === endOf(other);

function recordEdge(
  tx: Tx,
  platform: Platform,
  act: string,
  id: string,
  edge: NewEdge,
  by: By,
): Promise<void> {
  const { from, to, layer, scopes, source, validFrom, validUntil } = edge;
  return recordChange(tx, platform, {
    ...by,
    act,
    subject: { kind: 'vendor', id: from },
    detail: {
      edge: id,
      from,
      to,
      layer,
      scopes,
      source,
      validFrom: validFrom?.toISOString() ?? null,
      validUntil: validUntil?.toISOString() ?? null,
    },
  });
}
