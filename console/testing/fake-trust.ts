import type {
  Approval,
  DeploymentSettings,
  Issuer,
  IssuerCheck,
  KeyLifetime,
  VaultStatus,
  Workload,
} from '../api/trust-types.ts';
import type { Answer, Asked } from './fake-routes.ts';
import type { World } from './fake-world.ts';

const day = 86_400_000;
const ago = (days: number): string => new Date(Date.now() - days * day).toISOString();
const ok = (body: unknown): Answer => ({ status: 200, body });
const refused = (status: number, code: string, detail: string, more: object = {}): Answer => ({
  status,
  body: { title: 'Not now', status, code, detail, ...more },
});

/** Approvals, the vault, issuers, workloads and settings of the made-up control plane. */
export interface FakeTrust {
  approvals: Approval[];
  vault: VaultStatus;
  issuers: Issuer[];
  /** What asking an issuer brings. */
  check: IssuerCheck;
  workloads: Workload[];
  settings: DeploymentSettings;
  lifetime: KeyLifetime;
}

/** Brook asked to send Mixpanel to a host that no pack knows; only what is given differs. */
export function fakeApproval(given: Partial<Approval> = {}): Approval {
  const at = (host: string) => ({ scheme: 'https', host, port: 443, private: false });
  return {
    id: 'approval_move',
    act: 'connection.change',
    subject: { kind: 'connection', id: 'mixpanel_eu' },
    what: { name: 'Mixpanel EU', from: at('api-eu.mixpanel.example'), to: at('collect.elsewhere.example') },
    state: 'asked',
    reason: 'They moved our project',
    askedAt: ago(0.1),
    askedBy: { id: 'person_2', name: 'Brook Sample' },
    expiresAt: ago(-0.9),
    decidedAt: null,
    decidedBy: null,
    decisionReason: null,
    usedAt: null,
    ...given,
  };
}

export function fakeWorkload(given: Partial<Workload> = {}): Workload {
  return {
    id: 'workload_1',
    app: 'app_1',
    name: 'Deploys of the shop',
    issuer: 'https://token.actions.githubusercontent.com',
    audience: 'https://drawbridge.example',
    subject: 'repo:example-org/shop:ref:refs/heads/main',
    connections: ['openai'],
    minutes: 15,
    keys: 'of the issuer',
    private: false,
    createdAt: ago(40),
    createdBy: 'Ada Example',
    exchanges: 1204,
    lastUsedAt: ago(0.01),
    lastRefusedAt: null,
    lastRefusedWhy: null,
    ...given,
  };
}

export function makeFakeTrust(empty: boolean): FakeTrust {
  const done = { decidedAt: ago(9), decidedBy: 'Ada Example', decisionReason: 'Asked Brook on the phone' };
  return {
    approvals: empty
      ? []
      : [fakeApproval({ id: 'approval_old', state: 'used', askedAt: ago(9.1), usedAt: ago(9), ...done })],
    vault: {
      source: 'file',
      openedWith: 1,
      trouble: null,
      keys: [{ id: 1, source: 'file', label: '/home/example/keys/dep_made_up.kek', madeAt: ago(120) }],
      dataKeys: [{ version: 1, madeAt: ago(120), rows: empty ? 4 : 37 }],
    },
    issuers: empty
      ? []
      : [
          {
            id: 'issuer_1',
            name: 'Example SSO',
            issuer: 'https://login.example.org/tenant',
            clientId: 'drawbridge-console',
            domains: ['example.org'],
            mfa: { acr: [], amr: ['mfa'] },
            newRoles: ['developer'],
            private: false,
            redirectUri: 'https://drawbridge.example/api/v1/session/oidc/issuer_1/callback',
            people: 4,
            createdAt: ago(60),
            createdBy: 'Ada Example',
          },
        ],
    check: { reached: true, code: null, text: null, acr: ['urn:example:mfa'] },
    workloads: empty ? [] : [fakeWorkload()],
    settings: { deploymentName: 'Example B.V.', secondPerson: false },
    lifetime: {
      workload: { defaultDays: null, mostDays: null },
      person: { defaultDays: 30, mostDays: 90 },
    },
  };
}

function decide(trust: FakeTrust, id: string, act: string, body: Record<string, unknown>): Answer {
  const approval = trust.approvals.find((one) => one.id === id);
  if (approval === undefined) return refused(404, 'not_found', 'There is no such approval.');
  const state = { approve: 'approved', refuse: 'refused', withdraw: 'withdrawn' } as const;
  Object.assign(approval, {
    state: state[act as keyof typeof state],
    decidedAt: new Date().toISOString(),
    decidedBy: 'Ada Example',
    decisionReason: String(body.reason),
  });
  return ok(approval);
}

