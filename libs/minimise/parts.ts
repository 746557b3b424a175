import { type JsonNode, parse, stringValue } from '@drawbridge/jsonedit';
import { type Codec, decodeUtf8, type EnvelopeLimits, inflated, type Opened } from './envelope.ts';
import { EnvelopeError } from './error.ts';
import { type JoinedLines, joinLines, MOST_NODES_AGAIN, splitLines, verifyLines } from './lines.ts';
import { bad, type PartHead, partHeadWith, readPartHead, standInName } from './part-head.ts';

/** How the content of a form's part is read: the member that it stands under in the text. */
export type PartContent = 'json' | 'lines' | 'text' | 'media';

/** What the content of parts of one name is. The first rule counts whose `when` the form's other parts meet. */
export interface PartRule {
  name: string;
  content: PartContent;
  /** Other parts (that are no files) and the values of which they must have one. */
  when?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Only for files whose names end in one of these, in lower case, behind a dot. */
  endings?: readonly string[] | undefined;
}

/** One part as it came. */
interface Part {
  head: PartHead;
  /** Headers and content, as bytes. */
  whole: Uint8Array;
  content: Uint8Array;
  kind: PartContent | 'value';
  /** Its JSON text in the whole, and where it and the pieces in it stand. */
  json: string;
  pieces: readonly { start: number; end: number; lines: JoinedLines | null }[];
  wasGzip: boolean;
}

const MOST_PARTS = 1000;
const LONGEST_HEAD = 4096;
const HEAD_END = Uint8Array.of(0x0d, 0x0a, 0x0d, 0x0a);
const BOUNDARY =
  /^multipart\/form-data((?:[ \t]*;[ \t]*[A-Za-z0-9_-]+=(?:"[^"\\]*"|[!#$%&'*+.^_`|~A-Za-z0-9-]+))*)[ \t]*$/i;

/**
 * Opens a multipart/form-data body (RFC 7578) as one JSON text: an object with a member per part, in order. A part that
 * is no file is its text; a file is `{"filename":…,"<content>":…}` with the content as `json`, as a list of `lines`, as
 * `text`, or, for any other `media`, `"#<position>"` in its place. `contentType`: the request's header. On the way back
 * a part goes whose content went, or whose media was changed; a file that lost its name is called `file`. Parts that
 * are not changed stay byte for byte. Throws EnvelopeError for all that servers could take apart differently; `verify`
 * must be called with the parsed text.
 */
export function openParts(
  bytes: Uint8Array,
  contentType: string | null,
  rules: readonly PartRule[],
  codec: Codec,
  limits: EnvelopeLimits,
): Opened {
  const boundary = codec.toUtf8(`--${boundaryIn(contentType)}`);
  const plain = inflated(bytes, codec, limits);
  const { sections, tail } = split(plain, boundary, codec);
  const parts = readParts(sections, rules, codec, limits);
  const text = `{${parts.map(({ head, json }) => `${JSON.stringify(head.name)}:${json}`).join(',')}}`;
  return {
    text,
    layers: plain === bytes ? ['parts'] : ['gzip', 'parts'],
    form: null,
    verify: ({ root }) => verifyParts(root, parts),
    seal(changed) {
      if (changed === text) return bytes;
      const sealed = sealParts(changed, parts, { boundary, tail }, codec);
      return plain === bytes ? sealed : codec.gzip(sealed);
    },
  };
}

function boundaryIn(contentType: string | null): string {
  const [, parameters] = BOUNDARY.exec(contentType ?? '') ?? [];
  if (parameters === undefined)
    throw notParts('no Content-Type of multipart/form-data that can be read in one way only');
  const found = [...parameters.matchAll(/;[ \t]*boundary=(?:"([^"]*)"|([^;"\s]+))/gi)];
  const boundary = found[0]?.[1] ?? found[0]?.[2] ?? '';
  if (found.length !== 1 || !/^[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]$/.test(boundary)) {
    throw notParts('not one boundary of 1 to 70 of the characters that boundaries have');
  }
  return boundary;
}

/** What stands between the boundaries. Wherever else the boundary stands, some server would see a part begin. */
function split(
  bytes: Uint8Array,
  boundary: Uint8Array,
  codec: Codec,
): { sections: Uint8Array[]; tail: Uint8Array } {
  const sections: Uint8Array[] = [];
  if (codec.find(bytes, boundary, 0) !== 0) throw notParts('something other than the boundary at its start');
  let at = boundary.length;
  for (;;) {
    if (bytes[at] === 0x2d && bytes[at + 1] === 0x2d) break;
    if (bytes[at] !== 0x0d || bytes[at + 1] !== 0x0a)
      throw notParts('a boundary that goes on as something else');
    const start = at + 2;
    const next = codec.find(bytes, boundary, start);
    if (next === -1) throw notParts('no boundary at its end');
    if (next < start + 2 || bytes[next - 2] !== 0x0d || bytes[next - 1] !== 0x0a) {
      throw notParts('the boundary within a part');
    }
    if (sections.length >= MOST_PARTS) throw notParts(`more than ${MOST_PARTS} parts`);
    sections.push(bytes.subarray(start, next - 2));
    at = next + boundary.length;
  }
  const tail = bytes.subarray(at);
  const isEnd = tail.length === 2 || (tail.length === 4 && tail[2] === 0x0d && tail[3] === 0x0a);
  if (!isEnd) throw notParts('something behind its last boundary');
  return { sections, tail };
}

