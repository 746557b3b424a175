import type { Approvals } from '../approvals/index.ts';
import {
  type ConnectionRow,
  checkedCredential,
  enterNextCredential,
  eraseCredential,
  expectHostApproved,
  lockConnection,
  nextBinding,
  readConnection,
  selectConnections,
} from '../connections/index.ts';
import { type By, newId, type Platform, Problem, recordChange, type Tx } from '../platform/index.ts';
import type { Vault } from '../vault/index.ts';
import { type FindKeys, packRotationOf, readStandingAdmin } from './keys-of.ts';
import { needText } from './need-text.ts';
import { begin, canRollBack, type Event, next, type Plan } from './rules.ts';
import { PlanSchema, type RotationDetail, type RotationView, type StartRotation } from './schemas.ts';
import {
  insertRotation,
  insertStep,
  lockRotation,
  type RotationRow,
  readRotation,
  readRotations,
  readSteps,
  readUse,
  stateOf,
  updateRotation,
} from './store.ts';
import type { RotationTables } from './tables.ts';
import { move, type TurnDeps } from './turn.ts';
import type { Refs } from './vendor-keys.ts';

export interface RotationDeps extends TurnDeps {
  vault: Vault;
  approvals: Approvals;
  findKeys: FindKeys;
  /** Something is to be done: look at once. */
  poke: () => void;
}

/** Rotations, as people start, see and steer them. Every write is recorded with actor and reason. */
export interface Rotations {
  list(): Promise<RotationView[]>;
  get(id: string): Promise<RotationDetail>;
  /** Throws Problem 409 `no_credential`, `rotation_under_way`, `no_vendor_admin`. */
  start(connection: string, given: StartRotation, by: By): Promise<RotationDetail>;
  /** The key that a person made at the vendor, for a host as any credential. Throws Problem 409 `not_waiting`. */
  enterKey(id: string, value: string, by: By): Promise<RotationDetail>;
  /** Throws Problem 409 `not_now`. */
  say(id: string, says: Extract<Event, { type: 'person' }>['says'], by: By): Promise<RotationDetail>;
}

export function createRotations(deps: RotationDeps): Rotations {
  const { platform, vault, catalogue } = deps;

  async function write(work: (tx: Tx) => Promise<string>): Promise<RotationDetail> {
    const id = await platform.db.transaction().execute(work);
    for (const topic of ['rotations', 'connections'] as const) platform.events.publish(topic);
    deps.poke();
    return detail(id);
  }

  async function detail(id: string): Promise<RotationDetail> {
    const row = await readRotation(platform.db, id);
    const steps = await readSteps(platform.db, id);
    return {
      ...(await view(row, await readConnection(platform.db, row.connection))),
      steps: steps.map((step) => ({
        at: step.at.toISOString(),
        step: step.step,
        needs: step.needs,
        by: step.by_name,
        said: step.said,
      })),
    };
  }

  async function view(row: RotationRow, connection: ConnectionRow): Promise<RotationView> {
    const use = await readUse(platform.db, row.connection);
    const mine = use.get(row.to_version ?? -1);
    const { plan } = row;
    const state = stateOf(row);
    return {
      id: row.id,
      connection: {
        id: connection.id,
        name: connection.name,
        vendor: connection.vendor,
        service: connection.service,
      },
      how: row.how,
      step: row.step,
      since: row.since.toISOString(),
      needs: row.needs,
      needsText: row.needs === null ? null : needText(row.needs, row.step),
      said: row.said,
      failed: row.failed,
      fromVersion: row.from_version,
      toVersion: row.to_version,
      plan: {
        share: plan.share,
        canarySeconds: plan.canaryMs / 1000,
        canaryAnswers: plan.canaryAnswers,
        overlapSeconds: plan.overlapMs / 1000,
      },
      seen: {
        answered: mine?.answered ?? 0,
        refused: (mine?.unauthorised ?? 0) + (mine?.forbidden ?? 0),
        oldLastAt: (use.get(row.from_version) ?? use.get(0))?.last.toISOString() ?? null,
      },
      canRollBack: row.ended_at === null && canRollBack(state),
      canGoOn: next(state, { type: 'person', says: 'go_on' }, platform.clock.now()) !== null,
      manual: packRotationOf(catalogue, connection)?.manual ?? null,
      reason: row.reason,
      startedAt: row.started_at.toISOString(),
      startedBy: row.started_by_name,
      endedAt: row.ended_at?.toISOString() ?? null,
    };
  }

  return {
    async list() {
      const rows = await readRotations(platform.db);
      const all = await selectConnections(platform.db).execute();
      const byId = new Map(all.map((connection) => [connection.id, connection]));
      return Promise.all(
        rows.flatMap((row) => {
          const connection = byId.get(row.connection);
          return connection === undefined ? [] : [view(row, connection)];
        }),
      );
    },

    get: detail,

    start: (id, given, by) => write((tx) => startIn(tx, deps, id, given, by)),

    enterKey: (id, value, by) =>
      write(async (tx) => {
        const { connection: connectionId } = await readRotation(tx, id);
        const connection = await lockConnection(tx, connectionId);
        const row = await lockRotation(tx, id);
        const turn = next(stateOf(row), { type: 'made' }, platform.clock.now());
        const mayEnter = row.how === 'guided' && (row.step === 'create' || row.needs === 'new_key_refused');
        if (turn === null || !mayEnter)
          throw new Problem(409, 'not_waiting', 'This rotation does not wait for a key.');
        const service = catalogue.service(connection.vendor, connection.service);
        if (service === undefined)
          throw new Problem(409, 'pack_missing', 'The pack of this vendor is gone. Put it back first.');
        await expectHostApproved(tx, deps.approvals, connection, by);
        const binding = await nextBinding(tx, connection, service);
        const wrapped = await vault.seal(checkedCredential(value, 'value', service), binding.context);
        await eraseCredential(tx, platform, connectionId, 'next');
        await enterNextCredential(tx, platform, connection, binding, wrapped, by);
        await updateRotation(tx, row, { to_version: binding.version });
        await move(tx, deps, { ...row, revision: row.revision + 1 }, turn, { event: { type: 'made' } }, by);
        return id;
      }),

    say: (id, says, by) =>
      write(async (tx) => {
        const { connection } = await readRotation(tx, id);
        await lockConnection(tx, connection);
        const row = await lockRotation(tx, id);
        const event: Event = { type: 'person', says };
        const turn = next(stateOf(row), event, platform.clock.now());
        if (turn === null)
          throw new Problem(
            409,
            'not_now',
            `This rotation is at "${row.step}", where that can't be done. Read it again.`,
          );
        await move(tx, deps, row, turn, { event, said: by.reason }, by);
        return id;
      }),
  };
}

