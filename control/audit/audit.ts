import { logVerifier, parseCheckpoint, parseNote, type TileFiles, type Verifier } from '@drawbridge/tlog';
import type { MiddlewareHandler } from 'hono';
import { collectChanges, type HttpEnv, type Platform, Problem } from '../platform/index.ts';
import { findChange, listChanges } from './changes.ts';
import { type Epoch, Epochs, type LogPlaces, type LogVault } from './epochs.ts';
import { Evidence } from './evidence.ts';
import { auditRoutes, type GatewayLogs, type OtherLogs } from './routes.ts';
import type { ChangeDetail, LogOverview } from './schemas.ts';
import { Sequencer, type SequencerTimes, usualTimes } from './sequencer.ts';
import { countWaiting, readLogged, readState } from './store.ts';

/** A log that is written here, for who takes in its checkpoints. */
export interface OwnLog {
  origin: string;
  log: Verifier;
  files: TileFiles;
  /** A later epoch of it was begun, which quotes what was signed of it last, and says why. */
  hasEnded: boolean;
}

export interface AuditOptions {
  platform: Platform;
  vault: LogVault;
  places: LogPlaces;
  /** For tests. */
  times?: Partial<SequencerTimes>;
}

/** The control plane's log of its own changes. */
export interface Audit {
  /** Behind the gate; with the logs of others. */
  routes(others: OtherLogs, gatewayLogs: GatewayLogs): ReturnType<typeof auditRoutes>;
  /** The logs that changes are or were put into, in their order. */
  ownLogs(): Promise<OwnLog[]>;
  /**
   * The newest `most` changes of each of these subjects (`incident:<id>`), with their entries and proofs that the log has them, as
   * c2sp.org/tlog-proof; null where there is none yet.
   */
  evidence(subjects: readonly string[], most: number): Promise<(ChangeDetail & { proof: string | null })[]>;
  /** Around everything that may change something: the answer is given when the log has what was changed. */
  answerWhenLogged: MiddlewareHandler<HttpEnv>;
  /** What is wrong with the log, in words for people, as far as this process knows; null for nothing. */
  trouble(): string | null;
  /** Begins to put changes into the log, those first that were made before. */
  start(): void;
  stop(): Promise<void>;
}

/** Throws what the vault and the database throw where the log's key can't be had. */
export async function createAudit({ platform, vault, places, times }: AuditOptions): Promise<Audit> {
  const epochs = new Epochs(platform, vault, places);
  // So that what can't be had is said now.
  await epochs.all();
  const sequencer = new Sequencer({ platform, epochs, times: { ...usualTimes, ...times } });

  async function overview({ number, name, signer }: Epoch, isCurrent: boolean): Promise<LogOverview> {
    const [state, logged, waiting] = await Promise.all([
      readState(platform.pool, signer.name),
      readLogged(platform.pool, number),
      isCurrent ? countWaiting(platform.pool) : 0,
    ]);
    const trouble = isCurrent ? (sequencer.trouble ?? state.trouble) : null;
    return {
      name,
      origin: signer.name,
      verifierKey: signer.verifierKey,
      size: Math.max(state.size, (logged.last?.index ?? -1) + 1),
      waiting,
      isCurrent,
      checkpoint: checkpointOf(state.checkpoint, state.signedAt),
      root: null,
      trouble: trouble === null ? null : { ...trouble, since: trouble.since.toISOString() },
    };
  }

  const evidence = new Evidence(epochs, platform.log);
  /** None yet is no failure: the log has it soon. */
  const proofOf = async (id: string): Promise<(ChangeDetail & { proof: string | null })[]> => {
    const row = await findChange(platform, id);
    if (row === null) return [];
    const detail = await evidence.of(row);
    try {
      return [{ ...detail, proof: await evidence.proof(row) }];
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      return [{ ...detail, proof: null }];
    }
  };
  return {
    async evidence(subjects, most) {
      const ids: string[] = [];
      for (const subject of subjects) {
        for (let [cursor, left] = [undefined as string | undefined, most]; left > 0; ) {
          const found = await listChanges(platform, { subject, cursor, limit: Math.min(left, 200) });
          ids.push(...found.items.map(({ id }) => id));
          left -= found.items.length;
          if (found.next === null) break;
          cursor = found.next;
        }
      }
      const found = [];
      for (const id of ids) found.push(...(await proofOf(id)));
      return found;
    },
    routes: (others, gatewayLogs) =>
      auditRoutes(platform, {
        async logs() {
          const all = await epochs.all();
          // The one that changes are put into comes first.
          const own = all.toReversed().map((epoch, at) => overview(epoch, at === 0));
          return [...(await Promise.all(own)), ...(await others.logs())];
        },
        gatewayLogs,
        filesOf: async (name) =>
          (await epochs.all()).find((epoch) => epoch.name === name)?.place.files ?? others.filesOf(name),
        async beginEpoch(by) {
          const epoch = await epochs.ask(by);
          sequencer.retry();
          return overview(epoch, true);
        },
        evidence,
        hold: others.hold,
      }),
    ownLogs: async () =>
      (await epochs.all()).map(({ signer, place }, at, all) => ({
        origin: signer.name,
        log: logVerifier(signer.verifierKey),
        files: place.files,
        hasEnded: at < all.length - 1,
      })),
    async answerWhenLogged(c, next) {
      const changes = await collectChanges(next);
      if (changes.length === 0) return;
      const progress = await sequencer.logged(changes);
      if (progress !== 'none') c.header('x-drawbridge-logged', String(progress === 'logged'));
    },
    trouble: () => sequencer.trouble?.text ?? null,
    start: () => sequencer.start(),
    stop: () => sequencer.stop(),
  };
}

function checkpointOf(note: string | null, signedAt: Date | null): LogOverview['checkpoint'] {
  if (note === null || signedAt === null) return null;
  const { size, root } = parseCheckpoint(parseNote(note).text);
  return { size, root: root.toString('base64'), signedAt: signedAt.toISOString() };
}
