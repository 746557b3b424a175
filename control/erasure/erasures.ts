import type pg from 'pg';
import { type Erased, ItemSearch, RebuildBusyError, type SubjectName } from '../crossings/index.ts';
import {
  type By,
  inOneTransaction,
  inTransaction,
  newId,
  Problem,
  recordChange,
  type Tx,
} from '../platform/index.ts';
import { afterwards, carryOutNow, type ErasureDeps, type Pending, reportOf } from './carry-out.ts';
import { holdsOn } from './holds.ts';
import { knownErasures } from './known.ts';
import { holdJournals } from './locks.ts';
import { planFor, tallyOf } from './plan.ts';
import { replayErasures } from './replay.ts';
import type { AskedSubject, Erasure, Preview } from './schemas.ts';
import { type ErasureRow, listErasures, readErasure, writeErasure } from './store.ts';

export interface Erasures {
  /** What an erasure would do. Changes nothing. */
  preview(asked: AskedSubject): Promise<Preview>;
  /** Throws Problem 409 `legal_hold` where one stands against it: then it waits; or `rebuild_busy`. */
  erase(asked: AskedSubject, by: By): Promise<Erasure>;
  /** Carries out one that waited for a hold. Throws as `erase`, Problem 404, or 409 `erasure_done`. */
  carryOut(id: string, by: By): Promise<Erasure>;
  list(query: {
    cursor?: string | undefined;
    limit: number;
  }): Promise<{ items: Erasure[]; next: string | null }>;
  /** Carries out again what the file knows and the database does not: comes before anything serves. */
  replay(): Promise<{ done: number }>;
  /** For shipments. */
  erased: Erased;
}

export function createErasures(deps: ErasureDeps): Erasures {
  const { platform, projections } = deps;
  const { pool, clock } = platform;

  async function preview(asked: AskedSubject): Promise<Preview> {
    return inTransaction(pool, async (client) => {
      const plan = await planFor(client, deps.pseudonymOf, asked);
      const search = new ItemSearch(client, plan.subjects, null);
      await search.look();
      const tally = await tallyOf(search);
      const holds = await holdsOn(client, [...plan.subjects, ...tally.others.values()], clock.now());
      return { ...(await reportOf(deps, client, plan.subjects, tally, clock.now())), ...plan, holds };
    });
  }

  /** `find` is asked twice: the links may have grown until the journals stand still. */
  async function run(
    pending: Omit<Pending, 'at' | 'subjects' | 'sealed'>,
    find: (client: pg.PoolClient) => Promise<readonly SubjectName[]>,
  ): Promise<Erasure> {
    const outcome = await inOneTransaction(pool, async (client, tx) => {
      const before = await find(client);
      let search = new ItemSearch(client, before, null);
      await search.look();
      await holdJournals(client, projections);
      const subjects = await find(client);
      if (!isSame(before, subjects)) search = new ItemSearch(client, subjects, null);
      await search.look();
      const sealed = await deps.sealing.seal(pending.id, {
        subjects: subjects.map(({ about, pseudonym }) => ({ about, pseudonym })),
        actor: pending.by.actor.id,
        reason: pending.by.reason,
      });
      const whole: Pending = { ...pending, at: clock.now(), subjects, sealed };
      const tally = await tallyOf(search);
      const holds = await holdsOn(client, [...subjects, ...tally.others.values()], whole.at);
      if (holds.length > 0) {
        await keepHeld(deps, tx, whole, holds);
        return { holds, rebuild: false };
      }
      const done = await carryOutNow(deps, client, tx, whole, { search, tally, replayed: false });
      // Last before the commit: what the database refuses is not begun, and no start trips over it.
      await deps.file.put([whole]);
      return { holds, ...done };
    }).catch(saidBusy);
    if (outcome.holds.length > 0) throw heldBy(pending.id, outcome.holds);
    await afterwards(deps, outcome.rebuild);
    return readErasure(platform, pending.id);
  }

  return {
    preview,
    erase: async (asked, by) => {
      checkReason(asked, by);
      return run(
        { id: newId(clock, platform.random), askedAt: new Date(clock.now()), by },
        async (client) => (await planFor(client, deps.pseudonymOf, asked)).subjects,
      );
    },
    async carryOut(id, by) {
      const { state } = await readErasure(platform, id);
      if (state === 'done') throw alreadyDone();
      const found = await pool.query<ErasureRow>('SELECT * FROM erasure WHERE id = $1', [id]);
      const row = found.rows[0];
      if (row === undefined) throw new Error('an erasure that was just read is not there');
      const { subjects } = await deps.sealing.open(id, row.sealed);
      return run({ id, askedAt: row.asked_at, by }, async (client) => {
        const still = await client.query("SELECT FROM erasure WHERE id = $1 AND state = 'held'", [id]);
        if (still.rowCount === 0) throw alreadyDone();
        return subjects;
      });
    },
    list: (query) => listErasures(platform, query),
    replay: () => replayErasures(deps),
    erased: knownErasures(deps.sealing),
  };
}

const alreadyDone = (): Problem =>
  new Problem(409, 'erasure_done', 'This erasure was carried out before. Nothing was changed.');

const heldBy = (id: string, holds: readonly string[]): Problem =>
  new Problem(
    409,
    'legal_hold',
    `A legal hold stands against this (${holds.join(', ')}). Nothing was erased; the request is kept as ${id} and can be carried out once the hold is lifted.`,
    undefined,
    { holds, erasure: id },
  );

/** What is shorter stands in other words too. */
const SHORTEST_NAME = 4;

/** The reason is kept, and the subject must not be in it. Throws a Problem that names `reason`. */
export function checkReason(asked: AskedSubject, by: By): void {
  const { length } = asked.subject;
  if (length < SHORTEST_NAME || !by.reason.toLowerCase().includes(asked.subject.toLowerCase())) return;
  const message = 'names the subject, and is kept; say why without naming them';
  throw new Problem(422, 'invalid_request', `reason: ${message}`, [{ field: 'reason', message }]);
}

function saidBusy(error: unknown): never {
  if (error instanceof RebuildBusyError)
    throw new Problem(
      409,
      error.code,
      'Projections are being rebuilt, perhaps after another erasure. Nothing was erased. Wait until that is done, then ask again.',
    );
  throw error;
}

function isSame(one: readonly SubjectName[], other: readonly SubjectName[]): boolean {
  const texts = (list: readonly SubjectName[]) =>
    list
      .map(({ about, pseudonym }) => `${about} ${pseudonym}`)
      .sort()
      .join('\n');
  return texts(one) === texts(other);
}

async function keepHeld({ platform }: ErasureDeps, tx: Tx, pending: Pending, holds: string[]): Promise<void> {
  await writeErasure(tx, {
    id: pending.id,
    state: 'held',
    at: new Date(pending.at),
    asked_at: pending.askedAt,
    actor: pending.by.actor.id,
    reason: pending.by.reason,
    sealed: pending.sealed,
    holds,
    done_at: null,
    report: null,
  });
  await recordChange(tx, platform, {
    ...pending.by,
    act: 'subject.erase_held',
    subject: { kind: 'erasure', id: pending.id },
    detail: { holds },
  });
}
