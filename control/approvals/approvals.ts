import { createHash } from 'node:crypto';
import { type Selectable, sql } from 'kysely';
import {
  type By,
  type Caller,
  canonicalJson,
  launcher,
  newId,
  notFound,
  type Platform,
  Problem,
  recordChange,
  type Tx,
} from '../platform/index.ts';
import { APPROVAL_MS, approvalStateAt, wrongDecision } from './rule.ts';
import type { ApprovalView } from './schemas.ts';
import { needsSecondPerson } from './second-person.ts';
import type { ApprovalTables } from './tables.ts';

/** What is to be done, all of it: what is approved is this and nothing else. */
export interface Act {
  /** As the change is named that it makes: `connection.change`. */
  act: string;
  subject: { kind: string; id: string };
  /**
   * In members that a second person can judge. No secret. Who is meant, by name or address, stands in `person`: that is
   * shown to who decides, and not written into the log of changes.
   */
  what: Readonly<Record<string, unknown>>;
}

/** An act lacks the approval of a second person. */
class NotApproved extends Error {
  readonly act: Act;
  constructor(act: Act) {
    super(`${act.act} waits for a second person`);
    this.name = 'NotApproved';
    this.act = act;
  }
}

/** Acts that wait for a second person. Every write is recorded with actor and reason. */
export interface Approvals {
  /** Those that wait first, then the latest; at most 50. */
  list(): Promise<ApprovalView[]>;
  /** Throws Problem 404. */
  get(id: string): Promise<ApprovalView>;
  /**
   * In the transaction that does the act: uses up what another person approved for this one. Throws where there is
   * nothing to use, which `asking` turns into a request.
   */
  spend(tx: Tx, act: Act, by: By): Promise<void>;
  /** The same, where the setting says that such acts wait for a second person. */
  spendIfNeeded(tx: Tx, act: Act, by: By): Promise<void>;
  /**
   * Does the work; where it lacks an approval, asks for it and throws Problem 409 `approval_needed` with its id: once it
   * is approved, the same is sent again by who asked. Throws Problem 403 `person_needed` for a token.
   */
  asking<Result>(by: By & { actor: Caller }, work: () => Promise<Result>): Promise<Result>;
  /** Throws Problem 409 `not_asked` when it waits for nobody, 403 `own_approval`, `person_needed`. */
  decide(id: string, decision: 'approved' | 'refused', by: By & { actor: Caller }): Promise<ApprovalView>;
  /** By who asked. Throws Problem 409 when it is over, 403 for others. */
  withdraw(id: string, by: By): Promise<ApprovalView>;
}

type Row = Selectable<ApprovalTables['approval']>;
const SHOWN = 50;

