import { type Db, type Platform, Problem, type Sealer, type Tx } from '../../platform/index.ts';
import type { ObligationTables } from '../tables.ts';
import { type Channel, type Reminders, secretOf } from './settings.ts';

/** Secrets of channels: sealed, each bound to its channel and to where it may be sent. They come in, and are never shown. */

const tables = (db: Db | Tx) => db.withTables<ObligationTables>();

/** Where a secret goes: with another place, the secret that is stored does not open. */
const boundTo = (channel: Channel): readonly string[] => [
  'obligation channel',
  channel.id,
  channel.kind,
  channel.kind === 'jira' ? channel.site : '',
];

/** Throws Problem 422 that names the channel. */
export async function keepSecrets(
  tx: Tx,
  { clock }: Pick<Platform, 'clock'>,
  sealer: Sealer,
  next: Reminders,
  given: Readonly<Record<string, string>>,
): Promise<void> {
  for (const id of Object.keys(given))
    if (!next.channels.some((channel) => channel.id === id)) throw wrong(id, 'is no channel');
  const stored = new Map(
    (await tables(tx).selectFrom('obligation_secret').selectAll().execute()).map((row) => [row.channel, row]),
  );
  for (const channel of next.channels) {
    const schema = secretOf[channel.kind];
    const secret = given[channel.id];
    if (schema === null) {
      if (secret !== undefined) throw wrong(channel.id, 'takes no secret');
      continue;
    }
    if (secret === undefined) {
      const row = stored.get(channel.id);
      if (row === undefined || opened(sealer, channel, row.sealed) === null)
        throw wrong(channel.id, 'has no secret for this kind and address yet: enter it');
      continue;
    }
    const parsed = schema.safeParse(secret);
    // What is wrong with it is told without it.
    if (!parsed.success) throw wrong(channel.id, parsed.error.issues[0]?.message ?? 'is not of its form');
    const row = {
      sealed: sealer.seal(boundTo(channel), Buffer.from(parsed.data)),
      changed_at: new Date(clock.now()),
    };
    await tables(tx)
      .insertInto('obligation_secret')
      .values({ channel: channel.id, ...row })
      .onConflict((conflict) => conflict.column('channel').doUpdateSet(row))
      .execute();
  }
  const kept = next.channels.filter(({ kind }) => secretOf[kind] !== null).map(({ id }) => id);
  let gone = tables(tx).deleteFrom('obligation_secret');
  if (kept.length > 0) gone = gone.where('channel', 'not in', kept);
  await gone.execute();
}

/** The secret of a channel; null: there is none, or it was entered for another kind or address. */
export async function readSecret(db: Db, sealer: Sealer, channel: Channel): Promise<string | null> {
  const row = await tables(db)
    .selectFrom('obligation_secret')
    .select('sealed')
    .where('channel', '=', channel.id)
    .executeTakeFirst();
  return row === undefined ? null : opened(sealer, channel, row.sealed);
}

function opened(sealer: Sealer, channel: Channel, sealed: Buffer): string | null {
  try {
    return sealer.open(boundTo(channel), sealed).toString();
  } catch (error) {
    if (error instanceof Error && error.name === 'EnvelopeError') return null;
    throw error;
  }
}

function wrong(id: string, message: string): Problem {
  const field = `secrets.${id}`;
  return new Problem(422, 'invalid_request', `${field}: ${message}`, [{ field, message }]);
}
