import type { Pack } from '@drawbridge/protocol';

type Json = Record<string, unknown>;

/** Field maps by name, `<vendor>/<service>/<endpoint>`, and where the text of that endpoint's streamed answers stands. */
export type FieldMaps = ReadonlyMap<string, { fields: Json; answer: Json | undefined }>;

/** A pack refers to a field map that no pack has: where, and its name. */
export interface MissingMap {
  path: PropertyKey[];
  name: string;
}

/** The field maps of packs that were read, for others to refer to. */
export function fieldMapsOf(packs: readonly Pack[]): FieldMaps {
  const maps = new Map<string, { fields: Json; answer: Json | undefined }>();
  for (const { vendor, services } of packs) {
    for (const { id, endpoints } of services) {
      for (const endpoint of endpoints) {
        const { fields, answer } = endpoint;
        if (fields !== undefined) maps.set(`${vendor}/${id}/${endpoint.id}`, { fields, answer });
      }
    }
  }
  return maps;
}

/** Whether a pack, as its text says it, refers to another pack's field map. */
export function refersToMaps(value: unknown): boolean {
  return referencesOf(value).length > 0;
}

/**
 * Writes out the field maps that a pack refers to: `fields: { like: openai/api/chat_completions, fields: […] }` is that
 * endpoint's map with these rules before its own. Other members of the map replace the other's. An endpoint that streams
 * and does not say where its answers' text stands has it where that one has. `value` is changed.
 */
export function writeOutMaps(value: unknown, maps: FieldMaps): MissingMap[] {
  const missing: MissingMap[] = [];
  for (const { endpoint, fields, path } of referencesOf(value)) {
    const { like, ...own } = fields;
    const base = maps.get(String(like));
    if (base === undefined) {
      missing.push({ path: [...path, 'fields', 'like'], name: String(like) });
      continue;
    }
    const [rules, baseRules] = [listOf(own.fields), listOf(base.fields.fields)];
    const said = new Set(rules.map((rule) => (isJson(rule) ? rule.path : undefined)));
    const kept = baseRules.filter((rule) => !isJson(rule) || !said.has(rule.path));
    endpoint.fields = { ...base.fields, ...own, fields: [...rules, ...kept] };
    if (endpoint.streams === true && endpoint.answer === undefined && base.answer !== undefined) {
      endpoint.answer = base.answer;
    }
  }
  return missing;
}

function referencesOf(value: unknown): { endpoint: Json; fields: Json; path: PropertyKey[] }[] {
  if (!isJson(value)) return [];
  return listOf(value.services).flatMap((service, at) =>
    listOf(isJson(service) ? service.endpoints : undefined).flatMap((endpoint, index) => {
      if (!isJson(endpoint) || !isJson(endpoint.fields) || endpoint.fields.like === undefined) return [];
      return [{ endpoint, fields: endpoint.fields, path: ['services', at, 'endpoints', index] }];
    }),
  );
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
