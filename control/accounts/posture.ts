import type { Platform } from '../platform/index.ts';
import type { Directory, Holder } from './directory.ts';
import {
  type Attested,
  type Evidence,
  type Level,
  type Posture as LevelPosture,
  levels,
  type Presence,
  type ProviderAccount,
  postureOf,
  presenceOf,
} from './levels.ts';
import { type Source, sources } from './sources/index.ts';
import type { AccountRow, AccountTables, AttestationRow, ImportRow, RuleRow } from './tables.ts';

/** One account with what is known of its sign-in, and of whether its holder is still with us. */
interface WithPosture extends AccountRow {
  posture: LevelPosture;
  presence: Presence;
}
export type Judged = WithPosture & { holder: Holder };

export interface VendorPosture {
  vendor: string;
  accounts: number;
  services: number;
  levels: Record<Level, number>;
  evidence: Record<Evidence, number>;
  admins: number;
  /** Of accounts whose export does not say. */
  adminUnknown: number;
  withoutSecondFactor: number;
  left: number;
  presenceUnknown: number;
  rule: RuleRow | null;
  attestation: AttestationRow | null;
  imports: ImportRow[];
}

const directorySources = Object.entries(sources).flatMap(([name, { isDirectory }]) =>
  isDirectory ? [name as Source] : [],
);

interface Known {
  accounts: AccountRow[];
  rules: ReadonlyMap<string, RuleRow>;
  attestations: ReadonlyMap<string, AttestationRow>;
  providers: ReadonlyMap<string, ProviderAccount[]>;
}

/** Who has an account where, and how well it is guarded: computed at each question, as time alone changes the answer. */
export function createPosture({ db, clock }: Platform, directory: () => Promise<Directory>) {
  const rows = db.withTables<AccountTables>();

  async function known(vendor?: string): Promise<Known> {
    const now = new Date(clock.now());
    let asked = rows.selectFrom('account').selectAll().orderBy('vendor').orderBy('id');
    if (vendor !== undefined) asked = asked.where('vendor', '=', vendor);
    const [accounts, rules, attestations, provided] = await Promise.all([
      asked.execute(),
      rows.selectFrom('account_sign_in_rule').selectAll().execute(),
      rows
        .selectFrom('account_attestation')
        .selectAll()
        .where('withdrawn_at', 'is', null)
        .where('seen_at', '<=', now)
        .orderBy('seen_at')
        .execute(),
      rows
        .selectFrom('account')
        .select(['vendor', 'subject', 'state', 'level', 'as_of'])
        .where('subject', 'is not', null)
        .where('source', 'in', directorySources)
        .execute(),
    ]);
    const providers = new Map<string, ProviderAccount[]>();
    for (const { vendor: at, subject, state, level, as_of } of provided) {
      const list = providers.get(subject ?? '') ?? [];
      list.push({ vendor: at, state, level, asOf: as_of.getTime() });
      providers.set(subject ?? '', list);
    }
    return {
      accounts,
      rules: new Map(rules.map((rule) => [rule.vendor, rule])),
      // The newest of each vendor, which comes last.
      attestations: new Map(attestations.map((one) => [one.vendor, one])),
      providers,
    };
  }

  function judge(account: AccountRow, { rules, attestations, providers }: Known): WithPosture {
    const rule = rules.get(account.vendor) ?? null;
    const elsewhere = account.subject === null ? [] : (providers.get(account.subject) ?? []);
    const attestation = attestations.get(account.vendor);
    const attested: Attested | null =
      attestation === undefined
        ? null
        : {
            id: attestation.id,
            level: attestation.level,
            from: attestation.seen_at.getTime(),
            until: attestation.expires_at.getTime(),
          };
    return {
      ...account,
      presence: presenceOf(elsewhere),
      posture: postureOf({
        now: clock.now(),
        seen: { level: account.level, asOf: account.as_of.getTime() },
        rule,
        provider: bestAt(elsewhere, rule?.provider ?? null),
        attested,
      }),
    };
  }

  return {
    /** Every vendor of which an export, a rule or an attestation is here. */
    async vendors(): Promise<VendorPosture[]> {
      const all = await known();
      const imports = await rows
        .selectFrom('account_import')
        .selectAll()
        .orderBy('at', 'desc')
        .limit(500)
        .execute();
      const names = new Set([
        ...all.accounts.map(({ vendor }) => vendor),
        ...all.rules.keys(),
        ...all.attestations.keys(),
        ...imports.map(({ vendor }) => vendor),
      ]);
      return [...names].toSorted().map((vendor) => ({
        ...summary(merged(all.accounts.filter((one) => one.vendor === vendor)).map((one) => judge(one, all))),
        vendor,
        rule: all.rules.get(vendor) ?? null,
        attestation: all.attestations.get(vendor) ?? null,
        imports: imports.filter((one) => one.vendor === vendor),
      }));
    },

    /** A vendor's accounts with their holders, those that want attention first. */
    async accounts(vendor: string): Promise<Judged[]> {
      const all = await known(vendor);
      const { open } = await directory();
      const judged = merged(all.accounts)
        .filter(({ state }) => state !== 'gone')
        .map((account) => ({ ...judge(account, all), holder: open(account.id, account.sealed) }));
      return judged.toSorted(
        (one, other) => concern(other) - concern(one) || nameOf(one).localeCompare(nameOf(other)),
      );
    },
  };
}

