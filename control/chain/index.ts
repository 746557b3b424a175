import type { OutboundNetwork, Platform, Tx } from '../platform/index.ts';
import type { Known } from '../vendors/index.ts';
import { createEdges } from './edges.ts';
import { type Around, createPicture } from './picture.ts';
import { createPublished } from './published.ts';
import { chainRoutes } from './routes.ts';
import { enteredNames } from './store.ts';

export { carriesData, type Edge, edgesAt, type Layer, layers, type Scope, scopes, US } from './graph.ts';

/** The largest body of a request to this path of the API, where it is larger than others may be: our own export comes back. */
export const largestChain = (path: string): number | null =>
  path.endsWith('/chain/imports') ? 48 * 1024 * 1024 : null;

interface Options extends Around {
  platform: Platform;
  /** For reading pages that vendors publish. */
  network: OutboundNetwork;
  /** How long one may object to a new sub-processor of a vendor by what is agreed, in days; null: nothing says so. */
  objectionDays(tx: Tx, vendor: string): Promise<number | null>;
}

/** Who stands behind whom: the graph, the lists that vendors publish, and what depends on whom. */
export function createChain({ platform, network, objectionDays, ...around }: Options) {
  const nameOf = (id: string, known: Known): string => around.nameOf(id) ?? known.get(id)?.name ?? id;
  const picture = createPicture(platform, around);
  const deps = {
    platform,
    network,
    known: around.known,
    nameOf,
    picture,
    edges: createEdges(platform),
    published: createPublished(platform, around.known, nameOf, objectionDays),
  };
  return {
    routes: chainRoutes(deps),
    /** Every edge there is or was, computed ones too. */
    edges: picture.all,
    /** What vendors are called, whatever knows them; one that nothing knows by its id. */
    namesOf: picture.namesOfIds,
    /** Names of vendors that were entered with edges. */
    enteredNames: () => enteredNames(platform),
  };
}
export type Chain = ReturnType<typeof createChain>;
