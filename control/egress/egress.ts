import {
  compileEgress,
  type EgressConfig,
  type EgressReason,
  EgressSchema,
  type Severed,
} from '@drawbridge/protocol';
import { sql } from 'kysely';
import type { Approvals } from '../approvals/index.ts';
import { type By, type Platform, Problem, recordChange, type Tx } from '../platform/index.ts';
import type { Known } from '../vendors/index.ts';
import { hosts } from './hosts.ts';
import { networkProblem } from './networks.ts';
import { type Consequence, changedIn, consequenceIn, type Preview } from './preview.ts';
import {
  compiledRules,
  loosens,
  type RulesInForce,
  readEgressForSnapshot,
  readRules,
  type StoredRules,
} from './rules.ts';
import type { EgressTables } from './tables.ts';

export interface EgressDeps {
  platform: Platform;
  approvals: Approvals;
  known: () => Promise<Known>;
  /** Vendors and hosts of connections that are severed: the proxy reaches none of them. */
  severed: () => Promise<Severed>;
  /** Names of apps by id; one that is not in the answer is none. */
  appNames: (ids: readonly string[]) => Promise<ReadonlyMap<string, string>>;
}

const RULES = { act: 'egress.change', subject: { kind: 'egress', id: 'rules' } } as const;
const DAYS = 7;
const DAY_MS = 24 * 3600_000;
/** Key of the advisory lock under which rules are changed. */
const RULES_LOCK = 4_400_440_0;

/** The egress proxy as people rule it. */
export function createEgress({ platform, approvals, known, severed, appNames }: EgressDeps) {
  /** Judges as gateways do: with the same function, on the same rules. */
  async function judging(rules: StoredRules): Promise<(host: string) => EgressReason | null> {
    const [facts, cut] = await Promise.all([known(), severed()]);
    const compiled = compileEgress(compiledRules(rules, facts), cut);
    return (host) => compiled.judge(host).reason;
  }

  const lately = () => hosts(platform, { since: new Date(platform.clock.now() - DAYS * DAY_MS) });

  async function consequenceOf(rules: StoredRules): Promise<Consequence> {
    const [seen, reasonOf] = await Promise.all([lately(), judging(rules)]);
    return consequenceIn(seen, reasonOf, DAYS);
  }

  /**
   * What a change would do to the hosts that were used in the last days, were it enforced; nothing is changed. Throws as
   * `change` does, but for a second person.
   */
  async function preview(basedOn: number, make: (rules: StoredRules) => StoredRules): Promise<Preview> {
    const before = await readRules(platform.db);
    expectVersion(before.version, basedOn);
    const rules = tidy(make(before.rules));
    await check(rules);
    const [seen, was, will] = await Promise.all([lately(), judging(before.rules), judging(rules)]);
    return {
      loosens: loosens(before.rules, rules),
      before: consequenceIn(seen, was, DAYS),
      after: consequenceIn(seen, will, DAYS),
      ...changedIn(seen, was, will),
    };
  }

  async function check(rules: StoredRules): Promise<void> {
    const config: EgressConfig = compiledRules(rules, await known());
    const read = EgressSchema.safeParse(config);
    if (!read.success) {
      const issue = read.error.issues[0];
      const field = issue?.path.map(String).join('.') ?? 'rules';
      throw new Problem(422, 'invalid', `${field}: ${issue?.message ?? 'is not valid'}`);
    }
    for (const [index, network] of rules.networks.entries()) {
      const problem = networkProblem(network);
      if (problem !== null) throw new Problem(422, 'invalid', `networks.${index}: ${network} ${problem}`);
    }
    const named = await appNames(rules.apps);
    const unknown = rules.apps.find((id) => !named.has(id));
    if (unknown !== undefined) throw new Problem(422, 'invalid', `apps: there is no app ${unknown}.`);
  }

  /**
   * Changes the rules in force. `basedOn`: the version that was looked at. Throws Problem 409 where another is in force.
   * What loosens them waits for a second person where the organisation wants that: run it in `approvals.asking`.
   */
  async function change(
    basedOn: number | null,
    make: (rules: StoredRules) => StoredRules,
    by: By,
  ): Promise<RulesInForce> {
    const made = await platform.db.transaction().execute(async (tx) => {
      await lockRules(tx);
      const before = await readRules(tx);
      if (basedOn !== null) expectVersion(before.version, basedOn);
      const rules = tidy(make(before.rules));
      await check(rules);
      const modes = { mode: rules.mode, was: before.rules.mode };
      const isLooser = loosens(before.rules, rules);
      if (isLooser) {
        const sni = { from: before.rules.sni, to: rules.sni };
        const what = { ...modes, sni, ...differenceOf(before.rules, rules, Number.POSITIVE_INFINITY) };
        await approvals.spendIfNeeded(tx, { ...RULES, what }, by);
      }
      const version = before.version + 1;
      const now = new Date(platform.clock.now());
      await tx
        .withTables<EgressTables>()
        .insertInto('egress_rules')
        .values({
          version,
          rules: JSON.stringify(rules),
          made_at: now,
          made_by: by.actor.name,
          reason: by.reason,
        })
        .execute();
      await recordChange(tx, platform, {
        ...by,
        ...RULES,
        detail: { version, loosens: isLooser, ...modes, ...differenceOf(before.rules, rules, MOST_TOLD) },
      });
      return { version, rules, madeAt: now, madeBy: by.actor.name, reason: by.reason };
    });
    platform.events.publish('egress');
    return made;
  }

  return {
    read: () => readRules(platform.db),
    change,
    preview,
    judging,
    consequenceOf,
    appNames,
    forSnapshot: (tx: Tx) => readEgressForSnapshot(tx, known),
  };
}

