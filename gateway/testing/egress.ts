import { randomBytes } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { sealTo } from '@drawbridge/envelope';
import {
  decodeShipment,
  type Journal,
  JournalUnavailable,
  openJournal,
  type Storage,
} from '@drawbridge/journal';
import { ForgetfulStorage } from '@drawbridge/journal/forgetful';
import { LeaseHolder, LeaseLedger } from '@drawbridge/leases';
import { type EgressConfig, type LogEntry, parseEntry } from '@drawbridge/protocol';
import type { CanaryUse } from '../canary.ts';
import { createEgress, type EgressLimits, type EgressOptions } from '../egress/index.ts';
import { createMetrics } from '../metrics.ts';
import { type Live, SnapshotOpener } from '../snapshot/index.ts';
import { certificate } from './certificate.ts';
import { type Deployment, newDeployment } from './deployment.ts';

/** The egress proxy on loopback, with a made-up deployment and a journal in memory. */

export interface TestEgressOptions {
  rules?: Partial<EgressConfig>;
  limits?: Partial<EgressLimits>;
  /** Names and what they lead to. */
  names?: Record<string, readonly string[]>;
  lookup?: EgressOptions['lookup'];
  storage?: Storage;
  clock?: () => number;
  monotonic?: () => number;
}

export interface StartedEgress {
  port: number;
  /** A secret key of app `app-test`, which may use the proxy. */
  key: string;
  deployment: Deployment;
  canaryUses: CanaryUse[];
  logged: object[];
  /** Puts other rules, keys and connections in force. */
  apply(rules?: Partial<EgressConfig> | null): Promise<void>;
  entries(): Promise<LogEntry[]>;
  /** From now on nothing can be recorded. */
  breakJournal(): void;
  /** Stops the proxy; what it recorded can still be read. */
  stop(graceMs: number): Promise<void>;
  close(): Promise<void>;
}

/** Rules that let nothing through but what a test adds; loopback is a listed network. */
export function egressRules(rules: Partial<EgressConfig> = {}): EgressConfig {
  return {
    mode: 'enforce',
    apps: ['app-test'],
    ports: { connect: [443], http: [80] },
    allow: { vendors: [], hosts: [], countries: [] },
    deny: { vendors: [], hosts: [] },
    severed: [],
    vendors: [],
    networks: ['127.0.0.0/8'],
    sni: false,
    ...rules,
  };
}

export async function startTestEgress(options: TestEgressOptions = {}): Promise<StartedEgress> {
  const deployment = await newDeployment();
  const logged: object[] = [];
  const canaryUses: CanaryUse[] = [];
  const say = (detail: unknown): void => void logged.push(typeof detail === 'object' ? { ...detail } : {});
  const log = { debug: () => undefined, info: say, warn: say, error: say };
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
  const ledger = new LeaseLedger(() => 1);
  const names = options.names ?? {};
  const opener = new SnapshotOpener(deployment.gatewayKeys.privateKey);
  let live: Live | null = null;
  let isBroken = false;
  let stopping: Promise<void> | null = null;
  const egress = createEgress({
    gateway: deployment.gatewayKeys.id,
    journal: {
      append: (entry, payload) =>
        isBroken
          ? Promise.reject(new JournalUnavailable('closed', 'made up'))
          : journal.append(entry, payload),
      appendLater: (entry) => journal.appendLater(entry),
    },
    live: () => live,
    leases: new LeaseHolder(
      (name, limit, left, ends) => ledger.lease(name, limit, left, ends, Date.now()),
      Date.now,
    ),
    metrics: createMetrics({ snapshotVersion: () => 1, inFlight: () => 0, bodyBytes: () => 0 }, false),
    log,
    clock: options.clock ?? Date.now,
    monotonic: options.monotonic ?? (() => performance.now()),
    random: randomBytes,
    console: 'http://console.example.test',
    lookup: options.lookup ?? (async (host) => names[host] ?? []),
    limits: { ...options.limits },
    onCanary: (use) => void canaryUses.push(use),
  });
  const apply: StartedEgress['apply'] = async (rules = {}) => {
    deployment.given.egress = rules === null ? undefined : egressRules({ ...options.rules, ...rules });
    live = await opener.open(await deployment.snapshot());
    egress.sweep();
  };
  const stop = (graceMs: number): Promise<void> => {
    stopping ??= egress.close(graceMs);
    return stopping;
  };
  const key = deployment.issue({ connections: [] });
  await apply();
  egress.server.listen(0, '127.0.0.1');
  await new Promise((resolve) => egress.server.once('listening', resolve));
  return {
    port: (egress.server.address() as AddressInfo).port,
    key,
    deployment,
    canaryUses,
    logged,
    apply,
    entries: () => entriesOf(journal),
    breakJournal() {
      isBroken = true;
    },
    stop,
    async close() {
      await stop(0);
      await journal.close();
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

/** An HTTPS server on loopback that shows the certificate of vendor.example.test. */
export async function startTlsOrigin(
  answer: RequestListener,
): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer({ key: certificate.key, cert: certificate.cert }, answer);
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export function basic(key: string, user = 'app'): string {
  return `Basic ${Buffer.from(`${user}:${key}`).toString('base64')}`;
}
