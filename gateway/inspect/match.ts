import { type PartRule, parsePath, type Step as RecordStep, recordPlaces } from '@drawbridge/minimise';
import type { Endpoint, Service } from '@drawbridge/protocol';
import { type CompiledHistory, compileHistory } from '../history/rules.ts';
import { type CompiledAnswer, compileAnswer } from '../restore/index.ts';

/** One path step of an endpoint: a literal, or the name of a parameter, with the verb that must follow it (`:verb`). */
type Step = { literal: string } | { param: string; verb: string };

/** An endpoint of a pack, made ready for matching once per snapshot. */
export interface CompiledEndpoint {
  id: string;
  class: Endpoint['class'];
  streams: boolean;
  endpoint: Endpoint;
  steps: readonly Step[];
  hasParams: boolean;
  /** Its requests run a model, and name it. */
  runsModel: boolean;
  /** The path parameter that names it; null: the body does. */
  modelParam: string | null;
  methods: ReadonlySet<string>;
  /** How the parts of a multipart body are read. */
  parts: readonly PartRule[];
  /** Parameters by which a request goes on from what the vendor keeps: members of the body. */
  keptHistory: ReadonlySet<string>;
  /** What the vendor keeps of its requests, and how later ones name it; null: nothing that the pack knows of. */
  history: CompiledHistory | null;
  /** Where keys may stand in this service's bodies: paths within a record. */
  bodyKeyPaths: readonly string[];
  /** Where the records are in the decoded body. */
  recordSteps: readonly RecordStep[];
  /** Where a JSON answer holds addresses that are to lead through the gateway; null: nowhere. */
  answerUrls: readonly (readonly RecordStep[])[] | null;
  /** Where a streamed answer's text stands; null: the pack does not say. */
  answer: CompiledAnswer | null;
}

/** A request's endpoint and the raw (still percent-encoded) segments of its path parameters. */
export interface EndpointMatch {
  endpoint: CompiledEndpoint;
  params: Readonly<Record<string, string>>;
}

const PARAMETER = /^\{([a-z][a-z0-9_]{0,40})\}(:[A-Za-z]{1,60})?$/;
/** What packs call a path parameter that names a model. */
const MODEL_PARAMS = ['model', 'deployment'];
const LONGEST_PATH = 2000;
const LONGEST_SEGMENT = 300;

/** `scansText`: whether the contract has free text looked through, that of files too. */
export function compileEndpoint(service: Service, endpoint: Endpoint, scansText: boolean): CompiledEndpoint {
  const steps = segmentsOf(endpoint.path).map((segment): Step => {
    const [, param, verb = ''] = PARAMETER.exec(segment) ?? [];
    return param === undefined ? { literal: segment } : { param, verb };
  });
  return {
    id: endpoint.id,
    class: endpoint.class,
    streams: endpoint.streams ?? false,
    endpoint,
    steps,
    hasParams: steps.some((step) => 'param' in step),
    runsModel:
      (endpoint.class === 'inference' || endpoint.class === 'embedding') &&
      endpoint.methods.some((method) => method !== 'GET' && method !== 'DELETE'),
    modelParam:
      MODEL_PARAMS.find((name) => steps.some((step) => 'param' in step && step.param === name)) ?? null,
    methods: new Set(endpoint.methods),
    // Of several places the last: it takes a body as one record, in which a key beside the records stands too.
    recordSteps: endpoint.fields === undefined ? [] : (recordPlaces(endpoint.fields.records).at(-1) ?? []),
    parts: (endpoint.parts ?? []).filter(({ endings }) => endings === undefined || scansText),
    keptHistory: new Set(endpoint.kept_history),
    history: endpoint.history === undefined ? null : compileHistory(endpoint.history),
    answerUrls: endpoint.answer_urls?.map(parsePath) ?? null,
    answer: endpoint.answer === undefined ? null : compileAnswer(endpoint.answer),
    bodyKeyPaths: service.auth.flatMap((placement) => (placement.in === 'body' ? [placement.path] : [])),
  };
}

