import { type Leaf, type Settlement, UNKNOWN_VENDOR } from '@drawbridge/protocol';
import type pg from 'pg';
import type { Projection } from '../crossings/index.ts';

interface Seen {
  host: string;
  port: number;
  app: string;
  vendor: string | null;
  first: number;
  last: number;
  crossings: number;
  refused: number;
}
interface Open {
  log: number;
  crossing: string;
  at: number;
  host: string;
  port: number;
  app: string;
}
interface Moved {
  log: number;
  crossing: string;
  at: number;
  sent: number;
  received: number;
}

/** What apps talk to through the egress proxy, by host, port and app. */
export const egressHostProjection: Projection = {
  name: 'egress_hosts',
  tables: ['egress_host', 'egress_open'],
  topic: 'egress',
  async apply(client, entries) {
    const seen = new Map<string, Seen>();
    const open: Open[] = [];
    const moved = new Map<string, Moved>();
    const newest = new Map<number, number>();
    for (const { log, entry } of entries) {
      newest.set(log, Math.max(newest.get(log) ?? 0, entry.at));
      if (entry.egress === undefined) continue;
      if (entry.type === 'settlement') {
        const one = movedBy(log, entry, entry.egress.sent);
        // A crossing is settled once; what says so again does not count.
        const name = `${log} ${one.crossing}`;
        if (!moved.has(name)) moved.set(name, one);
      } else if (entry.reason !== 'canary_used') {
        const { host, port } = entry.egress;
        note(seen, entry, host, port);
        open.push({ log, crossing: entry.id.toLowerCase(), at: entry.at, host, port, app: entry.app });
      }
    }
    if (seen.size === 0 && moved.size === 0) {
      await giveUp(client, newest);
      return false;
    }
    const further = await beyondBound(client, [...seen.values()]);
    await addSeen(client, withoutFurther([...seen.values()], further));
    await addOpen(
      client,
      open.map((one) => (further.has(nameOf(one)) ? { ...one, ...FURTHER } : one)),
    );
    await addMoved(client, [...moved.values()]);
    await giveUp(client, newest);
    return true;
  },
};

/** Milliseconds after which an exchange without an end has none: its gateway was killed, and its bytes are not known. */
export const OPEN_MS = 30 * 24 * 3600_000;
/** An end within the bound may stand in the log behind an entry that is a little younger. */
const SLACK_MS = 24 * 3600_000;

/**
 * Removes what is past the bound by the time of its own log, never by the clock here: what is counted does not depend on
 * when it was read, and a rebuild comes to the same rows. `newest`: of each log, milliseconds since 1970.
 */
async function giveUp(client: pg.PoolClient, newest: ReadonlyMap<number, number>): Promise<void> {
  const rows = [...newest].map(([log, at]) => ({ log, before: at - OPEN_MS - SLACK_MS }));
  await client.query(
    `DELETE FROM egress_open o USING jsonb_to_recordset($1::jsonb) AS n (log int, before float8)
      WHERE o.log = n.log AND o.at < to_timestamp(n.before / 1000.0)`,
    [JSON.stringify(rows)],
  );
}

/** Rows that are kept of one app. A name costs whoever makes it up nothing, and in `observe` each one is let through. */
export const MOST_HOSTS = 10_000;
/** What is beyond them is counted under this host, which no request can name. The crossings hold the names. */
export const FURTHER = { host: '*', port: 0 } as const;

const nameOf = ({ host, port, app }: Pick<Seen, 'host' | 'port' | 'app'>): string =>
  JSON.stringify([host, port, app]);

/** Names of those that are new and would be more than are kept of their app. The first to be seen are kept. */
async function beyondBound(client: pg.PoolClient, seen: readonly Seen[]): Promise<ReadonlySet<string>> {
  if (seen.length === 0) return new Set();
  const rows = seen.map(({ host, port, app }) => ({ host, port, app }));
  const { rows: there } = await client.query<Pick<Seen, 'host' | 'port' | 'app'>>(
    `SELECT h.host, h.port, h.app FROM egress_host h
      JOIN jsonb_to_recordset($1::jsonb) AS s (host text, port int, app text) USING (host, port, app)`,
    [JSON.stringify(rows)],
  );
  const known = new Set(there.map(nameOf));
  const fresh = seen.filter((one) => !known.has(nameOf(one)));
  if (fresh.length === 0) return new Set();
  const counted = await client.query<{ app: string; count: number }>(
    `SELECT app, count(*)::int AS count FROM egress_host WHERE app = ANY ($1) AND host <> '*' GROUP BY app`,
    [[...new Set(fresh.map(({ app }) => app))]],
  );
  const counts = new Map(counted.rows.map(({ app, count }) => [app, count]));
  return new Set(
    fresh
      .filter(({ app }) => {
        const count = (counts.get(app) ?? 0) + 1;
        counts.set(app, count);
        return count > MOST_HOSTS;
      })
      .map(nameOf),
  );
}

