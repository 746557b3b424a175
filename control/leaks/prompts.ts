import { sql } from 'kysely';
import { raiseKeyAlarm } from '../key-alarms/index.ts';
import { newId, type Platform } from '../platform/index.ts';
import { sameKey } from './findings.ts';
import type { PromptView } from './schemas.ts';

const LOOK_MS = 5_000;
const MOST_SHOWN = 20;

interface Row {
  kind: 'virtual_key' | 'credential';
  about: string;
  app: string;
  app_name: string;
  connection: string;
  connection_name: string;
  crossings: number;
  first_at: Date;
  last_at: Date;
  crossing: string;
  name: string;
  owner: string;
  ended_at: Date | null;
}

/** Makes leaks of what gateways found in prompts, every five seconds. */
export function watchPrompts(platform: Platform): { stop(): Promise<void> } {
  let stopped = false;
  let running: Promise<unknown> = Promise.resolve();
  const look = (): void => {
    running = running
      .then(() => (stopped ? undefined : takePrompts(platform)))
      .catch((error: unknown) =>
        platform.log.warn({ err: error }, 'could not look for keys in prompts; it is tried again'),
      );
  };
  const timer = setInterval(look, LOOK_MS);
  look();
  return {
    async stop() {
      stopped = true;
      clearInterval(timer);
      await running;
    },
  };
}

/**
 * A leak and an alarm for each key of ours that was found in a prompt and is no leak yet. It is never revoked for that: a
 * virtual key is known here by its id and checksum, which who made the text may have formed without having the key.
 */
export async function takePrompts(platform: Platform): Promise<void> {
  const { rows } = await sql<Row>`
    SELECT DISTINCT ON (p.kind, p.about) p.* FROM leak_prompt p
     WHERE NOT EXISTS (SELECT FROM leak l WHERE l.kind = p.kind AND l.about = p.about AND l.last_at >= p.last_at)
     ORDER BY p.kind, p.about, p.last_at DESC, p.crossing`.execute(platform.db);
  for (const row of rows) await take(platform, row);
  if (rows.length > 0) for (const topic of ['leaks', 'alarms'] as const) platform.events.publish(topic);
}

async function take(platform: Platform, row: Row): Promise<void> {
  const { kind, about, app_name: app, connection_name: connection, last_at: at } = row;
  const isKey = kind === 'virtual_key';
  await platform.db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ id: string; fresh: boolean }>`
      INSERT INTO leak (id, same, kind, about, class, detector, confidence, rank, first_at, last_at, state)
      VALUES (${newId(platform.clock, platform.random)}, ${sameKey(kind, about)}, ${kind}, ${about}, 'secret.api_key',
              'gateway', ${isKey ? 'likely' : 'certain'}, ${isKey ? 2 : 3}, ${row.first_at}, ${at}, 'open')
      ON CONFLICT (same) DO UPDATE SET last_at = GREATEST(leak.last_at, excluded.last_at)
      RETURNING id, xmax = 0 AS fresh`.execute(tx);
    const [leak] = rows;
    if (leak?.fresh !== true || row.ended_at !== null) return;
    await raiseKeyAlarm(tx, platform, {
      kind: 'leaked',
      about: { kind, id: about },
      vendor: null,
      text: `${isKey ? 'A virtual key' : 'The vendor’s credential'} of ${row.name} (owner: ${row.owner}) was in a prompt that ${app} sent over ${connection}. ${isKey ? 'Make its successor, then revoke it.' : 'Rotate it now.'}`,
      evidence: { leak: leak.id, app: row.app, connection: row.connection, crossing: row.crossing },
      at: new Date(platform.clock.now()),
      same: `leak ${leak.id}`,
    });
  });
}

/** In whose prompts a key was, the latest first; at most 20. */
export async function promptsOf(
  platform: Platform,
  kind: string,
  about: string | null,
): Promise<PromptView[]> {
  const { rows } = await sql<Row>`
    SELECT * FROM leak_prompt WHERE kind = ${kind} AND about = ${about}
     ORDER BY last_at DESC, app, connection LIMIT ${MOST_SHOWN}`.execute(platform.db);
  return rows.map((row) => ({
    app: { id: row.app, name: row.app_name },
    connection: { id: row.connection, name: row.connection_name },
    crossings: Number(row.crossings),
    crossing: row.crossing,
    firstAt: row.first_at.toISOString(),
    lastAt: row.last_at.toISOString(),
  }));
}
