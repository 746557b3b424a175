import { readFile, rm } from 'node:fs/promises';
import { itemHash, type Leaf, payloadCommitment } from '@drawbridge/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { holdProjectors } from '../crossings/index.ts';
import { forgetJournals } from '../crossings/testing.ts';
import { projectedRows } from '../exposure/testing-rows.ts';
import { inTransaction, type Platform } from '../platform/index.ts';
import { type ErasureHouse, erasureHouse, everyRow, itemOf, projections } from './testing.ts';

let house: ErasureHouse;
let ada: string;
let adaMail: string;
let tablet: string;
let bob: string;
let team: string;
beforeAll(async () => {
  house = await erasureHouse();
  ada = await house.pseudonym('user-ada-made-up');
  adaMail = await house.pseudonym('ada@example.com');
  tablet = await house.pseudonym('tablet-in-the-hall');
  bob = await house.pseudonym('user-bob-made-up');
  team = await house.pseudonym('team-made-up');
});
afterAll(() => house.remove());
let logs = 0;
beforeEach(async () => {
  await forgetJournals(house.platform, projections);
  await house.platform.pool.query('TRUNCATE erasure, legal_hold, legal_hold_subject, change CASCADE');
  await rm(house.file, { force: true });
  await house.restart();
  logs += 1;
});

const reason = 'Asked for by letter, case 12';
const erase = (subject: string, more: object = {}) =>
  house.call('POST', '/erasures', { subject, reason, ...more });

/** Ada with her address on a tablet that Bob uses too; a team of both; a name for review that both sent. */
async function history(): Promise<void> {
  const one = house.log(`gateway-1/log-${logs}`);
  const other = house.log(`gateway-2/log-${logs}`);
  const names = { r: [{ h: 'h'.repeat(22), k: 'property' as const, s: 'string' as const }] };
  await house.cross(
    one,
    [itemOf(ada, 'user', [adaMail, tablet], names), itemOf(team, 'group')],
    9 * 24 * 3600_000,
  );
  await house.cross(one, [itemOf(adaMail, 'email', [], { f: [] }), itemOf(null, null)], 3 * 24 * 3600_000);
  await house.cross(other, [itemOf(bob, 'user', [tablet], names)], 2 * 24 * 3600_000, { vendor: 'openai' });
  await house.cross(other, [itemOf(tablet, 'device')], 50_000);
  await house.cross(
    one,
    [
      itemOf(ada, 'user', [], { f: [['q.city', 'geo.city', 'drop', 'string', 2]] }),
      itemOf(bob, 'user', [ada]),
    ],
    40_000,
    { decision: 'refused', reason: 'field_refused', stage: 'minimise' },
  );
  await house.project();
}

/** Every leaf's commitment over the hashes that are stored. */
async function commitments(): Promise<boolean[]> {
  const found = await house.platform.pool.query<{ leaf: string; hashes: Buffer[] }>(
    `SELECT convert_from(bytes, 'UTF8') AS leaf, array(SELECT hash FROM payload_item i
        WHERE i.log = e.log AND i.idx = e.idx ORDER BY item) AS hashes
      FROM journal_entry e WHERE kind = 'crossing'`,
  );
  return found.rows.map(
    ({ leaf, hashes }) => (JSON.parse(leaf) as Leaf).payload === payloadCommitment(hashes),
  );
}

