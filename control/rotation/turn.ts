import {
  enterNextCredential,
  eraseCredential,
  lockConnection,
  nextBinding,
  shareNextCredential,
  switchCredential,
  writeConnection,
} from '../connections/index.ts';
import { configurationRevision } from '../fleet/index.ts';
import { raiseKeyAlarm } from '../key-alarms/index.ts';
import { type Actor, type By, type Platform, recordChange, type Tx } from '../platform/index.ts';
import type { Catalogue } from '../vendors/index.ts';
import type { Happened } from './happen.ts';
import { type Act, isOver, next, type State, type Turn } from './rules.ts';
import { insertStep, lockRotation, type RotationRow, stateOf, updateRotation } from './store.ts';

/** Whoever is named where a rotation goes on by itself. */
export const rotator: Actor = { id: 'system:rotation', name: 'Rotation' };

export interface TurnDeps {
  platform: Platform;
  catalogue: Catalogue;
}

const SECOND = 1000;
/** How often each step looks again while nothing happens. */
const LOOK_MS: Partial<Record<State['step'], number>> = { overlap: 60 * SECOND, delete: 60 * SECOND };
const LONGEST_WAIT_MS = 300 * SECOND;

/**
 * Keeps what happened to a rotation, with all that comes of it, in one transaction. What was found out about another
 * state than the one that holds is thrown away: false.
 */
export async function take(deps: TurnDeps, seen: RotationRow, happened: Happened): Promise<boolean> {
  const { platform } = deps;
  const { event } = happened;
  const by: By = { actor: rotator, reason: seen.reason };
  const taken = await platform.db.transaction().execute(async (tx) => {
    // Connections before rotations, as all do who lock both.
    await lockConnection(tx, seen.connection);
    const row = await lockRotation(tx, seen.id);
    if (row.revision !== seen.revision) return false;
    const turn = event === null ? null : next(stateOf(row), event, platform.clock.now());
    if (turn === null) {
      await wait(tx, deps, row, happened);
      return true;
    }
    if (happened.made !== undefined && !(await keepMade(tx, deps, row, happened.made, by))) return false;
    await move(tx, deps, row, turn, happened, by);
    return true;
  });
  platform.events.publish('rotations');
  if (taken) for (const topic of ['connections', 'alarms'] as const) platform.events.publish(topic);
  return taken;
}

/** Nothing changed: it is looked at again later. */
async function wait(tx: Tx, deps: TurnDeps, row: RotationRow, happened: Happened): Promise<void> {
  if (happened.foreign !== undefined) await raise(tx, deps, row, happened.foreign);
  await updateRotation(tx, row, {
    ...found(deps, row, happened),
    due_at: dueAt(deps, stateOf(row), happened),
  });
}

function found({ platform }: TurnDeps, row: RotationRow, happened: Happened) {
  return {
    said: happened.said ?? (row.needs === null ? null : row.said),
    ...(happened.switchVersion === undefined ? {} : { switch_version: happened.switchVersion }),
    ...(happened.oldProbed === true ? { old_probed_at: new Date(platform.clock.now()) } : {}),
  };
}

function dueAt({ platform }: TurnDeps, state: State, { waitMs }: Happened): Date {
  const backoff = state.failed === 0 ? 0 : Math.min(2 ** state.failed * SECOND, LONGEST_WAIT_MS);
  const asked = waitMs ?? 0;
  // Never later than when the plan has something to decide.
  const look = Math.min(LOOK_MS[state.step] ?? 2 * SECOND, Math.max(state.plan.overlapMs, SECOND));
  return new Date(platform.clock.now() + Math.max(look, backoff, asked));
}

/** The new key becomes the next credential. False: the connection has changed since the key was bound to it. */
async function keepMade(
  tx: Tx,
  { platform, catalogue }: TurnDeps,
  row: RotationRow,
  { binding, wrapped, refs }: NonNullable<Happened['made']>,
  by: By,
): Promise<boolean> {
  const connection = await lockConnection(tx, row.connection);
  const service = catalogue.service(connection.vendor, connection.service);
  if (service === undefined) return false;
  const now = await nextBinding(tx, connection, service);
  if (!Buffer.from(now.context).equals(Buffer.from(binding.context))) return false;
  await enterNextCredential(tx, platform, connection, binding, wrapped, by);
  await updateRotation(tx, row, { to_version: binding.version, new_refs: JSON.stringify(refs) });
  row.revision += 1;
  return true;
}

