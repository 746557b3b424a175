import type { UsageReport } from '@drawbridge/evidence';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { byDay } from './by-day.ts';
import { compare, type Measured, type ReportDay, type SeenRow, standing } from './cells.ts';
import { findingsOf, openDays } from './findings.ts';
import { isProven, standingOf } from './sentence.ts';
import { daysOf, TOLERANCE, total } from './share.ts';

/** The arithmetic of coverage: pure, on made-up counts. */
const DAYS = ['2026-11-01', '2026-11-02', '2026-11-03'];
const report = (
  day: string,
  rows: Partial<ReportDay['rows'][number]>[],
  more: Partial<ReportDay> = {},
): ReportDay => ({
  of: 'completions',
  account: '',
  day,
  import: 'import-1',
  whole: true,
  line: 1,
  rows: rows.map((row) => ({ key: '', batch: false, requests: 0, tokens: 0, cost: null, line: 1, ...row })),
  ...more,
});
const crossed = (day: string, answered: number, more: Partial<SeenRow> = {}): SeenRow => ({
  day,
  connection: 'c1',
  endpoint: 'chat',
  sent: answered,
  answered,
  failed: 0,
  metered: answered,
  tokens: answered * 10,
  ...more,
});
const measured = (
  reports: readonly ReportDay[],
  seen: readonly SeenRow[],
  more: Partial<Measured> = {},
): Measured => ({
  reports,
  seen,
  kinds: [{ of: 'completions', endpoints: ['chat'] }],
  links: new Map(),
  tunnelled: new Set(),
  accounts: new Map([['completions', ['']]]),
  ...more,
});
const totalOf = (given: Measured) => total(compare(given));
const findings = (given: Measured, held: readonly string[] = []) =>
  findingsOf({
    compared: compare(given),
    held: new Set(held),
    costs: [],
    seen: given.seen,
    tunnels: [],
    hosts: [],
    seesGateway: new Map(),
    isApiHost: () => false,
  });

const someDay = fc.constantFrom(...DAYS);
const someSeen = fc.record({
  day: someDay,
  connection: fc.constantFrom('c1', 'c2'),
  endpoint: fc.constantFrom('chat', 'models'),
  answered: fc.nat(500),
  failed: fc.nat(20),
  open: fc.nat(20),
});
const seenRows = (
  rows: readonly (typeof someSeen extends fc.Arbitrary<infer Row> ? Row : never)[],
): SeenRow[] =>
  rows.map(({ day, connection, endpoint, answered, failed, open }) => ({
    day,
    connection,
    endpoint,
    sent: answered + failed + open,
    answered,
    failed,
    metered: answered,
    tokens: answered * 7,
  }));
const someRows = fc.array(
  fc.record({
    key: fc.constantFrom('', 'k1', 'k2', 'k3'),
    requests: fc.nat(500),
    tokens: fc.nat(5000),
    batch: fc.boolean(),
  }),
  { maxLength: 5 },
);
const someReports = fc
  .uniqueArray(fc.tuple(someDay, someRows), { selector: ([day]) => day, maxLength: 3 })
  .map((days) => days.map(([day, rows]) => report(day, rows)));
const someMeasured = fc
  .tuple(someReports, fc.array(someSeen, { maxLength: 12 }), fc.boolean(), fc.boolean())
  .map(([reports, seen, isLinked, isTunnelled]) =>
    measured(reports, seenRows(seen), {
      links: new Map(isLinked ? [['k1', 'c1']] : []),
      tunnelled: new Set(isTunnelled ? [DAYS[0] ?? ''] : []),
    }),
  );

