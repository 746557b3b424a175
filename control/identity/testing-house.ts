import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Approvals, approvalRoutes, createApprovals } from '../approvals/index.ts';
import {
  createRouter,
  handleErrors,
  launcher,
  type Needs,
  needs,
  type Router,
  readNeeds,
} from '../platform/index.ts';
import { type TestPlatform, testPlatform } from '../platform/testing.ts';
import { createSecrets, startVault } from '../vault/index.ts';
import {
  createIdentity,
  firstLink,
  gate,
  type Identity,
  loopbackReached,
  operatorCheck,
  personMay,
  type Reached,
  type Resolver,
  sameOrigin,
  sessionRoutes,
  stillMay,
  type Throttle,
} from './index.ts';
import type { Hashing } from './passwords.ts';
import { type Ask, type Enrolled, enrol, headersOf, secretIn } from './testing.ts';

/** Signing in as it is composed, with a real database and vault, and a clock that stands still. */
export interface IdentityHouse {
  platform: TestPlatform;
  identity: Identity;
  ask: Ask;
  /** With headers of its own, and the answer as it is. */
  request(path: string, init?: RequestInit & { headers?: Record<string, string> }): Promise<Response>;
  /** The first administrator, an owner. */
  first(): Promise<Enrolled>;
  /** Invites someone and enrols them. */
  person(email: string, roles: readonly string[], by: Enrolled): Promise<Enrolled & { id: string }>;
  /** Who the next address is that requests come from. */
  from(address: string): void;
  close(): Promise<void>;
}

/** Hashes that cost nothing, and are counted. */
export function countedHashing(): Hashing & { verified: number } {
  return {
    verified: 0,
    hash: async (password) => `made-up ${password}`,
    async verify(hash, password) {
      this.verified += 1;
      return hash === `made-up ${password}`;
    },
  };
}

const undocumented: Readonly<Record<string, Needs>> = {
  'GET /still': needs.anyone,
  'GET /open': needs('overview.read'),
  'POST /open': needs('overview.read'),
  'GET /sensitive': needs('erasure.run'),
  'PUT /owned/:id': needs('app.write', { own: 'app' }),
};

export const operator = { authorization: 'Bearer made-up-operator-token' };
export const host = 'localhost:4400';

/** What another capability adds: who asks by a token, and routes that answer before and behind the gate. */
export type Extend = (house: {
  platform: TestPlatform;
  approvals: Approvals;
  reached: Reached;
  throttle: Throttle;
}) => {
  resolvers?: readonly Resolver[];
  outside?: Router;
  routes?: Router;
};

export async function identityHouse(hashing?: Hashing, extend: Extend = () => ({})): Promise<IdentityHouse> {
  const platform = await testPlatform();
  const keysDir = await mkdtemp(join(tmpdir(), 'drawbridge-identity-'));
  const { db, clock, log, deployment } = platform;
  const vault = await startVault({ db, clock, log, keysDir, deploymentId: deployment.id });
  const secrets = createSecrets(platform, vault);
  let address = '127.0.0.1';
  const here = loopbackReached(() => 4400);
  const reached = { origins: here.origins, secure: false, addressOf: () => address };
  const approvals = createApprovals(platform, (tx, id) => personMay(platform, tx, id, 'approval.decide'));
  const identity = createIdentity({
    platform,
    vault,
    approvals,
    reached,
    name: async () => 'Made-up Lighthouse',
    keyed: (bytes) => secrets.hashRequest(bytes),
    hashing: hashing ?? countedHashing(),
  });
  const router = createRouter();
  router.onError(handleErrors(log));
  router.use('*', sameOrigin(reached));
  const {
    resolvers = [],
    outside,
    routes,
  } = extend({
    platform,
    approvals,
    reached,
    throttle: identity.throttle,
  });
  const who = { platform, isOperator: operatorCheck('made-up-operator-token'), resolvers };
  router.use(
    '*',
    gate({
      ...who,
      needs: () => readNeeds(router, '', undocumented),
      ownerOf: async (_kind, id) => (id.startsWith('of-') ? id.slice(3) : null),
    }),
  );
  router.route(
    '/',
    sessionRoutes({
      ...identity,
      warnings: () => [{ code: 'made_up', text: 'A made-up warning.' }],
      name: async () => 'Made up',
      oidc: async () => [],
    }),
  );
  router.route('/', identity.routes);
  router.route('/', approvalRoutes(approvals));
  if (outside !== undefined) router.route('/', outside);
  if (routes !== undefined) router.route('/', routes);
  router.get('/still', async (c) => c.json(await stillMay(who)(c, 'overview.read')));
  router.get('/open', (c) => c.text(c.get('actor').id));
  router.post('/open', (c) => c.text('written'));
  router.get('/sensitive', (c) => c.text('done'));
  router.put('/owned/:id', (c) => c.text('done'));

  const request: IdentityHouse['request'] = async (path, init = {}) =>
    router.request(path, { ...init, headers: { host, ...init.headers } });
  const ask: Ask = async (method, path, body, secret) => {
    const answer = await request(path, {
      method,
      headers: headersOf(secret, body),
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
  const now = () => clock.now();
  return {
    platform,
    identity,
    ask,
    request,
    async first() {
      const link = await firstLink(platform, { actor: launcher, reason: 'a test' });
      if (link === null) throw new Error('there is a first administrator already');
      return enrol(ask, { token: link.token, email: 'first@example.com', now });
    },
    async person(email, roles, by) {
      const { status, body } = await ask('POST', '/people', { email, roles }, by.secret);
      if (status !== 201) throw new Error(`inviting: ${status} ${JSON.stringify(body)}`);
      const { person, link } = body as { person: { id: string }; link: { token: string } };
      return { ...(await enrol(ask, { token: link.token, name: email, now })), email, id: person.id };
    },
    from(next) {
      address = next;
    },
    async close() {
      await vault.stop();
      await platform.close();
      await rm(keysDir, { recursive: true });
    },
  };
}