function readParts(
  sections: readonly Uint8Array[],
  rules: readonly PartRule[],
  codec: Codec,
  limits: EnvelopeLimits,
): Part[] {
  const read = sections.map((whole) => {
    const end = codec.find(whole, HEAD_END, 0);
    if (end === -1 || end > LONGEST_HEAD)
      throw bad(`its headers do not end, or only after ${LONGEST_HEAD} bytes`);
    const content = whole.subarray(end + HEAD_END.length);
    return { whole, content, head: readPartHead(decodeUtf8(whole.subarray(0, end)), content.length) };
  });
  const values = new Map<string, string[]>();
  const isNamed = new Set(rules.flatMap(({ when }) => Object.keys(when ?? {})));
  for (const { head, content } of read) {
    if (!isNamed.has(head.name)) continue;
    if (head.fileName !== null)
      throw bad('it is a file, where the meaning of other parts hangs on its value');
    values.set(head.name, [...(values.get(head.name) ?? []), decodeUtf8(content)]);
  }
  // Of a value that stands twice servers take the first, or the last.
  if ([...values.values()].some((each) => each.length > 1))
    throw bad('it stands twice, and others hang on its value');
  const meets = ({ when }: PartRule): boolean =>
    Object.entries(when ?? {}).every(([name, wanted]) => wanted.includes(values.get(name)?.[0] ?? ''));
  const left = { ...limits };
  return read.map(({ head, whole, content }, position) => {
    const rule = rules.find((one) => one.name === head.name && meets(one) && endsAs(one, head));
    const kind = rule?.content ?? (head.fileName === null ? 'value' : 'media');
    const isRead = kind !== 'media' && kind !== 'value';
    const inner = isRead ? inflated(content, codec, left) : content;
    if (inner !== content) left.maxBytes = Math.max(0, left.maxBytes - inner.length);
    return { head, whole, content, kind, wasGzip: inner !== content, ...jsonOf(head, kind, inner, position) };
  });
}

function endsAs({ endings }: PartRule, { fileName }: PartHead): boolean {
  if (endings === undefined) return true;
  const ending = /\.([A-Za-z0-9]{1,8})$/.exec(fileName ?? '')?.[1]?.toLowerCase();
  return ending !== undefined && endings.includes(ending);
}

function jsonOf(
  head: PartHead,
  kind: Part['kind'],
  content: Uint8Array,
  position: number,
): Pick<Part, 'json' | 'pieces'> {
  if (kind === 'value') {
    const json = JSON.stringify(decodeUtf8(content));
    return { json, pieces: [{ start: 0, end: json.length, lines: null }] };
  }
  const lines = kind === 'lines' ? joinLines(decodeUtf8(content)) : null;
  const inner = lines?.text ?? (kind === 'media' ? `"#${position}"` : contentText(kind, content));
  const pieces: Part['pieces'][number][] = [];
  let json = '{';
  if (head.fileName !== null) {
    const name = JSON.stringify(head.fileName);
    json += `"filename":${name}`;
    pieces.push({ start: json.length - name.length, end: json.length, lines: null });
    json += ',';
  }
  json += `"${kind}":${inner}`;
  // Around a document white space may stand, which is not part of its node.
  const [before = '', after = ''] = [/^\s*/.exec(inner)?.[0], /\s*$/.exec(inner)?.[0]];
  const start = json.length - inner.length + before.length;
  pieces.push({ start, end: json.length - after.length, lines });
  return { json: `${json}}`, pieces };
}

function contentText(kind: Part['kind'], content: Uint8Array): string {
  const text = decodeUtf8(content);
  return kind === 'json' ? text : JSON.stringify(text);
}

/** Each piece must be one value, from its first character to its last: else it would end early and say other things. */
function verifyParts(root: JsonNode, parts: readonly Part[]): void {
  const members = root.members ?? [];
  let at = 1;
  const isWhole = parts.every((part, index) => {
    const member = members[index];
    at += JSON.stringify(part.head.name).length + 1;
    const start = at;
    at += part.json.length + 1;
    return member !== undefined && member.name === part.head.name && isWholePart(member.value, part, start);
  });
  if (!isWhole || members.length !== parts.length) throw bad('its content is not one JSON document');
}

