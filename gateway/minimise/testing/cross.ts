import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Keyed } from '@drawbridge/minimise';
import {
  type Connection,
  type ConnectionMode,
  type ContractDocument,
  formVirtualKey,
  PackSchema,
  type Service,
  scansText,
  writeOutLists,
} from '@drawbridge/protocol';
import { parse } from 'yaml';
import type { FoundKey, Incoming, LiveConnection, Minimised } from '../../crossing.ts';
import {
  type CompiledEndpoint,
  compileEndpoint,
  findKeys,
  inspect,
  matchEndpoint,
} from '../../inspect/index.ts';
import { liftedAt, modesOf } from '../../mode.ts';
import { compileErrorShapes } from '../../refusal/index.ts';
import { compileTextScanner, type LiveText, textLimits } from '../../scan/index.ts';
import { placesOf } from '../../snapshot/open.ts';
import { compileContract, minimise, tokenises } from '../index.ts';

/** The stages from the request line to the minimised request, without sockets, for tests. All data is made up. */

function digest(use: string): (value: string) => string {
  return (value) => createHash('sha256').update(`${use}\n${value}`).digest('base64url').slice(0, 22);
}

export const keyed: Keyed = {
  pseudonym: digest('vendor'),
  subject: digest('ledger'),
  reviewHash: digest('review'),
};

export const virtualKey = formVirtualKey(new Uint8Array(42).fill(7)).key;
export const anotherKey = formVirtualKey(new Uint8Array(42).fill(8)).key;
export const credential = 'made-up-vendor-credential';

/** The first service of a pack in `packs/vendors`. */
export function serviceOf(vendor: string): Service {
  const file = new URL(`../../../packs/vendors/${vendor}.yaml`, import.meta.url);
  const value: unknown = parse(readFileSync(file, 'utf8'));
  writeOutLists(value);
  const [service] = PackSchema.parse(value).services;
  if (service === undefined) throw new Error(`the pack ${vendor} has no service`);
  return service;
}

export function liveOf(
  service: Service,
  contract: ContractDocument,
  reveal: string[] = [],
  mode: ConnectionMode = 'enforce',
  text: LiveText | null = textOf(contract),
): LiveConnection {
  const config: Connection = {
    id: 'conn-test',
    slug: 'test',
    vendor: 'test',
    service: service.id,
    region: 'test',
    upstream: { scheme: 'http', host: 'vendor.example.com', port: 80, private: false },
    state: 'open',
    credential: null,
    contract: { id: 'contract-test', version: 1, rules: contract },
    origins: [],
  };
  return {
    config,
    service,
    endpoints: service.endpoints.map((endpoint) => compileEndpoint(service, endpoint, scansText(contract))),
    contract: compileContract(service, contract),
    modes: modesOf({ mode }),
    policies: null,
    credential: { value: credential, ...placesOf(service, service.auth) },
    credentialProblem: null,
    credentialVersion: null,
    second: null,
    signer: null,
    keyed,
    text,
    reveal: new Set(reveal),
    errors: compileErrorShapes(service.errors),
    models: [],
    keysInBody: service.auth.some((one) => one.in === 'body'),
  };
}

/** As the snapshot's would be, with detectors for a made-up vendor's keys. */
function textOf(contract: ContractDocument): LiveText | null {
  const level = contract.text?.scan ?? 'off';
  if (level === 'off' && !tokenises(contract)) return null;
  const rules = [{ id: 'made_up.key', class: 'secret.api_key' as const, forms: ['mu-key-{base62:32}'] }];
  const secret = Buffer.alloc(32, 9);
  const what = { rules, known: null, phrases: null, custom: [] };
  const scanner = compileTextScanner(what, level === 'off' ? 'secrets' : level, secret);
  return { scanner, vendorSecret: secret, answers: null, limits: textLimits.refuse };
}

export interface Crossed extends Minimised {
  endpoint: CompiledEndpoint;
  found: readonly FoundKey[];
}

export function incomingOf(
  method: string,
  target: string,
  headers: Record<string, string> = {},
  body: string | Uint8Array = '',
): Incoming {
  const [path = '/', ...query] = target.split('?');
  return {
    method,
    path,
    query: query.join('?'),
    headers: Object.entries(headers).flat(),
    body: Buffer.from(body),
  };
}

export function cross(live: LiveConnection, given: Incoming): Crossed {
  // A test's request is sent often, each time changed a little: what was read of it before does not count.
  const { inspection: _, ...rest } = given;
  const incoming: Incoming = rest;
  const match = matchEndpoint(live.endpoints, incoming.method, incoming.path);
  if (match === null || match === 'method')
    throw new Error(`no endpoint for ${incoming.method} ${incoming.path}`);
  const found = findKeys(live.service, match.endpoint, incoming);
  const lifted = liftedAt(live.modes, 0);
  const inspection = inspect(incoming, match.endpoint, lifted);
  const minimised = minimise(incoming, match.endpoint, inspection, live, found, 'app-test', lifted);
  return { ...minimised, endpoint: match.endpoint, found };
}

/** Runs a client against a server that lets each of its requests walk the stages, and answers with `answer`. */
export async function drive(
  live: LiveConnection,
  answer: (crossed: Crossed) => { type: string; body: string },
  client: (origin: string) => Promise<void>,
): Promise<Crossed[]> {
  const seen: Crossed[] = [];
  const errors: unknown[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      try {
        const [path = '', ...query] = (request.url ?? '').replace(/^\/test/, '').split('?');
        const crossed = cross(live, {
          method: request.method ?? '',
          path,
          query: query.join('?'),
          headers: request.rawHeaders,
          body: Buffer.concat(chunks),
        });
        seen.push(crossed);
        const { type, body } = answer(crossed);
        response.writeHead(200, { 'content-type': type }).end(body);
      } catch (error) {
        errors.push(error);
        response.writeHead(500).end();
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    await client(`http://127.0.0.1:${port}`);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  if (errors.length > 0) throw errors[0];
  return seen;
}

/** Everything that would leave, as one text: for searching. Bodies in base64 are decoded beside. */
export function wire(crossed: Minimised): string {
  const body = crossed.body.toString('utf8');
  return [
    crossed.method,
    crossed.path,
    crossed.query,
    ...crossed.headers,
    body,
    decoded(body),
    decoded(crossed.query),
  ].join('\n');
}

function decoded(text: string): string {
  const data = new URLSearchParams(text).get('data');
  if (data === null) return decodeURIComponent(text.replaceAll('%', '%25'));
  return /^\s*[[{]/.test(data) ? data : Buffer.from(data.replaceAll(' ', '+'), 'base64').toString('utf8');
}

/** What a form's `data` holds. */
export function dataOf(body: Uint8Array): unknown {
  return JSON.parse(decoded(Buffer.from(body).toString('utf8')));
}
