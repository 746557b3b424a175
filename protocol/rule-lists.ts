/**
 * In a pack's text a list of field rules, subject rules or query parameters may hold lists: those of other endpoints, by
 * YAML alias. Writes them out flat; of several for one path or name the first counts. `value`, a pack before it is parsed, is changed.
 */
export function writeOutLists(value: unknown): void {
  for (const service of listIn(value, 'services')) {
    for (const endpoint of listIn(service, 'endpoints')) {
      if (!isJson(endpoint)) continue;
      writeOut(endpoint, 'query', 'name');
      if (!isJson(endpoint.fields)) continue;
      writeOut(endpoint.fields, 'fields', 'path');
      writeOut(endpoint.fields, 'subjects', 'path');
    }
  }
}

function writeOut(holder: Record<string, unknown>, member: string, key: 'path' | 'name'): void {
  const list = holder[member];
  if (!Array.isArray(list) || !list.some(Array.isArray)) return;
  const seen = new Set<unknown>();
  holder[member] = list.flat(8).filter((rule: unknown) => {
    const said = isJson(rule) ? rule[key] : rule;
    if (seen.has(said)) return false;
    seen.add(said);
    return true;
  });
}

function listIn(value: unknown, name: string): unknown[] {
  const list = isJson(value) ? value[name] : undefined;
  return Array.isArray(list) ? list : [];
}

function isJson(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
