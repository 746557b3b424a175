import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { answerAccounts, makeFakeAccounts } from './fake-accounts.ts';
import { answerAppRoutes, type FakeAppRoutes, makeFakeAppRoutes } from './fake-app-routes.ts';
import { type FakeAudit, makeFakeAudit } from './fake-audit.ts';
import { answerCoverage, makeFakeCoverage } from './fake-coverage.ts';
import { answerDetectors, makeFakeDetectors } from './fake-detectors.ts';
import { answerDiscovery, makeFakeDiscovery } from './fake-discovery.ts';
import { answerEgress, makeFakeEgress } from './fake-egress.ts';
import { answerExercises, makeFakeExercises } from './fake-exercises.ts';
import { answerHoldings, makeFakeHoldings } from './fake-holdings.ts';
import { answerIncidents, type FakeIncidents, makeFakeIncidents } from './fake-incidents.ts';
import { type FakeJournal, makeFakeJournal } from './fake-journal.ts';
import { answerNoticeIncident, answerNotices, type FakeNotices, makeFakeNotices } from './fake-notices.ts';
import { answerObligations, makeFakeObligations } from './fake-obligations.ts';
import { type FakePeople, makeFakePeople } from './fake-people.ts';
import { fakeSecrets } from './fake-persons.ts';
import { type FakePolicies, makeFakePolicies } from './fake-policies.ts';
import { answerRegister, makeFakeRegister } from './fake-register.ts';
import { answerResidency, type FakeResidency, makeFakeResidency } from './fake-residency.ts';
import { answerRoom, type FakeRoom, makeFakeRoom } from './fake-room.ts';
import { type Answer, answer } from './fake-routes.ts';
import { answerSever, type FakeSever, makeFakeSever } from './fake-sever.ts';
import { answerTrust, type FakeTrust, makeFakeTrust } from './fake-trust.ts';
import { answerVerify } from './fake-verify.ts';
import { type FakeVerify, makeFakeVerify } from './fake-verify-data.ts';
import { makeWorld, type World } from './fake-world.ts';

/**
 * Serves the built console and a made-up, in-memory control plane, for tests of the console and for looking at it.
 * Under the content policy that the real one sends.
 */
export interface FakeApi {
  origin: string;
  /** Links that work as often as they are opened: of the first administrator, and of somebody who is invited. */
  links: { first: string; invitation: string };
  people: FakePeople;
  world: World;
  audit: FakeAudit;
  journal: FakeJournal;
  policies: FakePolicies;
  trust: FakeTrust;
  /** The answers of these paths (without /api/v1) are replaced, or delayed by so many milliseconds. */
  trouble: Map<string, { status?: number; delay?: number; body?: unknown; headers?: Record<string, string> }>;
  /** What a live page is told: crossings in each quarter of a second, or nothing at all. */
  following: { perBatch: number; silent: boolean };
  /** Writes received: method, path, headers, body. */
  writes: { method: string; path: string; headers: IncomingMessage['headers']; body: unknown }[];
  /** Tells every open page that a topic changed. */
  tell(topic: string): void;
  /** Ends the open event streams, and refuses new ones until `live` is called. */
  mute(): void;
  live(): void;
  /** Where its vendors are; tests put others in their place. */
  incidents: FakeIncidents;
  room: FakeRoom;
  appRoutes: FakeAppRoutes;
  sever: FakeSever;
  notices: FakeNotices;
  residency: FakeResidency;
  verify: FakeVerify;
  close(): Promise<void>;
}

function cookieOf(header: string | undefined): string | undefined {
  return /(?:^|;\s*)drawbridge_session=([^;]+)/.exec(header ?? '')?.[1];
}

/** As strict as the real one. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
};

/** What was sent: JSON as what it says, a file as its text. */
async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  if (request.headers['content-type'] === 'application/octet-stream') return Buffer.concat(chunks);
  const text = Buffer.concat(chunks).toString('utf8');
  if (text !== '' && request.headers['content-type'] !== 'application/json') return text;
  return text === '' ? undefined : JSON.parse(text);
}

async function serveFile(dist: string, path: string, response: ServerResponse): Promise<void> {
  // A page's address may end in the name of a host.
  const wanted = types[extname(path)] === undefined ? 'index.html' : normalize(path).replace(/^\/+/, '');
  const headers = { 'content-security-policy': policy, 'x-content-type-options': 'nosniff' };
  try {
    const file = await readFile(join(dist, wanted));
    response
      .writeHead(200, { ...headers, 'content-type': types[extname(wanted)] ?? 'application/octet-stream' })
      .end(file);
  } catch {
    // Whatever is wrong with the path, there is nothing to serve.
    response.writeHead(404, headers).end();
  }
}

