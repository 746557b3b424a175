import { type Leaf, type PayloadItem, type Settlement, stages } from '@drawbridge/protocol';
import { type RawBuilder, sql } from 'kysely';
import { messageText, type Platform } from '../platform/index.ts';
import { type Names, nameAll } from './names.ts';
import { type CrossingRow, selectRows, toCrossing } from './query.ts';
import type { CrossingDetail } from './schemas.ts';

/** A crossing by its id, with all that is known of it but never a value; null when there is none. */
export function findCrossing(platform: Platform, names: Names, id: string): Promise<CrossingDetail | null> {
  return findOne(platform, names, sql`c.id = ${id}::uuid ORDER BY c.log, c.idx LIMIT 1`);
}

/** The newest crossing of a connection; null when nothing crossed yet. */
export function latestCrossing(
  platform: Platform,
  names: Names,
  connection: string,
): Promise<CrossingDetail | null> {
  return findOne(
    platform,
    names,
    sql`(c.log, c.idx) IN (
      SELECT newest.log, newest.idx FROM crossing_kind kinds CROSS JOIN LATERAL (
        SELECT at, log, idx FROM crossing WHERE kind = kinds.id ORDER BY at DESC, log DESC, idx DESC LIMIT 1) AS newest
      WHERE kinds.connection = ${connection} ORDER BY newest.at DESC, newest.log DESC, newest.idx DESC LIMIT 1)`,
  );
}

async function findOne(
  platform: Platform,
  names: Names,
  where: RawBuilder<unknown>,
): Promise<CrossingDetail | null> {
  const found = await sql<CrossingRow>`${selectRows} WHERE ${where}`.execute(platform.db);
  const row = found.rows[0];
  return row === undefined ? null : detailOf(platform, names, row);
}

async function detailOf(platform: Platform, names: Names, row: CrossingRow): Promise<CrossingDetail> {
  const leaf: Leaf = JSON.parse(row.leaf);
  const [named, origin, settlement, items] = await Promise.all([
    nameAll(names, [row]),
    originOf(platform, row.log),
    settlementOf(platform, row),
    itemsOf(platform, row, leaf.items),
  ]);
  return {
    ...toCrossing(row, named),
    log: { origin, index: row.idx },
    settlement: settlement && {
      at: new Date(settlement.at).toISOString(),
      outcome: settlement.outcome,
      status: settlement.status,
      remote: settlement.remote,
      bytes: settlement.bytes,
      usage: settlement.usage,
      tokens: settlement.tokens ?? null,
      egress:
        settlement.egress === undefined ? null : { ...settlement.egress, sni: settlement.egress.sni ?? null },
    },
    contract: leaf.contract,
    breakGlass: leaf.break_glass ?? null,
    kept: leaf.kept ?? [],
    imitated: leaf.imitated ?? 0,
    snapshot: leaf.snapshot,
    timings: settlement && stages.map((stage, n) => ({ stage, micros: settlement.timings[n] ?? 0 })),
    items,
    refusal: refusalOf(leaf.reason),
    wouldRefuse: refusalOf(leaf.would?.reason ?? leaf.egress?.would ?? null),
  };
}

function refusalOf(code: string | null): CrossingDetail['refusal'] {
  return code === null ? null : { code, text: messageText(`refusal.${code}`) ?? code };
}

async function originOf(platform: Platform, log: number): Promise<string> {
  const found = await sql<{ origin: string }>`SELECT origin FROM journal_log WHERE id = ${log}`.execute(
    platform.db,
  );
  return found.rows[0]?.origin ?? '';
}

async function settlementOf(platform: Platform, row: CrossingRow): Promise<Settlement | null> {
  if (row.settlement_idx === null) return null;
  const found = await sql<{ text: string }>`SELECT convert_from(bytes, 'UTF8') AS text FROM journal_entry
    WHERE log = ${row.log} AND idx = ${row.settlement_idx}`.execute(platform.db);
  const text = found.rows[0]?.text;
  return text === undefined ? null : JSON.parse(text);
}

type DetailItem = CrossingDetail['items'][number];
const unknown = { subject: null, kind: null, links: 0, fields: [], review: [] };

async function itemsOf(platform: Platform, row: CrossingRow, count: number): Promise<DetailItem[]> {
  const found = await sql<{ item: number; reduced: boolean; text: string | null }>`
    SELECT item, remainder IS NOT NULL AS reduced, convert_from(coalesce(bytes, remainder), 'UTF8') AS text
    FROM payload_item WHERE log = ${row.log} AND idx = ${row.idx} ORDER BY item`.execute(platform.db);
  const stored = found.rows.map(({ item, reduced, text }) => toItem(item, reduced, text));
  if (stored.length > 0) return stored;
  return Array.from({ length: count }, (_, index) => ({
    index,
    erased: false,
    reduced: false,
    missing: true,
    ...unknown,
  }));
}

function toItem(index: number, reduced: boolean, text: string | null): DetailItem {
  if (text === null) return { index, erased: true, reduced, missing: false, ...unknown };
  const item: PayloadItem = JSON.parse(text);
  return {
    index,
    erased: false,
    reduced,
    missing: false,
    subject: item.s,
    kind: item.k,
    links: item.l.length,
    fields: item.f.map(([path, fieldClass, treatment, shape, n]) => ({
      path,
      class: fieldClass,
      treatment,
      shape,
      count: n,
    })),
    review: item.r.map((sighting) => ({ hash: sighting.h, kind: sighting.k, shape: sighting.s })),
  };
}
