import cluster, { type Worker as ClusterWorker } from 'node:cluster';
import { type AddressInfo, createServer } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import { type LeaseDesk, openLeaseDesk } from '../budget/index.ts';
import type { GatewayConfig } from '../config.ts';
import { readKeyFile } from '../key-file.ts';
import { createLog, type GatewayLog } from '../log.ts';
import { postTo } from '../post.ts';
import { type Heartbeat, startHeartbeat } from '../snapshot/index.ts';
import { gatewayStatus, type WorkerStatus } from '../status.ts';
import { createIdleLogs, type IdleLogs } from './logs.ts';
import type { FromWorker, ToWorker } from './messages.ts';
import { Scrapes } from './scrapes.ts';

const BACK_OFF_MS = [100, 500, 2_000, 5_000, 15_000];
/** How long a replacement may take to serve, and a worker to leave once its grace is over. */
const START_MS = 120_000;
const LEAVE_MS = 5_000;

/** A worker's process from its fork to its exit. */
interface Member {
  slot: number;
  process: ClusterWorker;
  status: WorkerStatus | null;
  ready: PromiseWithResolvers<void>;
  gone: PromiseWithResolvers<void>;
  /** It was told to end: its exit is no crash. */
  isLeaving: boolean;
  /** Another one is to take its place: if it ends before that, nobody else need be started for it. */
  isReplaced: boolean;
}

export interface RunningSupervisor {
  port: number;
  /** Resolves once every worker has a snapshot in force. */
  serving: Promise<void>;
  reload(): void;
  stop(why: string): void;
  stopped: Promise<void>;
}

/**
 * Runs several workers behind one port. This process accepts connections and deals them out in turn (measured: evener
 * than `reusePort`, which hashes, and a worker that leaves takes no connection with it); it forwards nothing itself.
 */
export async function startSupervisor(config: GatewayConfig): Promise<RunningSupervisor> {
  const keys = await readKeyFile(config.keys);
  const log = createLog(config.logLevel, keys.id, 'supervisor');
  const desk = await openLeaseDesk({
    directory: config.directory,
    holders: () => config.workers,
    now: Date.now,
    log,
  });
  const post = postTo(config.control, keys.token);
  const idleLogs = createIdleLogs(config.directory, keys.id, {
    post,
    log,
    durability: config.durability,
    keep: config.keep,
    diskKey: keys.snapshotKey,
  });
  const port = config.port === 0 ? await freePort(config.host) : config.port;
  let heartbeat: Heartbeat | null = null;
  const supervisor = new Supervisor(config, port, log, desk, idleLogs, () => heartbeat?.now());
  await supervisor.start();
  heartbeat = startHeartbeat({
    control: config.control,
    token: keys.token,
    status: () =>
      gatewayStatus(supervisor.statuses(), idleLogs.status(), {
        workers: config.workers,
        durability: config.durability,
        outboundProxy: config.outboundProxy !== null,
      }),
    log,
  });
  const stopped = Promise.withResolvers<void>();
  let isStopping = false;
  return {
    port,
    serving: supervisor.serving,
    reload: () => void supervisor.roll(),
    stop(why) {
      if (isStopping) return;
      isStopping = true;
      log.info({ event: 'stopping', why }, 'gateway stops');
      supervisor
        .stop()
        .then(() => Promise.all([heartbeat?.close(), idleLogs.close(), desk.close()]))
        .then(() => stopped.resolve(), stopped.reject);
    },
    stopped: stopped.promise,
  };
}

/** "Any free port" must mean the same one to each worker. 0 when the address is no good: a worker says how. */
async function freePort(host: string): Promise<number> {
  const probe = createServer();
  const port = await new Promise<number>((resolve) => {
    probe.once('error', () => resolve(0));
    probe.listen(0, host, () => resolve((probe.address() as AddressInfo).port));
  });
  probe.close();
  return port;
}

class Supervisor {
  readonly #config: GatewayConfig;
  readonly #log: GatewayLog;
  readonly #desk: LeaseDesk;
  readonly #idleLogs: IdleLogs;
  /** A worker has another snapshot, or refused one. */
  readonly #onNews: () => void;
  readonly #members = new Set<Member>();
  readonly #scrapes = new Scrapes();
  readonly #serving = Promise.withResolvers<void>();
  readonly #failures = new Map<number, number>();
  /** Slots of workers that ended unasked and are about to be started again: nobody else may take them. */
  readonly #awaited = new Set<number>();
  /** The same for all, and for as long as this process lives. */
  readonly #port: number;
  #isStopping = false;
  #rolling: Promise<void> | null = null;
  #rollAgain = false;

