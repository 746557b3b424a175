import { z } from '@hono/zod-openapi';
import { LogSchema, readLogs } from '../checkpoints/index.ts';
import { type By, launcher, messageText, notFound, type Platform, recordChange } from '../platform/index.ts';
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
  /** What keeps its logs from being signed, and how many durable entries no checkpoint holds; absent: an earlier version, which does not say. */
  log: z
    .object({
      unsigned: z.int().min(0),
      problem: z
        .string()
        .regex(/^[a-z_]{1,40}$/)
        .nullable()
        .openapi({ description: 'A code, as docs/gateway.md lists them; null: all is signed' }),
    })
    .optional(),
  /** Connections that routes go over; absent: an earlier version, which knows of none. */
  connections: z
    .array(
      z.object({
        id: z.string().max(60),
        resting: z.boolean().openapi({ description: 'Routes keep requests off it, as it failed' }),
        held: z
          .object({ requests: z.int().min(0), bytes: z.int().min(0) })
          .openapi({ description: 'What waits for it on the gateway’s disk' }),
        ended: z
          .record(z.string().max(20), z.int().min(0))
          .openapi({ description: 'What became of what waited, since the gateway’s workers started' }),
      }),
    )
    .max(50)
    .optional(),
});
export type GatewayAbout = z.infer<typeof GatewayAboutSchema>;

/** What a gateway says of itself every few seconds. Numbers of journal entries. */
export interface Heartbeat {
  snapshotVersion: number;
  /** The version that it would not take, why, and since when (milliseconds since 1970); null when there is none. */
  refused: { version: number; code: string; field: string | null; since: number } | null;
  journal: { shipped: number | null; behind: number | null };
  /** Null: a gateway of an earlier version does not say. */
  about: GatewayAbout | null;
}

export async function keepHeartbeat(
  platform: Platform,
  gateway: string,
  heartbeat: Heartbeat,
): Promise<void> {
  const now = platform.clock.now();
  const { refused } = heartbeat;
  await platform.db
    .withTables<FleetTables>()
    .updateTable('gateway')
    .set({
      last_seen_at: new Date(now),
      refused_version: refused?.version ?? null,
      refused_code: refused?.code ?? null,
      refused_field: refused?.field ?? null,
      // A clock that goes ahead of ours must not make it the future.
      refused_since: refused === null ? null : new Date(Math.min(refused.since, now)),
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
    refused: z
      .object({
        version: z.number(),
        code: z.string(),
        field: z.string().nullable().openapi({ description: 'Which member was wrong; never what it held' }),
        text: z.string(),
        since: z.string(),
      })
      .nullable()
      .openapi({ description: 'The version that it would not take; the one before serves on meanwhile' }),
    journal: z.object({ shipped: z.number().nullable(), behind: z.number().nullable() }),
    logs: z
      .array(LogSchema)
      .openapi({ description: 'One per worker that it ever had, with what was verified of them' }),
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
  const logs = await readLogs(platform);
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    lastSeenAt: row.last_seen_at?.toISOString() ?? null,
    snapshotVersion: row.snapshot_version,
    wantedVersion,
    refused: refusedOf(row),
    journal: { shipped: row.journal_shipped, behind: row.journal_behind },
    logs: logs.get(row.id) ?? [],
    about: row.about,
  }));
}

function refusedOf(row: FleetTables['gateway']): GatewayOverview['refused'] {
  const { refused_version: version, refused_code: code, refused_field: field, refused_since: since } = row;
  if (version === null || code === null || since === null) return null;
  return { version, code, field, text: messageText(`snapshot.${code}`) ?? code, since: since.toISOString() };
}
