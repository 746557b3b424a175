import { raiseKeyAlarm } from '../key-alarms/index.ts';
import type { Platform, Tx } from '../platform/index.ts';
import { OWN } from './form.ts';
import type { ToldUse } from './schemas.ts';
import type { CanaryTables } from './tables.ts';

/** Gateways tell a use at once; where that did not come, what the journals hold is alarm enough after so long. */
const LATE_MS = 5_000;
const LOOK_MS = 2_000;
const SOURCES_KEPT = '180 days';

type Use = Omit<CanaryTables['canary_source'], 'address' | 'client'> & {
  address: string | null;
  client: string | null;
  /** In what was sent; null: it was shown as a key, or that is not known. */
  seen: { app: string; key: string } | null;
};

/** Keeps what a gateway told, and raises the alarm. What is not known here (any more) is kept and raises none. */
export async function takeToldUse(platform: Platform, told: ToldUse): Promise<void> {
  // A gateway whose clock is ahead must not make later uses nothing new.
  const { seen = null, ...shown } = told;
  const use = { ...shown, at: new Date(Math.min(told.at, platform.clock.now())) };
  await platform.db.transaction().execute(async (tx) => {
    await tx
      .withTables<CanaryTables>()
      .insertInto('canary_source')
      .values(use)
      .onConflict((conflict) => conflict.column('crossing').doNothing())
      .execute();
    await raise(tx, platform, { ...use, seen });
  });
  platform.events.publish('alarms');
  platform.events.publish('canaries');
}

async function raise(tx: Tx, platform: Platform, use: Use): Promise<void> {
  const canary = await tx
    .withTables<CanaryTables>()
    .selectFrom('canary')
    .selectAll()
    .where('id', '=', use.canary)
    .executeTakeFirst();
  if (canary === undefined) return;
  const from = use.address === null ? '' : ` from ${use.address}`;
  const program = use.client === null || use.client === 'none' ? '' : ` (${use.client})`;
  await raiseKeyAlarm(tx, platform, {
    kind: 'canary_used',
    about: { kind: 'canary', id: canary.id },
    vendor: canary.vendor === OWN ? null : canary.vendor,
    text:
      use.seen === null
        ? `The canary key planted at "${canary.place}" was used at the gateway${from}${program}: treat what lies there as stolen, and look who could read it.`
        : `The canary key planted at "${canary.place}" was found in what an app of yours sent to a vendor${from}${program}: what lies there is read by that app, or by those who write to it. Look how it came there.`,
    evidence: {
      crossing: use.crossing,
      at: use.at.toISOString(),
      address: use.address,
      client: use.client,
      connection: use.connection,
      endpoint: use.endpoint,
      place: canary.place,
      owner: canary.owner,
      ...(use.seen === null ? {} : { foundIn: 'request', app: use.seen.app, key: use.seen.key }),
    },
    at: use.at,
    same: `canary ${canary.id}`,
  });
}

export interface CanaryWatch {
  stop(): Promise<void>;
}

/** Raises alarms for uses that the journals hold and no gateway told, and forgets where old ones came from. */
export function watchCanaries(platform: Platform): CanaryWatch {
  let stopped = false;
  let running = Promise.resolve();
  const look = (): void => {
    running = running
      .then(() => (stopped ? undefined : raiseUntold(platform)))
      .catch((error: unknown) =>
        platform.log.warn({ err: error }, 'could not look for uses of planted keys; it is tried again'),
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

/** The latest use of each planted key of which no gateway told. Told twice is raised once: alarms know the last use. */
export async function raiseUntold(platform: Platform): Promise<void> {
  const now = platform.clock.now();
  const late = await platform.pool.query<Omit<Use, 'seen'>>(
    `SELECT DISTINCT ON (u.canary) u.crossing, u.canary, u.at, s.address, s.client, u.connection, u.endpoint
      FROM canary_use u LEFT JOIN canary_source s ON s.crossing = u.crossing
      WHERE u.at <= $1 AND NOT EXISTS (SELECT FROM key_alarm a
        WHERE a.same = 'canary ' || u.canary AND a.last_at >= u.at)
      ORDER BY u.canary, u.at DESC`,
    [new Date(now - LATE_MS)],
  );
  for (const use of late.rows)
    await platform.db.transaction().execute((tx) => raise(tx, platform, { ...use, seen: null }));
  if (late.rows.length > 0) platform.events.publish('alarms');
  await platform.pool.query(
    `DELETE FROM canary_source WHERE at < $1::timestamptz - interval '${SOURCES_KEPT}'`,
    [new Date(now)],
  );
}
