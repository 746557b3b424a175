import { type JsonDocument, type JsonNode, parse, stringValue } from '@drawbridge/jsonedit';
import {
  EnvelopeError,
  isFromRoot,
  linesPrefix,
  openPrefix,
  openValue,
  parsePairs,
  percentDecode,
} from '@drawbridge/minimise';
import type { AuthPlacement, Service } from '@drawbridge/protocol';
import type { FoundKey, Incoming } from '../crossing.ts';
import { Refusal } from '../refusal/index.ts';
import { inflateStart, nodeCodec } from './codec.ts';
import type { CompiledEndpoint } from './match.ts';
import { formFieldOf, read, refusalFor } from './read.ts';

/** Before a key is known, no more than this is inflated and read of a stranger's body. */
const READ_AHEAD = 64 * 1024;
/** Two different keys are refused; more need not be told apart. */
const MOST_KEYS = 4;

/**
 * Every place of the request where this service's SDKs put a key, with the text found there. The same key in the same
 * kind of place is returned once; different keys are all returned, for `authenticate` to refuse. Of a body at most
 * 64 KB is inflated and read here; `minimise` checks the rest. Throws Refusal `body_unreadable`, `body_too_deep` or
 * `bad_request` where the body must be read to find a key, can't be, and no key stands elsewhere.
 */
export function findKeys(
  service: Service,
  endpoint: CompiledEndpoint | null,
  incoming: Incoming,
): FoundKey[] {
  const found = new Found();
  const inBody: Extract<AuthPlacement, { in: 'body' }>[] = [];
  for (const placement of service.auth) {
    if (placement.in === 'header') findInHeader(placement, incoming, found);
    else if (placement.in === 'basic') findInBasic(placement, incoming, found);
    else if (placement.in === 'query') findInQuery(placement, incoming, found);
    else if (placement.in === 'body') inBody.push(placement);
    else refuseSigned(incoming, found);
  }
  // An envelope or a form of parts repeats the key that stands in the request's head: it is put in there, and never
  // found by it.
  const format = endpoint?.endpoint.body;
  const isRead = format !== 'envelope' && format !== 'multipart';
  if (inBody.length > 0 && isRead && endpoint !== null) findInBody(inBody, endpoint, incoming, found);
  return found.keys;
}

/** A client that signs shows no key, and of a virtual key only the hash is kept here: nothing to check it by. */
function refuseSigned(incoming: Incoming, found: Found): void {
  if (found.keys.length > 0) return;
  for (const value of headerValues(incoming, 'authorization')) {
    if (!/^\s*AWS4-/.test(value)) continue;
    throw new Refusal(
      'key_missing',
      'authenticate',
      'The request is signed (AWS Signature Version 4), and Drawbridge can not verify that: of a virtual key it keeps ' +
        'only a hash. Send the virtual key as a bearer token: set AWS_BEARER_TOKEN_BEDROCK to it, and Drawbridge signs.',
    );
  }
}

class Found {
  readonly keys: FoundKey[] = [];
  add(placement: AuthPlacement, key: string): void {
    if (key === '' || this.keys.length >= MOST_KEYS) return;
    if (!this.keys.some((one) => one.key === key && one.placement === placement)) {
      this.keys.push({ placement, key });
    }
  }
}

function* headerValues(incoming: Incoming, name: string): Generator<string> {
  for (let at = 0; at + 1 < incoming.headers.length; at += 2) {
    const value = incoming.headers[at + 1];
    if (incoming.headers[at]?.toLowerCase() === name && value !== undefined) yield value;
  }
}

function findInHeader(
  placement: Extract<AuthPlacement, { in: 'header' }>,
  incoming: Incoming,
  found: Found,
): void {
  for (const value of headerValues(incoming, placement.name.toLowerCase())) {
    const key = withoutPrefix(value, placement.prefix ?? '');
    if (key !== null) found.add(placement, key);
  }
}

/** The value behind a prefix, whose case does not count; null when the prefix is not there. */
export function withoutPrefix(value: string, prefix: string): string | null {
  const text = value.trimStart();
  if (text.slice(0, prefix.length).toLowerCase() !== prefix.toLowerCase()) return null;
  return text.slice(prefix.length).trim();
}

function findInBasic(
  placement: Extract<AuthPlacement, { in: 'basic' }>,
  incoming: Incoming,
  found: Found,
): void {
  for (const value of headerValues(incoming, 'authorization')) {
    const key = basicPart(value, placement.part);
    if (key !== null) found.add(placement, key);
  }
}

