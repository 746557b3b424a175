import { jsonFormat } from '../documents/format.ts';
import { at, itemsOf, type Tree, textIn } from '../documents/tree.ts';
import type { Format } from '../format.ts';
import { Hosts } from '../seen-host.ts';
import type { Traces } from '../trace.ts';
import { type Registry, tellPackage } from './package.ts';

const registries: ReadonlyMap<string, Registry> = new Map([
  ['npm', 'npm'],
  ['pypi', 'pypi'],
  ['golang', 'go'],
  ['maven', 'maven'],
  ['gem', 'rubygems'],
  ['composer', 'packagist'],
  ['cargo', 'cargo'],
  ['nuget', 'nuget'],
]);

/**
 * CycloneDX in JSON, 1.4 to 1.6. What the subject of the document depends on is direct, the rest transitive, also where the
 * document says nothing of dependencies: the weaker claim. Services are configured, by who provides them; their endpoints are hosts.
 */
export const cyclonedx: Format = jsonFormat(
  {
    id: 'cyclonedx',
    name: 'CycloneDX (JSON)',
    fits: (name, head) => {
      if (/"bomFormat"\s*:\s*"CycloneDX"/.test(head)) return 1;
      return /\.cdx\.json$|(?:^|\/)bom\.json$/.test(name) ? 0.9 : 0;
    },
  },
  (tree, traces, options) => {
    const direct = directRefs(tree);
    const waiting = [...itemsOf(at(tree, 'components'))].reverse();
    for (let component = waiting.pop(); component !== undefined; component = waiting.pop()) {
      tellComponent(component, direct, traces);
      waiting.push(...[...itemsOf(at(component, 'components'))].reverse());
    }
    const services = [...itemsOf(at(tree, 'services'))].reverse();
    const hosts = new Hosts(traces, options, 'cyclonedx', 'configured');
    for (let service = services.pop(); service !== undefined; service = services.pop()) {
      tellService(service, traces, hosts);
      services.push(...[...itemsOf(at(service, 'services'))].reverse());
    }
  },
);

function directRefs(tree: Tree): Set<string> {
  const subject = textIn(at(tree, 'metadata', 'component', 'bom-ref'));
  const refs = new Set<string>();
  for (const entry of itemsOf(at(tree, 'dependencies'))) {
    if (subject === undefined || textIn(at(entry, 'ref')) !== subject) continue;
    for (const ref of itemsOf(at(entry, 'dependsOn'))) refs.add(textIn(ref) ?? '');
  }
  return refs;
}

function tellComponent(component: Tree, direct: ReadonlySet<string>, traces: Traces): void {
  const purl = at(component, 'purl');
  const text = textIn(purl);
  // Files, systems and the like have none.
  if (purl === undefined || text === undefined) return;
  const [, type = '', path = ''] = /^pkg:\/*([A-Za-z.+-]+)\/([^@?#]*(?:@[^/?#]*\/[^@?#]*)?)/.exec(text) ?? [];
  const registry = registries.get(type.toLowerCase());
  if (registry === undefined) return;
  const parts = path.split('/').map(decoded);
  const name = parts.join(registry === 'maven' ? ':' : '/');
  const ref = textIn(at(component, 'bom-ref')) ?? text;
  const dev = textIn(at(component, 'scope')) === 'excluded';
  tellPackage(traces, {
    registry,
    name,
    grade: direct.has(ref) ? 'capable' : 'transitive',
    line: purl.line,
    dev,
  });
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    if (error instanceof URIError) return part;
    throw error;
  }
}

function tellService(service: Tree, traces: Traces, hosts: Hosts): void {
  const name = textIn(at(service, 'name'));
  const provider = textIn(at(service, 'provider', 'name')) ?? name;
  if (provider === undefined) {
    traces.skip(service.line, 'a service has neither name nor provider', 'services.name');
    return;
  }
  const data = itemsOf(at(service, 'data')).flatMap((entry) => {
    const of = textIn(at(entry, 'classification'));
    const flow = textIn(at(entry, 'flow')) ?? 'unknown';
    return of === undefined ? [] : [`${flow} ${of}`];
  });
  const crosses = at(service, 'x-trust-boundary');
  traces.saw({
    kind: 'service',
    value: provider,
    grade: 'configured',
    line: service.line,
    detail: {
      ...(name === undefined ? {} : { service: name.slice(0, 200) }),
      ...(data.length === 0 ? {} : { data: [...new Set(data)].slice(0, 20).join('; ').slice(0, 500) }),
      ...(crosses?.is === 'leaf' ? { x_trust_boundary: String(crosses.value) } : {}),
    },
  });
  for (const endpoint of itemsOf(at(service, 'endpoints'))) {
    const url = textIn(endpoint);
    if (url !== undefined && /^[a-z][a-z0-9+.-]*:\/\//i.test(url))
      hosts.url(url, { line: endpoint.line }, 'endpoints');
  }
}
