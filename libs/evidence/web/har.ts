import { EvidenceError } from '../error.ts';
import type { Format } from '../format.ts';
import { JsonStream, type Keep } from '../json-stream.ts';
import { countOf, isObject, type Json, type JsonObject, parsed, textOf } from '../line-reader.ts';
import { Hosts } from '../seen-host.ts';
import { timeOf } from '../time.ts';
import { FIELDS_KEPT, type Traces } from '../trace.ts';

/**
 * Of an entry, only this is kept: no response, and no header or cookie but by its name. Values of parameters are looked at for the
 * names that they hold, and dropped with the entry.
 */
const keep: Keep = {
  startedDateTime: true,
  serverIPAddress: true,
  request: {
    url: true,
    headersSize: true,
    bodySize: true,
    headers: { name: true },
    queryString: { name: true, value: true },
    cookies: { name: true },
    postData: { mimeType: true, text: true, params: { name: true, value: true } },
  },
  response: { headersSize: true, bodySize: true, _transferSize: true, content: { size: true } },
};

/** Headers that say who or what is asking; the rest is how browsers talk. */
const telling = new Set([
  'authorization',
  'cookie',
  'from',
  'referer',
  'user-agent',
  'x-api-key',
  'x-forwarded-for',
  'x-user-id',
  'x-user-email',
]);

/**
 * A recording of a browser (HAR 1.2, http://www.softwareishard.com/blog/har-12-spec/): hosts, their addresses, times, sizes, and
 * the names of what was sent to them (`query.email`, `form.name`, `body.user.id`, `header.authorization`, `cookie.session`). Never
 * a value. Lines are numbers of entries.
 */
