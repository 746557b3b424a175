import { z } from 'zod';
import { invalid } from '../platform/index.ts';
import { EDGE } from './cyclonedx.ts';
import { type ChainExport, EXPORT_FORMAT, ExportSchema } from './schemas.ts';

const MOST_SERVICES = 50_000;

const Service = z.looseObject({
  'bom-ref': z.string().max(300),
  name: z.string().max(500),
  services: z.array(z.unknown()).optional(),
  properties: z
    .array(z.looseObject({ name: z.string(), value: z.string().optional() }))
    .max(2_000)
    .default([]),
});
const Bom = z.looseObject({
  bomFormat: z.literal('CycloneDX'),
  metadata: z.looseObject({ timestamp: z.iso.datetime({ offset: true }) }),
  services: z.array(z.unknown()).default([]),
});

/**
 * A SaaSBOM that we made, as the export that it was made of: every link that held then. What others make has no such links, and
 * is refused: its components and services are evidence (discovery), no chain. Throws Problem 422.
 */
export function fromSaasBom(given: unknown): ChainExport {
  const { metadata, services } = checked(Bom, given, 'bom');
  const vendors: { id: string; name: string }[] = [];
  const edges: unknown[] = [];
  // No recursion: services may be nested deeply.
  const waiting = [...services].reverse();
  for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
    const { 'bom-ref': id, name, services: below = [], properties } = checked(Service, one, 'bom.services');
    if (vendors.length >= MOST_SERVICES) throw invalid('bom', `has more than ${MOST_SERVICES} services`);
    vendors.push({ id, name });
    for (const { name: called, value = '' } of properties) {
      if (!called.startsWith(EDGE)) continue;
      const [from, layer] = called.slice(EDGE.length).split(':');
      edges.push({ ...saidOf(value, `bom: ${called.slice(0, 100)}`), from, to: id, layer });
    }
    for (const inner of below.toReversed()) waiting.push(inner);
  }
  if (edges.length === 0 && vendors.length > 0) {
    throw invalid('bom', 'holds no links of ours; hand it in as evidence to see which vendors it names');
  }
  return checked(ExportSchema, { format: EXPORT_FORMAT, at: metadata.timestamp, vendors, edges }, 'bom');
}

function saidOf(text: string, field: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw invalid(field, 'is not what a link says, as JSON');
}

function checked<T>(schema: z.ZodType<T>, given: unknown, field: string): T {
  const found = schema.safeParse(given);
  if (found.success) return found.data;
  const issue = found.error.issues[0];
  const place = [field, ...(issue?.path.map(String) ?? [])].join('.').slice(0, 200);
  throw invalid(place, issue?.message ?? 'is not of the form');
}
