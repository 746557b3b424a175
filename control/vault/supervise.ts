import { mkdir, open } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Logger } from 'pino';
import type { Clock, Db } from '../platform/index.ts';
import { forkVault, type VaultChild } from './child.ts';
import { VaultError } from './errors.ts';
import { keyFilePath } from './keyfile.ts';
import { logMarksPath } from './log-marks.ts';
import type { KeyRecord, VaultAct, VaultCalls } from './messages.ts';
import type { VaultTables } from './tables.ts';

export interface VaultOptions {
  db: Db;
  clock: Clock;
  log: Logger;
  /** The folder of the key-encryption key, made (mode 0700) at the first start. Not the data directory. */
  keysDir: string;
  deploymentId: string;
}

const RESTART_MS = [0, 100, 200, 400, 800, 1_600, 3_200, 5_000];
const WAIT_FOR_RESTART_MS = 10_000;

/** Keeps one vault process running and passes calls to it. */
export class VaultSupervisor {
  readonly #options: VaultOptions;
  #child: VaultChild | null = null;
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

  /** Throws what keeps the vault from starting. */
  async start(): Promise<void> {
    this.#hold(await openVault(this.#options));
  }

  async call<Act extends VaultAct>(
    act: Act,
    ask: VaultCalls[Act]['ask'],
  ): Promise<VaultCalls[Act]['answer']> {
    return (await this.#running()).call(act, ask);
  }

  /** What was made or replaced in the folder of keys outlives a power cut when this returns. */
  async syncKeys(): Promise<void> {
    await syncFolder(resolve(this.#options.keysDir));
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake();
    await this.#restart;
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

  #hold(child: VaultChild): void {
    this.#child = child;
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
export async function checkKeys(options: {
  keysDir: string;
  deploymentId: string;
  known: KeyRecord;
}): Promise<void> {
  const { keysDir, deploymentId: deployment, known } = options;
  const keyFile = keyFilePath(resolve(keysDir), deployment);
  const marksFile = logMarksPath(resolve(keysDir), deployment);
  const child = forkVault(keyFile, marksFile);
  try {
    await child.call('start', { keyFile, marksFile, deployment, known });
  } finally {
    await child.stop();
  }
}

/** Forks a vault and opens its keys; at the first start keeps in the database what it made. */
async function openVault(options: VaultOptions): Promise<VaultChild> {
  const known = await readKeyRecord(options.db);
  const keysDir = resolve(options.keysDir);
  if (known === null) await mkdir(keysDir, { recursive: true, mode: 0o700 });
  const child = forkVault(
    keyFilePath(keysDir, options.deploymentId),
    logMarksPath(keysDir, options.deploymentId),
  );
  try {
    const { made } = await child.call('start', startWith(options, known));
    if (made !== null) await keepMade(options, child, made);
    return child;
  } catch (error) {
    await child.stop();
    throw error;
  }
}

/** Keeps the record of new keys once the key file surely outlives a power cut: the record is worthless without it. */
async function keepMade(options: VaultOptions, child: VaultChild, made: KeyRecord): Promise<void> {
  await syncFolder(resolve(options.keysDir));
  if (await keepKeyRecord(options, made)) return;
  // Another control process made the keys meanwhile: its keys are the deployment's.
  await child.call('start', startWith(options, await readKeyRecord(options.db)));
}

async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  await using folder = await open(path, 'r');
  await folder.sync();
}

function startWith(options: VaultOptions, known: KeyRecord | null): VaultCalls['start']['ask'] {
  const { deploymentId: deployment } = options;
  const keysDir = resolve(options.keysDir);
  return {
    keyFile: keyFilePath(keysDir, deployment),
    marksFile: logMarksPath(keysDir, deployment),
    deployment,
    known,
  };
}

async function readKeyRecord(db: Db): Promise<KeyRecord | null> {
  const row = await db.withTables<VaultTables>().selectFrom('vault_key').selectAll().executeTakeFirst();
  return row === undefined ? null : { checkValue: row.check_value, dataKey: row.data_key };
}

/** False where there was a record already, which stays. */
async function keepKeyRecord({ db, clock }: VaultOptions, made: KeyRecord): Promise<boolean> {
  const inserted = await db
    .withTables<VaultTables>()
    .insertInto('vault_key')
    .values({
      only_one: true,
      check_value: Buffer.from(made.checkValue),
      data_key: Buffer.from(made.dataKey),
      created_at: new Date(clock.now()),
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return inserted.numInsertedOrUpdatedRows === 1n;
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
