import { parseArgs } from 'node:util';
import { placesOfPeople } from '../control/detectors/index.ts';
import { heldBy, heldPlaces } from '../control/exposure/index.ts';
import { benchPlatform } from './ledger/platform.ts';

/**
 * Counting who is touched when a vendor is breached: `node bench/blast-radius.ts [--rows 1000000] [--people 200000] [--json]`. The
 * ledger's tables are filled with made-up rows, spread as an SDK's are: each person in several profiles of several field classes, on
 * one vendor of eight. Then the count is asked for, of the vendor with the most rows, in three ways; and all of its people by country
 * and language, of a list that has every second of them.
 */
const { values: options } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    people: { type: 'string', default: '200000' },
    repeats: { type: 'string', default: '7' },
    json: { type: 'boolean', default: false },
  },
});
const rows = Number(options.rows);
const people = Number(options.people);
const DAY = 24 * 3_600_000;
const END = Date.UTC(2026, 5, 1);

/** 8 vendors with 12 kinds each in 24 profiles: half of the rows lie at the first vendor. */
const fill = [
  `INSERT INTO exposure_slot SELECT v * 12 + c + 1, 'vendor-' || v, 'connection-' || v, 'app-' || c % 3,
     (ARRAY['person.email','person.name','geo.city','geo.country','device.browser','device.os','web.referrer','web.url','org.id','org.name','event.name','event.time'])[c + 1],
     CASE WHEN c % 4 = 0 THEN 'pseudonymise' ELSE 'pass' END
     FROM generate_series(0, 7) v, generate_series(0, 11) c`,
  `INSERT INTO exposure_profile SELECT v * 24 + p + 1,
     (SELECT array_agg(v * 12 + c + 1 ORDER BY c) FROM generate_series(0, 11) c WHERE (p * 7 + c * 5) % 3 <> 0 OR c = p % 12)
     FROM generate_series(0, 7) v, generate_series(0, 23) p ON CONFLICT DO NOTHING`,
  `INSERT INTO subject SELECT n, CASE WHEN n % 50 = 0 THEN 'organisation' ELSE 'person' END, 'made-up-' || n, 'user', n - n % 3 % 2
     FROM generate_series(1, ${people}) n`,
  `INSERT INTO exposure_part SELECT profile, subject, at, at + random() * interval '40 days', 1 + (random() * 20)::int FROM (
     SELECT (CASE WHEN n % 2 = 0 THEN 0 ELSE n / 2 % 8 END) * 24 + 1 + (n / ${people}) % 24 AS profile, n % ${people} + 1 AS subject,
       timestamptz '2025-12-01Z' + random() * interval '140 days' AS at FROM generate_series(0, ${rows - 1}) n) made
     WHERE profile IN (SELECT id FROM exposure_profile) ON CONFLICT DO NOTHING`,
  `INSERT INTO known_list (id, name, kind, made_at, made_by, revision, entries, forms)
     VALUES (gen_random_uuid(), 'Made up', 'people', now(), 'a bench', 1, 0, 0)`,
  `INSERT INTO known_entry (id, list, external, digest, subjects, country, language, sealed, forms)
     SELECT gen_random_uuid(), (SELECT id FROM known_list), n::text, n::text, ARRAY['made-up-' || n], (ARRAY['DE','FR','US','GB'])[1 + n / 2 % 4],
       (ARRAY['de','fr','en'])[1 + n / 2 % 3], '', '' FROM generate_series(1, ${people}, 2) n`,
];

const questions = {
  'everything since ever': { from: END - 30 * DAY, deleted: null, kept: null },
  'declared retention of 30 days': { from: END - 30 * DAY, deleted: null, kept: END - 60 * DAY },
  'deletion proven three months ago': { from: END - 30 * DAY, deleted: END - 90 * DAY, kept: null },
};

const bench = await benchPlatform();
try {
  const { platform } = bench;
  for (const statement of fill) await platform.pool.query(statement);
  await platform.pool.query('VACUUM ANALYZE');
  const size = await platform.pool.query(
    `SELECT count(*) AS rows, count(*) FILTER (WHERE profile <= 24) AS of_vendor, sum(cardinality(slots)) AS exposures
     FROM exposure_part JOIN exposure_profile ON id = profile`,
  );
  const results: Record<string, { medianMs: number; worstMs: number; people: number; groups: number }> = {};
  async function time(name: string, ask: () => Promise<{ people: number; groups: number }>): Promise<void> {
    const times: number[] = [];
    let found = { people: 0, groups: 0 };
    for (let n = 0; n < Number(options.repeats); n += 1) {
      const start = performance.now();
      found = await ask();
      times.push(performance.now() - start);
    }
    times.sort((a, b) => a - b);
    const medianMs = times[Math.floor(times.length / 2)] ?? 0;
    results[name] = { medianMs, worstMs: times.at(-1) ?? 0, ...found };
  }
  const questionOf = ({ from, deleted, kept }: (typeof questions)[keyof typeof questions]) => ({
    vendors: ['vendor-0'],
    from,
    to: END,
    deletedUntil: () => deleted,
    keptSince: () => kept,
  });
  for (const [name, question] of Object.entries(questions)) {
    await time(name, async () => {
      const held = await heldBy(platform, questionOf(question));
      return { people: held.people, groups: held.groups.length };
    });
  }
  await time('by country and language', async () => {
    const places = await heldPlaces(platform, questionOf(questions['everything since ever']), placesOfPeople);
    return { people: places.reduce((sum, { people: some }) => sum + some, 0), groups: places.length };
  });
  const result = { postgres: bench.version, ...size.rows[0], results };
  if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`);
  else {
    process.stdout.write(
      `${result.exposures} exposures in ${result.rows} rows, ${result.of_vendor} rows of the vendor\n`,
    );
    for (const [name, one] of Object.entries(results)) {
      process.stdout.write(
        `${name.padEnd(34)} median ${one.medianMs.toFixed(0)} ms, worst ${one.worstMs.toFixed(0)} ms: ${one.people} people in ${one.groups} groups\n`,
      );
    }
  }
} finally {
  await bench.close();
}