describe('an erasure', () => {
  test('takes the subject out everywhere; the tables are those of a rebuild, and all else proves', async () => {
    await history();
    expect(await house.rebuilt()).toEqual(await house.rows());
    const before = await commitments();

    const shown = await house.call('POST', '/erasures/preview', { subject: ' ADA@example.com ' });
    expect(shown.body.subjects.map((one: { pseudonym: string }) => one.pseudonym).sort()).toEqual(
      [ada, adaMail].sort(),
    );
    expect(shown.body.shared).toEqual([{ about: 'person', pseudonym: tablet, kind: 'device' }]);
    expect(shown.body.counts).toEqual({ identifiers: 2, items: 3, remainders: 1, crossings: 3 });
    expect(await everyRow(house.platform)).toContain(ada);

    const { status, body } = await erase('ada@example.com');
    expect([status, body.state]).toEqual([201, 'done']);
    expect(body.report.counts).toEqual(shown.body.counts);
    expect(body.report.vendors).toEqual([
      expect.objectContaining({ vendor: 'mixpanel', class: 'person.email', treatment: 'pass', crossings: 1 }),
    ]);

    const after = await house.rows();
    expect(await house.rebuilt()).toEqual(after);
    expect(await commitments()).toEqual(before.map(() => true));
    // What is left whole still is what its hash says.
    const whole = await house.platform.pool.query<{ hash: Buffer; bytes: Buffer }>(
      'SELECT hash, bytes FROM payload_item WHERE bytes IS NOT NULL',
    );
    expect(whole.rows).toHaveLength(4);
    for (const { hash, bytes } of whole.rows) expect(itemHash(bytes)).toEqual(hash);

    const everywhere = [
      await everyRow(house.platform),
      await readFile(house.file, 'utf8'),
      house.platform.logged(),
      JSON.stringify((await house.call('GET', '/erasures')).body),
    ].join('\n');
    for (const gone of [ada, adaMail, 'ada@example.com', 'user-ada-made-up']) {
      expect(everywhere.toLowerCase()).not.toContain(gone.toLowerCase());
    }
    expect(everywhere).toContain(bob);
    expect(everywhere).toContain(tablet);
  });

  test('leaves what others have: Bob’s exposures, and what is left of an item that named her', async () => {
    await history();
    const ofBob = async () =>
      ((await house.rows()).exposures as string[]).filter((row) => row.includes(`person ${bob}`));
    const before = await ofBob();
    expect(before).toHaveLength(2);
    await erase('user-ada-made-up');
    expect(await ofBob()).toEqual(before);
    const left = await house.platform.pool.query<{ text: string }>(
      "SELECT convert_from(remainder, 'UTF8') AS text FROM payload_item WHERE remainder IS NOT NULL",
    );
    expect(left.rows.map(({ text }) => JSON.parse(text))).toMatchObject([{ s: bob, l: [], salt: '' }]);
  });

  test('of a shared device: takes the device and nobody who used it', async () => {
    await history();
    const shown = await house.call('POST', '/erasures/preview', { subject: 'tablet-in-the-hall' });
    expect(shown.body.subjects).toHaveLength(1);
    expect(shown.body.shared).toHaveLength(2);
    expect((await erase('tablet-in-the-hall')).status).toBe(201);
    const after = await house.rows();
    expect(after.persons).not.toContain(expect.stringContaining(tablet));
    // Only the tablet had made them one.
    const persons = after.persons as string[];
    expect(persons).toContain(`person ${bob}|person ${bob}`);
    expect(await house.rebuilt()).toEqual(after);
  });

  test('of a group, of one identifier only, and by pseudonym', async () => {
    await history();
    expect((await erase('team-made-up', { kind: 'group' })).body.report.counts.items).toBe(1);
    expect((await erase(adaMail, { only: true })).body.report.counts).toMatchObject({
      identifiers: 1,
      items: 1,
    });
    const after = await house.rows();
    expect(await house.rebuilt()).toEqual(after);
    const rows = await everyRow(house.platform);
    for (const gone of [team, adaMail]) expect(rows).not.toContain(gone);
    expect(rows).toContain(ada);
  });

  test('of somebody whom nobody knows is kept for what comes late, and a second one finds nothing', async () => {
    expect((await erase('never-seen')).body.report.counts.items).toBe(0);
    await history();
    await erase('user-ada-made-up');
    const rows = await house.rows();
    expect((await erase('user-ada-made-up')).body.report.counts).toMatchObject({ items: 0, remainders: 0 });
    expect(await house.rows()).toEqual(rows);
  });

  test('is recorded without naming anybody; a reason that names them is refused', async () => {
    await history();
    const { body } = await erase('user-ada-made-up');
    const found = await house.platform.pool.query(
      "SELECT * FROM change WHERE act = 'subject.erase' ORDER BY at DESC, id DESC LIMIT 1",
    );
    const [change] = found.rows;
    expect(change).toMatchObject({
      actor: 'person:ada',
      reason,
      subject_kind: 'erasure',
      subject_id: body.id,
      detail: { items: 3, vendors: ['mixpanel'], replayed: false },
    });
    const named = await house.call('POST', '/erasures', {
      subject: 'user-bob-made-up',
      reason: 'Because User-Bob-Made-Up asked',
    });
    expect([named.status, named.body.errors[0]?.field]).toEqual([422, 'reason']);
  });

  test('what crosses afterwards is recorded; what was recorded before and comes late is erased on arrival', async () => {
    await history();
    await erase('user-ada-made-up');
    house.platform.advance(60_000);
    const late = house.log(`gateway-3/log-${logs}`);
    await house.cross(late, [itemOf(ada, 'user'), itemOf(bob, 'user', [ada])], 120_000);
    await house.project();
    expect(await everyRow(house.platform)).not.toContain(ada);
    expect((await commitments()).every(Boolean)).toBe(true);
    expect((await house.rows()).exposures).toContainEqual(expect.stringContaining(bob));
    // Also by a control process that was started since.
    await house.restart();
    await house.cross(late, [itemOf(ada, 'user')], 90_000);
    expect(await everyRow(house.platform)).not.toContain(ada);
    await house.cross(late, [itemOf(ada, 'user')], 1000);
    await house.project();
    const rows = await house.rows();
    expect(rows.exposures).toContainEqual(expect.stringContaining(ada));
    expect(await house.rebuilt()).toEqual(rows);
  });
});

