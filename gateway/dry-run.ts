import { createHash } from 'node:crypto';
import { toValue } from '@drawbridge/jsonedit';
import type { Keyed } from '@drawbridge/minimise';
import { type ContractDocument, formVirtualKey, type Service, scansText } from '@drawbridge/protocol';
import type { KnownPhrases } from '@drawbridge/scan';
import type { FoundKey, Incoming, LiveConnection, Minimised } from './crossing.ts';
import { type CompiledEndpoint, compileEndpoint, findKeys, inspect, matchEndpoint } from './inspect/index.ts';
import { compileContract, minimise, tokenises } from './minimise/index.ts';
import { modesOf } from './mode.ts';
import { compileErrorShapes, Refusal } from './refusal/index.ts';
import {
  compileSecretScanner,
  compileTextScanner,
  type LiveText,
  type ScanFor,
  textLimits,
} from './scan/index.ts';
import { answersOf, placesOf } from './snapshot/index.ts';

/** A request to be tried. `{key}` in it stands for the virtual key; without one it is put where the pack has it first. */
export interface DryRequest {
  method: string;
  /** Path and query, as below a connection. */
  target: string;
  headers: Readonly<Record<string, string>>;
  body: string;
}

/** A request's data as field paths see it. */
export interface DryView {
  body: unknown;
  query: Readonly<Record<string, string>>;
  headers: Readonly<Record<string, string>>;
}

export type DryRun =
  | { given: DryView; sent: DryView; wire: Omit<Minimised, 'items'>; refusal: null }
  | { refusal: { code: string; message: string } };

/** What stands for the vendor's credential and for every pseudonym's beginning. */
export const DRY_CREDENTIAL = 'the-vendors-credential';
export const DRY_PSEUDONYM = 'pseudonym-';

/** What free text is looked through for beside what every gateway knows. */
export interface DryScan extends ScanFor {
  /** Of the phrases those that may not come back in answers; null: none. */
  marks: KnownPhrases | null;
}

/** What pseudonyms and tokens are made of: never what a deployment uses. */
export interface DryKeys {
  keyed: Keyed;
  /** 32 bytes. */
  secret: Buffer;
}

/** A request ready to be minimised, as the gateway has it behind `admit`. */
export interface Prepared {
  incoming: Incoming;
  endpoint: CompiledEndpoint;
  live: LiveConnection;
  found: readonly FoundKey[];
}

const KEY = formVirtualKey(new Uint8Array(42).fill(1)).key;
const shortHash = (use: string, value: string): string =>
  createHash('sha256').update(`${use}\n${value}`).digest('base64url').slice(0, 12);
/** No secrets: what is tried here is made up, and goes nowhere. */
const madeUp: DryKeys = {
  keyed: {
    pseudonym: (value) => DRY_PSEUDONYM + shortHash('vendor', value),
    subject: (value) => `subject---${shortHash('ledger', value)}`,
    reviewHash: (value) => `name------${shortHash('review', value)}`,
  },
  secret: Buffer.alloc(32),
};
/** Without what gateways get with their snapshot: detectors of vendors' keys, and what the organisation itself knows. */
const noRules: DryScan = { rules: [], known: null, phrases: null, custom: [], marks: null };
export const DRY_APP = 'dry-run';

/**
 * Takes a request through inspecting and minimising as the gateway does, under a contract, without a vendor and without
 * a journal. Throws FieldMapError for a pack whose paths make no sense.
 */
export function dryRun(service: Service, rules: ContractDocument, request: DryRequest): DryRun {
  try {
    const { incoming, endpoint, live, found } = prepare(service, liveOf(service, rules), request);
    const { items: _, ...wire } = minimise(
      incoming,
      endpoint,
      inspect(incoming, endpoint),
      live,
      found,
      DRY_APP,
    );
    const view = (seen: Incoming): DryView => viewOf(seen, inspect(seen, endpoint));
    const { method, path, query, headers, body } = wire;
    return { given: view(incoming), sent: view({ method, path, query, headers, body }), wire, refusal: null };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { refusal: { code: error.code, message: error.message } };
  }
}

