import { policyTime } from '@drawbridge/protocol';
import { type Action, type Caller, type Named, Problem } from '../platform/index.ts';
import { type ActFacts, type Asked, actSet } from './engine.ts';
import { type ActDeps, resourceFor } from './resources.ts';
import { type PolicyRow, readActive, stampOfActive } from './store.ts';

/** A policy that forbids an act. */
export interface ActReason {
  name: string;
  title: string;
}

export interface ActPolicies {
  /**
   * Whether policies allow an act that the caller's roles permit, to what its path speaks of. Fails closed: an error forbids. The command of this machine is never forbidden anything, so that whoever is at
   * it can take a policy out of force.
   */
  decideAct(
    caller: Caller,
    action: Action,
    named: Named | null,
  ): Promise<{ allowed: boolean; reasons: readonly ActReason[] }>;
  /** Throws Problem 403 `policy_denied` that names the policies where `decideAct` does not allow it. */
  checkAct(caller: Caller, action: Action, named: Named | null): Promise<void>;
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

  const decideAct: ActPolicies['decideAct'] = async (caller, action, named) => {
    if (caller.kind === 'command') return { allowed: true, reasons: [] };
    const { set, rows } = await current();
    if (set.isEmpty) return { allowed: true, reasons: [] };
    const names = set.deniedBy(await factsOf(deps, caller, action, named));
    const titles = new Map(rows.map(({ name, title }) => [name, title]));
    return {
      allowed: names.length === 0,
      reasons: names.map((name) => ({ name, title: titles.get(name) ?? name })),
    };
  };

  return {
    decideAct,
    async checkAct(caller, action, named) {
      const { allowed, reasons } = await decideAct(caller, action, named);
      if (allowed) return;
      const forbid = reasons.map(({ name, title }) => `“${title}” (${name})`).join(' and ');
      throw new Problem(
        403,
        'policy_denied',
        `The policy ${forbid} forbids this (${action}). Whoever may change policies can say more.`,
        undefined,
        { policies: reasons },
      );
    },
  };
}

async function factsOf(
  deps: ActDeps,
  caller: Caller,
  action: Action,
  named: Named | null,
): Promise<ActFacts> {
  const now = deps.platform.clock.now();
  const age = caller.steppedUpAt === null ? Number.POSITIVE_INFINITY : now - caller.steppedUpAt;
  const kind = caller.kind === 'token' ? 'token' : 'person';
  return {
    principal: { kind, id: caller.id, roles: caller.roles },
    action,
    resource: await resourceFor(deps, action, named),
    ...policyTime(now),
    level: caller.level,
    steppedUp: age >= 0 && age <= FRESH_MS,
  };
}
