import { isDeepStrictEqual } from 'node:util';
import { applyKeyRestore, type KeyRestore, planKeyRestores } from '../apps/index.ts';
import {
  applyConnectionRestore,
  type ConnectionRestore,
  planConnectionRestores,
} from '../connections/index.ts';
import { type By, type Platform, Problem, recordChange, type Tx } from '../platform/index.ts';
import { applyPolicyRestore, type PolicyRestore, planPolicyRestores } from '../policy/index.ts';
import { readParts } from './history.ts';
import { identityOf, type Part } from './parts.ts';
import type { FleetTables } from './tables.ts';

/** What a rollback does, or leaves, of one thing. */
export interface RollbackLine {
  subject: { kind: 'connection' | 'key' | 'vendor' | 'policy' | 'egress' | 'app'; id: string; name: string };
  text: string;
}

/** What going back to a version does and what it can not do, before or after it was done. */
export interface Rollback {
  /** The version that is gone back to. */
  to: number;
  /** The version in force while this was found out: what a rollback is based on. */
  basedOn: number;
  putBack: RollbackLine[];
  stays: RollbackLine[];
}

/** What is in force: its version, and the configuration's revision that it was read at. */
interface InForce {
  version: number;
  revision: number;
}

/** What going back to a version would do. Writes nothing. Throws Problem 404. */
export async function planRollback(
  platform: Platform,
  to: number,
  inForce: InForce,
  reopen: boolean,
): Promise<Rollback> {
  return platform.db.transaction().execute(async (tx) => {
    const plan = await planAll(tx, platform, to, inForce, reopen);
    return plan.said;
  });
}

/**
 * Puts the configuration of a version back, through the tables that configurations are read from: what is published
 * next is what they say. One change, with one reason. Throws Problem 404, or 409 `configuration_changed` where another
 * version than `basedOn` is in force, or the configuration was changed meanwhile.
 */
export async function rollBack(
  platform: Platform,
  asked: { to: number; basedOn: number; reopen: boolean },
  inForce: InForce,
  by: By,
): Promise<Rollback> {
  const said = await platform.db.transaction().execute(async (tx) => {
    const plan = await planAll(tx, platform, asked.to, inForce, asked.reopen);
    const now = await tx
      .withTables<FleetTables>()
      .selectFrom('configuration')
      .select('revision')
      .executeTakeFirstOrThrow();
    if (inForce.version !== asked.basedOn || now.revision !== inForce.revision) {
      throw new Problem(
        409,
        'configuration_changed',
        `The configuration was changed since version ${asked.basedOn} was looked at. Look again at what going back would do, and repeat.`,
        undefined,
        { current: inForce.version },
      );
    }
    const because = {
      actor: by.actor,
      reason: `Back to configuration ${asked.to}: ${by.reason}`.slice(0, 500),
    };
    for (const one of plan.connections) await applyConnectionRestore(tx, platform, one, because);
    for (const one of plan.keys) await applyKeyRestore(tx, one);
    for (const one of plan.policies) await applyPolicyRestore(tx, one);
    await recordChange(tx, platform, {
      ...by,
      act: 'configuration.rollback',
      subject: { kind: 'snapshot', id: String(asked.to) },
      detail: { ...plan.said },
    });
    return plan.said;
  });
  platform.events.publish('connections');
  platform.events.publish('keys');
  platform.events.publish('policies');
  return said;
}

