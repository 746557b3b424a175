import type { EgressHost, EgressRules } from '../api/egress-types.ts';

const ago = (hours: number): string => new Date(Date.now() - hours * 3_600_000).toISOString();

/** A made-up egress proxy of a made-up organisation. */
export interface FakeEgress {
  rules: EgressRules;
  hosts: EgressHost[];
}

const shop = { id: 'app_shop', name: 'Shop' };
const support = { id: 'app_support', name: 'Support' };

export function makeFakeEgress(empty: boolean): FakeEgress {
  const seen = (host: string, vendor: string | null, hours: number): EgressHost => ({
    host,
    vendor,
    apps: hours % 2 === 0 ? [shop] : [shop, support],
    ports: [443],
    firstAt: ago(hours + 200),
    lastAt: ago(hours),
    crossings: 40 + hours,
    refused: 0,
    sent: 12_345 * (hours + 1),
    received: 987_654,
    enforced: vendor === null ? 'egress_not_listed' : null,
  });
  const hosts = empty
    ? []
    : [
        seen('beacon.quokka-metrics.example', null, 1),
        seen('cdn.specimen.example', null, 4),
        seen('api.github.com', 'github', 2),
        seen('hooks.slack.com', 'slack', 3),
      ];
  return {
    hosts,
    rules: {
      version: empty ? 0 : 3,
      mode: 'observe',
      apps: empty ? [] : [shop, support],
      ports: { connect: [443], http: [80] },
      allow: { vendors: ['github', 'slack'], hosts: [], countries: [] },
      deny: { vendors: [], hosts: [] },
      networks: [],
      sni: true,
      changedAt: empty ? null : ago(50),
      changedBy: empty ? null : 'Ada Example',
      reason: empty ? null : 'First apps',
      consequence: { days: 7, hosts: hosts.length, refused: empty ? 0 : 2, apps: empty ? 0 : 2 },
    },
  };
}

interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  body: unknown;
}

/** Answers what is of the egress proxy; null: it is of something else. */
export function answerEgress(
  world: FakeEgress,
  { method, path, query, body }: Asked,
): { status: number; body?: unknown } | null {
  if (path === '/egress/hosts') {
    const items = world.hosts.filter(({ vendor }) => query.get('unknown') !== 'true' || vendor === null);
    return { status: 200, body: { items, next: null } };
  }
  const given = (body ?? {}) as { mode?: EgressRules['mode']; host?: string; list?: string };
  if (path === '/egress/listed-hosts' && method === 'POST') {
    const found = world.hosts.find(({ host }) => host === given.host);
    if (found !== undefined) found.enforced = given.list === 'allow' ? null : 'egress_denied';
    const refused = world.hosts.filter(({ enforced }) => enforced !== null).length;
    world.rules = { ...world.rules, consequence: { ...world.rules.consequence, refused } };
  } else if (path !== '/egress') return null;
  else if (method === 'PATCH') {
    world.rules = {
      ...world.rules,
      version: world.rules.version + 1,
      mode: given.mode ?? world.rules.mode,
    };
  }
  return { status: 200, body: world.rules };
}
