import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { memoryPlace } from './audit/testing.ts';
import { type Control, createControl } from './control.ts';
import { addPerson, loopbackReached, type Role } from './identity/index.ts';
import { startSession } from './identity/sessions.ts';
import type { Stage } from './identity/tables.ts';
import { type Ask, headersOf, secretIn } from './identity/testing.ts';
import { shippedClockLaw } from './laws/testing.ts';
import type { Needs } from './platform/index.ts';
import { type TestPlatform, testPlatform } from './platform/testing.ts';
import { shippedTransfers } from './residency/testing.ts';
import { startVault, type Vault } from './vault/index.ts';
import { acmeCatalogue } from './vendors/testing.ts';

/** Every route of the API as it is composed: nothing answers but to who has what it needs. */
const host = 'localhost:4400';
let platform: TestPlatform;
let vault: Vault;
let keysDir: string;
let control: Control;

interface Route {
  method: string;
  path: string;
}
let documented: (Route & { needed: Needs })[];
/** Every handler that the router has, however it came there. */
let answering: Route[];

const nobody = undefined;
let half: string;
let enrolling: string;
/** Signed in, with no role at all. */
let bare: string;
let owner: string;

beforeAll(async () => {
  platform = await testPlatform();
  keysDir = await mkdtemp(join(tmpdir(), 'drawbridge-keys-'));
  const { db, clock, log, deployment } = platform;
  vault = await startVault({ db, clock, log, keysDir, deploymentId: deployment.id });
  control = await createControl({
    platform,
    vault,
    packs: acmeCatalogue().packs,
    readFacts: async () => [],
    detectors: [],
    starters: async () => [],
    transfers: await shippedTransfers(),
    playbooks: [],
    readClockLaw: shippedClockLaw,
    noticeTemplates: [],
    exercises: [],
    readMailLists: async () => ({
      sealers: { from: 'x', domains: [] },
      trackers: { from: 'x', domains: [] },
      shorteners: { from: 'x', domains: [] },
    }),
    messageReplies: [],
    messageResolver: async () => [],
    gatewayUrl: 'http://127.0.0.1:4410',
    operatorToken: 'made-up-operator-token',
    reached: loopbackReached(() => 4400),
    warnings: [],
    issuerNetwork: { resolve: async () => [] },
    mailNetwork: { resolve: async () => [] },
    intakeCertificate: async () => null,
    readReplay: async () => null,
    bench: {
      tryRequest: async () => ({ problem: 'busy', message: 'Made up.' }),
      makeUp: async () => ({ problem: 'busy', message: 'Made up.' }),
    },
    exportNetwork: { secret: async () => null, resolve: async () => [] },
    changeLog: async () => memoryPlace(),
    rootLog: async () => memoryPlace(),
    witnessNetwork: { resolve: async () => [] },
    erasuresFile: join(keysDir, 'made-up.erasures'),
  });
  const document = await (await control.app.request('/api/openapi.json', { headers: { host } })).json();
  const { paths } = document as { paths: Record<string, Record<string, { 'x-needs'?: Needs }>> };
  documented = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { 'x-needs': needed }]) => {
      if (needed === undefined) throw new Error(`${method} ${path} does not say what it needs`);
      return { method: method.toUpperCase(), path, needed };
    }),
  );
  answering = control.app.routes
    .filter(({ method, path }) => method !== 'ALL' && path.startsWith('/api/v1'))
    .map(({ method, path }) => ({ method, path: path.slice('/api/v1'.length) }));

  [owner, bare, enrolling, half] = await Promise.all([
    session('owner', 'signed_in', ['owner']),
    session('bare', 'signed_in', []),
    session('enrolling', 'enrolling', ['owner']),
    session('half', 'second_factor', ['owner']),
  ]);
});
afterAll(async () => {
  await vault.stop();
  await platform.close();
  await rm(keysDir, { recursive: true });
});

