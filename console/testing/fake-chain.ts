import type { Chain, ChainEdge, ChainList, ChainNode, ChainReview, ChainWatch } from '../api/chain-types.ts';
import { darkWithout } from '../map/layout.ts';
import { decideRow, fakeList, takeList } from './fake-lists.ts';
import type { Answer, Asked } from './fake-routes.ts';

/** A made-up chain: small by default, or as large as a test asks (`vendors`, `links`). */
export interface ChainWorld {
  nodes: ChainNode[];
  edges: ChainEdge[];
  reviews: ChainReview[];
  /** Versions of published lists, the newest of a vendor last. */
  lists: ChainList[];
  watches: Map<string, ChainWatch>;
}

const DAY_MS = 86_400_000;
const WATCH = /^\/chain\/lists\/([^/]+)\/watch$/;
const ok = (body: unknown): Answer => ({ status: 200, body });
const ago = (days: number): string => new Date(Date.UTC(2026, 10, 20) - days * DAY_MS).toISOString();

function node(id: string, name: string, depth: number, more: Partial<ChainNode> = {}): ChainNode {
  const unknown = { known: true, people: 0, criticality: 'unknown' as const, dependents: 0, onlyThrough: 0 };
  return { id, name, depth, ...unknown, ...more };
}

function edge(from: string, to: string, layer: ChainEdge['layer'], more: Partial<ChainEdge> = {}): ChainEdge {
  return {
    id: from === 'us' ? null : `${from}-${to}-${layer}`,
    from,
    to,
    layer,
    scopes: [],
    source: { kind: 'list', text: 'List of sub-processors, version 2' },
    firstSeenAt: ago(90),
    lastSeenAt: ago(1),
    validFrom: null,
    validUntil: null,
    conditions: [],
    conditionsText: null,
    note: null,
    ...more,
  };
}

const ours = (to: string): ChainEdge =>
  edge('us', to, 'observed', {
    scopes: ['content', 'telemetry'],
    source: { kind: 'gateway', text: 'Crossings at the gateway' },
    firstSeenAt: ago(200),
  });

export function makeChainWorld(empty: boolean): ChainWorld {
  if (empty) return { nodes: [], edges: [], reviews: [], lists: [], watches: new Map() };
  return {
    nodes: [
      node('openai', 'OpenAI', 1, { people: 1_522, criticality: 'critical', onlyThrough: 1 }),
      node('mixpanel', 'Mixpanel', 1, { people: 1_204, criticality: 'supporting', dependents: 1 }),
      node('google-cloud', 'Google Cloud', 2, { dependents: 2 }),
      node('aws', 'Amazon Web Services', 2, { dependents: 1 }),
      node('odd', '<img src=x onerror=alert(1)>', 3, { known: false, dependents: 3 }),
    ],
    edges: [
      ours('openai'),
      ours('mixpanel'),
      edge('openai', 'mixpanel', 'observed', {
        scopes: ['account_metadata'],
        source: { kind: 'evidence', text: 'platform.openai.com.har' },
        firstSeenAt: ago(40),
      }),
      edge('openai', 'aws', 'declared', { note: 'Hosting · US' }),
      edge('mixpanel', 'google-cloud', 'declared'),
      edge('openai', 'google-cloud', 'inferred', { firstSeenAt: ago(10) }),
      edge('google-cloud', 'odd', 'declared', { firstSeenAt: ago(10) }),
    ],
    reviews: [
      {
        id: 'review_1',
        vendor: 'openai',
        vendorName: 'OpenAI',
        key: 'coreweave',
        name: 'CoreWeave, Inc.',
        openedAt: ago(3),
        objectionDays: 30,
        dueAt: ago(-27),
        objectionFrom: 'list',
        state: 'open',
        decidedAt: null,
        decidedBy: null,
        reason: null,
      },
    ],
    lists: [fakeList('openai', 'OpenAI', 1, ago(200)), fakeList('openai', 'OpenAI', 2, ago(3))],
    watches: new Map(),
  };
}

/** A chain of that size, the same each time: a quarter our own, the others behind them, a few of them behind many. */
export function largeChainWorld(vendors: number, links: number): ChainWorld {
  const direct = Math.floor(vendors / 4);
  const levels = ['critical', 'important', 'supporting', 'unknown'] as const;
  let state = 7;
  const draw = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const edges = new Map<string, ChainEdge>();
  const behind = (from: number, to: number): void => {
    const layer = (['declared', 'observed', 'inferred'] as const)[draw(3)] ?? 'declared';
    edges.set(`${from} ${to} ${layer}`, edge(`v-${from}`, `v-${to}`, layer));
  };
  for (let at = 0; at < direct; at += 1) edges.set(`us ${at}`, ours(`v-${at}`));
  for (let at = direct; at < vendors; at += 1) behind(draw(at < direct * 3 ? direct : direct * 3), at);
  while (edges.size < links) {
    const from = draw(direct * 3);
    const [start, end] = from < direct ? [direct, direct * 3] : [direct * 3, vendors];
    behind(from, draw(2) === 0 ? start + draw(6) : start + draw(end - start));
  }
  const all = [...edges.values()];
  const nodes = Array.from({ length: vendors }, (_, at) =>
    node(`v-${at}`, `Vendor ${at}`, at < direct ? 1 : at < direct * 3 ? 2 : 3, {
      people: at < direct ? draw(9_000) : 0,
      criticality: levels[draw(levels.length)] ?? 'unknown',
      dependents: darkWithout(`v-${at}`, all).size - 1,
    }),
  );
  return { nodes, edges: all, reviews: [], lists: [], watches: new Map() };
}

