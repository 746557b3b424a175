import { TILE_WIDTH } from '@drawbridge/tlog';
import { z } from '@hono/zod-openapi';
import type { Platform } from '../platform/index.ts';
import { contradictionText } from './contradictions.ts';
import { type ContradictionKind, contradictionKinds } from './tables.ts';

/** A gateway's log in the paths of the API: its files are below `/logs/<name>/`. */
export const logName = (id: number): string => `gateways/${id}`;

/** A log as the console shows it. */
export const LogSchema = z
  .object({
    name: z.string().openapi({ description: 'In this API', example: 'gateways/1' }),
    gateway: z.string(),
    origin: z.string(),
    entries: z.number().openapi({ description: 'Stored here' }),
    verifierKey: z.string().nullable().openapi({
      description: 'Of the log’s first checkpoint, as C2SP signed-note writes it; null before that',
    }),
    checkpoint: z
      .object({
        size: z.number(),
        root: z.string().openapi({ description: 'Base64' }),
        signedAt: z.string().nullable().openapi({ description: 'By the gateway’s clock; null: not said' }),
        verifiedAt: z.string(),
      })
      .nullable()
      .openapi({ description: 'The newest that the stored entries give; null: none yet' }),
    tiled: z.number().openapi({
      description:
        'Entries that can be proven from hash tiles; fewer than the checkpoint’s while older ones are being hashed',
    }),
    minimumIndex: z.number().openapi({
      description: 'Entries before it are not handed out any more: they were pruned. Their hashes are',
    }),
    contradictions: z
      .object({ open: z.number(), acknowledged: z.number() })
      .openapi({ description: 'How much evidence there is; open: nobody has acknowledged it' }),
    contradiction: z
      .object({
        kind: z.enum(contradictionKinds),
        text: z.string(),
        foundAt: z.string(),
        lastAt: z.string(),
        times: z.number(),
      })
      .nullable()
      .openapi({
        description: 'The last of the checkpoints that do not fit what is stored; null: all fitted',
      }),
  })
  .openapi('GatewayLog');
export type LogOverview = z.infer<typeof LogSchema>;

interface LogRow {
  id: number;
  gateway: string;
  origin: string;
  entries: number;
  verifier_key: string | null;
  size: number | null;
  root: Buffer | null;
  signed_at: Date | null;
  verified_at: Date | null;
  tiled: number;
  pruned: number;
  open: number;
  acknowledged: number;
  kind: ContradictionKind | null;
  found_at: Date | null;
  last_at: Date | null;
  times: number | null;
}

/** All logs, by gateway. */
export async function readLogs(platform: Pick<Platform, 'pool'>): Promise<Map<string, LogOverview[]>> {
  const rows = await platform.pool.query<LogRow>(
    `SELECT l.id, l.gateway, l.origin, l.next_index AS entries, k.verifier_key,
        coalesce(k.tiled_size, 0) AS tiled, l.pruned, n.open, n.acknowledged, c.size, c.root, c.signed_at, c.verified_at, t.kind, t.found_at, t.last_at, t.times
      FROM journal_log l
      LEFT JOIN log_key k ON k.log = l.id
      LEFT JOIN LATERAL (SELECT size, root, signed_at, verified_at FROM log_checkpoint
        WHERE log = l.id ORDER BY size DESC LIMIT 1) c ON true
      LEFT JOIN LATERAL (SELECT kind, min(found_at) OVER () AS found_at, max(last_at) OVER () AS last_at,
          (sum(times) OVER ())::bigint AS times
        FROM log_contradiction WHERE log = l.id ORDER BY last_at DESC, id DESC LIMIT 1) t ON true
      CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE acknowledged_at IS NULL) AS open, count(acknowledged_at) AS acknowledged
        FROM log_contradiction WHERE log = l.id) n
      ORDER BY l.gateway, l.id`,
  );
  const logs = new Map<string, LogOverview[]>();
  for (const row of rows.rows) {
    const there = logs.get(row.gateway);
    if (there === undefined) logs.set(row.gateway, [overviewOf(row)]);
    else there.push(overviewOf(row));
  }
  return logs;
}

function overviewOf(row: LogRow): LogOverview {
  const { id, gateway, origin, entries, verifier_key: verifierKey, tiled, pruned, open, acknowledged } = row;
  return {
    name: logName(id),
    gateway,
    origin,
    entries,
    verifierKey,
    checkpoint: checkpointOf(row),
    tiled,
    // A bundle of which an entry is missing can't be made.
    minimumIndex: Math.ceil(pruned / TILE_WIDTH) * TILE_WIDTH,
    contradictions: { open, acknowledged },
    contradiction: contradictionOf(row),
  };
}

function checkpointOf({ size, root, signed_at, verified_at }: LogRow): LogOverview['checkpoint'] {
  if (size === null || root === null || verified_at === null) return null;
  return {
    size,
    root: root.toString('base64'),
    signedAt: signed_at?.toISOString() ?? null,
    verifiedAt: verified_at.toISOString(),
  };
}

function contradictionOf({ kind, found_at, last_at, times }: LogRow): LogOverview['contradiction'] {
  if (kind === null || found_at === null || last_at === null || times === null) return null;
  const text = contradictionText(kind);
  return { kind, text, foundAt: found_at.toISOString(), lastAt: last_at.toISOString(), times };
}
