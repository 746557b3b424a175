import { sql } from 'kysely';
import { z } from 'zod';
import { defineJob, enqueue, newId, type Tx } from '../platform/index.ts';
import { type DeskDeps, harmFor, judgeAgain, rows } from './desk.ts';
import { openAddress, openFindings, sealFindings } from './findings.ts';
import { subjectsOf } from './subjects.ts';

/** What goes on by itself: judging the past again, and forgetting what is past its time. */

const PORTION = 20;

/** Judges all that is kept again; begun anew at each change of senders. Goes on where it was after a restart. */
export function rejudgeJob(deps: () => DeskDeps) {
  return defineJob({
    kind: 'rejudge_messages',
    input: z.strictObject({ run: z.uuid() }),
    maxAttempts: 5,
    leaseMs: 2 * 60_000,
    run: async ({ run }, { stillAtIt }) => {
      for (;;) {
        const left = await rejudgePortion(deps(), run);
        if (left === 'over') return {};
        await stillAtIt();
      }
    },
  });
}

/** Puts the work down, in the transaction that makes it necessary. */
export async function beginRejudging(
  tx: Tx,
  deps: Pick<DeskDeps, 'platform'>,
  job: ReturnType<typeof rejudgeJob>,
  because: string,
): Promise<void> {
  const { platform } = deps;
  const at = new Date(platform.clock.now());
  const { count } = await rows(tx)
    .selectFrom('message')
    .select((e) => e.fn.countAll<number>().as('count'))
    .where('raw', 'is not', null)
    .executeTakeFirstOrThrow();
  const run = newId(platform.clock, platform.random);
  const fresh = {
    run,
    because,
    begun_at: at,
    total: Number(count),
    done: 0,
    changed: 0,
    after_: null,
    ended_at: null,
  };
  await rows(tx)
    .insertInto('message_rejudging')
    .values({ only_one: true, ...fresh })
    .onConflict((conflict) => conflict.column('only_one').doUpdateSet(fresh))
    .execute();
  await enqueue(tx, platform, job, { run }, { idempotencyKey: run });
}

async function rejudgePortion(deps: DeskDeps, run: string): Promise<'over' | 'more'> {
  const { platform } = deps;
  const state = await rows(platform.db).selectFrom('message_rejudging').selectAll().executeTakeFirst();
  // A later change began it anew: that one does all.
  if (state === undefined || state.run !== run || state.ended_at !== null) return 'over';
  let asked = rows(platform.db)
    .selectFrom('message')
    .selectAll()
    .where('raw', 'is not', null)
    .orderBy('id')
    .limit(PORTION);
  if (state.after_ !== null) asked = asked.where('id', '>', state.after_);
  const found = await asked.execute();
  const mine = rows(platform.db).updateTable('message_rejudging').where('run', '=', run);
  if (found.length === 0) {
    await mine.set({ ended_at: new Date(platform.clock.now()) }).execute();
    platform.events.publish('messages');
    return 'over';
  }
  const seal = await deps.sealer();
  for (const row of found) {
    const again = await judgeAgain(deps, row);
    const isChanged = again !== null && again.judged.judgement.verdict !== row.verdict;
    await platform.db.transaction().execute(async (tx) => {
      if (again !== null) {
        const { judgement } = again.judged;
        await rows(tx)
          .updateTable('message')
          .set({
            verdict: judgement.verdict,
            vendor: judgement.vendor?.id ?? null,
            topic: judgement.topic,
            findings: sealFindings(seal, row.id, again.findings),
            harm: harmFor(
              judgement,
              again.findings,
              row.campaign === null ? 0 : 1,
              row.answered_there === false,
            ),
          })
          .where('id', '=', row.id)
          .where('raw', 'is not', null)
          .execute();
        if (isChanged)
          await sql`INSERT INTO message_verdict (message, n, at, verdict, because)
            SELECT ${row.id}::uuid, coalesce(max(n), 0) + 1, ${new Date(platform.clock.now())}, ${judgement.verdict}, ${state.because}
            FROM message_verdict WHERE message = ${row.id}::uuid`.execute(tx);
      }
      await rows(tx)
        .updateTable('message_rejudging')
        .set({
          after_: row.id,
          done: sql<number>`done + 1`,
          ...(isChanged ? { changed: sql<number>`changed + 1` } : {}),
        })
        .where('run', '=', run)
        .execute();
    });
  }
  platform.events.publish('messages');
  return 'more';
}

