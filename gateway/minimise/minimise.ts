import {
  type Action,
  EnvelopeError,
  FieldRefusedError,
  formatPairs,
  KeyMixedError,
  KeyPlaceError,
  type KeySwap,
  LiftedObservations,
  minimiseDocument,
  Observations,
  type Pair,
  percentDecode,
  shapeOfText,
  treatText,
} from '@drawbridge/minimise';
import type { FieldClass } from '@drawbridge/protocol';
import type { FoundKey, Incoming, LiveConnection, LiveCredential, Minimised, Would } from '../crossing.ts';
import { type CompiledEndpoint, type Inspection, paramsOf } from '../inspect/index.ts';
import type { Lifted } from '../mode.ts';
import { Refusal } from '../refusal/index.ts';
import { type Found, type FoundAhead, RequestText } from '../scan/index.ts';
import { type EndpointContract, labelOf } from './contract.ts';
import { minimiseHeaders } from './headers.ts';
import { minimisePairs, missingPairs } from './query.ts';

/**
 * The request as the vendor will get it: treated by the contract, with the real credential where the virtual key
 * stood. Bytes that the contract does not touch are as they came. Throws Refusal `field_refused`; `key_mixed` when a
 * record holds another key than the one authenticated; `credential_missing`; `credential_unusable`, also when a record
 * beyond those that `admit` knew holds the key in a place that the credential is not bound to. Where the contract is
 * `lifted`, what it would have done is said in `would`. `ahead`: what was found in a long request's texts before.
 */
export function minimise(
  incoming: Incoming,
  endpoint: CompiledEndpoint,
  inspection: Inspection,
  live: LiveConnection,
  found: readonly FoundKey[],
  app: string,
  lifted: Lifted | null = null,
  ahead: FoundAhead | null = null,
): Minimised {
  const contract = contractOf(live, endpoint);
  const { value: credential, bodyPaths: places } = credentialOf(live);
  const key: KeySwap | null = found[0] === undefined ? null : { found: found[0].key, credential, places };
  const text = live.text === null ? null : new RequestText(live.text, app, ahead);
  const keyed = text === null ? live.keyed : text.with(live.keyed);
  const above = lifted === null ? null : new LiftedObservations(keyed, live.reveal, lifted.lift);
  const seen = above ?? new Observations(keyed, live.reveal);
  try {
    const kept = live.contract.tokenises ? keptAtVendor(inspection, endpoint) : null;
    if (kept !== null && above?.changesNothing !== true) throw keptRefusal(kept);
    const work: Work = {
      incoming,
      endpoint,
      inspection,
      contract,
      key,
      keys: { found, credential },
      seen,
      above,
    };
    const body = bodyOf(work);
    const query = queryOf(work);
    const path = pathOf(work);
    // Where requests are signed, the credential stands in none of them.
    const shown = live.signer === null ? credential : null;
    const unchanged = above?.changesNothing === true ? above : null;
    const headers = minimiseHeaders(incoming.headers, live.contract, found, shown, seen, unchanged);
    seen.endRequest();
    const items = seen.observed();
    const fields = seen.tally();
    const would = above === null ? null : wouldOf(above, work, kept !== null);
    const tokens = text === null ? null : text.tokens;
    return {
      ...asPost(work, { method: incoming.method, path, query, headers, body }),
      items,
      fields,
      would,
      tokens,
      kept: text === null ? null : text.kept,
      imitated: text === null ? 0 : text.imitated,
    };
  } catch (error) {
    throw refusalFor(error, text);
  }
}

/** The contract's rules for an endpoint. Throws Refusal. */
export function contractOf({ contract }: LiveConnection, { id }: CompiledEndpoint): EndpointContract {
  const found = contract.endpoints.get(id);
  if (found !== undefined) return found;
  throw new Refusal(
    'unknown_endpoint',
    'minimise',
    'The contract was made for another version of this service.',
  );
}

interface Work {
  incoming: Incoming;
  endpoint: CompiledEndpoint;
  inspection: Inspection;
  contract: EndpointContract;
  key: KeySwap | null;
  keys: { found: readonly FoundKey[]; credential: string };
  seen: Observations;
  /** The same observations where the contract is lifted. */
  above: LiftedObservations | null;
}

