import type { EgressChanged, EgressHost, EgressPreview, EgressRules } from '../api/egress-types.ts';

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

/** Whether made-up rules let a host of the list through. */
function reasonOf({ allow, deny }: EgressRules, { host, vendor }: EgressHost): string | null {
  const isOn = (patterns: readonly string[]): boolean =>
    patterns.some((one) => (one.startsWith('*.') ? host.endsWith(one.slice(1)) : one === host));
  if (isOn(deny.hosts) || (vendor !== null && deny.vendors.includes(vendor))) return 'egress_denied';
  const isAllowed = isOn(allow.hosts) || (vendor !== null && allow.vendors.includes(vendor));
  return isAllowed ? null : 'egress_not_listed';
}

/** What is not of the rules themselves: the version, and which apps there are. */
type Given = Partial<Omit<EgressRules, 'apps'>> & { apps?: string[]; basedOn?: number };

/** The rules with what was sent; or what is wrong with it. */
function rulesWith(world: FakeEgress, { basedOn, apps, ...given }: Given): EgressRules | Refused {
  const { rules } = world;
  const refuse = (status: number, code: string, detail: string): Refused => ({
    status,
    body: { title: 'It was not done', code, detail },
  });
  if (basedOn !== undefined && basedOn !== rules.version) {
    const detail = `The rules were changed meanwhile: version ${rules.version} is in force. Look at it, and change that.`;
    return refuse(409, 'changed_meanwhile', detail);
  }
  const index = given.networks?.indexOf('10.1.2.3/8') ?? -1;
  if (index >= 0)
    return refuse(422, 'invalid', `networks.${index}: 10.1.2.3/8 does not begin at its first address`);
  const named = [...rules.apps, shop, support];
  return {
    ...rules,
    ...given,
    apps: apps?.map((id) => named.find((one) => one.id === id) ?? { id, name: id }) ?? rules.apps,
  };
}
interface Refused {
  status: number;
  body: object;
}

function consequenceOf(world: FakeEgress, rules: EgressRules): EgressRules['consequence'] {
  const refused = world.hosts.filter((host) => reasonOf(rules, host) !== null);
  const apps = new Set(refused.flatMap((host) => host.apps.map(({ id }) => id)));
  return { days: 7, hosts: world.hosts.length, refused: refused.length, apps: apps.size };
}

function previewOf(world: FakeEgress, rules: EgressRules): EgressPreview {
  const was = new Map(world.hosts.map((host) => [host.host, reasonOf(world.rules, host)]));
  const changed = (isOpened: boolean): EgressChanged => {
    const hosts = world.hosts
      .map(({ host, vendor, apps, crossings, ...rest }) => ({
        host,
        vendor,
        apps,
        crossings,
        reason: reasonOf(rules, { host, vendor, apps, crossings, ...rest }),
      }))
      .filter(({ host, reason }) =>
        isOpened ? was.get(host) !== null && reason === null : was.get(host) === null && reason !== null,
      );
    return { count: hosts.length, hosts };
  };
  const opened = changed(true);
  const more = (lists: EgressRules) =>
    lists.networks.length + lists.allow.hosts.length + lists.allow.vendors.length + lists.apps.length;
  return {
    loosens: opened.count > 0 || more(rules) > more(world.rules),
    before: consequenceOf(world, world.rules),
    after: consequenceOf(world, rules),
    opened,
    shut: changed(false),
  };
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
  if (path === '/egress/listed-hosts' && method === 'POST') {
    const { host = '', list } = body as { host?: string; list?: string };
    const { allow, deny } = world.rules;
    put(world, {
      ...world.rules,
      allow: { ...allow, hosts: list === 'allow' ? [...allow.hosts, host] : allow.hosts },
      deny: { ...deny, hosts: list === 'deny' ? [...deny.hosts, host] : deny.hosts },
    });
    return { status: 200, body: world.rules };
  }
  if (path !== '/egress' && path !== '/egress/preview') return null;
  if (method === 'GET') return { status: 200, body: world.rules };
  const { reason: _, ...given } = body as Given & { reason?: string };
  const rules = rulesWith(world, given);
  if ('status' in rules) return rules;
  if (path === '/egress/preview') return { status: 200, body: previewOf(world, rules) };
  put(world, rules);
  return { status: 200, body: world.rules };
}

/** Puts rules in force, as another version, and judges hosts by them. */
function put(world: FakeEgress, rules: EgressRules): void {
  world.rules = {
    ...rules,
    version: world.rules.version + 1,
    consequence: consequenceOf(world, rules),
  };
  world.hosts = world.hosts.map((host) => ({ ...host, enforced: reasonOf(rules, host) }));
}