/** `mayDecide`: whether the person with this id may sign in now, and decide about what others ask for. */
export function createApprovals(
  platform: Platform,
  mayDecide: (tx: Tx, person: string) => Promise<boolean>,
): Approvals {
  const now = () => platform.clock.now();

  async function write(work: (tx: Tx) => Promise<string>): Promise<ApprovalView> {
    const row = await platform.db.transaction().execute(async (tx) => read(tx, await work(tx)));
    return viewOf(row, now());
  }

  async function ask(act: Act, by: By): Promise<ApprovalView> {
    return write(async (tx) => {
      const hash = hashOf(act);
      // One after another: who sends the same twice asks once.
      await sql`SELECT pg_advisory_xact_lock(${hash.readInt32BE()}, 28)`.execute(tx);
      for (const row of await openRows(tx, hash, by.actor.id, now())) {
        if (await stands(tx, row)) return row.id;
        await settle(tx, row.id, 'withdrawn', by, now());
        await log(tx, by, 'withdraw', row);
      }
      const row = {
        id: newId(platform.clock, platform.random),
        act: act.act,
        subject_kind: act.subject.kind,
        subject_id: act.subject.id,
        what: JSON.stringify(act.what),
        hash,
        reason: by.reason,
        asked_at: new Date(now()),
        asked_by: by.actor.id,
        asked_by_name: by.actor.name,
        expires_at: new Date(now() + APPROVAL_MS),
      };
      await tx.withTables<ApprovalTables>().insertInto('approval').values(row).execute();
      await log(tx, by, 'ask', { ...row, what: act.what });
      return row.id;
    });
  }

  function log(
    tx: Tx,
    by: By,
    did: string,
    row: Pick<Row, 'id' | 'act' | 'subject_kind' | 'subject_id' | 'what'>,
  ) {
    const { person: _, ...what } = row.what;
    return recordChange(tx, platform, {
      ...by,
      act: `approval.${did}`,
      subject: { kind: row.subject_kind, id: row.subject_id },
      detail: { approval: row.id, for: row.act, what },
    });
  }

  /** What somebody approved who may not do so any more was approved by nobody: it has to be asked for anew. */
  async function stands(tx: Tx, { decided_by }: Row): Promise<boolean> {
    return decided_by === null || mayDecide(tx, decided_by);
  }

  async function spend(tx: Tx, act: Act, by: By): Promise<void> {
    const rows = await openRows(tx, hashOf(act), by.actor.id, now());
    const row = rows.find((one) => one.decision === 'approved');
    if (row === undefined || !(await stands(tx, row))) throw new NotApproved(act);
    const used = await tx
      .withTables<ApprovalTables>()
      .updateTable('approval')
      .set({ used_at: new Date(now()) })
      .where('id', '=', row.id)
      .where('used_at', 'is', null)
      .executeTakeFirst();
    if (used.numUpdatedRows === 0n) throw new NotApproved(act);
    await log(tx, by, 'use', row);
  }

  return {
    async list() {
      const at = new Date(now());
      const rows = await platform.db
        .withTables<ApprovalTables>()
        .selectFrom('approval')
        .selectAll()
        .orderBy(sql`decision IS NULL AND expires_at > ${at}`, 'desc')
        .orderBy('asked_at', 'desc')
        .limit(SHOWN)
        .execute();
      return rows.map((row) => viewOf(row, at.getTime()));
    },

    async get(id) {
      return viewOf(await read(platform.db, id), now());
    },

    spend,

    async spendIfNeeded(tx, act, by) {
      if (await needsSecondPerson(tx)) await spend(tx, act, by);
    },

    async asking(by, work) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof NotApproved)) throw error;
        if (by.actor.kind === 'token') throw personNeeded('ask for what another person has to approve');
        const { id, expiresAt, state } = await ask(error.act, by);
        throw new Problem(
          409,
          'approval_needed',
          state === 'approved'
            ? 'It was approved meanwhile. Send the same again.'
            : `Nothing was changed: this waits for a second person until ${expiresAt}. Once it is approved, send the same again.`,
          undefined,
          { approval: id },
        );
      }
    },

    decide: (id, decision, by) =>
      write(async (tx) => {
        const row = await readLocked(tx, id);
        const wrong = wrongDecision(stateOf(row, now()), row.asked_by, by.actor);
        if (wrong === 'own')
          throw new Problem(403, 'own_approval', 'You asked for it: somebody else has to decide.');
        if (wrong === 'no_person') throw personNeeded('decide about what another one asked for');
        if (wrong !== null)
          throw new Problem(409, 'not_asked', 'It waits for nobody: it was decided, or its time is over.');
        await settle(tx, id, decision, by, now());
        await log(tx, by, decision === 'approved' ? 'approve' : 'refuse', row);
        return id;
      }),

    withdraw: (id, by) =>
      write(async (tx) => {
        const row = await readLocked(tx, id);
        if (row.asked_by !== by.actor.id)
          throw new Problem(403, 'not_yours', 'Somebody else asked for it: refuse it instead.');
        const state = stateOf(row, now());
        if (state !== 'asked' && state !== 'approved')
          throw new Problem(409, 'not_asked', 'It is over already; nothing was changed.');
        await settle(tx, id, 'withdrawn', by, now());
        await log(tx, by, 'withdraw', row);
        return id;
      }),
  };
}