  constructor(
    config: GatewayConfig,
    port: number,
    log: GatewayLog,
    desk: LeaseDesk,
    idleLogs: IdleLogs,
    onNews: () => void,
  ) {
    this.#config = config;
    this.#log = log;
    this.#desk = desk;
    this.#idleLogs = idleLogs;
    this.#onNews = onNews;
    this.#port = port;
    cluster.schedulingPolicy = cluster.SCHED_RR;
  }

  get serving(): Promise<void> {
    return this.#serving.promise;
  }

  /** Of the workers that serve. */
  statuses(): WorkerStatus[] {
    return [...this.#members].flatMap(({ status, isLeaving }) =>
      status === null || isLeaving ? [] : [status],
    );
  }

  /** Starts all workers; rejects when the first start of one fails. */
  async start(): Promise<void> {
    const members = Array.from({ length: this.#config.workers }, (_, slot) => this.#fork(slot));
    await Promise.all(members.map((member) => member.ready.promise));
    void this.#idleLogs.adopt(this.#slotsInUse());
  }

  /** Ends all workers: what runs in them may finish. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    const members = [...this.#members];
    for (const member of members) this.#leave(member, 'SIGTERM');
    await Promise.all(members.map(({ gone }) => gone.promise));
  }

  /** Replaces one worker after the other: the new one serves before the old one is told to go. */
  async roll(): Promise<void> {
    this.#rollAgain = true;
    this.#rolling ??= this.#rollAll().finally(() => {
      this.#rolling = null;
    });
    await this.#rolling;
  }

