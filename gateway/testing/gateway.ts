import { randomBytes, randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sealTo } from '@drawbridge/envelope';
import { decodeShipment, type Journal, openJournal, type Storage } from '@drawbridge/journal';
import { ForgetfulStorage } from '@drawbridge/journal/forgetful';
import { LeaseHolder, LeaseLedger } from '@drawbridge/leases';
import {
  type ConnectionMode,
  type ContractDocument,
  type LogEntry,
  type PolicySetDocument,
  parseEntry,
  type Service,
} from '@drawbridge/protocol';
import type { CanaryUse } from '../canary.ts';
import { HistoryShelf } from '../history/index.ts';
import type { Holds } from '../hold/index.ts';
import { createUpstream, type Upstream, type UpstreamLimits } from '../upstream/index.ts';
import { createWorker, type Worker, type WorkerLimits, type WorkerOptions } from '../worker.ts';
import { type Deployment, newDeployment } from './deployment.ts';
import { aiService, analyticsService } from './services.ts';

export interface TestGatewayOptions {
  /** Port of the stand-in behind connection `ai`. */
  ai?: number;
  /** Port of the stand-in behind connection `events`. */
  events?: number;
  /** What connection `ai` is of; a made-up AI API if left out. */
  service?: Service;
  /** What is looked for in free text, where the contract has it looked through. */
  scan?: Partial<Deployment['scan']>;
  contract?: 'as_is' | 'recommended' | ContractDocument;
  origins?: string[];
  mode?: ConnectionMode;
  breakGlass?: { id: string; until: number };
  /** Milliseconds since 1970. */
  clock?: () => number;
  policies?: PolicySetDocument;
  /** Whether connections may reach private addresses; on by default, as stand-ins are on loopback. */
  private?: boolean;
  limits?: Partial<WorkerLimits>;
  upstreamLimits?: Partial<UpstreamLimits>;
  storage?: Storage;
  /** A shelf that is shared with others, or has its own clock; one of its own if left out. */
  history?: (deployment: Deployment) => HistoryShelf;
  /** One that was made before, such as that of a worker beside this one. */
  deployment?: Deployment;
  monotonic?: () => number;
  upstream?: Upstream;
  tls?: WorkerOptions['tls'];
  trustedProxies?: WorkerOptions['trustedProxies'];
  /** What is kept for connections that take nothing now. */
  holds?: (deployment: Deployment) => Holds;
}

export interface StartedGateway {
  port: number;
  /** A secret key for every connection and class. */
  key: string;
  deployment: Deployment;
  worker: Worker;
  journal: Journal;
  /** Lines that were logged. */
  logged: object[];
  /** Uses of planted keys that were told. */
  canaryUses: CanaryUse[];
  /** What the journal holds by now. */
  entries(): Promise<LogEntry[]>;
  close(): Promise<void>;
}

/** Where the made-up console is said to be. */
const CONSOLE = 'http://console.example.test';

/** A whole worker on loopback, with a made-up deployment and a journal in memory. */
export async function startTestGateway(options: TestGatewayOptions = {}): Promise<StartedGateway> {
  const deployment = options.deployment ?? (await newDeployment());
  deployment.given.policies = options.policies;
  Object.assign(deployment.scan, options.scan);
  const logged: object[] = [];
  const canaryUses: CanaryUse[] = [];
  const say = (detail: unknown): void => void logged.push(typeof detail === 'object' ? { ...detail } : {});
  const log = { debug: () => undefined, info: say, warn: say, error: say };
  const upstream =
    options.upstream ??
    createUpstream({
      now: () => performance.now(),
      notice: () => undefined,
      limits: { ...options.upstreamLimits },
    });
  const journal = await openJournal({
    storage: options.storage ?? new ForgetfulStorage({ random: Math.random }),
    origin: 'gateway.example.test/worker-1',
    limits: { laterMs: 5 },
    sealDataKey: (dataKey, context) => sealTo(deployment.gatewayKeys.publicKey, dataKey, context),
    random: randomBytes,
    clock: {
      now: () => Date.now(),
      after: (ms, run) => {
        const timer = setTimeout(run, ms);
        return () => clearTimeout(timer);
      },
    },
    report: say,
  });
  for (const [slug, service, port] of [
    ['ai', options.service ?? aiService, options.ai ?? 1],
    ['events', analyticsService, options.events ?? 1],
  ] as const) {
    if (options.deployment !== undefined) break;
    await deployment.connect({
      slug,
      service,
      upstream: { scheme: 'http', host: '127.0.0.1', port, private: options.private ?? true },
      contract:
        typeof options.contract === 'object'
          ? options.contract
          : service.contracts[options.contract ?? 'as_is'],
      origins: options.origins ?? [],
      mode: options.mode,
      breakGlass: options.breakGlass,
    });
  }
  const key = deployment.issue({ connections: ['ai', 'events'] });
  const shelf = join(tmpdir(), `drawbridge-history-${randomUUID()}`);
  const history =
    options.history?.(deployment) ??
    new HistoryShelf({
      directory: shelf,
      diskKey: deployment.gatewayKeys.snapshotKey,
      clock: options.clock ?? Date.now,
      random: randomBytes,
      log,
    });
  const ledger = new LeaseLedger(() => 1);
  const leases = new LeaseHolder(
    (name, limit, left, ends) => ledger.lease(name, limit, left, ends, Date.now()),
    Date.now,
  );
  const worker = createWorker({
    leases,
    keys: deployment.gatewayKeys,
    journal: {
      append: (entry, payload) => journal.append(entry, payload),
      appendLater: (entry) => journal.appendLater(entry),
      get healthy() {
        return journal.status().unavailable === null;
      },
    },
    history,
    upstream,
    log,
    clock: options.clock ?? (() => Date.now()),
    monotonic: options.monotonic ?? (() => performance.now()),
    random: randomBytes,
    console: CONSOLE,
    limits: { ...options.limits },
    onCanary: (use) => void canaryUses.push(use),
    ...(options.holds === undefined ? {} : { holds: options.holds(deployment) }),
    ...(options.tls === undefined ? {} : { tls: options.tls }),
    ...(options.trustedProxies === undefined ? {} : { trustedProxies: options.trustedProxies }),
  });
  await worker.apply(await deployment.snapshot());
  worker.server.listen(0, '127.0.0.1');
  await new Promise((resolve) => worker.server.once('listening', resolve));
  return {
    port: (worker.server.address() as AddressInfo).port,
    key,
    deployment,
    worker,
    journal,
    logged,
    canaryUses,
    entries: () => entriesOf(journal),
    async close() {
      await worker.close(0);
      await upstream.close();
      await journal.close();
      await history.close();
      await rm(shelf, { recursive: true, force: true });
    },
  };
}

async function entriesOf(journal: Journal): Promise<LogEntry[]> {
  await journal.flush();
  const entries: LogEntry[] = [];
  for (;;) {
    const batch = await journal.readBatch(entries.length, 1024 * 1024);
    if (batch === null) return entries;
    for (const { entry } of decodeShipment(batch.bytes).entries) entries.push(parseEntry(entry));
  }
}
