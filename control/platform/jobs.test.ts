import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { type AnyJobKind, defineJob, enqueue, retryDelay, runDueJob, runJobs } from './jobs.ts';
import { type TestPlatform, testPlatform } from './testing.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await testPlatform();
});
afterAll(() => platform.close());
beforeEach(() => platform.pool.query('DELETE FROM job'));

const Input = z.object({ n: z.int() });
function countingJob(run: (n: number, attempt: number) => Promise<unknown>, maxAttempts = 3) {
  return defineJob({
    kind: 'test.count',
    input: Input,
    maxAttempts,
    leaseMs: 10_000,
    run: (input, context) => run(input.n, context.attempt),
  });
}
const stateOf = async (id: string) =>
  (
    await platform.pool.query(
      'SELECT state, attempts, last_error, result, run_after FROM job WHERE id = $1',
      [id],
    )
  ).rows[0];
const drain = async (kinds: AnyJobKind[], owner: string) => {
  while (await runDueJob(platform, kinds, owner));
};

test('the same key is the same job, also when it is done', async () => {
  const ran: number[] = [];
  const job = countingJob(async (n) => ran.push(n));
  const first = await enqueue(platform.db, platform, job, { n: 1 }, { idempotencyKey: 'a' });
  const again = await enqueue(platform.db, platform, job, { n: 2 }, { idempotencyKey: 'a' });
  expect(again).toBe(first);
  await drain([job], 'one');
  await enqueue(platform.db, platform, job, { n: 3 }, { idempotencyKey: 'a' });
  await drain([job], 'one');
  expect(ran).toEqual([1]);
  expect(await stateOf(first)).toMatchObject({ state: 'done', attempts: 1, result: 1 });
});

test('a job goes with the transaction that decides on it', async () => {
  const job = countingJob(async () => undefined);
  await expect(
    platform.db.transaction().execute(async (tx) => {
      await enqueue(tx, platform, job, { n: 1 }, { idempotencyKey: 'gone' });
      throw new Error('changed my mind');
    }),
  ).rejects.toThrow('changed my mind');
  expect(await runDueJob(platform, [job], 'one')).toBe(false);
});

test('what fails is tried again later, and stays failed after the last try', async () => {
  const job = countingJob(async (n, attempt) => {
    throw new Error(`no luck with ${n} at try ${attempt}`);
  }, 2);
  const id = await enqueue(platform.db, platform, job, { n: 7 }, { idempotencyKey: 'bad' });
  expect(await runDueJob(platform, [job], 'one')).toBe(true);
  expect(await stateOf(id)).toMatchObject({ state: 'waiting', last_error: 'no luck with 7 at try 1' });
  expect(await runDueJob(platform, [job], 'one')).toBe(false);
  platform.advance(retryDelay(1));
  expect(await runDueJob(platform, [job], 'one')).toBe(true);
  expect(await stateOf(id)).toMatchObject({
    state: 'failed',
    attempts: 2,
    last_error: 'no luck with 7 at try 2',
  });
  platform.advance(3_600_000);
  expect(await runDueJob(platform, [job], 'one')).toBe(false);
});

test('twenty jobs and four runners: each job is run once', async () => {
  const ran: number[] = [];
  const job = countingJob(async (n) => {
    ran.push(n);
    await platform.pool.query('SELECT 1');
  });
  const all = Array.from({ length: 20 }, (_, n) => n);
  for (const n of all) await enqueue(platform.db, platform, job, { n }, { idempotencyKey: `${n}` });
  await Promise.all(['a', 'b', 'c', 'd'].map((owner) => drain([job], owner)));
  expect(ran.sort((a, b) => a - b)).toEqual(all);
});

test('a dead runner loses its job to another, and what it says afterwards does not count', async () => {
  let release: () => void = () => undefined;
  const stuck = new Promise<void>((resolve) => {
    release = resolve;
  });
  let lostLease: unknown;
  const job = defineJob({
    kind: 'test.stuck',
    input: Input,
    maxAttempts: 3,
    leaseMs: 10_000,
    run: async (_input, context) => {
      if (context.attempt > 1) return 'second';
      await stuck;
      await context.stillAtIt().catch((error: unknown) => {
        lostLease = error;
      });
      return 'first';
    },
  });
  const id = await enqueue(platform.db, platform, job, { n: 1 }, { idempotencyKey: 'stuck' });
  const dead = runDueJob(platform, [job], 'the same name');
  await expect.poll(async () => (await stateOf(id)).state).toBe('running');
  expect(await runDueJob(platform, [job], 'the same name')).toBe(false);
  platform.advance(10_000);
  expect(await runDueJob(platform, [job], 'the same name')).toBe(true);
  release();
  await dead;
  expect(await stateOf(id)).toMatchObject({ state: 'done', attempts: 2, result: 'second' });
  expect(lostLease).toMatchObject({ code: 'lease_lost' });
});

test('a runner that dies on the last try leaves a failed job, not one that runs for ever', async () => {
  const job = countingJob(async () => undefined, 1);
  const id = await enqueue(platform.db, platform, job, { n: 1 }, { idempotencyKey: 'x' });
  await platform.pool.query(
    `UPDATE job SET state = 'running', attempts = 1, lease_owner = 'dead', leased_until = $1`,
    [new Date(platform.clock.now())],
  );
  expect(await runDueJob(platform, [job], 'one')).toBe(false);
  expect(await stateOf(id)).toMatchObject({ state: 'failed' });
});

test('the loop runs what comes, and stops', async () => {
  const ran: number[] = [];
  const job = countingJob(async (n) => ran.push(n));
  const runner = runJobs(platform, [job], 5);
  await enqueue(platform.db, platform, job, { n: 5 }, { idempotencyKey: 'loop' });
  await expect.poll(() => ran).toEqual([5]);
  await runner.stop();
});

test('an input of the wrong form is refused at the door', async () => {
  const job = countingJob(async () => undefined);
  await expect(enqueue(platform.db, platform, job, { n: 1.5 }, { idempotencyKey: 'form' })).rejects.toThrow();
});
