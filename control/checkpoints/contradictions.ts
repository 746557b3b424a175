import { z } from '@hono/zod-openapi';
import { sql } from 'kysely';
import { type By, messageText, notFound, type Platform, recordChange } from '../platform/index.ts';
import { type ContradictionKind, contradictionKinds } from './tables.ts';

export const contradictionText = (kind: ContradictionKind): string => messageText(`log.${kind}`) ?? kind;

export const ContradictionSchema = z
  .object({
    id: z.number(),
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
    acknowledged: z
      .object({ at: z.string(), by: z.string(), reason: z.string() })
      .nullable()
      .openapi({ description: 'Who has looked at it; null: it is warned of' }),
  })
  .openapi('LogContradiction');
export type ContradictionView = z.infer<typeof ContradictionSchema>;

interface Row {
  id: number;
  gateway: string;
  origin: string;
  kind: ContradictionKind;
  verifier_key: string;
  note: string;
  our_root: Buffer | null;
  found_at: Date;
  last_at: Date;
  times: number;
  acknowledged_at: Date | null;
  acknowledged_by: string | null;
  acknowledged_reason: string | null;
}

const selectRows =
  'SELECT t.*, l.origin, l.gateway FROM log_contradiction t JOIN journal_log l ON l.id = t.log';

/** The evidence against a gateway's logs, newest first. */
export async function readContradictions(
  platform: Pick<Platform, 'pool'>,
  gateway: string,
): Promise<ContradictionView[]> {
  const found = await platform.pool.query<Row>(
    `${selectRows} WHERE l.gateway = $1 ORDER BY t.id DESC LIMIT 1000`,
    [gateway],
  );
  return found.rows.map(toView);
}

/**
 * Writes down that a person has looked at a piece of evidence: it is not warned of any more, and stays as it is. What was
 * acknowledged before is left as it was. Throws Problem 404.
 */
export async function acknowledge(
  platform: Platform,
  { gateway, contradiction }: { gateway: string; contradiction: number },
  by: By,
): Promise<ContradictionView> {
  const row = await platform.db.transaction().execute(async (tx) => {
    const now = new Date(platform.clock.now());
    const updated = await sql`
      UPDATE log_contradiction SET acknowledged_at = ${now}, acknowledged_by = ${by.actor.id},
        acknowledged_reason = ${by.reason}
      WHERE log IN (SELECT id FROM journal_log WHERE gateway = ${gateway}) AND id = ${contradiction}::bigint
        AND acknowledged_at IS NULL`.execute(tx);
    const found = await sql<Row>`
      ${sql.raw(selectRows)} WHERE l.gateway = ${gateway} AND t.id = ${contradiction}::bigint`.execute(tx);
    const there = found.rows[0];
    if (there === undefined) throw notFound('evidence');
    if (updated.numAffectedRows === 1n) {
      await recordChange(tx, platform, {
        ...by,
        act: 'log.acknowledge',
        subject: { kind: 'gateway', id: there.gateway },
        detail: { log: there.origin, contradiction: there.id, kind: there.kind, times: there.times },
      });
    }
    return there;
  });
  platform.events.publish('gateways');
  return toView(row);
}

function toView(row: Row): ContradictionView {
  const { acknowledged_at: at, acknowledged_by: by, acknowledged_reason: reason } = row;
  return {
    id: row.id,
    origin: row.origin,
    kind: row.kind,
    text: contradictionText(row.kind),
    verifierKey: row.verifier_key,
    note: row.note,
    ourRoot: row.our_root?.toString('base64') ?? null,
    foundAt: row.found_at.toISOString(),
    lastAt: row.last_at.toISOString(),
    times: row.times,
    acknowledged: at === null || by === null || reason === null ? null : { at: at.toISOString(), by, reason },
  };
}