  async #rollAll(): Promise<void> {
    while (this.#rollAgain && !this.#isStopping) {
      this.#rollAgain = false;
      this.#log.info({ event: 'rolling' }, 'workers are replaced one by one');
      for (const old of [...this.#members]) {
        if (!this.#members.has(old)) continue;
        if (!(await this.#replace(old))) break;
      }
      await this.#idleLogs.adopt(this.#slotsInUse());
      this.#log.info({ event: 'rolled' }, 'workers were replaced');
    }
  }

  async #replace(old: Member): Promise<boolean> {
    const slot = this.#freeSlot();
    await this.#idleLogs.release(slot);
    if (this.#isStopping) return false;
    // It ended meanwhile, and is started again anyway.
    if (!this.#members.has(old)) return true;
    old.isReplaced = true;
    const fresh = this.#fork(slot, false);
    try {
      await fresh.ready.promise;
    } catch {
      this.#log.error(
        { event: 'roll_given_up', slot },
        'a new worker did not come up; those that run stay as they are',
      );
      this.#leave(fresh, 'SIGKILL');
      old.isReplaced = false;
      if (!this.#members.has(old) && !this.#isStopping) this.#startAgain(old.slot, null, null);
      return false;
    }
    if (this.#isStopping) return false;
    this.#leave(old, null);
    await old.gone.promise;
    return true;
  }

  #freeSlot(): number {
    const used = this.#slotsInUse();
    let slot = 0;
    while (used.has(slot)) slot += 1;
    return slot;
  }

  #slotsInUse(): Set<number> {
    return new Set([...[...this.#members].map(({ slot }) => slot), ...this.#awaited]);
  }

  #fork(slot: number, mayRetry = true): Member {
    const forked = cluster.fork({
      DRAWBRIDGE_GATEWAY_SLOT: String(slot),
      DRAWBRIDGE_GATEWAY_PORT: String(this.#port),
    });
    const member: Member = {
      slot,
      process: forked,
      status: null,
      ready: Promise.withResolvers(),
      gone: Promise.withResolvers(),
      isLeaving: false,
      isReplaced: false,
    };
    // Whoever waits for it is told; later starts have nobody who does.
    member.ready.promise.catch(() => undefined);
    this.#members.add(member);
    if (!mayRetry) this.#endIfLate(member);
    forked.on('message', (message: FromWorker) => this.#hear(member, message));
    forked.on('error', () => undefined);
    forked.on('exit', (code, signal) => this.#ended(member, code, signal, mayRetry));
    return member;
  }

  /** Only a replacement has a time to serve in: a first start may have a long journal to read. */
  #endIfLate({ slot, process: forked, ready }: Member): void {
    const late = setTimeout(() => {
      this.#log.error({ event: 'worker_late', slot }, 'a worker did not start in time and is ended');
      forked.process.kill('SIGKILL');
    }, START_MS);
    void ready.promise.finally(() => clearTimeout(late)).catch(() => undefined);
  }

  #hear(member: Member, message: FromWorker): void {
    switch (message.say) {
      case 'ready':
        member.status = message.status;
        this.#failures.delete(member.slot);
        member.ready.resolve();
        this.#noteServing();
        return;
      case 'status':
        this.#noteStatus(member, message.status);
        return;
      case 'lease':
        void this.#grant(member, message);
        return;
      case 'unused':
        this.#desk.giveBack(message.unused);
        return;
      case 'metrics':
        this.#scrapes.answered(message.id, member.slot, message.values);
        return;
      case 'all-metrics':
        void this.#scrape(member, message.id);
        return;
      case 'done':
        this.#tell(member, { say: 'leave' });
    }
  }

  /** What it says before it is ready does not count: it says it again then. */
  #noteStatus(member: Member, status: WorkerStatus): void {
    const before = member.status;
    if (before === null) return;
    member.status = status;
    this.#noteServing();
    const isNews =
      before.snapshotVersion !== status.snapshotVersion || !isDeepStrictEqual(before.refused, status.refused);
    if (isNews) this.#onNews();
  }

  async #grant(
    member: Member,
    { id, name, limit, left, leftEnds }: Extract<FromWorker, { say: 'lease' }>,
  ): Promise<void> {
    try {
      this.#tell(member, { say: 'granted', id, grant: await this.#desk.lease(name, limit, left, leftEnds) });
    } catch {
      // Why is in the log of the desk; the worker refuses what waits for it.
      this.#tell(member, { say: 'granted', id, grant: null });
    }
  }

  async #scrape(member: Member, id: number): Promise<void> {
    const serving = [...this.#members].filter(({ status }) => status !== null);
    const text = await this.#scrapes.text(
      serving.map(({ slot }) => slot),
      (question) => {
        for (const each of serving) this.#tell(each, { say: 'metrics', id: question });
      },
    );
    this.#tell(member, { say: 'all-metrics', id, text });
  }

  #tell(member: Member, message: ToWorker): void {
    // One that has just ended hears nothing, and needs to hear nothing.
    if (member.process.isConnected()) member.process.send(message, () => undefined);
  }

  #noteServing(): void {
    const statuses = this.statuses();
    const isServing =
      statuses.length >= this.#config.workers && statuses.every((each) => each.snapshotVersion > 0);
    if (isServing) this.#serving.resolve();
  }

  /** `signal` null: it is asked to drain. One that does not end in time is killed. */
  #leave(member: Member, signal: 'SIGTERM' | 'SIGKILL' | null): void {
    member.isLeaving = true;
    if (signal === null) this.#tell(member, { say: 'drain' });
    else member.process.process.kill(signal);
    const overdue = setTimeout(() => member.process.process.kill('SIGKILL'), this.#config.graceMs + LEAVE_MS);
    void member.gone.promise.then(() => clearTimeout(overdue));
  }

  #ended(member: Member, code: number | null, signal: string | null, mayRetry: boolean): void {
    this.#members.delete(member);
    member.gone.resolve();
    const wasReady = member.status !== null;
    member.ready.reject(new Error(`A worker ended before it served (${signal ?? `exit code ${code}`}).`));
    if (member.isLeaving || member.isReplaced || this.#isStopping) return;
    // A first start that fails fails the gateway; a replacement that fails is given up.
    if (!wasReady && (!mayRetry || this.#failures.get(member.slot) === undefined)) return;
    this.#startAgain(member.slot, code, signal);
  }

  #startAgain(slot: number, code: number | null, signal: string | null): void {
    const failures = this.#failures.get(slot) ?? 0;
    const wait = BACK_OFF_MS[Math.min(failures, BACK_OFF_MS.length - 1)] ?? 0;
    this.#failures.set(slot, failures + 1);
    this.#log.error(
      { event: 'worker_ended', slot, code, signal, againInMs: wait },
      'a worker ended unasked and is started again; the others serve on',
    );
    this.#awaited.add(slot);
    setTimeout(() => void this.#forkAwaited(slot), wait);
  }

  async #forkAwaited(slot: number): Promise<void> {
    // Its log may have been taken over while nobody had the slot.
    await this.#idleLogs.release(slot);
    this.#awaited.delete(slot);
    if (!this.#isStopping) this.#fork(slot);
  }
}