export function readChain(world: ChainWorld, { path, query }: Asked): Answer | null {
  const at = query.get('at') ?? new Date().toISOString();
  const held = world.edges.filter(
    ({ firstSeenAt, validUntil }) => firstSeenAt <= at && (validUntil === null || validUntil > at),
  );
  const touched = new Set(held.flatMap(({ from, to }) => [from, to]));
  const chain: Chain = { at, nodes: world.nodes.filter(({ id }) => touched.has(id)), edges: held };
  if (path === '/chain') return ok(chain);
  if (path === '/chain/changes') {
    const moments = Map.groupBy(world.edges, ({ firstSeenAt }) => firstSeenAt);
    const items = [...moments].map(([moment, edges]) => ({ at: moment, began: edges.length, ended: 0 }));
    return ok({ items: items.sort((a, b) => (a.at < b.at ? -1 : 1)) });
  }
  if (path === '/chain/reviews') return ok({ items: world.reviews, next: null });
  if (path === '/chain/edges') {
    const [from, to] = [query.get('from'), query.get('to')];
    const nameOf = (id: string): string => world.nodes.find((one) => one.id === id)?.name ?? id;
    const found = held.filter((one) => (from ?? one.from) === one.from && (to ?? one.to) === one.to);
    const items = found
      .filter(({ validUntil }) => validUntil === null)
      .map((one) => ({ ...one, fromName: nameOf(one.from), toName: nameOf(one.to) }));
    return ok({ items, next: null });
  }
  const seen = WATCH.exec(path)?.[1];
  if (seen !== undefined) {
    const one = world.watches.get(seen);
    return one === undefined
      ? { status: 404, body: { status: 404, code: 'not_found', title: 'Not found' } }
      : ok(one);
  }
  const [, vendor, versions, version] = /^\/chain\/lists\/([^/]+)(\/versions)?(?:\/(\d+))?$/.exec(path) ?? [];
  if (vendor === undefined) return null;
  const own = world.lists.filter((one) => one.vendor === vendor).toReversed();
  if (versions !== undefined && version === undefined) {
    const items = own.map(({ items: _, unmatched: __, names: ___, diff: ____, ...head }) => head);
    return ok({ items, next: null });
  }
  const list = version === undefined ? own[0] : own.find((one) => one.version === Number(version));
  return list === undefined
    ? {
        status: 404,
        body: { status: 404, code: 'not_found', title: 'Not found', detail: 'There is no such list.' },
      }
    : ok(list);
}

export function writeChain(world: ChainWorld, asked: Asked): Answer | null {
  const { path, tell } = asked;
  const body = (asked.body ?? {}) as Record<string, unknown>;
  const review = /^\/chain\/reviews\/([^/]+)\/decision$/.exec(path)?.[1];
  if (review !== undefined) {
    world.reviews = world.reviews.filter(({ id }) => id !== review);
    tell('chain');
    return ok({});
  }
  if (path === '/chain/lists' || path === '/chain/list-fetches') {
    const taken = takeList(world.lists, body);
    if (body.preview !== true) tell('chain');
    return taken;
  }
  const watched = WATCH.exec(path)?.[1];
  if (watched !== undefined) {
    tell('chain');
    if (asked.method === 'DELETE') {
      world.watches.delete(watched);
      return { status: 204 };
    }
    const made: ChainWatch = {
      ...{ vendor: watched, name: watched, url: 'https://openai.com/policies/sub-processor-list/' },
      ...{
        everyDays: Number(body.everyDays),
        nextAt: ago(-Number(body.everyDays)),
        triedAt: ago(0),
        readAt: null,
      },
      ...{
        error: { code: 'invalid_request', text: 'url answers with status 403' },
        setAt: ago(0),
        setBy: 'Ada Example',
      },
    };
    world.watches.set(watched, made);
    return ok(made);
  }
  const matched = /^\/chain\/lists\/([^/]+)\/matches$/.exec(path)?.[1];
  if (matched !== undefined) {
    tell('chain');
    return decideRow(world.lists, matched, body);
  }
  if (path === '/chain/edges') {
    const {
      reason: _,
      names,
      from,
      to,
      layer,
      ...said
    } = body as unknown as ChainEdge & {
      reason: string;
      names: Record<string, string>;
    };
    const made = edge(from, to, layer, { ...said, id: `made-${world.edges.length}`, firstSeenAt: ago(0) });
    world.edges = [...world.edges, made];
    for (const [id, name] of Object.entries(names)) world.nodes = [...world.nodes, node(id, name, 2)];
    tell('chain');
    return { status: 201, body: made };
  }
  const changed = /^\/chain\/edges\/([^/]+)\/changes$/.exec(path)?.[1];
  if (changed !== undefined) {
    const { reason: _, ...said } = body as Partial<ChainEdge> & { reason: string };
    const is = world.edges.find(({ id }) => id === changed);
    world.edges = world.edges.map((one) => (one.id === changed ? { ...one, ...said } : one));
    tell('chain');
    return ok({ ...is, ...said });
  }
  return null;
}