export const har: Format = {
  id: 'har',
  name: 'HAR recording',
  fits: (name, head) => {
    if (!/^\s*\{/.test(head)) return 0;
    const isHar = /"log"\s*:\s*\{/.test(head) && /"(?:entries|creator|pages)"\s*:/.test(head);
    if (isHar) return 0.95;
    return /\.har$/i.test(name) ? 0.6 : 0;
  },
  reader: (traces, options) => {
    const hosts = new Hosts(traces, options, 'har');
    const stream = new JsonStream({
      path: ['log', 'entries'],
      keep,
      each: (entry, number, cut) => {
        if (isObject(entry)) readEntry(traces, hosts, entry, number, cut);
        else traces.skip(number, 'the entry is no object', 'log.entries');
      },
    });
    return {
      write: (chunk) => stream.write(chunk),
      end: () => {
        stream.end();
        if (!stream.found)
          throw new EvidenceError('malformed', 'it has no list log.entries', { field: 'log.entries' });
      },
      get lines() {
        return stream.count;
      },
    };
  },
};

function readEntry(traces: Traces, hosts: Hosts, entry: JsonObject, line: number, cut: boolean): void {
  const request = isObject(entry.request) ? entry.request : {};
  const response = isObject(entry.response) ? entry.response : {};
  const url = textOf(request.url);
  if (url === undefined) {
    traces.skip(line, 'the entry has no URL', 'request.url');
    return;
  }
  // What a browser makes of itself: data:, blob:, chrome-extension:.
  if (!/^(?:https?|wss?):/i.test(url)) return;
  if (cut) traces.skip(line, 'what was sent is too long to be read for names', 'request.postData');
  const content = isObject(response.content) ? response.content : {};
  hosts.url(
    url,
    {
      line,
      at: timeOf(entry.startedDateTime),
      bytesOut: sum(request.headersSize, request.bodySize),
      bytesIn:
        countOf(response._transferSize) ??
        sum(response.headersSize, response.bodySize) ??
        countOf(content.size),
      address: textOf(entry.serverIPAddress)?.replace(/^\[|\]$/g, ''),
      fields: fieldsOf(request),
    },
    'request.url',
  );
}

/** -1 means unknown. */
function sum(headers: unknown, body: unknown): number | undefined {
  const [head, rest] = [countOf(headers), countOf(body)];
  return head === undefined && rest === undefined ? undefined : (head ?? 0) + (rest ?? 0);
}

/** Names of what a request sends. */
function fieldsOf(request: JsonObject): string[] {
  const fields = new Set<string>();
  const add = (field: string) => {
    if (fields.size < FIELDS_KEPT) fields.add(field);
  };
  const parameter = (path: string, value: string | undefined) => {
    add(path);
    if (value !== undefined) bodyFields(heldIn(value), path, 0, add);
  };
  for (const { name, value } of namedIn(request.queryString)) parameter(`query.${plain(name)}`, value);
  const post = isObject(request.postData) ? request.postData : {};
  for (const { name, value } of namedIn(post.params)) parameter(`form.${plain(name)}`, value);
  const text = textOf(post.text);
  if (text !== undefined) {
    if (/x-www-form-urlencoded/i.test(textOf(post.mimeType) ?? '')) {
      for (const pair of text.slice(0, LONGEST_FORM).split('&', FIELDS_KEPT)) {
        const [name = '', value = ''] = pair.split(/=(.*)/s);
        parameter(`form.${plain(decoded(name))}`, decoded(value));
      }
    } else bodyFields(heldIn(text), 'body', 0, add);
  }
  for (const { name } of namedIn(request.headers)) {
    if (telling.has(name.toLowerCase())) add(`header.${name.toLowerCase()}`);
  }
  for (const { name } of namedIn(request.cookies)) add(`cookie.${plain(name)}`);
  return [...fields];
}

const LONGEST_FORM = 64 * 1024;
const DEEPEST_FIELD = 4;
/** Elements of a list that are looked at: they are alike. */
const ELEMENTS = 8;
const MEMBERS = 200;

/** What a text holds: JSON, also in base64, as SDKs of analytics send it in a parameter; undefined: neither. */
function heldIn(text: string): unknown {
  if (/^\s*[[{]/.test(text)) return bodyOf(text);
  if (text.length > LONGEST_FORM || !/^[eW][\w+/-]{3,}={0,2}$/.test(text)) return undefined;
  const opened = Buffer.from(text, 'base64').toString('utf8');
  return /^\s*[[{]/.test(opened) ? bodyOf(opened) : undefined;
}

/** JSON, or JSON lines. */
function bodyOf(text: string): unknown {
  const whole = parsed(text);
  if (whole !== undefined) return whole;
  return text
    .split('\n', ELEMENTS)
    .map(parsed)
    .filter((value) => value !== undefined);
}

function bodyFields(value: unknown, path: string, depth: number, add: (field: string) => void): void {
  if (value === undefined) return;
  if (Array.isArray(value)) {
    if (depth >= DEEPEST_FIELD) {
      add(path);
      return;
    }
    for (const element of value.slice(0, ELEMENTS)) bodyFields(element, path, depth + 1, add);
  } else if (isObject(value)) {
    if (depth >= DEEPEST_FIELD) {
      add(path);
      return;
    }
    for (const [key, inner] of Object.entries(value).slice(0, MEMBERS)) {
      bodyFields(inner, `${path}.${plain(key)}`, depth + 1, add);
    }
  } else add(path);
}

/** A name as a field's; one that looks like a value of somebody's (an id, an address, a text) is not kept. */
function plain(name: string): string {
  return /^[A-Za-z_$@][\w$.@:[\]-]{0,63}$/.test(name) && !/@[\w-]+\.|\d{5,}|[0-9a-f]{16,}/i.test(name)
    ? name
    : '*';
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch (error) {
    if (error instanceof URIError) return '*';
    throw error;
  }
}

function namedIn(list: Json | undefined): { name: string; value: string | undefined }[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((item) =>
    isObject(item) && typeof item.name === 'string' ? [{ name: item.name, value: textOf(item.value) }] : [],
  );
}