/** Throws Refusal as the gateway would before it inspects the body. */
export function prepare(service: Service, live: LiveConnection, request: DryRequest): Prepared {
  const incoming = withKey(service, live, request);
  const endpoint = endpointOf(live, incoming);
  return { incoming, endpoint, live, found: findKeys(service, endpoint, incoming) };
}

/** A connection that leads nowhere. Throws FieldMapError, and ScanRuleError for rules that can't be read. */
export function liveOf(
  service: Service,
  rules: ContractDocument,
  scan: DryScan = noRules,
  keys: DryKeys = madeUp,
): LiveConnection {
  return {
    config: {
      id: 'dry-run',
      slug: 'dry-run',
      vendor: 'dry-run',
      service: service.id,
      region: 'dry-run',
      upstream: { scheme: 'https', host: 'vendor.example.com', port: 443, private: false },
      state: 'open',
      credential: null,
      contract: { id: 'dry-run', version: 1, rules },
      origins: [],
    },
    service,
    endpoints: service.endpoints.map((endpoint) => compileEndpoint(service, endpoint, scansText(rules))),
    contract: compileContract(service, rules),
    modes: modesOf({}),
    policies: null,
    credential: { value: DRY_CREDENTIAL, ...placesOf(service, service.auth) },
    signer: null,
    credentialProblem: null,
    credentialVersion: null,
    second: null,
    keyed: keys.keyed,
    text: textOf(rules, scan, keys.secret),
    reveal: new Set(),
    errors: compileErrorShapes(service.errors),
    models: [],
    keysInBody: service.auth.some((placement) => placement.in === 'body'),
  };
}

function textOf(rules: ContractDocument, scan: DryScan, secret: Buffer): LiveText | null {
  const level = rules.text?.scan ?? 'off';
  if (level === 'off' && !tokenises(rules)) return null;
  const scanner = compileTextScanner(scan, level === 'off' ? 'secrets' : level, secret);
  const answers = answersOf(rules, compileSecretScanner(scan.rules, scan.known, scan.marks));
  return { scanner, vendorSecret: secret, answers, limits: textLimits.refuse };
}

function withKey(
  service: Service,
  live: LiveConnection,
  { method, target, headers, body }: DryRequest,
): Incoming {
  const put = (text: string): string => text.replaceAll('{key}', KEY);
  const [path = '/', ...query] = put(target).split('?');
  const incoming: Incoming = {
    method,
    path,
    query: query.join('?'),
    headers: Object.entries(headers).flatMap(([name, value]) => [name, put(value)]),
    body: Buffer.from(put(body)),
  };
  const endpoint = endpointOf(live, incoming);
  if (findKeys(service, endpoint, incoming).length > 0) return incoming;
  const [place] = service.auth;
  if (place?.in === 'header')
    return { ...incoming, headers: [...incoming.headers, place.name, `${place.prefix ?? ''}${KEY}`] };
  if (place?.in === 'basic') {
    const pair = Buffer.from(place.part === 'password' ? `:${KEY}` : `${KEY}:`).toString('base64');
    return { ...incoming, headers: [...incoming.headers, 'authorization', `Basic ${pair}`] };
  }
  if (place?.in === 'query') {
    const pair = `${encodeURIComponent(place.name)}=${KEY}`;
    return { ...incoming, query: incoming.query === '' ? pair : `${incoming.query}&${pair}` };
  }
  return incoming;
}

function endpointOf(live: LiveConnection, { method, path }: Incoming) {
  const match = matchEndpoint(live.endpoints, method, path);
  if (match === null || match === 'method') {
    throw new Refusal('unknown_endpoint', 'accept', `The pack has no endpoint for ${method} ${path}.`);
  }
  return match.endpoint;
}

function viewOf({ query, headers }: Incoming, { body, query: read }: ReturnType<typeof inspect>): DryView {
  const document = body?.document ?? read.data?.document;
  const pairs: [string, string][] = [];
  for (let at = 0; at + 1 < headers.length; at += 2) {
    pairs.push([(headers[at] ?? '').toLowerCase(), headers[at + 1] ?? '']);
  }
  return {
    body: document === undefined ? undefined : toValue(document.text, document.root),
    query: Object.fromEntries(new URLSearchParams(query)),
    headers: Object.fromEntries(pairs),
  };
}
