import { edit, JsonEditError, type JsonNode, parse, stringValue } from '@drawbridge/jsonedit';
import { type Codec, type EnvelopeLimits, inflated, type Opened } from './envelope.ts';
import { EnvelopeError } from './error.ts';

/** One item of an envelope as it came. */
interface Item {
  header: string;
  /** Between the header's line and the next item, without the line's end. */
  payload: Uint8Array;
  /** Its payload as JSON; null when it is anything else. */
  json: string | null;
  type: string;
}

const NEWLINE = 0x0a;
const MOST_ITEMS = 1000;
const TYPE = /^[a-z][a-z0-9_.-]{0,40}$/;
/** Files, whatever is in them. */
const NEVER_JSON = new Set(['attachment']);
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Opens an envelope: a line of JSON, then items, each a line of JSON (its header) and a payload, which ends after
 * `length` bytes or with the line. What is given is one JSON text,
 * `{"header":…,"items":[{"header":…,"<type>":<payload>},…]}`, whose pieces are the client's own bytes; a payload that is
 * no JSON object or list stands there as `"#<position>"`. On the way back an item goes whose header or payload went, or whose payload
 * is not JSON and was changed; lengths follow. With nothing changed it is the very bytes that came. Throws EnvelopeError.
 */
export function openItems(bytes: Uint8Array, codec: Codec, limits: EnvelopeLimits): Opened {
  const plain = inflated(bytes, codec, limits);
  const { header, items, ending } = readItems(plain);
  const text = `{"header":${header},"items":[${items.map(itemText).join(',')}]}`;
  return {
    text,
    layers: plain === bytes ? ['items'] : ['gzip', 'items'],
    form: null,
    seal(changed) {
      if (changed === text) return bytes;
      const sealed = sealItems(changed, items, ending, codec);
      return plain === bytes ? sealed : codec.gzip(sealed);
    },
  };
}

function itemText({ header, type, json }: Item, position: number): string {
  return `{"header":${header},${JSON.stringify(type)}:${json ?? `"#${position}"`}}`;
}

/** `ending`: the line's end, or empty lines, behind the last item. */
function readItems(bytes: Uint8Array): { header: string; items: Item[]; ending: Uint8Array } {
  let at = 0;
  const line = (): Uint8Array => {
    const end = bytes.indexOf(NEWLINE, at);
    const found = bytes.subarray(at, end === -1 ? bytes.length : end);
    at = end === -1 ? bytes.length : end + 1;
    return found;
  };
  const header = objectIn(line(), 'its first line');
  const items: Item[] = [];
  let behind = bytes.indexOf(NEWLINE);
  while (at < bytes.length) {
    const headerLine = line();
    // Clients may end an envelope with empty lines.
    if (headerLine.length === 0) continue;
    if (items.length >= MOST_ITEMS) throw bad(`it has more than ${MOST_ITEMS} items`);
    const itemHeader = objectIn(headerLine, `the header of item ${items.length + 1}`);
    const { type, length } = told(itemHeader, items.length + 1);
    const payload = length === null ? line() : bytes.subarray(at, at + length);
    if (length !== null) {
      const end = at + length;
      if (end > bytes.length || (end < bytes.length && bytes[end] !== NEWLINE)) {
        throw bad(`item ${items.length + 1} does not have the length that it says`);
      }
      at = end + 1;
    }
    behind = payload.byteOffset - bytes.byteOffset + payload.length;
    const json = NEVER_JSON.has(type) ? null : jsonIn(payload);
    items.push({ header: itemHeader, type, payload, json });
  }
  return { header, items, ending: behind === -1 ? bytes.subarray(0, 0) : bytes.subarray(behind) };
}

