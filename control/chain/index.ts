import { type Loop, type OutboundNetwork, type Platform, startLoop, type Tx } from '../platform/index.ts';
import type { Known } from '../vendors/index.ts';
import { createEdges } from './edges.ts';
import { fetchPage } from './fetch-list.ts';
import { type Around, createPicture } from './picture.ts';
import { createPublished } from './published.ts';
import { chainRoutes } from './routes.ts';
import { enteredNames } from './store.ts';
import { createWatches } from './watches.ts';

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
  /** Tests: how a page is read. */
  readPage?: (address: string) => Promise<{ content: string; url: string }>;
}

/** How often it is looked whether a list is due. */
const TICK_MS = 60_000;

/** Who stands behind whom: the graph, the lists that vendors publish, and what depends on whom. */
export function createChain({ platform, network, objectionDays, readPage, ...around }: Options) {
  const nameOf = (id: string, known: Known): string => around.nameOf(id) ?? known.get(id)?.name ?? id;
  const picture = createPicture(platform, around);
  const published = createPublished(platform, around.known, nameOf, objectionDays);
  const reading = readPage ?? ((address: string) => fetchPage(address, network));
  const watches = createWatches({ platform, known: around.known, nameOf, published, readPage: reading });
  let isStopped = false;
  let loop: Loop | null = null;
  const deps = {
    platform,
    watches,
    readPage: reading,
    poke: () => loop?.poke(),
    known: around.known,
    nameOf,
    picture,
    edges: createEdges(platform),
    published,
  };
  return {
    routes: chainRoutes(deps),
    /** Reads the lists that are due: what `start` does again and again. */
    turn: () => watches.turn(),
    start() {
      isStopped = false;
      const says = 'published lists could not be read again; it is tried later';
      loop = startLoop(platform, says, () => watches.turn(() => isStopped), TICK_MS);
    },
    async stop() {
      isStopped = true;
      await loop?.stop();
    },
    /** Every edge there is or was, computed ones too. */
    edges: picture.all,
    /** What vendors are called, whatever knows them; one that nothing knows by its id. */
    namesOf: picture.namesOfIds,
    /** Names of vendors that were entered with edges. */
    enteredNames: () => enteredNames(platform),
  };
}
export type Chain = ReturnType<typeof createChain>;
