import { z } from '@hono/zod-openapi';
import { type Selectable, sql } from 'kysely';
import { readStoredCredentials } from '../fleet/index.ts';
import {
  type By,
  decodeCursor,
  newId,
  notFound,
  type Platform,
  Problem,
  page,
  recordChange,
  type Tx,
} from '../platform/index.ts';
import { type Vault, VaultError } from '../vault/index.ts';
import { actOnLeaks } from './act.ts';
import { takeFindings } from './findings.ts';
import { fingerprintKeyReader, type Keyed } from './fingerprints.ts';
import { type Batch, type BegunRun, MOST_A_RUN, type NewRun, type RunView } from './schemas.ts';
import type { LeakTables, Proof } from './tables.ts';

type Row = Selectable<LeakTables['scan_run']>;
type RunWithSource = Row & { source_name: string };

/** Who begins more has a list of hashes made for more than scans. */
const MOST_BEGUN = 60;
const BEGUN_WITHIN_MS = 10 * 60_000;
const SILENT_MS = 15 * 60_000;
/** One that was not heard of for so long is over, and what it would have been compared with is forgotten. */
const OVER_MS = 24 * 3600_000;

/** Reports of scans: begun, told in batches, ended. */
export interface Runs {
  /** Throws Problem 429 `too_many_runs`. */
  begin(given: NewRun, by: By): Promise<BegunRun>;
  /** Throws Problem 404, 409 `run_ended`, `batch_missing`, `too_many_findings`. */
  take(id: string, batch: Batch, by: By): Promise<RunView>;
  /**
   * `whole`: what this reporter told of the source before, and not again, is gone. What another one told stands: who may
   * report can't say that what others found is gone. Ending it again changes nothing. Throws Problem 404.
   */
  end(id: string, whole: boolean, by: By): Promise<RunView>;
  list(query: {
    cursor?: string | undefined;
    limit: number;
  }): Promise<{ items: RunView[]; next: string | null }>;
}

export interface RunsDeps {
  platform: Platform;
  vault: Pick<Vault, 'seal' | 'keyedHashOfWrapped'>;
  keyed: Keyed;
}