/** What contract and pack would have done, before policies are asked. */
function wouldOf(above: LiftedObservations, { inspection, contract }: Work, isKept: boolean): Would {
  const fields = above.would();
  const isRefused = fields.some(([, treatment]) => treatment === 'refuse');
  const isUnmapped = inspection.body !== null && contract.map === null;
  const unread = inspection.unread ?? (isUnmapped ? 'body_unreadable' : null);
  return {
    fields,
    contract: above.contractTally(),
    reason: unread ?? (isKept ? 'kept_at_vendor' : isRefused ? 'field_refused' : null),
  };
}

type RequestParts = Pick<Minimised, 'method' | 'path' | 'query' | 'headers' | 'body'>;

interface Sent {
  method: string;
  path: string;
  query: readonly Pair[];
  headers: string[];
  body: Buffer;
}

function credentialOf(live: LiveConnection): LiveCredential {
  if (live.credential !== null) return live.credential;
  const code = live.credentialProblem ?? 'credential_missing';
  throw new Refusal(
    code,
    'minimise',
    code === 'credential_missing'
      ? "This connection has no credential yet. Enter the vendor's key in Drawbridge, on the connection's page."
      : "This connection's credential can't be opened here. Enter it again in Drawbridge, on the connection's page.",
  );
}

function bodyOf(work: Work): Buffer {
  const { incoming, endpoint, inspection, contract, key, keys, seen } = work;
  const { body } = inspection;
  if (body === null) {
    if (inspection.unread !== undefined) countUnread(work);
    return incoming.body;
  }
  if (contract.map === null) {
    if (seen.changesNothing && endpoint.bodyKeyPaths.length === 0) {
      countUnread(work);
      return incoming.body;
    }
    throw new Refusal(
      'body_unreadable',
      'minimise',
      'The pack says nothing about this body, so it was not sent.',
    );
  }
  const text = minimiseDocument(body.document, contract.map, seen, key);
  const { form } = body.opened;
  const pairs =
    form === null
      ? undefined
      : minimisePairs(form.pairs, contract, form.pairs[form.dataAt]?.name ?? null, keys, seen);
  const sealed = body.opened.seal(text, pairs);
  return Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
}

/** What crosses without being read is one value of which nothing is known. */
function countUnread({ contract, above }: Work): void {
  above?.instead(above.namedAction('', contract.names.unmapped, 'body'), 'pass', 'pass', 'string');
  above?.endRecord();
}

function queryOf({ inspection, contract, endpoint, key, keys, seen }: Work): readonly Pair[] {
  const { pairs, data } = inspection.query;
  const treated = minimisePairs(pairs, contract, endpoint.endpoint.query_body ?? null, keys, seen);
  const missing = seen.changesNothing ? [] : missingPairs(treated, contract);
  const complete = missing.length === 0 ? treated : [...treated, ...missing];
  if (data === null || contract.map === null) return complete;
  const text = minimiseDocument(data.document, contract.map, seen, key);
  const rawValue = data.opened.seal(text);
  return complete.map((pair) => (pair.name === endpoint.endpoint.query_body ? { ...pair, rawValue } : pair));
}

function pathOf(work: Work): string {
  const { incoming, endpoint, contract, above, keys } = work;
  if (!endpoint.hasParams) return incoming.path;
  let { path } = incoming;
  for (const [name, raw] of Object.entries(paramsOf(endpoint, incoming.path))) {
    const action =
      contract.params.get(name) ?? above?.namedAction('', contract.names.unmapped, `path:${name}`);
    if (action === undefined) {
      throw new Refusal(
        'field_refused',
        'minimise',
        `The pack does not say what {${name}} in this path is, so nothing was sent. Give it a class in path_params.`,
      );
    }
    const value = percentDecode(raw, false);
    if (keys.found.some(({ key }) => value.includes(key))) {
      throw new Refusal(
        'bad_request',
        'minimise',
        'The virtual key stands in the path, where the vendor would get it. Send it as the SDK does.',
      );
    }
    const treated = segmentOf(value, action, contract.params.has(name), work);
    if (treated !== value) path = withSegment(path, endpoint, name, encodeURIComponent(treated));
  }
  return path;
}

/** A path can't do without a segment: what the contract drops makes the request impossible. */
function segmentOf(value: string, action: Action, isKnown: boolean, { seen, above }: Work): string {
  const shape = shapeOfText(value);
  const isRefused = !isKnown || action.treatment.do === 'drop' || action.treatment.do === 'refuse';
  if (!isRefused) {
    const treated = treatText(value, shape, action, seen);
    return treated === null || seen.leaves(action) ? value : treated;
  }
  if (above === null) throw new FieldRefusedError(action.path, action.class);
  // Where refusals are lifted the vendor gets what it can't read, and answers that it knows no such thing.
  above.refuse(action, shape, above.leaves(action) ? 'pass' : 'pseudonymise');
  return above.leaves(action) ? value : above.pseudonym(value);
}

