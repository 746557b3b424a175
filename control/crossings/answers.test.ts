import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestPlatform, testPlatform } from '../platform/testing.ts';
import { latestAnswers } from './index.ts';

/** What a vendor answered lately, from the ledger's rows. The vendor is made up. */
let platform: TestPlatform;
beforeAll(async () => {
  platform = await testPlatform();
});
afterAll(() => platform.close());

const now = new Date('2025-11-09T08:00:00Z');
const ago = (hours: number): Date => new Date(now.getTime() - hours * 3_600_000);

test('the last answer, the last refusal and what a budget held back are told apart, in their time and of their vendor', async () => {
  const kinds = [
    [1, 'acme', 'forwarded', null],
    [2, 'acme', 'refused', 'budget_exhausted'],
    [3, 'acme', 'refused', 'policy_denied'],
    [4, 'other', 'forwarded', null],
  ];
  for (const [id, vendor, decision, reason] of kinds)
    await platform.pool.query(
      `INSERT INTO crossing_kind (id, signature, vendor, service, connection, app, key, endpoint, class, method, decision, reason, classes, treatments)
       VALUES ($1::integer, 'kind ' || $1::integer, $2, 'api', 'c', 'a', 'k', 'e', 'llm', 'POST', $3, $4, '{}', '{}')`,
      [id, vendor, decision, reason],
    );
  const rows: [number, Date, number | null][] = [
    [1, ago(5), 200],
    [1, ago(4), 401],
    [1, ago(3), 429],
    [1, ago(2), null],
    [1, ago(30), 200],
    [2, ago(6), null],
    [2, ago(7), null],
    [3, ago(1), null],
    [4, ago(1), 403],
  ];
  for (const [index, [kind, at, status]] of rows.entries())
    await platform.pool.query(
      'INSERT INTO crossing (log, idx, id, at, kind, status) VALUES (1, $1, gen_random_uuid(), $2, $3, $4)',
      [index, at, kind, status],
    );
  expect(await latestAnswers(platform, 'acme', ago(24), now)).toEqual({
    answeredAt: ago(5),
    unauthorisedAt: ago(4),
    limitedAt: ago(3),
    answers: 3,
    heldBackAt: ago(6),
  });
  expect(await latestAnswers(platform, 'umbrella', ago(24), now)).toEqual({
    answeredAt: null,
    unauthorisedAt: null,
    limitedAt: null,
    answers: 0,
    heldBackAt: null,
  });
});
