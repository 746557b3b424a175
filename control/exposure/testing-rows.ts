import type { Platform } from '../platform/index.ts';

const time = (column: string): string =>
  `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

const queries: Record<string, string> = {
  exposures: `SELECT concat_ws('|', vendor, connection, app, class, treatment, about || ' ' || pseudonym,
      ${time('first_seen_at')}, ${time('last_seen_at')}, crossings)
    FROM exposure JOIN subject ON subject.id = exposure.subject`,
  persons: `SELECT concat_ws('|', s.about || ' ' || s.pseudonym, p.about || ' ' || p.pseudonym)
    FROM subject s JOIN subject p ON p.id = s.person`,
  people: `SELECT concat_ws('|', about, vendor, connection, class, treatment, people) FROM people_count`,
  peopleDays: `SELECT concat_ws('|', vendor, class, day, people) FROM people_day`,
  crossings: `SELECT concat_ws('|', origin, idx, c.id, ${time('at')}, connection, app, decision,
      coalesce(settlement_idx::text, ''), coalesce(outcome, ''), coalesce(status::text, ''))
    FROM crossing c JOIN crossing_kind k ON k.id = c.kind JOIN journal_log l ON l.id = c.log`,
  crossingSubjects: `SELECT concat_ws('|', subject, origin, idx)
    FROM crossing_subject JOIN journal_log l ON l.id = log`,
  days: `SELECT concat_ws('|', connection, app, decision, day, sum(crossings))
    FROM crossing_day JOIN crossing_kind ON id = kind GROUP BY connection, app, decision, day`,
  names: `SELECT concat_ws('|', connection, kind, hash, seen, ${time('first_seen_at')}, ${time('last_seen_at')},
      array_to_string(subjects, ' '), coalesce(name, '')) FROM review_name`,
};

/** Every projection's rows as texts, with natural keys in the place of numbers given by the writer. */
export async function projectedRows(platform: Platform): Promise<Record<string, string[]>> {
  const rows: Record<string, string[]> = {};
  for (const [name, text] of Object.entries(queries)) {
    const found = await platform.pool.query<[string]>({ text, rowMode: 'array' });
    rows[name] = found.rows.map(([row]) => row).sort();
  }
  return rows;
}
