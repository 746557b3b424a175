import { z } from '@hono/zod-openapi';
import { messageText, type Platform } from '../platform/index.ts';
import { type ContradictionKind, contradictionKinds } from './tables.ts';

/** A log as the console shows it. */
export const LogSchema = z
  .object({
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
  .openapi('Log');
export type LogOverview = z.infer<typeof LogSchema>;

interface LogRow {
  gateway: string;
  origin: string;
  entries: number;
  verifier_key: string | null;
  size: number | null;
  root: Buffer | null;
  signed_at: Date | null;
  verified_at: Date | null;
  kind: ContradictionKind | null;
  found_at: Date | null;
  last_at: Date | null;
  times: number | null;
}

/** All logs, by gateway. */
export async function readLogs(platform: Pick<Platform, 'pool'>): Promise<Map<string, LogOverview[]>> {
  const rows = await platform.pool.query<LogRow>(
    `SELECT l.gateway, l.origin, l.next_index AS entries, k.verifier_key,
        c.size, c.root, c.signed_at, c.verified_at, t.kind, t.found_at, t.last_at, t.times
      FROM journal_log l
      LEFT JOIN log_key k ON k.log = l.id
      LEFT JOIN LATERAL (SELECT size, root, signed_at, verified_at FROM log_checkpoint
        WHERE log = l.id ORDER BY size DESC LIMIT 1) c ON true
      LEFT JOIN LATERAL (SELECT kind, min(found_at) OVER () AS found_at, max(last_at) OVER () AS last_at,
          (sum(times) OVER ())::bigint AS times
        FROM log_contradiction WHERE log = l.id ORDER BY last_at DESC, id DESC LIMIT 1) t ON true
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
  const { origin, entries, verifier_key: verifierKey } = row;
  return { origin, entries, verifierKey, checkpoint: checkpointOf(row), contradiction: contradictionOf(row) };
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
  const text = textOf(kind);
  return { kind, text, foundAt: found_at.toISOString(), lastAt: last_at.toISOString(), times };
}

const textOf = (kind: ContradictionKind): string => messageText(`log.${kind}`) ?? kind;

export const ContradictionSchema = z
  .object({
    origin: z.string(),
    kind: z.enum(contradictionKinds),
    text: z.string(),
    verifierKey: z.string(),
    note: z.string().openapi({ description: 'The signed note, as it was posted' }),
    ourRoot: z
      .string()
      .nullable()
      .openapi({ description: 'What the stored entries give, base64; null: not computed' }),
    foundAt: z.string(),
    lastAt: z.string(),
    times: z.number(),
  })
  .openapi('LogContradiction');

export async function readContradictions(
  platform: Pick<Platform, 'pool'>,
  gateway: string,
): Promise<z.infer<typeof ContradictionSchema>[]> {
  const rows = await platform.pool.query<{
    origin: string;
    kind: ContradictionKind;
    verifier_key: string;
    note: string;
    our_root: Buffer | null;
    found_at: Date;
    last_at: Date;
    times: number;
  }>(
    `SELECT l.origin, t.* FROM log_contradiction t JOIN journal_log l ON l.id = t.log
      WHERE l.gateway = $1 ORDER BY t.id DESC LIMIT 1000`,
    [gateway],
  );
  return rows.rows.map((row) => ({
    origin: row.origin,
    kind: row.kind,
    text: textOf(row.kind),
    verifierKey: row.verifier_key,
    note: row.note,
    ourRoot: row.our_root?.toString('base64') ?? null,
    foundAt: row.found_at.toISOString(),
    lastAt: row.last_at.toISOString(),
    times: row.times,
  }));
}
