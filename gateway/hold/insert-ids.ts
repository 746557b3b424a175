import { type Edit, edit, type JsonDocument, type JsonNode } from '@drawbridge/jsonedit';
import type { Incoming } from '../crossing.ts';
import { type CompiledEndpoint, inspect, recordsOf } from '../inspect/index.ts';

/** What vendors remove duplicates by. */

/** How many records a request holds. */
export function countRecords(incoming: Incoming, endpoint: CompiledEndpoint): number {
  return documentsOf(incoming, endpoint).reduce((sum, each) => sum + recordsOf(each, endpoint).length, 0);
}

/** Whether the vendor would take each of its records once, however often they are sent. */
export function isDeduplicated(incoming: Incoming, endpoint: CompiledEndpoint): boolean {
  const rule = endpoint.endpoint.insert_id;
  if (rule === undefined) return false;
  const documents = documentsOf(incoming, endpoint);
  const paths = [rule.path, ...(rule.with ?? [])].map((path) => path.split('.'));
  const records = documents.flatMap((document) => [...recordsOf(document, endpoint)]);
  return records.length > 0 && records.every((record) => paths.every((path) => isThere(record, path)));
}

/**
 * The request with an id in each record that has none and that the vendor would know again by it. `newId`: a text of ASCII
 * letters, digits and `-`. Everything else stays as it came; a request whose body came in the query stays whole.
 */
export function withInsertIds(incoming: Incoming, endpoint: CompiledEndpoint, newId: () => string): Incoming {
  const rule = endpoint.endpoint.insert_id;
  const { body } = inspect(incoming, endpoint);
  if (rule === undefined || body === null) return incoming;
  const { document, opened } = body;
  const path = rule.path.split('.');
  const needed = (rule.with ?? []).map((each) => each.split('.'));
  const edits: Edit[] = [];
  for (const record of recordsOf(document, endpoint)) {
    if (isThere(record, path) || !needed.every((each) => isThere(record, each))) continue;
    const parent = at(record, path.slice(0, -1));
    if (parent === null || parent.members === null) continue;
    const inside = document.text.slice(parent.start + 1, parent.end - 1);
    const comma = parent.members.length === 0 ? '' : ',';
    const member = `${JSON.stringify(path.at(-1))}:${JSON.stringify(newId())}`;
    edits.push({ do: 'replace', node: parent, json: `{${member}${comma}${inside}}` });
  }
  if (edits.length === 0) return incoming;
  const sealed = opened.seal(edit(document, edits));
  const { method, path: to, query, headers } = incoming;
  return {
    method,
    path: to,
    query,
    headers,
    body: Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength),
  };
}

function documentsOf(incoming: Incoming, endpoint: CompiledEndpoint): JsonDocument[] {
  const { body, query } = inspect(incoming, endpoint);
  return [body?.document, query.data?.document].filter((one) => one !== undefined);
}

function isThere(record: JsonNode, path: readonly string[]): boolean {
  const found = at(record, path);
  return found !== null && found.kind !== 'null';
}

/** The one node there; null: there is none, or there are several, of which vendors take this one or that. */
function at(record: JsonNode, path: readonly string[]): JsonNode | null {
  let node = record;
  for (const name of path) {
    const named = (node.members ?? []).filter((member) => member.name === name);
    const [only] = named;
    if (only === undefined || named.length > 1) return null;
    node = only.value;
  }
  return node;
}
