import { type EgressConfig, EgressSchema } from '@drawbridge/protocol';
import type { z } from 'zod';
import type { Db, Tx } from '../platform/index.ts';
import type { Known } from '../vendors/index.ts';
import type { EgressTables } from './tables.ts';

/** What people say of the egress proxy; whose hosts are known comes from the facts about vendors. */
export const StoredRulesSchema = EgressSchema.omit({ vendors: true, severed: true });
export type StoredRules = z.infer<typeof StoredRulesSchema>;

/** What is there before anyone said anything: nobody may use the proxy, and once an app may, nothing is refused yet. */
export const firstRules: StoredRules = {
  mode: 'observe',
  apps: [],
  ports: { connect: [443], http: [80] },
  allow: { vendors: [], hosts: [], countries: [] },
  deny: { vendors: [], hosts: [] },
  networks: [],
  sni: true,
};

export interface RulesInForce {
  /** 0: nobody said anything yet. */
  version: number;
  rules: StoredRules;
  madeAt: Date | null;
  madeBy: string | null;
  reason: string | null;
}

export async function readRules(db: Db | Tx): Promise<RulesInForce> {
  const row = await db
    .withTables<EgressTables>()
    .selectFrom('egress_rules')
    .selectAll()
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (row === undefined) return { version: 0, rules: firstRules, madeAt: null, madeBy: null, reason: null };
  const { version, rules, made_at: madeAt, made_by: madeBy, reason } = row;
  return { version, rules: StoredRulesSchema.parse(rules), madeAt, madeBy, reason };
}

/** The rules as gateways get them: with all vendors whose hosts are known. */
export function compiledRules(rules: StoredRules, known: Known): EgressConfig {
  return {
    ...rules,
    severed: [],
    vendors: known.all
      .map(({ id, headquarters, domains }) => ({
        id,
        country: headquarters?.is ?? null,
        domains: domains.map(({ is }) => is),
      }))
      .filter(({ domains }) => domains.length > 0),
  };
}

/**
 * What snapshots have of it; null: nobody said anything, or no app may use the proxy. `severed`: vendors that are cut off beside
 * those of severed connections, which gateways know themselves.
 */
export async function readEgressForSnapshot(
  tx: Tx,
  known: () => Promise<Known>,
  severed: (tx: Tx) => Promise<string[]>,
): Promise<EgressConfig | null> {
  const { rules } = await readRules(tx);
  return rules.apps.length === 0
    ? null
    : { ...compiledRules(rules, await known()), severed: await severed(tx) };
}

/** How far a change opens what was shut: such changes are told apart in the record. */
export function loosens(before: StoredRules, after: StoredRules): boolean {
  const strictness = { observe: 0, warn: 1, enforce: 2 };
  const adds = (a: readonly (string | number)[], b: readonly (string | number)[]) =>
    b.some((one) => !a.includes(one));
  return (
    strictness[after.mode] < strictness[before.mode] ||
    (before.sni && !after.sni) ||
    adds(before.apps, after.apps) ||
    adds(before.networks, after.networks) ||
    adds(before.ports.connect, after.ports.connect) ||
    adds(before.ports.http, after.ports.http) ||
    adds(before.allow.vendors, after.allow.vendors) ||
    adds(before.allow.hosts, after.allow.hosts) ||
    adds(before.allow.countries, after.allow.countries) ||
    adds(after.deny.vendors, before.deny.vendors) ||
    adds(after.deny.hosts, before.deny.hosts)
  );
}
