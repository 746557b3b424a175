import { policyTime, unlisted } from '@drawbridge/protocol';
import { type Action, type Caller, type Platform, Problem } from '../platform/index.ts';
import type { ConnectionFacts } from './dry-run.ts';
import { type ActFacts, type Asked, actSet } from './engine.ts';
import { readFacts } from './facts.ts';
import { resourceOf } from './schema.ts';
import { type PolicyRow, readActive, stampOfActive } from './store.ts';

export interface ActDeps {
  platform: Platform;
  /** By id; `vendor` is the vendor's id. */
  connections: () => Promise<ReadonlyMap<string, ConnectionFacts & { vendor: string }>>;
}

/** A policy that forbids an act. */
export interface ActReason {
  name: string;
  title: string;
}

export interface ActPolicies {
  /**
   * Whether policies allow an act that the caller's roles permit. `id`: of the thing that it is done to, where its path has
   * one. Fails closed: an error forbids. The command of this machine is never forbidden anything, so that whoever is at
   * it can take a policy out of force.
   */
  decideAct(
    caller: Caller,
    action: Action,
    id: string | null,
  ): Promise<{ allowed: boolean; reasons: readonly ActReason[] }>;
  /** Throws Problem 403 `policy_denied` that names the policies where `decideAct` does not allow it. */
  checkAct(caller: Caller, action: Action, resource: { id: string } | null): Promise<void>;
}

interface InForce {
  stamp: string;
  rows: readonly PolicyRow[];
  set: Asked<ActFacts>;
}

const FRESH_MS = 5 * 60_000;

/** Decides what people and tokens do by the policies in force. */
export function createActPolicies(deps: ActDeps): ActPolicies {
  const { platform } = deps;
  let inForce: InForce | null = null;

  /** Policies are asked for at each act, as another control process may have changed them; read again when they differ. */
  async function current(): Promise<InForce> {
    const stamp = await stampOfActive(platform.db);
    if (inForce?.stamp === stamp) return inForce;
    const rows = await readActive(platform.db);
    inForce = { stamp, rows, set: actSet(rows) };
    return inForce;
  }

  const decideAct: ActPolicies['decideAct'] = async (caller, action, id) => {
    if (caller.kind === 'command') return { allowed: true, reasons: [] };
    const { set, rows } = await current();
    if (set.isEmpty) return { allowed: true, reasons: [] };
    const names = set.deniedBy(await factsOf(deps, caller, action, id));
    const titles = new Map(rows.map(({ name, title }) => [name, title]));
    return {
      allowed: names.length === 0,
      reasons: names.map((name) => ({ name, title: titles.get(name) ?? name })),
    };
  };

  return {
    decideAct,
    async checkAct(caller, action, resource) {
      const { allowed, reasons } = await decideAct(caller, action, resource?.id ?? null);
      if (allowed) return;
      const named = reasons.map(({ name, title }) => `“${title}” (${name})`).join(' and ');
      throw new Problem(
        403,
        'policy_denied',
        `The policy ${named} forbids this (${action}). Whoever may change policies can say more.`,
        undefined,
        { policies: reasons },
      );
    },
  };
}

async function factsOf(deps: ActDeps, caller: Caller, action: Action, id: string | null): Promise<ActFacts> {
  const now = deps.platform.clock.now();
  const age = caller.steppedUpAt === null ? Number.POSITIVE_INFINITY : now - caller.steppedUpAt;
  const kind = caller.kind === 'token' ? 'token' : 'person';
  return {
    principal: { kind, id: caller.id, roles: caller.roles },
    action,
    resource: await resourceFor(deps, action, id),
    ...policyTime(now),
    level: caller.level,
    steppedUp: age >= 0 && age <= FRESH_MS,
  };
}

/** What it is done to. What is not there yet, or not found, is the deployment's: the route will say so. */
async function resourceFor(deps: ActDeps, action: Action, id: string | null): Promise<ActFacts['resource']> {
  const kind = resourceOf(action);
  if (id === null || kind === 'Deployment') return { kind: 'deployment' };
  const { apps, vendors } = await readFacts(deps.platform.db);
  if (kind === 'App') {
    const owner = await appOf(deps.platform, id);
    const app = apps.find((one) => one.id === owner);
    return app === undefined ? { kind: 'deployment' } : { kind: 'app', app };
  }
  const found = (await deps.connections()).get(await connectionOf(deps.platform, id));
  if (found === undefined) return { kind: 'deployment' };
  const { vendor, ...connection } = found;
  const facts = vendors.find((one) => one.id === vendor) ?? { ...unlisted.vendor, id: vendor };
  return { kind: 'connection', connection, vendor: facts };
}

/** Paths of keys have the key's id. */
async function appOf({ db }: Platform, id: string): Promise<string> {
  const key = await db
    .withTables<{ virtual_key: { id: string; app: string } }>()
    .selectFrom('virtual_key')
    .select('app')
    .where('id', '=', id)
    .executeTakeFirst();
  return key?.app ?? id;
}

/** Paths of emergencies have their own id. */
async function connectionOf({ db }: Platform, id: string): Promise<string> {
  const lifted = await db
    .withTables<{ break_glass: { id: string; connection: string } }>()
    .selectFrom('break_glass')
    .select('connection')
    .where('id', '=', id)
    .executeTakeFirst();
  return lifted?.connection ?? id;
}
