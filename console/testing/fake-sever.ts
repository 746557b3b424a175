import type { Severance, SeverancePlan, SeverLine, SeverTarget } from '../api/sever-types.ts';
import type { Answer, Asked } from './fake-routes.ts';

/** Cutting off made-up vendors. `away`: gateways that do not hear of it. */
export interface FakeSever {
  severances: Severance[];
  away: string[];
  plan: SeverancePlan;
}

const mixpanel = { id: 'mixpanel', name: 'Mixpanel' };
const openai = { id: 'openai', name: 'OpenAI' };
const ago = (days: number): string => new Date(Date.now() - days * 86_400_000).toISOString();
const line = (one: Pick<SeverLine, 'id' | 'what' | 'kind'> & Partial<SeverLine>): SeverLine => ({
  owner: 'Ada Example',
  layer: 'observed',
  proof: { text: 'Evidence: package.json', href: '/discover?q=mixpanel' },
  done: null,
  ...one,
});

export function makeFakeSever(): FakeSever {
  return {
    severances: [],
    away: [],
    plan: {
      target: { kind: 'vendor', ...mixpanel, fieldClass: null, treatment: null },
      vendors: [mixpanel],
      dependents: [],
      cutNow: [
        line({
          id: 'connection:mixpanel_eu',
          kind: 'connection',
          what: 'Connection Mixpanel EU, to api-eu.mixpanel.com',
          layer: 'declared',
        }),
        line({
          id: 'egress:mixpanel',
          kind: 'egress_host',
          what: 'Egress proxy: all hosts of Mixpanel (mixpanel.com, mxpnl.com)',
          owner: null,
          layer: 'declared',
        }),
        line({
          id: 'app:mixpanel:app_1',
          kind: 'app',
          what: 'web-shop no longer reaches Mixpanel',
          proof: {
            text: '48,211 crossings in the last 7 days',
            href: '/crossings?app=app_1&vendor=mixpanel',
          },
        }),
      ],
      revokeThere: [
        line({
          id: 'credential:mixpanel_eu:2',
          kind: 'credential',
          what: 'Revoke at Mixpanel the key of Mixpanel EU, version 2: the vendor takes it until then',
        }),
        line({
          id: 'grant:7',
          kind: 'oauth_grant',
          what: 'Revoke the grant of Mixpanel for Sheets: spreadsheets',
          owner: null,
        }),
        line({
          id: 'trace:9',
          kind: 'sdk',
          what: 'Take its library mixpanel-browser out of the code and out of the pages that load it',
          layer: 'declared',
        }),
      ],
      notOurs: [
        line({
          id: 'link:mixpanel:google-cloud:declared',
          kind: 'chain_link',
          what: 'What Mixpanel hands on to Google Cloud (nobody knows what)',
          owner: null,
          layer: 'declared',
          proof: { text: 'a published list', href: '/map?focus=mixpanel' },
        }),
      ],
      unknown: [
        line({
          id: 'unknown:mixpanel:coverage',
          kind: 'unknown',
          what: 'Traffic that goes around Drawbridge. It was not measured how much of its traffic we saw.',
          owner: null,
          layer: 'unknown',
          proof: { text: 'Where it would be known', href: '/vendors/mixpanel' },
        }),
        line({
          id: 'unknown:mixpanel:webhooks',
          kind: 'unknown',
          what: 'Webhooks of Mixpanel, and keys that it holds to us, are in no evidence: look in its console, and in ours.',
          owner: null,
          layer: 'unknown',
          proof: null,
        }),
      ],
      consequences: {
        days: 7,
        apps: [
          {
            id: 'app_1',
            name: 'web-shop',
            owner: 'Ada Example',
            vendor: mixpanel,
            crossings: 48_211,
            lastAt: ago(0.01),
          },
        ],
        connections: [{ id: 'mixpanel_eu', name: 'Mixpanel EU', state: 'open' }],
        substitutes: [{ id: 'posthog', name: 'PostHog', days: 14 }],
        pseudonyms: {
          epochs: [{ vendor: mixpanel, epoch: 3 }],
          people: 1204,
          text: 'Destroying the secret can not be undone, not by reopening either. Pseudonyms of 1204 people that it holds can be joined with nothing of ours any more.',
        },
      },
      alreadyHeldBy: [],
    },
  };
}

