import type { Trace } from '@drawbridge/evidence';
import type { Imported } from '../imports/index.ts';
import { comparable, type Known, type VendorFacts } from '../vendors/index.ts';

import { HostPatterns } from './pattern.ts';
import type { WebHosts } from './web-hosts.ts';

/** What says whose a trace is. */
export const grounds = [
  /** A person decided. */
  'decision',
  'domain',
  'host',
  'package',
  'variable',
  'dns',
  'client_id',
  'mail_domain',
  /** The form of a report of use, which one vendor alone writes. */
  'usage_report',
  /** A name that is, but for its legal form, the vendor's. */
  'name',
  /** A name that begins like the vendor's. */
  'name_begins',
  /** `third-party-web`, not our own facts. */
  'web_list',
  /** A source of somebody else's that the organisation took in. */
  'imported',
] as const;
export type Ground = (typeof grounds)[number];

export interface Match {
  /** Id of the vendor; of one that only the web list names: null, and `name` says who. */
  vendor: string | null;
  name: string;
  by: Ground;
  /** Strong enough to stand without somebody having looked at it. */
  sure: boolean;
  service: string | null;
  /** Where the host's data goes, as the vendor documents it. */
  region: string | null;
  /** Whose word it is, where it is not our own facts. */
  said?: string;
}

export interface Identifier {
  identify(trace: Pick<Trace, 'kind' | 'value' | 'detail'>): Match | null;
}

/** Nothing is merged on these grounds alone: they suggest. */
const unsure: ReadonlySet<Ground> = new Set(['name_begins', 'web_list', 'imported']);
/** Shorter names are also the beginnings of others. */
const SHORTEST_BEGINNING = 5;

/** What is named like a secret or an id of an account, without what frameworks put before what browsers get. */
const SECRET =
  /^(?:NEXT_PUBLIC_|NUXT_PUBLIC_|EXPO_PUBLIC_|REACT_APP_|VITE_|PUBLIC_)?(\w+)_(?:KEY|TOKEN|SECRET|DSN|PASSWORD|CREDENTIALS|CLIENT_ID|WEBHOOK_URL)$/;

interface Owner {
  vendor: VendorFacts;
  service?: string | undefined;
  region?: string | undefined;
}

