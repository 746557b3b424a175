import { z } from 'zod';
import {
  type ConnectionRow,
  lockConnection,
  readConnection,
  selectConnections,
} from '../connections/index.ts';
import {
  type By,
  invalid,
  newId,
  type Platform,
  Problem,
  readSetting,
  recordChange,
  type Setting,
  type Tx,
} from '../platform/index.ts';
import type { Catalogue } from '../vendors/index.ts';
import { isStanding, packRotationOf } from './keys-of.ts';
import { type RotationDeps, startIn } from './rotations.ts';
import type { DueView } from './schemas.ts';
import type { RotationEventKind, RotationTables } from './tables.ts';
import { rotator } from './turn.ts';

const DAY_MS = 86_400_000;
/** One that was undone is not begun again by itself for so long. */
const REST_DAYS = 7;

/** How old a credential may become where nothing else is said, in days. */
export const everyDaysSetting: Setting<number> = {
  key: 'rotation.every_days',
  schema: z.int().min(1).max(3650),
  initial: 90,
};

interface Known {
  everyDays: number;
  policies: Map<string, { every_days: number | null; automatic: boolean }>;
  events: {
    kind: RotationEventKind;
    vendor: string | null;
    connection: string | null;
    at: Date;
    reason: string;
  }[];
  open: Map<string, string>;
  admins: Map<string, { entered_at: Date; entered_by: string; host: string; api_hash: string | null }>;
  made: Set<string>;
}

/** Every connection that has a credential, with when it is due and why: those due longest first. */
export async function listDue(platform: Platform, catalogue: Catalogue): Promise<DueView[]> {
  const known = await readKnown(platform);
  const connections = await selectConnections(platform.db).orderBy('connection.id').execute();
  return connections
    .flatMap((row) => dueOf(row, known, catalogue, platform.clock.now()))
    .sort((a, b) => (a.dueAt < b.dueAt ? -1 : 1));
}

async function readKnown(platform: Platform): Promise<Known> {
  const rows = platform.db.withTables<RotationTables>();
  const [policies, events, open, admins, made] = await Promise.all([
    rows.selectFrom('rotation_policy').selectAll().execute(),
    rows.selectFrom('rotation_event').selectAll().orderBy('at').execute(),
    rows.selectFrom('rotation').select(['id', 'connection']).where('ended_at', 'is', null).execute(),
    rows
      .selectFrom('vendor_admin')
      .select(['connection', 'entered_at', 'entered_by', 'host', 'api_hash'])
      .execute(),
    rows
      .selectFrom('rotation')
      .select(['connection', 'to_version'])
      .where('step', '=', 'done')
      .where('new_refs', 'is not', null)
      .execute(),
  ]);
  return {
    everyDays: await readSetting(platform.db, everyDaysSetting),
    policies: new Map(policies.map((row) => [row.connection, row])),
    events,
    open: new Map(open.map(({ id, connection }) => [connection, id])),
    admins: new Map(admins.map((row) => [row.connection, row])),
    made: new Set(made.map(({ connection, to_version }) => `${connection} ${to_version}`)),
  };
}

function dueOf(row: ConnectionRow, known: Known, catalogue: Catalogue, now: number): DueView[] {
  const { credential_version: version, credential_entered_at: entered } = row;
  if (version === null || entered === null) return [];
  const policy = known.policies.get(row.id);
  const everyDays = policy?.every_days ?? known.everyDays;
  const byAge = entered.getTime() + everyDays * DAY_MS;
  const event = known.events.find(
    ({ at, vendor, connection }) =>
      at > entered &&
      (vendor === null || vendor === row.vendor) &&
      (connection === null || connection === row.id),
  );
  const dueAt = Math.min(byAge, event?.at.getTime() ?? Number.POSITIVE_INFINITY);
  const due = dueAt <= now;
  const admin = packRotationOf(catalogue, row)?.admin;
  const stored = known.admins.get(row.id);
  return [
    {
      connection: { id: row.id, name: row.name, vendor: row.vendor, service: row.service },
      version,
      enteredAt: entered.toISOString(),
      ageDays: Math.floor((now - entered.getTime()) / DAY_MS),
      everyDays,
      ownPolicy: policy?.every_days != null,
      automatic: policy?.automatic ?? false,
      dueAt: new Date(dueAt).toISOString(),
      due,
      why: due ? whyOf(event, byAge, everyDays) : null,
      rotation: known.open.get(row.id) ?? null,
      admin:
        admin === undefined
          ? null
          : {
              credential: admin.credential,
              parameters: admin.parameters,
              refs: admin.refs,
              entered:
                stored === undefined || !isStanding(catalogue, row.vendor, admin, stored.api_hash)
                  ? null
                  : { at: stored.entered_at.toISOString(), by: stored.entered_by, host: stored.host },
              knowsOldKey: known.made.has(`${row.id} ${version}`),
            },
    },
  ];
}

