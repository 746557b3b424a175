import { createHash } from 'node:crypto';
import { type Edge, US } from './graph.ts';
import { edgeView, type Standing } from './picture.ts';
import type { EdgeView } from './schemas.ts';

/** Name of the property that holds a link to the service; then the vendor that it comes from, and its layer. */
export const EDGE = 'drawbridge:edge:';

/** Deeper ones stand at the top: programs that read such documents go down by recursion, and so does writing one. */
const DEEPEST = 32;

interface Service {
  'bom-ref': string;
  provider?: { name: string };
  name: string;
  'x-trust-boundary': true;
  data?: { flow: 'outbound'; classification: string }[];
  services?: Service[];
  properties: { name: string; value: string }[];
}

/**
 * The chain as a CycloneDX 1.6 SaaSBOM (ECMA-424, `services`): a vendor is a service, its sub-processors are nested below it. A
 * shared one is nested once, below the nearest vendor of ours; what is more than 32 deep stands at the top; `dependencies` hold every link. What layer a link is of, what
 * shows it, and since when, stands as JSON in properties `drawbridge:edge:…`, since the format has no place for it.
 */
export function asSaasBom(
  found: Standing,
  deployment: { id: string; name: string },
): Record<string, unknown> {
  // In one order, so that the same chain is the same document, wherever it was entered.
  const edges = found.edges.toSorted((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1));
  const into = Map.groupBy(edges, ({ to }) => to);
  const outOf = Map.groupBy(edges, ({ from }) => from);
  const made = new Map<string, Service>();
  const top: Service[] = [];
  // By breadth from us, so that each is nested where it is nearest; then whoever is reached from nobody.
  const queue: string[] = [];
  const depths = new Map<string, number>();
  const place = (id: string, into_: Service[], depth: number): void => {
    if (id === US || made.has(id)) return;
    const service = serviceOf(id, found, into.get(id) ?? []);
    made.set(id, service);
    depths.set(id, depth > DEEPEST ? 1 : depth);
    (depth > DEEPEST ? top : into_).push(service);
    queue.push(id);
  };
  const spread = (): void => {
    for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
      const service = made.get(id);
      if (service === undefined) continue;
      const below: Service[] = [];
      for (const { to } of outOf.get(id) ?? []) place(to, below, (depths.get(id) ?? 1) + 1);
      if (below.length > 0) service.services = below;
    }
  };
  for (const { to } of outOf.get(US) ?? []) place(to, top, 1);
  spread();
  for (const id of found.names.keys()) {
    place(id, top, 1);
    spread();
  }
  const at = new Date(found.at).toISOString();
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuidOf(`${deployment.id}\n${at}\n${JSON.stringify(edges.map(said))}`)}`,
    version: 1,
    metadata: {
      timestamp: at,
      tools: { components: [{ type: 'application', name: 'Drawbridge' }] },
      component: { type: 'platform', name: deployment.name === '' ? 'us' : deployment.name, 'bom-ref': US },
    },
    services: top,
    dependencies: [US, ...made.keys()].map((id) => ({
      ref: id,
      dependsOn: [...new Set((outOf.get(id) ?? []).map(({ to }) => to))].filter((to) => to !== US),
    })),
  };
}

function serviceOf(id: string, found: Standing, into: readonly Edge[]): Service {
  const facts = found.known.get(id);
  const name = found.names.get(id) ?? id;
  const scopes = [...new Set(into.flatMap((edge) => edge.scopes))];
  return {
    'bom-ref': id,
    provider: { name: facts?.legal_name?.is ?? name },
    name,
    'x-trust-boundary': true,
    ...(scopes.length === 0
      ? {}
      : { data: scopes.map((classification) => ({ flow: 'outbound' as const, classification })) }),
    properties: into.map((edge) => {
      const { from, to: _, layer, ...rest } = said(edge);
      return { name: `${EDGE}${from}:${layer}`, value: JSON.stringify(rest) };
    }),
  };
}

/** A pair has one edge per layer at a time. */
const orderOf = ({ from, to, layer }: Edge): string => `${from}\n${to}\n${layer}`;

/** What a link says, wherever it is stored. */
function said(edge: Edge): Omit<EdgeView, 'id'> {
  const { id: _, ...rest } = edgeView(edge);
  return rest;
}

/** A version 8 UUID (RFC 9562) of what it names: the same chain has the same number. */
function uuidOf(text: string): string {
  const bytes = createHash('sha256').update(text).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