/** Moves a rotation on and does its acts. */
export async function move(
  tx: Tx,
  deps: TurnDeps,
  row: RotationRow,
  { state, acts }: Turn,
  happened: Happened,
  by: By,
): Promise<void> {
  const { platform } = deps;
  for (const act of acts) await perform(tx, platform, row, act, by);
  if (happened.foreign !== undefined) await raise(tx, deps, row, happened.foreign);
  const moved = state.step !== row.step || state.needs !== row.needs;
  const now = new Date(platform.clock.now());
  await updateRotation(tx, row, {
    ...found(deps, row, happened),
    step: state.step,
    since: new Date(state.since),
    failed: state.failed,
    needs: state.needs,
    switched: state.switched,
    due_at: moved && state.needs === null ? now : dueAt(deps, state, happened),
    ended_at: isOver(state) ? now : null,
    ...(await awaited(tx, row, state, acts)),
  });
  if (!moved) return;
  const said = happened.said ?? null;
  await insertStep(tx, {
    rotation: row.id,
    at: now,
    step: state.step,
    needs: state.needs,
    by_name: by.actor.name,
    said,
  });
  await recordChange(tx, platform, {
    ...by,
    act: actOf(state),
    subject: { kind: 'rotation', id: row.id },
    detail: {
      connection: row.connection,
      from: row.step,
      to: state.step,
      ...(state.needs === null ? {} : { needs: state.needs }),
      ...(said === null ? {} : { said }),
    },
  });
}

/**
 * Which configuration all gateways are to run on before the next key of the two is deleted at the vendor. None where no
 * gateway ever had the new key, or a person goes on without those that are behind.
 */
async function awaited(tx: Tx, row: RotationRow, { step }: State, acts: readonly Act[]) {
  if (
    step === 'clean_up' &&
    (row.step === 'create' || row.step === 'probe' || row.needs === 'gateways_behind')
  )
    return { switch_revision: null, switch_version: null };
  const begins = acts.includes('switch') || (step === 'clean_up' && row.step !== 'clean_up');
  return begins ? { switch_revision: await configurationRevision(tx), switch_version: null } : {};
}

function actOf(state: State): string {
  if (state.step === 'done') return 'rotation.finish';
  if (state.step === 'undone') return 'rotation.undo';
  return state.needs === null ? 'rotation.advance' : 'rotation.stop';
}

async function perform(tx: Tx, platform: Platform, row: RotationRow, act: Act, by: By): Promise<void> {
  const { connection } = row;
  switch (act) {
    case 'share':
      return shareNextCredential(tx, connection, row.plan.share);
    case 'stop_share':
      return shareNextCredential(tx, connection, 0);
    case 'switch':
    case 'switch_back':
      await switchCredential(tx, connection, act === 'switch_back');
      await writeConnection(tx, connection, {});
      return recordChange(tx, platform, {
        ...by,
        act: 'credential.switch',
        subject: { kind: 'connection', id: connection },
        detail: { to: act === 'switch' ? row.to_version : row.from_version, rotation: row.id },
      });
    case 'drop_next':
    case 'drop_previous':
      return eraseCredential(tx, platform, connection, act === 'drop_next' ? 'next' : 'previous');
  }
}

async function raise(
  tx: Tx,
  { platform }: TurnDeps,
  row: RotationRow,
  { lastUsed, ours }: NonNullable<Happened['foreign']>,
): Promise<void> {
  const connection = await lockConnection(tx, row.connection);
  await raiseKeyAlarm(tx, platform, {
    kind: 'foreign_use',
    about: { kind: 'connection', id: row.connection },
    vendor: connection.vendor,
    text: `The old key of ${connection.name} (version ${row.from_version}) was used by somebody else: the vendor saw it on ${lastUsed.toISOString()}, and our last use was on ${ours.toISOString()}. Find out who holds it, then let the rotation go on: it deletes the key.`,
    evidence: {
      rotation: row.id,
      version: row.from_version,
      vendorLastUsed: lastUsed.toISOString(),
      ourLastUse: ours.toISOString(),
      lagSeconds: row.plan.lagMs / 1000,
    },
    at: lastUsed,
    same: `old key ${row.connection} ${row.from_version}`,
  });
}
