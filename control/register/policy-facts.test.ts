import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestHouse, testHouse } from '../fleet/testing.ts';
import { readPoliciesForSnapshot } from '../policy/index.ts';
import { type AgreementDates, stateOn } from './agreements.ts';
import { addDays, dayOf } from './days.ts';
import { reviewSpanOf, spanOf } from './policy-facts.ts';
import { rulesSetting } from './rules.ts';

/** What policies are told of vendors: the same as the register says day by day, with times. */

const DAY = 86_400_000;
const day = fc.integer({ min: 0, max: 40 }).map((n) => addDays('2026-03-01', n));
const agreement: fc.Arbitrary<AgreementDates> = fc.record({
  kind: fc.constant('dpa' as const),
  signedOn: fc.option(day),
  validFrom: fc.option(day),
  validUntil: fc.option(day),
  openEnded: fc.constant(false),
  noticeDays: fc.constant(null),
  endedOn: fc.option(day),
});

test('a span holds on exactly the days on which the agreement is in force, to the last moment of the last', () => {
  fc.assert(
    fc.property(agreement, day, fc.integer({ min: 0, max: DAY - 1 }), (one, on, into) => {
      const at = Date.parse(on) + into;
      const span = spanOf(one);
      const holds = span !== null && span.from <= at && (span.until === null || at < span.until);
      expect(holds).toBe(stateOn(one, dayOf(at)) === 'in_force');
    }),
    { numRuns: 1000 },
  );
});

test('a review is in date as long as its tier says, without an end where none is due, and never by a tier that is gone', () => {
  const { initial: rules } = rulesSetting;
  const from = Date.parse('2026-03-01');
  expect(reviewSpanOf('2026-03-01', 'high', rules)).toEqual({ from, until: from + 181 * DAY });
  expect(reviewSpanOf('2026-03-01', null, rules)).toEqual({ from, until: null });
  expect(reviewSpanOf('2026-03-01', 'gone', rules)).toBeNull();
  expect(reviewSpanOf(null, 'high', rules)).toBeNull();
});

let house: TestHouse;
beforeAll(async () => {
  house = await testHouse();
});
afterAll(() => house.close());

async function force(name: string, condition: string): Promise<void> {
  const text = `@title("x")\nforbid (principal, action == Action::"cross", resource) unless { ${condition} };`;
  await house.platform.pool.query(
    `WITH one AS (INSERT INTO policy (name, version, active, created_at, created_by) VALUES ($1, 1, 1, now(), 'Ada'))
      INSERT INTO policy_version VALUES ($1, 1, 'x', $2, '[]', 'Ada', 'A test', now())`,
    [name, text],
  );
}
const told = async () => {
  const now = new Date(house.platform.clock.now());
  const read = await house.platform.db.transaction().execute((tx) => readPoliciesForSnapshot(tx, now));
  return read?.set.vendors;
};
const revision = async () =>
  Number((await house.platform.pool.query('SELECT revision FROM configuration')).rows[0].revision);

test('gateways are told what policies in force ask, of vendors that are connected, and of each change', async () => {
  const today = dayOf(house.platform.clock.now());
  const [from, until] = [addDays(today, -10), addDays(today, 5)];
  const { pool } = house.platform;
  await house.connect();
  const vendor = (await pool.query('SELECT vendor FROM connection')).rows[0].vendor;
  const enter = (id: string) =>
    pool.query(
      `INSERT INTO register_vendor VALUES ($1, $1, 'approved', NULL, NULL, NULL, NULL, 'unknown', 'high', $2, 1, now(), 'Ada', now())`,
      [id, from],
    );
  await enter(vendor);
  await enter('not-connected');
  await force('plain', 'resource.vendor.approved');
  expect(await told()).toEqual([{ id: vendor, approved: false, agreement: 'none' }]);
  await force('dpa', 'resource.vendor.agreements.contains("dpa")');
  await pool.query(
    `INSERT INTO register_agreement (id, vendor, kind, signed_on, valid_until, open_ended, source, as_of, entered_at, entered_by)
      VALUES (gen_random_uuid(), $1, 'dpa', $2, $3, false, 'x', $2, now(), 'Ada'),
        (gen_random_uuid(), $1, 'baa', $2, $2, false, 'x', $2, now(), 'Ada')`,
    [vendor, from, until],
  );
  expect(await told()).toEqual([
    {
      id: vendor,
      approved: false,
      agreement: 'none',
      register: {
        status: 'approved',
        tier: 'high',
        agreements: [{ kind: 'dpa', from: Date.parse(from), until: Date.parse(until) + DAY }],
        review: { from: Date.parse(from), until: Date.parse(from) + 181 * DAY },
      },
    },
  ]);
  const before = await revision();
  await pool.query(`UPDATE register_vendor SET status = 'restricted' WHERE id = $1`, [vendor]);
  expect(await revision()).toBeGreaterThan(before);
  expect((await told())?.[0]).toMatchObject({ register: { status: 'restricted' } });
});
