import {
  formatProof,
  logVerifier,
  openReader,
  parseCheckpoint,
  parseNote,
  parseVerifierKey,
  TlogError,
} from '@drawbridge/tlog';
import {
  fetchFrom,
  type Hold,
  type LogOverview,
  type LogPlaces,
  type LogVault,
  type OtherLogs,
  type OwnLog,
  readState,
  trustIn,
} from '../audit/index.ts';
import { type OutboundNetwork, type Platform, Problem, readSetting } from '../platform/index.ts';
import { readEntry } from './entry.ts';
import { askRootEpoch, openRootEpochs, type RootEpoch } from './epochs.ts';
import type { Sources } from './intake.ts';
import { rootRoutes } from './routes.ts';
import { RootSequencer, type RootTimes, usualTimes } from './sequencer.ts';
import {
  countEntries,
  findEntry,
  type KeptTrouble,
  readPublished,
  readSources,
  readWitnesses,
} from './store.ts';
import { rootWitnesses, witnessKey } from './witnesses.ts';

export interface RootOptions {
  platform: Platform;
  vault: LogVault;
  /** Where the root log lies, and those of its epochs before. */
  places: LogPlaces;
  sources: Sources;
  /** What reaching witnesses needs from this machine. */
  network: OutboundNetwork;
  /** For tests. */
  times?: Partial<RootTimes>;
}

/** The log over all logs of the deployment: one checkpoint that speaks for everything. */
export interface Root {
  /** For the list of logs, their files, and proofs. */
  logs: OtherLogs;
  /** Behind the gate. */
  routes: ReturnType<typeof rootRoutes>;
  /** What is wrong with it or with what it should take in, in words for people; as of the last look. */
  troubles(): readonly string[];
  start(): void;
  stop(): Promise<void>;
}

/** Throws what the vault and the database throw where the log's key can't be had. */
export async function createRoot(options: RootOptions): Promise<Root> {
  const { platform, vault, places, network, times } = options;
  const { pool, db } = platform;
  const { before, current } = await openRootEpochs(platform, vault, places);
  const { place, signer, mark } = current;
  const origin = signer.name;
  let troubles: readonly string[] = [];

  const sequencer = new RootSequencer({
    platform,
    place,
    signer,
    mark,
    sources: {
      // What the log of an epoch before was signed for last is quoted, as that of any other log.
      async ownLogs() {
        return [...before.map(ownLogOf), ...(await options.sources.ownLogs())];
      },
    },
    network,
    times: { ...usualTimes, ...times },
    async onLook() {
      try {
        const [{ trouble }, known] = await Promise.all([readState(pool, origin), readSources(pool, origin)]);
        const found = [trouble, ...known.map((source) => source.trouble)];
        troubles = found.flatMap((one) => (one === null ? [] : [one.text]));
      } catch (error) {
        platform.log.warn({ err: error }, 'what is wrong with the root log could not be read');
      }
    },
  });

  async function overview(): Promise<LogOverview> {
    const [state, size, published, known] = await Promise.all([
      readState(pool, origin),
      countEntries(pool, origin),
      readPublished(pool, origin),
      readSources(pool, origin),
    ]);
    return {
      name: current.name,
      origin,
      verifierKey: signer.verifierKey,
      size: Math.max(size, state.size),
      waiting: 0,
      isCurrent: true,
      checkpoint:
        published === null ? null : { ...treeOf(published.note), signedAt: published.at.toISOString() },
      trouble: shown(state.trouble),
      root: {
        ...(await witnesses()),
        logs: known.map(({ origin: of, taken, trouble }) => ({
          origin: of,
          index: taken?.index ?? null,
          size: taken?.size ?? 0,
          takenAt: taken?.at.toISOString() ?? null,
          trouble: shown(trouble),
        })),
      },
    };
  }

  async function ended({ name, signer: { name: of, verifierKey } }: RootEpoch): Promise<LogOverview> {
    const published = await readPublished(pool, of);
    const tree = published === null ? null : treeOf(published.note);
    return {
      name,
      origin: of,
      verifierKey,
      size: tree?.size ?? 0,
      waiting: 0,
      isCurrent: false,
      checkpoint:
        published === null || tree === null ? null : { ...tree, signedAt: published.at.toISOString() },
      trouble: null,
      root: null,
    };
  }

  async function witnesses(): Promise<Pick<NonNullable<LogOverview['root']>, 'required' | 'witnesses'>> {
    const [set, known] = await Promise.all([readSetting(db, rootWitnesses), readWitnesses(pool)]);
    return {
      required: set.required,
      witnesses: set.witnesses.map(({ key, url, private: isPrivate }) => {
        const verifier = parseVerifierKey(key);
        const found = known.find((one) => one.key === witnessKey(verifier));
        return {
          name: verifier.name,
          key,
          url,
          private: isPrivate,
          size: found?.size ?? 0,
          cosignedAt: found?.cosignedAt?.toISOString() ?? null,
          trouble: shown(found?.trouble ?? null),
        };
      }),
    };
  }

  async function hold(of: string, index: number): Promise<Hold | null> {
    const at = await findEntry(pool, origin, of, index);
    const published = at === null ? null : await readPublished(pool, origin);
    if (at === null || published === null || at >= published.size) return null;
    const reader = await openRoot();
    if (reader === null || at >= reader.checkpoint.checkpoint.size) return null;
    const entry = await reader.entry(at);
    const says = readEntry(entry);
    if (says === null || says.origin !== of || says.size <= index)
      throw unreadable(`entry ${at} is not the checkpoint that the database says it is`);
    const { required, witnesses: set } = await readSetting(db, rootWitnesses);
    return {
      origin,
      verifierKey: signer.verifierKey,
      index: at,
      entry: entry.toString(),
      proof: formatProof(await reader.prove(at)),
      required,
      witnesses: set.map(({ key }) => key),
    };
  }

  async function openRoot() {
    try {
      return await openReader({ ...trustIn(signer), fetch: fetchFrom(place.files) });
    } catch (error) {
      if (error instanceof TlogError && error.code === 'missing') return null;
      if (error instanceof TlogError) throw unreadable(error.message);
      throw error;
    }
  }

  return {
    logs: {
      logs: async () => [await overview(), ...(await Promise.all(before.toReversed().map(ended)))],
      filesOf: (name) => [current, ...before].find((epoch) => epoch.name === name)?.place.files ?? null,
      hold,
    },
    routes: rootRoutes(platform, {
      beginEpoch: (by) => askRootEpoch(platform, vault, current, by),
      witnesses,
      changed: () => sequencer.poke(),
    }),
    troubles: () => troubles,
    start: () => sequencer.start(),
    stop: () => sequencer.stop(),
  };
}

function ownLogOf({ place, signer }: RootEpoch): OwnLog {
  return { origin: signer.name, log: logVerifier(signer.verifierKey), files: place.files, hasEnded: true };
}

function treeOf(note: string): { size: number; root: string } {
  const { size, root } = parseCheckpoint(parseNote(note).text);
  return { size, root: root.toString('base64') };
}

function shown(trouble: KeptTrouble | null) {
  return trouble === null ? null : { ...trouble, since: trouble.since.toISOString() };
}

const unreadable = (why: string): Problem =>
  new Problem(503, 'log_unreadable', `The root log's files can't be used: ${why}`);
