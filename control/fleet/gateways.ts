import { z } from '@hono/zod-openapi';
import { type By, launcher, notFound, type Platform, recordChange } from '../platform/index.ts';
import type { FleetTables } from './tables.ts';

/** A gateway as it is enrolled. */
export interface Enrolment {
  /** 1 to 60 characters; the same as the gateway calls itself. */
  id: string;
  name: string;
  /** X25519, 32 bytes. */
  publicKey: Uint8Array;
  /** SHA-256 of its bearer token: `hashGatewayToken`. */
  tokenHash: Uint8Array;
}

const theLauncher: By = {
  actor: launcher,
  reason: 'The gateway of this installation was started',
};

/**
 * Lets a gateway in, or gives one that is in its new key and token. What is so already is not written again.
 * Throws RangeError for a key or hash of another length.
 */
export async function enrolGateway(
  platform: Platform,
  gateway: Enrolment,
  by: By = theLauncher,
): Promise<void> {
  const { id, name } = gateway;
  const publicKey = Buffer.from(gateway.publicKey);
  const tokenHash = Buffer.from(gateway.tokenHash);
  if (publicKey.length !== 32)
    throw new RangeError(`a gateway's public key has 32 bytes, not ${publicKey.length}`);
  if (tokenHash.length !== 32) throw new RangeError(`a token's hash has 32 bytes, not ${tokenHash.length}`);
  const enrolled = await platform.db.transaction().execute(async (tx) => {
    const rows = tx.withTables<FleetTables>();
    const row = { name, public_key: publicKey, token_hash: tokenHash };
    const known = await rows
      .selectFrom('gateway')
      .selectAll()
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirst();
    if (known?.name === name && known.public_key.equals(publicKey) && known.token_hash.equals(tokenHash)) {
      return false;
    }
    await rows
      .insertInto('gateway')
      .values({ id, ...row, enrolled_at: new Date(platform.clock.now()) })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
      .execute();
    await recordChange(tx, platform, {
      ...by,
      act: 'gateway.enrol',
      subject: { kind: 'gateway', id },
      detail: { name, publicKey: publicKey.toString('base64url'), again: known !== undefined },
    });
    return true;
  });
  if (enrolled) platform.events.publish('gateways');
}

/** The public key that a gateway's secrets are sealed to. Throws Problem 404. */
export async function readPublicKey(platform: Platform, gateway: string): Promise<Buffer> {
  const row = await platform.db
    .withTables<FleetTables>()
    .selectFrom('gateway')
    .select('public_key')
    .where('id', '=', gateway)
    .executeTakeFirst();
  if (row === undefined) throw notFound('gateway');
  return row.public_key;
}

/** What a gateway says of itself beside its numbers. */
export const GatewayAboutSchema = z.object({
  workers: z.object({ wanted: z.int().min(1).max(1000), serving: z.int().min(0).max(1000) }),
  /** The certificate that clients see; null: the gateway serves plain HTTP. */
  tls: z
    .object({
      subject: z.string().max(300),
      issuer: z.string().max(300),
      expiresAt: z.iso.datetime(),
      clientCertificates: z.boolean(),
    })
    .nullable(),
  /** `synced`: a crossing goes out once its record would outlive the machine; `written`: our process. */
  durability: z.enum(['synced', 'written']),
  outboundProxy: z.boolean(),
});
export type GatewayAbout = z.infer<typeof GatewayAboutSchema>;

/** What a gateway says of itself every few seconds. Numbers of journal entries. */
export interface Heartbeat {
  snapshotVersion: number;
  journal: { shipped: number | null; behind: number | null };
  /** Null: a gateway of an earlier version does not say. */
  about: GatewayAbout | null;
}

export async function keepHeartbeat(
  platform: Platform,
  gateway: string,
  heartbeat: Heartbeat,
): Promise<void> {
  await platform.db
    .withTables<FleetTables>()
    .updateTable('gateway')
    .set({
      last_seen_at: new Date(platform.clock.now()),
      snapshot_version: heartbeat.snapshotVersion,
      journal_shipped: heartbeat.journal.shipped,
      journal_behind: heartbeat.journal.behind,
      about: heartbeat.about,
    })
    .where('id', '=', gateway)
    .execute();
  platform.events.publish('gateways');
}

/** A gateway as the console shows it. What it has not said yet is null. */
export const GatewaySchema = z
  .object({
    id: z.string(),
    name: z.string(),
    lastSeenAt: z.string().nullable(),
    snapshotVersion: z
      .number()
      .nullable()
      .openapi({ description: 'The version that all of its workers have' }),
    wantedVersion: z
      .number()
      .nullable()
      .openapi({ description: 'The version that it should run on; null while none was published' }),
    journal: z.object({ shipped: z.number().nullable(), behind: z.number().nullable() }),
    about: GatewayAboutSchema.nullable(),
  })
  .openapi('Gateway');
export type GatewayOverview = z.infer<typeof GatewaySchema>;

export async function readGateways(
  platform: Platform,
  wantedVersion: number | null,
): Promise<GatewayOverview[]> {
  const rows = await platform.db
    .withTables<FleetTables>()
    .selectFrom('gateway')
    .selectAll()
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    lastSeenAt: row.last_seen_at?.toISOString() ?? null,
    snapshotVersion: row.snapshot_version,
    wantedVersion,
    journal: { shipped: row.journal_shipped, behind: row.journal_behind },
    about: row.about,
  }));
}