/**
 * Finds the endpoint that a request below its connection's prefix is for. `'method'`: the path is known, the method
 * is not. `null`: unknown, or a path that servers read in different ways (dot segments, encoded or doubled slashes,
 * backslashes, control characters), so that what was checked would not be what the vendor serves.
 */
export function matchEndpoint(
  compiled: readonly CompiledEndpoint[],
  method: string,
  path: string,
): EndpointMatch | 'method' | null {
  const seen = matched.get(compiled);
  const before = seen?.get(path);
  if (before?.endpoint.methods.has(method)) return before;
  const match = find(compiled, method, path);
  if (match === null || match === 'method' || match.endpoint.hasParams) return match;
  if (seen === undefined) matched.set(compiled, new Map([[path, match]]));
  else seen.set(path, match);
  return match;
}

/** Matches of paths without parameters: apps ask for the same few. There are no more of them than endpoints, twice. */
const matched = new WeakMap<readonly CompiledEndpoint[], Map<string, EndpointMatch>>();

function find(
  compiled: readonly CompiledEndpoint[],
  method: string,
  path: string,
): EndpointMatch | 'method' | null {
  if (!isPlainPath(path)) return null;
  const segments = segmentsOf(path);
  let known = false;
  for (const endpoint of compiled) {
    const params = matchSteps(endpoint.steps, segments);
    if (params === null) continue;
    if (endpoint.methods.has(method)) return { endpoint, params };
    known = true;
  }
  return known ? 'method' : null;
}

/** The path parameters of a request that the endpoint matched, still percent-encoded. */
export function paramsOf(endpoint: CompiledEndpoint, path: string): Readonly<Record<string, string>> {
  return matchSteps(endpoint.steps, segmentsOf(path)) ?? {};
}

function matchSteps(steps: readonly Step[], segments: readonly string[]): Record<string, string> | null {
  if (steps.length !== segments.length) return null;
  const params: Record<string, string> = {};
  for (const [index, step] of steps.entries()) {
    const segment = segments[index];
    if (segment === undefined) return null;
    if ('param' in step) {
      const value = step.verb === '' ? segment : withoutVerb(segment, step.verb);
      if (value === null) return null;
      params[step.param] = value;
    } else if (step.literal !== segment) return null;
  }
  return params;
}

/** What stands before the verb. Null when the verb is another, or when more than one colon leaves it open which it is. */
function withoutVerb(segment: string, verb: string): string | null {
  if (!segment.endsWith(verb)) return null;
  const value = segment.slice(0, -verb.length);
  return value === '' || /:|%3a/i.test(value) ? null : value;
}

/** Segments without the leading slash; one trailing slash is ignored. */
function segmentsOf(path: string): string[] {
  const end = path.length > 1 && path.endsWith('/') ? path.length - 1 : path.length;
  return path.slice(1, end).split('/');
}

function isPlainPath(path: string): boolean {
  if (path.length === 0 || path.length > LONGEST_PATH || path.charCodeAt(0) !== 0x2f) return false;
  let segment = 0;
  for (let at = 0; at < path.length; at++) {
    const code = path.charCodeAt(at);
    if (code === 0x2f) {
      if (at > 0 && segment === 0) return false;
      segment = 0;
      continue;
    }
    // Printable ASCII only; `?`, `#` and `\` never belong into a path.
    if (code <= 0x20 || code >= 0x7f || code === 0x3f || code === 0x23 || code === 0x5c) return false;
    if (code === 0x25 && !isPlainEscape(path, at)) return false;
    if (++segment > LONGEST_SEGMENT) return false;
  }
  return !segmentsOf(path).some((part) => part === '.' || part === '..');
}

/** A percent sign with two hex digits that hide no slash, backslash, dot, percent sign or control character. */
function isPlainEscape(path: string, at: number): boolean {
  const high = hexDigit(path.charCodeAt(at + 1));
  const low = hexDigit(path.charCodeAt(at + 2));
  if (high < 0 || low < 0) return false;
  const code = high * 16 + low;
  return code >= 0x20 && code !== 0x7f && code !== 0x2f && code !== 0x5c && code !== 0x2e && code !== 0x25;
}

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : -1;
}
