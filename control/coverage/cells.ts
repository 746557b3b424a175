/** What is compared with what: use that a vendor reports, and crossings that gateways recorded, by day and by whose key it was. */

export type Unit = 'requests' | 'tokens';

/** A row of a vendor's report. `''` as the key: it does not say. */
export interface ReportRow {
  key: string;
  batch: boolean;
  requests: number | null;
  tokens: number | null;
  cost: number | null;
  /** Where it stands in the report's file. */
  line: number;
}

/** What one account's report says of one day. */
export interface ReportDay {
  of: string;
  account: string;
  /** `2026-11-22`, UTC. */
  day: string;
  import: string;
  whole: boolean;
  line: number;
  rows: readonly ReportRow[];
}

/** Crossings of a day, as `coverage_day` counts them. */
export interface SeenRow {
  day: string;
  connection: string;
  endpoint: string;
  sent: number;
  answered: number;
  failed: number;
  metered: number;
  tokens: number;
}

/** What a report counts. `endpoints`: those whose crossings it counts; null: all. An empty list: it is about money. */
export interface Kind {
  of: string;
  endpoints: readonly string[] | null;
}

/**
 * What is compared as one. `place`: the connection whose key it is; `''`: all that nobody said of whose it is. `low` crossings did
 * count at the vendor, at most `high` can have; `Infinity`: there is no telling.
 */
export interface Cell {
  of: string;
  day: string;
  place: string;
  reported: number;
  low: number;
  high: number;
  /** By the vendor's id of the key. */
  keys: ReadonlyMap<string, number>;
  /** Connections with crossings that counted, and how much each. */
  connections: ReadonlyMap<string, number>;
  /** Where the report says it. */
  evidence: { import: string; line: number };
}

/** A kind of report as it was compared. */
export interface Compared {
  of: string;
  /** Null: nothing in it can be compared. */
  unit: Unit | null;
  /** Days of which every account's report is whole. */
  days: ReadonlySet<string>;
  cells: Cell[];
  /** Counted in batches, whose requests the gateway never sees one by one. */
  batch: number;
}

export interface Measured {
  /** One of each kind, account and day: the ones that stand. */
  reports: readonly ReportDay[];
  seen: readonly SeenRow[];
  kinds: readonly Kind[];
  /** Connections by the id of the key that is theirs at the vendor. */
  links: ReadonlyMap<string, string>;
  /** Days on which apps tunnelled to the vendor through the egress proxy: nobody knows how many requests were in it. */
  tunnelled: ReadonlySet<string>;
  /** Accounts of which a report of this kind was ever handed in. */
  accounts: ReadonlyMap<string, readonly string[]>;
}

/** Of reports of one account, kind and day the one that stands: a whole one before a part, then what was fetched last. */
export function standing<Report extends Pick<ReportDay, 'of' | 'account' | 'day' | 'whole'>>(
  reports: readonly (Report & { asOf: number; sha256: string })[],
): Report[] {
  const best = new Map<string, Report & { asOf: number; sha256: string }>();
  for (const report of reports) {
    const name = JSON.stringify([report.of, report.account, report.day]);
    const there = best.get(name);
    if (there === undefined || stands(report, there)) best.set(name, report);
  }
  return [...best.values()];
}

interface Dated {
  whole: boolean;
  asOf: number;
  sha256: string;
}

/** Which of two does not hang on the order in which they were handed in. */
function stands(one: Dated, other: Dated): boolean {
  if (one.whole !== other.whole) return one.whole;
  if (one.asOf !== other.asOf) return one.asOf > other.asOf;
  return one.sha256 > other.sha256;
}

/** Compares every kind of report with the crossings that it should count. Reports of money are compared with nothing. */
export function compare(measured: Measured): Compared[] {
  const seenBy = Map.groupBy(measured.seen, ({ day }) => day);
  return measured.kinds
    .filter(({ endpoints }) => endpoints === null || endpoints.length > 0)
    .map((kind) => compareKind(kind, measured, seenBy));
}

