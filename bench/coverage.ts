import { parseArgs } from 'node:util';
import { compare, type Measured, type ReportDay, type SeenRow } from '../control/coverage/cells.ts';
import { findingsOf } from '../control/coverage/findings.ts';
import { createCoverage } from '../control/coverage/index.ts';
import { total } from '../control/coverage/share.ts';
import { knownOf } from '../control/vendors/known.ts';
import { benchPlatform } from './ledger/platform.ts';

/**
 * Coverage of many vendors over a year, all made up: `node bench/coverage.ts [--vendors 10000] [--days 366]`. First the arithmetic
 * alone, then a vendor's whole answer out of a database that holds all of them.
 */
const { values: options } = parseArgs({
  options: { vendors: { type: 'string', default: '10000' }, days: { type: 'string', default: '366' } },
});
const vendors = Number(options.vendors);
const days = Number(options.days);
const DAY_MS = 86_400_000;
const FIRST = Date.parse('2025-01-01');
const dayText = (n: number): string => new Date(FIRST + n * DAY_MS).toISOString().slice(0, 10);
const median = (times: number[]): number => times.toSorted((a, b) => a - b)[times.length >> 1] ?? 0;
const shown = (ms: number): number => Number(ms.toFixed(1));

function madeUp(vendor: number): Measured {
  const reports: ReportDay[] = [];
  const seen: SeenRow[] = [];
  for (let n = 0; n < days; n += 1) {
    const requests = 100 + ((vendor * 31 + n * 17) % 900);
    const row = { batch: false, tokens: requests * 40, cost: null, line: n + 1 };
    const rows = [
      { ...row, key: 'key_1', requests },
      { ...row, key: 'key_2', requests: n % 50 === 0 ? 5 : 0 },
    ];
    reports.push({ of: 'all', account: '', day: dayText(n), import: 'i', whole: true, line: n + 1, rows });
    const answered = n % 7 === 0 ? requests - 9 : requests;
    const counts = { sent: requests, answered, failed: 0, metered: answered, tokens: answered * 40 };
    seen.push({ day: dayText(n), connection: 'c', endpoint: 'chat', ...counts });
  }
  return {
    reports,
    seen,
    kinds: [{ of: 'all', endpoints: null }],
    links: new Map([['key_1', 'c']]),
    tunnelled: new Set(),
    accounts: new Map([['all', ['']]]),
  };
}

function arithmetic(): number {
  let spent = 0;
  for (let vendor = 0; vendor < vendors; vendor += 1) {
    const given = madeUp(vendor);
    const start = performance.now();
    const compared = compare(given);
    const { share } = total(compared);
    const found = findingsOf({
      compared,
      held: new Set(),
      costs: [],
      seen: given.seen,
      tunnels: [],
      hosts: [],
      seesGateway: new Map(),
      isApiHost: () => true,
    });
    spent += performance.now() - start;
    if (share === 'unknown' || found.length === 0) throw new Error('the arithmetic is wrong');
  }
  return spent;
}

const { platform, close } = await benchPlatform();
try {
  const spent = arithmetic();
  const { pool } = platform;
  const started = performance.now();
  await pool.query(
    `INSERT INTO coverage_day
      SELECT 'vendor-' || v, date '2025-01-01' + d, 'connection-' || v, 'chat', 500, 480, 0, 480, 48000
        FROM generate_series(1, $1::int) v, generate_series(0, $2::int - 1) d`,
    [vendors, days],
  );
  await pool.query(
    `INSERT INTO usage_import SELECT gen_random_uuid(), 'vendor-' || v, '', 'usage-csv', 'all', 'use.csv', decode(md5(v::text), 'hex'),
        1, 1, 1, '2025-01-01', '2025-12-31', false, now(), now(), 'x', 'X', NULL FROM generate_series(1, $1::int) v`,
    [vendors],
  );
  await pool.query(
    `INSERT INTO usage_day SELECT id, date '2025-01-01' + d, true, d + 1 FROM usage_import, generate_series(0, $1::int - 1) d`,
    [days],
  );
  await pool.query(
    `INSERT INTO usage_key_day SELECT import, day, 'key_' || k, false, 250, 25000, NULL, line FROM usage_day, generate_series(1, 2) k`,
  );
  await pool.query('VACUUM ANALYZE');
  const filled = performance.now() - started;
  const coverage = createCoverage({
    platform,
    known: async () => knownOf([]),
    connections: async () => [],
    appNames: async () => new Map(),
  });
  const times: Record<string, number[]> = { 'a year': [], '30 days': [] };
  for (let n = 0; n < 50; n += 1) {
    const vendor = `vendor-${1 + ((n * 197) % vendors)}`;
    for (const [name, from] of [
      ['a year', dayText(0)],
      ['30 days', dayText(days - 30)],
    ] as const) {
      const start = performance.now();
      const found = await coverage.ofVendor(vendor, from, dayText(days - 1));
      times[name]?.push(performance.now() - start);
      if (found.share === 'unknown') throw new Error(`nothing is known of ${vendor}`);
    }
  }
  const listed = performance.now();
  const page = await coverage.summaries({ limit: 20 });
  const list = performance.now() - listed;
  console.log(
    `arithmetic, ${vendors} vendors × ${days} days: ${shown(spent)} ms (${shown((spent * 1000) / vendors)} µs each)`,
  );
  console.log(`filled in ${shown(filled / 1000)} s`);
  for (const [name, all] of Object.entries(times))
    console.log(
      `a vendor’s answer, ${name}: median ${shown(median(all))} ms, worst ${shown(Math.max(...all))} ms`,
    );
  console.log(`a page of ${page.items.length} vendors: ${shown(list)} ms`);
} finally {
  await close();
}
