import type { IncomingHttpHeaders } from 'node:http';
import type { ContractDocument } from '@drawbridge/protocol/contract';
import type { App, Connection, CrossingDetail } from '../api/types.ts';
import { vendorGot } from '../design/classes.ts';
import { readChain, writeChain } from './fake-chain.ts';
import { fakeRollback } from './fake-configuration.ts';
import { newKey, placesOfUse, writeKey } from './fake-keys.ts';
import { previewOf, readKeys, writeKeys } from './fake-keys-everywhere.ts';
import { readLeaks, writeLeaks } from './fake-leaks.ts';
import { beginBreakGlass, endBreakGlass, fakeDifference } from './fake-modes.ts';
import { fakePackRows, fakeServices } from './fake-packs.ts';
import { fakePrivacy } from './fake-privacy.ts';
import { fakeReplay } from './fake-replay.ts';
import { covered } from './fake-review.ts';
import { fakeRotationAnswer } from './fake-rotation.ts';
import { fakeShapes } from './fake-shapes.ts';
import { fakeOverview, vendorRow, vendorRows } from './fake-vendors.ts';
import { fakeWorkbench } from './fake-workbench.ts';
import { contractsOf, makeCrossing, organisationsOf, type World } from './fake-world.ts';

export interface Answer {
  status: number;
  /** Sent as JSON. */
  body?: unknown;
  /** Sent as it is. */
  raw?: Buffer | string;
  headers?: Record<string, string>;
}

export interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  body: unknown;
  headers: IncomingHttpHeaders;
  tell: (topic: string) => void;
}

const ok = (body: unknown): Answer => ({ status: 200, body });
const missing = (what: string): Answer => ({
  status: 404,
  body: { title: 'Not found', status: 404, code: 'not_found', detail: `There is no such ${what}.` },
});

function invalid(field: string, message: string): Answer {
  return {
    status: 400,
    body: {
      title: 'The request is not right',
      status: 400,
      code: 'invalid_request',
      detail: `${field}: ${message}`,
      errors: [{ field, message }],
    },
  };
}

function page<Item>(items: readonly Item[], query: URLSearchParams): Answer {
  const start = Number(query.get('cursor') ?? 0);
  const limit = Math.min(200, Number(query.get('limit') ?? 50));
  const end = start + limit;
  return ok({ items: items.slice(start, end), next: end < items.length ? String(end) : null });
}

const plain = ({ timings: _t, items: _i, ...row }: CrossingDetail) => row;

function crossings(world: World, query: URLSearchParams): Answer {
  const wanted = (name: string): string | null => query.get(name);
  const rows = world.crossings.filter(
    (row) =>
      (wanted('vendor') ?? row.vendor) === row.vendor &&
      (wanted('connection') ?? row.connection.id) === row.connection.id &&
      (wanted('app') ?? row.app.id) === row.app.id &&
      (wanted('decision') ?? row.decision) === row.decision &&
      (wanted('class') === null && wanted('treatment') === null
        ? true
        : row.fields.some(
            ([name, treatment]) =>
              (wanted('class') ?? name) === name && (wanted('treatment') ?? treatment) === treatment,
          )) &&
      (wanted('subject') === null || row.items.some((item) => item.subject === wanted('subject'))) &&
      (wanted('from') === null || row.at >= (wanted('from') ?? '')) &&
      (wanted('to') === null || row.at < (wanted('to') ?? '')),
  );
  const answered = page(rows, query);
  const { items, next } = answered.body as { items: CrossingDetail[]; next: string | null };
  return ok({ items: items.map(plain), next });
}

function newConnection(world: World, body: Record<string, unknown>, tell: Asked['tell']): Answer {
  const { name, vendor, service, region, credential } = body as Record<string, string>;
  if (credential !== undefined && credential.length < 8)
    return invalid('credential', 'too short to be a key of this vendor');
  const id = `${vendor}_${world.connections.length + 1}`;
  const host =
    fakeServices[`${vendor}/${service}`]?.regions.find((candidate) => candidate.id === region)?.host ?? '';
  const at = new Date().toISOString();
  const connection: Connection = {
    id,
    name: name ?? id,
    slug: id.replaceAll('_', '-'),
    vendor: vendor ?? '',
    service: service ?? '',
    region: region ?? '',
    upstream: { scheme: 'https', host, port: 443, private: false },
    state: 'open',
    severances: [],
    mode: 'enforce',
    origins: (body.origins as string[] | undefined) ?? [],
    owner: 'Local administrator',
    credential: credential
      ? { id: `cred_${id}`, version: 1, covers: true, enteredAt: at, enteredBy: 'Local administrator' }
      : null,
    contract: {
      id: `con_${id}`,
      version: 1,
      author: 'Local administrator',
      reason: String(body.reason),
      createdAt: at,
    },
    createdAt: at,
    gatewayUrl: `http://127.0.0.1:4410/${id.replaceAll('_', '-')}`,
    etag: `"${id}-1"`,
  };
  world.connections.push(connection);
  const contracts = contractsOf(connection, Date.now());
  const rules = body.contract as ContractDocument | string;
  world.contracts.set(
    id,
    typeof rules === 'string' ? contracts : contracts.map((one) => ({ ...one, rules })),
  );
  tell('connections');
  return { status: 201, body: connection };
}

