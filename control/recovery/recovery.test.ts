import { createHash } from 'node:crypto';
import { SnapshotSchema } from '@drawbridge/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { crossingProjection, projectOnce } from '../crossings/index.ts';
import {
  forgetJournals,
  madeUpCrossing,
  madeUpIngest,
  madeUpSettlement,
  part,
  type ShippedPart,
} from '../crossings/testing.ts';
import { type TestHouse, testHouse } from '../fleet/testing.ts';
import { namesFrom } from '../names.ts';
import { type RecoveryDeps, turnDrills } from './drills.ts';
import { createRecovery, drillsForSnapshot } from './index.ts';
import { verdictOf, withFailed } from './report.ts';
import type { RecoveryDrillView } from './schemas.ts';

let house: TestHouse;
let deps: RecoveryDeps;
let app: string;
/** Incidents that are open. */
let open: { party: string | null; drill: boolean }[] = [];
const MINUTE = 60_000;
const why = { reason: 'A test' };

beforeAll(async () => {
  house = await testHouse({ drills: drillsForSnapshot });
  const { platform, connections } = house;
  deps = {
    platform,
    names: namesFrom(platform),
    vendorNames: async () => new Map([['acme', 'Acme Ltd']]),
    connections: connections.all,
    book: {
      open: async () =>
        open.map((one) => ({
          id: '',
          number: 1,
          title: '',
          state: 'open',
          restricted: false,
          occurredFrom: null,
          occurredTo: null,
          openedAt: new Date(0),
          ...one,
        })),
    },
  };
  house.app.route('/api/v1', createRecovery(deps).routes);
});
afterAll(() => house.close());
beforeEach(async () => {
  open = [];
  await house.platform.pool.query('TRUNCATE recovery_drill');
  await house.reset();
  await house.connect();
  app = await house.makeApp();
});

const plan = (given: object = {}) =>
  house.ask('POST', '/recovery-drills', { vendor: 'acme', app, share: 100, minutes: 10, ...why, ...given });
async function planned(given: object = {}): Promise<RecoveryDrillView> {
  const answer = await plan(given);
  if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
  return answer.body;
}
const get = async (id: string): Promise<RecoveryDrillView> =>
  (await house.ask('GET', `/recovery-drills/${id}`)).body;
const stop = (id: string) => house.ask('POST', `/recovery-drills/${id}/stop`, why);
const later = (ms: number) => house.platform.advance(ms);
const inTime = (ms: number) => new Date(house.platform.clock.now() + ms).toISOString();
const running = () => house.platform.db.transaction().execute(drillsForSnapshot);