describe('the share', () => {
  test('lies between 0 and 1, low to high, and the parts of a day are all that was reported', () => {
    fc.assert(
      fc.property(someMeasured, (given) => {
        const compared = compare(given);
        const { share, reported } = total(compared);
        if (share !== 'unknown') {
          expect(share.low).toBeGreaterThanOrEqual(0);
          expect(share.low).toBeLessThanOrEqual(share.value);
          expect(share.value).toBeLessThanOrEqual(share.high + 1e-12);
          expect(share.high).toBeLessThanOrEqual(1);
        }
        const days = daysOf(compared);
        for (const day of days) {
          expect(day.seen + day.past + day.unsure).toBe(day.reported);
          expect(Math.min(day.seen, day.past, day.unsure, day.more)).toBeGreaterThanOrEqual(0);
        }
        expect(days.reduce((sum, day) => sum + day.reported, 0)).toBe(reported);
      }),
    );
  });

  test('never falls as more crossings are seen, and never rises as more is reported past them', () => {
    fc.assert(
      fc.property(someMeasured, someDay, fc.integer({ min: 1, max: 100 }), (given, day, by) => {
        const before = totalOf(given).share;
        const after = totalOf({ ...given, seen: [...given.seen, crossed(day, by)] }).share;
        if (before !== 'unknown' && after !== 'unknown') {
          expect(after.low).toBeGreaterThanOrEqual(before.low - 1e-12);
          expect(after.high).toBeGreaterThanOrEqual(before.high - 1e-12);
        }
        const stranger = { key: 'k9', batch: false, requests: by, tokens: by, cost: null, line: 1 };
        const none = { ...given, seen: [], tunnelled: new Set<string>() };
        const past = none.reports.map((one) => ({ ...one, rows: [...one.rows, stranger] }));
        const worse = totalOf({ ...none, reports: past }).share;
        if (past.length > 0) expect(worse).toEqual({ value: 0, low: 0, high: 0 });
      }),
    );
  });

  test('is unknown where no day is whole, whatever crossed', () => {
    fc.assert(
      fc.property(someReports, fc.array(someSeen), (reports, seen) => {
        const parts = reports.map((one) => ({ ...one, whole: false }));
        const given = measured(parts, seenRows(seen));
        expect(totalOf(given)).toMatchObject({ share: 'unknown', unit: null, reported: 0 });
        expect(findings(given)).toEqual([]);
      }),
    );
  });

  test('is unknown where a report has nothing of what crossed, and whole where nothing was used', () => {
    expect(totalOf(measured([report('2026-11-01', [])], [crossed('2026-11-01', 5)])).share).toBe('unknown');
    expect(totalOf(measured([report('2026-11-01', [])], [])).share).toEqual({ value: 1, low: 1, high: 1 });
    expect(totalOf(measured([], [crossed('2026-11-01', 5)])).share).toBe('unknown');
  });

  test('a day counts only where the reports of all accounts are whole', () => {
    const accounts = new Map([['completions', ['', 'second']]]);
    const one = [report('2026-11-01', [{ requests: 10 }])];
    expect(totalOf(measured(one, [crossed('2026-11-01', 10)], { accounts })).share).toBe('unknown');
    const both = [...one, report('2026-11-01', [{ requests: 10 }], { account: 'second' })];
    expect(totalOf(measured(both, [crossed('2026-11-01', 10)], { accounts })).share).toMatchObject({
      low: 0.5,
    });
  });

  test('an offset at midnight counts day by day, and not over the whole time', () => {
    const reports = [report('2026-11-01', [{ requests: 90 }]), report('2026-11-02', [{ requests: 110 }])];
    const { share, more } = totalOf(
      measured(reports, [crossed('2026-11-01', 100), crossed('2026-11-02', 100)]),
    );
    expect(share).toEqual({ value: 1, low: 0.95, high: 1 });
    expect(more).toBe(0);
  });

  test('more than was reported is said', () => {
    const given = measured([report('2026-11-01', [{ requests: 50 }])], [crossed('2026-11-01', 80)]);
    expect(totalOf(given)).toMatchObject({ share: { low: 1, high: 1 }, more: 30 });
    expect(findings(given)).toMatchObject([{ kind: 'more_than_reported', days: [{ amount: 30 }] }]);
  });

  test('what failed is counted by nobody; what has no end yet may be; of answers without a count nobody knows the tokens', () => {
    const rows = [{ requests: null, tokens: 100 }];
    const open = crossed('2026-11-01', 5, { sent: 12, failed: 3 });
    expect(totalOf(measured([report('2026-11-01', [{ requests: 10 }])], [open])).share).toEqual({
      value: 0.5,
      low: 0.5,
      high: 0.9,
    });
    expect(totalOf(measured([report('2026-11-01', rows)], [crossed('2026-11-01', 5)])).share).toEqual({
      value: 0.5,
      low: 0.5,
      high: 0.5,
    });
    const unmetered = crossed('2026-11-01', 5, { metered: 4, tokens: 40 });
    expect(totalOf(measured([report('2026-11-01', rows)], [unmetered])).share).toEqual({
      value: 0.4,
      low: 0.4,
      high: 1,
    });
  });

  test('a tunnel may hold any number', () => {
    const given = measured([report('2026-11-01', [{ requests: 10 }])], [], {
      tunnelled: new Set(['2026-11-01']),
    });
    expect(totalOf(given).share).toEqual({ value: 0, low: 0, high: 1 });
    expect(findings(given)).toEqual([]);
  });

  test('endpoints that a report does not count are not compared with it', () => {
    const other = crossed('2026-11-01', 100, { endpoint: 'images' });
    expect(totalOf(measured([report('2026-11-01', [{ requests: 10 }])], [other])).share).toMatchObject({
      high: 0,
    });
  });
});

