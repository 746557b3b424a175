import { mkdir, open } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Logger } from 'pino';
import type { Clock, Db } from '../platform/index.ts';
import { startProcess, type VaultChild } from './child.ts';
import { VaultError } from './errors.ts';
import { keyFilePath } from './keyfile.ts';
import { logMarksPath } from './log-marks.ts';
import type { KeyRecord, VaultAct, VaultCalls } from './messages.ts';
import { keepFirstRecord, newestDataKey, readKeyRecords } from './records.ts';
import type { KeySource } from './sources/settings.ts';

export interface VaultOptions {
  db: Db;
  clock: Clock;
  log: Logger;
  /** The folder of keys, made (mode 0700) at the first start. Not the data directory. */
  keysDir: string;
  deploymentId: string;
  /** Where the key-encryption key is; left out: a file in the folder of keys. */
  source?: KeySource | undefined;
}

/** These wrap something new, and should do it under the newest data key that there is. */
const WRAPPING: ReadonlySet<VaultAct> = new Set([
  'seal',
  'generate',
  'generateKeyPair',
  'makeLogKey',
  'takeIn',
]);

/** How often it is looked whether there is a newer one. */
const LOOK_MS = 1_000;
const LEARN_MS = 10_000;
const RESTART_MS = [0, 100, 200, 400, 800, 1_600, 3_200, 5_000];
const WAIT_FOR_RESTART_MS = 10_000;

/** Keeps one vault process running and passes calls to it. */
export class VaultSupervisor {
  readonly #options: VaultOptions;
  #child: VaultChild | null = null;
  /** The newest data key that the process knows. */
  #newest = 0;
  /** The key-encryption key that it was opened with. */
  #key = 0;
  #openings = 0;
  #looked = Number.NEGATIVE_INFINITY;
  #looking: Promise<void> = Promise.resolve();
  #learning: Promise<void> | null = null;
  #restart: Promise<void> = Promise.resolve();
  /** What a person must mend before the vault can run again; calls hear it at once. */
  #problem: VaultError | null = null;
  /** Those who wait for the outcome of a start, good or bad. */
  #waiting = new Set<() => void>();
  #stopping = new AbortController();

