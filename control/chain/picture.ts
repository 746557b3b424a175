import { type Platform, Problem } from '../platform/index.ts';
import type { Known } from '../vendors/index.ts';
import { type Concentration, concentration, type Loss } from './concentration.ts';
import { carriesData, changesOver, type Edge, edgesAt, merged, US } from './graph.ts';
import { type Ours, ourEdges } from './ours.ts';
import type { ChainView, Criticality, EdgeView } from './schemas.ts';
import { enteredNames, readEdges } from './store.ts';

/** What other rooms know of vendors. */
export interface Around {
  known(): Promise<Known>;
  /** What a pack or a register calls a vendor. */
  nameOf(id: string): string | undefined;
  /** What these are called where they are entered; those that are not may be called by their ids. */
  named(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  ours(): Promise<Ours>;
  /** About how many people each vendor was seen to get data. */
  exposure(): Promise<ReadonlyMap<string, number>>;
  /** How much hangs on vendors; one that is not in the answer is unknown. */
  criticalityOf(ids: readonly string[]): Promise<ReadonlyMap<string, Criticality>>;
}

/** What a criticality counts. Nobody said is as important: unknown is never taken for harmless. */
const WEIGHTS: Readonly<Record<Criticality, number>> = {
  unknown: 3,
  supporting: 1,
  important: 3,
  critical: 9,
};

/** One answer holds at most so many edges: about 10 MB. */
const MOST_EDGES = 40_000;
const MOST_LOSSES = 200;

/** The chain with what is known of its nodes, at a moment. */
export interface Standing {
  at: number;
  edges: Edge[];
  names: ReadonlyMap<string, string>;
  known: Known;
  people: ReadonlyMap<string, number>;
  criticality: ReadonlyMap<string, Criticality>;
  concentration: Concentration;
}

export function createPicture(platform: Platform, around: Around) {
  const computed = async (): Promise<Edge[]> => ourEdges(await around.ours(), platform.clock.now());
  const all = async (): Promise<Edge[]> => {
    const [stored, own] = await Promise.all([readEdges(platform), computed()]);
    return merged(stored, own);
  };
  const momentOf = (at: string | undefined): number =>
    at === undefined ? platform.clock.now() : Date.parse(at);

  /** What the ends of edges are called, us apart. */
  async function namesOf(edges: readonly Edge[]): Promise<{ known: Known; names: Map<string, string> }> {
    return namesOfIds(
      [...new Set(edges.flatMap(({ from, to }) => [from, to]))].filter((id) => id !== US).sort(),
    );
  }

  async function namesOfIds(ids: readonly string[]): Promise<{ known: Known; names: Map<string, string> }> {
    const [known, entered, registered] = await Promise.all([
      around.known(),
      enteredNames(platform),
      around.named(ids),
    ]);
    const registeredName = (id: string) => (registered.get(id) === id ? undefined : registered.get(id));
    const nameOf = (id: string) =>
      registeredName(id) ?? around.nameOf(id) ?? known.get(id)?.name ?? entered.get(id) ?? id;
    return { known, names: new Map(ids.map((id) => [id, nameOf(id)])) };
  }

  async function standing(at: string | undefined): Promise<Standing> {
    const moment = momentOf(at);
    const edges = edgesAt(await all(), moment);
    if (edges.length > MOST_EDGES) {
      throw new Problem(
        422,
        'chain_too_large',
        `The chain has more than ${MOST_EDGES} edges then; ask for /chain/edges page by page.`,
      );
    }
    const { known, names } = await namesOf(edges);
    const [people, criticality] = await Promise.all([
      around.exposure(),
      around.criticalityOf([...names.keys()]),
    ]);
    const links = edges.map((edge) => ({ from: edge.from, to: edge.to, carriesData: carriesData(edge) }));
    const weightOf = (id: string) => ({
      exposure: people.get(id) ?? 0,
      criticality: WEIGHTS[criticality.get(id) ?? 'unknown'],
    });
    const found = concentration(US, links, weightOf);
    return { at: moment, edges, names, known, people, criticality, concentration: found };
  }

  return {
    all,
    computed,
    momentOf,
    standing,
    namesOf,
    namesOfIds: async (ids: readonly string[]) => (await namesOfIds(ids)).names,
    changes: async () => changesOver(await all()),
    view: async (at: string | undefined): Promise<ChainView> => chainView(await standing(at)),
    async losses(at: string | undefined) {
      const found = await standing(at);
      const { nodes, deep, deepCount, weakest } = found.concentration;
      const named = (loss: Loss) => ({ ...loss, name: found.names.get(loss.id) ?? loss.id });
      return {
        at: new Date(found.at).toISOString(),
        vendors: nodes.length,
        criticalityUnknown: nodes.filter(({ id }) => (found.criticality.get(id) ?? 'unknown') === 'unknown')
          .length,
        losses: nodes.slice(0, MOST_LOSSES).map(named),
        singlePoints: nodes
          .filter(({ onlyThrough }) => onlyThrough > 0)
          .sort((a, b) => b.onlyThrough - a.onlyThrough || (a.id < b.id ? -1 : 1))
          .slice(0, MOST_LOSSES)
          .map(named),
        deep,
        deepCount,
        weakest,
      };
    },
  };
}
export type Picture = ReturnType<typeof createPicture>;

function chainView(found: Standing): ChainView {
  const losses = new Map(found.concentration.nodes.map((loss) => [loss.id, loss]));
  return {
    at: new Date(found.at).toISOString(),
    nodes: [...found.names].map(([id, name]) => {
      const loss = losses.get(id);
      return {
        id,
        name,
        known: found.known.get(id) !== undefined,
        depth: loss?.depth ?? null,
        people: found.people.get(id) ?? 0,
        criticality: found.criticality.get(id) ?? 'unknown',
        dependents: loss?.dependents ?? 0,
        onlyThrough: loss?.onlyThrough ?? 0,
      };
    }),
    edges: found.edges.map(edgeView),
  };
}

export const edgeView = (edge: Edge): EdgeView => ({
  id: edge.id,
  from: edge.from,
  to: edge.to,
  layer: edge.layer,
  scopes: [...edge.scopes],
  source: edge.source,
  firstSeenAt: edge.firstSeenAt.toISOString(),
  lastSeenAt: edge.lastSeenAt.toISOString(),
  validFrom: edge.validFrom?.toISOString() ?? null,
  validUntil: edge.validUntil?.toISOString() ?? null,
  conditions: [...edge.conditions],
  conditionsText: edge.conditionsText,
  note: edge.note,
});
