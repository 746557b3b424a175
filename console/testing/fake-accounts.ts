import type { Account, AccountsImported, Attestation, VendorPosture } from '../api/account-types.ts';

const day = 86_400_000;
const ago = (days: number): string => new Date(Date.now() - days * day).toISOString();

/** Made-up accounts of made-up people. */
export interface FakeAccounts {
  vendors: VendorPosture[];
  accounts: Map<string, Account[]>;
}

const account = (name: string, over: Partial<Account> = {}): Account => ({
  id: `account-${name}`,
  email: `${name}@example.com`,
  name: null,
  role: 'reader',
  admin: false,
  kind: 'person',
  state: 'active',
  level: 'unknown',
  evidence: 'unknown',
  via: null,
  basis: 'made up',
  asOf: ago(3),
  stale: false,
  presence: 'here',
  addedAt: ago(300),
  lastActiveAt: null,
  ...over,
});

function postureOf(
  vendor: string,
  accounts: readonly Account[],
  over: Partial<VendorPosture> = {},
): VendorPosture {
  const count = (which: (one: Account) => boolean) => accounts.filter(which).length;
  const level = (name: Account['level']) => count((one) => one.level === name);
  const evidence = (name: Account['evidence']) => count((one) => one.evidence === name);
  return {
    vendor,
    accounts: accounts.length,
    services: 0,
    levels: {
      enforced: level('enforced'),
      phishing_resistant: level('phishing_resistant'),
      enrolled: level('enrolled'),
      sms_only: level('sms_only'),
      none: level('none'),
      unknown: level('unknown'),
    },
    evidence: {
      observed: evidence('observed'),
      inferred: evidence('inferred'),
      declared: evidence('declared'),
      unknown: evidence('unknown'),
    },
    admins: count((one) => one.admin === true),
    adminUnknown: 0,
    withoutSecondFactor: level('none'),
    left: count((one) => one.presence === 'left'),
    presenceUnknown: count((one) => one.presence === 'unknown'),
    rule: null,
    attestation: null,
    lastImport: { id: 'import-1', at: ago(2), asOf: ago(3), source: 'table', accounts: accounts.length },
    ...over,
  };
}

export function makeFakeAccounts(empty: boolean): FakeAccounts {
  if (empty) return { vendors: [], accounts: new Map() };
  const openai = [
    account('eve', { presence: 'left', role: 'owner', admin: true }),
    account('ada', {
      role: 'owner',
      admin: true,
      level: 'enforced',
      evidence: 'inferred',
      via: 'google-workspace',
    }),
    account('bob', { level: 'none', evidence: 'inferred', via: 'google-workspace' }),
    account('mallory', { presence: 'unknown' }),
  ];
  const google = [
    account('ada', { level: 'enforced', evidence: 'observed', role: null, lastActiveAt: ago(1) }),
    account('bob', { level: 'none', evidence: 'observed', role: null, lastActiveAt: ago(2) }),
    account('carol', { level: 'enrolled', evidence: 'observed', role: 'super admin', admin: true }),
  ];
  const rule = {
    provider: 'google-workspace',
    source: 'Made up: single sign-on is required for all members',
    statedAt: ago(10),
    statedBy: 'Ada Example',
  };
  return {
    vendors: [postureOf('google-workspace', google), postureOf('openai', openai, { rule })],
    accounts: new Map([
      ['openai', openai],
      ['google-workspace', google],
    ]),
  };
}

interface Asked {
  method: string;
  path: string;
  body: unknown;
}

/** What the made-up control plane answers about accounts; null: it is about something else. */
export function answerAccounts(
  world: FakeAccounts,
  { method, path, body }: Asked,
): { status: number; body?: unknown } | null {
  const given = (body ?? {}) as Record<string, unknown>;
  if (method === 'GET' && path === '/accounts') return { status: 200, body: { items: world.vendors } };
  if (method === 'POST' && path === '/accounts/imports') {
    const imported: AccountsImported = {
      id: given.preview === true ? null : 'import-2',
      accounts: 4,
      added: 1,
      gone: 0,
      complete: true,
    };
    return { status: 200, body: imported };
  }
  const withdrawn = /^\/attestations\/([^/]+)\/withdraw$/.exec(path)?.[1];
  if (method === 'POST' && withdrawn !== undefined) {
    for (const one of world.vendors) if (one.attestation?.id === withdrawn) one.attestation = null;
    return { status: 204 };
  }
  const [, vendor, what] = /^\/accounts\/([^/]+)(?:\/(.+))?$/.exec(path) ?? [];
  if (vendor === undefined) return null;
  if (method === 'GET' && what === undefined) {
    return { status: 200, body: { items: world.accounts.get(vendor) ?? [] } };
  }
  const posture = world.vendors.find((one) => one.vendor === vendor);
  if (posture === undefined) return null;
  if (what === 'sign-in-rule') {
    posture.rule =
      method === 'DELETE'
        ? null
        : {
            provider: String(given.provider),
            source: String(given.source),
            statedAt: ago(0),
            statedBy: 'Ada Example',
          };
    return { status: 204 };
  }
  if (what === 'attestations') {
    const made: Attestation = {
      id: 'attestation-1',
      expired: false,
      statedBy: 'Ada Example',
      ...(given as Pick<Attestation, 'level' | 'statement' | 'evidence' | 'seenAt' | 'expiresAt'>),
    };
    posture.attestation = made;
    return { status: 201, body: made };
  }
  return null;
}
