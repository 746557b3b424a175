import { isDeepStrictEqual } from 'node:util';
import type { ConnectionMode, ContractDocument } from '@drawbridge/protocol';
import type { By, Platform, Tx } from '../platform/index.ts';
import { readBreakGlassForSnapshot } from './break-glass.ts';
import { insertVersion } from './contracts.ts';
import { type ConnectionRow, selectConnections, upstreamOf, writeConnection } from './store.ts';
import type { ConnectionTables } from './tables.ts';
import { isElsewhere, leadsElsewhere, type Upstream } from './upstream.ts';

/** A break-glass in force, until milliseconds since 1970. */
interface LiftedFor {
  id: string;
  until: number;
}

/** What each mode means, as the end of a sentence. */
export const modeText: Readonly<Record<ConnectionMode, string>> = {
  observe: 'requests cross as apps send them, and what contract and policies would have done is recorded',
  minimise: 'data is minimised, and nothing is refused because of what it is',
  enforce: 'contract and policies hold',
};

/** What a connection was like, as far as it can be put back. */
export interface FormerSettings {
  id: string;
  state: 'open' | 'severed';
  /** Left out: `enforce`. */
  mode?: ConnectionMode | undefined;
  break_glass?: LiftedFor | undefined;
  upstream: Upstream;
  origins: string[];
  contract: { version: number };
  credential: { version: number } | null;
}

/** What is to be written to make a connection as it was, and in words what that does and what stays as it is. */
export interface ConnectionRestore {
  id: string;
  name: string;
  columns: Parameters<typeof writeConnection>[2];
  /** The rules to put in force as a new contract version: versions go up only. */
  contract: { from: number; rules: ContractDocument } | null;
  putBack: string[];
  stays: string[];
}

/**
 * Plans for all connections that there are, which stay locked until the transaction ends. A severed one stays severed
 * unless `reopen`; one that is not among the former stays as it is. No break-glass begins or ends: it was approved for a
 * time, and by people.
 */
export async function planConnectionRestores(
  tx: Tx,
  platform: Platform,
  former: readonly FormerSettings[],
  reopen: boolean,
): Promise<ConnectionRestore[]> {
  const rows = tx.withTables<ConnectionTables>();
  await rows.selectFrom('connection').select('id').orderBy('id').forUpdate().execute();
  const byId = new Map(former.map((one) => [one.id, one]));
  const lifted = await readBreakGlassForSnapshot(tx, new Date(platform.clock.now()));
  const plans: ConnectionRestore[] = [];
  for (const row of await selectConnections(tx).orderBy('connection.id').execute()) {
    const was = byId.get(row.id);
    const plan = was === undefined ? untouched(row) : await planRestore(tx, row, was, reopen);
    planBreakGlass(plan, was?.break_glass, lifted.get(row.id));
    plans.push(plan);
  }
  return plans;
}

function untouched(row: ConnectionRow): ConnectionRestore {
  const stays = ['It was connected later: it stays as it is. Sever it on its page if nothing shall cross.'];
  return { id: row.id, name: row.name, columns: {}, contract: null, putBack: [], stays };
}

async function planRestore(
  tx: Tx,
  row: ConnectionRow,
  was: FormerSettings,
  reopen: boolean,
): Promise<ConnectionRestore> {
  const plan: ConnectionRestore = {
    id: row.id,
    name: row.name,
    columns: {},
    contract: null,
    putBack: [],
    stays: [],
  };
  planState(plan, row, was, reopen);
  planMode(plan, row, was);
  planUpstream(plan, row, was);
  if (!isDeepStrictEqual(was.origins, row.origins)) {
    plan.columns.origins = was.origins;
    plan.putBack.push(`Its origins are those of then: ${was.origins.join(', ') || 'none'}.`);
  }
  if (was.contract.version !== row.contract_version) await planContract(tx, plan, row, was.contract.version);
  if (was.credential !== null && was.credential.version !== row.credential_version) {
    plan.stays.push(
      row.credential_version === null
        ? `Version ${was.credential.version} of its credential was destroyed: it has none until one is entered.`
        : `Version ${was.credential.version} of its credential was destroyed: version ${row.credential_version} stays in use.`,
    );
  }
  return plan;
}