/** User name or password of an HTTP basic credential (RFC 7617); null when it is none. */
export function basicPart(value: string, part: 'username' | 'password' | 'pair'): string | null {
  const encoded = withoutPrefix(value, 'Basic ');
  if (encoded === null || !/^[A-Za-z0-9+/]{1,4000}={0,2}$/.test(encoded)) return null;
  const pair = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  if (colon === -1) return part === 'password' ? null : pair;
  return part === 'password' ? pair.slice(colon + 1) : pair.slice(0, colon);
}

function findInQuery(
  placement: Extract<AuthPlacement, { in: 'query' }>,
  incoming: Incoming,
  found: Found,
): void {
  try {
    for (const pair of parsePairs(incoming.query)) {
      if (pair.name === placement.name && pair.rawValue !== null) {
        found.add(placement, percentDecode(pair.rawValue, true));
      }
    }
  } catch (error) {
    if (!(error instanceof EnvelopeError)) throw error;
  }
}

/** An unreadable body holds no key; where there is none elsewhere, that is what is wrong, and what the client is told. */
function findInBody(
  placements: readonly Extract<AuthPlacement, { in: 'body' }>[],
  endpoint: CompiledEndpoint,
  incoming: Incoming,
  found: Found,
): void {
  let documents: JsonDocument[];
  try {
    documents = startsOf(incoming, endpoint);
  } catch (error) {
    const refusal = refusalFor(error);
    if (refusal instanceof Refusal && found.keys.length > 0) return;
    throw refusal;
  }
  for (const document of documents) {
    for (const placement of placements) {
      const steps = placement.path.split('.').filter((step) => step !== '$');
      for (const start of startsFor(placement, document, endpoint)) {
        findAt(document, start, steps, placement, found);
      }
    }
  }
}

/** What may hold records with keys: the body, and a body in the query. Throws what reading throws. */
function startsOf(incoming: Incoming, endpoint: CompiledEndpoint): JsonDocument[] {
  const isGzip = incoming.body[0] === 0x1f && incoming.body[1] === 0x8b;
  if (incoming.body.length <= READ_AHEAD && !isGzip) {
    const { body, query } = read(incoming, endpoint);
    return [body?.document, query.data?.document].filter((document) => document !== undefined);
  }
  const start = isGzip ? inflateStart(incoming.body, READ_AHEAD) : incoming.body.subarray(0, READ_AHEAD);
  const opened = openPrefix(start, formFieldOf(endpoint), nodeCodec);
  const isLines = endpoint.endpoint.body === 'ndjson' && opened !== null;
  const texts = [isLines ? linesPrefix(opened) : opened, queryText(incoming, endpoint)];
  return texts.filter((text) => text !== null).map((text) => parse(text, { prefix: true }));
}

function queryText(incoming: Incoming, endpoint: CompiledEndpoint): string | null {
  const pair = parsePairs(incoming.query).find((one) => one.name === endpoint.endpoint.query_body);
  return pair?.rawValue ? openValue(pair.rawValue, nodeCodec).text : null;
}

/** Where a placement's path starts: at each record, or at the body's root when it begins with `$.` and records lie below. */
function startsFor(
  { path }: Extract<AuthPlacement, { in: 'body' }>,
  document: JsonDocument,
  endpoint: CompiledEndpoint,
): readonly JsonNode[] {
  const isBeside = isFromRoot(path) && endpoint.recordSteps.some((step) => step.take === 'name');
  return isBeside ? [document.root] : recordsOf(document, endpoint);
}

/** Records at `$`, `$[*]` or `name[*]`, as the field map says. */
export function recordsOf(document: JsonDocument, endpoint: CompiledEndpoint): readonly JsonNode[] {
  let nodes: readonly JsonNode[] = [document.root];
  for (const step of endpoint.recordSteps) {
    nodes = nodes.flatMap((node): readonly JsonNode[] => {
      if (step.take === 'each') return node.elements ?? [node];
      const { members } = node;
      if (members === null || step.take !== 'name') return [];
      return members.filter((member) => member.name === step.name).map((member) => member.value);
    });
  }
  return nodes;
}

function findAt(
  document: JsonDocument,
  record: JsonNode,
  steps: readonly string[],
  placement: AuthPlacement,
  found: Found,
): void {
  const [name, ...rest] = steps;
  if (name === undefined) {
    if (record.kind === 'string' || record.kind === 'escaped')
      found.add(placement, stringValue(document.text, record));
    return;
  }
  for (const member of record.members ?? []) {
    if (member.name === name) findAt(document, member.value, rest, placement, found);
  }
}