describe('beyond a prune horizon', () => {
  const tables = projections.flatMap((projection) => projection.tables);
  /** As if all had been recorded before the horizon: rows, and no items behind them. */
  async function makeHorizon(): Promise<void> {
    const { pool } = house.platform;
    await pool.query('DROP SCHEMA IF EXISTS drawbridge_horizon CASCADE; CREATE SCHEMA drawbridge_horizon');
    for (const table of tables) {
      await pool.query(`CREATE TABLE drawbridge_horizon.${table} (LIKE ${table} INCLUDING ALL)`);
      await pool.query(`INSERT INTO drawbridge_horizon.${table} SELECT * FROM ${table}`);
    }
    const view = await pool.query<{ text: string }>("SELECT pg_get_viewdef('exposure'::regclass) AS text");
    await inTransaction(pool, async (client) => {
      await client.query('SET LOCAL search_path TO drawbridge_horizon, public');
      await client.query(`CREATE VIEW drawbridge_horizon.exposure AS ${view.rows[0]?.text}`);
    });
  }
  async function rowsOfHorizon() {
    const client = await house.platform.pool.connect();
    try {
      await client.query('SET search_path TO drawbridge_horizon, public');
      return await projectedRows({ ...house.platform, pool: client as unknown as Platform['pool'] });
    } finally {
      client.release(true);
    }
  }
  afterAll(() => house.platform.pool.query('DROP SCHEMA IF EXISTS drawbridge_horizon CASCADE'));

  test.each([
    ['ada@example.com', 'Ada, with what only she used'],
    ['tablet-in-the-hall', 'what two people shared'],
  ])('%s goes from its rows too: %s', async (subject) => {
    await history();
    await makeHorizon();
    expect((await erase(subject)).status).toBe(201);
    // From their items, all rows of which there still are some are made anew: with these the horizon's are compared.
    const { names: _names, ...made } = await house.rows();
    const { names: ofHorizon, ...horizon } = await rowsOfHorizon();
    expect(horizon.exposures).toEqual(made.exposures);
    expect(horizon.crossingSubjects).toEqual(made.crossingSubjects);
    const isAda = subject === 'ada@example.com';
    // Whom the tablet had joined, no row can part.
    if (isAda) expect(horizon.people).toEqual(made.people);
    const gone = isAda ? [ada, adaMail] : [tablet];
    for (const pseudonym of gone) expect(JSON.stringify([horizon, ofHorizon])).not.toContain(pseudonym);
  });
});

