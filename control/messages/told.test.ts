import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type TestPlatform, testPlatform } from '../platform/testing.ts';
import { type ToldQuery, toldByMessages } from './told.ts';

/** What messages tell of an incident's party, on a real database. Messages and vendors are made up. */
const HOUR = 3_600_000;
let platform: TestPlatform;
beforeAll(async () => {
  platform = await testPlatform();
});
afterAll(() => platform.close());
beforeEach(async () => {
  await platform.pool.query('TRUNCATE message, message_verdict, message_campaign, incident CASCADE');
});

const at = (hours: number) => new Date(platform.clock.now() + hours * HOUR);
interface Made {
  vendor?: string | null;
  /** When which verdict was given, in hours. */
  judged?: [hours: number, verdict: string][];
  closed?: [hours: number, as: string];
  notThere?: number;
  campaign?: string;
  incident?: string;
}
async function message({
  vendor = 'acme',
  judged = [],
  closed,
  notThere,
  campaign,
  incident,
}: Made): Promise<string> {
  const id = randomUUID();
  const verdict = judged.at(-1)?.[1] ?? 'unverified';
  await platform.pool.query(
    `INSERT INTO message (id, received_at, form, channel, came, arrival, verdict, vendor, topic, harm, hash, bands, traces, campaign,
       state, closed_as, closed_at, closed_by, closed_by_id, answered_there, answered_at, incident, kept_until)
     VALUES ($1, $2, 'text', 'sms', 'paste', 'text', $3, $4, 'account', 0, '', '{}', '{}', $5, $6, $7, $8, $9, $9, $10, $11, $12, $2)`,
    [
      ...[id, at(0), verdict, vendor, campaign ?? null],
      ...[
        closed === undefined ? 'open' : 'closed',
        closed?.[1] ?? null,
        closed === undefined ? null : at(closed[0]),
      ],
      ...[closed === undefined ? null : 'x', notThere === undefined ? null : false],
      ...[notThere === undefined ? null : at(notThere), incident ?? null],
    ],
  );
  for (const [n, [hours, given]] of judged.entries())
    await platform.pool.query('INSERT INTO message_verdict VALUES ($1, $2, $3, $4, $5)', [
      id,
      n + 1,
      at(hours),
      given,
      'x',
    ]);
  return id;
}
const LIKELY = 'likely-impersonation';
const incident = randomUUID();
const told = async (more: Partial<ToldQuery> = {}) =>
  toldByMessages(platform, {
    ...{ incident, party: 'acme', from: at(1), to: at(10), before: null, limit: 50 },
    ...more,
  });
const brief = async (more: Partial<ToldQuery> = {}) =>
  (await told(more)).map(({ id, what, count, at: when }) => [
    id,
    what,
    count,
    (when.getTime() - at(0).getTime()) / HOUR,
  ]);

test('an impersonation is told when it was first judged one, or closed as one; what a person closed otherwise is none', async () => {
  const judged = await message({
    judged: [
      [2, 'unverified'],
      [3, LIKELY],
      [4, LIKELY],
    ],
  });
  const closed = await message({ judged: [[2, 'unverified']], closed: [5, 'impersonation'] });
  await message({ judged: [[3, LIKELY]], closed: [4, 'genuine'] });
  await message({
    judged: [
      [2, LIKELY],
      [3, 'unverified'],
    ],
  });
  await message({ judged: [[3, LIKELY]], vendor: 'other' });
  await message({ judged: [[3, LIKELY]], vendor: null });
  expect(await brief()).toEqual([
    [closed, 'impersonation', 1, 5],
    [judged, 'impersonation', 1, 3],
  ]);
});

test('an answer that it was not there is a line of its own; of what is outside the time nothing is, unless it led to the incident', async () => {
  const here = await message({ judged: [[2, LIKELY]], notThere: 4 });
  await message({ judged: [[0, LIKELY]], notThere: 11 });
  await platform.pool.query(
    `INSERT INTO incident (id, number, title, playbook, party, state, severity, drill, restricted, opened_at, opened_by, entries)
     VALUES ($1, 1, '', 'x', 'acme', 'open', 'unknown', false, false, $2, 'x', 0)`,
    [incident, at(1)],
  );
  const led = await message({ judged: [[0, LIKELY]], notThere: 0.5, incident, vendor: null });
  expect(await brief()).toEqual([
    [here, 'not_there', 1, 4],
    [here, 'impersonation', 1, 2],
    [led, 'not_there', 1, 0.5],
    [led, 'impersonation', 1, 0],
  ]);
  expect(await brief({ to: null })).toHaveLength(5);
});

test('a campaign is one line, of the first that came in the time, and pages neither skip nor repeat', async () => {
  const campaign = randomUUID();
  await platform.pool.query('INSERT INTO message_campaign VALUES ($1, 1, $2, $3, $3)', [
    campaign,
    'acme',
    at(0),
  ]);
  await message({ judged: [[0, LIKELY]], campaign });
  const first = await message({ judged: [[2, LIKELY]], campaign });
  for (let n = 0; n < 5; n++) await message({ judged: [[3, LIKELY]], campaign });
  const alone = new Set<string>();
  for (let n = 0; n < 7; n++) alone.add(await message({ judged: [[2, LIKELY]] }));
  const all = await told();
  expect(all).toHaveLength(8);
  expect(all.find(({ count }) => count > 1)).toMatchObject({ id: first, count: 6 });
  const paged: string[] = [];
  for (let before: ToldQuery['before'] = null; ; ) {
    const page = await told({ before, limit: 3 });
    paged.push(...page.map(({ id }) => id));
    const last = page.at(-1);
    if (last === undefined) break;
    before = last;
  }
  expect(paged).toEqual(all.map(({ id }) => id));
  expect(await told({ before: { at: at(2), place: null } })).toEqual([]);
});
