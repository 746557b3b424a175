import { createCipheriv, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { generateKeyPair, openSealed, sealTo } from '@drawbridge/envelope';
import { dataKeyContext, payloadContext, type SealedDataKey } from '@drawbridge/journal';
import {
  encodePayload,
  itemHash,
  type Leaf,
  type PayloadItem,
  payloadCommitment,
  type Settlement,
} from '@drawbridge/protocol';
import { Hono } from 'hono';
import { z } from 'zod';
import { type HttpEnv, handleErrors, type Platform } from '../platform/index.ts';
import { ingestRoutes, SHIPMENT_TYPE } from './ingest.ts';
import type { Erased } from './journal-store.ts';
import type { Projection } from './projection.ts';
import type { OpenDataKey } from './shipment.ts';

/** Made-up journals, as a gateway would ship them: written from the format's description, not with its library. */

const random = (length: number): string => randomBytes(length).toString('base64url');
let made = 0;
/** A made-up UUID version 7. */
export function crossingId(at: number): string {
  made += 1;
  const hex = at.toString(16).padStart(12, '0') + made.toString(16).padStart(20, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
}

export function madeUpItem(part: Partial<PayloadItem>): PayloadItem {
  return { v: 1, s: null, k: null, l: [], f: [], r: [], salt: random(16), ...part };
}

export interface MadeUpCrossing {
  leaf: Leaf;
  items: Buffer[];
}

/** A leaf that commits to the items, and whose fields are theirs. */
export function madeUpCrossing(
  at: number,
  items: readonly PayloadItem[],
  part: Partial<Leaf> = {},
): MadeUpCrossing {
  const bytes = items.map((item) => Buffer.from(JSON.stringify(item)));
  const counts = new Map<string, Leaf['fields'][number]>();
  for (const [, fieldClass, treatment, , count] of items.flatMap((item) => item.f)) {
    const there = counts.get(`${fieldClass} ${treatment}`);
    counts.set(`${fieldClass} ${treatment}`, [fieldClass, treatment, (there?.[2] ?? 0) + count]);
  }
  const leaf: Leaf = {
    v: 1,
    type: 'crossing',
    id: crossingId(at),
    at,
    gateway: 'gateway-1',
    vendor: 'mixpanel',
    service: 'analytics',
    connection: 'connection-1',
    app: 'app-1',
    key: 'abcdefghijklmnop',
    endpoint: 'track',
    class: 'ingest',
    method: 'POST',
    decision: 'forwarded',
    reason: null,
    stage: null,
    contract: { id: 'contract-1', version: 1 },
    policy: null,
    snapshot: 7,
    fields: [...counts.values()],
    bytes: { received: 1024, sent: 600 },
    nonce: random(16),
    payload: payloadCommitment(bytes.map(itemHash)),
    items: items.length,
    ...part,
  };
  return { leaf, items: bytes };
}

export function madeUpSettlement(crossing: string, at: number, part: Partial<Settlement> = {}): Settlement {
  return {
    v: 1,
    type: 'settlement',
    crossing,
    at,
    outcome: 'answered',
    status: 200,
    remote: '192.0.2.7:443',
    bytes: { response: 2 },
    timings: [100, 200, 300, 400, 500, 600, 700, 20_000, 900, 1000],
    usage: null,
    nonce: random(16),
    ...part,
  };
}

function frame(kind: number, body: Uint8Array): Buffer {
  const head = Buffer.alloc(9);
  head.writeUInt32LE(body.length, 0);
  head[8] = kind;
  head.writeUInt32LE(crc32(body, crc32(head.subarray(8))), 4);
  return Buffer.concat([head, body]);
}

export interface ShippedPart {
  entry: Buffer;
  /** Before sealing. `deleted`: the gateway had deleted it. */
  payload: Buffer | null | 'deleted';
}

export function part(entry: Leaf | Settlement, items: readonly Buffer[] = []): ShippedPart {
  const payload = entry.type === 'crossing' && items.length > 0 ? encodePayload(items) : null;
  return { entry: Buffer.from(JSON.stringify(entry)), payload };
}

/** One log of one gateway. */
export class MadeUpLog {
  readonly origin: string;
  readonly #key = randomBytes(32);
  #sealed: SealedDataKey | undefined;
  readonly #publicKey: Uint8Array;
  constructor(origin: string, publicKey: Uint8Array) {
    this.origin = origin;
    this.#publicKey = publicKey;
  }

  async ship(first: number, parts: readonly ShippedPart[]): Promise<Buffer> {
    this.#sealed ??= await sealTo(this.#publicKey, this.#key, dataKeyContext(this.origin, 1));
    const header = {
      format: 'drawbridge.journal/1',
      origin: this.origin,
      first: 0,
      segment: 1,
      sealed: this.#sealed,
      made_at: 1_700_000_000_000,
    };
    const mark = Buffer.alloc(8);
    mark.writeBigUInt64LE(BigInt(first));
    const frames = [frame(1, Buffer.from(JSON.stringify(header))), frame(6, mark)];
    for (const [n, { entry, payload }] of parts.entries()) {
      if (payload === null) frames.push(frame(2, entry));
      else if (payload === 'deleted') frames.push(frame(5, entry));
      else frames.push(frame(3, entry), frame(4, this.#seal(first + n, payload)));
    }
    return Buffer.concat(frames);
  }

  #seal(index: number, payload: Buffer): Buffer {
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce).setAAD(payloadContext(this.origin, index));
    const sealed = Buffer.concat([cipher.update(payload), cipher.final()]);
    return Buffer.concat([nonce, sealed, cipher.getAuthTag()]);
  }
}

/** A control plane's payload key pair: what logs seal to, and what opens it. */
export async function payloadKeys(): Promise<{ publicKey: Uint8Array; openDataKey: OpenDataKey }> {
  const { publicKey, privateKey } = await generateKeyPair();
  return { publicKey, openDataKey: (sealed, context) => openSealed(privateKey, sealed, context) };
}

/** No erasure was ever carried out. */
export const nothingErased: Erased = { asOf: async () => null };

/** The ingest as a gateway meets it, on a platform of its own. Answers status and body. */
export async function madeUpIngest(platform: Platform, erased: Erased = nothingErased) {
  const { publicKey, openDataKey } = await payloadKeys();
  const app = new Hono<HttpEnv & { Variables: { gateway: { id: string } } }>();
  app.onError(handleErrors(platform.log));
  app.use(async (c, next) => {
    c.set('gateway', { id: 'gateway-1' });
    await next();
  });
  app.route('/', ingestRoutes(platform, { openDataKey, erased, onStored: () => undefined }));
  return {
    app,
    log: (origin: string) => new MadeUpLog(origin, publicKey),
    async ship(log: MadeUpLog, first: number, parts: readonly ShippedPart[]): Promise<number> {
      return this.post(log, await log.ship(first, parts));
    },
    async post(log: MadeUpLog, body: Buffer): Promise<number> {
      const response = await app.request('/journal', {
        method: 'POST',
        body,
        headers: { 'content-type': SHIPMENT_TYPE, 'x-drawbridge-origin': log.origin },
      });
      if (response.status !== 200)
        throw new Error(`ingest answered ${response.status}: ${await response.text()}`);
      return z.object({ next: z.int() }).parse(await response.json()).next;
    },
  };
}

/** Forgets all journals and everything read off them. */
export async function forgetJournals(platform: Platform, projections: readonly Projection[]): Promise<void> {
  const tables = ['journal_log', 'journal_entry', 'payload_item', 'projection_cursor'];
  await platform.pool.query('DROP SCHEMA IF EXISTS drawbridge_horizon CASCADE');
  await platform.pool.query(
    `TRUNCATE ${[...tables, ...projections.flatMap((projection) => projection.tables)].join(', ')}`,
  );
}