describe('a legal hold', () => {
  test('refuses the erasure visibly, is told which one waits, and lets it go when it is lifted', async () => {
    await history();
    const hold = await house.call('POST', '/holds', { subject: 'ada@example.com', reason: 'Dispute 7' });
    expect([hold.status, hold.body]).toMatchObject([201, { stands: true, identifiers: 2, waiting: [] }]);
    const rows = await house.rows();

    const refused = await erase('user-ada-made-up');
    expect([refused.status, refused.body]).toMatchObject([
      409,
      { code: 'legal_hold', holds: [hold.body.id] },
    ]);
    expect(JSON.stringify(refused.body)).not.toContain(ada);
    // The tablet stands in an item of hers.
    expect((await erase('tablet-in-the-hall')).body.code).toBe('legal_hold');
    // So does she in one of Bob's; what is Bob's alone may go.
    expect((await erase('user-bob-made-up')).body.code).toBe('legal_hold');
    expect(await house.rows()).toEqual(rows);
    const asked = (await house.call('GET', '/erasures')).body.items;
    expect(asked).toHaveLength(3);
    expect(asked).toContainEqual(
      expect.objectContaining({ id: refused.body.erasure, state: 'held', heldNow: true, report: null }),
    );
    await expect(readFile(house.file)).rejects.toMatchObject({ code: 'ENOENT' });

    const path = `/erasures/${refused.body.erasure}/carry-out`;
    expect((await house.call('POST', path, { reason })).body.code).toBe('legal_hold');
    const lifted = await house.call('POST', `/holds/${hold.body.id}/lift`, { reason: 'It was settled' });
    expect(lifted.body).toMatchObject({ stands: false, identifiers: 0, lifted: { by: 'person:ada' } });
    expect(lifted.body.waiting).toContain(refused.body.erasure);
    expect((await house.call('POST', `/holds/${hold.body.id}/lift`, { reason })).body.code).toBe(
      'hold_lifted',
    );
    expect((await house.call('POST', path, { reason })).body.state).toBe('done');
    expect((await house.call('POST', path, { reason })).body.code).toBe('erasure_done');
    const gone = await everyRow(house.platform);
    expect(gone).not.toContain(ada);
    expect(await house.rebuilt()).toEqual(await house.rows());
  });

  test('is set when the portion that is being pruned is done, so that nothing goes after it was set', async () => {
    await history();
    const { pool } = house.platform;
    const waiting = () =>
      pool.query(
        "SELECT FROM pg_locks JOIN pg_database d ON d.oid = database WHERE d.datname = current_database() AND locktype = 'advisory' AND NOT granted",
      );
    const { asked } = await inTransaction(pool, async (client) => {
      // As every portion of pruning does first.
      await holdProjectors(client);
      const asked = house.call('POST', '/holds', { subject: 'user-bob-made-up', reason: 'Dispute 9' });
      await expect.poll(async () => (await waiting()).rowCount).toBe(1);
      return { asked };
    });
    expect((await asked).status).toBe(201);
  });

  test('names the crossings that are not to be pruned, until it ends by itself', async () => {
    await history();
    const { now } = house.platform.clock;
    const until = new Date(now() + 3600_000).toISOString();
    await house.call('POST', '/holds', { subject: 'user-bob-made-up', reason: 'Dispute 8', until });
    const held = async () =>
      (await house.platform.pool.query('SELECT * FROM held_crossings($1)', [new Date(now())])).rowCount;
    expect(await held()).toBe(2);
    expect((await erase('user-bob-made-up')).status).toBe(409);
    house.platform.advance(3600_001);
    expect(await held()).toBe(0);
    expect((await erase('user-bob-made-up')).status).toBe(201);
    const past = await house.call('POST', '/holds', { subject: 'x', reason, until });
    expect([past.status, past.body.errors[0]?.field]).toEqual([422, 'until']);
  });
});