export async function readRejudging(deps: Pick<DeskDeps, 'platform'>) {
  const row = await rows(deps.platform.db).selectFrom('message_rejudging').selectAll().executeTakeFirst();
  return row === undefined
    ? { because: null, begunAt: null, total: 0, done: 0, changed: 0, endedAt: null }
    : {
        because: row.because,
        begunAt: row.begun_at.toISOString(),
        total: row.total,
        done: Math.min(row.done, row.total),
        changed: row.changed,
        endedAt: row.ended_at?.toISOString() ?? null,
      };
}

/** Forgets messages and what they say once their time is over. Verdict, hashes and what became of them stay. */
export function forgetMessagesJob() {
  return defineJob({
    kind: 'forget_messages',
    input: z.strictObject({}),
    maxAttempts: 5,
    leaseMs: 5 * 60_000,
    run: async (_input, { platform }) => {
      const gone = await rows(platform.db)
        .updateTable('message')
        .set({ raw: null, findings: null, shape: null, bands: [], traces: [], reporter: null, subjects: [] })
        .where('kept_until', '<=', new Date(platform.clock.now()))
        .where((e) => e.or([e('raw', 'is not', null), e('findings', 'is not', null)]))
        .executeTakeFirst();
      return { forgotten: Number(gone.numUpdatedRows) };
    },
  });
}

const BATCH = 100;

type NameDeps = Pick<DeskDeps, 'platform' | 'sealer' | 'pseudonymOf' | 'addressOf'>;

/** Looks for whom messages name that came before they were known by it. Once an hour. */
export function nameMessagesJob(deps: NameDeps) {
  return defineJob({
    kind: 'name_messages',
    input: z.strictObject({}),
    maxAttempts: 3,
    leaseMs: 5 * 60_000,
    run: async (_, { stillAtIt }) => {
      await nameAddresses(deps);
      while ((await nameSome(deps)) === BATCH) await stillAtIt();
      return {};
    },
  });
}

async function nameSome({ platform, sealer, pseudonymOf, addressOf }: NameDeps): Promise<number> {
  const seal = await sealer();
  const found = await rows(platform.db)
    .selectFrom('message')
    .select(['id', 'findings', 'reporter_id'])
    .where('subjects', 'is', null)
    .where('findings', 'is not', null)
    .orderBy('id')
    .limit(BATCH)
    .execute();
  for (const { id, findings, reporter_id: reporter } of found) {
    if (findings === null) continue;
    const subjects = await subjectsOf(
      pseudonymOf,
      openFindings(seal, id, findings),
      reporter === null ? null : await addressOf(reporter),
    );
    // Only where it still lies there: its time may have ended meanwhile.
    await rows(platform.db)
      .updateTable('message')
      .set({ subjects })
      .where('id', '=', id)
      .where('subjects', 'is', null)
      .execute();
  }
  return found.length;
}

async function nameAddresses({ platform, sealer, pseudonymOf }: NameDeps): Promise<void> {
  const seal = await sealer();
  const found = await rows(platform.db)
    .selectFrom('vendor_address')
    .select(['id', 'address'])
    .where('subject', 'is', null)
    .execute();
  for (const { id, address } of found)
    await rows(platform.db)
      .updateTable('vendor_address')
      .set({ subject: await pseudonymOf(openAddress(seal, id, address)) })
      .where('id', '=', id)
      .execute();
}