/** A first request to a connection, as if an app had just sent it. */
export function sendFirstCrossing(world: World, connectionId: string): void {
  const connection = world.connections.find((candidate) => candidate.id === connectionId);
  const app = world.apps.at(-1);
  if (connection === undefined || app === undefined)
    throw new Error(`no connection ${connectionId} or no app`);
  const made = makeCrossing(() => 0.5, world.crossings.length + 1, Date.now(), connection, app);
  world.crossings.unshift(made);
}

function connectionRoutes(world: World, asked: Asked, id: string, rest: string): Answer {
  const connection = world.connections.find((candidate) => candidate.id === id);
  if (connection === undefined) return missing('connection');
  const body = (asked.body ?? {}) as Record<string, unknown>;
  const route = `${asked.method} ${rest}`;
  if (route === 'GET ') return ok(connection);
  if (route === 'PATCH ') {
    if (asked.headers['if-match'] !== connection.etag) {
      return {
        status: 412,
        body: { title: 'It was changed meanwhile', status: 412, code: 'changed', detail: 'Read it again.' },
      };
    }
    const { reason: _reason, ...patch } = body;
    Object.assign(connection, patch, { etag: `"${id}-${Date.now()}"` });
    asked.tell('connections');
    return ok(connection);
  }
  if (route === 'PUT credential') {
    connection.credential = {
      id: `cred_${id}`,
      version: (connection.credential?.version ?? 0) + 1,
      covers: true,
      enteredAt: new Date().toISOString(),
      enteredBy: 'Local administrator',
    };
    return ok(connection);
  }
  const versions = world.contracts.get(id) ?? [];
  const tried = fakeWorkbench(world, asked, id, rest, versions[0]?.rules);
  if (tried !== null) return tried;
  if (route === 'GET contract') return ok({ current: versions[0], versions });
  if (route === 'PUT contract' || route === 'POST contract/allow') {
    const current = versions[0];
    if (current === undefined) return missing('contract');
    const next = {
      ...current,
      version: current.version + 1,
      rules: (body.rules as ContractDocument | undefined) ?? current.rules,
      reason: String(body.reason),
      createdAt: new Date().toISOString(),
    };
    world.contracts.set(id, [next, ...versions]);
    connection.contract = { ...connection.contract, version: next.version };
    asked.tell('connections');
    return ok(next);
  }
  if (route === 'GET difference') return ok(fakeDifference(world, connection, asked.query.get('to') ?? ''));
  if (route === 'GET shapes') return ok(fakeShapes(world, connection));
  if (route === 'POST break-glass') return beginBreakGlass(world, connection, body, asked.tell);
  if (route === 'GET first-crossing')
    return ok(world.crossings.find((row) => row.connection.id === id) ?? null);
  return missing('address');
}

function write(world: World, asked: Asked): Answer {
  const body = (asked.body ?? {}) as Record<string, unknown>;
  if (asked.headers['x-drawbridge-csrf'] !== '1') {
    return {
      status: 403,
      body: { title: 'Not allowed', status: 403, code: 'csrf', detail: 'The header is missing.' },
    };
  }
  const previewed = previewOf(world, asked, body);
  if (previewed !== null) return previewed;
  if (asked.path === '/review/coverage') return ok({ items: covered(world, body) });
  const reason = body.reason ?? asked.headers['x-drawbridge-reason'];
  if (typeof reason !== 'string' || reason.length < 3)
    return invalid('reason', 'say why, in at least 3 characters');
  const { method, path } = asked;
  if (method === 'POST' && path === '/connections') return newConnection(world, body, asked.tell);
  if (method === 'POST' && path === '/apps') {
    const app: App = {
      id: `app_${world.apps.length + 1}`,
      name: String(body.name),
      owner: String(body.owner),
      createdAt: new Date().toISOString(),
    };
    world.apps.push(app);
    asked.tell('keys');
    return { status: 201, body: app };
  }
  const changed = world.apps.find((candidate) => path === `/apps/${candidate.id}`);
  if (method === 'PATCH' && changed !== undefined) {
    Object.assign(changed, { name: String(body.name), owner: String(body.owner) });
    asked.tell('keys');
    return ok(changed);
  }
  const keyFor = /^\/apps\/([^/]+)\/keys$/.exec(path)?.[1];
  if (method === 'POST' && keyFor !== undefined)
    return newKey(world, keyFor, body, asked.tell) ?? missing('app');
  const written =
    writeKey(world, asked, body) ??
    writeKeys(world, asked, body) ??
    writeLeaks(world, asked, body) ??
    writeChain(world.chainWorld, asked);
  if (written !== null) return written;
  const backTo = /^\/snapshots\/(\d+)\/rollback$/.exec(path)?.[1];
  if (method === 'POST' && backTo !== undefined) {
    asked.tell('connections');
    return ok(fakeRollback(Number(backTo), body.reopen === true));
  }
  if (method === 'POST' && path === '/review/decisions') {
    const ids = body.ids as string[];
    world.review = world.review.filter((row) => !ids.includes(row.id));
    asked.tell('review');
    return ok({ decided: ids.length, connections: 1 });
  }
  const glass = /^\/break-glass\/([^/]+)\/end$/.exec(path)?.[1];
  if (method === 'POST' && glass !== undefined)
    return endBreakGlass(world, glass, String(reason), asked.tell);
  const decided = /^\/review\/([^/]+)\/decision$/.exec(path)?.[1];
  if (method === 'POST' && decided !== undefined) {
    world.review = world.review.filter((row) => row.id !== decodeURIComponent(decided));
    asked.tell('review');
    return { status: 204 };
  }
  return missing('address');
}