function withSegment(path: string, endpoint: CompiledEndpoint, param: string, segment: string): string {
  const segments = path.split('/');
  const at = endpoint.steps.findIndex((step) => 'param' in step && step.param === param);
  const step = endpoint.steps[at];
  segments[at + 1] = step !== undefined && 'verb' in step ? segment + step.verb : segment;
  return segments.join('/');
}

/** A body that came in the query goes on as a form, so that it stands in nobody's access log, where the pack says so. */
function asPost({ incoming, endpoint, inspection, seen }: Work, sent: Sent): RequestParts {
  const name = endpoint.endpoint.query_body;
  const moves =
    endpoint.endpoint.get_as_post === true &&
    incoming.method === 'GET' &&
    inspection.query.data !== null &&
    !seen.changesNothing;
  if (!moves) return { ...sent, query: formatPairs(sent.query) };
  const headers: string[] = [];
  for (let at = 0; at + 1 < sent.headers.length; at += 2) {
    const [header, value] = [sent.headers[at] ?? '', sent.headers[at + 1] ?? ''];
    if (!header.toLowerCase().startsWith('content-')) headers.push(header, value);
  }
  headers.push('Content-Type', 'application/x-www-form-urlencoded');
  return {
    method: 'POST',
    path: sent.path,
    query: formatPairs(sent.query.filter((pair) => pair.name !== name)),
    headers,
    body: Buffer.from(formatPairs(sent.query.filter((pair) => pair.name === name))),
  };
}

/**
 * The member by which a request goes on from what the vendor keeps: tokens of earlier ones come into its answer, and
 * nothing is kept here to put in their place. Null: there is none.
 */
function keptAtVendor({ body }: Inspection, { keptHistory }: CompiledEndpoint): string | null {
  const members = keptHistory.size === 0 ? null : (body?.document.root.members ?? null);
  const found = members?.find(({ name, value }) => keptHistory.has(name) && value.kind !== 'null');
  return found?.name ?? null;
}

function keptRefusal(name: string): Refusal {
  return new Refusal(
    'kept_at_vendor',
    'minimise',
    `"${name}" goes on from what the vendor keeps of earlier requests. The contract of this connection puts tokens in the place of personal data, and those of earlier requests could not be put back. Send the earlier messages along instead, or have the contract changed in Drawbridge.`,
  );
}

/** The refusal for what minimising threw; anything else is given back as it is. */
export function refusalFor(error: unknown, text: RequestText | null): unknown {
  if (error instanceof FieldRefusedError) {
    const found = text === null ? null : text.latestOf(error.class);
    if (found !== null) return foundRefusal(error, found, text?.kept ?? null);
    return new Refusal(
      'field_refused',
      'minimise',
      `The data contract refuses ${error.class} (at ${error.path}). Leave it out, or have the contract changed in Drawbridge.`,
      { fieldClass: error.class as FieldClass },
    );
  }
  if (error instanceof KeyMixedError) {
    return new Refusal(
      'key_mixed',
      'minimise',
      `The request holds another key than the one it was let in with (at ${error.path}). Send the parts of one key in one request.`,
    );
  }
  if (error instanceof KeyPlaceError) {
    return new Refusal(
      'credential_unusable',
      'minimise',
      `The key stands in a place (${error.path}) that the credential of this connection is not bound to: it was entered before the vendor's pack knew this place. Enter it again in Drawbridge.`,
    );
  }
  if (error instanceof EnvelopeError) {
    return new Refusal('body_unreadable', 'minimise', `A parameter can't be read (${error.message}).`);
  }
  return error;
}

function foundRefusal(
  { path, class: name }: FieldRefusedError,
  { detector, known }: Found,
  kept: readonly string[] | null,
): Refusal {
  const fieldClass = name as FieldClass;
  const whose = known === null ? '' : ` It is one that Drawbridge keeps (${known}).`;
  return new Refusal(
    'field_refused',
    'minimise',
    `The text at ${path} holds what the data contract refuses: ${labelOf(name)} (${name}, found by ${detector}).${whose} Take it out and send the request again; a secret that was meant for nobody else should be replaced.`,
    { fieldClass, kept },
  );
}
