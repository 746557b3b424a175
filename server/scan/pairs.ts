import { JsonEditError, type JsonNode, parse, stringValue } from '@drawbridge/jsonedit';
import type { Finding, Scanner } from '@drawbridge/scan';
import { encodingOf } from './decode.ts';
import { tableFindings } from './table.ts';

/** A finding whose value does not stand in the text as it is. */
export interface ValueFinding extends Finding {
  value?: string;
}

/** So many characters of base64 are unpacked in one file. */
const MOST_UNPACKED = 16 * 1024 * 1024;

/**
 * Findings that only a value's name tells, where name and value stand apart: `{"name": "Cookie", "value": …}` in HAR
 * files and exports of cookies, and cells of tables under their heading; and those in bodies that HAR files hold as
 * `{"encoding": "base64", "text": …}`. Offsets are those of the text.
 */
export function pairFindings(path: string, text: string, scanner: Scanner): ValueFinding[] {
  const separator = /\.csv$/i.test(path) ? ',' : /\.tsv$/i.test(path) ? '\t' : null;
  if (separator !== null) return tableFindings(text, separator, scanner);
  if (!/^\s*[[{]/.test(text.slice(0, 100))) return [];
  const isOfPairs = /"name"\s*:/.test(text) && /"value"\s*:/.test(text);
  if (!isOfPairs && !/"encoding"\s*:\s*"base64"/.test(text)) return [];
  try {
    const walked: Walked = { text, scanner, found: [], left: MOST_UNPACKED };
    walk(parse(text, { maxNodes: 2_000_000 }).root, walked);
    return walked.found;
  } catch (error) {
    // Not JSON after all, or more than is worth it: the text as such was scanned.
    if (error instanceof JsonEditError) return [];
    throw error;
  }
}

interface Walked {
  text: string;
  scanner: Scanner;
  found: ValueFinding[];
  /** Of MOST_UNPACKED. */
  left: number;
}

function walk(node: JsonNode, walked: Walked): void {
  const { text } = walked;
  if (node.elements !== null) {
    for (const element of node.elements) walk(element, walked);
  }
  if (node.members === null) return;
  const named = new Map<string, JsonNode>();
  for (const member of node.members) {
    if (PAIRED.has(member.name) && isText(member.value)) named.set(member.name, member.value);
    walk(member.value, walked);
  }
  const [name, value] = [named.get('name'), named.get('value')];
  if (name !== undefined && value !== undefined) ofPair(stringValue(text, name), value, walked);
  const [encoding, body] = [named.get('encoding'), named.get('text')];
  if (encoding !== undefined && body !== undefined && stringValue(text, encoding) === 'base64') {
    ofBody(body, walked);
  }
}

const PAIRED: ReadonlySet<string> = new Set(['name', 'value', 'encoding', 'text']);
const isText = (node: JsonNode): boolean => node.kind === 'string' || node.kind === 'escaped';

function ofPair(name: string, node: JsonNode, { text, scanner, found }: Walked): void {
  const value = stringValue(text, node);
  for (const finding of scanner.scanValue(name.slice(0, 200), value)) {
    // Escapes move what follows them: then the whole value is where it was found.
    found.push({
      ...finding,
      start: node.kind === 'string' ? node.start + 1 + finding.start : node.start + 1,
      end: node.kind === 'string' ? node.start + 1 + finding.end : node.end - 1,
      value: value.slice(finding.start, finding.end),
    });
  }
}

/** A body that is text, as it was before it was packed. Each three bytes of it are four characters. */
function ofBody(node: JsonNode, walked: Walked): void {
  const packed = stringValue(walked.text, node);
  if (packed.length > walked.left) return;
  walked.left -= packed.length;
  const bytes = Buffer.from(packed, 'base64');
  const known = encodingOf(bytes);
  if (known === null || known.encoding !== 'utf8') return;
  // Byte by byte, so that offsets are those of bytes; what is found is of ASCII but for what stands around it.
  const body = bytes.toString('latin1');
  const start = node.start + 1;
  for (const finding of walked.scanner.scan(body)) {
    const isPlain = node.kind === 'string';
    walked.found.push({
      ...finding,
      start: isPlain ? start + Math.floor(finding.start / 3) * 4 : start,
      end: isPlain ? Math.min(start + Math.ceil(finding.end / 3) * 4, node.end - 1) : node.end - 1,
      value: body.slice(finding.start, finding.end),
    });
  }
}