/** Type and length of an item. Twice told would be read differently by different servers. */
function told(header: string, position: number): { type: string; length: number | null } {
  const { root, text } = parse(header);
  const only = (name: string): JsonNode | null => {
    const found = (root.members ?? []).filter((member) => member.name === name);
    if (found.length > 1) throw bad(`item ${position} says its ${name} twice`);
    return found[0]?.value ?? null;
  };
  const type = only('type');
  if (type?.kind !== 'string') throw bad(`item ${position} says no type`);
  const name = stringValue(text, type);
  // A type that is the name of the header would hide it.
  if (!TYPE.test(name) || name === 'header') throw bad(`item ${position} has no type that is known`);
  const length = only('length');
  if (length === null || length.kind === 'null') return { type: name, length: null };
  const digits = text.slice(length.start, length.end);
  if (length.kind !== 'number' || !/^\d{1,9}$/.test(digits))
    throw bad(`item ${position} has no whole length`);
  return { type: name, length: Number(digits) };
}

function sealItems(changed: string, items: readonly Item[], ending: Uint8Array, codec: Codec): Uint8Array {
  const { root } = parse(changed);
  const header = memberOf(root, 'header');
  const parts = [codec.toUtf8(header === null ? '{}' : textOf(changed, header))];
  for (const element of memberOf(root, 'items')?.elements ?? []) {
    const itemHeader = memberOf(element, 'header');
    const payload = element.members?.find((member) => member.name !== 'header')?.value ?? null;
    if (itemHeader === null || payload === null) continue;
    const bytes = payloadBytes(changed, payload, items, codec);
    const line = bytes === null ? null : headerWith(textOf(changed, itemHeader), bytes);
    if (bytes !== null && line !== null) parts.push(codec.toUtf8(line), bytes);
  }
  return joined(parts, ending);
}

/** The payload as bytes; null when what stood for bytes was changed. */
function payloadBytes(text: string, node: JsonNode, items: readonly Item[], codec: Codec): Uint8Array | null {
  if (node.members !== null || node.elements !== null) return codec.toUtf8(textOf(text, node));
  const position = node.kind === 'string' ? /^#(\d{1,4})$/.exec(stringValue(text, node))?.[1] : undefined;
  const item = position === undefined ? undefined : items[Number(position)];
  return item?.json === null ? item.payload : null;
}

/** The header with the length that the payload has now; null when a payload of several lines would have none. */
function headerWith(header: string, payload: Uint8Array): string | null {
  const document = parse(header);
  const length = memberOf(document.root, 'length');
  if (length === null || length.kind === 'null') return payload.includes(NEWLINE) ? null : header;
  if (header.slice(length.start, length.end) === String(payload.length)) return header;
  return edit(document, [{ do: 'replace', node: length, json: String(payload.length) }]);
}

function joined(parts: readonly Uint8Array[], ending: Uint8Array): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length + 1, ending.length - 1));
  let at = 0;
  for (const part of parts) {
    if (at > 0) out[at++] = NEWLINE;
    out.set(part, at);
    at += part.length;
  }
  out.set(ending, at);
  return out;
}

function memberOf(node: JsonNode, name: string): JsonNode | null {
  return node.members?.find((member) => member.name === name)?.value ?? null;
}

function textOf(text: string, node: JsonNode): string {
  return text.slice(node.start, node.end);
}

/** A line that is one JSON object: pieces are put together, so none may end early and go on as something else. */
function objectIn(line: Uint8Array, what: string): string {
  const text = textIn(line);
  if (text === null || parse(text).root.members === null) throw bad(`${what} is not a JSON object`);
  return text;
}

function jsonIn(payload: Uint8Array): string | null {
  const text = textIn(payload);
  if (text === null || !/^\s*[[{]/.test(text)) return null;
  try {
    const { root } = parse(text);
    return root.members === null && root.elements === null ? null : text;
  } catch (error) {
    if (error instanceof JsonEditError && error.code !== 'too_deep' && error.code !== 'too_many_nodes')
      return null;
    throw error;
  }
}

function textIn(bytes: Uint8Array): string | null {
  try {
    return decoder.decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

function bad(what: string): EnvelopeError {
  return new EnvelopeError('not_recognised', `an envelope of items, but ${what}`);
}
