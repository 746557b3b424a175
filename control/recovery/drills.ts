import { MOST_DRILLS, type RecoveryDrill } from '@drawbridge/protocol';
import { z } from '@hono/zod-openapi';
import { sql } from 'kysely';
import { severedVendors } from '../connections/index.ts';
import type { IncidentBook } from '../incidents/index.ts';
import {
  type By,
  type Db,
  decodeCursor,
  invalid,
  launcher,
  newId,
  notFound,
  Problem,
  page,
  recordChange,
  type Tx,
} from '../platform/index.ts';
import { isBegun, type ReportDeps, reportOf } from './report.ts';
import { type NewRecoveryDrill, type RecoveryDrillView, ReportSchema } from './schemas.ts';
import type { DrillEnd, RecoveryRow, RecoveryTables } from './tables.ts';

export interface RecoveryDeps extends ReportDeps {
  /** Connections: a drill is about vendors that we reach over one. */
  connections: () => Promise<readonly { vendor: string; state: string }[]>;
  book: Pick<IncidentBook, 'open'>;
}

const DAY_MS = 86_400_000;
const LONGEST_AHEAD_MS = 366 * DAY_MS;
/** What gateways ship late is waited for so long before the report is written down. */
const SETTLES_MS = 30_000;
/** One at a time looks at what runs, and begins something. */
const BEGIN_LOCK = 4_400_590_1;

const tables = (db: Db | Tx) => db.withTables<RecoveryTables>();
const subject = (id: string) => ({ kind: 'recovery_drill', id });
const itsTime: By = { actor: launcher, reason: 'Its time had come' };

/** What gateways are told of drills that run. */
export async function drillsForSnapshot(tx: Tx): Promise<RecoveryDrill[]> {
  const rows = await tables(tx)
    .selectFrom('recovery_drill')
    .selectAll()
    .where('began_at', 'is not', null)
    .where('ended_at', 'is', null)
    .orderBy('id')
    .execute();
  return rows.filter(isBegun).flatMap((row) => {
    // The app is gone: its drill is about nobody, and by no means about everybody.
    if (row.one_app && row.app === null) return [];
    const { id, vendor, app, share, began_at: from, until } = row;
    const whose = app === null ? {} : { app };
    return [{ id, vendor, ...whose, share, from: from.getTime(), until: until.getTime() }];
  });
}

/**
 * Plans a drill, and begins it where it is to begin at once. Throws Problem 404, 422 that names the field, and 409:
 * `drill_runs`, `vendor_in_trouble`.
 */
export async function planDrill(deps: RecoveryDeps, given: NewRecoveryDrill, by: By): Promise<string> {
  const { platform } = deps;
  const now = platform.clock.now();
  const starts = given.startsAt === undefined ? now : Date.parse(given.startsAt);
  if (given.startsAt !== undefined && starts <= now) throw invalid('startsAt', 'is not in the future');
  if (starts > now + LONGEST_AHEAD_MS) throw invalid('startsAt', 'is more than a year away');
  if (given.everyDays !== undefined && given.minutes * 60_000 >= given.everyDays * DAY_MS)
    throw invalid('everyDays', 'would begin before the one before has ended');
  if (!(await deps.connections()).some(({ vendor }) => vendor === given.vendor))
    throw invalid('vendor', 'is reached over no connection, so there is nothing to lose');
  if (given.app !== null && !(await deps.names.apps([given.app])).has(given.app)) throw notFound('app');
  const id = newId(platform.clock, platform.random);
  const trouble = await troubleOf(deps, given.vendor, given.inTrouble ?? false);
  await platform.db.transaction().execute(async (tx) => {
    await tables(tx)
      .insertInto('recovery_drill')
      .values({
        id,
        vendor: given.vendor,
        app: given.app,
        one_app: given.app !== null,
        share: Math.round(given.share * 100),
        minutes: given.minutes,
        starts_at: new Date(starts),
        every_days: given.everyDays ?? null,
        in_trouble: given.inTrouble ?? false,
        reason: by.reason ?? '',
        planned_by: by.actor.id,
        planned_by_name: by.actor.name,
        planned_at: new Date(now),
        began_at: null,
        until: null,
        ended_at: null,
        ended: null,
        ended_by_name: null,
        end_reason: null,
        report: null,
        report_hash: null,
      })
      .execute();
    await recordChange(tx, platform, {
      ...by,
      act: 'recovery_drill.plan',
      subject: subject(id),
      detail: { ...given, startsAt: new Date(starts).toISOString() },
    });
    if (given.startsAt !== undefined) return;
    const why = await begin(tx, deps, await locked(tx, id), trouble, by);
    if (why !== null) throw new Problem(409, why, whyNot[why]);
  });
  tell(deps);
  return id;
}

const whyNot = {
  drill_runs:
    'Another recovery drill runs for this app, or for all apps. Stop it, or wait until it has ended.',
  too_many_drills: `${MOST_DRILLS} recovery drills run. Wait until one of them has ended.`,
  vendor_in_trouble:
    'The vendor is cut off now, or an incident about it is open: a drill would be mistaken for it, or make it worse. Say `inTrouble` if it is to run all the same.',
} as const;
type WhyNot = keyof typeof whyNot;

