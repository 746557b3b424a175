import { type JsonDocument, JsonEditError, parse } from '@drawbridge/jsonedit';
import {
  dataIndex,
  EnvelopeError,
  type EnvelopeLimits,
  type Opened,
  type OpenedValue,
  openBody,
  openItems,
  openLines,
  openParts,
  openValue,
  type Pair,
  parsePairs,
} from '@drawbridge/minimise';
import type { Incoming } from '../crossing.ts';
import { Refusal, type RefusalCode } from '../refusal/index.ts';
import { nodeCodec } from './codec.ts';
import type { CompiledEndpoint } from './match.ts';

/** A request's data, decoded and parsed: what the later stages treat. */
export interface Inspection {
  body: { opened: Opened; document: JsonDocument } | null;
  query: {
    pairs: readonly Pair[];
    /** A body that came in the query, and where; null when there was none. */
    data: { at: number; opened: OpenedValue; document: JsonDocument } | null;
  };
  /** Why the body was not read, where the mode lets it go on all the same. */
  unread?: RefusalCode;
}

/** 16 MB inflated, at most 200 times the size of what came. */
const LIMITS: EnvelopeLimits = { maxBytes: 16 * 1024 * 1024, maxRatio: 200 };
const MAX_DEPTH = 64;
const MAX_NODES = 400_000;

/**
 * Decodes and parses what the endpoint carries, once per request: finding the key may have done so already. Throws Refusal `body_unreadable`, `body_too_deep`
 * or `bad_request`; messages say what was wrong, and quote nothing.
 */
export function read(incoming: Incoming, endpoint: CompiledEndpoint): Inspection {
  if (incoming.inspection !== undefined) return incoming.inspection;
  try {
    incoming.inspection = { body: readBody(incoming, endpoint), query: readQuery(incoming, endpoint) };
    return incoming.inspection;
  } catch (error) {
    throw refusalFor(error);
  }
}

/**
 * The same for a crossing that is only observed: a body that can't be read goes on as it is, unless a key may stand in
 * it, which the vendor would get. Throws Refusal as `read` does.
 */
export function readIfReadable(incoming: Incoming, endpoint: CompiledEndpoint): Inspection {
  try {
    return read(incoming, endpoint);
  } catch (error) {
    if (!(error instanceof Refusal) || endpoint.bodyKeyPaths.length > 0) throw error;
    return { body: null, query: { pairs: pairsOf(incoming), data: null }, unread: error.code };
  }
}

function pairsOf(incoming: Incoming): readonly Pair[] {
  try {
    return parsePairs(incoming.query);
  } catch (error) {
    throw refusalFor(error);
  }
}

function readBody(incoming: Incoming, endpoint: CompiledEndpoint): Inspection['body'] {
  if (incoming.body.length === 0) return null;
  const format = endpoint.endpoint.body;
  if (format === 'none') {
    throw new Refusal('bad_request', 'inspect', 'This endpoint takes no body. Send the request without one.');
  }
  const opened = openAs(format, incoming, endpoint);
  const document = parseWithin(opened.text);
  opened.verify?.(document);
  return { opened, document };
}

function openAs(
  format: Exclude<CompiledEndpoint['endpoint']['body'], 'none'>,
  incoming: Incoming,
  endpoint: CompiledEndpoint,
): Opened {
  switch (format) {
    case 'envelope':
      return openItems(incoming.body, nodeCodec, LIMITS);
    case 'ndjson':
      return openLines(incoming.body, nodeCodec, LIMITS);
    case 'multipart': {
      return openParts(incoming.body, contentTypeOf(incoming), endpoint.parts, nodeCodec, LIMITS);
    }
    default:
      return openBody(incoming.body, formFieldOf(endpoint), nodeCodec, LIMITS);
  }
}

/** The one Content-Type; null where there are none or several, of which servers would take this one or that. */
function contentTypeOf({ headers }: Incoming): string | null {
  let found: string | null = null;
  for (let at = 0; at + 1 < headers.length; at += 2) {
    if (headers[at]?.toLowerCase() !== 'content-type') continue;
    if (found !== null) return null;
    found = headers[at + 1] ?? null;
  }
  return found;
}

function readQuery(incoming: Incoming, endpoint: CompiledEndpoint): Inspection['query'] {
  const pairs = parsePairs(incoming.query);
  const name = endpoint.endpoint.query_body;
  const at = name === undefined ? -1 : dataIndex(pairs, name);
  if (at === -1) return { pairs, data: null };
  const opened = openValue(pairs[at]?.rawValue ?? '', nodeCodec);
  return { pairs, data: { at, opened, document: parseWithin(opened.text) } };
}

/** The form field that may hold the body's JSON, or null where forms are not taken. */
export function formFieldOf(endpoint: CompiledEndpoint): string | null {
  return endpoint.endpoint.body === 'form_data_json' ? (endpoint.endpoint.query_body ?? 'data') : null;
}

function parseWithin(text: string): JsonDocument {
  return parse(text, { maxDepth: MAX_DEPTH, maxNodes: MAX_NODES });
}

/** The refusal for what reading threw; anything else is given back as it is. */
export function refusalFor(error: unknown): unknown {
  if (error instanceof JsonEditError) {
    if (error.code === 'too_deep' || error.code === 'too_many_nodes') {
      return new Refusal(
        'body_too_deep',
        'inspect',
        `The body's JSON has ${error.message}. At most ${MAX_DEPTH} levels and ${MAX_NODES} values are read.`,
      );
    }
    return unreadable(`its JSON has ${error.message}`);
  }
  return error instanceof EnvelopeError ? unreadable(error.message) : error;
}

function unreadable(why: string): Refusal {
  return new Refusal(
    'body_unreadable',
    'inspect',
    `The body can't be read (${why}), so it can't be minimised and was not sent. Send it as the vendor's SDK does.`,
  );
}
