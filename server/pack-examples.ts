import { isDeepStrictEqual } from 'node:util';
import { DRY_PSEUDONYM, type DryRun, dryRun } from '@drawbridge/gateway';
import type { Pack, PackExample, Service } from '@drawbridge/protocol';

/** One request that was tried: a service's sample, or an example of the pack. */
export interface Tried {
  name: string;
  service: string;
  contract: 'recommended' | 'as_is';
  request: string;
  run: DryRun;
  /** What is not as the pack says; empty: all is well. */
  differs: string[];
}

/** Tries the sample of every service under both contracts, and every example. Throws FieldMapError. */
export function tryPack(pack: Pack): Tried[] {
  const samples = pack.services.flatMap((service) =>
    (['recommended', 'as_is'] as const).map((contract) => trySample(service, contract)),
  );
  return [...samples, ...(pack.examples ?? []).map((example) => tryExample(pack, example))];
}

function trySample(service: Service, contract: Tried['contract']): Tried {
  const endpoint = service.endpoints.find(({ id }) => id === service.sample.endpoint);
  const method = endpoint?.methods.find((one) => one !== 'GET') ?? 'POST';
  const target = (endpoint?.path ?? '/').replace(/\{[a-z0-9_]+\}/g, 'example');
  const headers = { 'content-type': 'application/json' };
  const run = dryRun(service, service.contracts[contract], {
    method,
    target,
    headers,
    body: packed(endpoint?.body, service.sample.body),
  });
  const differs = run.refusal === null ? [] : [refused(run.refusal)];
  return { name: 'sample', service: service.id, contract, request: `${method} ${target}`, run, differs };
}

/** Samples show a body as field paths see it; formats of several documents are put together again. */
function packed(format: string | undefined, body: string): string {
  if (format !== 'envelope' && format !== 'ndjson') return body;
  const line = (value: unknown): string => JSON.stringify(value);
  const value: unknown = JSON.parse(body);
  if (Array.isArray(value)) return value.map(line).join('\n');
  const { header, items } = Object(value) as { header?: unknown; items?: { header?: unknown }[] };
  const rows = (items ?? []).flatMap(({ header: own, ...payload }) => [own, ...Object.values(payload)]);
  return [header, ...rows].map(line).join('\n');
}

function tryExample(pack: Pack, example: PackExample): Tried {
  const service = pack.services.find(({ id }) => id === example.service) ?? pack.services[0];
  if (service === undefined) throw new TypeError(`the pack ${pack.vendor} has no service`);
  const { contract, name, request } = example;
  const space = request.indexOf(' ');
  const run = dryRun(service, service.contracts[contract], {
    method: request.slice(0, space),
    target: request.slice(space + 1),
    headers: example.headers ?? {},
    body: example.body ?? '',
  });
  return { name, service: service.id, contract, request, run, differs: differencesOf(run, example) };
}

function differencesOf(run: DryRun, { expect, refused: code }: PackExample): string[] {
  if (run.refusal !== null) return run.refusal.code === code ? [] : [refused(run.refusal)];
  if (code !== undefined) return [`it crosses, and should be refused (${code})`];
  return Object.entries(expect ?? {}).flatMap(([place, wanted]) => {
    const [given, sent] = [valueAt(run.given, place), valueAt(run.sent, place)];
    const told = `crosses as ${JSON.stringify(sent) ?? 'nothing'}`;
    if (typeof wanted === 'object') {
      return String(sent) === wanted.is
        ? []
        : [`${place} ${told}, and should be ${JSON.stringify(wanted.is)}`];
    }
    if (given === undefined) return [`${place} is not in the request`];
    const isSo =
      wanted === 'gone'
        ? sent === undefined
        : wanted === 'same'
          ? isDeepStrictEqual(given, sent)
          : typeof sent === 'string' && sent.includes(DRY_PSEUDONYM);
    return isSo ? [] : [`${place} ${told}, and should ${SHOULD[wanted]}`];
  });
}

const SHOULD = { gone: 'not cross', same: 'cross as it is', pseudonym: 'be a pseudonym' };

const refused = ({ code, message }: { code: string; message: string }): string =>
  `it is refused (${code}): ${message}`;

/** `body.user.email`, `body[0].event`, `query.ip`, `header.user-agent`. */
function valueAt(view: Extract<DryRun, { refusal: null }>['given'], place: string): unknown {
  const [, root = '', rest = ''] = /^(body|query|header)\b(.*)$/.exec(place) ?? [];
  const name = rest.slice(1);
  if (root === 'query') return view.query[name];
  if (root === 'header') return view.headers[name.toLowerCase()];
  let value: unknown = root === 'body' ? view.body : undefined;
  for (const [, member, index] of rest.matchAll(/\.([^.[]+(?:\[\])?)|\[(\d{1,6})\]/g)) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Object.getOwnPropertyDescriptor(value, member ?? index ?? '')?.value;
  }
  return value;
}