async function troubleOf(deps: RecoveryDeps, vendor: string, isMeant: boolean): Promise<WhyNot | null> {
  if (isMeant) return null;
  const [severed, incidents, connections] = await Promise.all([
    severedVendors(deps.platform.db),
    deps.book.open(),
    deps.connections(),
  ]);
  const isOpen = incidents.some(({ party, drill }) => party === vendor && !drill);
  const isSevered =
    severed.includes(vendor) || connections.some((one) => one.vendor === vendor && one.state === 'severed');
  return isOpen || isSevered ? 'vendor_in_trouble' : null;
}

/** Null: it runs. */
async function begin(
  tx: Tx,
  { platform }: RecoveryDeps,
  row: RecoveryRow,
  trouble: WhyNot | null,
  by: By,
): Promise<WhyNot | null> {
  if (trouble !== null) return trouble;
  await sql`SELECT pg_advisory_xact_lock(${BEGIN_LOCK})`.execute(tx);
  const others = await tables(tx)
    .selectFrom('recovery_drill')
    .select(['app', 'one_app'])
    .where('began_at', 'is not', null)
    .where('ended_at', 'is', null)
    .execute();
  if (others.some((other) => !row.one_app || !other.one_app || other.app === row.app)) return 'drill_runs';
  if (others.length >= MOST_DRILLS) return 'too_many_drills';
  const now = platform.clock.now();
  const until = new Date(now + row.minutes * 60_000);
  await tables(tx)
    .updateTable('recovery_drill')
    .set({ began_at: new Date(now), until })
    .where('id', '=', row.id)
    .execute();
  await recordChange(tx, platform, {
    ...by,
    act: 'recovery_drill.begin',
    subject: subject(row.id),
    detail: { vendor: row.vendor, app: row.app, share: row.share, until: until.toISOString() },
  });
  return null;
}

/** Ends it at once, or, before it began, never lets it begin; then none follows it. Throws Problem 404, 409 `drill_over`. */
export async function stopDrill(deps: RecoveryDeps, id: string, by: By): Promise<void> {
  await deps.platform.db.transaction().execute(async (tx) => {
    const row = await locked(tx, id);
    if (row.ended_at !== null)
      throw new Problem(409, 'drill_over', 'It has ended already. Look at it again.');
    await end(tx, deps, { ...row, every_days: null }, row.began_at === null ? 'cancelled' : 'stopped', by);
  });
  tell(deps);
}

async function end(
  tx: Tx,
  { platform }: RecoveryDeps,
  row: RecoveryRow,
  ended: DrillEnd,
  by: By,
): Promise<void> {
  const at = ended === 'time' && row.until !== null ? row.until : new Date(platform.clock.now());
  await tables(tx)
    .updateTable('recovery_drill')
    .set({ ended_at: at, ended, ended_by_name: by.actor.name, end_reason: by.reason })
    .where('id', '=', row.id)
    .execute();
  await recordChange(tx, platform, {
    ...by,
    act: 'recovery_drill.end',
    subject: subject(row.id),
    detail: { ended, vendor: row.vendor, app: row.app },
  });
  if (row.every_days === null || (row.one_app && row.app === null)) return;
  const step = row.every_days * DAY_MS;
  // Where the control plane was away for long, those that were missed are not made up for.
  let next = row.starts_at.getTime() + step;
  while (next <= platform.clock.now()) next += step;
  const fresh = newId(platform.clock, platform.random);
  await tables(tx)
    .insertInto('recovery_drill')
    .values({
      ...row,
      id: fresh,
      starts_at: new Date(next),
      began_at: null,
      until: null,
      ended_at: null,
      ended: null,
      ended_by_name: null,
      end_reason: null,
      report: null,
      report_hash: null,
    })
    .execute();
}

/** Begins and ends what is due, and writes reports down. Returns whether anything was. Several processes may do it at once. */
export async function turnDrills(deps: RecoveryDeps): Promise<boolean> {
  const { platform } = deps;
  const now = new Date(platform.clock.now());
  const due = await tables(platform.db)
    .selectFrom('recovery_drill')
    .selectAll()
    .where('ended_at', 'is', null)
    .where((is) =>
      is.or([is('until', '<=', now), is.and([is('began_at', 'is', null), is('starts_at', '<=', now)])]),
    )
    .orderBy('starts_at')
    .limit(100)
    .execute();
  for (const seen of due) {
    const trouble = seen.began_at === null ? await troubleOf(deps, seen.vendor, seen.in_trouble) : null;
    await platform.db.transaction().execute(async (tx) => {
      const row = await locked(tx, seen.id);
      if (row.ended_at !== null) return;
      if (row.began_at !== null) {
        if (row.until !== null && row.until <= now) await end(tx, deps, row, 'time', itsTime);
        return;
      }
      const why = await begin(tx, deps, row, trouble, itsTime);
      if (why !== null) await end(tx, deps, row, 'skipped', { actor: launcher, reason: whyNot[why] });
    });
  }
  const reported = await writeReports(deps, new Date(now.getTime() - SETTLES_MS));
  if (due.length > 0 || reported > 0) tell(deps);
  return due.length > 0 || reported > 0;
}

