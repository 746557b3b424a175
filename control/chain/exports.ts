import { csvLine } from '../platform/index.ts';
import type { Edge } from './graph.ts';
import { US } from './graph.ts';
import { edgeView, type Standing } from './picture.ts';
import { type ChainExport, EXPORT_FORMAT } from './schemas.ts';

/** The chain as JSON that `POST /chain/imports` takes in. Edges in a fixed order, so that two exports can be compared. `at`: ms. */
export function asJson(at: number, names: ReadonlyMap<string, string>, edges: readonly Edge[]): ChainExport {
  return {
    format: EXPORT_FORMAT,
    at: new Date(at).toISOString(),
    vendors: [...names].map(([id, name]) => ({ id, name: name.slice(0, 120) })),
    edges: edges
      .map((edge) => {
        const { id: _, ...shown } = edgeView(edge);
        return shown;
      })
      .sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1)),
  };
}

const orderOf = (edge: { from: string; to: string; layer: string; firstSeenAt: string }): string =>
  `${edge.from}\n${edge.to}\n${edge.layer}\n${edge.firstSeenAt}`;

const HEAD = [
  'from',
  'from name',
  'to',
  'to name',
  'layer',
  'scopes',
  'source kind',
  'source',
  'first seen',
  'last seen',
  'valid from',
  'valid until',
  'conditions',
  'note',
];

/** One edge a row (RFC 4180); no cell is a formula. */
export function asCsv(found: Standing): string {
  const nameOf = (id: string) => (id === US ? 'us' : (found.names.get(id) ?? id));
  const rows = found.edges.map((edge) => {
    const { firstSeenAt, lastSeenAt, validFrom, validUntil } = edgeView(edge);
    const conditions = [
      ...edge.conditions.map(({ kind, is }) => `${kind}: ${is}`),
      edge.conditionsText ?? '',
    ];
    return [
      edge.from,
      nameOf(edge.from),
      edge.to,
      nameOf(edge.to),
      edge.layer,
      edge.scopes.join(' '),
      edge.source.kind,
      edge.source.text,
      firstSeenAt,
      lastSeenAt,
      validFrom ?? '',
      validUntil ?? '',
      conditions.filter((text) => text !== '').join('; '),
      edge.note ?? '',
    ];
  });
  return [HEAD, ...rows].map(csvLine).join('');
}