function isWholePart(node: JsonNode, { kind, json, pieces }: Part, start: number): boolean {
  if (node.start !== start || node.end !== start + json.length) return false;
  if (kind === 'value') return true;
  const { members } = node;
  if (members?.length !== pieces.length) return false;
  return pieces.every((piece, index) => {
    const value = members[index]?.value;
    if (value?.start !== start + piece.start || value.end !== start + piece.end) return false;
    if (piece.lines !== null) verifyLines(value, piece.lines, start + piece.start);
    return true;
  });
}

function sealParts(
  changed: string,
  parts: readonly Part[],
  frame: { boundary: Uint8Array; tail: Uint8Array },
  codec: Codec,
): Uint8Array {
  const { root } = parse(changed, { maxNodes: MOST_NODES_AGAIN });
  const { boundary, tail } = frame;
  const newline = codec.toUtf8('\r\n');
  const out: Uint8Array[] = [];
  for (const [part, node] of survivors(root, parts)) {
    const sealed = sealPart(changed, node, part, parts, codec);
    if (sealed === null) continue;
    if (sealed !== part.whole && codec.find(sealed, boundary, 0) !== -1) {
      throw bad('what the contract makes of it holds the boundary');
    }
    out.push(boundary, newline, sealed, newline);
  }
  return joined([...out, boundary, tail]);
}

/** Which parts are left, in order. Parts of one name are told apart only by all of them being there, or none. */
function survivors(root: JsonNode, parts: readonly Part[]): [Part, JsonNode][] {
  const byName = new Map<string, JsonNode[]>();
  for (const { name, value } of root.members ?? []) byName.set(name, [...(byName.get(name) ?? []), value]);
  const total = new Map<string, number>();
  for (const { head } of parts) total.set(head.name, (total.get(head.name) ?? 0) + 1);
  const taken = new Map<string, number>();
  return parts.flatMap((part): [Part, JsonNode][] => {
    const { name } = part.head;
    const nodes = byName.get(name) ?? [];
    if (nodes.length === 0) return [];
    if (nodes.length !== total.get(name))
      throw bad('the contract lets it cross, and another of its name not');
    const index = taken.get(name) ?? 0;
    taken.set(name, index + 1);
    const node = nodes[index];
    return node === undefined ? [] : [[part, node]];
  });
}

/** The part with what the contract made of it; null when it goes; the very bytes when nothing was changed. */
function sealPart(
  text: string,
  node: JsonNode,
  part: Part,
  parts: readonly Part[],
  codec: Codec,
): Uint8Array | null {
  if (text.slice(node.start, node.end) === part.json) return part.whole;
  const { head, kind } = part;
  if (kind === 'value') {
    const isText = node.kind === 'string' || node.kind === 'escaped';
    return isText ? joinedPart(head, null, codec.toUtf8(stringValue(text, node)), codec) : null;
  }
  const member = (name: string) => node.members?.find((one) => one.name === name)?.value ?? null;
  const inner = member(kind);
  const content = inner === null ? null : contentBytes(text, inner, part, parts, codec);
  if (content === null) return null;
  const name = member('filename');
  const treated =
    name === null || name.members !== null || name.elements !== null ? null : stringValue(text, name);
  const fileName = head.fileName === null ? null : standInName(head.fileName, treated);
  return joinedPart(head, fileName, content, codec);
}

function contentBytes(
  text: string,
  node: JsonNode,
  part: Part,
  parts: readonly Part[],
  codec: Codec,
): Uint8Array | null {
  if (part.kind === 'media') {
    return node.kind === 'string' && stringValue(text, node) === `#${parts.indexOf(part)}`
      ? part.content
      : null;
  }
  const own = part.pieces.at(-1);
  const raw = text.slice(node.start, node.end);
  if (own !== undefined && raw === part.json.slice(own.start, own.end)) return part.content;
  const isText = node.kind === 'string' || node.kind === 'escaped';
  if (part.kind === 'text' && !isText) return null;
  const sealed =
    part.kind === 'json' ? raw : part.kind === 'text' ? stringValue(text, node) : splitLines({ text, node });
  const bytes = codec.toUtf8(sealed);
  return part.wasGzip ? codec.gzip(bytes) : bytes;
}

function joinedPart(head: PartHead, fileName: string | null, content: Uint8Array, codec: Codec): Uint8Array {
  return joined([codec.toUtf8(partHeadWith(head, fileName, content.length)), HEAD_END, content]);
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    out.set(piece, at);
    at += piece.length;
  }
  return out;
}

function notParts(what: string): EnvelopeError {
  return new EnvelopeError('not_recognised', `a form of parts, but with ${what}`);
}