/** What the made-up control plane answers. */
export function answer(world: World, asked: Asked): Answer {
  const { method, path, query } = asked;
  const ofRotation = fakeRotationAnswer(world, asked);
  if (ofRotation !== null) return ofRotation;
  const connection = /^\/connections\/([^/]+)\/?(.*)$/.exec(path);
  if (connection?.[1] !== undefined) {
    return connectionRoutes(world, asked, decodeURIComponent(connection[1]), connection[2] ?? '');
  }
  if (method !== 'GET') return write(world, asked);
  const ofKeys = readKeys(world, asked) ?? readLeaks(world, asked) ?? readChain(world.chainWorld, asked);
  if (ofKeys !== null) return ofKeys;
  const vendor = /^\/vendors\/([^/]+)$/.exec(path)?.[1];
  const exposed = /^\/vendors\/([^/]+)\/exposures$/.exec(path)?.[1];
  const service = /^\/packs\/(.+)$/.exec(path)?.[1];
  const carried = /^\/apps\/([^/]+)\/privacy$/.exec(path)?.[1];
  if (carried !== undefined)
    return ok(fakePrivacy(world, decodeURIComponent(carried), Number(query.get('days') ?? 30)));
  const used = /^\/apps\/([^/]+)\/use$/.exec(path)?.[1];
  if (used !== undefined) return ok({ items: placesOfUse(world, used) });
  const version = /^\/snapshots\/(\d+)(\/rollback)?$/.exec(path);
  const crossing = /^\/crossings\/([^/]+)$/.exec(path)?.[1];
  switch (path) {
    case '/overview':
      return ok(fakeOverview(world));
    case '/packs':
      return page(fakePackRows, query);
    case '/break-glass':
      return ok({
        items: world.breakGlass.filter(
          (one) => (query.get('connection') ?? one.connection.id) === one.connection.id,
        ),
      });
    case '/connections':
      return page(world.connections, query);
    case '/apps':
      return page(world.apps, query);
    case '/sightings':
      return page([], query);
    case '/keys':
      return page(world.keys, query);
    case '/vendors':
      return page(vendorRows(world), query);
    case '/crossings':
      return crossings(world, query);
    case '/review':
      return page(
        world.review.filter(
          (row) =>
            (query.get('connection') ?? row.connection.id) === row.connection.id &&
            (query.get('vendor') ?? row.vendor) === row.vendor &&
            row.apps.some((app) => (query.get('app') ?? app.id) === app.id),
        ),
        query,
      );
    case '/gateways':
      return ok({ items: world.gateways });
    case '/snapshots':
      return page(world.versions, query);
    case '/replay':
      return world.connections.length === 0 ? missing('replay') : ok(fakeReplay);
  }
  if (version?.[2] !== undefined) {
    return ok(fakeRollback(Number(version[1]), query.get('reopen') === 'true'));
  }
  if (version !== null) {
    const found = world.versions.find((row) => row.version === Number(version[1]));
    return found ? ok(found) : missing('configuration version');
  }
  if (service !== undefined) return fakeServices[service] ? ok(fakeServices[service]) : missing('service');
  if (crossing !== undefined) {
    const found = world.crossings.find((row) => row.id === crossing);
    return found ? ok(found) : missing('crossing');
  }
  if (exposed !== undefined) {
    const rows = (world.exposures.get(exposed) ?? []).filter(
      (row) =>
        (query.get('class') ?? row.class) === row.class &&
        (query.get('treatment') ?? row.treatment) === row.treatment &&
        (query.get('held') !== 'true' || vendorGot(row.treatment)) &&
        (query.get('about') ?? row.about) === row.about,
    );
    return page(rows, query);
  }
  if (vendor !== undefined && world.connections.some((candidate) => candidate.vendor === vendor)) {
    return ok({
      ...vendorRow(world, vendor),
      homepage: `https://${vendor}.example`,
      organisations: organisationsOf(vendor),
      holdings: world.holdings.get(vendor) ?? [],
      connections: world.connections.filter((candidate) => candidate.vendor === vendor),
      days: world.days,
      heat: world.heat.get(vendor) ?? [],
    });
  }
  return missing('address');
}