describe('a drill', () => {
  test('begins at once, stands in snapshots with its end, and ends by itself', async () => {
    const gateway = await house.enrol('gateway-1');
    const fleet = house.newFleet();
    await fleet.start();
    try {
      const drill = await planned({ share: 12.5 });
      expect(drill).toMatchObject({ state: 'running', app: { name: 'Shop' }, vendor: { name: 'Acme Ltd' } });
      const from = house.platform.clock.now();
      await fleet.refresh();
      const snapshot = SnapshotSchema.parse(await fleet.compileSnapshot(gateway.id));
      expect(snapshot.drills).toEqual([
        { id: drill.id, vendor: 'acme', app, share: 1250, from, until: from + 10 * MINUTE },
      ]);
      later(10 * MINUTE);
      await turnDrills(deps);
      expect(await get(drill.id)).toMatchObject({ state: 'time', endedAt: drill.until });
      await fleet.refresh();
      expect(SnapshotSchema.parse(await fleet.compileSnapshot(gateway.id)).drills).toBeUndefined();
    } finally {
      await fleet.stop();
    }
  });

  test('is stopped at once, and only once', async () => {
    const { id } = await planned();
    expect((await stop(id)).body).toMatchObject({ state: 'stopped', endReason: 'A test' });
    expect(await running()).toEqual([]);
    expect((await stop(id)).body.code).toBe('drill_over');
  });

  test('never runs beside another one of its app', async () => {
    const first = await planned();
    expect((await plan()).body.code).toBe('drill_runs');
    expect((await plan({ app: null })).body.code).toBe('drill_runs');
    const other = await planned({ app: await house.makeApp() });
    await stop(first.id);
    expect((await plan({ app: null })).body.code).toBe('drill_runs');
    await stop(other.id);
    await planned({ app: null });
    expect((await plan()).body.code).toBe('drill_runs');
    expect(await running()).toHaveLength(1);
  });

  test('is one of fifty at most, which is what a snapshot holds', async () => {
    const { platform } = house;
    const first = await planned();
    for (let n = 1; n < 50; n++) {
      const other = await house.makeApp();
      await platform.pool.query(
        `INSERT INTO recovery_drill SELECT (d.r).* FROM (
           SELECT jsonb_populate_record(r, jsonb_build_object('id', gen_random_uuid(), 'app', $2::text)) AS r
           FROM recovery_drill r WHERE id = $1) d`,
        [first.id, other],
      );
    }
    expect((await plan({ app: await house.makeApp() })).body.code).toBe('too_many_drills');
  });

  test('that two people begin at the same time runs once', async () => {
    const answers = await Promise.all([plan(), plan(), plan({ app: null }), plan()]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
    expect(await running()).toHaveLength(1);
  });

  test('does not begin while the vendor is cut off or an incident is open, unless it is said', async () => {
    open = [{ party: 'acme', drill: false }];
    expect((await plan()).body.code).toBe('vendor_in_trouble');
    open = [
      { party: 'acme', drill: true },
      { party: 'other', drill: false },
    ];
    await stop((await planned()).id);
    const [connection] = await house.connections.all();
    await house.platform.pool.query(`UPDATE connection SET state = 'severed' WHERE id = $1`, [
      connection?.id,
    ]);
    expect((await plan()).body.code).toBe('vendor_in_trouble');
    expect((await planned({ inTrouble: true })).state).toBe('running');
  });

  test('is refused where nothing could be lost, and says which field', async () => {
    for (const [given, field] of [
      [{ vendor: 'nobody' }, 'vendor'],
      [{ startsAt: inTime(-1000) }, 'startsAt'],
      [{ startsAt: inTime(400 * 24 * 60 * MINUTE) }, 'startsAt'],
    ] as const) {
      const { status, body } = await plan(given);
      expect([status, body.errors?.[0]?.field]).toEqual([422, field]);
    }
    for (const given of [{ minutes: 241 }, { minutes: 0 }, { share: 0 }, { share: 100.01 }, { everyDays: 0 }])
      expect((await plan(given)).status).toBe(400);
    expect((await plan({ app: 'none' })).status).toBe(404);
  });
});

describe('on a schedule', () => {
  test('begins at its time, and again after so many days; those that were missed are not made up for', async () => {
    const { id } = await planned({ startsAt: inTime(5 * MINUTE), everyDays: 7 });
    expect(await running()).toEqual([]);
    await turnDrills(deps);
    expect((await get(id)).state).toBe('planned');
    later(5 * MINUTE);
    await turnDrills(deps);
    expect((await get(id)).state).toBe('running');
    later(15 * 24 * 60 * MINUTE);
    await turnDrills(deps);
    const { items } = (await house.ask('GET', '/recovery-drills?vendor=acme')).body;
    expect(items.map((one: RecoveryDrillView) => one.state)).toEqual(['planned', 'time']);
    const [next, first] = items as [RecoveryDrillView, RecoveryDrillView];
    expect(Date.parse(next.startsAt) - Date.parse(first.startsAt)).toBe(21 * 24 * 60 * MINUTE);
    expect((await stop(next.id)).body.state).toBe('cancelled');
    expect((await house.ask('GET', '/recovery-drills')).body.items).toHaveLength(2);
  });

  test('is left out, and says why, where another one runs or the vendor is in trouble', async () => {
    const { id } = await planned({ startsAt: inTime(MINUTE) });
    open = [{ party: 'acme', drill: false }];
    later(MINUTE);
    await turnDrills(deps);
    expect(await get(id)).toMatchObject({ state: 'skipped', beganAt: null, report: null });
    expect((await get(id)).endReason).toContain('incident');
    expect(await running()).toEqual([]);
  });
});

describe('the report', () => {
  /** Ships crossings of a drill: decision, part, what came of it, and how long it took in milliseconds. */
  async function ship(drill: string, given: readonly Shipped[]) {
    const { platform } = house;
    await forgetJournals(platform, [crossingProjection]);
    if (given.length === 0) return;
    const ingest = await madeUpIngest(platform);
    const log = ingest.log('gateway-1.example.com/log-1');
    const parts: ShippedPart[] = given.flatMap((one) => {
      const made = madeUpCrossing(one.at, [], {
        vendor: one.isBefore === true ? 'acme' : 'other',
        app,
        decision: one.status === null ? 'refused' : 'forwarded',
        reason: one.status === null ? (one.reason ?? 'vendor_lost') : null,
        ...(one.isBefore === true
          ? {}
          : { drill: { id: drill, ...(one.held === true ? { held: true as const } : {}) } }),
        ...(one.first === undefined ? {} : { route: { id: 'r', try: 2, first: one.first } }),
      });
      const leaf = part(made.leaf, made.items);
      if (one.status === null) return [leaf];
      const timings = [one.ms * 1000, 0, 0, 0, 0, 0, 0, 0, 0, 0];
      return [leaf, part(madeUpSettlement(made.leaf.id, one.at + one.ms, { status: one.status, timings }))];
    });
    await ingest.ship(log, 0, parts);
    while ((await projectOnce(platform, [crossingProjection], 100)) > 0);
  }
  interface Shipped {
    at: number;
    status: number | null;
    ms: number;
    reason?: string;
    held?: true;
    first?: string;
    isBefore?: true;
  }

  test('counts each request once, is written down after the end, and the log has its hash', async () => {
    const { id } = await planned();
    const at = house.platform.clock.now();
    const first = '0199c0de-0000-7000-8000-000000000001';
    await ship(id, [
      { at: at - 5000, status: 200, ms: 20, isBefore: true },
      { at: at - 4000, status: 500, ms: 30, isBefore: true },
      { at: at + 1000, status: 200, ms: 40 },
      { at: at + 1500, status: 503, ms: 10 },
      { at: at + 1600, status: 200, ms: 80, first },
      { at: at + 2000, status: 429, ms: 5 },
      { at: at + 2500, status: null, ms: 0 },
      { at: at + 3000, status: null, ms: 0, held: true, reason: 'route_dropped' },
      { at: at + 3500, status: 200, ms: 7, held: true },
    ]);
    const counts = { requests: 6, answered: 2, held: 1, dropped: 1, failed: 2, open: 0 };
    expect((await get(id)).report).toMatchObject({ verdict: 'breaks', counts });
    later(10 * MINUTE);
    await turnDrills(deps);
    expect((await house.ask('GET', `/recovery-drills/${id}/report`)).body.code).toBe('report_not_made');
    later(31_000);
    await turnDrills(deps);
    const drill = await get(id);
    expect(drill.report).toMatchObject({
      counts,
      apps: [{ app: { id: app, name: 'Shop' }, ...counts }],
      firstAnswerAfterMs: 1000,
      answerMs: { median: 40, p95: 80, longest: 80 },
      before: { requests: 2, answered: 1, answerMs: { median: 20 } },
    });
    const kept = await house.app.request(`/api/v1/recovery-drills/${id}/report`);
    const hash = createHash('sha256')
      .update(await kept.text())
      .digest('hex');
    expect(drill.reportHash).toBe(hash);
    const { rows } = await house.platform.pool.query(
      `SELECT act FROM change WHERE subject_kind = 'recovery_drill' AND subject_id = $1 ORDER BY at, id`,
      [id],
    );
    expect(rows.map(({ act }) => act).sort()).toEqual([
      'recovery_drill.begin',
      'recovery_drill.end',
      'recovery_drill.plan',
      'recovery_drill.report',
    ]);
  });

  test('counts what the egress proxy turned away and ended, and nothing of it as a request', async () => {
    const { id } = await planned({ app: null });
    const { platform } = house;
    const at = platform.clock.now();
    await forgetJournals(platform, [crossingProjection]);
    const ingest = await madeUpIngest(platform);
    const way = { service: '@egress', connection: '@egress', vendor: 'acme', app };
    const egress = { host: 'acme.example', port: 443, mode: 'observe' as const, would: null };
    const refused = { decision: 'refused' as const, reason: 'vendor_lost' };
    const tunnel = (began: number, ended: number, reason: string | undefined, of = app) => {
      const made = madeUpCrossing(began, [], { ...way, egress, app: of });
      const settlement = { outcome: 'cut_off' as const, status: null, reason };
      return [part(made.leaf, made.items), part(madeUpSettlement(made.leaf.id, ended, settlement))];
    };
    const turned = [1000, 2000, 3000].map((after) => {
      const made = madeUpCrossing(at + after, [], { ...way, ...refused, egress, drill: { id } });
      return part(made.leaf, made.items);
    });
    await ingest.ship(ingest.log('gateway-1.example.com/log-2'), 0, [
      ...turned,
      ...tunnel(at - 60_000, at + 200, 'vendor_lost'),
      ...tunnel(at - 60_000, at + 200, 'vendor_lost', 'app-gone'),
      // Ended by something else, and by a drill of another time.
      ...tunnel(at - 60_000, at + 200, 'key_unknown'),
      ...tunnel(at - 60_000, at - 30_000, 'vendor_lost'),
    ]);
    while ((await projectOnce(platform, [crossingProjection], 100)) > 0);
    const { report } = await get(id);
    expect(report).toMatchObject({
      verdict: 'breaks',
      counts: { requests: 0, failed: 0 },
      apps: [],
      before: { requests: 0 },
      egress: { refused: 3, ended: 2 },
    });
    expect(report?.egress?.apps).toEqual(
      expect.arrayContaining([
        { app: { id: app, name: 'Shop' }, refused: 3, ended: 1 },
        { app: { id: 'app-gone', name: 'app-gone' }, refused: 0, ended: 1 },
      ]),
    );
  });

  test('that was written down before the egress proxy had a part is read as it was made', async () => {
    const { id } = await planned();
    const { report } = await get(id);
    const { egress: _, ...old } = { ...report, format: 'drawbridge.recovery-report/1' };
    await house.platform.pool.query(
      `UPDATE recovery_drill SET ended_at = until, ended = 'time', report = $2, report_hash = 'x' WHERE id = $1`,
      [id, JSON.stringify(old)],
    );
    expect((await get(id)).report).toEqual(old);
  });

  test('of a drill in which nobody asked shows nothing', async () => {
    const { id } = await planned();
    await ship(id, []);
    expect((await get(id)).report).toMatchObject({ verdict: 'unknown', firstAnswerAfterMs: null });
  });

  test('says that it recovers only where every request was answered or kept', () => {
    const none = { requests: 4, answered: 3, held: 1, dropped: 0, open: 0 };
    const around = { refused: 0, ended: 0 };
    expect(verdictOf(withFailed(none), around)).toBe('recovers');
    expect(verdictOf(withFailed({ ...none, answered: 2 }), around)).toBe('breaks');
    expect(verdictOf(withFailed({ ...none, answered: 2, dropped: 1 }), around)).toBe('breaks');
    expect(verdictOf(withFailed({ ...none, answered: 2, open: 1 }), around)).toBe('unknown');
    expect(verdictOf(withFailed(none), { refused: 1, ended: 0 })).toBe('breaks');
    expect(verdictOf(withFailed(none), { refused: 0, ended: 1 })).toBe('breaks');
  });
});