describe('reports', () => {
  const dated = fc.record({
    of: fc.constantFrom('completions', 'embeddings'),
    account: fc.constantFrom('', 'second'),
    day: someDay,
    whole: fc.boolean(),
    asOf: fc.nat(3),
    sha256: fc.constantFrom('a', 'b', 'c', 'd'),
    rows: fc.constant([]),
  });

  test('the order in which they are handed in changes nothing, and none is counted twice', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(dated, {
          selector: ({ of, account, day, sha256 }) => `${of}${account}${day}${sha256}`,
        }),
        (reports) => {
          const key = ({ of, account, day }: (typeof reports)[number]) => `${of} ${account} ${day}`;
          const sorted = (all: readonly (typeof reports)[number][]) =>
            [...all].sort((a, b) => (key(a) < key(b) ? -1 : 1));
          const one = standing(reports) as typeof reports;
          expect(new Set(one.map(key)).size).toBe(one.length);
          expect(sorted(standing([...reports].reverse()) as typeof reports)).toEqual(sorted(one));
          expect(sorted(standing([...reports, ...reports]) as typeof reports)).toEqual(sorted(one));
          // Of a whole one a part never takes the place.
          for (const report of reports) {
            if (report.whole) expect(one.find((there) => key(there) === key(report))?.whole).toBe(true);
          }
        },
      ),
    );
  });

  const usage = (buckets: [number, number][], rows: UsageReport['rows'] = []): UsageReport => ({
    shape: 'organization-usage',
    of: 'completions',
    buckets: buckets.map(([start, end], n) => ({ line: n + 1, start, end })),
    rows,
    more: false,
  });
  const HOUR = 3_600_000;
  const START = Date.parse('2026-11-01');

  test('a day is whole only with all its hours, an hour after its end', () => {
    const hours = Array.from({ length: 24 }, (_, n): [number, number] => [
      START + n * HOUR,
      START + (n + 1) * HOUR,
    ]);
    const isWhole = (buckets: [number, number][], asOf: number) => byDay(usage(buckets), asOf).days[0]?.whole;
    expect(isWhole(hours, START + 25 * HOUR)).toBe(true);
    expect(isWhole(hours, START + 25 * HOUR - 1)).toBe(false);
    expect(isWhole(hours.slice(1), START + 50 * HOUR)).toBe(false);
  });

  test('a span over midnight belongs to no day', () => {
    expect(() => byDay(usage([[START, START + 25 * HOUR]]), START + 90 * HOUR)).toThrow(/bucket_width=1d/);
  });

  test('rows of a key add up, and a count that is left out once is unknown', () => {
    const row = {
      bucket: 0,
      key: 'k1',
      requests: 1,
      input: 2,
      output: 3,
      cost: null,
      currency: null,
      batch: false,
    };
    const { keys } = byDay(
      usage(
        [[START, START + 24 * HOUR]],
        [row, row, { ...row, key: 'k2' }, { ...row, key: 'k2', requests: null }],
      ),
      0,
    );
    expect(keys).toMatchObject([
      { key: 'k1', requests: 2, tokens: 10 },
      { key: 'k2', requests: null, tokens: 10 },
    ]);
  });
});

