import { JsonEditError, type JsonNode, parse, stringValue } from '@drawbridge/jsonedit';
import type { Finding, Scanner } from '@drawbridge/scan';
import { tableFindings } from './table.ts';

/**
 * Findings that only a value's name tells, where name and value stand apart: `{"name": "Cookie", "value": …}` in HAR
 * files and exports of cookies, and cells of tables under their heading. Offsets are those of the text.
 */
export function pairFindings(path: string, text: string, scanner: Scanner): Finding[] {
  const separator = /\.csv$/i.test(path) ? ',' : /\.tsv$/i.test(path) ? '\t' : null;
  if (separator !== null) return tableFindings(text, separator, scanner);
  if (!/^\s*[[{]/.test(text.slice(0, 100))) return [];
  if (!/"name"\s*:/.test(text) || !/"value"\s*:/.test(text)) return [];
  try {
    const findings: Finding[] = [];
    walk(text, parse(text, { maxNodes: 2_000_000 }).root, scanner, findings);
    return findings;
  } catch (error) {
    // Not JSON after all, or more than is worth it: the text as such was scanned.
    if (error instanceof JsonEditError) return [];
    throw error;
  }
}

function walk(text: string, node: JsonNode, scanner: Scanner, out: Finding[]): void {
  if (node.elements !== null) {
    for (const element of node.elements) walk(text, element, scanner, out);
  }
  if (node.members === null) return;
  let name: string | null = null;
  let value: JsonNode | null = null;
  for (const member of node.members) {
    if (member.name === 'name' && isText(member.value)) name = stringValue(text, member.value);
    else if (member.name === 'value' && isText(member.value)) value = member.value;
    walk(text, member.value, scanner, out);
  }
  if (name !== null && value !== null) out.push(...ofPair(text, name, value, scanner));
}

const isText = (node: JsonNode): boolean => node.kind === 'string' || node.kind === 'escaped';

function ofPair(text: string, name: string, node: JsonNode, scanner: Scanner): Finding[] {
  const found = scanner.scanValue(name.slice(0, 200), stringValue(text, node));
  // Escapes move what follows them: then the whole value is what was found.
  return found.map((finding) => ({
    ...finding,
    start: node.kind === 'string' ? node.start + 1 + finding.start : node.start + 1,
    end: node.kind === 'string' ? node.start + 1 + finding.end : node.end - 1,
  }));
}