/** Writes into the change log which have expired since this was last called. Returns how many. */
export async function recordExpiredApprovals(platform: Platform): Promise<number> {
  return platform.db.transaction().execute(async (tx) => {
    const rows = await tx
      .withTables<ApprovalTables>()
      .updateTable('approval')
      .set({ expiry_logged: true })
      .where('expiry_logged', '=', false)
      .where('used_at', 'is', null)
      .where((eb) => eb.or([eb('decision', 'is', null), eb('decision', '=', 'approved')]))
      .where('expires_at', '<=', new Date(platform.clock.now()))
      .returning(['id', 'act', 'subject_kind', 'subject_id'])
      .execute();
    for (const row of rows)
      await recordChange(tx, platform, {
        actor: launcher,
        reason: 'Its time was over before it was done',
        act: 'approval.expire',
        subject: { kind: row.subject_kind, id: row.subject_id },
        detail: { approval: row.id, for: row.act },
      });
    return rows.length;
  });
}

const hashOf = ({ act, subject, what }: Act): Buffer =>
  createHash('sha256').update(canonicalJson({ act, subject, what })).digest();

/** What this one asked for just this, and can still be used or decided. */
function openRows(tx: Tx, hash: Buffer, askedBy: string, now: number): Promise<Row[]> {
  return tx
    .withTables<ApprovalTables>()
    .selectFrom('approval')
    .selectAll()
    .where('hash', '=', hash)
    .where('asked_by', '=', askedBy)
    .where('used_at', 'is', null)
    .where((eb) => eb.or([eb('decision', 'is', null), eb('decision', '=', 'approved')]))
    .where('expires_at', '>', new Date(now))
    .orderBy('asked_at')
    .forUpdate()
    .execute();
}

function settle(
  tx: Tx,
  id: string,
  decision: 'approved' | 'refused' | 'withdrawn',
  by: By,
  now: number,
): Promise<unknown> {
  return tx
    .withTables<ApprovalTables>()
    .updateTable('approval')
    .set({
      decision,
      decided_at: new Date(now),
      decided_by: by.actor.id,
      decided_by_name: by.actor.name,
      decision_reason: by.reason,
    })
    .where('id', '=', id)
    .execute();
}

async function read(db: Platform['db'] | Tx, id: string): Promise<Row> {
  const row = await db
    .withTables<ApprovalTables>()
    .selectFrom('approval')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirst();
  if (row === undefined) throw notFound('approval');
  return row;
}

async function readLocked(tx: Tx, id: string): Promise<Row> {
  await sql`SELECT FROM approval WHERE id = ${id} FOR UPDATE`.execute(tx);
  return read(tx, id);
}

const personNeeded = (what: string): Problem =>
  new Problem(403, 'person_needed', `Only a person who is signed in can ${what}: a program can not.`);

const stateOf = (row: Row, now: number) =>
  approvalStateAt(
    { expiresAt: row.expires_at.getTime(), decision: row.decision, usedAt: row.used_at?.getTime() ?? null },
    now,
  );

function viewOf(row: Row, now: number): ApprovalView {
  return {
    id: row.id,
    act: row.act,
    subject: { kind: row.subject_kind, id: row.subject_id },
    what: row.what,
    state: stateOf(row, now),
    reason: row.reason,
    askedAt: row.asked_at.toISOString(),
    askedBy: { id: row.asked_by, name: row.asked_by_name },
    expiresAt: row.expires_at.toISOString(),
    decidedAt: row.decided_at?.toISOString() ?? null,
    decidedBy: row.decided_by_name,
    decisionReason: row.decision_reason,
    usedAt: row.used_at?.toISOString() ?? null,
  };
}
