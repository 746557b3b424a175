import {
  formatProof,
  leafHash,
  logVerifier,
  openReader,
  type Proof,
  TlogError,
  verifyInclusion,
} from '@drawbridge/tlog';
import { z } from '@hono/zod-openapi';
import { findStoredPlace, readStoredEntries, readStoredItems, type StoredPlace } from '../crossings/index.ts';
import { notFound, type Platform, Problem } from '../platform/index.ts';
import { findServedLog, readLogFile, type ServedLog } from './files.ts';
import { logName } from './logs.ts';

const EntrySchema = z.object({
  index: z.number().openapi({ description: 'In the log' }),
  entry: z.string().nullable().openapi({
    description: 'The entry’s bytes as they are stored, in base64; null: they were pruned',
  }),
  proven: z
    .boolean()
    .openapi({ description: 'Whether a verified checkpoint holds it, so that a proof can be had' }),
  note: z.string().nullable().openapi({ description: 'Why there is no proof yet, or no entry' }),
});

/** What a crossing's log has of it. */
export const EvidenceSchema = z
  .object({
    log: z.object({
      name: z.string().openapi({ description: 'In this API', example: 'gateways/1' }),
      origin: z.string(),
      verifierKey: z.string().nullable().openapi({ description: 'Null before the log’s first checkpoint' }),
    }),
    leaf: EntrySchema,
    settlement: EntrySchema.nullable().openapi({ description: 'Null: not settled yet' }),
  })
  .openapi('CrossingEvidence');

/** What a leaf commits to, in its order. */
export const PayloadSchema = z
  .object({
    items: z.array(
      z.object({
        hash: z.string().openapi({ description: 'Base64; stays when the item is erased' }),
        bytes: z.string().nullable().openapi({ description: 'Base64; null: erased' }),
      }),
    ),
  })
  .openapi('CrossingPayload');

/** What a crossing's log holds of it. */
type Part = 'leaf' | 'settlement';

/** Throws Problem 404. */
export async function crossingEvidence(
  platform: Platform,
  crossing: string,
): Promise<z.infer<typeof EvidenceSchema>> {
  const { place, log } = await find(platform, crossing);
  const of = async (index: number) => {
    const entry = await entryAt(platform, log, index);
    const proven = index < log.served;
    const note = proven ? (entry === null ? PRUNED : null) : whyNot(log, index);
    return { index, entry: entry?.toString('base64') ?? null, proven, note };
  };
  const { id, origin, verifierKey } = log;
  return {
    log: { name: logName(id), origin, verifierKey },
    leaf: await of(place.leaf),
    settlement: place.settlement === null ? null : await of(place.settlement),
  };
}

/** Throws Problem 404. */
export async function crossingPayload(
  platform: Platform,
  crossing: string,
): Promise<z.infer<typeof PayloadSchema>> {
  const { place } = await find(platform, crossing);
  const items = await readStoredItems(platform.pool, place);
  return {
    items: items.map(({ hash, bytes }) => ({
      hash: hash.toString('base64'),
      bytes: bytes?.toString('base64') ?? null,
    })),
  };
}

/**
 * That its log has a part of a crossing: a file that is verified without us. Throws a Problem: 404; 409
 * `not_in_checkpoint` where no verified checkpoint holds it yet, `entry_disagrees` where the stored entry is not the one
 * that was signed; 503 `log_unreadable`.
 */
export async function crossingProof(platform: Platform, crossing: string, part: Part): Promise<string> {
  const { place, log } = await find(platform, crossing);
  const index = place[part];
  if (index === null) throw notFound('settlement of this crossing yet');
  if (log.verifierKey === null || index >= log.served)
    throw new Problem(409, 'not_in_checkpoint', whyNot(log, index));
  const { proof, root, size } = await prove(platform, { ...log, verifierKey: log.verifierKey }, index);
  const entry = await entryAt(platform, log, index);
  const fits =
    entry === null || verifyInclusion({ leafHash: leafHash(entry), index, size, proof: proof.hashes, root });
  if (fits) return formatProof(proof);
  platform.log.error(
    { alarm: 'entry_disagrees', origin: log.origin, index },
    'a stored entry is not the one that its log has signed',
  );
  throw new Problem(
    409,
    'entry_disagrees',
    `Entry ${index} as it is stored is not the one that its log has signed: it was changed after its checkpoint was taken. Keep the database as it is, and find out who could write there.`,
  );
}

const PRUNED = 'The entry is not kept here any more. Whoever kept its bytes can still prove it.';

function whyNot({ tiled, verified }: ServedLog, index: number): string {
  return index < verified
    ? `Proofs of entries from before this version are being prepared: ${tiled} of ${verified} are done. Try again in a moment.`
    : 'No verified checkpoint holds the entry yet. Its gateway signs one every second. Try again in a moment; if it stays so, look at the log on the page Audit.';
}

async function find(platform: Platform, crossing: string): Promise<{ place: StoredPlace; log: ServedLog }> {
  const place = await findStoredPlace(platform.pool, crossing);
  const log = place === null ? null : await findServedLog(platform.pool, place.log);
  if (place === null || log === null) throw notFound('crossing');
  return { place, log };
}

async function entryAt(platform: Platform, log: ServedLog, index: number): Promise<Buffer | null> {
  return (await readStoredEntries(platform.pool, log.id, index, index + 1))?.[0] ?? null;
}

/** Checked tile by tile up to the signed root. */
async function prove(
  { pool }: Platform,
  log: ServedLog & { verifierKey: string },
  index: number,
): Promise<{ proof: Proof; root: Buffer; size: number }> {
  try {
    const reader = await openReader({
      origin: log.origin,
      log: logVerifier(log.verifierKey),
      fetch: (path) => readLogFile(pool, log, path),
    });
    return { proof: await reader.prove(index), ...reader.checkpoint.checkpoint };
  } catch (error) {
    if (!(error instanceof TlogError)) throw error;
    throw new Problem(503, 'log_unreadable', `The stored tiles of the log can't be used: ${error.message}`);
  }
}