async function writeReports(deps: RecoveryDeps, endedBefore: Date): Promise<number> {
  const rows = await tables(deps.platform.db)
    .selectFrom('recovery_drill')
    .selectAll()
    .where('began_at', 'is not', null)
    .where('report', 'is', null)
    .where('ended_at', '<=', endedBefore)
    .orderBy('ended_at')
    .limit(20)
    .execute();
  for (const row of rows.filter(isBegun)) {
    const { text, hash, report } = await reportOf(deps, row);
    await deps.platform.db.transaction().execute(async (tx) => {
      if ((await locked(tx, row.id)).report !== null) return;
      await tables(tx)
        .updateTable('recovery_drill')
        .set({ report: text, report_hash: hash })
        .where('id', '=', row.id)
        .execute();
      await recordChange(tx, deps.platform, {
        ...itsTime,
        act: 'recovery_drill.report',
        subject: subject(row.id),
        detail: { sha256: hash, verdict: report.verdict, ...report.counts },
      });
    });
  }
  return rows.length;
}

interface DrillQuery {
  vendor?: string | undefined;
  app?: string | undefined;
  limit: number;
  cursor?: string | undefined;
}

/** The newest first; of an app also those that are for all apps. */
export async function listDrills(deps: RecoveryDeps, { vendor, app, limit, cursor }: DrillQuery) {
  let query = tables(deps.platform.db)
    .selectFrom('recovery_drill')
    .selectAll()
    .orderBy('starts_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1);
  if (vendor !== undefined) query = query.where('vendor', '=', vendor);
  if (app !== undefined) query = query.where((is) => is.or([is('app', '=', app), is('one_app', '=', false)]));
  if (cursor !== undefined) {
    const [at, id] = decodeCursor(cursor, z.tuple([z.string(), z.uuid()]));
    query = query.where(sql<boolean>`(starts_at, id) < (${at}::timestamptz, ${id}::uuid)`);
  }
  const rows = await query.execute();
  const view = await viewer(deps, rows);
  return page(rows, limit, (row) => [row.starts_at.toISOString(), row.id], view);
}

/** Throws Problem 404. A report that is not written down yet is made of what is known by now. */
export async function drillView(deps: RecoveryDeps, id: string): Promise<RecoveryDrillView> {
  const row = await tables(deps.platform.db)
    .selectFrom('recovery_drill')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirst();
  if (row === undefined) throw notFound('recovery drill');
  const view = (await viewer(deps, [row]))(row);
  if (row.report !== null || !isBegun(row)) return view;
  return { ...view, report: (await reportOf(deps, row)).report };
}

/** The exact text of the report that was written down. Throws Problem 404. */
export async function reportText(deps: RecoveryDeps, id: string): Promise<string> {
  const row = await tables(deps.platform.db)
    .selectFrom('recovery_drill')
    .select('report')
    .where('id', '=', id)
    .executeTakeFirst();
  if (row === undefined) throw notFound('recovery drill');
  if (row.report === null)
    throw new Problem(404, 'report_not_made', 'Its report is made half a minute after it has ended.');
  return row.report;
}

async function viewer(deps: RecoveryDeps, rows: readonly RecoveryRow[]) {
  const [apps, vendors] = await Promise.all([
    deps.names.apps(rows.flatMap(({ app }) => app ?? [])),
    deps.vendorNames([...new Set(rows.map(({ vendor }) => vendor))]),
  ]);
  return (row: RecoveryRow): RecoveryDrillView => ({
    id: row.id,
    vendor: { id: row.vendor, name: vendors.get(row.vendor) ?? row.vendor },
    app: row.one_app ? { id: row.app ?? '', name: apps.get(row.app ?? '') ?? 'An app that is gone' } : null,
    share: row.share / 100,
    minutes: row.minutes,
    state: row.ended ?? (row.began_at === null ? 'planned' : 'running'),
    startsAt: row.starts_at.toISOString(),
    everyDays: row.every_days,
    inTrouble: row.in_trouble,
    reason: row.reason,
    plannedBy: row.planned_by_name,
    beganAt: row.began_at?.toISOString() ?? null,
    until: row.until?.toISOString() ?? null,
    endedAt: row.ended_at?.toISOString() ?? null,
    endedBy: row.ended_by_name,
    endReason: row.end_reason,
    report: row.report === null ? null : ReportSchema.parse(JSON.parse(row.report)),
    reportHash: row.report_hash,
  });
}

async function locked(tx: Tx, id: string): Promise<RecoveryRow> {
  const row = await tables(tx)
    .selectFrom('recovery_drill')
    .selectAll()
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) throw notFound('recovery drill');
  return row;
}

/** Gateways hear of connections that changed at once, and so of drills. */
function tell({ platform }: RecoveryDeps): void {
  platform.events.publish('connections');
  platform.events.publish('severances');
}