function planState(plan: ConnectionRestore, row: ConnectionRow, was: FormerSettings, reopen: boolean): void {
  if (row.held_by.length > 0) {
    plan.stays.push('A severance holds it cut off: it stays severed until that is reopened.');
    return;
  }
  if (was.state === row.state) return;
  if (was.state === 'open' && !reopen) {
    plan.stays.push(
      'It is severed and stays severed. Ask for it to be opened again, or open it on its page.',
    );
    return;
  }
  plan.columns.state = was.state;
  plan.putBack.push(
    was.state === 'severed' ? 'It is severed: nothing crosses.' : 'It is opened: requests cross again.',
  );
}

function planMode(plan: ConnectionRestore, row: ConnectionRow, was: FormerSettings): void {
  const mode = was.mode ?? 'enforce';
  if (mode === row.mode) return;
  plan.columns.mode = mode;
  plan.putBack.push(`Its mode is ${mode}: ${modeText[mode]}.`);
}

function planBreakGlass(
  plan: ConnectionRestore,
  then: LiftedFor | undefined,
  now: LiftedFor | undefined,
): void {
  if (now !== undefined && then?.id !== now.id) {
    const until = new Date(now.until).toISOString();
    plan.stays.push(`A break-glass is in force until ${until} and stays so. End it on its page.`);
  }
  if (then !== undefined && then.id !== now?.id) {
    plan.stays.push('A break-glass was in force then: it is over and stays over.');
  }
}

/**
 * Where a connection leads is changed by an act of its own (`connection.change_host`), which asks for more than a rollback
 * does: a second person where that is set, and the credential anew.
 */
function planUpstream(plan: ConnectionRestore, row: ConnectionRow, was: FormerSettings): void {
  const upstream = upstreamOf(row);
  if (isDeepStrictEqual(was.upstream, upstream)) return;
  if (isElsewhere(was.upstream, upstream)) {
    plan.stays.push(
      `It went to ${was.upstream.host} and stays with ${upstream.host}: a rollback sends nothing to another host. Change the host on its page${row.credential_id === null ? '.' : ': the credential, which is bound to it, must be entered again then.'}`,
    );
    return;
  }
  if (leadsElsewhere(upstream, was.upstream)) {
    plan.stays.push('Private addresses stay forbidden to it. Allow them on its page.');
    return;
  }
  plan.columns.private = was.upstream.private;
  plan.putBack.push('Private addresses are forbidden to it again.');
}

async function planContract(
  tx: Tx,
  plan: ConnectionRestore,
  row: ConnectionRow,
  version: number,
): Promise<void> {
  const found = await tx
    .withTables<ConnectionTables>()
    .selectFrom('contract_version')
    .select(['version', 'rules'])
    .where('connection', '=', row.id)
    .where('version', 'in', [version, row.contract_version])
    .execute();
  const rules = found.find((one) => one.version === version)?.rules;
  const current = found.find((one) => one.version === row.contract_version)?.rules;
  if (rules === undefined) {
    plan.stays.push(
      `Version ${version} of its contract is not known here: version ${row.contract_version} stays.`,
    );
  } else if (!isDeepStrictEqual(rules, current)) {
    plan.contract = { from: version, rules };
    plan.putBack.push(
      `The rules of contract version ${version} are in force again, as version ${row.contract_version + 1}.`,
    );
  }
}

/** Writes a plan. In the transaction that made it. */
export async function applyConnectionRestore(
  tx: Tx,
  platform: Platform,
  plan: ConnectionRestore,
  by: By,
): Promise<void> {
  if (plan.contract !== null) {
    const row = await selectConnections(tx).where('connection.id', '=', plan.id).executeTakeFirstOrThrow();
    await insertVersion(tx, platform, row, plan.contract.rules, by);
  }
  if (Object.keys(plan.columns).length > 0) await writeConnection(tx, plan.id, plan.columns);
}
