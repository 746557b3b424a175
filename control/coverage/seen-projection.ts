import { type Leaf, type Settlement, UNKNOWN_VENDOR } from '@drawbridge/protocol';
import type pg from 'pg';
import type { Projection } from '../crossings/index.ts';

interface Place {
  vendor: string;
  day: string;
  connection: string;
  endpoint: string;
}
interface Counts {
  sent: number;
  answered: number;
  failed: number;
  metered: number;
  tokens: number;
}
interface Tunnels {
  vendor: string;
  day: string;
  app: string;
  tunnels: number;
}
interface Open extends Place {
  log: number;
  crossing: string;
}
interface Settled extends Omit<Counts, 'sent'> {
  log: number;
  crossing: string;
}

/** Outcomes after which nothing of the crossing reached the vendor. */
const NOT_THERE: ReadonlySet<Settlement['outcome']> = new Set(['not_sent', 'connect_failed']);
const NOTHING: Counts = { sent: 0, answered: 0, failed: 0, metered: 0, tokens: 0 };

/** What gateways saw of each vendor by day, in what vendors count too. */
export const coverageProjection: Projection = {
  name: 'coverage',
  tables: ['coverage_day', 'coverage_proxy_day', 'coverage_open'],
  topic: 'coverage',
  async apply(client, entries) {
    const days = new Map<string, Place & Counts>();
    const tunnels = new Map<string, Tunnels>();
    const open = new Map<string, Open>();
    const settled = new Map<string, Settled>();
    for (const { log, entry } of entries) {
      if (entry.type === 'settlement') {
        if (entry.egress === undefined) takeSettlement(days, open, settled, log, entry);
      } else if (entry.decision !== 'forwarded') continue;
      else if (entry.egress !== undefined) addTunnel(tunnels, entry);
      else {
        const place = placeOf(entry);
        const crossing = entry.id.toLowerCase();
        addCounts(days, place, { ...NOTHING, sent: 1 });
        open.set(`${log} ${crossing}`, { ...place, log, crossing });
      }
    }
    if (days.size === 0 && tunnels.size === 0 && settled.size === 0) return false;
    await insertDays(client, [...days.values()]);
    await insertTunnels(client, [...tunnels.values()]);
    // What began in an earlier batch comes before what begins in this one is put down: no settlement ends both.
    const ended = await settle(client, [...settled.values()]);
    await insertOpen(client, [...open.values()]);
    return days.size > 0 || tunnels.size > 0 || ended > 0;
  },
};

const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

const placeOf = ({ vendor, at, connection, endpoint }: Leaf): Place => ({
  vendor,
  day: dayOf(at),
  connection,
  endpoint,
});

/** Ends a crossing that stands before it in this batch; else it is looked for among those of earlier ones. */
function takeSettlement(
  days: Map<string, Place & Counts>,
  open: Map<string, Open>,
  settled: Map<string, Settled>,
  log: number,
  settlement: Settlement,
): void {
  const crossing = settlement.crossing.toLowerCase();
  const name = `${log} ${crossing}`;
  const begun = open.get(name);
  if (begun !== undefined) {
    const { vendor, day, connection, endpoint } = begun;
    addCounts(days, { vendor, day, connection, endpoint }, { sent: 0, ...endOf(settlement) });
    open.delete(name);
  } else if (!settled.has(name)) settled.set(name, { log, crossing, ...endOf(settlement) });
}

function endOf({ outcome, status, usage }: Settlement): Omit<Counts, 'sent'> {
  const isAnswered = outcome === 'answered' && status !== null && status >= 200 && status < 300;
  const isFailed = NOT_THERE.has(outcome) || (status !== null && status >= 400);
  const isMetered = isAnswered && usage !== null;
  return {
    answered: isAnswered ? 1 : 0,
    failed: isFailed ? 1 : 0,
    metered: isMetered ? 1 : 0,
    tokens: isMetered ? Math.max(0, usage.input) + Math.max(0, usage.output) : 0,
  };
}

