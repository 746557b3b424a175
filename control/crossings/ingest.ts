import { type Context, Hono } from 'hono';
import { type Platform, Problem } from '../platform/index.ts';
import { type Erased, storeShipment } from './journal-store.ts';
import { checkShipment, DataKeys, type OpenDataKey } from './shipment.ts';

export const SHIPMENT_TYPE = 'application/vnd.drawbridge.journal';
const SHIPMENT_LIMIT = 16 * 1024 * 1024;

/** What the guard in front has found out about the caller. */
interface ShippingEnv {
  Variables: { gateway: { id: string }; requestId: string };
}

export interface IngestDeps {
  openDataKey: OpenDataKey;
  erased: Erased;
  /** Called after a shipment was stored: projections have something to do. */
  onStored(): void;
}

/**
 * `POST /journal`: takes a gateway's journal and answers when it is stored: `{ next }`, the index of the first entry
 * not yet stored. Mounted behind `gatewayAuth`.
 */
export function ingestRoutes(platform: Platform, deps: IngestDeps) {
  const keys = new DataKeys(deps.openDataKey);
  return new Hono<ShippingEnv>().post('/journal', async (c) => {
    const body = await readBody(c);
    const shipment = await checkShipment(body, keys, platform.clock.now());
    const origin = c.req.header('x-drawbridge-origin');
    if (origin !== shipment.origin) {
      throw new Problem(
        400,
        'journal_malformed',
        'x-drawbridge-origin: it must name the log of the shipment. Nothing was stored.',
      );
    }
    const next = await storeShipment(platform, c.var.gateway.id, shipment, deps.erased);
    deps.onStored();
    return c.json({ next }, 200);
  });
}

async function readBody(c: Context<ShippingEnv>): Promise<Buffer> {
  if (c.req.header('content-type') !== SHIPMENT_TYPE) {
    throw new Problem(415, 'journal_malformed', `content-type: send "${SHIPMENT_TYPE}".`);
  }
  const parts: Uint8Array[] = [];
  let length = 0;
  if (Number(c.req.header('content-length') ?? 0) > SHIPMENT_LIMIT) throw tooLarge();
  for await (const part of c.req.raw.body ?? []) {
    length += part.length;
    if (length > SHIPMENT_LIMIT) throw tooLarge();
    parts.push(part);
  }
  return Buffer.concat(parts, length);
}

const tooLarge = (): Problem =>
  new Problem(
    413,
    'journal_too_large',
    `A shipment may be ${SHIPMENT_LIMIT} bytes long. Ship fewer entries at once. Nothing was stored.`,
  );