function planFor(made: FakeSever, target: SeverTarget): SeverancePlan {
  const dependents: SeverancePlan['dependents'] = [
    {
      vendor: openai,
      through: [openai, mixpanel],
      layer: 'observed',
      grade: 'observed',
      scopes: ['account_metadata'],
    },
    { vendor: mixpanel, through: [mixpanel], layer: 'declared', grade: 'configured', scopes: null },
  ];
  return {
    ...made.plan,
    target,
    dependents: target.kind === 'party' ? dependents : [],
    alreadyHeldBy: made.severances
      .filter(({ ended }) => ended === null)
      .map(({ id, by, since }) => ({ id, by, since })),
  };
}

const problem = (status: number, code: string, detail: string): Answer => ({
  status,
  body: { title: 'It is not so', status, code, detail },
});

type IncidentOf = (id: string) => Severance['incident'];

export function answerSever(
  made: FakeSever,
  { method, path, query, body, tell }: Asked,
  incidentOf: IncidentOf,
): Answer | null {
  if (path === '/severance-plan') {
    const id = query.get('vendor') ?? query.get('party') ?? query.get('connection') ?? '';
    const fieldClass = query.get('fieldClass');
    const kind = query.has('party')
      ? 'party'
      : query.has('connection')
        ? 'connection'
        : fieldClass === null
          ? 'vendor'
          : 'field_class';
    return { status: 200, body: planFor(made, { kind, ...mixpanel, id, fieldClass, treatment: null }) };
  }
  if (path === '/severances' && method === 'GET') {
    const vendor = query.get('vendor');
    const items = made.severances
      .filter((one) => vendor === null || one.vendors.some(({ id }) => id === vendor))
      .filter((one) => query.get('incident') === null || one.incident?.id === query.get('incident'))
      .filter((one) => query.get('open') !== 'true' || one.ended === null);
    return { status: 200, body: { items, next: null } };
  }
  if (path === '/severances') return begin(made, body as Begin, tell, incidentOf);
  const [, id, rest = ''] = /^\/severances\/([^/]+)(\/.*)?$/.exec(path) ?? [];
  if (id === undefined) return null;
  const one = made.severances.find((each) => each.id === id);
  if (one === undefined) return problem(404, 'not_found', 'There is no such severance.');
  if (method === 'GET') return { status: 200, body: one };
  if (rest === '/reopen') {
    const given = (body as { contracts?: Record<string, number> }).contracts ?? {};
    if (one.waits?.contracts.some(({ connection, now }) => given[connection.id] !== now))
      return problem(409, 'contract_changed', 'A contract was changed while the class was cut off.');
    Object.assign(one, {
      state: 'reopened',
      waits: null,
      ended: { at: new Date().toISOString(), by: 'Ada Example', reason: 'It is safe again' },
    });
  } else mark(one, decodeURIComponent(rest.slice('/lines/'.length)), body as Marked);
  tell('severances');
  return { status: 200, body: one };
}

interface Begin {
  target: { kind: SeverTarget['kind']; id: string; fieldClass?: string; treatment?: 'refuse' | 'drop' };
  until?: string;
  destroyPseudonyms?: boolean;
  incident?: string;
  reason?: string;
}

function begin(made: FakeSever, given: Begin, tell: (topic: string) => void, incidentOf: IncidentOf): Answer {
  const {
    alreadyHeldBy,
    dependents: _,
    ...plan
  } = planFor(made, {
    ...mixpanel,
    fieldClass: null,
    treatment: null,
    ...given.target,
  });
  const now = new Date().toISOString();
  const gateways = ['gateway-1', 'gateway-2'];
  const one: Severance = {
    ...structuredClone(plan),
    id: `0199c0de-0000-7000-8000-00000000000${made.severances.length + 1}`,
    state: made.away.length === 0 ? 'in_force' : 'partly',
    since: now,
    until: given.until ?? null,
    by: 'Ada Example',
    reason: given.reason ?? '',
    incident: given.incident === undefined ? null : incidentOf(given.incident),
    ended: null,
    inForce: gateways.map((gateway) => ({
      gateway,
      workers: 2,
      at: made.away.includes(gateway) ? null : now,
      lastSeenAt: made.away.includes(gateway) ? ago(1) : now,
    })),
    pseudonyms: given.destroyPseudonyms === true ? [{ vendor: mixpanel, epoch: 3, destroyedAt: now }] : [],
    heldBy: alreadyHeldBy,
    waits: null,
  };
  made.severances.unshift(one);
  tell('severances');
  return { status: 201, body: one };
}

interface Marked {
  done: boolean;
  proof?: string;
}

function mark(severance: Severance, id: string, { done, proof }: Marked): void {
  for (const list of [severance.revokeThere, severance.notOurs, severance.unknown]) {
    const found = list.find((one) => one.id === id);
    if (found !== undefined)
      found.done = done ? { at: new Date().toISOString(), by: 'Ada Example', proof: proof ?? null } : null;
  }
}