/**
 * Several exports may tell of one account: of a person at one vendor they count as one. What any of them knows is known, the
 * newest first; who is an administrator in one is one.
 */
function merged(accounts: readonly AccountRow[]): AccountRow[] {
  const byPerson = new Map<string, AccountRow>();
  const newestFirst = accounts.toSorted((one, other) => other.as_of.getTime() - one.as_of.getTime());
  for (const account of newestFirst) {
    const person = account.subject ?? account.id;
    const before = byPerson.get(person);
    byPerson.set(person, before === undefined ? account : mergedWith(before, account));
  }
  return [...byPerson.values()];
}

function mergedWith(newer: AccountRow, older: AccountRow): AccountRow {
  const knows = newer.level === 'unknown' && older.level !== 'unknown' && older.state !== 'gone';
  const there = newer.state === 'gone' ? older : newer;
  return {
    ...there,
    ...(knows ? { level: older.level, basis: older.basis, as_of: older.as_of } : {}),
    role: there.role ?? older.role,
    admin: newer.admin === true || older.admin === true ? true : (newer.admin ?? older.admin),
  };
}

/** Of several accounts at one provider the active one with the best level counts: it is the one that signs in. */
function bestAt(accounts: readonly ProviderAccount[], provider: string | null): ProviderAccount | null {
  const there = accounts.filter(({ vendor }) => vendor === provider);
  const rank = ({ state, level }: ProviderAccount) =>
    (state === 'active' ? 0 : levels.length) + levels.indexOf(level);
  return there.toSorted((one, other) => rank(one) - rank(other))[0] ?? null;
}

const nameOf = ({ holder }: { holder: Holder }): string => holder.email ?? holder.name ?? holder.externalId;

/** How much an account wants a look: who left, then administrators, then bad levels. */
function concern({ presence, admin, kind, posture }: WithPosture): number {
  if (kind === 'service') return -1;
  return (presence === 'left' ? 100 : 0) + (admin === true ? 50 : 0) + levels.indexOf(posture.level);
}

/** Counts of accounts that are there; services do not sign in, and are counted apart. */
function summary(judged: readonly WithPosture[]) {
  const there = judged.filter(({ state, kind }) => state !== 'gone' && kind === 'person');
  const count = (which: (one: WithPosture) => boolean) => there.filter(which).length;
  const counts = <T extends string>(names: readonly T[], of: (one: WithPosture) => T) =>
    Object.fromEntries(names.map((name) => [name, count((one) => of(one) === name)])) as Record<T, number>;
  return {
    accounts: there.length,
    services: judged.filter(({ state, kind }) => state !== 'gone' && kind === 'service').length,
    levels: counts(levels, ({ posture }) => posture.level),
    evidence: counts(['observed', 'inferred', 'declared', 'unknown'], ({ posture }) => posture.evidence),
    admins: count(({ admin }) => admin === true),
    adminUnknown: count(({ admin }) => admin === null),
    withoutSecondFactor: count(({ posture }) => posture.level === 'none'),
    left: count(({ presence, state }) => presence === 'left' && state !== 'suspended'),
    presenceUnknown: count(({ presence }) => presence === 'unknown'),
  };
}
export type Posture = ReturnType<typeof createPosture>;