/** What was approved for whoever looks is used up by doing it; without that it is asked for. */
function spend(trust: FakeTrust, asked: Partial<Approval>): Answer | null {
  const approved = trust.approvals.find(
    (one) => one.state === 'approved' && one.act === asked.act && one.askedBy.id === 'person_1',
  );
  if (approved !== undefined) {
    approved.state = 'used';
    return null;
  }
  const mine = fakeApproval({
    id: `approval_${trust.approvals.length}`,
    askedBy: { id: 'person_1', name: 'Ada Example' },
    ...asked,
  });
  trust.approvals.unshift(mine);
  const detail = `Nothing was changed: this waits for a second person until ${mine.expiresAt}. Once it is approved, send the same again.`;
  return refused(409, 'approval_needed', detail, { approval: mine.id });
}

/** What is answered about them; null: it is about something else. */
export function answerTrust(trust: FakeTrust, world: World, asked: Asked): Answer | null {
  const { method, path, tell } = asked;
  const body = (asked.body ?? {}) as Record<string, unknown>;
  const [, approval, act] = /^\/approvals\/([^/]+)\/(\w+)$/.exec(path) ?? [];
  const [, app, workload] = /^\/apps\/([^/]+)\/workloads(?:\/([^/]+))?$/.exec(path) ?? [];
  const [, issuer, check] = /^\/issuers\/([^/]+)(\/check)?$/.exec(path) ?? [];
  if (method === 'GET') return readTrust(trust, path, app);
  if (check !== undefined) return ok(trust.check);
  const answer =
    approval !== undefined && act !== undefined
      ? decide(trust, approval, act, body)
      : app !== undefined
        ? writeWorkload(trust, method, app, workload, body)
        : path.startsWith('/issuers')
          ? writeIssuer(trust, method, issuer, body)
          : writeSettings(trust, world, asked, body);
  if (answer !== null) tell('changes');
  return answer;
}

function readTrust(trust: FakeTrust, path: string, app: string | undefined): Answer | null {
  if (path === '/approvals') return ok({ items: trust.approvals });
  if (path === '/vault') return ok(trust.vault);
  if (path === '/issuers') return ok({ items: trust.issuers });
  if (path === '/settings') return ok(trust.settings);
  if (path === '/key-lifetime') return ok(trust.lifetime);
  return app === undefined ? null : ok({ items: trust.workloads.filter((one) => one.app === app) });
}

function writeWorkload(
  trust: FakeTrust,
  method: string,
  app: string,
  id: string | undefined,
  body: Record<string, unknown>,
): Answer {
  if (method === 'DELETE') {
    trust.workloads = trust.workloads.filter((one) => one.id !== id);
    return { status: 204 };
  }
  const { reason: _reason, jwks, ...given } = body as Partial<Workload> & { reason: string; jwks?: unknown };
  const made = fakeWorkload({
    ...given,
    id: `workload_${trust.workloads.length + 1}`,
    app,
    keys: jwks === undefined ? 'of the issuer' : 'entered',
    exchanges: 0,
    lastUsedAt: null,
  });
  trust.workloads.push(made);
  return { status: 201, body: made };
}

function writeIssuer(
  trust: FakeTrust,
  method: string,
  id: string | undefined,
  body: Record<string, unknown>,
): Answer {
  const { reason: _reason, ...given } = body as Partial<Issuer> & { reason: string };
  if (method === 'DELETE') {
    trust.issuers = trust.issuers.filter((one) => one.id !== id);
    return { status: 204 };
  }
  const known = trust.issuers.find((one) => one.id === id);
  if (known !== undefined) return ok(Object.assign(known, given));
  const made = {
    id: `issuer_${trust.issuers.length + 1}`,
    people: 0,
    createdAt: new Date().toISOString(),
    createdBy: 'Ada Example',
    redirectUri: `http://localhost:4400/api/v1/session/oidc/issuer_${trust.issuers.length + 1}/callback`,
    ...given,
  } as Issuer;
  trust.issuers.push(made);
  return { status: 201, body: made };
}

function writeSettings(
  trust: FakeTrust,
  world: World,
  { method, path }: Asked,
  body: Record<string, unknown>,
): Answer | null {
  if (path === '/key-lifetime' && method === 'PUT') {
    const { workload, person } = body as unknown as KeyLifetime;
    trust.lifetime = { workload, person };
    return ok(trust.lifetime);
  }
  if (path === '/settings' && method === 'PATCH') {
    const what = { from: trust.settings.secondPerson, to: body.secondPerson };
    const subject = { kind: 'setting', id: 'connections.second_person' };
    const waits = what.to === false && spend(trust, { act: 'setting.write', subject, what });
    if (waits) return waits;
    trust.settings.secondPerson = body.secondPerson === true;
    return ok(trust.settings);
  }
  const connection = world.connections.find(({ id }) => path === `/connections/${id}`);
  if (method !== 'PATCH' || connection === undefined || body.upstream === undefined) return null;
  if (!trust.settings.secondPerson) return null;
  const what = { name: connection.name, from: connection.upstream, to: body.upstream };
  const subject = { kind: 'connection', id: connection.id };
  return spend(trust, { act: 'connection.change', subject, what, reason: String(body.reason) });
}