/** Says whose the names in evidence are, by what is publicly known of vendors. Pure: the same trace, the same answer. */
export function createIdentifier(
  known: Known,
  webEntity?: WebHosts,
  imported?: Pick<Imported, 'ofHost'>,
): Identifier {
  const hosts = new HostPatterns<Owner>();
  const records = new Map<string, HostPatterns<Owner>>();
  const texts: { begins: string; owner: Owner }[] = [];
  const packages = new Map<string, Owner>();
  const variables = new Map<string, Owner>();
  const variableBeginnings: { begins: string; owner: Owner }[] = [];
  const clients = new Map<string, Owner>();
  const apps = new Map<string, Owner>();
  const mail = new Map<string, { owner: Owner; kind: string }>();
  const byName = new Map<string, Owner>();
  const reports = new Map<string, VendorFacts[]>();

  for (const vendor of known.all) {
    const owner: Owner = { vendor };
    for (const { is, region, service } of vendor.hosts ?? []) hosts.add(is, { vendor, region, service });
    for (const { registry, is, service } of vendor.packages ?? [])
      packages.set(`${registry}:${is}`, { vendor, service });
    for (const { is } of vendor.env ?? []) {
      if (is.endsWith('*')) variableBeginnings.push({ begins: is.slice(0, -1), owner });
      else variables.set(is, owner);
    }
    for (const { record, is } of vendor.dns ?? []) {
      if (record === 'txt') texts.push({ begins: is.toLowerCase(), owner });
      else {
        const patterns = records.get(record) ?? new HostPatterns<Owner>();
        patterns.add(is, owner);
        records.set(record, patterns);
      }
    }
    for (const { name, client_id } of vendor.oauth ?? []) {
      if (client_id !== undefined) clients.set(client_id, owner);
      apps.set(comparable(name), owner);
    }
    for (const { is, kind } of vendor.mail ?? []) mail.set(is, { owner, kind });
    for (const shape of new Set(vendor.usage_reports?.map(({ shape }) => shape))) {
      reports.set(shape, [...(reports.get(shape) ?? []), vendor]);
    }
    for (const name of [vendor.name, vendor.legal_name?.is]) {
      if (name !== undefined && !byName.has(comparable(name))) byName.set(comparable(name), owner);
    }
  }
  variableBeginnings.sort((a, b) => b.begins.length - a.begins.length);
  texts.sort((a, b) => b.begins.length - a.begins.length);
  const beginnings = [...byName].filter(([name]) => name.length >= SHORTEST_BEGINNING);
  beginnings.sort(([a], [b]) => b.length - a.length);

  const found = (owner: Owner, by: Ground): Match => ({
    vendor: owner.vendor.id,
    name: owner.vendor.name,
    by,
    sure: !unsure.has(by),
    service: owner.service ?? null,
    region: owner.region ?? null,
  });
  const ofHost = (host: string): Match | null => {
    const pattern = hosts.find(host);
    if (pattern !== undefined) return found(pattern, 'host');
    const vendor = known.ofHost(host);
    if (vendor !== undefined) return found({ vendor }, 'domain');
    const entity = webEntity?.(host);
    if (entity === undefined) return ofImported(host);
    const same = byName.get(comparable(entity.company ?? entity.name)) ?? byName.get(comparable(entity.name));
    if (same !== undefined) return found(same, 'web_list');
    return { vendor: null, name: entity.name, by: 'web_list', sure: false, service: null, region: null };
  };
  /** Last of all, and only as a suggestion: it gathers nothing, so that decisions hold whatever is taken in or out. */
  const ofImported = (host: string): Match | null => {
    const one = imported?.ofHost(host);
    if (one === undefined) return null;
    const vendor = byName.get(comparable(one.name))?.vendor.id ?? null;
    const { name, by: said } = one;
    return { vendor, name, by: 'imported', sure: false, service: null, region: null, said };
  };
  const ofName = (name: string): Match | null => {
    const plain = comparable(name);
    const exact = byName.get(plain);
    if (exact !== undefined) return found(exact, 'name');
    const beginning = beginnings.find(([begins]) => plain.startsWith(`${begins} `));
    return beginning === undefined ? null : found(beginning[1], 'name_begins');
  };

  /** `MIXPANEL_TOKEN`: whoever names a secret after a vendor has one of it, or of somebody who is called so too. */
  const ofSecret = (variable: string): Match | null => {
    const [, secret] = SECRET.exec(variable) ?? [];
    if (secret === undefined) return null;
    const plain = `${secret.replaceAll('_', ' ').toLowerCase()} `;
    const beginning = beginnings.find(([begins]) => plain.startsWith(`${begins} `));
    return beginning === undefined ? null : found(beginning[1], 'name_begins');
  };

  return {
    identify({ kind, value, detail }) {
      switch (kind) {
        case 'host':
          return ofHost(value);
        case 'package':
          return ofPackage(packages, detail.registry ?? '', value, found);
        case 'variable': {
          const name = value.toUpperCase();
          const owner =
            variables.get(name) ?? variableBeginnings.find(({ begins }) => name.startsWith(begins))?.owner;
          return owner === undefined ? ofSecret(name) : found(owner, 'variable');
        }
        case 'dns': {
          const record = detail.record ?? '';
          if (record === 'txt') {
            const text = value.toLowerCase();
            const owner = texts.find(({ begins }) => text.startsWith(begins))?.owner;
            return owner === undefined ? null : found(owner, 'dns');
          }
          const owner = records.get(record)?.find(value);
          return owner === undefined ? ofHost(value) : found(owner, 'dns');
        }
        case 'oauth_app': {
          const client = clients.get(detail.client_id ?? '');
          if (client !== undefined) return found(client, 'client_id');
          const app = apps.get(comparable(value));
          // Anyone may call an app as they like: a name suggests.
          return app === undefined ? suggested(ofName(value)) : { ...found(app, 'name'), sure: false };
        }
        case 'sender': {
          const sender = mail.get(value);
          // Who passes mail on says that whoever wrote it is a customer there, not that we are.
          if (sender !== undefined)
            return sender.kind === 'relayed' ? null : found(sender.owner, 'mail_domain');
          return ofHost(value);
        }
        case 'provider': {
          const owner = packages.get(
            `terraform:${value.replace(/^registry\.(terraform|opentofu)\.(io|org)\//, '')}`,
          );
          return owner === undefined ? null : found(owner, 'package');
        }
        case 'service': {
          if (detail.via !== 'usage_report') return ofName(value);
          const [vendor, ...others] = reports.get(value) ?? [];
          return vendor === undefined || others.length > 0 ? null : found({ vendor }, 'usage_report');
        }
        case 'payee':
          return ofName(value);
      }
    },
  };
}

/** By its name, or (modules of Go, scopes that are a vendor's whole) by what the name begins with, up to a `/`. */
function ofPackage(
  packages: ReadonlyMap<string, Owner>,
  registry: string,
  name: string,
  found: (owner: Owner, by: Ground) => Match,
): Match | null {
  const exact = packages.get(`${registry}:${name}`);
  if (exact !== undefined) return found(exact, 'package');
  for (let end = name.lastIndexOf('/'); end > 0; end = name.lastIndexOf('/', end - 1)) {
    const owner =
      packages.get(`${registry}:${name.slice(0, end)}/*`) ??
      (registry === 'go' ? packages.get(`${registry}:${name.slice(0, end)}`) : undefined);
    if (owner !== undefined) return found(owner, 'package');
  }
  return null;
}

const suggested = (match: Match | null): Match | null => (match === null ? null : { ...match, sure: false });