export type Egress = ReturnType<typeof createEgress>;

/** Puts a host on one list, and takes it off the other; `none`: off both. */
export function listed(rules: StoredRules, host: string, list: 'allow' | 'deny' | 'none'): StoredRules {
  const without = (all: readonly string[]) => all.filter((one) => one !== host);
  const allow = without(rules.allow.hosts);
  const deny = without(rules.deny.hosts);
  return {
    ...rules,
    allow: { ...rules.allow, hosts: list === 'allow' ? [...allow, host] : allow },
    deny: { ...rules.deny, hosts: list === 'deny' ? [...deny, host] : deny },
  };
}

function expectVersion(version: number, basedOn: number): void {
  if (version === basedOn) return;
  throw new Problem(
    409,
    'changed_meanwhile',
    `The rules were changed meanwhile: version ${version} is in force. Look at it, and change that.`,
  );
}

async function lockRules(tx: Tx): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(${RULES_LOCK})`.execute(tx);
}

/** Each once, in order: the same rules are the same text, and publish nothing new. */
function tidy(rules: StoredRules): StoredRules {
  const texts = (all: readonly string[]) => [...new Set(all)].sort();
  const numbers = (all: readonly number[]) => [...new Set(all)].sort((a, b) => a - b);
  return {
    mode: rules.mode,
    apps: texts(rules.apps),
    ports: { connect: numbers(rules.ports.connect), http: numbers(rules.ports.http) },
    allow: {
      vendors: texts(rules.allow.vendors),
      hosts: texts(rules.allow.hosts),
      countries: texts(rules.allow.countries),
    },
    deny: { vendors: texts(rules.deny.vendors), hosts: texts(rules.deny.hosts) },
    networks: texts(rules.networks),
    sni: rules.sni,
  };
}

/** What came and went, list by list, at most so many of each: the record of changes is short, who approves sees all. */
function differenceOf(before: StoredRules, after: StoredRules, most: number): Record<string, unknown> {
  const lists = {
    apps: [before.apps, after.apps],
    allow_vendors: [before.allow.vendors, after.allow.vendors],
    allow_hosts: [before.allow.hosts, after.allow.hosts],
    allow_countries: [before.allow.countries, after.allow.countries],
    deny_vendors: [before.deny.vendors, after.deny.vendors],
    deny_hosts: [before.deny.hosts, after.deny.hosts],
    networks: [before.networks, after.networks],
    connect_ports: [before.ports.connect.map(String), after.ports.connect.map(String)],
    http_ports: [before.ports.http.map(String), after.ports.http.map(String)],
  } as const;
  const found: Record<string, unknown> = {};
  for (const [name, [was, is]] of Object.entries(lists)) {
    const added = is.filter((one) => !was.includes(one)).slice(0, most);
    const gone = was.filter((one) => !is.includes(one)).slice(0, most);
    if (added.length > 0 || gone.length > 0) found[name] = { added, gone };
  }
  return found;
}
const MOST_TOLD = 50;