function addCounts(days: Map<string, Place & Counts>, place: Place, counts: Counts): void {
  const name = JSON.stringify([place.vendor, place.day, place.connection, place.endpoint]);
  const there = days.get(name) ?? { ...place, ...NOTHING };
  there.sent += counts.sent;
  there.answered += counts.answered;
  there.failed += counts.failed;
  there.metered += counts.metered;
  there.tokens += counts.tokens;
  days.set(name, there);
}

function addTunnel(tunnels: Map<string, Tunnels>, { vendor, at, app }: Leaf): void {
  if (vendor === UNKNOWN_VENDOR) return;
  const day = dayOf(at);
  const name = JSON.stringify([vendor, day, app]);
  const there = tunnels.get(name);
  if (there === undefined) tunnels.set(name, { vendor, day, app, tunnels: 1 });
  else there.tunnels += 1;
}

const ROWS = 'vendor text, day date, connection text, endpoint text';

async function insertDays(client: pg.PoolClient, rows: readonly (Place & Counts)[]): Promise<void> {
  if (rows.length === 0) return;
  await client.query(
    `INSERT INTO coverage_day AS d (vendor, day, connection, endpoint, sent, answered, failed, metered, tokens)
      SELECT vendor, day, connection, endpoint, sent, answered, failed, metered, tokens
      FROM jsonb_to_recordset($1::jsonb) AS r (${ROWS}, sent bigint, answered bigint, failed bigint, metered bigint,
        tokens bigint)
      ON CONFLICT (vendor, day, connection, endpoint) DO UPDATE SET sent = d.sent + excluded.sent,
        answered = d.answered + excluded.answered, failed = d.failed + excluded.failed,
        metered = d.metered + excluded.metered, tokens = d.tokens + excluded.tokens`,
    [JSON.stringify(rows)],
  );
}

async function insertTunnels(client: pg.PoolClient, rows: readonly Tunnels[]): Promise<void> {
  if (rows.length === 0) return;
  await client.query(
    `INSERT INTO coverage_proxy_day AS d (vendor, day, app, tunnels)
      SELECT vendor, day, app, tunnels
      FROM jsonb_to_recordset($1::jsonb) AS r (vendor text, day date, app text, tunnels bigint)
      ON CONFLICT (vendor, day, app) DO UPDATE SET tunnels = d.tunnels + excluded.tunnels`,
    [JSON.stringify(rows)],
  );
}

async function insertOpen(client: pg.PoolClient, rows: readonly Open[]): Promise<void> {
  if (rows.length === 0) return;
  await client.query(
    `INSERT INTO coverage_open (log, crossing, vendor, day, connection, endpoint)
      SELECT log, crossing, vendor, day, connection, endpoint
      FROM jsonb_to_recordset($1::jsonb) AS r (log int, crossing uuid, ${ROWS}) ON CONFLICT DO NOTHING`,
    [JSON.stringify(rows)],
  );
}

/** Counts what became of crossings of earlier batches. Gives how many of them there were. */
async function settle(client: pg.PoolClient, rows: readonly Settled[]): Promise<number> {
  if (rows.length === 0) return 0;
  const { rows: found } = await client.query<{ ended: number }>(
    `WITH ended AS (
        DELETE FROM coverage_open o
        USING jsonb_to_recordset($1::jsonb) AS s (log int, crossing uuid, answered int, failed int, metered int, tokens bigint)
        WHERE o.log = s.log AND o.crossing = s.crossing
        RETURNING o.vendor, o.day, o.connection, o.endpoint, s.answered, s.failed, s.metered, s.tokens
      ), counted AS (
        UPDATE coverage_day d SET answered = d.answered + e.answered, failed = d.failed + e.failed,
          metered = d.metered + e.metered, tokens = d.tokens + e.tokens
        FROM (SELECT vendor, day, connection, endpoint, sum(answered)::bigint AS answered, sum(failed)::bigint AS failed,
            sum(metered)::bigint AS metered, sum(tokens)::bigint AS tokens
          FROM ended GROUP BY vendor, day, connection, endpoint) e
        WHERE (d.vendor, d.day, d.connection, d.endpoint) = (e.vendor, e.day, e.connection, e.endpoint))
      SELECT count(*)::int AS ended FROM ended`,
    [JSON.stringify(rows)],
  );
  return found[0]?.ended ?? 0;
}