function compareKind(
  { of, endpoints }: Kind,
  { reports, links, tunnelled, accounts }: Measured,
  seenBy: ReadonlyMap<string, readonly SeenRow[]>,
): Compared {
  const mine = reports.filter((report) => report.of === of && report.whole);
  const byDay = Map.groupBy(mine, ({ day }) => day);
  const expected = accounts.get(of) ?? [];
  const whole = [...byDay].filter(([, of]) =>
    expected.every((name) => of.some(({ account }) => account === name)),
  );
  const rows = whole.flatMap(([, of]) => of.flatMap((report) => report.rows));
  const unit = unitOf(rows);
  const counted = new Set(endpoints);
  const cells: Cell[] = [];
  for (const [day, of] of whole) {
    if (unit === null) continue;
    const seen = (seenBy.get(day) ?? []).filter(
      ({ endpoint }) => endpoints === null || counted.has(endpoint),
    );
    cells.push(...cellsOf(of, seen, { unit, links, isTunnelled: tunnelled.has(day) }));
  }
  const batch = rows.reduce((sum, row) => sum + (row.batch ? (row.requests ?? row.tokens ?? 0) : 0), 0);
  return { of, unit, days: new Set(whole.map(([day]) => day)), cells, batch };
}

/** Requests where all rows say them; else tokens. A report without a row counts nothing in any unit. */
function unitOf(rows: readonly ReportRow[]): Unit | null {
  if (rows.every(({ requests }) => requests !== null)) return 'requests';
  return rows.every(({ tokens }) => tokens !== null) ? 'tokens' : null;
}

function cellsOf(
  reports: readonly ReportDay[],
  seen: readonly SeenRow[],
  { unit, links, isTunnelled }: { unit: Unit; links: ReadonlyMap<string, string>; isTunnelled: boolean },
): Cell[] {
  const [first] = reports;
  if (first === undefined) return [];
  const all = reports.flatMap(({ import: id, rows }) => rows.map((row) => ({ ...row, import: id })));
  const rows = all.filter(({ batch }) => !batch);
  // Without a single key in the reports nothing can be told apart.
  const isByKey = rows.some(({ key }) => key !== '');
  const linked = new Set(isByKey ? links.values() : []);
  const placeOf = (key: string) => (isByKey ? (links.get(key) ?? '') : '');
  const rowsBy = Map.groupBy(rows, ({ key }) => placeOf(key));
  const seenBy = Map.groupBy(seen, ({ connection }) => (linked.has(connection) ? connection : ''));
  const places = new Set(['', ...rowsBy.keys(), ...seenBy.keys()]);
  return [...places].map((place): Cell => {
    const mine = rowsBy.get(place) ?? [];
    const keys = new Map<string, number>();
    for (const row of mine) keys.set(row.key, (keys.get(row.key) ?? 0) + amount(row, unit));
    const crossings = seenBy.get(place) ?? [];
    const connections = new Map<string, number>();
    for (const row of crossings) {
      const counted = lowOf(row, unit);
      if (counted > 0) connections.set(row.connection, (connections.get(row.connection) ?? 0) + counted);
    }
    const { import: id, line } = mine[0] ?? { import: first.import, line: first.line };
    return {
      of: first.of,
      day: first.day,
      place,
      reported: sum(keys.values()),
      low: sum(connections.values()),
      high: isTunnelled ? Number.POSITIVE_INFINITY : sum(crossings.map((row) => highOf(row, unit))),
      keys,
      connections,
      evidence: { import: id, line },
    };
  });
}

const amount = (row: ReportRow, unit: Unit): number => (unit === 'requests' ? row.requests : row.tokens) ?? 0;

/** Crossings that were answered well, or the tokens that their answers told. */
const lowOf = (row: SeenRow, unit: Unit): number => (unit === 'requests' ? row.answered : row.tokens);

/** What failed is counted by no vendor; what has no end yet, or ended early, may be. Of some answers nobody read the tokens. */
function highOf(row: SeenRow, unit: Unit): number {
  const possible = row.sent - row.failed;
  if (unit === 'requests') return possible;
  return row.metered < possible ? Number.POSITIVE_INFINITY : row.tokens;
}

export function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}