  constructor(options: VaultOptions) {
    this.#options = options;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** The number of the key-encryption key that the running process was opened with. */
  get key(): number {
    return this.#key;
  }

  /** Why the process does not run, where a person must mend it; null: it runs, or is being started. */
  get problem(): VaultError | null {
    return this.#problem;
  }

  /** How often keys were opened. */
  get opened(): number {
    return this.#openings;
  }

  /** Throws what keeps the vault from starting. */
  async start(): Promise<void> {
    this.#hold(await openVault(this.#options));
  }

  /** A data key that another process made is asked of the database when something wrapped under it is first met. */
  async call<Act extends VaultAct>(
    act: Act,
    ask: VaultCalls[Act]['ask'],
  ): Promise<VaultCalls[Act]['answer']> {
    const child = await this.#running();
    if (WRAPPING.has(act)) this.#look(child);
    try {
      return await child.call(act, ask);
    } catch (error) {
      if (!(error instanceof VaultError) || error.code !== 'key_unknown') throw error;
      await this.#learn(child);
      return child.call(act, ask);
    }
  }

  /**
   * Looks for a newer data key beside what goes on. Nobody waits for it: who asks to have something wrapped may hold the
   * last connection to the database. What is wrapped under one that has gone meanwhile is refused by the database.
   */
  #look(child: VaultChild): void {
    const now = performance.now();
    if (now - this.#looked < LOOK_MS) return;
    this.#looked = now;
    this.#looking = newestDataKey(this.#options.db)
      .then((newest) => (newest > this.#newest ? this.#learn(child) : undefined))
      .catch((error: unknown) => {
        if (!this.#stopping.signal.aborted)
          this.#options.log.warn({ err: error }, 'it could not be seen whether there is a newer data key');
      });
  }

  async #learn(child: VaultChild): Promise<void> {
    const late = Promise.withResolvers<never>();
    // Whoever waits may hold a connection to the database that this needs.
    const timer = setTimeout(
      () => late.reject(new VaultError('timed_out', 'The keys could not be read in time. Try again.')),
      LEARN_MS,
    );
    this.#learning ??= this.#readAndStart(child).finally(() => {
      this.#learning = null;
    });
    await Promise.race([this.#learning, late.promise]).finally(() => clearTimeout(timer));
  }

  async #readAndStart(child: VaultChild): Promise<void> {
    const known = await readKeyRecords(this.#options.db);
    this.#opened(await child.call('start', startWith(this.#options, known)));
  }

  #opened({ key, current }: Pick<VaultCalls['start']['answer'], 'key' | 'current'>): void {
    this.#openings += 1;
    this.#key = key;
    this.#newest = current;
  }

  /** What was made or replaced in the folder of keys outlives a power cut when this returns. */
  async syncKeys(): Promise<void> {
    await syncFolder(resolve(this.#options.keysDir));
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake();
    await this.#restart;
    await this.#looking;
    await this.#child?.stop();
    this.#child = null;
  }

  async #running(): Promise<VaultChild> {
    const stopping = this.#stopping.signal;
    if (this.#child === null && this.#problem === null && !stopping.aborted) await this.#outcome();
    if (stopping.aborted) throw new VaultError('stopped', 'The vault was stopped.');
    if (this.#child !== null) return this.#child;
    throw (
      this.#problem ?? new VaultError('timed_out', 'The vault is not running yet. Try again in a moment.')
    );
  }

  async #outcome(): Promise<void> {
    await new Promise<void>((done) => {
      const timer = setTimeout(done, WAIT_FOR_RESTART_MS);
      this.#waiting.add(() => {
        clearTimeout(timer);
        done();
      });
    });
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  #hold({ child, opened }: OpenVault): void {
    this.#child = child;
    this.#opened(opened);
    this.#problem = null;
    this.#wake();
    void child.ended.then((how) => {
      this.#child = null;
      if (this.#stopping.signal.aborted) return;
      this.#options.log.error({ how }, 'the vault ended unexpectedly; restarting it');
      this.#restart = this.#startAgain();
    });
  }

  /** Tries until it runs: what a person mends (a key file put back) takes effect without a restart of the rest. */
  async #startAgain(): Promise<void> {
    const { signal } = this.#stopping;
    for (let attempt = 0; !signal.aborted; attempt++) {
      await pause(RESTART_MS[Math.min(attempt, RESTART_MS.length - 1)] ?? 0, signal);
      if (signal.aborted) return;
      try {
        return this.#hold(await openVault(this.#options));
      } catch (error) {
        this.#options.log.error({ err: error, attempt }, 'the vault did not start');
        if (!(error instanceof VaultError) || error.code === 'crashed') continue;
        this.#problem = error;
        this.#wake();
      }
    }
  }
}

/** The keys as a backup knows them, tried without a database. Throws VaultError as `startVault` does; changes nothing. */
export async function checkKeys(
  options: Pick<VaultOptions, 'keysDir' | 'deploymentId' | 'source'> & { known: readonly KeyRecord[] },
): Promise<void> {
  const child = startProcess(placeOf(options));
  try {
    await child.call('start', startWith(options, options.known));
  } finally {
    await child.stop();
  }
}

interface OpenVault {
  child: VaultChild;
  opened: VaultCalls['start']['answer'];
}

/** Starts a vault and opens its keys; at the first start keeps in the database what it made. */
async function openVault(options: VaultOptions): Promise<OpenVault> {
  const known = await readKeyRecords(options.db);
  if (known.length === 0) await mkdir(resolve(options.keysDir), { recursive: true, mode: 0o700 });
  const child = startProcess(placeOf(options));
  try {
    const opened = await child.call('start', startWith(options, known));
    if (opened.made === null) return { child, opened };
    return { child, opened: await keepMade(options, child, { ...opened, made: opened.made }) };
  } catch (error) {
    await child.stop();
    throw error;
  }
}

/** Keeps the record of new keys once the key file surely outlives a power cut: the record is worthless without it. */
async function keepMade(
  options: VaultOptions,
  child: VaultChild,
  opened: OpenVault['opened'] & { made: KeyRecord },
): Promise<OpenVault['opened']> {
  await syncFolder(resolve(options.keysDir));
  if (await keepFirstRecord(options, opened.made)) return opened;
  // Another control process made the keys meanwhile: its keys are the deployment's.
  return child.call('start', startWith(options, await readKeyRecords(options.db)));
}

export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  await using folder = await open(path, 'r');
  await folder.sync();
}

type Place = Pick<VaultOptions, 'keysDir' | 'deploymentId' | 'source'>;

const FILE: KeySource = { kind: 'file' };

export const placeOf = ({ keysDir, deploymentId, source = FILE }: Place) => ({
  keyFile: keyFilePath(resolve(keysDir), deploymentId),
  marksFile: logMarksPath(resolve(keysDir), deploymentId),
  sources: [source],
});

export function startWith(options: Place, known: readonly KeyRecord[]): VaultCalls['start']['ask'] {
  const { keyFile, marksFile } = placeOf(options);
  return { source: options.source ?? FILE, keyFile, marksFile, deployment: options.deploymentId, known };
}

/** Settles after the time, or at once when stopping. */
async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((done) => {
    const timer = setTimeout(finish, milliseconds);
    function finish(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', finish);
      done();
    }
    signal.addEventListener('abort', finish);
  });
}