function send(response: ServerResponse, { status, body, raw, headers }: Answer): void {
  if (raw !== undefined) {
    response.writeHead(status, { 'content-type': 'application/octet-stream', ...headers }).end(raw);
    return;
  }
  const type = status >= 400 ? 'application/problem+json' : 'application/json';
  response.writeHead(status, { 'content-type': type, ...headers });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

export async function startFakeApi(options: {
  dist: string;
  seed?: number;
  now?: number;
  crossings?: number;
  empty?: boolean;
  port?: number;
}): Promise<FakeApi> {
  const world = makeWorld({
    seed: options.seed ?? 1,
    now: options.now ?? Date.now(),
    crossings: options.crossings ?? 10_000,
    empty: options.empty ?? false,
  });
  const accounts = makeFakeAccounts(options.empty ?? false);
  const residency = makeFakeResidency(options.empty ?? false);
  const incidents = makeFakeIncidents(options.empty ?? false);
  const room = makeFakeRoom(options.empty ?? false);
  const notices = makeFakeNotices(options.empty ?? false);
  const exercises = makeFakeExercises(options.empty ?? false);
  const appRoutes = makeFakeAppRoutes(options.empty ?? false);
  const sever = makeFakeSever();
  const detectors = makeFakeDetectors(options.empty ?? false);
  const coverage = makeFakeCoverage(options.empty ?? false);
  const holdings = makeFakeHoldings(options.empty ?? false);
  const egress = makeFakeEgress(options.empty ?? false);
  const obligations = makeFakeObligations(options.empty ?? false);
  const register = makeFakeRegister(options.empty ?? false);
  const discovery = makeFakeDiscovery(options.empty ?? false);
  const journal = makeFakeJournal(world);
  const audit = await makeFakeAudit({
    now: options.now ?? Date.now(),
    changes: options.empty === true ? 0 : 300,
    gateways: async () => (options.empty === true ? [] : [await journal.listed()]),
  });
  const people = makeFakePeople(options.now ?? Date.now(), options.empty ?? false);
  const policies = makeFakePolicies(world, options.empty ?? false);
  const trust = makeFakeTrust(options.empty ?? false);
  const verify = makeFakeVerify(options.empty ?? false);
  const trouble: FakeApi['trouble'] = new Map();
  const writes: FakeApi['writes'] = [];
  const streams = new Set<ServerResponse>();
  let muted = false;
  const following: FakeApi['following'] = { perBatch: 258, silent: false };

  function openStream(response: ServerResponse): void {
    if (muted) {
      response.writeHead(503).end();
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write('retry: 300\n\n');
    streams.add(response);
    response.on('close', () => streams.delete(response));
  }

  /** As many as `following.perBatch` says come four times a second, of which fifty are sent. */
  function streamCrossings(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    let made = 0;
    const timer = setInterval(() => {
      if (following.silent) return;
      const rows = Array.from({ length: Math.min(50, following.perBatch) }, () => {
        made += 1;
        const like = world.crossings[made % world.crossings.length];
        const id = `0199ffff-0000-7000-8000-${String(made).padStart(12, '0')}`;
        return { ...like, id, at: new Date().toISOString() };
      }).reverse();
      const data = JSON.stringify({ at: new Date().toISOString(), seen: following.perBatch, rows });
      response.write(`event: batch\ndata: ${data}\n\n`);
    }, 250);
    streams.add(response);
    response.on('close', () => {
      clearInterval(timer);
      streams.delete(response);
    });
  }

  function tell(topic: string): void {
    const data = JSON.stringify({ topic, at: new Date().toISOString() });
    for (const stream of streams) stream.write(`event: change\ndata: ${data}\n\n`);
  }

  async function serveApi(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const path = url.pathname.slice('/api/v1'.length);
    const method = request.method ?? 'GET';
    const body = await bodyOf(request);
    if (method !== 'GET') writes.push({ method, path, headers: request.headers, body });
    const planned = trouble.get(path);
    if (planned?.delay !== undefined) await new Promise((resolve) => setTimeout(resolve, planned.delay));
    if (planned?.status !== undefined) {
      const { status, body: instead, headers: more } = planned;
      send(response, { status, body: instead, ...(more ? { headers: more } : {}) });
      return;
    }
    const { headers } = request;
    const asked = { method, path, query: url.searchParams, body, headers, tell };
    const known = people.answer(asked, cookieOf(headers.cookie));
    if (known !== null) {
      send(response, known);
      return;
    }
    if (path === '/crossings/live') {
      streamCrossings(response);
      return;
    }
    if (path === '/events') {
      openStream(response);
      return;
    }
    send(
      response,
      (await audit.answer(asked)) ??
        (await journal.answer(asked)) ??
        answerAccounts(accounts, asked) ??
        answerVerify(verify, asked) ??
        answerNotices(notices, asked) ??
        answerIncidents(incidents, asked) ??
        answerObligations(obligations, asked) ??
        answerNoticeIncident(notices, asked) ??
        answerRoom(room, asked) ??
        answerExercises(exercises, asked) ??
        answerAppRoutes(appRoutes, asked) ??
        answerSever(sever, asked, (id) => room.incidents.find((one) => one.id === id) ?? null) ??
        answerResidency(residency, asked) ??
        answerDetectors(detectors, asked) ??
        answerCoverage(coverage, asked) ??
        answerHoldings(holdings, asked) ??
        answerEgress(egress, asked) ??
        answerRegister(register, asked) ??
        answerDiscovery(discovery, asked) ??
        answerTrust(trust, world, asked) ??
        policies.answer(asked) ??
        answer(world, asked),
    );
  }

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://fake.test');
    const served = url.pathname.startsWith('/api/v1')
      ? serveApi(request, response, url)
      : serveFile(options.dist, url.pathname, response);
    served.catch((error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  // Passkeys need a name.
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`;

  return {
    origin,
    links: {
      first: `${origin}/sign-in#token=${fakeSecrets.firstLink}`,
      invitation: `${origin}/sign-in#token=${fakeSecrets.invitation}`,
    },
    people,
    world,
    incidents,
    room,
    appRoutes,
    sever,
    notices,
    residency,
    verify,
    audit,
    journal,
    policies,
    trust,
    trouble,
    following,
    writes,
    tell,
    mute: () => {
      muted = true;
      for (const stream of streams) stream.destroy();
    },
    live: () => {
      muted = false;
    },
    close: () =>
      new Promise((resolve) => {
        for (const stream of streams) stream.destroy();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
