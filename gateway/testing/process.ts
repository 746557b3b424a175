import { type ChildProcess, fork } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeShipment } from '@drawbridge/journal';
import { type CheckpointPost, CheckpointPostSchema, type Snapshot } from '@drawbridge/protocol';
import type { GatewayStatus } from '../status.ts';
import { type Deployment, newDeployment } from './deployment.ts';
import { answerJson } from './send.ts';
import { aiService } from './services.ts';
import { type StandIn, startStandIn } from './standin.ts';

/** The gateway as a process of its own, with a control plane that comes and goes. */

/** What a test started, ended in reverse by `closeAll`. */
export const closing: (() => Promise<unknown>)[] = [];

export async function closeAll(): Promise<void> {
  for (const close of closing.splice(0).reverse()) await close();
}

/** A control plane of which only the gateway's side is there. */
export interface ControlPlane {
  url: string;
  /** Publishes a snapshot: a poll that waits is answered at once. */
  publish(snapshot: Snapshot): void;
  /** Answers one poll that waits, and no other, with this snapshot; whether one waits. */
  giveOne(snapshot: Snapshot): boolean;
  shipped: Buffer[];
  /** All that were posted, newest last. */
  checkpoints: CheckpointPost[];
  /** Heartbeats, newest last. */
  statuses: GatewayStatus[];
  /** How many entries were taken, by log; null: it takes none. */
  logs: Map<string, number> | null;
  /** Ids of forwarded crossings among them. */
  forwarded: Set<string>;
  close(): Promise<void>;
}

interface Waiting {
  after: number;
  response: ServerResponse;
}

export async function controlPlane(): Promise<ControlPlane> {
  let current: Snapshot | null = null;
  const waiting = new Set<Waiting>();
  const shipped: Buffer[] = [];
  const statuses: GatewayStatus[] = [];
  const checkpoints: CheckpointPost[] = [];
  const forwarded = new Set<string>();
  const self: Pick<ControlPlane, 'logs'> = { logs: null };
  const take = (bytes: Buffer): number | null => {
    if (self.logs === null) return null;
    const { header, entries } = decodeShipment(bytes);
    let next = self.logs.get(header.origin) ?? 0;
    for (const { index, entry } of entries) {
      if (index !== next) continue;
      next += 1;
      const { id, decision }: { id?: string; decision?: string } = JSON.parse(entry.toString());
      if (id !== undefined && decision === 'forwarded') forwarded.add(id);
    }
    self.logs.set(header.origin, next);
    return next;
  };
  const answer = (): void => {
    for (const each of waiting) {
      if (current === null || current.version <= each.after) continue;
      give(each, current);
    }
  };
  const give = (each: Waiting, snapshot: Snapshot): void => {
    waiting.delete(each);
    each.response.setHeader('x-drawbridge-version', snapshot.version);
    each.response.end(JSON.stringify(snapshot));
  };
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://control');
    if (url.pathname === '/fleet/v1/snapshot') {
      waiting.add({ after: Number(url.searchParams.get('after')), response });
      answer();
      return;
    }
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      if (url.pathname === '/fleet/v1/status') {
        statuses.push(JSON.parse(body.toString()));
        response.writeHead(204).end();
        return;
      }
      if (url.pathname === '/fleet/v1/checkpoint') {
        checkpoints.push(CheckpointPostSchema.parse(JSON.parse(body.toString())));
        response.writeHead(200).end(JSON.stringify({ verified: 0 }));
        return;
      }
      shipped.push(body);
      const next = take(body);
      response.writeHead(next === null ? 503 : 200).end(JSON.stringify({ next }));
    });
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  closing.push(close);
  return Object.assign(self, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    publish(snapshot: Snapshot): void {
      current = snapshot;
      answer();
    },
    giveOne(snapshot: Snapshot): boolean {
      const [first] = waiting;
      if (first !== undefined) give(first, snapshot);
      return first !== undefined;
    },
    shipped,
    checkpoints,
    statuses,
    forwarded,
    close,
  });
}

/** A gateway's process. */
export interface Started {
  child: ChildProcess;
  port: number;
  log: () => string;
  exited: Promise<number | null>;
}

export async function startProcess(env: Record<string, string>): Promise<Started> {
  const child = fork(fileURLToPath(new URL('../main.ts', import.meta.url)), [], {
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, ...env },
    execArgv: [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
  }
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  closing.push(() => {
    child.kill('SIGKILL');
    return exited;
  });
  const port = await new Promise<number>((resolve, reject) => {
    child.once('message', (message) => resolve((message as { port: number }).port));
    void exited.then((code) => reject(new Error(`ended with ${code}: ${text}`)));
  });
  return { child, port, log: () => text, exited };
}

export async function setUp(): Promise<{
  made: Deployment;
  vendor: StandIn;
  env: Record<string, string>;
  dir: string;
}> {
  const dir = await mkdtemp(join(tmpdir(), 'drawbridge-gateway-'));
  // A gateway that ends leaves its workers a moment to end by themselves, in which they may still write here.
  closing.push(() => rm(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }));
  const made = await newDeployment();
  const { gatewayKeys: keys } = made;
  const text = (bytes: Buffer): string => bytes.toString('base64url');
  const file = {
    format: 'drawbridge.gateway-keys/1',
    id: keys.id,
    token: keys.token,
    publicKey: text(keys.publicKey),
    privateKey: text(keys.privateKey),
    snapshotKey: text(keys.snapshotKey),
  };
  await writeFile(join(dir, 'keys.json'), JSON.stringify(file), { mode: 0o600 });
  const vendor = await startStandIn((_request, response) => answerJson(response, 1));
  closing.push(() => vendor.close());
  await made.connect({
    slug: 'ai',
    service: aiService,
    upstream: { scheme: 'http', host: '127.0.0.1', port: vendor.port, private: true },
  });
  const env = {
    DRAWBRIDGE_GATEWAY_PORT: '0',
    DRAWBRIDGE_EGRESS_PORT: '0',
    DRAWBRIDGE_GATEWAY_DIR: join(dir, 'data'),
    DRAWBRIDGE_GATEWAY_KEYS: join(dir, 'keys.json'),
    DRAWBRIDGE_CONTROL_URL: 'http://127.0.0.1:1',
  };
  return { made, vendor, env, dir };
}