/** Whoever they are: how people get there is tried where they sign in. */
async function session(id: string, stage: Stage, roles: Role[]): Promise<string> {
  return platform.db.transaction().execute(async (tx) => {
    const person = {
      id,
      name: id,
      email: `${id}@example.com`,
      roles,
      state: 'active',
      accessEnds: null,
    } as const;
    await addPerson(tx, platform, person);
    const place = { address: '', browser: '' };
    return (
      await startSession(tx, platform, { ...place, person, stage, methods: ['passkey'], reason: 'a test' })
    ).secret;
  });
}

const ask: Ask = async (method, path, body, secret) => {
  const answer = await control.app.request(`/api/v1${path}`, {
    method,
    headers: { host, ...headersOf(secret, body) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  const isJson = /json/.test(answer.headers.get('content-type') ?? '');
  return {
    status: answer.status,
    body: isJson ? JSON.parse(text) : text,
    secret: secretIn(answer.headers.getSetCookie()),
  };
};
/** What the gate says: a route that answers goes on to look at the body, or at what its path names. */
async function said({ method, path }: Route, secret: string | undefined): Promise<string> {
  const url = path.replaceAll(/\{\w+\}|:\w+/g, 'made-up').replace('*', 'made-up');
  const { status, body } = await ask(method, url, method === 'GET' ? undefined : {}, secret);
  const { code = '' } = typeof body === 'object' && body !== null ? (body as { code?: string }) : {};
  return `${status} ${code}`;
}
const among = (routes: readonly Route[], secret: string | undefined) =>
  Promise.all(routes.map(async (route) => `${route.method} ${route.path}: ${await said(route, secret)}`));
const are = (routes: readonly Route[], answer: string) =>
  routes.map(({ method, path }) => `${method} ${path}: ${answer}`);
const needing = (...of: Needs['of'][]) => documented.filter(({ needed }) => of.includes(needed.of));

test('the router has no handler that the document does not name, but streams, files of logs and the document', () => {
  const plain = ({ method, path }: Route) => `${method} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`;
  const named = new Set(documented.map(plain));
  expect(documented.length).toBeGreaterThan(100);
  expect([...new Set(answering.map(plain))].filter((route) => !named.has(route)).toSorted()).toEqual([
    'GET /crossings/live',
    'GET /events',
    'GET /logs/:log/checkpoint',
    'GET /logs/:log/tile/*',
    'GET /logs/gateways/:log/checkpoint',
    'GET /logs/gateways/:log/tile/*',
    'GET /openapi.json',
    'GET /replay',
  ]);
  expect(documented.filter((route) => !answering.map(plain).includes(plain(route)))).toEqual([]);
});

test('without a session only sign-in answers, what says who one is, and what proves itself otherwise', () => {
  expect(
    needing('anyone')
      .map(({ method, path }) => `${method} ${path}`)
      .toSorted(),
  ).toEqual([
    'DELETE /session',
    // By the token in its path.
    'GET /clocks/feed/{file}',
    'GET /session',
    'GET /session/oidc/{id}/callback',
    // By the signature over its body.
    'POST /message-hooks/{token}',
    'POST /session/invitation',
    'POST /session/oidc/{id}',
    'POST /session/passkey',
    'POST /session/passkey/options',
    'POST /session/password',
    'POST /session/recovery',
    'POST /session/totp',
    'POST /workload/exchange',
  ]);
});

describe('every other route, and every handler that no document names', () => {
  const open = new Set(['GET /openapi.json']);
  const rest = () => {
    const anyone = new Set(needing('anyone').map(({ method, path }) => `${method} ${path}`));
    return answering.filter(({ method, path }) => {
      const name = `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`;
      return !anyone.has(name) && !open.has(name);
    });
  };

  test('without a session: 401', async () => {
    expect(await among(rest(), nobody)).toEqual(are(rest(), '401 signed_out'));
    expect(await among(rest(), 'made-up')).toEqual(are(rest(), '401 signed_out'));
  });

  test('with a password only: 403', async () => {
    expect(await among(rest(), half)).toEqual(are(rest(), '403 second_factor_needed'));
  });

  test('while enrolling: 403, but for enrolment', async () => {
    const enrolment = needing('enrolling').map(({ method, path }) => `${method} ${path}`);
    const closed = rest().filter(
      ({ method, path }) => !enrolment.includes(`${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`),
    );
    expect(closed.length).toBeGreaterThan(90);
    expect(await among(closed, enrolling)).toEqual(are(closed, '403 second_factor_needed'));
  });

  test('signed in, without the action: 403', async () => {
    const mine = needing('enrolling', 'self').map(({ method, path }) => `${method} ${path}`);
    const closed = rest().filter(
      ({ method, path }) => !mine.includes(`${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`),
    );
    expect(await among(closed, bare)).toEqual(are(closed, '403 not_permitted'));
  });

  test('sensitive, without a factor used just now: 403', async () => {
    platform.advance(5 * 60_000 + 1);
    const sensitive = documented.filter(({ needed }) => 'stepUp' in needed && needed.stepUp);
    expect(sensitive.length).toBeGreaterThan(20);
    expect(await among(sensitive, owner)).toEqual(are(sensitive, '403 step_up_needed'));
  });

  test('a program of this machine has no person whose factors and sessions it could touch', async () => {
    const mine = needing('enrolling', 'self');
    const answers = await Promise.all(
      mine.map(async ({ method, path }) => {
        const answer = await control.app.request(`/api/v1${path.replace('{id}', 'made-up')}`, {
          method,
          headers: { host, authorization: 'Bearer made-up-operator-token' },
        });
        return [answer.status, ((await answer.json()) as { code: string }).code];
      }),
    );
    expect(answers).toEqual(mine.map(() => [403, 'people_only']));
  });
});

test('a developer may do to apps that carry their address, and to these apps’ keys, what others may not', async () => {
  const developer = await session('dev', 'signed_in', ['developer']);
  const made = new Date(platform.clock.now());
  for (const [id, address] of [
    ['app-mine', ' Dev@Example.com'],
    ['app-theirs', 'owner@example.com'],
    ['app-team', 'Web team'],
  ]) {
    await platform.pool.query(
      'INSERT INTO app (id, name, owner, created_at, created_by) VALUES ($1, $1, $2, $3, $1)',
      [id, address, made],
    );
  }
  const change = (id: string) => ask('PATCH', `/apps/${id}`, {}, developer);
  expect((await change('app-mine')).body).not.toMatchObject({ code: 'not_permitted' });
  for (const id of ['app-theirs', 'app-team', 'made-up', 'app%2Dmine%2F'])
    expect((await change(id)).body).toMatchObject({ code: 'not_permitted' });
});

test('who owns a connection decides about exceptions there, but for what they asked for themself', async () => {
  const developer = await session('granting', 'signed_in', ['developer']);
  for (const [id, owner, askedBy] of [
    ['asked-mine', 'Granting@example.com', 'another'],
    ['asked-own', 'granting@example.com', 'granting'],
    ['asked-theirs', 'owner@example.com', 'another'],
  ]) {
    await platform.pool.query(
      `INSERT INTO connection SELECT $1, $1, $1, 'acme', 'analytics', 'us', 'https', 'api.acme.test', 443, false, 'open', '{}',
        $2, $1, 1, 1, now(), 'x'`,
      [id, owner],
    );
    await platform.pool.query(
      `INSERT INTO access_request (id, crossing, app, connection, policies, asked_by, asked_by_name, asked_at, reason, state)
       SELECT $1, gen_random_uuid(), 'x', $1, '{gone}', $2, 'x', now(), 'x', 'open'`,
      [id, askedBy],
    );
  }
  const until = new Date(platform.clock.now() + 60_000).toISOString();
  const grant = async (id: string) =>
    ((await ask('POST', `/access-requests/${id}/grant`, { until }, developer)).body as { code: string }).code;
  expect([await grant('asked-mine'), await grant('asked-own'), await grant('asked-theirs')]).toEqual([
    // The made-up policy is not in force: past all that asks who decides.
    ...['policy_not_in_force', 'own_request', 'not_permitted'],
  ]);
});

test('who may sever a connection may not say where it leads: that is a right of its own', async () => {
  await platform.pool.query(
    `INSERT INTO connection SELECT 'moved', 'Moved', 'moved', 'acme', 'analytics', 'us', 'https', 'api.acme.test', 443, false,
      'open', '{}', '', 'contract-moved', 1, 1, now(), 'x'`,
  );
  await platform.pool.query(`INSERT INTO contract_version VALUES ('moved', 1, '{}', 'x', 'x', now())`);
  const responder = await session('responder', 'signed_in', ['responder']);
  const change = (body: object) => ask('PATCH', '/connections/moved', body, responder);
  const upstream = { scheme: 'https', host: 'collect.attacker.example', port: 443, private: false };
  const refused = await change({ upstream, reason: 'a test' });
  expect(refused).toMatchObject({ status: 403, body: { code: 'not_permitted' } });
  expect(JSON.stringify(refused.body)).toContain('connection.change_host');
  expect(await change({ name: 'Moved', reason: 'a test' })).toMatchObject({ status: 200 });
  // Severing by a change of the connection is severing: the same right, and the same factor.
  const made = await ask('POST', '/tokens', { name: 'Made up', actions: ['connection.change'] }, responder);
  const severs = await control.app.request('/api/v1/connections/moved', {
    method: 'PATCH',
    headers: {
      host,
      authorization: `Bearer ${(made.body as { token: string }).token}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ state: 'severed', reason: 'a test' }),
  });
  expect(severs.status).toBe(403);
  expect(JSON.stringify(await severs.json())).toContain('severance.run');
  expect(await change({ state: 'severed', reason: 'a test' })).toMatchObject({ status: 200 });
  platform.advance(5 * 60_000 + 1);
  expect(await change({ state: 'open', reason: 'a test' })).toMatchObject({
    body: { code: 'step_up_needed' },
  });
});

test('tokens of who is offboarded, or had their factors taken, end for good: also where their person is let in again', async () => {
  const who = ['leaver', 'lost', 'back', 'bystander'] as const;
  const tokens = await Promise.all(
    who.map(async (id) => {
      const secret = await session(id, 'signed_in', ['security']);
      const made = await ask('POST', '/tokens', { name: 'Made up', actions: ['overview.read'] }, secret);
      return (made.body as { token: string }).token;
    }),
  );
  const uses = (path: string) =>
    Promise.all(
      tokens.map(async (token) => {
        const headers = { host, authorization: `Bearer ${token}` };
        return (await control.app.request(`/api/v1${path}`, { headers })).status;
      }),
    );
  expect([await uses('/keys'), await uses('/overview')]).toEqual([
    [403, 403, 403, 403],
    [200, 200, 200, 200],
  ]);
  const fresh = await session('another-owner', 'signed_in', ['owner']);
  const [offboarded, reset, recovered] = await Promise.all([
    ask('POST', '/people/leaver/offboard', {}, fresh),
    ask('POST', '/people/lost/reset-factors', {}, fresh),
    control.app.request('/api/v1/sign-in-links', {
      method: 'POST',
      headers: { ...headersOf(nobody, {}), host, authorization: 'Bearer made-up-operator-token' },
      body: JSON.stringify({ email: 'back@example.com' }),
    }),
  ]);
  expect([offboarded.status, reset.status, recovered.status]).toEqual([204, 201, 201]);
  await platform.pool.query("UPDATE person SET state = 'active' WHERE id = 'leaver'");
  expect(await uses('/overview')).toEqual([401, 401, 401, 200]);
});