async function planAll(
  tx: Tx,
  platform: Platform,
  to: number,
  inForce: InForce,
  reopen: boolean,
): Promise<{
  said: Rollback;
  connections: ConnectionRestore[];
  keys: KeyRestore[];
  policies: PolicyRestore[];
}> {
  const parts = await readParts(tx, to);
  const partsNow = await readParts(tx, inForce.version);
  const connections = await planConnectionRestores(
    tx,
    platform,
    parts.flatMap((part) => (part.kind === 'connection' ? [part.value] : [])),
    reopen,
  );
  const names = new Map(connections.map(({ id, name }) => [id, name]));
  const keys = await planKeyRestores(
    tx,
    parts.flatMap((part) => (part.kind === 'key' ? [part.value] : [])),
    (id) => names.get(id) ?? id,
  );
  const policies = await planPolicyRestores(
    tx,
    parts.flatMap((part) => (part.kind === 'policy' ? [part.value] : [])),
  );
  const lines = (member: 'putBack' | 'stays'): RollbackLine[] => [
    ...connections.flatMap(({ id, name, [member]: texts }) =>
      texts.map((text) => ({ subject: { kind: 'connection' as const, id, name }, text })),
    ),
    ...keys.flatMap(({ id, app, [member]: texts }) =>
      texts.map((text) => ({ subject: { kind: 'key' as const, id, name: `Key ${id} of ${app}` }, text })),
    ),
    ...policies.flatMap(({ name, title, [member]: texts }) =>
      texts.map((text) => ({ subject: { kind: 'policy' as const, id: name, name: title }, text })),
    ),
  ];
  const said: Rollback = {
    to,
    basedOn: inForce.version,
    putBack: lines('putBack'),
    stays: [
      ...lines('stays'),
      ...ofVendors(parts, partsNow),
      ...egressStays(parts, partsNow),
      ...routesStay(parts, partsNow),
    ],
  };
  return { said, connections, keys, policies };
}

/** What no table can put back: pseudonym secrets that were destroyed, and packs, which are files. */
function ofVendors(then: readonly Part[], now: readonly Part[]): RollbackLine[] {
  const epochs = new Map(
    now.flatMap((part) => (part.kind === 'vendor_secret' ? [[part.vendor, part.epoch]] : [])),
  );
  const services = new Map(
    now.flatMap((part) => (part.kind === 'service' ? [[identityOf(part), part.value]] : [])),
  );
  return then.flatMap((part): RollbackLine[] => {
    if (part.kind === 'vendor_secret') {
      const current = epochs.get(part.vendor);
      if (current === undefined || current === part.epoch) return [];
      const subject = { kind: 'vendor' as const, id: part.vendor, name: part.vendor };
      const text = `Its pseudonym secret of epoch ${part.epoch} was destroyed: epoch ${current} stays.`;
      return [{ subject, text }];
    }
    if (part.kind === 'service') {
      const current = services.get(identityOf(part));
      if (current === undefined || isDeepStrictEqual(current, part.value)) return [];
      const subject = { kind: 'vendor' as const, id: part.vendor, name: part.value.name };
      return [{ subject, text: 'Its pack was another one then: the one that is installed stays.' }];
    }
    return [];
  });
}

/** Its rules are versions of their own: they are said to stay, and are changed where they are kept. */
export function egressStays(then: readonly Part[], now: readonly Part[]): RollbackLine[] {
  const [before, current] = [then, now].map((parts) => parts.find(({ kind }) => kind === 'egress'));
  if (isDeepStrictEqual(before, current)) return [];
  const subject = { kind: 'egress' as const, id: 'rules', name: 'Egress proxy' };
  return [
    { subject, text: 'Its rules were others then: those that are in force stay. Change them under Egress.' },
  ];
}

/** Routes are not put back either: each that was another one is said to stay as it is. */
export function routesStay(then: readonly Part[], now: readonly Part[]): RollbackLine[] {
  const [before, current] = [then, now].map(
    (parts) => new Map(parts.flatMap((part) => (part.kind === 'route' ? [[part.value.id, part.value]] : []))),
  );
  const ids = [...new Set([...(before?.keys() ?? []), ...(current?.keys() ?? [])])];
  return ids.flatMap((id): RollbackLine[] => {
    const [was, is] = [before?.get(id), current?.get(id)];
    const route = is ?? was;
    if (route === undefined || isDeepStrictEqual(was, is)) return [];
    const subject = { kind: 'app' as const, id: route.app, name: `Route ${route.slug}` };
    const text =
      is === undefined
        ? 'It was removed since, and is not made again.'
        : 'It was another one then: the one in force stays.';
    return [{ subject, text }];
  });
}