/** Starts a rotation in the caller's transaction and returns its id. */
export async function startIn(
  tx: Tx,
  { platform, catalogue, findKeys }: Omit<RotationDeps, 'vault' | 'approvals' | 'poke'>,
  connectionId: string,
  given: StartRotation,
  by: By,
): Promise<string> {
  const connection = await lockConnection(tx, connectionId);
  const version = connection.credential_version;
  if (version === null)
    throw new Problem(409, 'no_credential', 'This connection has no credential to replace. Enter one first.');
  const there = await openRotation(tx, connectionId);
  if (there !== undefined)
    throw new Problem(409, 'rotation_under_way', 'A rotation of this connection is under way already.');
  const hasAdmin = (await readStandingAdmin(tx, catalogue, connection)) !== null;
  const how = given.how ?? (hasAdmin ? 'api' : 'guided');
  if (how === 'api' && !hasAdmin)
    throw new Problem(
      409,
      'no_vendor_admin',
      'The admin credential for this vendor’s API for keys is not entered, or the pack says something else of that API since. Enter it, or rotate by hand.',
    );
  const { lagMs } = await findKeys(tx, connection);
  const plan = planOf(given, how === 'api' ? lagMs : 0);
  const id = newId(platform.clock, platform.random);
  const now = platform.clock.now();
  const state = begin(how, plan, now);
  const at = new Date(now);
  await insertRotation(tx, {
    id,
    connection: connectionId,
    how,
    step: state.step,
    since: at,
    failed: 0,
    needs: state.needs,
    switched: false,
    plan,
    from_version: version,
    to_version: null,
    key_name: `drawbridge-${connection.slug}-${id.slice(-8)}`,
    old_refs: given.oldKey ?? (await refsOf(tx, connectionId, version)),
    switch_revision: null,
    switch_version: null,
    old_probed_at: null,
    said: null,
    due_at: at,
    reason: by.reason,
    started_at: at,
    started_by: by.actor.id,
    started_by_name: by.actor.name,
    ended_at: null,
    revision: 1,
  });
  const { step, needs } = state;
  await insertStep(tx, { rotation: id, at, step, needs, by_name: by.actor.name, said: null });
  await recordChange(tx, platform, {
    ...by,
    act: 'rotation.start',
    subject: { kind: 'rotation', id },
    detail: { connection: connectionId, how, from: version, plan },
  });
  return id;
}

function planOf(given: StartRotation, lagMs: number): Plan {
  const { share, canarySeconds, canaryAnswers, overlapSeconds } = given.plan ?? PlanSchema.parse({});
  return { share, canaryMs: canarySeconds * 1000, canaryAnswers, overlapMs: overlapSeconds * 1000, lagMs };
}

export function openRotation(tx: Tx, connection: string): Promise<{ id: string } | undefined> {
  return tx
    .withTables<RotationTables>()
    .selectFrom('rotation')
    .select('id')
    .where('connection', '=', connection)
    .where('ended_at', 'is', null)
    .executeTakeFirst();
}

/** What the vendor calls the key in force, where a rotation made it. */
async function refsOf(
  db: Pick<Platform, 'db'>['db'] | Tx,
  connection: string,
  version: number,
): Promise<Refs> {
  const row = await db
    .withTables<RotationTables>()
    .selectFrom('rotation')
    .select('new_refs')
    .where('connection', '=', connection)
    .where('to_version', '=', version)
    .executeTakeFirst();
  return row?.new_refs ?? {};
}