export function createRuns({ platform, vault, keyed }: RunsDeps): Runs {
  const db = platform.db.withTables<LeakTables>();
  const keyOfFingerprints = fingerprintKeyReader(keyed);

  /** Hashes of all kept credentials under two keys of this run: one to find them by, one to show by that one has them. */
  async function knownOf(run: string): Promise<Omit<BegunRun, 'id' | 'number'> & { proofs: Proof[] }> {
    const credentials = await platform.db.transaction().execute(readStoredCredentials);
    const keys = await Promise.all(
      ['find', 'prove'].map(async (use) => {
        const key = Buffer.from(platform.random.bytes(32));
        const context = new TextEncoder().encode(JSON.stringify(['drawbridge scan run 1', run, use]));
        const text = key.toString('base64url');
        return { text, context, wrapped: await vault.seal(key, context) };
      }),
    );
    const [find, prove] = keys;
    if (find === undefined || prove === undefined) throw new Error('a run has two keys');
    const known: BegunRun['known'] = [];
    const proofs: Proof[] = [];
    for (const { id, stored } of credentials) {
      try {
        const found = await vault.keyedHashOfWrapped(find, stored);
        const proof = await vault.keyedHashOfWrapped(prove, stored);
        if (found === null || proof === null) continue;
        known.push({ length: found.length, hash: found.hash.toString('base64url') });
        proofs.push({ hash: proof.hash.toString('base64url'), credential: id });
      } catch (error) {
        if (!(error instanceof VaultError) || error.code !== 'unreadable') throw error;
        platform.log.error(
          { secret: stored.name },
          'a stored credential does not open: scans do not know it',
        );
      }
    }
    return { key: find.text, proofKey: prove.text, known, proofs };
  }

  /** Only who began a report goes on with it. */
  async function read(tx: Tx, id: string, by: By): Promise<RunWithSource> {
    const row = await tx
      .withTables<LeakTables>()
      .selectFrom('scan_run')
      .innerJoin('scan_source', 'scan_source.id', 'scan_run.source')
      .selectAll('scan_run')
      .select('scan_source.name as source_name')
      .where('scan_run.id', '=', id)
      .where('scan_run.by_id', '=', by.actor.id)
      .forUpdate('scan_run')
      .executeTakeFirst();
    if (row === undefined) throw notFound('scan run');
    return row;
  }

  return {
    async begin({ source, commit }, by) {
      const now = platform.clock.now();
      const { count } = await db
        .selectFrom('scan_run')
        .select((eb) => eb.fn.countAll<string>().as('count'))
        .where('by_id', '=', by.actor.id)
        .where('started_at', '>', new Date(now - BEGUN_WITHIN_MS))
        .executeTakeFirstOrThrow();
      if (Number(count) >= MOST_BEGUN) {
        throw new Problem(
          429,
          'too_many_runs',
          `You began ${MOST_BEGUN} reports of scans within ten minutes. Wait, or report several folders as one.`,
          undefined,
          { retryAfter: BEGUN_WITHIN_MS / 1000 },
        );
      }
      const id = newId(platform.clock, platform.random);
      const { proofs, ...known } = await knownOf(id);
      const number = await platform.db.transaction().execute(async (tx) => {
        const rows = tx.withTables<LeakTables>();
        await rows
          .updateTable('scan_run')
          .set((eb) => ({ ended_at: eb.ref('heard_at'), whole: false, proofs: null }))
          .where('ended_at', 'is', null)
          .where('heard_at', '<', new Date(now - OVER_MS))
          .execute();
        const of = await rows
          .insertInto('scan_source')
          .values({ id: newId(platform.clock, platform.random), name: source, runs: 1 })
          .onConflict((conflict) =>
            conflict.column('name').doUpdateSet({ runs: sql<number>`scan_source.runs + 1` }),
          )
          .returning(['id', 'runs'])
          .executeTakeFirstOrThrow();
        await rows
          .insertInto('scan_run')
          .values({
            id,
            source: of.id,
            number: of.runs,
            commit_id: commit ?? null,
            by_id: by.actor.id,
            by_name: by.actor.name,
            started_at: new Date(now),
            heard_at: new Date(now),
            ended_at: null,
            whole: null,
            files: 0,
            blobs: 0,
            bytes: 0,
            findings: 0,
            batches: 0,
            fresh: 0,
            gone: 0,
            revoked: 0,
            proofs: JSON.stringify(proofs),
          })
          .execute();
        await recordChange(tx, platform, {
          ...by,
          act: 'scan.begin',
          subject: { kind: 'scan_run', id },
          detail: { source, run: of.runs, known: proofs.length },
        });
        return of.runs;
      });
      platform.events.publish('leaks');
      return { id, number, ...known };
    },

    async take(id, { batch, files, blobs, bytes, findings }, by) {
      const key = await keyOfFingerprints();
      const { view, revoked, alarms } = await platform.db.transaction().execute(async (tx) => {
        const run = await read(tx, id, by);
        if (run.ended_at !== null) {
          throw new Problem(409, 'run_ended', 'This report was ended. Begin another one.');
        }
        const nothing = { revoked: 0, alarms: false };
        if (batch < run.batches) return { ...nothing, view: viewOf(run, platform.clock.now()) };
        if (batch > run.batches) {
          throw new Problem(409, 'batch_missing', `Batch ${run.batches} of this report did not come yet.`);
        }
        if (run.findings + findings.length > MOST_A_RUN) {
          throw new Problem(
            409,
            'too_many_findings',
            `A report has at most ${MOST_A_RUN} findings. End it; what is known of will be told again by the next one.`,
          );
        }
        const of = { id, source: run.source, proofs: run.proofs ?? [] };
        const { leaks, freshPlaces } = await takeFindings(tx, platform, of, findings, key);
        const done = await actOnLeaks(
          tx,
          platform,
          { source: run.source_name, number: run.number },
          leaks,
          by,
        );
        const change = {
          batches: run.batches + 1,
          findings: run.findings + findings.length,
          fresh: run.fresh + freshPlaces,
          revoked: run.revoked + done.revoked,
          heard_at: new Date(platform.clock.now()),
        };
        await tx
          .withTables<LeakTables>()
          .updateTable('scan_run')
          .set({ ...change, files, blobs, bytes })
          .where('id', '=', id)
          .execute();
        const after = { ...run, ...change, files: `${files}`, blobs: `${blobs}`, bytes: `${bytes}` };
        return { ...done, view: viewOf(after, platform.clock.now()) };
      });
      platform.events.publish('leaks');
      if (revoked > 0) platform.events.publish('keys');
      if (alarms) {
        platform.events.publish('alarms');
        platform.events.publish('rotations');
      }
      return view;
    },

    async end(id, whole, by) {
      const view = await platform.db.transaction().execute(async (tx) => {
        const run = await read(tx, id, by);
        if (run.ended_at !== null) return viewOf(run, platform.clock.now());
        const rows = tx.withTables<LeakTables>();
        // What another report found since this one began is there, whatever this one looked at.
        const gone = whole
          ? await rows
              .updateTable('leak_place')
              .set({ gone_run: id })
              .where('source', '=', run.source)
              .where('gone_run', 'is', null)
              .where('seen_at', '<', run.started_at)
              .where('last_run', 'in', (eb) =>
                eb
                  .selectFrom('scan_run')
                  .select('id')
                  .where('source', '=', run.source)
                  .where('by_id', '=', by.actor.id),
              )
              .executeTakeFirst()
          : null;
        const now = new Date(platform.clock.now());
        const change = {
          whole,
          gone: Number(gone?.numUpdatedRows ?? 0),
          ended_at: now,
          heard_at: now,
        };
        await rows
          .updateTable('scan_run')
          .set({ ...change, proofs: null })
          .where('id', '=', id)
          .execute();
        await recordChange(tx, platform, {
          ...by,
          act: 'scan.end',
          subject: { kind: 'scan_run', id },
          detail: {
            source: run.source_name,
            run: run.number,
            findings: run.findings,
            fresh: run.fresh,
            gone: change.gone,
            revoked: run.revoked,
            whole,
          },
        });
        return viewOf({ ...run, ...change }, now.getTime());
      });
      platform.events.publish('leaks');
      return view;
    },

    async list({ cursor, limit }) {
      let query = db
        .selectFrom('scan_run')
        .innerJoin('scan_source', 'scan_source.id', 'scan_run.source')
        .selectAll('scan_run')
        .select('scan_source.name as source_name')
        .orderBy('scan_run.id', 'desc')
        .limit(limit + 1);
      if (cursor !== undefined) {
        const [after] = decodeCursor(cursor, z.tuple([z.string()]));
        query = query.where('scan_run.id', '<', after);
      }
      const now = platform.clock.now();
      return page(
        await query.execute(),
        limit,
        (row) => [row.id],
        (row) => viewOf(row, now),
      );
    },
  };
}

function viewOf(row: RunWithSource, now: number): RunView {
  const isSilent = now - row.heard_at.getTime() > SILENT_MS;
  return {
    id: row.id,
    source: row.source_name,
    number: row.number,
    commit: row.commit_id,
    by: row.by_name,
    state: row.ended_at !== null ? 'ended' : isSilent ? 'silent' : 'running',
    startedAt: row.started_at.toISOString(),
    heardAt: row.heard_at.toISOString(),
    endedAt: row.ended_at?.toISOString() ?? null,
    whole: row.whole,
    files: Number(row.files),
    blobs: Number(row.blobs),
    bytes: Number(row.bytes),
    findings: row.findings,
    fresh: row.fresh,
    gone: row.gone,
    revoked: row.revoked,
  };
}