/** What is beyond the bound as one row of each app. */
function withoutFurther(seen: readonly Seen[], further: ReadonlySet<string>): Seen[] {
  const kept = seen.filter((one) => !further.has(nameOf(one)));
  const rest = seen.filter((one) => further.has(nameOf(one)));
  const folded = [...Map.groupBy(rest, ({ app }) => app)].map(
    ([app, all]): Seen => ({
      ...FURTHER,
      app,
      vendor: null,
      first: Math.min(...all.map(({ first }) => first)),
      last: Math.max(...all.map(({ last }) => last)),
      crossings: all.reduce((sum, { crossings }) => sum + crossings, 0),
      refused: all.reduce((sum, { refused }) => sum + refused, 0),
    }),
  );
  return [...kept, ...folded];
}

function movedBy(log: number, { crossing, at, bytes }: Settlement, sent: number): Moved {
  return { log, crossing: crossing.toLowerCase(), at, sent, received: bytes.response };
}

function note(seen: Map<string, Seen>, leaf: Leaf, host: string, port: number): void {
  const vendor = leaf.vendor === UNKNOWN_VENDOR ? null : leaf.vendor;
  const refused = leaf.decision === 'refused' ? 1 : 0;
  const name = nameOf({ host, port, app: leaf.app });
  const there = seen.get(name);
  if (there === undefined) {
    seen.set(name, {
      host,
      port,
      app: leaf.app,
      vendor,
      first: leaf.at,
      last: leaf.at,
      crossings: 1,
      refused,
    });
    return;
  }
  // Of two at the same time the greater name stands, so that a rebuild says the same.
  if (leaf.at > there.last || (leaf.at === there.last && (vendor ?? '') > (there.vendor ?? '')))
    there.vendor = vendor;
  there.first = Math.min(there.first, leaf.at);
  there.last = Math.max(there.last, leaf.at);
  there.crossings += 1;
  there.refused += refused;
}

async function addSeen(client: pg.PoolClient, rows: readonly Seen[]): Promise<void> {
  if (rows.length === 0) return;
  await client.query(
    `INSERT INTO egress_host (host, port, app, vendor, first_at, last_at, crossings, refused, sent, received)
      SELECT host, port, app, vendor, to_timestamp(first / 1000.0), to_timestamp(last / 1000.0), crossings, refused, 0, 0
      FROM jsonb_to_recordset($1::jsonb) AS s (host text, port int, app text, vendor text, first float8, last float8,
        crossings bigint, refused bigint)
      ON CONFLICT (host, port, app) DO UPDATE SET
        vendor = CASE WHEN (excluded.last_at, coalesce(excluded.vendor, '')) > (egress_host.last_at,
          coalesce(egress_host.vendor, '')) THEN excluded.vendor ELSE egress_host.vendor END,
        first_at = least(egress_host.first_at, excluded.first_at),
        last_at = greatest(egress_host.last_at, excluded.last_at),
        crossings = egress_host.crossings + excluded.crossings,
        refused = egress_host.refused + excluded.refused`,
    [JSON.stringify(rows)],
  );
}

async function addOpen(client: pg.PoolClient, rows: readonly Open[]): Promise<void> {
  if (rows.length === 0) return;
  await client.query(
    `INSERT INTO egress_open (log, crossing, at, host, port, app)
      SELECT log, crossing, to_timestamp(at / 1000.0), host, port, app
      FROM jsonb_to_recordset($1::jsonb) AS o (log int, crossing uuid, at float8, host text, port int, app text)
      ON CONFLICT DO NOTHING`,
    [JSON.stringify(rows)],
  );
}

async function addMoved(client: pg.PoolClient, rows: readonly Moved[]): Promise<void> {
  if (rows.length === 0) return;
  await client.query(
    `WITH settled AS (
        SELECT log, crossing, at, sent, received
        FROM jsonb_to_recordset($1::jsonb) AS m (log int, crossing uuid, at float8, sent bigint, received bigint)
      ), ended AS (
        DELETE FROM egress_open o USING settled s WHERE o.log = s.log AND o.crossing = s.crossing
        RETURNING o.host, o.port, o.app, s.sent, s.received,
          to_timestamp(s.at / 1000.0) - o.at <= $2::float8 * interval '1 millisecond' AS counts
      )
      UPDATE egress_host h SET sent = h.sent + e.sent, received = h.received + e.received
      FROM (SELECT host, port, app, sum(sent)::bigint AS sent, sum(received)::bigint AS received
        FROM ended WHERE counts GROUP BY host, port, app) e
      WHERE h.host = e.host AND h.port = e.port AND h.app = e.app`,
    [JSON.stringify(rows), OPEN_MS],
  );
}
