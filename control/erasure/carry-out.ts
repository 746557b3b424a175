import type { Sealed } from '@drawbridge/protocol';
import type pg from 'pg';
import {
  type ItemSearch,
  type Names,
  nameAll,
  type Projection,
  rebuildProjection,
  type SubjectName,
} from '../crossings/index.ts';
import { linkedSubjects, vendorsGot } from '../exposure/index.ts';
import { type By, type Platform, recordChange, type Tx } from '../platform/index.ts';
import type { PseudonymOf } from '../vault/index.ts';
import { eraseEverywhere } from './everywhere.ts';
import type { ErasuresFile } from './file.ts';
import { afterRebuilds } from './locks.ts';
import { type GatewaySeen, whatPersists } from './persists.ts';
import type { Tally } from './plan.ts';
import type { Report } from './schemas.ts';
import type { Sealing } from './sealing.ts';
import { writeErasure } from './store.ts';

export interface ErasureDeps {
  platform: Platform;
  sealing: Sealing;
  file: ErasuresFile;
  projections: readonly Projection[];
  pseudonymOf: PseudonymOf;
  names: Names;
  gateways(): Promise<readonly GatewaySeen[]>;
}

/** An erasure on its way. */
export interface Pending {
  id: string;
  /** Milliseconds since 1970. */
  at: number;
  askedAt: Date;
  subjects: readonly SubjectName[];
  sealed: Sealed;
  by: By;
}

/** Erases and writes it down, in the caller's transaction, which holds the journals. */
export async function carryOutNow(
  deps: ErasureDeps,
  client: pg.PoolClient,
  tx: Tx,
  pending: Pending,
  { search, tally, replayed }: { search: ItemSearch; tally: Tally; replayed: boolean },
): Promise<{ rebuild: boolean }> {
  const { platform } = deps;
  const report = await reportOf(deps, client, pending.subjects, tally, pending.at);
  const done = await eraseEverywhere(client, pending.subjects, search, tally.names);
  await writeErasure(tx, {
    id: pending.id,
    state: 'done',
    at: new Date(pending.at),
    asked_at: pending.askedAt,
    actor: pending.by.actor.id,
    reason: pending.by.reason,
    sealed: pending.sealed,
    holds: [],
    done_at: new Date(platform.clock.now()),
    report,
  });
  await recordChange(tx, platform, {
    ...pending.by,
    act: 'subject.erase',
    subject: { kind: 'erasure', id: pending.id },
    detail: {
      ...report.counts,
      vendors: [...new Set(report.vendors.map((one) => one.vendor))],
      replayed,
    },
  });
  return done;
}

/** Rebuilds where rows were not enough, and tells whoever watches. */
export async function afterwards(
  { platform, projections }: Pick<ErasureDeps, 'platform' | 'projections'>,
  rebuild: boolean,
): Promise<void> {
  if (rebuild)
    for (const projection of projections) await afterRebuilds(() => rebuildProjection(platform, projection));
  for (const { topic } of projections) platform.events.publish(topic);
}

/** What goes, what vendors got, and what persists. Asked before anything is erased. */
export async function reportOf(
  deps: ErasureDeps,
  client: pg.PoolClient,
  subjects: readonly SubjectName[],
  tally: Tally,
  at: number,
): Promise<Report> {
  const texts = new Set(subjects.map(({ about, pseudonym }) => `${about} ${pseudonym}`));
  const inLedger = (await linkedSubjects(client, subjects)).filter((one) =>
    texts.has(`${one.about} ${one.pseudonym}`),
  );
  const got = await vendorsGot(client, inLedger);
  const named = await nameAll(
    deps.names,
    got.map(({ connection }) => ({ connection, app: '' })),
  );
  const counts = { identifiers: subjects.length, ...tally.counts };
  return {
    counts,
    vendors: got.map(({ connection, firstSeenAt, lastSeenAt, ...rest }) => ({
      ...rest,
      connection: named.connection(connection),
      firstSeenAt: firstSeenAt.toISOString(),
      lastSeenAt: lastSeenAt.toISOString(),
    })),
    persists: whatPersists(at, {
      counts,
      vendors: new Set(got.map((one) => one.vendor)).size,
      gateways: await deps.gateways(),
    }),
  };
}
