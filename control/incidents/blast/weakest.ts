import type { ConnectionView } from '../../connections/index.ts';
import { isSent, type VendorRow } from '../../exposure/index.ts';
import { quotesOf } from './quotes.ts';
import type { Weakest } from './schemas.ts';

/** All vendors by what a breach at each would bring: "what if", ranked. */

interface Known {
  rows: readonly VendorRow[];
  connections: readonly ConnectionView[];
  statusOf: ReadonlyMap<string, string>;
  names: ReadonlyMap<string, string>;
  /** Vendors in the register. */
  registered: readonly string[];
  /** People of ours with accounts, by vendor. */
  accounts: ReadonlyMap<string, number>;
  apps: ReadonlyMap<string, number>;
}

const REACH: readonly string[] = ['person.email', 'person.phone'];

/** Whoever can be written to with what a vendor got comes first; nothing known comes last and says so. */
export function weakestLinks({ rows, connections, ...known }: Known): Weakest[] {
  const byVendor = new Map(rows.map((row) => [row.vendor, row]));
  const ids = new Set([...byVendor.keys(), ...known.registered, ...known.accounts.keys()]);
  return [...ids].map((id) => linkOf(id, byVendor.get(id), connections, known)).sort(byWeakness);
}

function linkOf(
  id: string,
  row: VendorRow | undefined,
  connections: readonly ConnectionView[],
  known: Omit<Known, 'rows' | 'connections'>,
): Weakest {
  const sent = row?.classes.filter(({ treatment }) => isSent(treatment)) ?? [];
  const inClear = sent.filter((one) => one.treatment === 'pass' && REACH.includes(one.class));
  const mine = connections.filter(({ vendor }) => vendor === id);
  const status = known.statusOf.get(id) ?? 'not_entered';
  const unknown: string[] = [];
  // Nobody counted what never was seen: no figure of it is zero.
  const seen = row?.lastCrossingAt == null ? undefined : row;
  if (seen === undefined) unknown.push('No record in the traffic that we saw.');
  if (status === 'not_entered') unknown.push('It is not in the register.');
  return {
    id,
    name: known.names.get(id) ?? row?.name ?? id,
    people: seen?.people ?? null,
    reachable: seen === undefined ? null : Math.max(0, ...inClear.map(({ people }) => people)),
    accounts: known.accounts.get(id) ?? null,
    phishability: seen === undefined ? null : quotesOf(sent).phishability.total,
    credentials: mine.filter(({ credential }) => credential !== null).length,
    apps: known.apps.get(id) ?? 0,
    status,
    unknown,
  };
}

/** People who can be reached, weighed by how believable a message would be; then all people, accounts and keys. */
function byWeakness(a: Weakest, b: Weakest): number {
  const harm = (one: Weakest) => ((one.reachable ?? 0) + (one.accounts ?? 0)) * (one.phishability ?? 0);
  return (
    harm(b) - harm(a) ||
    (b.people ?? 0) - (a.people ?? 0) ||
    (b.accounts ?? 0) - (a.accounts ?? 0) ||
    Number(a.people === null) - Number(b.people === null) ||
    b.credentials - a.credentials ||
    (a.id < b.id ? -1 : 1)
  );
}