describe('what does not fit', () => {
  const day = '2026-11-01';
  test('a key that nobody knows, beside a connection’s own', () => {
    const given = measured(
      [
        report(day, [
          { key: 'k1', requests: 50 },
          { key: 'k2', requests: 1 },
        ]),
      ],
      [crossed(day, 50)],
      {
        links: new Map([['k1', 'c1']]),
      },
    );
    expect(findings(given)).toMatchObject([
      {
        kind: 'unknown_key',
        strength: 'strong',
        subject: 'k2',
        days: [{ day, amount: 1, evidence: { import: 'import-1' } }],
      },
    ]);
    expect(findings(given, ['k2'])).toMatchObject([{ kind: 'held_key', strength: 'plain' }]);
  });

  test('without a link, what is surely past is told, and whose it is where it can be no other’s', () => {
    const rows = [
      { key: 'k1', requests: 50 },
      { key: 'k2', requests: 40 },
    ];
    expect(findings(measured([report(day, rows)], [crossed(day, 50)]))).toMatchObject([
      { kind: 'past_gateway', days: [{ amount: 40 }] },
    ]);
    expect(findings(measured([report(day, rows)], [crossed(day, 10)]))).toMatchObject([
      { kind: 'unknown_key', subject: 'k1', days: [{ amount: 40 }] },
      { kind: 'unknown_key', subject: 'k2', days: [{ amount: 30 }] },
    ]);
    expect(findings(measured([report(day, [{ requests: 90 }])], [crossed(day, 50)]))).toMatchObject([
      { kind: 'past_gateway', subject: 'completions', days: [{ amount: 40 }] },
    ]);
  });

  test('a connection’s key that is used elsewhere too, and a connection that the report lacks', () => {
    const links = new Map([['k1', 'c1']]);
    const rows = [{ key: 'k1', requests: 60 }];
    expect(findings(measured([report(day, rows)], [crossed(day, 50)], { links }))).toMatchObject([
      { kind: 'connection_key', subject: 'c1', days: [{ amount: 10 }] },
    ]);
    const other = [crossed(day, 60), crossed(day, 7, { connection: 'c2' })];
    expect(findings(measured([report(day, rows)], other, { links }))).toMatchObject([
      { kind: 'not_reported', subject: 'c2', days: [{ amount: 7 }] },
    ]);
  });

  test('a difference within the tolerance is none, and beside no crossing there is no tolerance', () => {
    expect(findings(measured([report(day, [{ requests: 1000 }])], [crossed(day, 980)]))).toEqual([]);
    expect(findings(measured([report(day, [{ requests: 1000 }])], [crossed(day, 979)]))).toHaveLength(1);
    expect(findings(measured([report(day, [{ requests: 1 }])], []))).toHaveLength(1);
  });

  test('hosts: unless a source never sees the gateway, a day with crossings says nothing of others', () => {
    const host = (days: string[]) => ({
      sighting: '1',
      source: 'Squid',
      file: 'a.log',
      lines: [3],
      host: 'api.acme.example',
      via: 'squid',
      days: days.map((one) => ({ day: one, count: 4 })),
    });
    const asked = (isApi: boolean, sees: boolean | null) =>
      findingsOf({
        compared: [],
        held: new Set(),
        costs: [],
        seen: [crossed(day, 5)],
        tunnels: [],
        hosts: [host([day, '2026-11-02'])],
        seesGateway: new Map(sees === null ? [] : [['Squid', sees]]),
        isApiHost: () => isApi,
      });
    const days = (found: ReturnType<typeof asked>) =>
      found.map((one) => [one.kind, one.days.map((on) => on.day)]);
    expect(days(asked(true, null))).toEqual([['host_past_gateway', ['2026-11-02']]]);
    expect(days(asked(true, false))).toEqual([['host_past_gateway', [day, '2026-11-02']]]);
    expect(days(asked(false, null))).toEqual([['other_host', [day, '2026-11-02']]]);
    expect(asked(true, false)[0]).toMatchObject({
      unit: 'connections',
      days: [{ amount: 4, evidence: { kind: 'file', source: 'Squid', file: 'a.log', lines: [3] } }, {}],
    });
  });

  test('settled is what was known then: another day, or more of one, is open again', () => {
    const [finding] = findings(
      measured([report(day, [{ requests: 5 }]), report('2026-11-02', [{ requests: 7 }])], []),
    );
    if (finding === undefined) throw new Error('there is no finding');
    const open = (known: Record<string, number>) => openDays(finding, known).map((one) => one.day);
    expect(open({ [day]: 5, '2026-11-02': 7 })).toEqual([]);
    expect(open({ [day]: 5, '2026-11-02': 6 })).toEqual(['2026-11-02']);
    expect(open({ [day]: 5 })).toEqual(['2026-11-02']);
    expect(open({})).toEqual([day, '2026-11-02']);
  });
});

describe('the sentence', () => {
  const ground = {
    from: '2026-11-01',
    to: '2026-11-30',
    share: { value: 1, low: 0.99, high: 1 },
    unit: 'requests',
    reported: 1000,
    days: 30,
    wholeDays: 30,
    missing: [],
    batch: 0,
  } as const;

  test('coverage is proven only where every day of every report is there, and nearly all was seen', () => {
    expect(standingOf(ground)).toEqual({
      coverage: 'proven',
      text: 'From 2026-11-01 to 2026-11-30 we saw at least 99 % of the 1000 requests that the vendor reports: coverage is proven.',
    });
    const lacking = [
      { wholeDays: 29 },
      { missing: ['embeddings'] },
      { batch: 1 },
      { share: 'unknown' as const },
      { share: { value: 1, low: 1 - TOLERANCE - 0.001, high: 1 } },
      { days: 0, wholeDays: 0 },
    ];
    for (const one of lacking) {
      expect(isProven({ ...ground, ...one })).toBe(false);
      expect(standingOf({ ...ground, ...one }).text).toContain('no record in the traffic that we saw');
    }
  });

  test('what is less than all is never called all', () => {
    const share = { value: 0.99999, low: 0.99999, high: 0.99999 };
    expect(standingOf({ ...ground, share, batch: 1 }).text).toContain('that is 99.9 %');
    expect(standingOf({ ...ground, share: 'unknown' }).text).not.toMatch(/\d %/);
  });
});