function whyOf(event: Known['events'][number] | undefined, byAge: number, everyDays: number): DueView['why'] {
  if (event !== undefined && event.at.getTime() <= byAge)
    return { kind: event.kind, at: event.at.toISOString(), reason: event.reason };
  return { kind: 'age', at: new Date(byAge).toISOString(), reason: `It is older than ${everyDays} days.` };
}

/** Says how often a connection's credential is to be replaced. Throws Problem 404. */
export async function writePolicy(
  platform: Platform,
  connection: string,
  { everyDays, automatic }: { everyDays: number | null; automatic: boolean },
  by: By,
): Promise<void> {
  await platform.db.transaction().execute(async (tx) => {
    await lockConnection(tx, connection);
    const columns = { every_days: everyDays, automatic };
    await tx
      .withTables<RotationTables>()
      .insertInto('rotation_policy')
      .values({ connection, ...columns })
      .onConflict((conflict) => conflict.column('connection').doUpdateSet(columns))
      .execute();
    await recordChange(tx, platform, {
      ...by,
      act: 'rotation.policy',
      subject: { kind: 'connection', id: connection },
      detail: { everyDays, automatic },
    });
  });
  platform.events.publish('rotations');
}

/** Something happened that makes credentials due: of one connection, of a vendor's, or of all. */
export async function recordRotationEvent(
  platform: Platform,
  given: { kind: RotationEventKind; vendor?: string | undefined; connection?: string | undefined },
  by: By,
): Promise<{ id: string }> {
  const { kind, vendor = null, connection = null } = given;
  if (vendor !== null && connection !== null)
    throw invalid('vendor', 'say either the vendor or the connection');
  if (kind === 'vendor_breached' && vendor === null) throw invalid('vendor', 'say which vendor was breached');
  if (connection !== null) await readConnection(platform.db, connection);
  const id = await platform.db
    .transaction()
    .execute((tx) => insertEvent(tx, platform, { kind, vendor, connection }, by));
  platform.events.publish('rotations');
  return { id };
}

/** The same of a connection whose credential was found elsewhere, in the caller's transaction, who publishes `rotations`. */
export async function recordSeenElsewhere(
  tx: Tx,
  platform: Platform,
  connection: string,
  by: By,
): Promise<void> {
  await insertEvent(tx, platform, { kind: 'seen_elsewhere', vendor: null, connection }, by);
}

async function insertEvent(
  tx: Tx,
  platform: Platform,
  { kind, vendor, connection }: { kind: RotationEventKind; vendor: string | null; connection: string | null },
  by: By,
): Promise<string> {
  const id = newId(platform.clock, platform.random);
  await tx
    .withTables<RotationTables>()
    .insertInto('rotation_event')
    .values({
      id,
      kind,
      vendor,
      connection,
      at: new Date(platform.clock.now()),
      by_name: by.actor.name,
      reason: by.reason,
    })
    .execute();
  await recordChange(tx, platform, {
    ...by,
    act: 'rotation.due',
    subject:
      connection === null ? { kind: 'vendor', id: vendor ?? 'all' } : { kind: 'connection', id: connection },
    detail: { kind },
  });
  return id;
}

/** Starts the rotations that are due and begin by themselves. Returns how many. */
export async function startAutomatic(
  deps: Omit<RotationDeps, 'vault' | 'approvals' | 'poke'>,
): Promise<number> {
  const { platform, catalogue } = deps;
  const due = (await listDue(platform, catalogue)).filter(
    (one) => one.due && one.automatic && one.rotation === null && one.admin?.entered != null,
  );
  let started = 0;
  for (const { connection, why } of due) {
    if (await restsAfterUndo(platform, connection.id)) continue;
    const by = { actor: rotator, reason: why?.reason ?? 'It is due.' };
    try {
      await platform.db.transaction().execute((tx) => startIn(tx, deps, connection.id, { how: 'api' }, by));
      started += 1;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      platform.log.warn(
        { connection: connection.id, code: error.code },
        'a rotation that is due did not start',
      );
    }
  }
  if (started > 0) platform.events.publish('rotations');
  return started;
}

async function restsAfterUndo(platform: Platform, connection: string): Promise<boolean> {
  const row = await platform.db
    .withTables<RotationTables>()
    .selectFrom('rotation')
    .select('id')
    .where('connection', '=', connection)
    .where('step', '=', 'undone')
    .where('ended_at', '>', new Date(platform.clock.now() - REST_DAYS * DAY_MS))
    .executeTakeFirst();
  return row !== undefined;
}
